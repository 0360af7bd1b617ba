import Engine
import Testing

@Suite struct TokenTimelineTests {
  @Test func `latencies follow their definitions`() throws {
    let timeline = TokenTimeline([100, 110, 130, 135, 185].map { .milliseconds($0) })
    #expect(timeline.timeToFirstToken == .milliseconds(100))
    #expect(timeline.total == .milliseconds(185))
    #expect(timeline.decode == .milliseconds(85))
    #expect(timeline.gaps == [10, 20, 5, 50].map { .milliseconds($0) })
    #expect(timeline.timePerOutputToken == .microseconds(21_250))
    #expect(abs(try #require(timeline.tokensPerSecond) - 4 / 0.085) < 1e-9)
    let worst = try #require(timeline.worstGap)
    #expect(worst.gap == .milliseconds(50))
    #expect(worst.tokenIndex == 4)
    #expect(timeline.gaps(atPercentiles: [0, 0.25, 0.5, 0.51, 1]) == [5, 5, 10, 20, 50].map { .milliseconds($0) })
  }

  @Test func `p95 and p99 are nearest ranks`() {
    var timeline = TokenTimeline()
    var time = Duration.zero
    timeline.append(time)
    for gap in 1...100 {
      time += .milliseconds(gap)
      timeline.append(time)
    }
    #expect(timeline.gap(atPercentile: 0.95) == .milliseconds(95))
    #expect(timeline.gap(atPercentile: 0.99) == .milliseconds(99))
  }

  @Test func `one token has no gap, none has no latency at all`() {
    let one = TokenTimeline([.milliseconds(5)])
    #expect(one.timeToFirstToken == .milliseconds(5))
    #expect(one.decode == nil)
    #expect(one.timePerOutputToken == nil)
    #expect(one.tokensPerSecond == nil)
    #expect(one.gap(atPercentile: 0.5) == nil)
    #expect(one.worstGap == nil)
    #expect(TokenTimeline().timeToFirstToken == nil)
  }
}
