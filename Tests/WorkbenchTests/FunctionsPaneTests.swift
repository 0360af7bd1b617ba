import Documents
import Engine
import JSON
import Terminal
import Testing

@testable import Workbench

struct FunctionsPaneTests {
  private func desk(width: Int = 120, height: Int = 40) -> Desk {
    let functions = [
      function("get_weather", "获取指定城市的当前天气"), function("get_current_time", "查询城市的当前时间", isOn: false),
      function("send_email"),
    ]
    let workspace = Workspace(
      origin: .folder("weather"), settings: WorkspaceSettings(title: "天气", functionsOff: ["get_current_time"]),
      functions: functions)
    let desk = Desk(workspace, width: width, height: height)
    desk.send(.modelReady(sampleBackend))
    desk.send(.functionCosts(costs))
    return desk
  }

  private let costs = FunctionCosts(
    names: ["get_weather", "get_current_time", "send_email"], tokenCounts: [132, 64, 1480], overheadTokens: 118)

  @Test(arguments: [(48, 30), (78, 20), (120, 16), (40, 8)])
  func `the list shows switches, costs and their sum, and the text of the chosen one`(width: Int, height: Int) throws {
    let desk = desk()
    try expectSnapshot(desk.pane(.functions, width: width, height: height), "functions-\(width)x\(height)")
  }

  @Test func `a faulty function says so in the list and under its text`() throws {
    let desk = desk()
    desk.type("<ret><down><down><down><end><backspace>")
    #expect(desk.session.functions[0].definition == nil)
    #expect(desk.session.offeredFunctions.map(\.name) == ["send_email"])
    try expectSnapshot(desk.pane(.functions, width: 60, height: 24), "functions-faulty")
  }

  @Test func `no function is said in words`() throws {
    let desk = Desk(Workspace(origin: .folder("empty"), settings: WorkspaceSettings(title: "empty")))
    desk.type("<ret>")
    #expect(desk.session.notice == nil)
    try expectSnapshot(desk.pane(.functions, width: 40, height: 8), "functions-empty")
  }

  @Test func `space switches a function, t all of them, and the sum follows`() {
    let desk = desk()
    #expect(desk.session.contextTax! == (1612, 118))
    desk.type("j<space>")
    #expect(desk.session.functions.map(\.isOn) == [true, true, true])
    #expect(desk.session.contextTax! == (1676, 118))
    desk.type("t")
    #expect(desk.session.functions.map(\.isOn) == [false, false, false])
    #expect(desk.session.contextTax! == (0, 0))
    desk.type("<C-s>")
    var settings = desk.session.workspace.settings
    settings.functionsOff = ["get_weather", "get_current_time", "send_email"]
    settings.functionOrder = ["get_weather", "get_current_time", "send_email"]
    #expect(desk.takeEffects().last == .save([.settings(settings)]))
  }

  @Test func `typing measures the function again and shows what the change costs`() {
    let desk = desk()
    #expect(desk.takeEffects().filter { if case .measureFunctions = $0 { true } else { false } }.count == 1)
    desk.type("<ret><down><down><down><down><end><left><left>还有温度")
    #expect(desk.session.functions[0].definition?.description == "获取指定城市的当前天气还有温度")
    let measured = desk.takeEffects().compactMap { effect in
      if case .measureFunctions(let request) = effect { request.functions.map(\.name) } else { nil }
    }
    // One at a time; the rest waits for the answer.
    #expect(measured == [["get_weather", "get_current_time", "send_email"]])
    desk.send(.functionCosts(FunctionCosts(names: costs.names, tokenCounts: [133, 64, 1480], overheadTokens: 118)))
    let again = desk.takeEffects().filter { if case .measureFunctions = $0 { true } else { false } }
    #expect(again.count == 1)
    desk.send(.functionCosts(FunctionCosts(names: costs.names, tokenCounts: [136, 64, 1480], overheadTokens: 118)))
    #expect(desk.takeEffects().isEmpty)
    #expect(
      desk.pane(.functions, width: 48, height: 20).text().contains("get_weather *                         136 +4"))
  }

  @Test func `a new function opens at its name, and its file gets the name at saving`() {
    let desk = desk()
    desk.type("a")
    #expect(desk.session.functions.map(\.name) == ["get_weather", "new_function", "get_current_time", "send_email"])
    desk.type("book_flight<esc><C-s>")
    guard case .save(let changes) = desk.takeEffects().last else {
      Issue.record("nothing is saved")
      return
    }
    let entry = desk.session.functions[1]
    #expect(changes.first == .function(FunctionDocument(name: "book_flight", text: entry.text)))
    #expect(entry.text.contains("\"name\": \"book_flight\","))
  }

  @Test func `a renamed function takes its file and its mock along`() {
    let desk = desk()
    desk.session.workspace.mocks = [MockDocument(name: "get_weather", value: ["temperature": 21])]
    desk.type("<ret><down><down><down><C-right><C-right><A-backspace>weather<esc><C-s>")
    #expect(desk.session.functions[0].name == "weather")
    guard case .save(let changes) = desk.takeEffects().last else {
      Issue.record("nothing is saved")
      return
    }
    let saved = FunctionDocument(name: "weather", text: desk.session.functions[0].text)
    #expect(
      changes == [
        .function(saved), .mock(MockDocument(name: "weather", value: ["temperature": 21])),
        .settings(
          WorkspaceSettings(
            title: "天气", functionOrder: ["weather", "get_current_time", "send_email"],
            functionsOff: ["get_current_time"])),
        .removeFunction(name: "get_weather"), .removeMock(name: "get_weather"),
      ])
    var workspace = desk.session.workspace
    workspace.functions[0] = saved
    desk.session.saved(workspace)
    #expect(desk.session.functions[0].document.name == "weather")
    // The cursor and the history stay.
    desk.type("<ret>X")
    #expect(desk.session.functions[0].text.contains("\"name\": \"weatherX\""))
    desk.type("<A-z><A-z><A-z><esc>")
    #expect(desk.session.functions[0].name == "get_weather")
    desk.session.setFunction(at: 0, text: saved.text)
    #expect(!desk.session.functions[0].isChanged)
    #expect(desk.session.changes.filter { if case .function = $0 { true } else { false } }.isEmpty)
  }

  @Test func `a copy has a name of its own, a deletion asks first, and order can be changed`() {
    let desk = desk()
    desk.type("c<esc>")
    #expect(desk.session.functions.map(\.name) == ["get_weather", "get_weather_2", "get_current_time", "send_email"])
    #expect(desk.session.functions[1].definition?.description == "获取指定城市的当前天气")
    desk.type("J")
    #expect(desk.session.functions.map(\.name) == ["get_weather", "get_current_time", "get_weather_2", "send_email"])
    desk.type("<A-up>dn")
    #expect(desk.session.functions.count == 4)
    desk.type("dy")
    #expect(desk.session.functions.map(\.name) == ["get_weather", "get_current_time", "send_email"])
    #expect(desk.session.notice?.notice.text == "get_weather_2 is deleted; Ctrl-S takes it off the disk too")
  }

  @Test func `the editor takes Tab, Esc goes back to the list, and undo survives both`() {
    let desk = desk()
    let before = desk.session.functions[0].text
    desk.type("<ret><tab>x<esc>")
    #expect(desk.session.functions[0].text == "  x" + before)
    #expect(desk.app.focused == .functions)
    desk.type("jk<ret><A-z><A-z>")
    #expect(desk.session.functions[0].text == before)
    #expect(!desk.session.functions[0].isChanged)
  }

  @Test func `an outside editor gets the text, and what comes back is one step`() {
    let desk = desk()
    let before = desk.session.functions[0].text
    _ = desk.takeEffects()
    desk.type("E")
    #expect(desk.takeEffects() == [.edit(.function("get_weather"), text: before, fileExtension: "json")])
    desk.send(.edited(.function("get_weather"), text: "{}\n"))
    #expect(desk.session.functions[0].text == "{}\n")
    desk.type("<ret><A-z>")
    #expect(desk.session.functions[0].text == before)
  }

  @Test func `alt-p pretty-prints, or says why not`() {
    let desk = desk()
    desk.type("<A-p>")
    #expect(desk.session.functions[0].text.contains("\n        \"city\": {\n          \"type\": \"string\"\n"))
    desk.type("<ret><C-k><A-p>")
    #expect(desk.session.notice?.notice.text == "the text is not JSON yet; it stays as it is")
  }

  @Test func `a search goes through the functions, and inside a text while it is edited`() {
    let desk = desk()
    desk.type("/email<ret>")
    #expect(desk.app.functions.selected == 2)
    desk.type("gg<ret><C-f>city<ret><F3>")
    #expect(desk.app.functions.schema(desk.session)?.editor.selectedText == "city")
  }

  @Test func `clicks choose, switch and place the cursor`() {
    let desk = desk()
    _ = desk.pane(.functions, width: 48, height: 30)
    desk.app.functions.click(x: 10, y: 2, desk.session)
    #expect(desk.app.functions.selected == 2)
    desk.app.functions.click(x: 1, y: 1, desk.session)
    #expect(desk.session.functions[1].isOn)
    _ = desk.pane(.functions, width: 48, height: 30)
    desk.app.functions.click(x: 7, y: 7, desk.session)
    #expect(desk.app.functions.isEditing)
    desk.app.functions.drag(x: 14, y: 7, desk.session)
    #expect(desk.app.functions.schema(desk.session)?.editor.selectedText == "\"functi")
  }
}
