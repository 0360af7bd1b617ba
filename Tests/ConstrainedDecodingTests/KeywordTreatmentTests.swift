import ConstrainedDecoding
import JSON
import Testing

/// What the lists of keywords say is what a compiled schema does.
struct KeywordTreatmentTests {
  /// For each keyword that asserts something, a schema whose root has it, a value that conforms, and one that violates it.
  private static let rows: [(keyword: Keyword, schema: String, valid: String, invalid: String)] = [
    (.type, #"{"type":"string"}"#, #""a""#, "1"), (.enum, #"{"enum":[1,2]}"#, "2", "3"),
    (.const, #"{"const":"a"}"#, #""a""#, #""b""#),
    (.multipleOf, #"{"type":"integer","multipleOf":3}"#, "9", "10"),
    (.minimum, #"{"type":"integer","minimum":3}"#, "3", "2"), (.maximum, #"{"type":"integer","maximum":3}"#, "3", "4"),
    (.exclusiveMinimum, #"{"type":"integer","exclusiveMinimum":3}"#, "4", "3"),
    (.exclusiveMaximum, #"{"type":"integer","exclusiveMaximum":3}"#, "2", "3"),
    (.minLength, #"{"type":"string","minLength":2}"#, #""北京""#, #""京""#),
    (.maxLength, #"{"type":"string","maxLength":2}"#, #""北京""#, #""abc""#),
    (.pattern, #"{"type":"string","pattern":"^a+$"}"#, #""aa""#, #""ab""#),
    (.format, #"{"type":"string","format":"date"}"#, #""2024-02-29""#, #""2023-02-29""#),
    (.minItems, #"{"type":"array","minItems":1}"#, "[1]", "[]"),
    (.maxItems, #"{"type":"array","maxItems":1}"#, "[1]", "[1, 2]"),
    (.uniqueItems, #"{"type":"array","items":{"enum":[1,2]},"uniqueItems":true}"#, "[2, 1]", "[1, 1]"),
    (.minProperties, #"{"type":"object","minProperties":1}"#, #"{"a": 1}"#, "{}"),
    (.maxProperties, #"{"type":"object","maxProperties":1}"#, #"{"a": 1}"#, #"{"a": 1, "b": 1}"#),
    (.required, #"{"type":"object","required":["a"]}"#, #"{"a": 1}"#, "{}"),
    (.dependentRequired, #"{"type":"object","dependentRequired":{"a":["b"]}}"#, #"{"a": 1, "b": 1}"#, #"{"a": 1}"#),
    (.prefixItems, #"{"type":"array","prefixItems":[{"type":"null"}]}"#, "[null, 1]", "[1]"),
    (.items, #"{"type":"array","items":{"type":"null"}}"#, "[null]", "[1]"),
    (
      .additionalItems,
      #"{"$schema":"http://json-schema.org/draft-07/schema#","type":"array","items":[true],"additionalItems":false}"#,
      "[1]", "[1, 2]"
    ),
    (.properties, #"{"type":"object","properties":{"a":{"type":"null"}}}"#, #"{"a": null}"#, #"{"a": 1}"#),
    (
      .patternProperties, #"{"type":"object","patternProperties":{"^a":{"type":"null"}}}"#, #"{"ab": null}"#,
      #"{"ab": 1}"#
    ),
    (.additionalProperties, #"{"type":"object","additionalProperties":false}"#, "{}", #"{"a": 1}"#),
    (.propertyNames, #"{"type":"object","propertyNames":{"maxLength":1}}"#, #"{"a": 1}"#, #"{"ab": 1}"#),
    (.allOf, #"{"allOf":[{"type":"integer"},{"minimum":2}]}"#, "2", "1"),
    (.anyOf, #"{"anyOf":[{"type":"null"},{"type":"boolean"}]}"#, "true", "1"),
    (.oneOf, #"{"oneOf":[{"type":"integer","minimum":5},{"type":"integer","maximum":9}]}"#, "4", "7"),
    (.not, #"{"type":"integer","not":{"minimum":3}}"#, "2", "3"),
    (.if, #"{"type":"integer","if":{"minimum":3},"then":{"maximum":5},"else":{"maximum":1}}"#, "4", "6"),
    (.then, #"{"type":"integer","if":{"minimum":3},"then":{"maximum":5}}"#, "4", "6"),
    (.else, #"{"type":"integer","if":{"minimum":3},"else":{"maximum":1}}"#, "1", "2"),
    (
      .dependentSchemas, #"{"type":"object","dependentSchemas":{"a":{"required":["b"]}}}"#, #"{"a": 1, "b": 1}"#,
      #"{"a": 1}"#
    ),
    (
      .dependencies,
      #"{"$schema":"http://json-schema.org/draft-07/schema#","type":"object","dependencies":{"a":["b"]}}"#,
      #"{"a": 1, "b": 1}"#, #"{"a": 1}"#
    ),
    (.ref, ##"{"$ref":"#/$defs/a","$defs":{"a":{"type":"null"}}}"##, "null", "1"),
    (.contains, #"{"type":"array","contains":{"const":1}}"#, "[2, 1]", "[2]"),
    (.minContains, #"{"type":"array","contains":{"const":1},"minContains":1}"#, "[2, 1]", "[2]"),
    (.maxContains, #"{"type":"array","contains":{"const":1},"maxContains":1}"#, "[2, 1]", "[1, 1]"),
    (.unevaluatedItems, #"{"type":"array","prefixItems":[true],"unevaluatedItems":false}"#, "[1]", "[1, 2]"),
    (
      .unevaluatedProperties, #"{"type":"object","properties":{"a":true},"unevaluatedProperties":false}"#, #"{"a": 1}"#,
      #"{"b": 1}"#
    ),
    (
      .dynamicRef, ##"{"$id":"urn:a","$dynamicRef":"#n","$defs":{"a":{"$dynamicAnchor":"n","type":"null"}}}"##, "null",
      "1"
    ),
    (
      .recursiveRef,
      ##"{"$schema":"https://json-schema.org/draft/2019-09/schema","$id":"urn:b","$recursiveAnchor":true,"type":["array","null"],"items":{"$recursiveRef":"#"}}"##,
      "[null]", "[1]"
    ),
  ]

  @Test func `every keyword that asserts something has a row`() {
    let missing = Set(Keyword.allCases).subtracting(Self.rows.map(\.keyword)).subtracting(Keyword.annotation)
    #expect(missing == [])
    #expect(Keyword.refused == [])
  }

  @Test(arguments: rows)
  func `a keyword is in one list, and its treatment there is the one it gets`(
    keyword: Keyword, schema: String, valid: String, invalid: String
  ) throws {
    let read = try JSONSchema(document: JSONValue(parsing: schema))
    let grammar = try Grammar(read, vocabulary: SmallVocabulary.trie)
    let enforced = grammar.enforcement.enforced.filter { $0.keyword == keyword.rawValue }
    let checked = grammar.enforcement.checkedAfter.filter { $0.keyword == keyword.rawValue }
    #expect(try grammar.enforcement == SchemaEnforcement(of: read))
    #expect(try read.isValid(JSONValue(parsing: valid), assertingFormats: true))
    #expect(try !read.isValid(JSONValue(parsing: invalid), assertingFormats: true))
    #expect(GrammarTests.accepts(grammar, valid))
    switch keyword.treatment {
    case .enforced:
      #expect(enforced.count == 1 && checked.isEmpty)
      #expect(!GrammarTests.accepts(grammar, invalid))
    case .checkedAfter: #expect(enforced.isEmpty && checked.count == 1 && checked.first?.reason != "")
    case .annotation, .refused: Issue.record("\(keyword) has no row")
    }
  }

  @Test(arguments: [
    #"{"title":"t","description":"d","default":1,"examples":[1],"deprecated":true,"readOnly":true,"writeOnly":true,"$comment":"c"}"#,
    #"{"type":"string","format":"no such format"}"#,
  ])
  func `annotations are in neither list`(schema: String) throws {
    let enforcement = try SchemaEnforcement(of: JSONSchema(document: JSONValue(parsing: schema)))
    #expect(enforcement.checkedAfter == [] && enforcement.enforced.allSatisfy { $0.keyword == "type" })
  }

  @Test func `what a condition, a count or a number leaves open is said for every keyword that it concerns`() throws {
    let rows: [(String, [String])] = [
      (
        #"{"if":{"pattern":"(a)\\1"},"then":{"maxLength":3},"else":{"maxLength":2},"type":"string"}"#,
        ["if", "then", "else", "pattern"]
      ),
      (
        #"{"type":"array","contains":{"const":1},"minContains":2,"maxContains":3}"#,
        ["contains", "minContains", "maxContains"]
      ),
      (#"{"type":"integer","not":{"enum":[1,2]}}"#, ["enum"]),
      (
        #"{"allOf":[{"pattern":"(a)\\1"},{"pattern":"(a)\\1"}],"type":"string"}"#, ["pattern", "pattern"]
      ),
    ]
    for (schema, keywords) in rows {
      let enforcement = try SchemaEnforcement(of: JSONSchema(document: JSONValue(parsing: schema)))
      #expect(enforcement.checkedAfter.map(\.keyword) == keywords, "\(schema)")
      let both = enforcement.enforced.filter { entry in
        enforcement.checkedAfter.contains { $0.keyword == entry.keyword && $0.pointer == entry.pointer }
      }
      #expect(both == [], "\(schema)")
    }
  }
}
