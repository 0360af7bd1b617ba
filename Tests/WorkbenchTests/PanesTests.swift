import Documents
import Engine
import Terminal
import Testing

@testable import Workbench

/// Single panes, as they look at one size, with the styles.
@Suite struct PanesTests {
  private func answered(_ width: Int = 90, _ height: Int = 26) async -> Stage {
    let stage = Stage(width: width, height: height)
    stage.type("Where is my order ORD12345?")
    stage.press("<ret>")
    stage.play(.order)
    await stage.runCalls()
    stage.play(.packed)
    return stage
  }

  private func expectPane(_ pane: PaneID, _ stage: Stage, width: Int, height: Int, _ name: String) throws {
    stage.app.focus(pane)
    let buffer = drawn(width: width, height: height) { buffer in
      stage.app.pane(pane).draw(into: buffer, buffer.bounds, stage.session, context(now: .seconds(2)))
    }
    try expectSnapshot(buffer, name)
  }

  @Test func `meters show counts, context, phases, gaps and speed`() async throws {
    try expectPane(.meters, await answered(), width: 50, height: 22, "meters-50x22")
  }

  @Test(arguments: [(50, 22, "meters-drafts-50x22"), (28, 30, "meters-drafts-28x30")])
  func `drafts show what they saved and how often each place came true`(width: Int, height: Int, name: String) throws {
    let stage = Stage(width: 90, height: 26)
    stage.type("Where is my order ORD12345?")
    stage.press("<ret>")
    var script = AnswerScript.order
    var counts = SpeculationCounts()
    counts.steps = 43
    counts.savedSteps = 17
    for (drafted, accepted) in [(12, 11), (3, 3), (5, 3), (4, 2)] {
      counts.add(drafted: drafted)
      for position in 0..<accepted { counts.add(acceptedAt: position) }
    }
    script.speculation = counts
    stage.play(script)
    try expectPane(.meters, stage, width: width, height: height, name)
  }

  @Test func `drafts fill their meter while the answer streams`() throws {
    let stage = Stage(width: 90, height: 26)
    stage.type("Where is my order ORD12345?")
    stage.press("<ret>")
    stage.play(.order, upTo: 3)
    let answer = try #require(stage.lastRequest).answer
    func meter() -> String {
      drawn(width: 40, height: 2) { buffer in
        var canvas = MeterCanvas(into: buffer, buffer.bounds, context())
        SpeculationMeter().draw(on: &canvas, stage.session.latestAnswer, stage.session)
      }.text()
    }
    #expect(meter() == "speculation  –\n")
    var counts = SpeculationCounts()
    func token(_ index: Int) {
      let token = TokenEvent(
        index: index, id: 5, bytes: [0x61], text: "a", lane: .toolCall, time: .milliseconds(90 + index), speculation: counts)
      stage.send(.generation(answer: answer, .token(token)))
    }
    token(0)
    #expect(meter() == "speculation  –\n")
    counts.steps = 1
    counts.add(drafted: 2)
    counts.add(acceptedAt: 0)
    token(1)
    #expect(meter() == "speculation  0 of 1          steps saved\ndrafted 2  accepted 1  1 1/1  2 0/1")
    counts.savedSteps = 1
    token(2)
    #expect(meter() == "speculation  1 of 2          steps saved\ndrafted 2  accepted 1  1 1/1  2 0/1")
    #expect(stage.session.isRunning)
  }

  @Test func `the cache shows its map, its counts, why the prefix ended, and the page under the cursor`() async throws {
    let stage = await answered()
    stage.app.focus(.cache)
    stage.draw()
    stage.press("lll")
    try expectPane(.cache, stage, width: 44, height: 20, "cache-44x20")
  }

  @Test(arguments: [(44, "prompt-44x18"), (80, "prompt-80x18")]) func `the prompt shows its segments with their counts`(
    width: Int, name: String
  ) async throws {
    try expectPane(.prompt, await answered(), width: width, height: 18, name)
  }

  @Test func `a token shows its alternatives before and after the sampler, and what was removed`() async throws {
    let stage = await answered()
    stage.press("<esc>tllllll")
    try expectPane(.conversation, stage, width: 60, height: 26, "tokens-60x26")
  }

  @Test func `thinking unfolds, and a chosen message is marked`() async throws {
    let stage = await answered()
    stage.draw()
    stage.press("<esc>kk<space>")
    try expectPane(.conversation, stage, width: 60, height: 22, "unfolded-60x22")
  }

  @Test func `without box characters everything is said in ASCII`() async {
    let stage = await answered(120, 40)
    stage.app.glyphs = .ascii
    func others() -> Set<String> { Set(stage.draw().unicodeScalars.filter { !$0.isASCII }.map(String.init)) }
    #expect(others() == [])
    for pane in PaneID.allCases {
      stage.app.focus(pane)
      #expect(others() == [], "\(pane)")
    }
    // A long line is cut, a model is absent, a question is asked.
    stage.resize(60, 20)
    stage.press("<esc>?")
    #expect(others() == [])
    let empty = Stage(width: 120, height: 40, isReady: false)
    empty.app.glyphs = .ascii
    #expect(empty.draw().unicodeScalars.allSatisfy { $0.isASCII || $0.properties.isIdeographic })
  }

  @Test func `while the model thinks the line shows how far it is and what it thinks`() {
    let stage = Stage(width: 100, height: 30)
    stage.type("Hi")
    stage.press("<ret>")
    stage.play(.order, upTo: 12)
    let line = stage.draw().split(separator: "\n").first { $0.contains("thinking ·") } ?? ""
    #expect(line.contains("▸ thinking · 8 tokens · 10.1 ms  user asks about an order. I "), "\(line)")
  }

  @Test func `prefill counts in the conversation, the meters and the header`() {
    let stage = Stage(width: 120, height: 40)
    stage.type("Hi")
    stage.press("<ret>")
    stage.play(.order, upTo: 2)
    let screen = stage.draw()
    let total = stage.session.runningAnswer?.trace?.tokens.count ?? 0
    #expect(screen.contains("reading the prompt: \(total / 2) of \(total) tokens"))
    #expect(screen.contains("prefill 49 %"))
  }
}

@Suite struct NumbersTests {
  @Test(arguments: [
    (Duration.microseconds(84), "84 µs"), (.microseconds(1234), "1.23 ms"), (.milliseconds(45), "45.0 ms"),
    (.milliseconds(999), "999 ms"),
    (.milliseconds(1320), "1.32 s"), (.seconds(12), "12.0 s"), (.seconds(125), "2 m 05 s"), (.zero, "0 µs"),
    (.milliseconds(-1), "–"),
  ])
  func `durations have the unit that suits them`(time: Duration, text: String) { #expect(time.words == text) }

  @Test(arguments: [
    (0, "0 B"), (999, "999 B"), (1536, "1.50 KiB"), (3_774_873, "3.60 MiB"), (21_474_836_480, "20.0 GiB"),
  ])
  func `bytes in binary units`(count: Int, text: String) { #expect(bytes(count) == text) }

  @Test(arguments: [(0, "0"), (999, "999"), (1432, "1,432"), (-1_234_567, "-1,234,567")])
  func `thousands are grouped`(number: Int, text: String) { #expect(grouped(number) == text) }

  @Test(arguments: [
    (0.0, "0 %"), (0.00001, "<0.01 %"), (0.004, "0.40 %"), (0.031, "3.1 %"), (0.0995, "10 %"), (1, "100 %"),
  ])
  func `shares as percent`(share: Double, text: String) { #expect(percent(share) == text) }

  @Test(arguments: [(8.414, "8.41"), (45.23, "45.2"), (812.3, "812"), (3111.4, "3,111"), (.nan, "–")])
  func `rates with three digits`(number: Double, text: String) { #expect(rate(number) == text) }

  @Test(arguments: [(Float(0.6), "0.6"), (0.95, "0.95"), (1, "1"), (0, "0"), (1.125, "1.125")])
  func `settings with as few decimals as say them`(number: Float, text: String) { #expect(short(number) == text) }
}
