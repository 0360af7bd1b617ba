import ConstrainedDecoding
import JSON
import Testing

/// A vocabulary small enough to try every token, with tokens that cross the borders of strings, names and numbers.
enum SmallVocabulary {
  static let texts: [[UInt8]] = {
    var texts = (0...255).map { [UInt8($0)] }
    let words = [
      "\"", "\",", "\", \"", "\": ", "\": \"", "\"}", "\"}\n", "{\"", "{}", "[]", "[1", "], ", "}, {\"", "true",
      "false", "null", "nul", "tr",
      "city", "\"city", "\"city\": \"", "ci", "ty", "Paris", "北京", "北", "e", "10", "12", "-1", "0.5", ", ", ": ", "ab",
      "abc", "aaaa", "\\n",
      "\\u00", "\\ud83d\\ude00", "\\", "a\"", "ab\", ", "é", "xyz", "  ", "\n", "}\n", "red", "\"red", "\"red\", ",
    ]
    texts += words.map { Array($0.utf8) }
    texts += [[0xE5, 0x8C], [0x97], [0xF0, 0x9F], [0x98, 0x80], []]
    return texts
  }()
  static let end = texts.count - 1
  static let trie = TokenTrie(count: texts.count) { texts[$0][...] }

  static func grammar(
    _ schema: String, style: WhitespaceStyle = .qwen, keyOrder: KeyOrder = .schema
  ) throws -> Grammar {
    let schema = try JSONSchema(document: JSONValue(parsing: schema))
    return try Grammar(schema, vocabulary: trie, endTokens: [end], style: style, keyOrder: keyOrder)
  }
}

struct GrammarTests {
  static func accepts(_ grammar: Grammar, _ text: String) -> Bool {
    var matcher = grammar.makeMatcher()
    return matcher.acceptBytes(text.utf8) && matcher.isComplete
  }

  struct Row: Sendable, CustomTestStringConvertible {
    let schema: String
    let accepted: [String]
    let refused: [String]
    var testDescription: String { schema }
  }

  @Test(arguments: [
    Row(schema: #"{"type":"null"}"#, accepted: ["null"], refused: ["nul", "true", ""]),
    Row(schema: #"{"type":"boolean"}"#, accepted: ["true", "false"], refused: ["True", "0"]),
    Row(
      schema: #"{"type":"integer"}"#, accepted: ["0", "-7", "12345678901234567890"],
      refused: ["01", "1.5", "1e3", "-", "+1"]),
    Row(schema: #"{"type":"number"}"#, accepted: ["0", "-0.5", "1e-7", "1.25E+3"], refused: ["1.", ".5", "00", "1e"]),
    Row(
      schema: #"{"type":"integer","minimum":3,"maximum":120}"#, accepted: ["3", "9", "10", "99", "120"],
      refused: ["2", "0", "-3", "121", "1000"]),
    Row(
      schema: #"{"type":"integer","minimum":-15,"exclusiveMaximum":0}"#, accepted: ["-15", "-1"],
      refused: ["0", "-16", "-0", "1"]),
    Row(
      schema: #"{"type":"number","not":{"type":"integer"}}"#, accepted: ["0.5", "-1.25", "10.10"],
      refused: ["0", "-1", "1.0", "5e-1", "2.00"]),
    Row(
      schema: #"{"if":{"type":"integer","minimum":2},"then":{"enum":["ba"]}}"#,
      accepted: ["1", "0.5", "2.5", #""a""#, "null"], refused: ["2", "3", "3.0"]),
    Row(
      schema: #"{"type":"number","minimum":0,"maximum":1}"#, accepted: ["0", "1", "0.25", "1.0", "0.999"],
      refused: ["1.01", "-0.1", "2"]),
    Row(
      schema: #"{"type":"number","exclusiveMinimum":0.5}"#, accepted: ["0.51", "1", "100.5"],
      refused: ["0.5", "0.50", "0.49", "0"]),
    Row(schema: #"{"type":"integer","multipleOf":7}"#, accepted: ["0", "14", "-21", "700"], refused: ["1", "15"]),
    Row(schema: #"{"type":"number","multipleOf":0.01}"#, accepted: ["1.25", "3", "0.1"], refused: ["0.001"]),
    Row(schema: #"{"type":"number","multipleOf":0.25}"#, accepted: ["1.25", "3", "0.5"], refused: ["0.3", "1.1"]),
    Row(
      schema: #"{"type":"string"}"#, accepted: [#""""#, #""北京""#, #""a\n\"\\\/\u4e2d""#, #""\ud83d\ude00""#, "\"😀\""],
      refused: [#""\ud83d""#, #""\ude00""#, #""\x""#, "\"\n\"", #"""#, #""a"b"#]),
    Row(
      schema: #"{"type":"string","minLength":2,"maxLength":3}"#, accepted: [#""北京""#, #""abc""#, #""\n\ud83d\ude00""#],
      refused: [#""a""#, #""abcd""#, #""😀""#]),
    Row(
      schema: #"{"type":"string","pattern":"^[a-z]+-\\d{2}$"}"#, accepted: [#""ab-12""#],
      refused: [#""ab-1""#, #""-12""#, #""ab-123""#, #""AB-12""#]),
    Row(
      schema: #"{"type":"string","pattern":"b"}"#, accepted: [#""b""#, #""abc""#, #""京b""#],
      refused: [#""ac""#, #""""#]),
    Row(
      schema: #"{"type":"string","pattern":"^(?!ab)[a-z]*$"}"#, accepted: [#""ba""#, #""""#, #""a""#],
      refused: [#""abc""#, #""ab""#]),
    Row(schema: #"{"type":"string","pattern":"^[^\"]*$"}"#, accepted: [#""a\\b""#, #""北""#], refused: [#""a\"b""#]),
    Row(
      schema: #"{"type":"string","pattern":"^a+$","maxLength":3}"#, accepted: [#""a""#, #""aaa""#],
      refused: [#""aaaa""#, #""""#]),
    Row(
      schema: #"{"type":"string","format":"date"}"#, accepted: [#""2024-02-29""#],
      refused: [#""2023-02-29""#, #""2024-13-01""#, #""today""#]),
    Row(
      schema: #"{"type":"string","format":"ipv4"}"#, accepted: [#""192.168.0.1""#],
      refused: [#""256.1.1.1""#, #""1.2.3""#]),
    Row(
      schema: #"{"enum":["red","红",1,null,{"a":[1,2]}]}"#,
      accepted: [#""red""#, #""红""#, "1", "null", #"{"a": [1, 2]}"#], refused: [#""re""#, "2", #"{"a": [1]}"#]),
    Row(
      schema: #"{"enum":["a",1,"b"],"type":"string","not":{"const":"b"}}"#, accepted: [#""a""#],
      refused: ["1", #""b""#]),
    Row(schema: #"{"type":["string","null"]}"#, accepted: ["null", #""x""#], refused: ["1"]),
    Row(
      schema:
        #"{"type":"object","properties":{"a":{"type":"integer"},"b":{"type":"string"}},"required":["b"],"additionalProperties":false}"#,
      accepted: [#"{"a": 1, "b": "x"}"#, #"{"b": ""}"#],
      refused: [
        #"{"a": 1}"#, "{}", #"{"b": "", "a": 1}"#, #"{"b": "", "c": 1}"#, #"{"b": "", "b": ""}"#, #"{"a":1, "b": "x"}"#,
      ]),
    Row(
      schema: #"{"type":"object","properties":{"a":{"type":"integer"}}}"#,
      accepted: [#"{"a": 1}"#, #"{"x": [true], "a": 1, "ab": null}"#, "{}"],
      refused: [#"{"a": "x"}"#, #"{"\u0061": "x"}"#, #"{"a": 1, "a": 2}"#]),
    Row(
      schema:
        #"{"type":"object","patternProperties":{"^n_":{"type":"integer"},"^s_":{"type":"string"}},"additionalProperties":false}"#,
      accepted: [#"{"n_a": 1, "s_b": "x"}"#, "{}"], refused: [#"{"n_a": "x"}"#, #"{"x": 1}"#]),
    Row(
      schema: #"{"type":"object","propertyNames":{"pattern":"^[a-z]+$"}}"#, accepted: [#"{"ab": 1}"#],
      refused: [#"{"A": 1}"#, #"{"": 1}"#]),
    Row(
      schema: #"{"type":"object","minProperties":1,"maxProperties":2}"#,
      accepted: [#"{"a": 1}"#, #"{"a": 1, "b": 2}"#], refused: ["{}", #"{"a": 1, "b": 2, "c": 3}"#]),
    Row(
      schema: #"{"type":"object","required":["k\"\\键"]}"#, accepted: [#"{"k\"\\键": 1}"#], refused: ["{}", #"{"k": 1}"#]),
    Row(
      schema: #"{"type":"array","items":{"type":"integer"},"minItems":1,"maxItems":2}"#, accepted: ["[1]", "[1, 2]"],
      refused: ["[]", "[1, 2, 3]", "[1,2]", #"["a"]"#]),
    Row(
      schema: #"{"type":"array","prefixItems":[{"type":"string"},{"type":"integer"}],"items":false}"#,
      accepted: ["[]", #"["a"]"#, #"["a", 1]"#], refused: [#"["a", 1, 2]"#, "[1]"]),
    Row(
      schema: #"{"type":"array","items":{"enum":["a","b","ab"]},"uniqueItems":true}"#,
      accepted: [#"["a", "ab"]"#, "[]"], refused: [#"["a", "a"]"#, #"["a", "b", "ab", "a"]"#]),
    Row(
      schema: #"{"type":"array","contains":{"const":1},"items":{"type":"integer"}}"#, accepted: ["[1]", "[2, 1, 3]"],
      refused: ["[]", "[2]"]),
    Row(
      schema: #"{"anyOf":[{"type":"integer"},{"type":"object","properties":{"k":{"const":"a"}},"required":["k"]}]}"#,
      accepted: ["3", #"{"k": "a"}"#], refused: [#"{"k": "b"}"#, "null"]),
    Row(
      schema:
        #"{"oneOf":[{"properties":{"k":{"const":"a"},"v":{"type":"integer"}},"required":["k","v"]},{"properties":{"k":{"const":"b"},"v":{"type":"string"}},"required":["k","v"]}],"type":"object"}"#,
      accepted: [#"{"k": "a", "v": 1}"#, #"{"k": "b", "v": "x"}"#],
      refused: [#"{"k": "a", "v": "x"}"#, #"{"k": "c", "v": 1}"#]),
    Row(
      schema: #"{"oneOf":[{"type":"integer","minimum":5},{"type":"integer","maximum":9}]}"#, accepted: ["4", "10"],
      refused: ["5", "7", "9"]),
    Row(
      schema: #"{"allOf":[{"type":"integer","minimum":2},{"maximum":4}]}"#, accepted: ["2", "4"],
      refused: ["1", "5", #""x""#]),
    Row(
      schema:
        #"{"type":"object","properties":{"a":{"type":"string"}},"if":{"properties":{"a":{"const":"x"}},"required":["a"]},"then":{"required":["b"]},"else":{"required":["c"]}}"#,
      accepted: [#"{"a": "x", "b": 1}"#, #"{"a": "y", "c": 1}"#, #"{"c": 1}"#],
      refused: [#"{"a": "x", "c": 1}"#, #"{"a": "y"}"#, "{}"]),
    Row(
      schema: #"{"type":"object","properties":{"a":{},"b":{}},"dependentRequired":{"a":["b"]}}"#,
      accepted: ["{}", #"{"b": 1}"#, #"{"a": 1, "b": 2}"#], refused: [#"{"a": 1}"#]),
    Row(
      schema:
        ##"{"type":"object","properties":{"v":{"type":"integer"},"next":{"$ref":"#"}},"required":["v"],"additionalProperties":false}"##,
      accepted: [#"{"v": 1, "next": {"v": 2, "next": {"v": 3}}}"#], refused: [#"{"v": 1, "next": {}}"#]),
  ])
  func `a grammar admits what its schema allows and nothing else`(row: Row) throws {
    let grammar = try SmallVocabulary.grammar(row.schema)
    for text in row.accepted { #expect(Self.accepts(grammar, text), "\(text)") }
    for text in row.refused { #expect(!Self.accepts(grammar, text), "\(text)") }
  }

  @Test(arguments: [
    (#"{"type":"integer","minimum":5,"maximum":4}"#, "#: no number lies within its bounds"),
    (#"{"allOf":[{"type":"string"},{"type":"integer"}]}"#, "#/allOf/1/type excludes what other keywords demand"),
    (#"{"enum":["a","b"],"type":"integer"}"#, "#: no value of its list satisfies the other keywords"),
    (
      ##"{"type":"object","properties":{"next":{"$ref":"#"}},"required":["next"]}"##,
      "its parts exclude each other, or it only ends by recursion"
    ),
    (#"{"type":"object","required":["a"],"properties":{"a":false}}"#, "#/properties/a is false, which allows no value"),
  ])
  func `a schema that nothing satisfies is refused with the reason`(schema: String, reason: String) {
    #expect(throws: GrammarError.unsatisfiable(schema: "schema", reason: reason)) {
      _ = try SmallVocabulary.grammar(schema)
    }
  }

  /// A schema that only counting shows to be empty, the reason, and a neighbour that is not with a value of it.
  struct Count: Sendable, CustomTestStringConvertible {
    let schema: String
    let reason: String
    let neighbour: String
    let value: String
    var testDescription: String { schema }
  }

  @Test(arguments: [
    Count(
      schema: #"{"type":"object","properties":{"a":{},"b":{}},"additionalProperties":false,"minProperties":3}"#,
      reason: "#: minProperties is 3, and no more than 2 members can be there",
      neighbour: #"{"type":"object","properties":{"a":{},"b":{}},"additionalProperties":false,"minProperties":2}"#,
      value: #"{"a": 1, "b": 2}"#),
    Count(
      schema: #"{"type":"object","properties":{"a":{},"b":false},"additionalProperties":false,"minProperties":2}"#,
      reason: "#: minProperties is 2, and no more than 1 member can be there",
      neighbour: #"{"type":"object","properties":{"a":{},"b":false},"minProperties":2}"#, value: #"{"a": 1, "c": 2}"#),
    Count(
      schema: #"{"type":"object","propertyNames":{"enum":["a","b"]},"minProperties":3}"#,
      reason: "#: minProperties is 3, and no more than 2 members can be there",
      neighbour: #"{"type":"object","propertyNames":{"enum":["a","b","c"]},"minProperties":3}"#,
      value: #"{"a": 1, "c": 2, "b": 3}"#),
    Count(
      schema:
        #"{"type":"object","patternProperties":{"^x[12]$":{}},"additionalProperties":false,"minProperties":3}"#,
      reason: "#: minProperties is 3, and no more than 2 members can be there",
      neighbour:
        #"{"type":"object","patternProperties":{"^x[123]$":{}},"additionalProperties":false,"minProperties":3}"#,
      value: #"{"x2": 1, "x1": 2, "x3": 3}"#),
    Count(
      schema: #"{"type":"object","minProperties":2,"maxProperties":1}"#,
      reason: "#: minProperties is 2, and maxProperties 1",
      neighbour: #"{"type":"object","minProperties":2,"maxProperties":2}"#, value: #"{"a": 1, "c": 2}"#),
    Count(
      schema: #"{"type":"object","required":["a","b","c"],"maxProperties":2}"#,
      reason: "#: 3 members are required, and maxProperties is 2",
      neighbour: #"{"type":"object","required":["a","b","c"],"maxProperties":3}"#,
      value: #"{"a": 1, "b": 2, "c": 3}"#),
    Count(
      schema: #"{"type":"object","properties":{"p":{"type":"object","required":["q","r"],"maxProperties":1}},"required":["p"]}"#,
      reason: "#/properties/p: 2 members are required, and maxProperties is 1",
      neighbour: #"{"type":"object","properties":{"p":{"type":"object","required":["q","r"],"maxProperties":1}}}"#,
      value: "{}"),
    Count(
      schema: #"{"type":"object","required":["a"],"maxProperties":1,"dependentRequired":{"a":["b"]}}"#,
      reason: "#: 2 members are required, and maxProperties is 1",
      neighbour: #"{"type":"object","required":["b"],"maxProperties":1,"dependentRequired":{"a":["b"]}}"#,
      value: #"{"b": 1}"#),
    Count(
      schema: #"{"type":"array","minItems":3,"maxItems":2}"#, reason: "#: minItems is 3, and maxItems 2",
      neighbour: #"{"type":"array","minItems":2,"maxItems":2}"#, value: "[1, 1]"),
    Count(
      schema: #"{"type":"array","prefixItems":[true,true],"items":false,"minItems":3}"#,
      reason: "#: minItems is 3, and no more than 2 elements can be there; #/items is false, which allows no value",
      neighbour: #"{"type":"array","prefixItems":[true,true,true],"items":false,"minItems":3}"#, value: "[1, 2, 3]"),
    Count(
      schema: #"{"type":"array","items":{"enum":["a","b"]},"uniqueItems":true,"minItems":3}"#,
      reason: "#: minItems is 3, and uniqueItems leaves no more than 2 elements",
      neighbour: #"{"type":"array","items":{"enum":["a","b"]},"minItems":3}"#, value: #"["a", "a", "b"]"#),
    Count(
      schema: #"{"type":"array","items":{"type":"boolean"},"uniqueItems":true,"minItems":3}"#,
      reason: "#: minItems is 3, and uniqueItems leaves no more than 2 elements",
      neighbour: #"{"type":"array","items":{"type":["boolean","null"]},"uniqueItems":true,"minItems":3}"#,
      value: "[true, null, false]"),
    Count(
      schema: #"{"type":"array","items":{"type":"integer","minimum":1,"exclusiveMaximum":4},"uniqueItems":true,"minItems":4}"#,
      reason: "#: minItems is 4, and uniqueItems leaves no more than 3 elements",
      neighbour:
        #"{"type":"array","items":{"type":"integer","minimum":1,"maximum":4},"uniqueItems":true,"minItems":4}"#,
      value: "[1, 2, 4, 3]"),
    Count(
      schema: #"{"type":"array","items":{"type":"number","minimum":-1,"maximum":1,"multipleOf":0.5},"uniqueItems":true,"minItems":6}"#,
      reason: "#: minItems is 6, and uniqueItems leaves no more than 5 elements",
      neighbour:
        #"{"type":"array","items":{"type":"number","minimum":-1,"maximum":1,"multipleOf":0.5},"uniqueItems":true,"minItems":5}"#,
      value: "[-1, -0.5, 0, 0.5, 1]"),
    Count(
      schema: #"{"type":"array","items":{"type":"string","pattern":"^[ab]$"},"uniqueItems":true,"minItems":3}"#,
      reason: "#: minItems is 3, and uniqueItems leaves no more than 2 elements",
      neighbour: #"{"type":"array","items":{"type":"string","pattern":"^[abc]$"},"uniqueItems":true,"minItems":3}"#,
      value: #"["a", "c", "b"]"#),
    Count(
      schema: #"{"type":"array","prefixItems":[{"const":1},{"const":1}],"uniqueItems":true,"minItems":2}"#,
      reason: "#: minItems is 2, and uniqueItems leaves no more than 1 element",
      neighbour: #"{"type":"array","prefixItems":[{"const":1},{"const":2}],"uniqueItems":true,"minItems":2}"#,
      value: "[1, 2]"),
    Count(
      schema:
        #"{"type":"array","prefixItems":[{"enum":["a"]},{"enum":["a"]}],"uniqueItems":true,"minItems":2,"contains":{"type":"integer"}}"#,
      reason: "#: minItems is 2, and uniqueItems leaves no more than 1 element",
      neighbour:
        #"{"type":"array","prefixItems":[{"enum":["a","b"]},{"enum":["a","b"]}],"uniqueItems":true,"minItems":2,"contains":{"type":"integer"}}"#,
      value: #"["a", "b", 1]"#),
    Count(
      schema: #"{"type":"array","contains":{"type":"integer"},"maxItems":0}"#,
      reason: "#: minContains is 1, and maxItems 0",
      neighbour: #"{"type":"array","contains":{"type":"integer"},"maxItems":1}"#, value: "[1]"),
    Count(
      schema: #"{"type":"array","contains":{"type":"integer"},"minContains":3,"maxItems":2}"#,
      reason: "#: minContains is 3, and maxItems 2",
      neighbour: #"{"type":"array","contains":{"type":"integer"},"minContains":2,"maxItems":2}"#, value: "[1, 2]"),
    Count(
      schema: #"{"type":"array","contains":true,"maxContains":1,"minItems":2}"#,
      reason: "#: minItems is 2, and maxContains 1",
      neighbour: #"{"type":"array","contains":true,"maxContains":2,"minItems":2}"#, value: "[1, 2]"),
    Count(
      schema: #"{"type":"array","items":{"type":"string"},"contains":{"type":"integer"}}"#,
      reason: "#: contains demands an element that no other keyword forbids, and there is none",
      neighbour: #"{"type":"array","items":{"type":"string"},"contains":{"type":"string"}}"#, value: #"["a"]"#),
    Count(
      schema: #"{"type":"array","prefixItems":[{"type":"string"}],"contains":{"type":"integer"},"maxItems":1}"#,
      reason: "#: contains demands an element that no other keyword forbids, and there is none",
      neighbour: #"{"type":"array","prefixItems":[{"type":"string"}],"contains":{"type":"integer"},"maxItems":2}"#,
      value: #"["a", 1]"#),
    Count(
      schema: #"{"type":"string","minLength":4,"maxLength":3}"#, reason: "#: minLength is 4, and maxLength 3",
      neighbour: #"{"type":"string","minLength":3,"maxLength":3}"#, value: #""abc""#),
    Count(
      schema: #"{"type":"string","enum":["a","bc"],"minLength":3}"#,
      reason: "#: no value of its list satisfies the other keywords",
      neighbour: #"{"type":"string","enum":["a","bc"],"minLength":2}"#, value: #""bc""#),
    Count(
      schema: #"{"type":"string","pattern":"^[ab]{2,4}$","minLength":5}"#,
      reason: "#: no string satisfies pattern, minLength together",
      neighbour: #"{"type":"string","pattern":"^[ab]{2,4}$","minLength":4}"#, value: #""abba""#),
    Count(
      schema: #"{"allOf":[{"type":"string","pattern":"^a"},{"pattern":"^b"}]}"#,
      reason: "#/allOf/0: no string satisfies pattern",
      neighbour: #"{"allOf":[{"type":"string","pattern":"^a"},{"pattern":"b$"}]}"#, value: #""ab""#),
    Count(
      schema: #"{"type":"string","format":"date","maxLength":9}"#,
      reason: "#: no string satisfies format, maxLength together",
      neighbour: #"{"type":"string","format":"date","maxLength":10}"#, value: #""2024-02-29""#),
    Count(
      schema: #"{"type":"integer","minimum":8,"maximum":13,"multipleOf":7}"#,
      reason: "#: no multiple of 7 lies within its bounds",
      neighbour: #"{"type":"integer","minimum":8,"maximum":14,"multipleOf":7}"#, value: "14"),
    Count(
      schema: #"{"type":"number","exclusiveMinimum":0,"exclusiveMaximum":0.5,"multipleOf":0.5}"#,
      reason: "#: no multiple of 0.5 lies within its bounds",
      neighbour: #"{"type":"number","exclusiveMinimum":0,"maximum":0.5,"multipleOf":0.5}"#, value: "0.5"),
    Count(
      schema: #"{"allOf":[{"type":"integer","multipleOf":4},{"multipleOf":6},{"minimum":1,"maximum":11}]}"#,
      reason: "#/allOf/0: no multiple of 12 lies within its bounds",
      neighbour: #"{"allOf":[{"type":"integer","multipleOf":4},{"multipleOf":6},{"minimum":1,"maximum":12}]}"#,
      value: "12"),
  ])
  func `a contradiction that only counting shows is told with its place, and its neighbour is admitted`(row: Count)
    throws
  {
    #expect(throws: GrammarError.unsatisfiable(schema: "schema", reason: row.reason)) {
      _ = try SmallVocabulary.grammar(row.schema)
    }
    let neighbour = try SmallVocabulary.grammar(row.neighbour)
    #expect(Self.accepts(neighbour, row.value))
    // The validator, which counts nothing beforehand, agrees.
    let value = try JSONValue(parsing: row.value)
    #expect(try !JSONSchema(document: JSONValue(parsing: row.schema)).isValid(value, assertingFormats: true))
    #expect(try JSONSchema(document: JSONValue(parsing: row.neighbour)).isValid(value, assertingFormats: true))
  }

  @Test func `several divisors are followed as one`() throws {
    let grammar = try SmallVocabulary.grammar(#"{"allOf":[{"type":"number","multipleOf":0.6},{"multipleOf":0.4}]}"#)
    for text in ["0", "1.2", "2.4", "-3.6", "12"] { #expect(Self.accepts(grammar, text), "\(text)") }
    for text in ["0.6", "0.4", "1", "2.2"] { #expect(!Self.accepts(grammar, text), "\(text)") }
    #expect(grammar.enforcement.isComplete)
  }

  @Test func `conditions on one member's constant do not multiply`() throws {
    // Fourteen conditions have 16,384 combinations; a name is one of them at a time.
    let kinds = (0..<14).map { "k\($0)" }
    let conditions = kinds.map { kind in
      #"{"if":{"properties":{"name":{"const":"\#(kind)"}}},"then":{"properties":{"\#(kind)":{"type":"integer"}},"required":["\#(kind)"]}}"#
    }
    let names = kinds.map { "\"\($0)\"" }.joined(separator: ",")
    let grammar = try SmallVocabulary.grammar(
      #"{"allOf":[{"type":"object","properties":{"name":{"enum":[\#(names)]}},"required":["name"]},\#(conditions.joined(separator: ","))]}"#,
      keyOrder: .any)
    for text in [#"{"name": "k0", "k0": 1}"#, #"{"k13": 1, "name": "k13", "k2": "x"}"#] {
      #expect(Self.accepts(grammar, text), "\(text)")
    }
    for text in [#"{"name": "k0"}"#, #"{"name": "k0", "k1": 1}"#, #"{"name": "k3", "k3": "x"}"#, #"{"name": "k14"}"#] {
      #expect(!Self.accepts(grammar, text), "\(text)")
    }
  }

  @Test func `conditions that multiply all the same are left to the check that follows`() throws {
    let names = (0..<12).map { "m\($0)" }
    let properties = names.map { #""\#($0)":{"type":"integer"}"# }.joined(separator: ",")
    let dependent = names.map { #""\#($0)":{"properties":{"kind":{"enum":["\#($0)","all"]}}}"# }.joined(separator: ",")
    let grammar = try SmallVocabulary.grammar(
      #"{"type":"object","properties":{"kind":{"type":"string"},\#(properties)},"additionalProperties":false,"dependentSchemas":{\#(dependent)}}"#
    )
    #expect(
      grammar.enforcement.checkedAfter.map { "\($0.pointer) \($0.keyword): \($0.reason)" } == [
        " dependentSchemas: its alternatives multiply to more than 500 combinations"
      ])
    #expect(Self.accepts(grammar, #"{"kind": "m1", "m1": 1}"#))
    // Left to the check.
    #expect(Self.accepts(grammar, #"{"kind": "m2", "m1": 1}"#))
    #expect(!Self.accepts(grammar, #"{"kind": "m1", "m1": "x"}"#))
  }

  @Test func `a name that is there and that no longer one begins with is not begun again`() throws {
    let grammar = try SmallVocabulary.grammar(
      #"{"type":"object","propertyNames":{"pattern":"^[a-e]{1,2}[0-9]?$"},"additionalProperties":{"const":1}}"#)
    var matcher = grammar.makeMatcher()
    #expect(matcher.admittedCount(#"{"ab": 1, "ab1": 1, "ab2": 1}"#.utf8) == 29)
    matcher.acceptBytes(#"{"ab1": 1, "ab"#.utf8)
    // "ab" may still be a name, and so may it with another digit; "ab1" is taken and cannot become another.
    #expect(matcher.nextBytes() == Array("\"023456789".utf8))
    #expect(!matcher.mask().allows(Int(UInt8(ascii: "1"))))
    let inner = grammar.makeMatcher().admittedCount(#"{"ab1": 1, "ab1"#.utf8)
    #expect(inner == 14)
  }

  @Test func `what is not enforced is listed with its place and the reason`() throws {
    let grammar = try SmallVocabulary.grammar(
      #"{"type":"object","properties":{"a":{"type":"string","pattern":"^(a)\\1$"},"b":{"type":"array","uniqueItems":true}}}"#
    )
    #expect(
      grammar.enforcement.checkedAfter.map { "\($0.pointer) \($0.keyword): \($0.reason)" } == [
        "/properties/a pattern: \\1 cannot be followed byte by byte",
        "/properties/b uniqueItems: elements are compared at the end",
      ])
    #expect(!grammar.enforcement.isComplete)
  }

  @Test func `flexible white space is capped and compact text has none`() throws {
    let schema = #"{"type":"object","properties":{"a":{"type":"array","items":{"type":"integer"}}}}"#
    let flexible = try SmallVocabulary.grammar(schema, style: .flexible(limit: 3))
    #expect(Self.accepts(flexible, "{ \"a\" :\n [1 ,2] }"))
    #expect(Self.accepts(flexible, #"{"a":[1,2]}"#))
    #expect(!Self.accepts(flexible, #"{    "a":[1,2]}"#))
    let compact = try SmallVocabulary.grammar(schema, style: .compact)
    #expect(Self.accepts(compact, #"{"a":[1,2]}"#))
    #expect(!Self.accepts(compact, #"{"a": [1]}"#))
  }

  @Test func `members come in any order where that is chosen, each once`() throws {
    let schema = #"{"type":"object","properties":{"a":{},"b":{}},"required":["a","b"],"additionalProperties":false}"#
    let grammar = try SmallVocabulary.grammar(schema, keyOrder: .any)
    #expect(Self.accepts(grammar, #"{"b": 1, "a": 2}"#))
    #expect(Self.accepts(grammar, #"{"a": 1, "b": 2}"#))
    #expect(!Self.accepts(grammar, #"{"b": 1, "b": 2}"#))
    #expect(!Self.accepts(grammar, #"{"b": 1}"#))
  }

  @Test func `a name that the schema does not list comes once too`() throws {
    let grammar = try SmallVocabulary.grammar(
      #"{"type":"object","properties":{"a":{"type":"object"},"z":{}},"minProperties":1}"#)
    #expect(Self.accepts(grammar, #"{"x": 1, "xy": {"x": 1}, "": 2, "a": {"x": 3, "a": 4}, "z": 5}"#))
    #expect(!Self.accepts(grammar, #"{"x": 1, "x": 2}"#))
    #expect(!Self.accepts(grammar, #"{"a": {"b": {}, "b": {}}}"#))
    #expect(!Self.accepts(grammar, #"{"\"": 1, "\"": 2}"#))
    var matcher = grammar.makeMatcher()
    matcher.acceptBytes(#"{"ab": 1, "a"#.utf8)
    // `b` goes on to `ba` or `bb`, but a quote may not follow; tokens that hold both are forbidden, others are not.
    let fork = matcher.fork()
    #expect(matcher.mask().allows(Int(UInt8(ascii: "b"))) && matcher.nextBytes().contains(0x62))
    let isAccepted = matcher.acceptBytes("b".utf8)
    #expect(isAccepted)
    #expect(!matcher.mask().allows(0x22) && !matcher.nextBytes().contains(0x22))
    #expect(matcher.admittedCount("\": 1".utf8) == 0)
    matcher.rollback(1)
    #expect(matcher.mask().allows(0x22))
    #expect(fork.mask().allowedIDs == matcher.mask().allowedIDs)
  }

  @Test(arguments: [
    #"{"type":"object","patternProperties":{"^[ab]$":{"type":"integer"}},"additionalProperties":false}"#,
    #"{"type":"object","propertyNames":{"maxLength":1,"pattern":"^[ab]"},"additionalProperties":{"type":"integer"}}"#,
  ])
  func `a few possible names are told apart, so that none is begun that is taken`(schema: String) throws {
    let grammar = try SmallVocabulary.grammar(schema)
    #expect(Self.accepts(grammar, #"{"b": 1, "a": 2}"#))
    #expect(!Self.accepts(grammar, #"{"b": 1, "b": 2}"#))
    var matcher = grammar.makeMatcher()
    matcher.acceptBytes(#"{"b": 1"#.utf8)
    #expect(matcher.admittedCount(", \"b".utf8) == 3)
    matcher.acceptBytes(#", "a": 2"#.utf8)
    #expect(matcher.admittedCount(",".utf8) == 0)
  }

  @Test(arguments: [
    // A first member that is required and alone; its string is a choice.
    (
      #"{"type":"object","properties":{"city":{"type":"string"}},"required":["city"],"additionalProperties":false}"#, "",
      #"{"city": ""#
    ),
    // After the brace; the values agree in their beginning.
    (
      #"{"type":"object","properties":{"city":{"enum":["Paris","Parma"]}},"required":["city"],"additionalProperties":false}"#,
      "{", #""city": "Par"#
    ),
    // With the choice made, to the end, where the text is complete.
    (
      #"{"type":"object","properties":{"city":{"enum":["Paris","Parma"]}},"required":["city"],"additionalProperties":false}"#,
      #"{"city": "Pari"#, #"s"}"#
    ),
    // One value; then the next member in the schema's order.
    (
      #"{"type":"object","properties":{"unit":{"enum":["km"]},"n":{"type":"integer"}},"required":["unit","n"],"additionalProperties":false}"#,
      #"{"unit""#, #": "km", "n": "#
    ),
    // An optional member is a choice, and so is one that may be undeclared.
    (#"{"type":"object","properties":{"a":{"const":1}},"additionalProperties":false}"#, "", "{"),
    (#"{"type":"object","properties":{"a":{"const":1}},"required":["a"]}"#, "", #"{""#),
    (#"{"type":"boolean"}"#, "t", "rue"), (#"{"type":"integer"}"#, "12", ""), (#"{"const":[1,2]}"#, "[1", ", 2]"),
  ])
  func `forced bytes are known as far as there is no choice`(schema: String, text: String, forced: String) throws {
    let expected = Array(forced.utf8)
    var matcher = try SmallVocabulary.grammar(schema).makeMatcher()
    let isAccepted = matcher.acceptBytes(text.utf8)
    #expect(isAccepted)
    let before = matcher.nextBytes()
    #expect(matcher.forcedBytes() == expected)
    #expect(matcher.forcedBytes(limit: 2) == Array(expected.prefix(2)))
    // The matcher is where it was.
    #expect(matcher.nextBytes() == before)
    #expect(matcher.admittedCount(expected) == expected.count)
  }

  @Test func `forced bytes end at a choice within a character`() throws {
    // 北 is E5 8C 97 and 化 is E5 8C 96.
    let matcher = try SmallVocabulary.grammar(#"{"enum":["北","化"]}"#).makeMatcher()
    #expect(matcher.forcedBytes() == [0x22, 0xE5, 0x8C])
  }

  @Test func `rollback and fork lead back to the same masks`() throws {
    var matcher = try SmallVocabulary.grammar(#"{"type":"array","items":{"type":"string","maxLength":4}}"#)
      .makeMatcher()
    var masks: [TokenMask] = []
    let steps = ["[", "\"", "ab", "é", "\", \"", "x", "\""]
    for step in steps {
      masks.append(matcher.mask())
      let isAccepted = matcher.acceptBytes(step.utf8)
      #expect(isAccepted, "\(step)")
    }
    var fork = matcher.fork()
    let isClosed = fork.acceptBytes("]".utf8)
    #expect(isClosed)
    #expect(fork.isComplete && !matcher.isComplete)
    matcher.rollback(4)
    #expect(matcher.mask() === masks[3])
    matcher.rollback(3)
    #expect(matcher.mask() === masks[0])
    #expect(matcher.stepCount == 0)
  }
}
