import Foundation
import JSON
import TestSupport
import Testing

@Suite struct ExchangeCommandTests {
  @Test func `a workspace's functions go out in one form and come into another workspace`() throws {
    let scratch = try ScratchFolder()
    let exported = try Program.run(["export", "weather", "--to", "anthropic", "--function", "get_weather"], home: scratch)
    #expect(exported.code == 0 && exported.error == "")
    #expect(try JSONValue(parsing: exported.output)[0]?["input_schema"]?["required"] == ["city"])
    let file = scratch.path + "/tools.json"
    try exported.output.write(toFile: file, atomically: true, encoding: .utf8)
    let folder = scratch.path + "/w"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try #"{"title": "w"}"#.write(toFile: folder + "/workspace.json", atomically: true, encoding: .utf8)
    let imported = try Program.run(["import", file, "--into", folder], home: scratch)
    #expect(imported.code == 0 && imported.error == "lathe: functions/get_weather.json\n")
    let text = try String(contentsOfFile: folder + "/functions/get_weather.json", encoding: .utf8)
    #expect(try JSONValue(parsing: text)["function"]?["parameters"]?["properties"]?["city"]?["type"] == "string")
    // A second time it is in the way, and stays as it is.
    let again = try Program.run(["import", file, "--into", folder], home: scratch)
    #expect(again.code == 3 && again.error.contains("has a function get_weather already"))
    #expect(try Program.run(["import", file, "--into", folder, "--replace"], home: scratch).code == 0)
  }

  @Test func `what would be dropped is said, and nothing is written unasked`() throws {
    let scratch = try ScratchFolder()
    let file = scratch.path + "/mcp.json"
    try #"{"tools": [{"name": "f", "inputSchema": {"type": "object"}, "annotations": {"readOnlyHint": true}}]}"#
      .write(toFile: file, atomically: true, encoding: .utf8)
    let folder = scratch.path + "/w"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try #"{"title": "w"}"#.write(toFile: folder + "/workspace.json", atomically: true, encoding: .utf8)
    #expect(try Program.run(["import", file, "--into", folder], home: scratch).code == 0)
    let refused = try Program.run(["export", folder, "--to", "openai-responses"], home: scratch)
    #expect(refused.code == 1 && refused.output == "")
    #expect(refused.error.contains("\"annotations\" is dropped"))
    let lossy = try Program.run(["export", folder, "--to", "openai-responses", "--lossy"], home: scratch)
    #expect(lossy.code == 0)
    #expect(try JSONValue(parsing: lossy.output)[0]?["annotations"] == nil)
    #expect(try Program.run(["export", folder, "--to", "mcp"], home: scratch).output.contains("readOnlyHint"))
  }

  @Test func `what strict mode refuses is said, and nothing is written unasked`() throws {
    let scratch = try ScratchFolder()
    try scratch.write("w/workspace.json", #"{"title": "w"}"#)
    try scratch.write(
      "w/functions/f.json",
      #"{"type": "function", "function": {"name": "f", "strict": true, "parameters": {"type": "object", "properties": {"a": {"type": "string"}}, "additionalProperties": false}}}"#)
    let folder = scratch.path + "/w"
    let refused = try Program.run(["export", folder, "--to", "openai"], home: scratch)
    #expect(refused.code == 1 && refused.output == "")
    #expect(refused.error.contains("f#/function/parameters/properties/a: \"strict\" is refused: S2 a strict schema must require"))
    #expect(try Program.run(["export", folder, "--to", "openai", "--lossy"], home: scratch).code == 0)
  }

  @Test(arguments: [
    (["draft", "f"], "{\"a\": 1}\n{\"a\": 2, \"b\": \"x\"}\n", Int32(0), ""),
    (["draft", "f"], "[3]", 3, "expected an object of arguments"),
    (["draft", "f"], "{\"a\": ", 3, "standard input:1:"),
    (["draft"], "", 2, "draft needs a name"),
    (["export", "weather", "--to", "xml"], "", 2, "--to is \"xml\""),
    (["export", "weather", "--to", "mcp", "--function", "g"], "", 2, "no such function"),
    (["import", "no-such-file.json"], "", 3, "no-such-file.json"),
  ])
  func `drafts and what is refused`(words: [String], input: String, code: Int32, sentence: String) throws {
    let outcome = try Program.run(words, input: input)
    #expect(outcome.code == code)
    #expect(sentence.isEmpty || outcome.error.contains(sentence))
    guard code == 0 else { return }
    #expect(try JSONValue(parsing: outcome.output)["function"]?["parameters"]?["required"] == ["a"])
  }
}
