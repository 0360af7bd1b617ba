import ConstrainedDecoding
import Foundation
import JSON
import TestSupport
import Testing

@testable import Documents

/// The forms are those of the providers' documentation; see `FunctionForm` for the pages.
@Suite struct ExchangeTests {
  private static let weather = """
    {"type": "function", "function": {"name": "get_weather", "description": "Get the weather", "parameters": {"type": \
    "object", "properties": {"city": {"type": "string"}, "days": {"type": "integer", "minimum": 1, "maximum": 14}}, \
    "required": ["city"]}}}
    """
  private static let parameters = """
    {"type":"object","properties":{"city":{"type":"string"},"days":{"type":"integer","minimum":1,"maximum":14}},"required":["city"]}
    """

  @Test(arguments: [
    (FunctionForm.openAI, #"[{"type":"function","function":{"name":"get_weather","description":"Get the weather","parameters":P}}]"#),
    (.openAIResponses, #"[{"type":"function","name":"get_weather","description":"Get the weather","parameters":P}]"#),
    (.anthropic, #"[{"name":"get_weather","description":"Get the weather","input_schema":P}]"#),
    (.mcp, #"{"tools":[{"name":"get_weather","description":"Get the weather","inputSchema":P}]}"#),
    (
      .geminiJSONSchema,
      #"{"functionDeclarations":[{"name":"get_weather","description":"Get the weather","parametersJsonSchema":P}]}"#
    ),
    (
      .gemini,
      #"{"functionDeclarations":[{"name":"get_weather","description":"Get the weather","parameters":{"type":"OBJECT","properties":{"city":{"type":"STRING"},"days":{"type":"INTEGER","minimum":1,"maximum":14}},"propertyOrdering":["city","days"],"required":["city"]}}]}"#
    ),
    (
      .jsonSchema,
      #"{"title":"get_weather","description":"Get the weather","type":"object","properties":{"city":{"type":"string"},"days":{"type":"integer","minimum":1,"maximum":14}},"required":["city"]}"#
    ),
  ])
  func `a plain function is written in each form, and read back as it was`(form: FunctionForm, document: String) throws {
    let tool = try JSONValue(parsing: Self.weather)
    let export = try FunctionExport([tool], as: form)
    #expect(export.document.text() == document.replacing(":P", with: ":" + Self.parameters))
    #expect(export.isComplete && export.notes.isEmpty)
    let back = try FunctionImport(export.document, path: "tools.json")
    #expect(back.functions.map { $0.text() } == [tool.text()])
    #expect(back.forms == [form])
  }

  @Test func `what a server answers to tools list keeps its output schema and annotations`() throws {
    // The example of the specification of 2025-06-18, with an output schema.
    let answer = try JSONValue(
      parsing: """
        {"jsonrpc": "2.0", "id": 1, "result": {"tools": [{"name": "get_weather", "title": "Weather Information Provider", \
        "description": "Get current weather information for a location", "inputSchema": {"type": "object", "properties": \
        {"location": {"type": "string", "description": "City name or zip code"}}, "required": ["location"]}, \
        "outputSchema": {"type": "object", "properties": {"temperature": {"type": "number"}}}, \
        "annotations": {"readOnlyHint": true}}], "nextCursor": "next-page-cursor"}}
        """)
    let imported = try FunctionImport(answer, path: "answer.json")
    #expect(imported.functions.count == 1 && imported.forms == [.mcp])
    let function = try #require(imported.functions.first?["function"])
    #expect(function["parameters"]?["required"] == ["location"])
    let again = try FunctionExport(imported.functions, as: .mcp)
    #expect(again.document["tools"]?[0] == answer["result"]?["tools"]?[0] && again.isComplete)
    // OpenAI has no output schema: the model is told in words, the annotations are lost, and both are said.
    let other = try FunctionExport(imported.functions, as: .anthropic)
    #expect(!other.isComplete)
    #expect(Set(other.notes.map(\.keyword)) == ["outputSchema", "title", "annotations"])
    #expect(other.definitions[0]["description"]?.string?.contains("Returns JSON of this schema") == true)
  }

  @Test(arguments: [
    (#"{"type":["string","null"]}"#, #"{"nullable":true,"type":"STRING"}"#, []),
    (#"{"const":"a"}"#, #"{"enum":["a"],"type":"STRING"}"#, ["const kept"]),
    (#"{"enum":[1,2]}"#, #"{"description":"One of 1, 2"}"#, ["enum moved into description"]),
    (#"{"type":"integer","exclusiveMinimum":0}"#, #"{"type":"INTEGER","minimum":1}"#, ["exclusiveMinimum kept"]),
    (#"{"type":"string","minLength":3}"#, #"{"type":"STRING","minLength":"3"}"#, []),
    (
      #"{"type":"object","additionalProperties":false}"#, #"{"type":"OBJECT","description":"additionalProperties: false"}"#,
      ["additionalProperties moved into description"]
    ),
    (#"{"oneOf":[{"type":"string"}]}"#, #"{"anyOf":[{"type":"STRING"}]}"#, ["oneOf dropped"]),
    (
      ##"{"$ref":"#/$defs/a","$defs":{"a":{"type":"number"}}}"##, #"{"type":"NUMBER"}"#, ["$ref kept", "$defs kept"]
    ),
    (#"{"type":["string","null"],"const":"x"}"#, #"{"type":"STRING","enum":["x"]}"#, ["const kept"]),
    (#"{"type":"integer","minimum":5,"exclusiveMinimum":0}"#, #"{"type":"INTEGER","minimum":5}"#, ["exclusiveMinimum kept"]),
    (
      #"{"anyOf":[{"type":"string"}],"oneOf":[{"type":"null"}]}"#, #"{"anyOf":[{"type":"STRING"}]}"#, ["oneOf dropped"]
    ),
    (
      ##"{"$ref":"#/$defs/a","maxLength":9,"$defs":{"a":{"type":"string","maxLength":3}}}"##,
      #"{"type":"STRING","maxLength":"3"}"#, ["$ref kept", "maxLength dropped", "$defs kept"]
    ),
    (##"{"$ref":"#"}"##, #"{"type":"OBJECT"}"#, ["$ref kept", "$ref dropped"]),
    (#"{"type":"number","multipleOf":0.10}"#, #"{"type":"NUMBER","description":"multipleOf: 0.10"}"#, ["multipleOf moved into description"]),
  ] as [(String, String, [String])])
  func `what Gemini's schemas lack is reworded, told or reported`(schema: String, written: String, notes: [String]) throws {
    let value = try JSONValue(parsing: schema)
    var writer = GeminiSchema.Writer(function: "f", root: value)
    let found = writer.write(value, at: JSONPointer())
    #expect(found.text() == written)
    #expect(writer.notes.map { "\($0.keyword) \($0.effect.rawValue)" } == notes)
  }

  /// The rules are those of jsonschemaprofiles, OPENAI_202602; the reasons are the linter's.
  @Test(arguments: [
    (
      #"{"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"], "additionalProperties": false}"#, []
    ),
    (
      #"{"type": "object", "properties": {"city": {"type": "string"}}, "required": [], "additionalProperties": false}"#,
      ["/function/parameters/properties/city S2"]
    ),
    (#"{"type": "object", "properties": {}}"#, ["/function/parameters S2"]),
    (#"{"anyOf": [{"type": "object", "additionalProperties": false}]}"#, ["/function/parameters/anyOf S1"]),
    (
      #"{"type": "object", "properties": {"a": {"not": {"type": "null"}}}, "required": ["a"], "additionalProperties": false}"#,
      ["/function/parameters/properties/a/not S4"]
    ),
  ] as [(String, [String])])
  func `what OpenAI's strict mode refuses is said where a definition asks for it`(schema: String, refused: [String]) throws {
    var tool: JSONObject = ["name": "f", "parameters": try JSONValue(parsing: schema), "strict": true]
    for form in [FunctionForm.openAI, .openAIResponses] {
      let export = try FunctionExport([["type": "function", "function": .object(tool)]], as: form)
      #expect(export.notes.map { "\($0.pointer) \($0.reason.prefix(2))" } == refused)
      #expect(export.notes.allSatisfy { $0.effect == .refused && $0.keyword == "strict" && $0.function == "f" })
      #expect(export.isComplete == refused.isEmpty)
    }
    // Nobody else has that mode, and without it nothing is refused.
    #expect(try FunctionExport([.object(tool)], as: .anthropic).notes.isEmpty)
    tool["strict"] = false
    #expect(try FunctionExport([.object(tool)], as: .openAI).notes.isEmpty)
  }

  @Test func `Gemini's own documents are read as JSON Schema`() throws {
    let document = try JSONValue(
      parsing: """
        {"functionDeclarations": [{"name": "set_light", "description": "Sets the light.", "parameters": {"type": "OBJECT", \
        "properties": {"brightness": {"type": "INTEGER", "nullable": true}, "color": {"type": "STRING", "enum": ["warm", \
        "cool"], "minLength": "1"}}, "propertyOrdering": ["color", "brightness"], "required": ["color"]}}]}
        """)
    let imported = try FunctionImport(document, path: "gemini.json")
    #expect(imported.forms == [.gemini])
    #expect(
      imported.functions[0]["function"]?["parameters"]?.text() == """
        {"type":"object","properties":{"color":{"type":"string","enum":["warm","cool"],"minLength":1},\
        "brightness":{"type":["integer","null"]}},"required":["color"]}
        """)
  }

  @Test(arguments: [
    ("[]", "t.json: no function definition is in it"),
    (#"{"tools": [{"name": "a", "input_schema": {}}, {"name": "a", "input_schema": {}}]}"#, "t.json#/tools/1: a second function is named \"a\"; rename one"),
    (#"[{"input_schema": {}}]"#, "t.json#/0: a function needs a \"name\""),
    (
      #"[{"type": "web_search_20250305", "name": "web_search"}]"#,
      "t.json#/0: its type is \"web_search_20250305\": a tool that its provider runs, and no function's definition"
    ),
    ("[1]", "t.json#/0: found number, expected a function definition: an object"),
  ])
  func `what is no definition is refused with its place`(document: String, sentence: String) throws {
    let value = try JSONValue(parsing: document)
    #expect {
      try FunctionImport(value, path: "t.json")
    } throws: { error in
      String(describing: error) == sentence
    }
  }

  @Test(
    .enabled(if: Reference.isPresent, "the reference data is not beside the package; set LATHE_REFERENCE"),
    arguments: [FunctionForm.openAI, .openAIResponses, .anthropic, .mcp, .geminiJSONSchema])
  func `BFCL's tools come back from every form that takes JSON Schema`(form: FunctionForm) throws {
    let text = try String(contentsOfFile: Reference.path("bfcl/bfcl-dev.jsonl"), encoding: .utf8)
    var count = 0
    for line in text.split(separator: "\n") {
      guard let tools = try JSONValue(parsing: String(line))["tools"]?.array else { continue }
      let export = try FunctionExport(tools, as: form)
      #expect(export.isComplete, "\(export.notes)")
      let back = try FunctionImport(export.document, path: "tools.json", form: form)
      #expect(back.functions == tools.map { $0["function"] == nil ? ["type": "function", "function": $0] : $0 })
      count += tools.count
    }
    #expect(count > 200)
  }
}

@Suite struct DraftedFunctionTests {
  @Test(arguments: [
    (
      [#"{"city": "Oslo", "days": 3}"#],
      #"{"type":"object","properties":{"city":{"type":"string"},"days":{"type":"integer"}},"required":["city","days"],"additionalProperties":false}"#
    ),
    (
      [#"{"a": 1, "b": null}"#, #"{"b": "x", "a": 1.5, "c": []}"#],
      #"{"type":"object","properties":{"a":{"type":"number"},"b":{"type":["string","null"]},"c":{"type":"array","items":{}}},"required":["a","b"],"additionalProperties":false}"#
    ),
    (
      [#"{"when": "2026-03-01", "who": "li@example.com"}"#, #"{"when": "2026-12-31", "who": "not an address"}"#],
      #"{"type":"object","properties":{"when":{"type":"string","format":"date"},"who":{"type":"string"}},"required":["when","who"],"additionalProperties":false}"#
    ),
    (
      [#"{"items": [{"n": 1}, {"n": 2, "s": "x"}]}"#],
      #"{"type":"object","properties":{"items":{"type":"array","items":{"type":"object","properties":{"n":{"type":"integer"},"s":{"type":"string"}},"required":["n"],"additionalProperties":false}}},"required":["items"],"additionalProperties":false}"#
    ),
  ])
  func `a draft says what the samples have in common`(samples: [String], schema: String) throws {
    let values = try samples.map { try JSONValue(parsing: $0) }
    let draft = try DraftedFunction(name: "f", samples: values, path: "s")
    #expect(draft.definition["function"]?["parameters"]?.text() == schema)
    // And all samples conform to it.
    let parameters = try JSONSchema(document: try #require(draft.definition["function"]?["parameters"]))
    for value in values { #expect(try parameters.isValid(value, assertingFormats: true)) }
  }

  @Test func `what is no object of arguments is refused`() throws {
    #expect {
      try DraftedFunction(name: "f", samples: [[:], 3], path: "s.json")
    } throws: { error in
      String(describing: error) == "s.json, sample 2: found number, expected an object of arguments"
    }
  }
}
