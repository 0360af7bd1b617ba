import Documents
import Engine
import JSON
import Terminal
import Testing

@testable import Workbench

/// What a user does, key by key, and what comes of it.
@Suite struct StoryTests {
  @Test func `a question is answered by way of a call that its mock answers`() async throws {
    let stage = Stage()
    stage.type("Where is my order ORD12345?")
    stage.press("<ret>")
    let asked = try #require(stage.lastRequest)
    #expect(asked.request.messages.map(\.role) == [.system, .user])
    #expect(asked.request.functions.map(\.name) == ["get_order_status", "get_weather"])
    #expect(asked.request.sampling == .qwen3Thinking)
    stage.play(.order)
    #expect(stage.session.transcript.pendingCalls.map(\.name) == ["get_order_status"])
    await stage.runCalls()
    let again = try #require(stage.lastRequest)
    #expect(again.answer == asked.answer + 1)
    #expect(
      again.request.messages.last
        == Message(.tool, #"{"status": "packed", "expected_ship_date": "2025-04-06"}"#, toolName: "get_order_status"))
    stage.play(.packed)
    #expect(stage.session.transcript.messages.map(\.role) == [.system, .user, .assistant, .tool, .assistant])
    #expect(stage.session.transcript.messages.last?.content.hasPrefix("Your order **ORD12345** is packed.") == true)
    #expect(!stage.session.isRunning)
  }

  @Test func `an answer that failed before its first token is not in the next prompt`() throws {
    let stage = Stage()
    stage.type("One")
    stage.press("<ret>")
    stage.send(.generation(answer: 1, .failed(.promptTooLong(promptTokens: 411, contextLength: 400))))
    stage.send(.streamEnded(answer: 1))
    #expect(stage.draw().contains("the prompt has 411 tokens"))
    stage.type("Two")
    stage.press("<ret>")
    let asked = try #require(stage.lastRequest)
    #expect(asked.request.messages.map(\.role) == [.system, .user, .user])
    stage.play(.packed)
    #expect(stage.session.latestAnswer?.state == .finished(.endOfTurn))
  }

  @Test func `reuse is said with what the rest is`() {
    let session = Stage().session
    func words(_ reused: Int) -> String {
      PrefixReuse(reusedTokens: reused, promptTokens: 405, ending: .neverComputed).words(session)
    }
    #expect(words(360) == "360 of 405 tokens reused; the rest is new")
    #expect(words(0) == "0 of 405 tokens reused: nothing like it was computed before")
  }

  @Test func `while no model is ready a message stays in the composer and the footer says why`() {
    let stage = Stage(isReady: false)
    stage.send(.modelLoading(name: "mini", done: 0.43))
    stage.type("Hello")
    stage.press("<ret>")
    #expect(stage.app.conversation.composer.text == "Hello")
    #expect(stage.session.notice?.notice.text == "the model is still loading")
    #expect(stage.draw().contains("loading 43 %"))
    #expect(stage.lastRequest == nil)
  }

  @Test func `Ctrl-C stops the answer and keeps what came; the next asks to quit; the next quits`() {
    let stage = Stage()
    stage.type("Where is it?")
    stage.press("<ret>")
    stage.play(.order, upTo: 8)
    _ = stage.takeEffects()
    stage.press("<C-c>")
    #expect(stage.takeEffects() == [.stop(answer: 1)])
    stage.send(.streamEnded(answer: 1))
    #expect(stage.session.latestAnswer?.state == .finished(.cancelled))
    #expect(stage.session.transcript.messages.last?.reasoning == "The user asks about")
    #expect(stage.draw().contains("stopped here"))
    _ = stage.takeEffects()
    stage.press("<C-c>")
    #expect(!stage.takeEffects().contains(.quit))
    #expect(stage.draw().lowercased().contains("quit"))
    stage.press("<C-c>")
    #expect(stage.takeEffects().contains(.quit))
  }

  @Test func `Esc goes back a step at a time and never quits`() {
    let stage = Stage()
    for _ in 0..<5 { stage.press("<esc>") }
    stage.press("?<esc><esc>:<esc><esc>/<esc><esc>")
    #expect(!stage.takeEffects().contains(.quit))
    #expect(stage.app.overlay == nil)
  }

  @Test func `q is a letter while writing and asks to quit otherwise`() {
    let stage = Stage()
    stage.press("q")
    #expect(stage.app.conversation.composer.text == "q")
    #expect(stage.app.overlay == nil)
    stage.press("<esc>q")
    #expect(stage.app.overlay != nil)
  }

  @Test func `pasted text never sends itself`() {
    let stage = Stage()
    stage.send(.input(.paste("first\nsecond\n")))
    #expect(stage.app.conversation.composer.text == "first\nsecond\n")
    #expect(stage.lastRequest == nil)
  }

  @Test(arguments: ["<A-ret>", "<C-j>"]) func `a new line in the composer`(key: String) {
    let stage = Stage()
    stage.press("a\(key)b")
    #expect(stage.app.conversation.composer.text == "a\nb")
    #expect(stage.lastRequest == nil)
  }

  @Test func `an edited question cuts what followed, is answered anew, and u brings the old conversation back`() throws
  {
    let stage = Stage()
    stage.type("Where is it?")
    stage.press("<ret>")
    stage.play(.packed)
    let before = stage.session.transcript.messages
    stage.press("<esc>ke")
    #expect(stage.app.conversation.composer.purpose == .edit(1))
    #expect(stage.app.conversation.composer.text == "Where is it?")
    stage.press("<end> Now?<ret>")
    #expect(
      try #require(stage.lastRequest).request.messages.map(\.content) == [
        "You are a helpful assistant.", "Where is it? Now?",
      ])
    stage.play(.packed)
    #expect(stage.session.transcript.messages.count == 3)
    stage.press("<esc>u")
    #expect(stage.session.transcript.messages == before)
  }

  @Test func `an edited instruction keeps the question and answers it anew`() throws {
    let stage = Stage()
    stage.type("Hi")
    stage.press("<ret>")
    stage.play(.packed)
    stage.press("<esc>ge<C-e> Be brief.<ret>")
    #expect(
      try #require(stage.lastRequest).request.messages.map(\.content) == [
        "You are a helpful assistant. Be brief.", "Hi",
      ])
  }

  @Test func `Esc leaves an edit as it was, and the draft that waited is back`() {
    let stage = Stage()
    stage.type("Hi")
    stage.press("<ret>")
    stage.play(.packed)
    stage.type("half a thou")
    stage.press("<esc>gje")
    #expect(stage.app.conversation.composer.text == "Hi")
    stage.press("x<esc>")
    #expect(stage.app.conversation.composer.purpose == .message)
    #expect(stage.app.conversation.composer.text == "half a thou")
    #expect(stage.session.transcript.messages[1].content == "Hi")
  }

  @Test func `r answers the last question again, R from the chosen message`() throws {
    let stage = Stage()
    stage.type("One")
    stage.press("<ret>")
    stage.play(.packed)
    stage.type("Two")
    stage.press("<ret>")
    stage.play(.packed)
    stage.press("<esc>r")
    #expect(try #require(stage.lastRequest).request.messages.map(\.role) == [.system, .user, .assistant, .user])
    stage.play(.packed)
    stage.press("gjR")
    #expect(try #require(stage.lastRequest).request.messages.map(\.content) == ["You are a helpful assistant.", "One"])
  }

  @Test func `what was sent comes back with Up, and with Ctrl-R by its words`() {
    let stage = Stage()
    for text in ["alpha one", "beta two"] {
      stage.type(text)
      stage.press("<ret>")
      stage.play(AnswerScript(answer: "ok"))
    }
    stage.type("draft")
    stage.press("<up>")
    #expect(stage.app.conversation.composer.text == "beta two")
    stage.press("<up>")
    #expect(stage.app.conversation.composer.text == "alpha one")
    stage.press("<down><down>")
    #expect(stage.app.conversation.composer.text == "draft")
    stage.press("<C-u>alph<C-r>")
    #expect(stage.app.conversation.composer.text == "alpha one")
    #expect(
      stage.takeEffects().filter { if case .remember = $0 { true } else { false } } == [
        .remember("alpha one"), .remember("beta two"),
      ])
  }

  @Test func `a call without a mock is answered by hand, and only when all are answered the model goes on`() async throws {
    let stage = Stage()
    stage.type("上海和深圳？")
    stage.press("<ret>")
    stage.play(
      AnswerScript(calls: [
        ToolCall(name: "get_order_status", arguments: ["order_id": "ORD1"]),
        ToolCall(name: "get_weather", arguments: ["city": "上海"]),
      ]))
    let first = try #require(stage.lastRequest).answer
    await stage.runCalls()
    await stage.runCalls()
    #expect(stage.lastRequest?.answer == first)
    #expect(stage.app.conversation.composer.purpose == .result(ToolCall(name: "get_order_status", arguments: ["order_id": "ORD1"])))
    stage.type("lost")
    stage.press("<A-x>")
    stage.type("{\"weather\": \"rain\"}")
    stage.press("<ret>")
    await stage.runCalls()
    #expect(try #require(stage.lastRequest).answer == first + 1)
    #expect(
      stage.session.transcript.messages.suffix(3).map(\.content) == ["{\"error\": \"lost\"}", "{\"weather\": \"rain\"}", ""])
  }

  @Test func `a failed answer says why, in the conversation and in the footer`() {
    let stage = Stage()
    stage.type("Hi")
    stage.press("<ret>")
    stage.send(.generation(answer: 1, .failed(.promptTooLong(promptTokens: 5000, contextLength: 4096))))
    stage.send(.streamEnded(answer: 1))
    #expect(stage.session.latestAnswer?.state == .failed(.promptTooLong(promptTokens: 5000, contextLength: 4096)))
    #expect(stage.draw().split(separator: "\n").filter { $0.contains("the prompt has 5000") }.count == 2)
  }

  @Test func `the prompt is rendered again when the draft changes, one preview at a time`() {
    let app = App(session: Session(.support), theme: darkTheme)
    func previews(_ effects: [Effect]) -> [[String]] {
      effects.compactMap { if case .preview(let request) = $0 { request.messages.map(\.content) } else { nil } }
    }
    #expect(previews(app.update(.modelReady(.scripted), at: .zero)) == [["You are a helpful assistant."]])
    for key in keys("abc") { #expect(previews(app.update(.input(.key(key)), at: .zero)).isEmpty) }
    let trace = PromptTrace(scripted: GenerationRequest(messages: [Message(.user, "x")]))
    #expect(previews(app.update(.previewed(.success(trace)), at: .zero)) == [["You are a helpful assistant.", "abc"]])
  }

  @Test func `a request is on record before it is sent, its answer after`() {
    let stage = Stage()
    stage.type("Hi")
    stage.press("<ret>")
    let kinds: [String] = stage.takeEffects().compactMap { effect in
      switch effect {
      case .record(let record): record.kind.rawValue
      case .generate: "generate"
      default: nil
      }
    }
    #expect(kinds == ["request", "generate"])
  }

  @Test func `a click goes to a pane, a title to its tab, an example into the composer, the footer to its command`() {
    let stage = Stage()
    let rows = stage.draw().split(separator: "\n", omittingEmptySubsequences: false)
    let example = rows.firstIndex { $0.contains("› Where is my order") } ?? 0
    stage.click(6, example)
    #expect(stage.app.conversation.composer.text == "Where is my order ORD12345?")
    stage.draw()
    stage.click(60, 5)
    #expect(stage.app.focused == .meters)
    stage.draw()
    let tab = stage.app.tabItems(of: stage.app.layout.slots[1]).first { $0.pane == .cache }!
    stage.click(tab.columns.lowerBound + 1, 1)
    #expect(stage.app.focused == .cache)
    stage.draw()
    let help = stage.app.footerItems().first { $0.command.id == "help" }!
    stage.click(help.columns.lowerBound, 23)
    #expect(stage.app.overlay != nil)
  }

  @Test func `a drag selects in the composer, and typing replaces it`() {
    let stage = Stage()
    stage.type("one two three")
    stage.draw()
    stage.send(.input(.mouse(MouseEvent(.press, x: 6, y: 22))))
    stage.send(.input(.mouse(MouseEvent(.drag, x: 9, y: 22))))
    stage.send(.input(.mouse(MouseEvent(.release, x: 9, y: 22))))
    stage.type("2")
    #expect(stage.app.conversation.composer.text == "one 2 three")
  }

  @Test func `the wheel scrolls the conversation, and the end is followed again from the bottom`() {
    let stage = Stage()
    for number in 0..<30 {
      stage.type("message \(number)")
      stage.press("<ret>")
      stage.play(AnswerScript(answer: "answer \(number)"))
    }
    #expect(stage.draw().contains("answer 29"))
    for _ in 0..<10 { stage.send(.input(.mouse(MouseEvent(.scrollUp, x: 5, y: 5)))) }
    #expect(!stage.draw().contains("answer 29"))
    stage.type("next")
    stage.press("<ret>")
    #expect(stage.draw().contains("next"))
    for _ in 0..<10 { stage.send(.input(.mouse(MouseEvent(.scrollUp, x: 5, y: 5)))) }
    let scrolled = stage.draw().split(separator: "\n")[2]
    stage.play(AnswerScript(answer: "the answer to it"))
    #expect(stage.draw().split(separator: "\n")[2] == scrolled)
    for _ in 0..<30 { stage.send(.input(.mouse(MouseEvent(.scrollDown, x: 5, y: 5)))) }
    #expect(stage.draw().contains("the answer to it"))
  }

  @Test func `a conversation is kept as a prompt, results and thinking included, and opened again`() async throws {
    let stage = Stage()
    stage.type("Where is it?")
    stage.press("<ret>")
    stage.play(.order)
    await stage.runCalls()
    stage.play(.packed)
    _ = stage.takeEffects()
    let messages = stage.session.transcript.messages
    stage.press("<A-s><ret>")
    guard case .save(let changes)? = stage.takeEffects().first(where: { if case .save = $0 { true } else { false } }),
      case .prompt(let document)? = changes.first
    else {
      Issue.record("nothing was saved")
      return
    }
    #expect(document.name == "order-2")
    #expect(document.messages.map(\.role) == [.system, .user, .assistant, .tool, .assistant])

    var workspace = Workspace.support
    workspace.prompts.append(document)
    stage.send(.saved(workspace))
    stage.press("<C-n><C-o>prompt order-2<ret>")
    #expect(stage.session.transcript.messages == messages)
    stage.press("<esc>u")
    #expect(stage.session.transcript.messages.map(\.role) == [.system])
  }

  @Test func `changed instructions are saved to the prompt's file, the conversation is not`() {
    let stage = Stage()
    stage.press("<esc>ge Be brief.<ret>")
    stage.type("Hi")
    stage.press("<ret>")
    stage.play(.packed)
    stage.press("<C-s>")
    let saved = PromptDocument(
      name: "order", messages: [PromptMessage(.system, "You are a helpful assistant. Be brief.")])
    #expect(stage.takeEffects().contains(.save([.prompt(saved)])))
  }
}
