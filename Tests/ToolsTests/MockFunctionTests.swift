import JSON
import Testing
import Tools

@Suite struct MockFunctionTests {
  static func mock(_ json: String?, _ recordings: [Recording] = []) throws -> MockFunction {
    try MockFunction(
      name: "f", json.map { try JSONValue(parsing: $0) }, path: "mocks/f.json", recordings: recordings)
  }

  @Test func `the first row whose arguments all match answers`() throws {
    let mock = try Self.mock(
      """
      {"results": [
        {"when": {"id": 1, "kind": "a"}, "result": {"n": 1}},
        {"when": {"id": 1.0}, "result": "two", "delay_ms": 20},
        {"when": {"id": 3}, "error": "none"}],
       "otherwise": {"result": [null]}}
      """)
    #expect(mock.answer(["id": 1, "kind": "a", "more": true])?.result.content == "{\"n\": 1}")
    #expect(mock.answer(["id": 1])?.result.content == "two")
    #expect(mock.answer(["id": 1])?.delay == .milliseconds(20))
    #expect(mock.answer(["id": 3])?.result.content == "{\"error\": \"none\"}")
    #expect(mock.answer([:])?.result.content == "[null]")
  }

  @Test func `without a row for the arguments there is no answer`() throws {
    #expect(try Self.mock("{\"results\": []}").answer(["id": 1]) == nil)
  }

  @Test func `a recorded call is replayed before "otherwise", the latest first, and only for just its arguments`() throws {
    let lines = [
      #"{"arguments": {"city": "Tokyo"}, "result": 20}"#, #"{"arguments": {"city": "Tokyo"}, "result": 21}"#,
      #"{"arguments": {"city": "Oslo"}, "error": "no such city"}"#,
    ]
    let recordings = try lines.map { try Recording(JSONValue(parsing: $0), path: "recordings/f.jsonl") }
    #expect(recordings.map { $0.json.text(.spaced) } == lines)
    let mock = try Self.mock(
      #"{"results": [{"when": {"city": "Oslo"}, "result": 3}], "otherwise": {"result": 0}}"#, recordings)
    #expect(mock.answer(["city": "Tokyo"])?.result == .value(21))
    #expect(mock.answer(["city": "Oslo"])?.result == .value(3))
    #expect(mock.answer(["city": "Tokyo", "unit": "kelvin"])?.result == .value(0))
    #expect(try Self.mock(nil, recordings).answer(["city": "Oslo"])?.result == .error("no such city"))
  }

  @Test(arguments: [
    ("[]", "mocks/f.json: found array; an object with \"results\" and \"otherwise\" is expected"),
    ("{\"result\": 1}", "mocks/f.json#/result: not a member of a mock; \"results\" and \"otherwise\" are"),
    ("{\"results\": [{\"result\": 1}]}", "mocks/f.json#/results/0: \"when\", an object of arguments, is missing"),
    (
      "{\"otherwise\": {\"result\": 1, \"error\": \"x\"}}",
      "mocks/f.json#/otherwise: exactly one of \"result\" and \"error\" (a string) is expected"
    ),
    (
      "{\"otherwise\": {\"result\": 1, \"delay_ms\": -1}}",
      "mocks/f.json#/otherwise/delay_ms: found -1; milliseconds from 0 to 600000 are expected"
    ),
  ])
  func `a faulty table is refused with the place`(json: String, sentence: String) {
    #expect {
      try Self.mock(json)
    } throws: { error in
      String(describing: error) == sentence
    }
  }
}
