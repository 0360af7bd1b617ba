import Documents
import Engine
import JSON
import Terminal
import Testing
import Tools

@testable import Workbench

/// A small generator of its own, so that a failure can be had again from its seed.
private struct Random: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return state
  }
}

@Suite struct RobustnessTests {
  /// Keys, pastes, clicks, sizes from 1x1 on, and a model that answers, stops and fails at any moment.
  @Test(arguments: [1, 2, 3, 4]) func `5,000 random events leave the workbench whole`(seed: Int) {
    var random = Random(state: UInt64(seed) &* 0x9E37_79B9_7F4A_7C15)
    let stage = Stage(seed % 2 == 0 ? .weather : .support)
    let letters = Array("abcdefghijklmnopqrstuvwxyz0123456789ABCGNRTUVXYZ?:/+_<>,. {}\"好天👩‍👩‍👧e\u{301}")
    let plain: [Key] = [
      .enter, .tab, .backspace, .delete, .escape, .up, .down, .left, .right, .home, .end, .pageUp, .pageDown,
      .function(1),
    ]
    var running: (answer: Int, events: ArraySlice<GenerationEvent>)?
    var batch = 0
    for step in 0..<5000 {
      switch Int.random(in: 0..<100, using: &random) {
      case 0..<40: stage.send(.input(.key(KeyPress(.character(letters.randomElement(using: &random)!)))))
      case 40..<58: stage.send(.input(.key(KeyPress(plain.randomElement(using: &random)!))))
      case 58..<66:
        let modifiers: Modifiers = [.control, .alt, .shift].randomElement(using: &random)!
        // Not what ends the story: Ctrl-S asks for files, Ctrl-C is its own case.
        stage.send(.input(.key(KeyPress(.character(letters.randomElement(using: &random)!), modifiers))))
      case 66..<68: stage.send(.input(.key(KeyPress(.character("c"), .control))))
      case 68..<71:
        stage.send(
          .input(
            .paste(
              ["hello\nworld", "好\t天\r\n\u{7}", "", String(repeating: "x", count: 300)].randomElement(using: &random)!))
        )
      case 71..<80:
        let action: MouseEvent.Action = [.press, .release, .drag, .scrollUp, .scrollDown].randomElement(using: &random)!
        let x = Int.random(in: -1...stage.buffer.width, using: &random)
        let y = Int.random(in: -1...stage.buffer.height, using: &random)
        stage.send(.input(.mouse(MouseEvent(action, x: x, y: y))))
      case 80..<83:
        let small = Bool.random(using: &random)
        stage.resize(
          Int.random(in: 1...(small ? 12 : 220), using: &random), Int.random(in: 1...(small ? 8 : 70), using: &random))
      case 83..<84: stage.send(.tick)
      default:
        if running == nil || running!.events.isEmpty, let request = stage.lastRequest, request.answer != running?.answer
        {
          let script = [AnswerScript.order, .packed, .weather, .sunny].randomElement(using: &random)!
          running = (request.answer, script.events(for: request.request)[...])
        }
        if let answer = running?.answer, var events = running?.events, !events.isEmpty {
          for event in events.prefix(8) { stage.send(.generation(answer: answer, event)) }
          events = events.dropFirst(8)
          let isCut = Int.random(in: 0..<20, using: &random) == 0
          if isCut { events = [] }
          if events.isEmpty { stage.send(.streamEnded(answer: answer)) }
          running = (answer, events)
        }
      }
      play(&batch, stage, &random)
      if step % 3 == 0 { stage.draw() }
      check(stage)
    }
  }

  /// Now and then a call that is run comes to something, is asked about, or all have ended.
  private func play(_ ended: inout Int, _ stage: Stage, _ random: inout Random) {
    guard let running = stage.session.runningCalls, running.batch > ended, Int.random(in: 0..<12, using: &random) == 0,
      let call = running.calls.randomElement(using: &random)
    else { return }
    let verdict = PermissionVerdict(permission: .ask, rule: nil, reason: "so")
    switch Int.random(in: 0..<4, using: &random) {
    case 0:
      stage.send(
        .permissionWanted(
          batch: running.batch, id: Int.random(in: 0..<1000, using: &random),
          PermissionRequest(call: call, verdict: verdict, way: .command)))
    case 1: stage.send(.resultWanted(batch: running.batch, id: 7, call))
    case 2:
      stage.send(.call(batch: running.batch, index: 0, .finished(.returned(.error("no"), took: .zero))))
    default:
      ended = running.batch
      let outcomes = running.calls.map { _ in
        Bool.random(using: &random) ? CallOutcome.returned(.value(1), took: .zero) : .unresolved("nothing")
      }
      stage.send(.callsEnded(batch: running.batch, outcomes))
    }
  }

  private func check(_ stage: Stage) {
    let app = stage.app
    if let cursor = stage.buffer.cursor {
      #expect(stage.buffer.bounds.contains(x: cursor.x, y: cursor.y))
    }
    let entries = stage.session.transcript.entries
    #expect(entries.dropLast().allSatisfy { $0.answer?.isRunning != true })
    #expect(app.conversation.selected.map { $0 < max(1, entries.count) } ?? true)
    #expect(
      app.layout.slots.contains { $0.shown == app.focused } || app.layout.slots.allSatisfy(\.rect.isEmpty)
        || app.overlay != nil || !app.layout.slots.isEmpty)
  }

  @Test func `every size from 1x1 to 130x50 is drawn, in every pane, zoomed or not`() {
    let stage = Stage()
    stage.type("Where is my order ORD12345?")
    stage.press("<ret>")
    stage.play(.order)
    for (index, pane) in PaneID.allCases.enumerated() {
      stage.app.focus(pane)
      for zoomed in [false, true] {
        stage.app.isZoomed = zoomed
        for width in stride(from: 1 + index % 3, through: 130, by: 3) {
          for height in stride(from: 1, through: 50, by: 7) {
            stage.buffer.resize(width: width, height: height)
            stage.draw()
          }
        }
      }
    }
  }

  @Test func `10,000 messages are as quick to draw as ten`() {
    let long = Stage(
      Workspace(
        origin: .sample("long"), settings: WorkspaceSettings(title: "long"),
        prompts: [
          PromptDocument(
            name: "p",
            messages: (0..<10_000).map {
              PromptMessage(
                $0 % 2 == 0 ? .user : .assistant, "message \($0) " + String(repeating: "words of it ", count: $0 % 40))
            })
        ]), width: 120, height: 40, isReady: false)
    #expect(long.draw().contains("message 9999"))
    let clock = ContinuousClock()
    let took = clock.measure {
      long.press("<esc>gG")
      for _ in 0..<100 {
        long.press("k")
        long.draw()
      }
    }
    // A hundred frames; a view that laid out everything would take minutes in a debug build.
    #expect(took < .seconds(20), "100 frames took \(took)")
    long.press("g")
    #expect(long.draw().contains("message 0"))
  }
}
