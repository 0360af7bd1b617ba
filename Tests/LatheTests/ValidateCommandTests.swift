import Foundation
import TestSupport
import Testing

@Suite("lathe validate")
struct ValidateCommandTests {
  @Test func `each value gets a line with its errors`() throws {
    let folder = try ScratchFolder()
    let schema = try folder.write(
      "weather.json", #"{"properties": {"city": {"enum": ["Shenzhen", "Beijing"]}, "day": {"format": "date"}}}"#)
    let input = #"{"city": "Beijing", "day": "today"}"# + "\n\n" + #"{"city": "Mars"}"# + "\n"
    let valid = #"{"valid": true, "errors": []}"#
    let invalid =
      #"{"valid": false, "errors": [{"instance": "/city", "schema": "/properties/city/enum", "keyword": "enum", "sentence": "\"Mars\" is not one of \"Shenzhen\", \"Beijing\""}]}"#
    let outcome = try Program.run(["validate", "--schema", schema], input: input, home: folder)
    #expect(outcome.lines == [valid, invalid])
    #expect(outcome.code == 1)
    let instances = try folder.write("values.jsonl", input)
    let again = try Program.run(["validate", "--formats", "--schema", schema, "--instances", instances], home: folder)
    #expect(again.lines.last == invalid)
    #expect(again.lines.first?.contains(#""keyword": "format""#) == true)
  }

  @Test func `rows with schemas of their own get results`() throws {
    let outcome = try Program.run(
      ["validate"],
      input: #"""
        {"schema": {"type": "integer"}, "instances": [1, 1.5]}
        {"schema": {"type": "text"}, "instances": [1]}
        {"schema": {"pattern": "("}, "instances": [1, ""]}

        """#)
    #expect(
      outcome.lines == [
        #"{"compiled": true, "reason": null, "results": [true, false]}"#,
        ##"{"compiled": false, "reason": "schema#/type: found \"text\", expected null, boolean, integer, number, string, array or object", "results": []}"##,
        ##"{"compiled": true, "reason": "schema#/pattern: pattern \"(\", position 1: the group that starts here has no \")\"", "results": [true, null]}"##,
      ])
    #expect(outcome.code == 0)
  }

  @Test func `references are looked up in the folders that are named`() throws {
    let folder = try ScratchFolder()
    try folder.write("name.json", #"{"type": "string"}"#)
    let row = #"{"schema": {"$ref": "https://example.com/name.json"}, "instances": [1, ""]}"# + "\n"
    let outcome = try Program.run(
      ["validate", "--documents", "https://example.com/=\(folder.path)"], input: row, home: folder)
    #expect(outcome.lines == [#"{"compiled": true, "reason": null, "results": [false, true]}"#])
  }

  @Test func `a draft can be named`() throws {
    let row = #"{"schema": {"type": "integer"}, "instances": [1, 1.0]}"# + "\n"
    let outcome = try Program.run(["validate", "--draft", "4"], input: row)
    #expect(outcome.lines == [#"{"compiled": true, "reason": null, "results": [true, false]}"#])
    let refused = try Program.run(["validate", "--draft", "3"], input: row)
    #expect(refused.error == "lathe: --draft is \"3\"; one of 4, 6, 7, 2019-09, 2020-12 is expected\n")
    #expect(refused.code == 2)
  }

  @Test func `a schema that cannot be read ends the program with its place`() throws {
    let folder = try ScratchFolder()
    let schema = try folder.write("s.json", #"{"minLength": "1"}"#)
    let outcome = try Program.run(["validate", "--schema", schema], home: folder)
    #expect(outcome.error == "lathe: \(schema)#/minLength: found \"1\", expected an integer from 0\n")
    #expect(outcome.code == 3)
  }

  @Test func `rows go through their grammars and come out with a verdict each and the totals`() throws {
    let folder = try ScratchFolder()
    let rows = try folder.write(
      "rows.jsonl",
      #"""
      {"id": "order", "schema": {"properties": {"a": {}, "b": {}}, "type": "object"}, "tests": [{"data": {"b": 1, "a": 1}, "valid": true}]}
      {"id": "fits", "schema": {"type": "integer"}, "tests": [{"data": 7, "valid": true}, {"data": "7", "valid": false}]}
      {"id": "never", "schema": {"type": "integer", "minimum": 2, "maximum": 1}, "tests": [{"data": 1, "valid": false}]}
      {"id": "call", "tools": [{"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}], "calls": [{"name": "f", "arguments": {"x": 1}}]}

      """#)
    let outcome = try Program.run(["validate", "--decode", "--walks", "3", rows], home: folder)
    #expect(
      outcome.lines == [
        "order: value 1: admitted only with its members in another order, refused after 11 bytes",
        "never: refused: never: no value satisfies the schema: #: no number lies within its bounds",
        "rows: 4, 3 compiled (0 leave a keyword to the check that follows), 1 refused, 2 right (50.0 %)",
        "valid: 2 admitted, 1 in another order only, 0 refused",
        "invalid: 1 refused by the grammar, 0 by the check that follows, 0 by nothing",
        "random texts: 6 valid, 0 left to the check that follows, 0 without an end, 0 wrong",
      ])
    #expect(outcome.code == 1)
    let any = try Program.run(["validate", "--decode", "--key-order", "any", "--json", rows], home: folder)
    #expect(
      any.lines.first
        == #"{"id": "order", "compiled": true, "reason": null, "results": [true], "verdicts": ["accepted"], "checked_after": []}"#)
    #expect(any.lines.last?.hasPrefix(#"{"totals": {"rows": 4, "compiled": 3, "right": 3, "#) == true)
  }

  @Test func `a model's tokens lead through a grammar, and the clock is read on demand`() throws {
    let row = #"{"schema": {"type": "array", "uniqueItems": true}, "instances": [[1, 2], [1, 1], {}]}"# + "\n"
    let outcome = try Program.run(["validate", "--decode", "--model", "mini", "--timings"], input: row)
    #expect(
      outcome.output.hasPrefix(
        #"{"id": "standard input, line 1", "compiled": true, "reason": null, "results": [true, true, false], "verdicts": ["accepted", "caught", "refused"], "checked_after": [{"keyword": "uniqueItems", "pointer": "", "reason": "elements are compared at the end"}], "compile_us": "#
      ))
    #expect(outcome.output.contains(#""mask_us": ["#))
    let checked = try Program.run(["validate", "--decode", "--then-check"], input: row)
    #expect(checked.output.contains(#""results": [true, false, false]"#))
  }

  @Test(arguments: [
    (["--walks", "3"], "--walks needs --decode"), (["--decode", "--key-order", "none"], "--key-order is \"none\"; schema or any is expected"),
    (["rows.jsonl"], "\"rows.jsonl\" is given without --decode; values come from --instances FILE or standard input"),
  ])
  func `what does not fit together is refused`(arguments: [String], sentence: String) throws {
    let outcome = try Program.run(["validate"] + arguments)
    #expect(outcome.error == "lathe: \(sentence)\n")
    #expect(outcome.code == 2)
  }
}
