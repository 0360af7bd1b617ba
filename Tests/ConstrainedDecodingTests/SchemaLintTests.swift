import JSON
import Testing

@testable import ConstrainedDecoding

@Suite struct SchemaLintTests {
  private func findings(_ text: String, _ profile: LintProfile = .qwen3, budget: SchemaLint.Budget? = nil) throws
    -> [LintFinding]
  {
    SchemaLint(profiles: [profile], budget: budget).findings(in: try JSONValue(parsing: text), name: "tool.json")
  }

  private static func tool(_ parameters: String) -> String { tool("get_weather", good, parameters) }
  private static func tool(_ name: String, _ parameters: String) -> String { tool(name, good, parameters) }
  private static func tool(_ name: String, _ description: String, _ parameters: String) -> String {
    #"{"type": "function", "function": {"name": "\#(name)", "description": "\#(description)", "parameters": \#(parameters)}}"#
  }

  private static let good =
    "Returns the current weather of a city. Use it when the user asks for today's weather. Do not use it for forecasts; it fails for unknown cities."
  private static let city =
    #"{"type": "object", "properties": {"city": {"type": "string", "description": "Name of the city"}}, "required": ["city"], "additionalProperties": false}"#

  @Test(arguments: LintProfile.allCases)
  func `a good definition has no finding in any profile`(profile: LintProfile) throws {
    #expect(try findings(Self.tool(Self.city), profile) == [])
  }

  /// The properties of the one-parameter function are replaced; the findings of the rule, as places and sentences.
  private static func parameters(_ properties: String, _ others: String = "") -> String {
    tool(#"{"type": "object", "properties": \#(properties)\#(others), "additionalProperties": false}"#)
  }

  private static let rows: [(rule: String, profile: LintProfile, text: String, expected: [String])] = [
    (
      "N1", .qwen3, tool("get weather", city),
      [#"error N1 at /function/name: "get weather" is no function's name for Qwen3: letters, digits and _ -, 1 to 64"#]
    ),
    ("N1", .mcp, tool("get.weather", city), []),
    (
      "N1", .anthropic, tool("get.weather", city),
      [
        #"error N1 at /function/name: "get.weather" is no function's name for Anthropic: letters, digits and _ -, 1 to 64"#
      ]
    ),
    (
      "N1", .gemini, tool("1st", city),
      [
        #"error N1 at /function/name: "1st" is no function's name for Gemini: letters, digits and _ - ., 1 to 64, the first a letter or _"#
      ]
    ),
    ("N1", .qwen3, #"{"description": "x", "parameters": {}}"#, ["error N1 at the root: the function has no name"]),
    (
      "N2", .qwen3, "[\(tool("get_users", city)), \(tool("getUser", city))]",
      [#"warning N2 at /1/function/name: "getUser" is easily confused with "get_users""#]
    ),
    (
      "N2", .qwen3, "[\(tool("a", city)), \(tool("a", city))]",
      [#"error N2 at /1/function/name: another function is called "a" too"#]
    ),
    (
      "N3", .gemini, parameters(#"{"a-b": {"type": "string"}}"#),
      [
        #"error N3 at /function/parameters/properties/a-b: Gemini accepts letters, digits and _ in a parameter's name, at most 64; found "a-b""#
      ]
    ),
    ("N3", .qwen3, parameters(#"{"a-b": {"type": "string"}}"#), []),
    (
      "D1", .qwen3, tool("get_weather", "", city),
      ["error D1 at /function/description: the function has no description"]
    ),
    (
      "D1", .qwen3, tool("get_weather", "Gets the weather.", city),
      ["error D1 at /function/description: the description only repeats the name"]
    ),
    (
      "D1", .qwen3, tool("get_weather", "Temperature and rain of a city.", city),
      ["warning D1 at /function/description: the description does not say what the function does: it has no verb"]
    ),
    ("D1", .qwen3, tool("get_weather", "获取指定城市的当前天气", city), []),
    (
      "D2", .qwen3, tool("get_weather", "Returns the weather of a city.", city),
      [
        "warning D2 at /function/description: the description has 1 sentence; three say what it does, when to use it and when not to"
      ]
    ),
    ("D2", .qwen3, tool("get_weather", "查询天气。用户问天气时使用。不要用于预报。", city), []),
    (
      "D3", .qwen3, "[\(tool("a", city)), \(tool("b", city))]",
      [#"warning D3 at /1/function/description: the description is nearly that of "a"; a model cannot tell them apart"#]
    ),
    (
      "D4", .qwen3, tool("get_weather", "Looks up the weather of a city.", city),
      ["info D4 at /function/description: the description says nothing of the result, of errors or of limits"]
    ),
    (
      "D5", .qwen3,
      parameters(
        #"{"p": {"type": "object", "properties": {"q": {"type": "object", "properties": {"r": {"type": "string"}}}}}}"#),
      ["info D5 at /function/parameters: the schema is complex and has no example"]
    ),
    (
      "P1", .qwen3, parameters(#"{"city": {"description": "Name"}, "unit": {"enum": ["c", "f"]}}"#),
      [#"error P1 at /function/parameters/properties/city: the property "city" has no type"#]
    ),
    (
      "P2", .qwen3, parameters(#"{"city": {"type": "string"}}"#),
      [#"warning P2 at /function/parameters/properties/city: the property "city" has no description"#]
    ),
    (
      "P3", .qwen3, parameters(#"{"x": {"type": "string"}, "value": {"type": "string"}}"#),
      [#"warning P3 at /function/parameters/properties/x: the name "x" does not say what it holds"#]
    ),
    (
      "P4", .qwen3,
      parameters(#"{"a": {"type": "object"}, "b": {"type": "array"}, "c": {"type": "array", "items": {}}}"#),
      [
        "warning P4 at /function/parameters/properties/a: the object does not say which properties it has",
        "warning P4 at /function/parameters/properties/b: the array does not say what its elements are",
      ]
    ),
    (
      "P5", .qwen3, parameters(#"{"city": {"type": "string", "required": true}}"#),
      [
        #"error P5 at /function/parameters/properties/city/required: "required" is true, expected an array of names in the schema around the property"#
      ]
    ),
    (
      "P6", .qwen3, parameters(#"{"city": {"type": "string"}}"#, #", "required": ["ctiy"]"#),
      [#"error P6 at /function/parameters/required/0: the required "ctiy" is not among the properties"#]
    ),
    (
      "P7", .qwen3, parameters(#"{"unit": {"type": "string", "enum": ["c", 1]}, "none": {"enum": []}}"#),
      [
        "error P7 at /function/parameters/properties/unit/enum/1: 1 is not of the type string",
        "error P7 at /function/parameters/properties/none/enum: the enum has no value, so nothing conforms",
      ]
    ),
    (
      "P8", .qwen3, parameters(#"{"days": {"type": "integer", "minimum": 1, "default": 0, "examples": [3, "x"]}}"#),
      [
        "error P8 at /function/parameters/properties/days/default: the sample is not valid: 0 is less than 1",
        #"error P8 at /function/parameters/properties/days/examples/1: the sample is not valid: "x" is a string, expected integer"#,
      ]
    ),
    (
      "P9", .qwen3,
      tool(
        (0..<6).reduce(#"{"type": "string"}"#) { inner, _ in #"{"type": "object", "properties": {"p": \#(inner)}}"# }),
      [
        "warning P9 at /function/parameters\(String(repeating: "/properties/p", count: 6)): the schema is 6 levels deep; models do best with at most 5"
      ]
    ),
    (
      "P10", .qwen3, parameters("{" + (1...16).map { #""p\#($0)": {"type": "string"}"# }.joined(separator: ", ") + "}"),
      ["warning P10 at /function/parameters/properties: the function has 16 parameters; models do best with at most 15"]
    ),
    (
      "P11", .qwen3,
      parameters(#"{"day": {"type": "string", "format": "date"}, "id": {"type": "integer", "format": "int64"}}"#),
      [
        #"warning P11 at /function/parameters/properties/id/format: "int64" is no format of JSON Schema; nothing checks it"#
      ]
    ),
    (
      "P12", .qwen3, tool("delete_file", "Deletes a file.", city),
      [
        #"warning P12 at /function/name: "delete" cannot be undone; the description does not say so, or when to ask first"#
      ]
    ),
    ("P12", .qwen3, tool("delete_file", "Deletes a file permanently.", city), []),
    (
      "S1", .openAIStrict, tool(#"{"anyOf": [{"type": "object"}]}"#),
      ["error S1 at /function/parameters/anyOf: the root of a strict schema must be an object, not anyOf"]
    ),
    ("S1", .qwen3, tool(#"{"anyOf": [{"type": "object"}]}"#), []),
    (
      "S2", .openAIStrict, tool(#"{"type": "object", "properties": {"city": {"type": "string"}}}"#),
      [
        #"error S2 at /function/parameters: a strict object must have "additionalProperties": false"#,
        #"error S2 at /function/parameters/properties/city: a strict schema must require "city"; make it a union with null if it is optional"#,
      ]
    ),
    (
      "S3", .openAIStrict, parameters(#"{"n": {"enum": [\#((0...1000).map(String.init).joined(separator: ", "))]}}"#),
      ["error S3 at /function/parameters: 1001 enum values; strict mode allows 1,000"]
    ),
    (
      "S4", .openAIStrict, parameters(#"{"n": {"not": {"type": "null"}}}"#),
      ["error S4 at /function/parameters/properties/n/not: strict mode refuses not"]
    ),
    (
      "S5", .gemini, parameters(##"{"next": {"$ref": "#"}}"##),
      [
        "error S5 at /function/parameters/properties/next/$ref: the schema contains itself by this reference, which not every provider accepts"
      ]
    ),
    ("S5", .openAIStrict, parameters(##"{"next": {"$ref": "#"}}"##), []),
    (
      "M1", .mcp, #"{"tools": [{"name": "a", "inputSchema": null}]}"#,
      ["error M1 at /tools/0/inputSchema: found null, expected a schema with the type object"]
    ),
    (
      "M1", .mcp, #"{"name": "a", "inputSchema": {"type": "object"}}"#,
      [#"warning M1 at /inputSchema: a tool without arguments says so by "additionalProperties": false"#]
    ),
    (
      "M2", .mcp, #"{"name": "a", "inputSchema": {}, "outputSchema": {"type": "array"}}"#,
      ["warning M2 at /outputSchema: the output schema must have the type object; results are validated against it"]
    ),
    (
      "M3", .mcp, #"{"name": "a", "inputSchema": {}, "annotations": {"readOnlyHint": true}}"#,
      [
        "info M3 at /annotations: annotations come from the server and are not to be trusted; permissions do not rest on them"
      ]
    ),
    (
      "Q2", .qwen3, tool("get_weather", "Returns. </tools><|im_end|>", city),
      [
        #"error Q2 at /function/description: the text contains "</tools>", which means something in Qwen's chat template"#
      ]
    ),
    (
      "Q2", .qwen3, parameters(#"{"mode": {"enum": ["a /no_think", "a/thinking"]}}"#),
      [
        #"error Q2 at /function/parameters/properties/mode/enum/0: the text contains "/no_think", which means something in Qwen's chat template"#
      ]
    ),
    (
      "Q3", .qwen3, parameters(#"{"a": {"uniqueItems": true, "not": {"type": "null"}, "x-unit": 1}, "b": {"pattern": "(?i)x"}}"#),
      [
        "info Q3 at /function/parameters/properties/a/uniqueItems: uniqueItems is checked after generation, not while decoding: elements are compared at the end",
        #"warning Q3 at /function/parameters/properties/a/x-unit: "x-unit" is no keyword of JSON Schema; nothing checks it"#,
        #"error Q3 at /function/parameters/properties/b/pattern: pattern "(?i)x", position 1: "(?i" is no group of ECMA-262"#,
      ]
    ),
    (
      "Q3", .qwen3, parameters(#"{"a": {"minimum": 2, "maximum": 1, "type": "integer"}}"#, #", "required": ["a"]"#),
      [
        "error Q3 at /function/parameters: decoding refuses the schema: no value satisfies the schema: #/properties/a: no number lies within its bounds"
      ]
    ),
    (
      "Q3", .qwen3, parameters(#"{"a": {"minLength": "1"}}"#),
      [
        #"error Q3 at /function/parameters/properties/a/minLength: the schema cannot be read: found "1", expected an integer from 0"#
      ]
    ),
  ]

  @Test(arguments: rows)
  func `a rule finds what it is for`(row: (rule: String, profile: LintProfile, text: String, expected: [String])) throws
  {
    #expect(try findings(row.text, row.profile).filter { $0.rule == row.rule }.map(\.description) == row.expected)
  }

  @Test func `a definition beyond its budget is reported with its cost`() throws {
    let budget = SchemaLint.Budget(tokensPerFunction: 60, tokensPerSet: 100) { $0.utf8.count / 4 }
    let found = try findings("[\(Self.tool("a", Self.city)), \(Self.tool("b", Self.city))]", budget: budget).filter {
      $0.rule == "Q1"
    }
    #expect(found.map(\.pointer.text) == ["/0/function", "/1/function", "/1/function"])
    #expect(found.first?.sentence.hasSuffix("tokens; the budget is 60") == true)
  }

  /// Profile, definition, the definition after all fixes.
  private static let fixes: [(LintProfile, String, String)] = [
    (
      .openAIStrict, tool(#"{"type": "object", "properties": {"city": {"type": "string"}}}"#),
      tool(
        #"{"type": "object", "properties": {"city": {"type": ["string", "null"]}}, "additionalProperties": false, "required": ["city"]}"#
      )
    ),
    (
      .qwen3,
      tool(
        #"{"type": "object", "properties": {"city": {"type": "string", "required": true}, "unit": {"type": "string", "required": false}}}"#
      ),
      tool(
        #"{"type": "object", "properties": {"city": {"type": "string"}, "unit": {"type": "string"}}, "required": ["city"]}"#
      )
    ),
    // Slips: a type, a keyword, a required name, a format, values that only their quotes set apart.
    (
      .qwen3,
      tool(
        #"{"type": "object", "properties": {"city": {"type": "strnig", "descripton": "x"}, "n": {"minimum": 1}}, "requierd": ["ciyt"]}"#
      ),
      tool(
        #"{"type": "object", "properties": {"city": {"type": "string", "description": "x"}, "n": {"minimum": 1, "type": "number"}}, "required": ["city"]}"#
      )
    ),
    (
      .qwen3,
      tool(
        #"{"type": "object", "properties": {"a": {"type": "string", "format": "date-tiem", "enum": [1, "2"]}, "b": {"type": "int", "enum": ["3", 4]}}}"#
      ),
      tool(
        #"{"type": "object", "properties": {"a": {"type": "string", "format": "date-time", "enum": ["1", "2"]}, "b": {"type": "integer", "enum": [3, 4]}}}"#
      )
    ),
    // What was meant is not plain: an own keyword, OpenAPI's "example", a value twice.
    (
      .qwen3, tool(#"{"type": "object", "properties": {"a": {"type": "string", "unit": 1, "example": "x", "enum": [1, "1"]}}}"#),
      tool(#"{"type": "object", "properties": {"a": {"type": "string", "unit": 1, "example": "x", "enum": [1, "1"]}}}"#)
    ),
  ]

  @Test(arguments: [
    // A member of its own line, an added name in a list of one line, numbers as they were written.
    (
      "{\n  \"a\" : 1.50,\n  \"b\": {\n    \"x\": []\n  }\n}\n", LintFix.Edit.set(JSONPointer().appending("b").appending("y"), [1]),
      "{\n  \"a\" : 1.50,\n  \"b\": {\n    \"x\": [],\n    \"y\": [1]\n  }\n}\n"
    ),
    ("{\"a\":{}, \"城\":1e2}", .set(JSONPointer().appending("城"), "市"), "{\"a\":{}, \"城\":\"市\"}"),
    ("{\"a\":{}}", .set(JSONPointer().appending("a").appending("b"), 1), "{\"a\":{\"b\": 1}}"),
    ("{\"a\": 1,  \"b\": 2}", .set(JSONPointer().appending("c"), 3), "{\"a\": 1,  \"b\": 2, \"c\": 3}"),
    ("[\n  1,\n  2\n]", .set(JSONPointer().appending(1), 3), "[\n  1,\n  3\n]"),
    ("{\"a\": 1,  \"b\": 2}", .remove(JSONPointer().appending("a")), "{\"b\": 2}"),
    ("{\n  \"a\": 1,\n  \"b\": 2\n}", .remove(JSONPointer().appending("b")), "{\n  \"a\": 1\n}"),
    ("{ \"a\": 1 }", .remove(JSONPointer().appending("a")), "{}"),
    ("{\"a\" :1, \"b\":2}", .rename(JSONPointer().appending("a"), to: "c"), "{\"c\" :1, \"b\":2}"),
    // Another member has the name; there is no such place.
    ("{\"a\" :1, \"b\":2}", .rename(JSONPointer().appending("a"), to: "b"), "{\"a\" :1, \"b\":2}"),
    ("{\"a\" :1}", .set(JSONPointer().appending("b").appending("c"), 1), "{\"a\" :1}"),
    // A key that is written twice.
    ("{\"a\":1, \"b\":2, \"a\":3}", .set(JSONPointer().appending("c"), 4), "{\"a\":1, \"b\":2, \"a\":3, \"c\": 4}"),
    ("{\"a\":1, \"b\":2, \"a\":3}", .remove(JSONPointer().appending("b")), "{\"a\":1, \"a\":3}"),
  ] as [(String, LintFix.Edit, String)])
  func `a fix changes its place in the text and leaves the rest as it was written`(
    text: String, edit: LintFix.Edit, expected: String
  ) throws {
    let fix = LintFix(title: "", edits: [edit])
    let fixed = try fix.applied(toText: text)
    #expect(fixed == expected)
    // The text says what the edited value says.
    #expect(try JSONValue(parsing: fixed) == fix.applied(to: try JSONValue(parsing: text)))
  }

  @Test func `a text that is not JSON is not changed but refused`() {
    #expect(throws: JSONError.self) {
      try LintFix(title: "", edits: [.set(JSONPointer().appending("a"), 1)]).applied(toText: "{\"a\" 1}")
    }
  }

  @Test(arguments: fixes)
  func `a fix removes its finding`(profile: LintProfile, text: String, expected: String) throws {
    var document = try JSONValue(parsing: text)
    while let fix = SchemaLint(profiles: [profile]).findings(in: document, name: "").compactMap({ $0.fix }).first {
      document = fix.applied(to: document)
    }
    #expect(document.text() == (try JSONValue(parsing: expected)).text())
  }

  @Test func `the ids of the rules are unique and each has a row or a test`() {
    let ids = SchemaLint.rules.map(\.id)
    #expect(Set(ids).count == ids.count)
    #expect(Set(ids) == Set(Self.rows.map(\.rule)).union(["Q1"]))
  }
}
