import JSON
import Testing

@testable import ConstrainedDecoding

@Suite struct ValidatorTests {
  private func errors(_ schema: String, _ instance: String, _ dialect: Dialect? = nil) throws -> [ValidationError] {
    try JSONSchema(document: try JSONValue(parsing: schema), name: "s.json", dialect: dialect)
      .validate(try JSONValue(parsing: instance), assertingFormats: true)
  }

  /// Schema, instance, the errors as they are shown.
  private static let rows: [(String, String, [String])] = [
    (#"{"type": "integer"}"#, "1.0", []),
    (#"{"type": ["integer", "null"]}"#, #""5""#, [#""5" is a string, expected null or integer"#]),
    (
      #"{"properties": {"city": {"enum": ["Shenzhen", "Beijing"]}}}"#, #"{"city": "Mars"}"#,
      [#"/city: "Mars" is not one of "Shenzhen", "Beijing""#]
    ),
    (#"{"type": "object"}"#, "[]", ["found an empty array, expected object"]),
    (#"{"type": "string"}"#, "null", ["found null, expected string"]),
    (#"{"const": 1}"#, "1.00", []),
    (#"{"const": {"a": 1, "b": 2}}"#, #"{"b": 2, "a": 1}"#, []),
    (#"{"const": false}"#, "0", ["0 is not false"]),
    (#"{"minimum": 3, "exclusiveMaximum": 5}"#, "5", ["5 is not less than 5"]),
    (#"{"minimum": 3}"#, "2.9", ["2.9 is less than 3"]),
    (#"{"minimum": 9007199254740993}"#, "9007199254740992", ["9007199254740992 is less than 9007199254740993"]),
    (#"{"multipleOf": 0.01}"#, "0.07", []),
    (#"{"multipleOf": 0.01}"#, "0.075", ["0.075 is not a multiple of 0.01"]),
    // Length is in code points: a family of four with joiners is seven.
    (#"{"maxLength": 2}"#, #""深圳""#, []),
    (#"{"maxLength": 1}"#, #""e\u0301""#, [#""e\#u{301}" has 2 characters, at most 1 expected"#]),
    (#"{"minLength": 2}"#, #""😀""#, [#""😀" has 1 character, at least 2 expected"#]),
    (#"{"pattern": "^\\d{4}$"}"#, #""202""#, [#""202" does not match the pattern "^\\d{4}$""#]),
    (#"{"format": "date"}"#, #""2025-02-29""#, [#""2025-02-29" does not have the format date"#]),
    (#"{"format": "colour"}"#, #""x""#, []),
    (#"{"uniqueItems": true}"#, "[1, 2, 1.0]", ["elements 0 and 2 are both 1"]),
    (#"{"uniqueItems": true}"#, "[0, 1, 2, 3, 4, 5, 6, 7, 8, 60e-1]", ["elements 6 and 9 are both 6"]),
    (#"{"minItems": 1}"#, "[]", ["the array has 0 elements, at least 1 expected"]),
    (
      #"{"prefixItems": [true, {"type": "null"}], "items": false}"#, "[1, 2, 3]",
      ["/1: 2 is a number, expected null", "/2: no value is allowed here"]
    ),
    (
      #"{"contains": {"type": "string"}, "maxContains": 1}"#, #"["a", "b"]"#,
      [#"2 elements of the array conform to "contains", at most 1 expected"#]
    ),
    (#"{"required": ["a", "b"]}"#, #"{"a": 1}"#, [#"the property "b" is missing"#]),
    (
      #"{"properties": {"city": true}, "additionalProperties": false}"#, #"{"ctiy": 1}"#,
      [#"the property "ctiy" is not allowed; known are "city""#]
    ),
    (
      #"{"propertyNames": {"maxLength": 2}}"#, #"{"abc": 1}"#,
      [#"property name: "abc" has 3 characters, at most 2 expected"#]
    ),
    (#"{"dependentRequired": {"a": ["b"]}}"#, #"{"a": 1}"#, [#"with "a" the property "b" is expected too"#]),
    (
      #"{"anyOf": [{"type": "null"}, {"properties": {"a": {"type": "string"}}}]}"#, #"{"a": 1}"#,
      [
        #"{"a": 1} conforms to none of the 2 schemas of anyOf: {"a": 1} is an object, expected null; or /a: 1 is a number, expected string"#
      ]
    ),
    (
      #"{"oneOf": [{"minimum": 1}, {"minimum": 2}]}"#, "3",
      ["3 conforms to 2 schemas of oneOf (0, 1), exactly one is expected"]
    ),
    (#"{"not": {"type": "null"}}"#, "null", [#"null conforms to the schema of "not", which it must not"#]),
    (
      #"{"if": {"required": ["a"]}, "then": {"required": ["b"]}, "else": false}"#, #"{"a": 1}"#,
      [#"the property "b" is missing"#]
    ),
    (
      #"{"properties": {"a/b": {"properties": {"c~": false}}}}"#, #"{"a/b": {"c~": 1}}"#,
      ["/a~1b/c~0: no value is allowed here"]
    ),
    // Keys are compared by bytes: the composed and the decomposed é are two.
    (#"{"properties": {"caf\u00e9": false}}"#, #"{"cafe\u0301": 1}"#, []),
    (
      #"{"allOf": [{"properties": {"a": {"type": "null"}}}], "unevaluatedProperties": false}"#, #"{"a": 1, "b": 2}"#,
      ["/a: 1 is a number, expected null"]
    ),
    (
      #"{"allOf": [{"properties": {"a": true}}], "unevaluatedProperties": false}"#, #"{"a": 1, "b": 2}"#,
      [#"the property "b" is not allowed"#]
    ),
  ]

  @Test(arguments: rows)
  func `an error says where, what was found and what was expected`(
    schema: String, instance: String, sentences: [String]
  ) throws {
    #expect(try errors(schema, instance).map(\.description) == sentences)
  }

  @Test func `an error points into the schema and into the instance`() throws {
    let error = try #require(
      try errors(##"{"$defs": {"n": {"type": "null"}}, "items": {"$ref": "#/$defs/n"}}"##, "[null, 1]").first)
    #expect(error.instance.text == "/1")
    #expect(error.schema.text == "/$defs/n/type")
    #expect(error.document == "s.json")
    #expect(error.keyword == .type)
  }

  @Test func `an error of nested alternatives stays one short sentence`() throws {
    let schema =
      ##"{"anyOf": [{"type": "string"}, {"properties": {"l": {"$ref": "#"}, "r": {"$ref": "#"}}, "type": "object"}]}"##
    #expect(
      try errors(schema, #"{"l": {"l": {"l": 1}}}"#).map(\.description) == [
        #"{"l": {"l": {"l": 1}}} conforms to none of the 2 schemas of anyOf: {"l": {"l": {"l": 1}}} is an object, expected string; or /l: {"l": {"l": 1}} conforms to none of the 2 schemas of anyOf"#
      ])
  }

  @Test(arguments: [("1", true), ("1.0", false), ("1e0", false)])
  func `in draft 4 an integer is a matter of spelling`(instance: String, isValid: Bool) throws {
    #expect(try errors(#"{"type": "integer"}"#, instance, .draft4).isEmpty == isValid)
  }

  @Test(arguments: [
    ##"{"$ref": "#"}"##, ##"{"allOf": [{"$ref": "#/$defs/a"}], "$defs": {"a": {"not": {"$ref": "#"}}}}"##,
  ])
  func `a schema that applies itself for ever is reported`(schema: String) throws {
    #expect(throws: ValidationLimit.self) { try errors(schema, "1") }
  }

  @Test func `five hundred levels of a value are validated`() throws {
    let depth = 500
    let text = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    #expect(
      try errors(
        ##"{"$ref": "#/$defs/list", "$defs": {"list": {"type": "array", "items": {"$ref": "#/$defs/list"}}}}"##, text)
        == [])
    #expect(throws: ValidationLimit.self) {
      try errors(##"{"items": {"allOf": [{"$ref": "#"}]}}"##, text)
    }
  }

  @Test func `a pattern that cannot be used is reported when it is needed`() throws {
    let schema = #"{"properties": {"a": {"pattern": "(?i)x"}}}"#
    #expect(try errors(schema, #"{"b": 1}"#) == [])
    let limit = #expect(throws: ValidationLimit.self) { try errors(schema, #"{"a": "x"}"#) }
    #expect(
      limit?.description == #"s.json#/properties/a/pattern: pattern "(?i)x", position 1: "(?i" is no group of ECMA-262"#
    )
  }
}
