import Engine
import Foundation
import JSON
import ModelFiles
import Testing

/// What is read of a call from its tokens. The expected figures are worked out by hand from the probabilities given here.
@Suite struct CallReadingTests {
  /// A token of a call: its text, its probability, and what its mask forbade.
  private typealias Piece = (text: String, probability: Float, forbidden: (mass: Float, best: Float)?)

  private func tokens(_ pieces: [Piece], from first: Int = 0, lane: Lane = .toolCall) -> [TokenEvent] {
    pieces.enumerated().map { index, piece in
      let bytes = Array(piece.text.utf8)
      let id = TokenID(first + index)
      let mask = piece.forbidden.map {
        MaskSummary(
          allowedCount: 5, forbiddenCount: 95, removedMass: $0.mass,
          bestForbidden: .init(id: 99, bytes: Array("!".utf8), probability: $0.best), isEnforced: true, forbidsToken: false)
      }
      return TokenEvent(
        index: first + index, id: id, bytes: bytes, text: piece.text, lane: lane, logprob: piece.probability.logarithm,
        candidates: [
          TokenCandidate(id: id, bytes: bytes, probability: piece.probability, sampledProbability: 1),
          TokenCandidate(id: 98, bytes: Array("?".utf8), probability: 1 - piece.probability, sampledProbability: 0),
        ], time: .zero, mask: mask)
    }
  }

  /// `{"name": "f", "arguments": {"city": "上海", "days": [1, 22]}}`
  private var weather: [Piece] {
    [
      ("{\"", 1, (0, 0)), ("name", 1, (0, 0)), ("\":", 1, (0, 0)), (" \"", 1, (0, 0)), ("f", 0.5, (0.25, 0.25)),
      ("\",", 1, (0, 0)), (" \"", 1, (0, 0)), ("arguments", 1, (0, 0)), ("\":", 1, (0, 0)), (" {\"", 0.75, (0.25, 0.125)),
      ("city", 0.5, (0.5, 0.5)), ("\":", 1, (0, 0)), (" \"", 1, (0, 0)), ("上", 0.5, (0, 0)), ("海", 0.25, (0.75, 0.625)),
      ("\",", 0.5, (0.125, 0.125)), (" \"", 1, (0, 0)), ("days", 1, (0, 0)), ("\":", 1, (0, 0)), (" [", 1, (0, 0)),
      ("1", 0.5, (0, 0)), (",", 1, (0, 0)), (" ", 1, (0, 0)), ("2", 0.5, (0, 0)), ("2", 0.5, (0.0625, 0.0625)),
      ("]}}", 0.5, (0.25, 0.125)),
    ]
  }

  @Test func `a value has the product of its tokens, and each field the pressure on its own text`() throws {
    let control = tokens([("<tool_call>", 1, nil), ("\n", 1, nil)], lane: .control)
    let answer = control + tokens(weather, from: 2) + tokens([("</tool_call>", 1, nil)], from: 28, lane: .control)
    let call = try #require(CallReading.all(in: answer).first)
    #expect(call.name == "f")
    #expect(call.tokens == 2..<28)
    // The quotes around the name count: two tokens of probability 1.
    #expect(abs(try #require(call.nameProbability) - 0.5) < 1e-6)
    #expect(call.arguments.map(\.pointer) == ["/city", "/days", "/days/0", "/days/1"])
    #expect(call.arguments.map(\.path.description) == ["city", "days", "days[]", "days[]"])
    let expected = [0.5 * 0.25 * 0.5, 0.5 * 0.5 * 0.5 * 0.5, 0.5, 0.25]
    for (argument, expected) in zip(call.arguments, expected) {
      #expect(abs(try #require(argument.probability) - expected) < 1e-6)
    }
    #expect(call.arguments.map(\.tokens) == [14..<18, 21..<28, 22..<23, 25..<27])
    let doubt = try #require(call.arguments[0].doubt)
    #expect(doubt.token == 16)
    #expect(doubt.rival?.bytes == Array("?".utf8))
    #expect(doubt.rival?.probability == 0.75)

    let city = FieldPath([.member("city")])
    let days = FieldPath([.member("days")])
    let element = FieldPath([.member("days"), .element])
    #expect(call.pressure.tokenCount == 26)
    #expect(call.pressure.removedMass == 0.25 + 0.25 + 0.5 + 0.75 + 0.125 + 0.0625 + 0.25)
    // Where the best forbidden token was more probable than the one that came: only at 海.
    #expect(call.pressure.overruledCount == 1)
    #expect(call.pressure.worst?.token == 16)
    // `city`, its colon and its value, and `",`, which begins with its closing quote.
    #expect(call.fieldPressures[city]?.removedMass == 0.5 + 0.75 + 0.125)
    #expect(call.fieldPressures[city]?.overruledCount == 1)
    // From ` "` before the key to `]}}`, which begins with the array's bracket.
    #expect(call.fieldPressures[days]?.removedMass == 0.0625 + 0.25)
    #expect(call.fieldPressures[element]?.removedMass == 0.0625)
    #expect(call.fieldPressures[element]?.tokenCount == 5)
    // The name, and ` {"`, which begins before the arguments do.
    #expect(call.fieldPressures[FieldPath()]?.removedMass == 0.25 + 0.25)
    let parts = [city, days, FieldPath()].compactMap { call.fieldPressures[$0]?.tokenCount }
    #expect(parts.reduce(0, +) == call.pressure.tokenCount)
  }

  @Test func `an argument that is written twice has its last value, and the ones between theirs`() throws {
    let pieces: [Piece] = [
      ("{\"name\": \"f\", \"arguments\": {", 1, nil), ("\"a\": ", 1, nil), ("1", 0.5, nil), (", \"b\": ", 1, nil),
      ("2", 0.25, nil), (", \"a\": ", 1, nil), ("3", 0.125, nil), ("}}", 1, nil),
    ]
    let call = try #require(CallReading.all(in: tokens(pieces)).first)
    #expect(call.arguments.map(\.pointer) == ["/b", "/a"])
    #expect(call.arguments.map(\.value) == [2, 3])
    for (argument, expected) in zip(call.arguments, [0.25, 0.125]) {
      #expect(abs(try #require(argument.probability) - expected) < 1e-6)
    }
  }

  @Test func `several calls are read apart, spelt tags and all, and what is no call is left out`() {
    func call(_ text: String) -> [Piece] { text.map { (String($0), 0.5, nil) } }
    let gap = [("</tool_call>", Float(1), nil)] as [Piece]
    var answer = tokens(call(#"{"name": "a", "arguments": {"x": 1}}"#))
    answer += tokens(gap, from: answer.count, lane: .control)
    answer += tokens(call(#"{"name": "#), from: answer.count)
    answer += tokens(gap, from: answer.count, lane: .control)
    answer += tokens(call(#"{"name": "b", "arguments": {"y~/": "{}"}}</tool_call"#), from: answer.count)
    answer += tokens(gap, from: answer.count, lane: .control)
    answer += tokens(call(#"{"arguments": {}}"#), from: answer.count)
    let calls = CallReading.all(in: answer)
    #expect(calls.map(\.name) == ["a", "b"])
    #expect(calls.map { $0.arguments.map(\.pointer) } == [["/x"], ["/y~0~1"]])
    let probabilities = calls.compactMap { $0.arguments.first?.probability }
    #expect(abs(probabilities[0] - 0.5) < 1e-6 && abs(probabilities[1] - 1.0 / 16) < 1e-6)
    #expect(calls[0].fieldPressures.isEmpty)
    #expect(CallReading.all(in: []).isEmpty)
  }

  @Test func `a backend that tells no probabilities leaves them out`() throws {
    let answer = #"{"name": "a", "arguments": {"x": 1}}"#.enumerated().map { index, character in
      TokenEvent(index: index, id: 0, bytes: Array(String(character).utf8), text: String(character), lane: .toolCall, time: .zero)
    }
    let call = try #require(CallReading.all(in: answer).first)
    #expect(call.arguments.map(\.probability) == [nil])
    #expect(call.arguments.map(\.doubt) == [nil])
    #expect(call.nameProbability == nil)
    #expect(call.json["arguments"]?.array?.first?["probability"] == nil)
  }

  @Test func `the embedded model's call is read whole, and its values stand in its arguments`() async throws {
    let backend = try await Mini.open()
    let received = await Received(backend.generate(try Mini.weather([Mini.question])))
    let call = try #require(CallReading.all(in: received.tokens).first)
    let made = try #require(received.calls.first)
    #expect(call.name == made.name)
    #expect(call.arguments.first?.value == made.arguments["city"])
    for argument in call.arguments {
      let text = received.tokens[argument.tokens].flatMap(\.bytes)
      #expect(String(decoding: text, as: UTF8.self).contains(argument.value.text(.spaced)))
      let sum = received.tokens[argument.tokens].reduce(0) { $0 + Double($1.logprob ?? 0) }
      #expect(abs(try #require(argument.probability) - Foundation.exp(sum)) < 1e-9)
    }
    #expect(call.pressure.tokenCount == received.tokens.count { $0.lane == .toolCall && $0.mask != nil })
  }

  @Test func `the tokens of a function are those of its fields and the rest`() async throws {
    let backend = try await Mini.open()
    let nested = try Mini.function(
      """
      {"type": "function", "function": {"name": "plan", "description": "计划一次旅行", "parameters": {"type": "object", \
      "properties": {"city": {"type": "string", "description": "城市"}, "days": {"type": "array", "items": {"type": "object", \
      "properties": {"high": {"type": "number"}, "properties": {"type": "string"}}}}}, "required": ["city"]}}}
      """)
    var request = try Mini.weather([Mini.question])
    request.functions.append(nested)
    let trace = try await backend.preview(request)
    let costs = try #require(trace.fieldTokenCounts(ofFunction: 1))
    #expect(
      Set(costs.keys.map(\.description)) == ["city", "days", "days[]", "days[].high", "days[].properties"])
    let city = try #require(costs[FieldPath([.member("city")])])
    let days = try #require(costs[FieldPath([.member("days")])])
    let element = try #require(costs[FieldPath([.member("days"), .element])])
    let whole = trace.segments.filter { $0.owner == .function(1) }.reduce(0) { $0 + $1.tokens.count }
    #expect(city > 5 && element > 10 && days > element && city + days < whole)
    // A field that is not there any more takes about as much with it; where it ends, tokens may join otherwise.
    request.functions[1] = try Mini.function(
      """
      {"type": "function", "function": {"name": "plan", "description": "计划一次旅行", "parameters": {"type": "object", \
      "properties": {"city": {"type": "string", "description": "城市"}}, "required": ["city"]}}}
      """)
    let without = try await backend.preview(request).segments.filter { $0.owner == .function(1) }.reduce(0) { $0 + $1.tokens.count }
    #expect(abs(whole - without - days) <= 2)
    #expect(trace.fieldTokenCounts(ofFunction: 0)?.count == 2)
    #expect(trace.fieldTokenCounts(ofFunction: 2) == nil)
  }
}

extension Float {
  fileprivate var logarithm: Float { Float(Double(self).logarithm) }
}
extension Double {
  fileprivate var logarithm: Double { Foundation.log(self) }
}
