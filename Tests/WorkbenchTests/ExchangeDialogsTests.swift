import Documents
import Engine
import Foundation
import JSON
import Terminal
import TestSupport
import Testing

@testable import Workbench

/// Definitions on their way out, on a workspace whose files are real.
@Suite struct ExportOverlayTests {
  /// With what other forms lack: MCP's members, and strict rules that it breaks.
  private static let forecast = """
    {
      "type": "function",
      "function": {
        "name": "get_forecast",
        "description": "查询城市未来几天的天气预报",
        "parameters": {
          "type": "object",
          "properties": {
            "city": {"type": "string", "description": "城市名称，例如：北京"},
            "days": {"type": "integer", "minimum": 1, "maximum": 14, "multipleOf": 1}
          },
          "required": ["city"],
          "additionalProperties": false
        },
        "strict": true,
        "annotations": {"readOnlyHint": true}
      }
    }

    """

  private let scratch: ScratchFolder
  private let desk: Desk

  init() throws {
    scratch = try ScratchFolder()
    try scratch.write("w/workspace.json", #"{"title": "天气", "functions_off": ["send_email"]}"#)
    try scratch.write("w/functions/get_forecast.json", Self.forecast)
    try scratch.write("w/functions/get_weather.json", function("get_weather", "获取指定城市的当前天气").text)
    try scratch.write("w/functions/send_email.json", function("send_email").text)
    desk = Desk(try Workspace.open(folder: scratch.path + "/w"))
    desk.home = UserFolders(data: scratch.path + "/data", config: scratch.path + "/config", state: scratch.path + "/state")
    desk.send(.modelReady(sampleBackend))
  }

  private var dialog: ExportOverlay? { desk.app.overlay as? ExportOverlay }

  /// Types a path in the place of the one that is offered.
  private func write(to path: String) {
    desk.type("s<C-u>")
    desk.send(.input(.paste(path)))
    desk.type("<ret>")
  }

  @Test(arguments: ScreenTests.sizes)
  func `the forms say what each loses, and the text stands under its losses`(width: Int, height: Int) throws {
    desk.type("xjjj")
    try expectSnapshot(desk.dialog(width: width, height: height), "export-\(width)x\(height)", withStyles: width == 80)
  }

  @Test func `what is copied is the library's document, and losses are said again`() throws {
    desk.type("xjj")
    #expect(dialog?.form == .anthropic)
    _ = desk.takeEffects()
    desk.type("y")
    let tool = try JSONValue(parsing: Self.forecast)
    let expected = try FunctionExport([tool], as: .anthropic)
    #expect(desk.takeEffects() == [.copy(expected.document.text(.pretty) + "\n")])
    #expect(expected.notes.map(\.keyword) == ["annotations"])
    #expect(
      dialog?.status
        == DialogStatus(.warning, "copied Anthropic tools; one thing in it is lost or refused, as listed"))
  }

  @Test func `Tab goes from the chosen one to those that are on and to all`() {
    desk.type("x")
    #expect(dialog?.entries(desk.session).map(\.name) == ["get_forecast"])
    desk.type("<tab>")
    #expect(dialog?.entries(desk.session).map(\.name) == ["get_forecast", "get_weather"])
    #expect(desk.screen(width: 120, height: 40).text().contains("Export the 2 functions that are on"))
    desk.type("<tab>")
    #expect(dialog?.entries(desk.session).count == 3)
    desk.type("<tab>")
    #expect(dialog?.scope == .chosen)
  }

  @Test func `a file is written, and one that is there is written over only when that is wanted`() throws {
    let path = scratch.path + "/out.json"
    desk.type("x<tab><tab>jj")
    write(to: path)
    let whole = try JSONValue(parsing: try scratch.text("out.json"))
    #expect(whole.array?.compactMap { $0["name"]?.string } == ["get_forecast", "get_weather", "send_email"])
    #expect(dialog?.status?.text.hasPrefix("written to \(path)") == true)
    desk.type("j")
    try scratch.write("out.json", "mine")
    write(to: path)
    #expect((desk.app.overlay as? Question)?.text == "\(path) is there already. Write over it?")
    desk.type("n")
    #expect(try scratch.text("out.json") == "mine")
    #expect(dialog != nil)
    write(to: path)
    desk.type("y")
    #expect(try JSONValue(parsing: try scratch.text("out.json"))["functionDeclarations"]?.array?.count == 3)
    #expect(dialog?.status?.kind == .warning)
  }

  @Test(arguments: [
    ("/no-such-folder/out.json", "/no-such-folder/out.json: not saved: there is no folder /no-such-folder; the file on disk is as it was"),
    ("/", "/: not saved: it is a folder; a file's name is expected; the file on disk is as it was"),
  ])
  func `what cannot be written is said in the dialog`(path: String, sentence: String) {
    desk.type("x")
    write(to: path)
    #expect(dialog?.status == DialogStatus(.error, sentence))
  }

  @Test func `a function that is none is left out, and that is said`() {
    desk.type("<ret><down><down><down><down><end><backspace><backspace><esc>x")
    let screen = desk.screen(width: 120, height: 40).text()
    #expect(screen.contains("✗ get_forecast is left out: get_forecast.json:"))
    desk.type("y")
    #expect(dialog?.status?.text == "there is no function to write; Tab chooses others")
    desk.type("s")
    #expect(dialog != nil)
    desk.type("<tab>y")
    #expect(dialog?.status?.text.hasPrefix("copied OpenAI tools") == true)
  }

  @Test func `strict mode's rules are reported as refusals, for OpenAI alone`() {
    desk.type("x")
    #expect(desk.screen(width: 120, height: 40).text().contains("\"strict\" is refused: S2"))
    desk.type("jjjjjj")
    #expect(dialog?.form == .jsonSchema)
    #expect(!desk.screen(width: 120, height: 40).text().contains("is refused"))
  }

  @Test func `help lists the keys and the dialog comes back as it was`() {
    desk.type("xjj?")
    let help = desk.screen(width: 120, height: 60).text()
    #expect(help.contains("In the export") && help.contains("write the text to a file"))
    desk.type("<esc>")
    #expect(dialog?.form == .anthropic)
  }
}

/// Every dialog on screens that are too small for it.
@Suite struct SmallDialogsTests {
  @Test(arguments: [(1, 1), (2, 1), (20, 5), (3, 40), (120, 3), (36, 9)], ["<A-r>", "x", "I", "A"])
  func `a dialog is drawn on any screen and takes keys there`(size: (Int, Int), key: String) {
    let desk = Desk(
      Workspace(origin: .folder("/nonexistent"), settings: WorkspaceSettings(title: "天气"), functions: [function("获取")]))
    desk.home = UserFolders(data: "/nonexistent", config: "/nonexistent", state: "/nonexistent")
    desk.type(key)
    desk.send(.input(.paste("{\"天气\": 1}")))
    #expect(desk.app.isInDialog)
    // That nothing traps is what is tested; what is seen on screens of a size is in the pictures.
    for keys in ["", "<ret>", "<tab>", "<down><pagedown>", "?", "<esc>", "/x<ret>", "<C-c>"] {
      desk.type(keys)
      _ = desk.screen(width: size.0, height: size.1)
    }
    #expect(desk.session.functions.count == 1)
  }
}

/// Definitions on their way in.
@Suite struct ImportOverlayTests {
  /// What a server answers to tools/list: one that is there and is the same, one that differs, one that is new.
  private static let answer = """
    {"jsonrpc": "2.0", "id": 1, "result": {"tools": [
      {"name": "get_weather", "description": "获取天气", "inputSchema": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}},
      {"name": "send_email", "description": "发送邮件给指定的人", "inputSchema": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}},
      {"name": "get_forecast", "description": "查询城市未来几天的天气预报", "inputSchema": {"type": "object", "properties": {"city": {"type": "string", "description": "城市名称"}}}, "annotations": {"readOnlyHint": true}}
    ]}}
    """

  private let scratch: ScratchFolder
  private let desk: Desk

  init() throws {
    scratch = try ScratchFolder()
    try scratch.write("w/workspace.json", #"{"title": "天气"}"#)
    try scratch.write("w/functions/get_weather.json", function("get_weather", "获取天气").text)
    try scratch.write("w/functions/send_email.json", function("send_email").text)
    desk = Desk(try Workspace.open(folder: scratch.path + "/w"))
    desk.home = UserFolders(data: scratch.path + "/data", config: scratch.path + "/config", state: scratch.path + "/state")
    desk.send(.modelReady(sampleBackend))
  }

  private var dialog: ImportOverlay? { desk.app.overlay as? ImportOverlay }
  private func paste(_ text: String) { desk.send(.input(.paste(text))) }
  private var texts: [String: String] {
    Dictionary(uniqueKeysWithValues: desk.session.functions.map { ($0.name, $0.text) })
  }

  @Test(arguments: ScreenTests.sizes)
  func `what was pasted is recognised and compared with what is there`(width: Int, height: Int) throws {
    desk.type("I")
    paste(Self.answer)
    desk.type("<ret>j")
    try expectSnapshot(desk.dialog(width: width, height: height), "import-\(width)x\(height)", withStyles: width == 80)
  }

  @Test func `names that are taken are asked about, and nothing is changed before`() throws {
    let before = texts
    desk.type("I")
    paste(Self.answer)
    #expect(texts == before)
    desk.type("<ret><ret>")
    #expect(
      dialog?.status?.text
        == "send_email is there and says something else: Space takes this one in its place, or leaves it; n gives it another name"
    )
    #expect(texts == before && dialog?.list.selected == 1)
    desk.type("<space><ret>")
    #expect(desk.app.overlay == nil)
    #expect(desk.session.functions.map(\.name) == ["get_weather", "send_email", "get_forecast"])
    #expect(texts["get_weather"] == before["get_weather"])
    #expect(texts["send_email"]?.contains("发送邮件给指定的人") == true)
    #expect(texts["get_forecast"]?.contains("readOnlyHint") == true)
    #expect(
      desk.session.notice?.notice.text
        == "1 function taken in, 1 function replaced, not saved yet: Ctrl-S saves; Alt-z in a text takes its replacement back")
    // Not on disk, and what was replaced comes back.
    #expect(try scratch.text("w/functions/send_email.json") == before["send_email"])
    desk.type("<ret><A-z><esc>")
    #expect(texts["send_email"] == before["send_email"])
  }

  @Test func `a function is taken under another name, or left out`() {
    desk.type("I")
    paste(Self.answer)
    desk.type("<ret>jn")
    desk.type("<C-u>天气<ret>")
    #expect(dialog?.status?.text == "\"天气\" cannot be a function's name: letters, digits, _ and -, at most 64")
    desk.type("n<ret>j<space><ret>")
    #expect(desk.session.functions.map(\.name) == ["get_weather", "send_email", "send_email_2"])
    #expect(texts["send_email_2"]?.contains("发送邮件给指定的人") == true)
    // All that is to be taken has been: a new dialog is empty.
    desk.type("I")
    #expect(dialog?.source.isEmpty == true)
  }

  @Test func `a file is read by its name`() throws {
    let path = try scratch.write("tools.json", Self.answer)
    desk.type("I")
    paste(" \(path)\n")
    desk.type("<ret>")
    #expect(dialog?.isInList == true && dialog?.found.count == 3)
    #expect(desk.screen(width: 120, height: 40).text().contains("3 functions in /"))
    desk.type("<space><tab>")
    #expect(dialog?.isInList == false)
  }

  @Test(arguments: [
    ("/nonexistent/tools.json", "/nonexistent/tools.json: cannot be read: No such file or directory"),
    ("/", "/: cannot be read: it is a folder; a file is expected"),
    ("/dev/null", "/dev/null: cannot be read: it is no regular file"),
    (
      #"[{"type": "web_search_20250305", "name": "web_search"}]"#,
      "pasted text#/0: its type is \"web_search_20250305\": a tool that its provider runs, and no function's definition"
    ),
    ("{\"name\": 1, \"name\": 2}", "pasted text: the key \"name\" comes twice in one object; remove one"),
    ("", "a file's name and Enter, or definitions pasted here"),
  ])
  func `what is no definition is said in the dialog, with the text kept`(text: String, sentence: String) {
    desk.type("I")
    if !text.isEmpty { paste(text) }
    desk.type("<ret>")
    #expect(dialog?.status?.text == sentence)
    #expect(dialog?.source.text == text)
    #expect(desk.screen(width: 80, height: 24).text().contains("Import functions"))
  }

  @Test func `text that is typed wrong stays when the dialog closes`() {
    desk.type("I")
    paste("[{\"name\": \"f\", ")
    desk.type("<esc>")
    #expect(desk.app.overlay == nil)
    desk.type("I")
    #expect(dialog?.source.text == "[{\"name\": \"f\", ")
    paste("\"input_schema\": {}}]")
    #expect(dialog?.found.map(\.name) == ["f"])
    // Help covers it and goes away again; Ctrl-C closes it and keeps the text.
    desk.send(.input(.key(KeyPress(.function(1)))))
    #expect(desk.screen(width: 120, height: 60).text().contains("In the import"))
    desk.type("<esc>")
    #expect(dialog?.found.count == 1)
    desk.type("<C-c>I<tab><ret>")
    #expect(desk.session.functions.map(\.name) == ["get_weather", "send_email", "f"])
  }

  @Test func `what the workspace's form cannot say is told for its function`() {
    desk.type("I")
    paste(
      """
      {"functionDeclarations": [{"name": "set_light", "parameters": {"type": "OBJECT", "properties": {"b": {"type": "INTEGER"}, \
      "a": {"type": "STRING"}}, "propertyOrdering": ["a", "b"]}}]}
      """)
    #expect(desk.screen(width: 120, height: 40).text().contains("· \"propertyOrdering\" is kept: the properties"))
    #expect(dialog?.found.map(\.form) == [.gemini])
  }
}

/// A definition from samples.
@Suite struct DraftOverlayTests {
  private let desk = Desk(
    Workspace(origin: .folder("w"), settings: WorkspaceSettings(title: "天气"), functions: [function("get_weather")]))
  private var dialog: DraftOverlay? { desk.app.overlay as? DraftOverlay }
  private func paste(_ text: String) { desk.send(.input(.paste(text))) }

  @Test(arguments: ScreenTests.sizes)
  func `the definition stands beside the samples, or below them`(width: Int, height: Int) throws {
    desk.send(.modelReady(sampleBackend))
    desk.type("Aget_forecast<tab>")
    paste("{\"city\": \"北京\", \"days\": 3}\n{\"city\": \"上海\"}")
    try expectSnapshot(desk.dialog(width: width, height: height), "draft-\(width)x\(height)", withStyles: width == 80)
  }

  @Test func `Enter opens it as a function that is not saved, at its description`() throws {
    desk.type("Aget_forecast<ret>")
    #expect(dialog?.isInSamples == true)
    desk.type("{\"city\": \"Oslo\", \"days\": 3}<A-ret>{\"city\": \"Rome\"}<ret>")
    #expect(desk.app.overlay == nil && desk.app.functions.isEditing)
    let expected = try DraftedFunction(
      name: "get_forecast", samples: [["city": "Oslo", "days": 3], ["city": "Rome"]], path: "samples")
    #expect(desk.session.functions[1].text == expected.definition.text(.pretty) + "\n")
    #expect(desk.session.functions[1].isChanged)
    desk.type("查询天气预报")
    #expect(desk.session.functions[1].definition?.description == "查询天气预报")
    #expect(desk.session.changes.contains(.function(desk.session.functions[1].document)))
  }

  @Test(arguments: [
    ("f", "{\"a\": ", "samples:1:7: "), ("f", "3", "samples, sample 1: found number, expected an object of arguments"),
    ("f", "{\"a\": 1}\n{\"a\": }", "samples, sample 2:1:7: "), ("", "{}", "the function needs a name"),
    ("天气", "{}", "\"天气\" cannot be a function's name: letters, digits, _ and -, at most 64"),
    ("get_weather", "{}", "there is a function get_weather already; give this one another name"),
    ("f", "", "a sample of the arguments is missing: a JSON object"),
  ])
  func `what is missing or wrong is said, and everything typed stays`(name: String, samples: String, sentence: String) {
    desk.type("A\(name)<tab>")
    if !samples.isEmpty { paste(samples) }
    desk.type("<ret>")
    if dialog?.status == nil { desk.type("<ret>") }
    #expect(dialog?.status?.text.hasPrefix(sentence) == true, "\(dialog?.status?.text ?? "")")
    #expect(desk.session.functions.count == 1)
    desk.type("<esc>A")
    #expect(dialog?.name.text == name && dialog?.samples.text == samples)
  }
}
