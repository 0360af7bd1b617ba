import Foundation
import JSON
import TestSupport
import Testing

@testable import Documents

extension ScratchFolder {
  var home: UserFolders { UserFolders(data: path + "/data", config: path + "/config", state: path + "/state") }
}

@Suite struct WorkspaceTests {
  @Test(arguments: Workspace.samples)
  func `every sample opens, with a prompt, functions and their mocks`(name: String) throws {
    let scratch = try ScratchFolder()
    let workspace = try Workspace.open(name, home: scratch.home)
    #expect(workspace.origin == .sample(name))
    #expect(workspace.openingPrompt != nil)
    #expect(!workspace.offeredFunctions.isEmpty)
    #expect(Set(workspace.mocks.map(\.name)) == Set(workspace.functions.map(\.name)))
    for function in workspace.functions {
      #expect(try JSONValue(parsing: function.text)["function"]?["name"]?.string == function.name)
    }
  }

  @Test func `the samples are weather, support and planner`() {
    #expect(Workspace.samples == ["planner", "support", "weather"])
  }

  @Test func `the table of embedded files holds exactly the files of Workspaces and Themes`() throws {
    let top = Project.folder
    var onDisk: [String] = []
    for folder in ["Workspaces", "Themes"] {
      let names = FileManager.default.enumerator(atPath: top.path + "/" + folder)
      while let name = names?.nextObject() as? String {
        var isFolder: ObjCBool = false
        _ = FileManager.default.fileExists(atPath: "\(top.path)/\(folder)/\(name)", isDirectory: &isFolder)
        if !isFolder.boolValue { onDisk.append("\(folder)/\(name)") }
      }
    }
    let embedded = EmbeddedFile.all(under: "")
    #expect(embedded.map(\.path) == onDisk.sorted())
    for file in embedded {
      #expect(
        try Data(contentsOf: URL(fileURLWithPath: top.path + "/" + file.path)) == Data(file.bytes), "\(file.path)")
    }
  }

  @Test func `a sample is copied when it is first changed, and the copy opens from then on`() throws {
    let scratch = try ScratchFolder()
    var workspace = try Workspace.open("support", home: scratch.home)
    try workspace.save(.function(FunctionDocument(name: "refund", text: "{}")), home: scratch.home)
    let folder = scratch.path + "/data/lathe/workspaces/support"
    #expect(workspace.origin == .folder(folder))
    let again = try Workspace.open("support", home: scratch.home)
    #expect(again.functions.map(\.name) == ["get_order_status", "get_weather", "send_email", "refund"])
    #expect(try scratch.text("data/lathe/workspaces/support/functions/refund.json") == "{}\n")
  }

  @Test func `a run of an unchanged sample that was cut short is said when the sample is opened again`() throws {
    let scratch = try ScratchFolder()
    let runs = scratch.path + "/data/lathe/workspaces/weather/runs"
    try FileManager.default.createDirectory(atPath: runs, withIntermediateDirectories: true)
    try #"{"kind": "req"#.write(toFile: runs + "/2026-01-02.jsonl", atomically: true, encoding: .utf8)
    let notices = try Workspace.open("weather", home: scratch.home).notices
    #expect(notices.count == 1)
    #expect(notices.first?.hasPrefix("runs/2026-01-02.jsonl: the last line was cut short") == true)
    #expect(try Workspace.open("weather", home: scratch.home).notices == [])
  }

  @Test func `every change reads back from disk as it stands in memory`() throws {
    let scratch = try ScratchFolder()
    var workspace = try Workspace.open("weather", home: scratch.home)
    var settings = workspace.settings
    settings.thinking = "off"
    settings.functionsOff = []
    settings.sampling = "careful"
    try workspace.save(.settings(settings), home: scratch.home)
    try workspace.save(
      .prompt(PromptDocument(name: "second", messages: [PromptMessage(.user, "深圳天气怎么样？")])), home: scratch.home)
    try workspace.save(
      .sampling(SamplingPreset(name: "careful", settings: ["temperature": 0.3, "top_k": 40])), home: scratch.home)
    try workspace.save(
      .mock(MockDocument(name: "get_weather", value: ["otherwise": ["result": ["temperature": 1]]])), home: scratch.home
    )
    try workspace.save(.removeFunction(name: "get_current_time"), home: scratch.home)
    let again = try Workspace.open("weather", home: scratch.home)
    #expect(again.settings == settings)
    #expect(again.prompts == workspace.prompts)
    #expect(again.mocks == workspace.mocks)
    #expect(again.samplingPresets == workspace.samplingPresets)
    #expect(again.functions.map(\.name) == ["get_weather"])
  }

  @Test func `a full disk leaves the old file and says so`() throws {
    let scratch = try ScratchFolder()
    var workspace = try Workspace.open("weather", home: scratch.home)
    _ = try workspace.ownFolder(home: scratch.home)
    #expect {
      try FileSystem.writeAtomically(Array("x".utf8), to: "/dev/full/inside")
    } throws: { error in
      String(describing: error).hasSuffix("the file on disk is as it was")
    }
    // /dev/full accepts the opening and refuses the bytes.
    #expect {
      try FileSystem.append(Array("x".utf8), to: "/dev/full")
    } throws: { error in
      String(describing: error) == "/dev/full: not saved: No space left on device; the file on disk is as it was"
    }
  }

  @Test(arguments: [
    (
      "{\"tittle\": \"x\"}",
      "/workspace.json#/tittle: not a member of workspace.json; title, description, prompt, sampling, thinking, function_order, functions_off, runners and examples are"
    ),
    ("{\"thinking\": \"maybe\"}", "/workspace.json#/thinking: found \"maybe\"; \"on\" or \"off\" is expected"),
    ("{\"examples\": [1]}", "/workspace.json#/examples: found array; an array of strings is expected"),
    ("[]", "/workspace.json: found array; an object is expected"),
    ("{\"title\" 1}", "/workspace.json:1:10: found \"1\", expected \":\" after the key\n  {\"title\" 1}\n           ^"),
  ])
  func `a faulty workspace is refused with the place`(json: String, sentence: String) throws {
    let scratch = try ScratchFolder()
    try scratch.write("workspace.json", json)
    #expect {
      try Workspace.open(scratch.path)
    } throws: { error in
      String(describing: error) == scratch.path + sentence
    }
  }

  @Test func `a folder without a workspace and an unknown sample are refused with what to do`() throws {
    let scratch = try ScratchFolder()
    #expect {
      try Workspace.open(scratch.path)
    } throws: { error in
      String(describing: error)
        == "\(scratch.path): no workspace.json here; name a folder that has one, or run without a folder for the samples"
    }
    #expect {
      try Workspace.open("wether", home: scratch.home)
    } throws: { error in
      String(describing: error)
        == "there is no sample workspace \"wether\"; the samples are planner, support, weather"
    }
  }

  @Test func `names that leave their folder are refused`() throws {
    let scratch = try ScratchFolder()
    var workspace = try Workspace.open("weather", home: scratch.home)
    for name in ["../x", "", ".hidden", "a\nb"] {
      #expect(throws: DocumentError.self) {
        try workspace.save(.function(FunctionDocument(name: name, text: "{}")), home: scratch.home)
      }
    }
  }

  @Test func `a line cut short is set aside, a request without an answer is told, once`() throws {
    let scratch = try ScratchFolder()
    try scratch.write("workspace.json", "{}")
    let log = RunLog(folder: scratch.path)
    try log.append(kind: "request", run: "a", day: "2026-01-02", ["n": 1])
    try log.append(kind: "answer", run: "a", day: "2026-01-02", [:])
    try log.append(kind: "request", run: "b", day: "2026-01-02", [:])
    let whole = try scratch.text("runs/2026-01-02.jsonl")
    try scratch.write("runs/2026-01-02.jsonl", whole + "{\"kind\": \"ans")
    let first = try Workspace.open(scratch.path)
    #expect(
      first.notices == [
        "runs/2026-01-02.jsonl: the last line was cut short (13 bytes) and is set aside in 2026-01-02.partial; nothing before it is lost",
        "runs/2026-01-02.jsonl: one request has no answer: the program ended before it came",
      ])
    #expect(try scratch.text("runs/2026-01-02.partial") == "{\"kind\": \"ans\n")
    #expect(try scratch.text("runs/2026-01-02.jsonl").hasPrefix(whole))
    #expect(try Workspace.open(scratch.path).notices.isEmpty)
  }
}

@Suite struct ContentHashTests {
  /// FIPS 180-4 examples, and a message whose padding fills a block of its own (coreutils sha256sum).
  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
    (String(repeating: "a", count: 119), "31eba51c313a5c08226adf18d4a359cfdfd8d2e816b13f4af952f7ea6584dcfb"),
  ])
  func `the digest is SHA-256`(text: String, digest: String) {
    #expect(ContentHash(of: Array(text.utf8)).description == digest)
  }

  @Test func `layout and key order do not count`() throws {
    let a = try JSONValue(parsing: "{\"a\": 1, \"b\": [true]}")
    let b = try JSONValue(parsing: "{\"b\":[true],\n\"a\":1}")
    #expect(ContentHash(of: a) == ContentHash(of: b))
  }
}
