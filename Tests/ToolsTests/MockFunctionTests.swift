import JSON
import Testing
import Tools

@Suite struct MockFunctionTests {
  static func mock(_ json: String) throws -> MockFunction {
    try MockFunction(name: "f", JSONValue(parsing: json), path: "mocks/f.json")
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
