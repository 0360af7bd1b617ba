import Foundation
import TestSupport
import Testing

@Suite("lathe lint")
struct LintCommandTests {
  private static let definition = """
    {
      "name": "get_weather",
      "description": "Returns the weather of a city. Use it for today. It fails for unknown cities.",
      "parameters": {
        "type": "object",
        "properties": {"city": {"type": "string", "description": "Name", "required": true}}
      }
    }
    """

  @Test func `a finding is shown with its place and its fix`() throws {
    let folder = try ScratchFolder()
    let path = try folder.write("tool.json", Self.definition)
    let outcome = try Program.run(["lint", path], home: folder)
    #expect(
      outcome.lines == [
        "\(path):6:82: error P5: \"required\" is true, expected an array of names in the schema around the property; fix: add \"city\" to the list of the schema around it",
        "\(path):6:82: error Q3: the schema cannot be read: found true, expected an array of property names",
      ])
    #expect(outcome.error == "lathe lint: error 2, warning 0, info 0\n")
    #expect(outcome.code == 1)
    let lines = try Program.run(["lint", "--json", path], home: folder).lines
    #expect(
      lines.first
        == #"{"file": "\#(path)", "line": 6, "column": 82, "rule": "P5", "severity": "error", "pointer": "/parameters/properties/city/required", "sentence": "\"required\" is true, expected an array of names in the schema around the property", "fix": {"title": "add \"city\" to the list of the schema around it", "edits": [{"op": "remove", "path": "/parameters/properties/city/required"}, {"op": "add", "path": "/parameters/required", "value": ["city"]}]}}"#
    )
  }

  @Test func `a definition without errors ends well`() throws {
    let folder = try ScratchFolder()
    let path = try folder.write("tool.json", Self.definition.replacingOccurrences(of: #", "required": true"#, with: ""))
    #expect(try Program.run(["lint", path], home: folder).code == 0)
    #expect(try Program.run(["lint", "--profile", "openai-strict", path], home: folder).code == 1)
  }

  @Test func `an unknown profile is refused with those that there are`() throws {
    let outcome = try Program.run(["lint", "--profile", "gpt", "x.json"])
    #expect(
      outcome.error == "lathe: --profile is \"gpt\"; one of qwen3, openai-strict, anthropic, gemini, mcp is expected\n")
    #expect(outcome.code == 2)
  }
}
