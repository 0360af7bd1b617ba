import Engine
import Terminal
import Testing

@testable import Workbench

@Suite struct AnswerTests {
  private func answer(_ script: AnswerScript) -> (Answer, [TokenEvent]) {
    let request = GenerationRequest(messages: [Message(.user, "Hi")])
    var answer = Answer(number: 1, request: request, sentAt: .zero)
    var message = Message(.assistant, "")
    var tokens: [TokenEvent] = []
    for event in script.events(for: request) {
      answer.receive(event, message: &message)
      if case .token(let token) = event { tokens.append(token) }
    }
    return (answer, tokens)
  }

  @Test(arguments: Lane.allCases) func `a lane's count and time are those of its tokens`(lane: Lane) {
    let (answer, tokens) = answer(AnswerScript(thinking: "Let me see what this is.", answer: "It is nothing, I think."))
    #expect(answer.tokenCount(in: lane) == tokens.count { $0.lane == lane })
    guard let first = tokens.firstIndex(where: { $0.lane == lane }), let last = tokens.last(where: { $0.lane == lane })
    else {
      #expect(answer.elapsed(in: lane) == .zero)
      return
    }
    #expect(answer.elapsed(in: lane) == last.time - tokens[max(0, first - 1)].time)
  }

  @Test func `the latencies of a finished answer are those of all its gaps`() throws {
    let (answer, tokens) = answer(AnswerScript(answer: String(repeating: "one more word ", count: 200)))
    let gaps = zip(tokens.dropFirst(), tokens).map { $0.time - $1.time }.sorted()
    let latencies = try #require(answer.latencies)
    #expect(latencies.tokenCount == tokens.count)
    #expect(latencies.p50 == gaps[(gaps.count + 1) / 2 - 1])
    #expect(latencies.worst == gaps.last)
    #expect(tokens[latencies.worstTokenIndex].time - tokens[latencies.worstTokenIndex - 1].time == latencies.worst)
  }

  @Test func `a message's text grows in its layout as if it had been laid out at once`() {
    let text = "The **first** line\n```\nlet x = 1\n```\n" + String(repeating: "天气 word ", count: 60)
    var transcript = Transcript([Message(.user, "Hi")])
    transcript.append(.init(Message(.assistant, "")))
    var view = TranscriptView()
    view.layOut(width: 30, height: 20, transcript)
    for character in text {
      transcript.update(1) { $0.message.content.append(character) }
      _ = view.layout(of: 1, transcript)
    }
    var fresh = TranscriptView()
    fresh.layOut(width: 30, height: 20, transcript)
    let grown = view.layout(of: 1, transcript)
    let whole = fresh.layout(of: 1, transcript)
    #expect(grown.height == whole.height)
    #expect(grown.wraps[.answer]?.rows == whole.wraps[.answer]?.rows)
  }
}
