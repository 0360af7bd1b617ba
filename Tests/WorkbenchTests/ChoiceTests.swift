import Documents
import Engine
import Terminal
import Testing

@testable import Workbench

/// The probabilities beside the functions: when they are asked for, and how they move.
struct ChoiceTests {
  private func desk(width: Int = 120, height: Int = 40) -> Desk {
    let workspace = Workspace(
      origin: .folder("weather"), settings: WorkspaceSettings(title: "天气", functionsOff: ["get_current_time"]),
      functions: [
        function("get_weather", "获取指定城市的当前天气"), function("get_current_time", "查询城市的当前时间", isOn: false),
        function("send_email"),
      ])
    let desk = Desk(workspace, width: width, height: height)
    desk.app.updateLayout()
    desk.send(.modelReady(sampleBackend))
    desk.send(
      .functionCosts(
        FunctionCosts(
          names: ["get_weather", "get_current_time", "send_email"], tokenCounts: [132, 64, 1480], overheadTokens: 118)))
    return desk
  }

  private func asked(_ desk: Desk) -> [GenerationRequest] {
    desk.takeEffects().compactMap { if case .choose(let request) = $0 { request } else { nil } }
  }

  private func choice(_ weather: Double, _ email: Double, none: Double) -> FunctionChoice {
    FunctionChoice(
      options: [
        .init(name: "get_weather", probability: weather, tokens: [], logprobs: []),
        .init(name: "send_email", probability: email, tokens: [], logprobs: []),
      ], noCall: none, promptTokens: 100, cachedTokens: 0)
  }

  private func draft(_ text: String, _ desk: Desk) {
    desk.session.draft = text
    desk.session.promptChanged()
    desk.send(.tick)
  }

  @Test func `the draft is the question, with the functions that are on`() throws {
    let desk = desk()
    #expect(asked(desk).isEmpty)
    draft("北京天气", desk)
    let request = try #require(asked(desk).first)
    #expect(request.messages == [Message(.user, "北京天气")])
    #expect(request.functions.map(\.name) == ["get_weather", "send_email"])
    desk.send(.chosen(choice(0.7, 0.1, none: 0.2), took: .milliseconds(9)))
    desk.send(.tick)
    #expect(asked(desk).isEmpty)
  }

  @Test func `one measurement is under way, and what was typed meanwhile is measured next`() {
    let desk = desk()
    draft("a", desk)
    draft("ab", desk)
    draft("abc", desk)
    #expect(asked(desk).map { $0.messages.last?.content } == ["a"])
    desk.send(.chosen(choice(0.5, 0.1, none: 0.4), took: .milliseconds(9)))
    #expect(asked(desk).map { $0.messages.last?.content } == ["abc"])
  }

  @Test func `where a measurement is slow only p asks for it`() {
    let desk = desk()
    // The first computes the whole prompt, so it does not tell yet.
    for text in ["a", "ab"] {
      draft(text, desk)
      #expect(asked(desk).count == 1)
      desk.send(.chosen(choice(0.5, 0.1, none: 0.4), took: .seconds(3)))
    }
    draft("abc", desk)
    #expect(asked(desk).isEmpty)
    desk.type("p")
    #expect(asked(desk).count == 1)
  }

  @Test func `nothing is measured while the functions are out of sight, nor without a question`() {
    let desk = desk()
    desk.app.focus(.conversation)
    desk.app.isZoomed = true
    desk.app.updateLayout()
    draft("a", desk)
    #expect(asked(desk).isEmpty)
    desk.app.isZoomed = false
    desk.app.focus(.functions)
    desk.app.updateLayout()
    desk.send(.tick)
    #expect(asked(desk).count == 1)
    desk.send(.chosen(choice(0.5, 0.1, none: 0.4), took: .zero))
    draft("  ", desk)
    #expect(desk.session.choosing.choice == nil)
    desk.type("p")
    #expect(desk.session.notice?.notice.text.hasPrefix("write a question") == true)
  }

  @Test(arguments: [(44, 24), (78, 22), (118, 38), (30, 16)])
  func `bars show each function and no call, and what an edit moved since the last save`(width: Int, height: Int) throws {
    let desk = desk()
    draft("北京天气", desk)
    desk.send(.chosen(choice(0.705, 0.001, none: 0.292), took: .milliseconds(9)))
    let before = desk.pane(.functions, width: width, height: height).text()
    #expect(!before.contains("╍"))
    desk.session.setFunction(at: 0, text: function("get_weather", "Weather").text)
    desk.send(.tick)
    desk.send(.chosen(choice(0.481, 0.15, none: 0.349), took: .milliseconds(9)))
    #expect(desk.session.probability(of: desk.session.functions[0])?.now == 0.481)
    #expect(desk.session.probability(of: desk.session.functions[0])?.before == 0.705)
    #expect(desk.session.probability(of: desk.session.functions[1]) == nil)
    try expectSnapshot(desk.pane(.functions, width: width, height: height), "functions-choice-\(width)x\(height)")
  }

  @Test func `a save and another question are what later edits move from`() {
    let desk = desk()
    draft("a", desk)
    desk.send(.chosen(choice(0.7, 0.1, none: 0.2), took: .zero))
    desk.session.setFunction(at: 0, text: function("get_weather", "Weather").text)
    desk.send(.tick)
    desk.send(.chosen(choice(0.5, 0.1, none: 0.4), took: .zero))
    desk.send(.saved(desk.session.workspace))
    #expect(desk.session.otherChoices.map(\.now) == [0.4] && desk.session.otherChoices.map(\.before) == [0.4])
    draft("b", desk)
    desk.send(.chosen(choice(0.1, 0.1, none: 0.8), took: .zero))
    #expect(desk.session.otherChoices.map(\.now) == [0.8] && desk.session.otherChoices.map(\.before) == [0.8])
  }
}
