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
}
