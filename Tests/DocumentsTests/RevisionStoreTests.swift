import Foundation
import JSON
import TestSupport
import Testing

@testable import Documents

@Suite struct RevisionStoreTests {
  private static func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

  @Test func `every saved state is kept once, with its parent, and reads back`() throws {
    let scratch = try ScratchFolder()
    let store = RevisionStore(folder: scratch.path)
    let path = "functions/f.json"
    for (text, time) in [("one\n", "t1"), ("two\n", "t2"), ("two\n", "t3"), ("one\n", "t4")] {
      try store.note(Self.bytes(text), at: path, time: time)
      try FileSystem.writeAtomically(Self.bytes(text), to: "\(scratch.path)/\(path)")
    }
    let (one, two) = (ContentHash(of: Self.bytes("one\n")), ContentHash(of: Self.bytes("two\n")))
    let history = try store.history()
    #expect(
      history.revisions == [
        Revision(time: "t1", event: .saved, path: path, hash: one),
        Revision(time: "t2", event: .saved, path: path, hash: two, parent: one),
        Revision(time: "t4", event: .saved, path: path, hash: one, parent: two),
      ])
    #expect(history.notices == [])
    #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path + "/revisions/objects").count == 2)
    #expect(try store.contents(of: one) == Self.bytes("one\n"))
    // sha256sum's own word for it.
    #expect(one.description == "2c8b08da5ce60398e1f19af0e5dccc744df274b826abe585eaba68c525434806")
    #expect(try store.hash(beginning: "2C8B") == one)
  }

  @Test func `what another program wrote is kept before it is replaced or removed`() throws {
    let scratch = try ScratchFolder()
    let store = RevisionStore(folder: scratch.path)
    let path = "functions/f.json"
    try FileSystem.writeAtomically(Self.bytes("by hand"), to: "\(scratch.path)/\(path)")
    try store.note(Self.bytes("saved"), at: path, time: "t1")
    try FileSystem.writeAtomically(Self.bytes("by hand again"), to: "\(scratch.path)/\(path)")
    try store.noteRemoval(at: path, time: "t2")
    let revisions = try store.history().revisions
    #expect(revisions.map(\.event) == [.found, .saved, .found, .removed])
    #expect(
      try revisions.map { String(decoding: try store.contents(of: $0.hash), as: UTF8.self) } == [
        "by hand", "saved", "by hand again", "by hand again",
      ])
  }

  @Test func `a line cut short is passed over and said, and the next revision stands`() throws {
    let scratch = try ScratchFolder()
    let store = RevisionStore(folder: scratch.path)
    try store.note(Self.bytes("one"), at: "prompts/p.md", time: "t1")
    let index = scratch.path + "/revisions/index.jsonl"
    try FileSystem.append(Self.bytes(#"{"time": "t2", "ev"#), to: index)
    try store.note(Self.bytes("two"), at: "prompts/p.md", time: "t3")
    let history = try store.history()
    #expect(history.revisions.map(\.time) == ["t1", "t3"])
    #expect(
      history.notices == [
        "\(index):2: not a revision (time, event, path and hash are expected); the line is passed over, and the others stand"
      ])
  }

  @Test func `contents that were changed on disk, unknown and ambiguous hashes are refused`() throws {
    let scratch = try ScratchFolder()
    let store = RevisionStore(folder: scratch.path)
    let hash = try store.keep(Self.bytes("one"), ending: ".json")
    let object = "\(scratch.path)/revisions/objects/\(hash).json"
    try FileSystem.writeAtomically(Self.bytes("other"), to: object)
    func sentence(_ body: () throws -> Void) -> String {
      do { try body() } catch { return "\(error)" }
      return "no error"
    }
    #expect(
      sentence { _ = try store.contents(of: hash) }
        == "\(object): its contents have another hash than its name: it was changed or damaged")
    #expect(sentence { _ = try store.hash(beginning: "000000") }.hasSuffix("no hash begins with 000000"))
    #expect(sentence { _ = try store.hash(beginning: "12") }.contains("at least four hexadecimal digits"))
    // Names alone make these two ambiguous.
    for digit in ["1", "2"] {
      try FileSystem.writeAtomically([], to: "\(scratch.path)/revisions/objects/abcd\(String(repeating: digit, count: 60)).json")
    }
    #expect(
      sentence { _ = try store.hash(beginning: "abcd") }.hasSuffix(
        "2 hashes begin with abcd: abcd11111111, abcd22222222"))
  }

  @Test func `a folder that cannot be written is said, and the document stays as it was`() throws {
    let scratch = try ScratchFolder()
    let path = "\(scratch.path)/w/functions/f.json"
    try FileSystem.writeAtomically(Self.bytes("{}"), to: "\(scratch.path)/w/workspace.json")
    try FileSystem.writeAtomically(Self.bytes("old"), to: path)
    // A file where the folder of revisions should be: not even root writes below it.
    try FileSystem.writeAtomically([], to: "\(scratch.path)/w/revisions")
    var workspace = Workspace(origin: .folder(scratch.path + "/w"), settings: WorkspaceSettings(title: "w"))
    #expect(throws: DocumentError.self) {
      try workspace.save(.function(FunctionDocument(name: "f", text: "new")), home: scratch.home)
    }
    #expect(try FileSystem.readText(path) == "old")
  }

  @Test func `a prompt comes back to the byte, however it was laid out`() throws {
    let scratch = try ScratchFolder()
    let byHand = "title:   by hand\n\n\n@system\n你好\n"
    try scratch.write("w/workspace.json", #"{"title": "w"}"#)
    try scratch.write("w/prompts/p.md", byHand)
    var workspace = try Workspace.open(folder: scratch.path + "/w")
    let prompt = try #require(workspace.prompts.first)
    #expect(prompt.text != byHand)
    try workspace.save(.prompt(PromptDocument(name: "p", messages: [PromptMessage(.system, "other")])))
    let first = try #require(try workspace.revisions.history().revisions.first)
    try workspace.restore(first.path, to: first.hash)
    #expect(try scratch.text("w/prompts/p.md") == byHand)
    #expect(workspace.prompts == [prompt])
    let last = try #require(try workspace.revisions.history().revisions.last)
    #expect(last.event == .restored && last.hash == first.hash)
  }

  @Test func `an earlier state of a function comes back as a new revision`() throws {
    let scratch = try ScratchFolder()
    var workspace = try Workspace.open("weather", home: scratch.home)
    let original = try #require(workspace.functions.first { $0.name == "get_weather" })
    var edited = original
    edited.text = original.text.replacing("城市名称", with: "city's name")
    try workspace.save(.function(edited), home: scratch.home)
    let revisions = try workspace.revisions(home: scratch.home).history().revisions
    #expect(revisions.map(\.event) == [.found, .saved])
    #expect(revisions.map(\.documentName) == ["get_weather", "get_weather"])
    try workspace.restore(revisions[0].path, to: revisions[0].hash, home: scratch.home)
    #expect(workspace.functions.first { $0.name == "get_weather" } == original)
    let after = try workspace.revisions(home: scratch.home).history().revisions
    #expect(after.map(\.event) == [.found, .saved, .restored])
    #expect(after[2].parent == after[1].hash && after[2].hash == after[0].hash)
  }
}

@Suite struct LineDiffTests {
  /// As GNU diff -u writes it (3.8), the file names' two lines left out.
  @Test(arguments: [
    ("a\nb\nc\n", "a\nb\nc\n", ""),
    ("", "a\n", "@@ -0,0 +1 @@\n+a\n"),
    ("a\n", "", "@@ -1 +0,0 @@\n-a\n"),
    ("a\nb\nc\n", "a\nB\nc\n", "@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n"),
    (
      "1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\n5\n6\n7\n8\n九\n",
      "@@ -6,4 +6,4 @@\n 6\n 7\n 8\n-9\n+九\n"
    ),
    (
      "x\n1\n2\n3\n4\n5\n6\n7\ny\n", "X\n1\n2\n3\n4\n5\n6\n7\nY\n",
      "@@ -1,4 +1,4 @@\n-x\n+X\n 1\n 2\n 3\n@@ -6,4 +6,4 @@\n 5\n 6\n 7\n-y\n+Y\n"
    ),
    (
      "x\n1\n2\n3\n4\n5\n6\ny\n", "X\n1\n2\n3\n4\n5\n6\nY\n",
      "@@ -1,8 +1,8 @@\n-x\n+X\n 1\n 2\n 3\n 4\n 5\n 6\n-y\n+Y\n"
    ),
  ])
  func `differences are written as diff -u writes them`(old: String, new: String, unified: String) {
    #expect(LineDiff(from: old, to: new).unified == unified)
  }

  @Test func `old and new texts come back from a diff with all lines`() {
    var random = SeededRandom(seed: 7)
    for _ in 0..<200 {
      let old = (0..<Int.random(in: 0...12, using: &random)).map { _ in "abc".randomElement(using: &random)! }
      let new = (0..<Int.random(in: 0...12, using: &random)).map { _ in "abc".randomElement(using: &random)! }
      let text = { (letters: [Character]) in letters.map { "\($0)\n" }.joined() }
      let lines = LineDiff(from: text(old), to: text(new), context: 100).hunks.flatMap(\.lines)
      guard !lines.isEmpty else {
        #expect(old == new)
        continue
      }
      #expect(lines.filter { $0.kind != .added }.map(\.text) == old.map(String.init))
      #expect(lines.filter { $0.kind != .removed }.map(\.text) == new.map(String.init))
    }
  }
}
