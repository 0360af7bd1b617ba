import Documents
import Engine
import Terminal
import Testing

@testable import Workbench

struct FuzzyMatchTests {
  @Test(arguments: [
    ("", "anything", []), ("qt", "quit", [0, 3]), ("quit", "ask to quit", [7, 8, 9, 10]),
    // Starts of words before letters in the middle.
    ("gp", "go to the prompt", [0, 10]), ("fu del", "Functions: delete the function", [0, 1, 11, 12, 13]),
    ("天气", "查询天气", [2, 3]),
  ])
  func `letters in order fit, at starts of words if they can`(query: String, text: String, positions: [Int]) {
    #expect(FuzzyMatch(query, in: text)?.positions == positions)
  }

  @Test(arguments: [("x", "quit"), ("tq", "quit"), ("quit now", "quit")])
  func `anything else does not fit`(query: String, text: String) {
    #expect(FuzzyMatch(query, in: text) == nil)
  }

  @Test func `the better fit has the higher score`() {
    let ranked = ["search in the pane", "quit", "ask to quit at once", "request quietly it"]
      .compactMap { text in FuzzyMatch("quit", in: text).map { (text, $0.score) } }
      .sorted { $0.1 > $1.1 }.map(\.0)
    #expect(ranked == ["quit", "ask to quit at once", "request quietly it"])
  }
}

struct OverlaysTests {
  private func desk() -> Desk {
    let workspace = Workspace(
      origin: .folder("weather"), settings: WorkspaceSettings(title: "天气"), functions: [function("get_weather")])
    return Desk(workspace)
  }

  private func picture(_ desk: Desk, width: Int, height: Int) -> CellBuffer {
    drawn(width: width, height: height) { desk.app.overlay?.draw(into: $0, desk.session, context()) }
  }

  @Test func `every command with a key is in help, once per key table row`() {
    let shown = HelpOverlay.sections(first: .pane(.cache)).flatMap(\.rows).map(\.id)
    let wanted = Commands.all.filter { !$0.keys.isEmpty }.map(\.id)
    #expect(Set(shown) == Set(wanted))
    #expect(HelpOverlay.sections(first: .pane(.cache))[0].title == "In KV cache")
  }

  @Test(arguments: [(80, 24), (120, 40), (30, 8)])
  func `help is drawn inside any screen`(width: Int, height: Int) {
    let desk = desk()
    desk.type("?")
    let picture = picture(desk, width: width, height: height)
    #expect(picture.text().contains("In Functions"))
    desk.type("<pagedown><pagedown><C-end>")
    #expect(self.picture(desk, width: width, height: height).text().contains("distribution."))
  }

  @Test func `help is narrowed by typing and leaves with Esc`() {
    let desk = desk()
    desk.type("?pretty")
    let text = picture(desk, width: 80, height: 24).text()
    #expect(text.contains("Alt-P") || text.contains("Alt-p"))
    #expect(!text.contains("suspend"))
    desk.type("<esc>")
    #expect(desk.app.overlay == nil)
  }

  @Test func `the palette finds by a few letters, shows keys, and letters are no accelerators meanwhile`() throws {
    let desk = desk()
    desk.type("<C-p>")
    try expectSnapshot(picture(desk, width: 80, height: 14), "palette-80x14")
    desk.type("switch q")
    #expect(desk.app.overlay != nil)
    #expect(picture(desk, width: 80, height: 14).text().contains("nothing fits"))
    desk.type("<C-u>fun switch<ret>")
    #expect(desk.app.overlay == nil)
    #expect(desk.session.functions[0].isOn == false)
  }

  @Test func `a question is answered by key or click, and other keys do nothing`() throws {
    let desk = desk()
    desk.type("d")
    try expectSnapshot(picture(desk, width: 60, height: 9), "question-60x9")
    desk.type("x<down>q")
    #expect(desk.app.overlay != nil)
    let question = desk.app.overlay as? Question
    #expect(question?.click(x: 17, y: 5, desk.session) == .run(command: "functions.delete.now"))
    desk.type("<esc>")
    #expect(desk.app.overlay == nil)
    #expect(desk.session.functions.count == 1)
  }

  @Test func `a long question and a narrow screen fit`() {
    let desk = desk()
    desk.type("<space>q")
    let text = drawn(width: 30, height: 10) { desk.app.overlay?.draw(into: $0, desk.session, context()) }.text()
    #expect(text.contains("Quit lathe? What was"))
    #expect(text.contains("is lost."))
    #expect(text.contains("y yes   n no"))
  }

  @Test func `the search line begins with the last search, selected`() {
    let desk = desk()
    desk.type("/weather<ret>/")
    #expect(picture(desk, width: 40, height: 3).text().hasSuffix("/weather"))
    desk.type("get")
    #expect(picture(desk, width: 40, height: 3).text().hasSuffix("/get"))
    desk.type("<C-u><backspace>")
    #expect(desk.app.overlay == nil)
  }

  @Test func `a prompt of the workspace or another workspace is opened by name, unless changes would be lost`() {
    let workspace = Workspace(
      origin: .folder("support"), settings: WorkspaceSettings(title: "Support"),
      prompts: [
        PromptDocument(name: "order", messages: [PromptMessage(.system, "You help.")]),
        PromptDocument(name: "refund", messages: [PromptMessage(.system, "You refund."), PromptMessage(.user, "Hi")]),
      ], functions: [function("get_weather")])
    let desk = Desk(workspace)
    desk.type("<C-o>ref<ret>")
    #expect(desk.session.transcript.messages.map(\.content) == ["You refund.", "Hi"])
    desk.type("<C-o>plan<ret>")
    #expect(desk.takeEffects().last == .open(workspace: "planner"))
    desk.type("<C-o>folder<ret>some/where<ret>")
    #expect(desk.takeEffects().last == .open(workspace: "some/where"))
    desk.type("<ret>x<esc><C-o>plan<ret>")
    #expect(desk.takeEffects().isEmpty)
    #expect(desk.session.notice?.notice.text == "what was changed since the last save would be lost; Ctrl-S saves it")
    let other = Workspace(
      origin: .sample("weather"), settings: WorkspaceSettings(title: "天气", thinking: "off"),
      functions: [function("other")])
    desk.send(.opened(other))
    #expect(desk.session.functions.map(\.name) == ["other"])
    #expect(desk.session.thinking == .off)
    #expect(desk.session.transcript.messages.isEmpty)
    #expect(desk.session.changes.isEmpty)
    #expect(desk.app.functions.isEditing == false)
  }
}
