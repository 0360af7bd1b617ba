import JSON
import Testing

@testable import ConstrainedDecoding

@Suite struct JSONSchemaTests {
  private func read(_ text: String, _ dialect: Dialect? = nil) throws -> JSONSchema {
    try JSONSchema(document: try JSONValue(parsing: text), name: "weather.json", dialect: dialect)
  }

  @Test func `keywords become typed members of the node`() throws {
    let schema = try read(
      """
      {"type": ["object", "null"], "title": "Weather", "required": ["city"], "x-unit": 1,
       "properties": {"city": {"type": "string", "minLength": 1, "pattern": "^[A-Z]"}, "days": {"type": "integer", "minimum": 1, "maximum": 1.6e1}},
       "additionalProperties": false}
      """)
    let root = schema[schema.root]
    #expect(root.types == [.object, .null])
    #expect(root.keywords == [.type, .title, .required, .properties, .additionalProperties])
    #expect(root.unknownKeywords == ["x-unit"])
    #expect(root.annotations == ["title": "Weather"])
    #expect(root.object.required == ["city"])
    #expect(root.object.properties.map(\.name) == ["city", "days"])
    let city = schema[root.object.properties[0].node]
    #expect(city.pointer.text == "/properties/city")
    #expect(city.string.minLength == 1)
    #expect(try city.string.pattern?.expression.get().source == "^[A-Z]")
    let days = schema[root.object.properties[1].node].number
    #expect(days.lower == NumberBound(value: JSONNumber(1), isExclusive: false, keyword: .minimum))
    #expect(days.upper?.value.int == 16)
    #expect(root.object.additionalProperties.map { schema[$0].boolean } == .some(false))
  }

  private static let translations: [(String, Dialect, String)] = [
    // What an older draft writes, and the same in 2020-12.
    (#"{"minimum": 3, "exclusiveMinimum": true}"#, Dialect.draft4, #"{"exclusiveMinimum": 3}"#),
    (
      #"{"items": [{"type": "null"}], "additionalItems": {"type": "string"}}"#, .draft7,
      #"{"prefixItems": [{"type": "null"}], "items": {"type": "string"}}"#
    ),
    (
      #"{"dependencies": {"a": ["b"], "c": {"minProperties": 3}}}"#, .draft7,
      #"{"dependentRequired": {"a": ["b"]}, "dependentSchemas": {"c": {"minProperties": 3}}}"#
    ),
    (
      ##"{"$ref": "#/definitions/a", "minimum": 5, "definitions": {"a": {"type": "null"}}}"##, .draft7,
      ##"{"$ref": "#/$defs/a", "$defs": {"a": {"type": "null"}}}"##
    ),
    (#"{"exclusiveMaximum": 5, "maximum": 5}"#, .draft202012, #"{"exclusiveMaximum": 5}"#),
  ]

  @Test(arguments: translations)
  func `older drafts read as the same node`(old: String, dialect: Dialect, new: String) throws {
    let (a, b) = (try read(old, dialect), try read(new))
    let (x, y) = (a[a.root], b[b.root])
    #expect(x.number.lower?.value == y.number.lower?.value)
    #expect(x.number.lower?.isExclusive == y.number.lower?.isExclusive)
    #expect(x.number.upper?.value == y.number.upper?.value)
    #expect(x.number.upper?.isExclusive == y.number.upper?.isExclusive)
    #expect(x.array.prefixItems.map { a[$0].types } == y.array.prefixItems.map { b[$0].types })
    #expect(x.array.items.map { a[$0].types } == y.array.items.map { b[$0].types })
    #expect(x.object.dependentRequired.map(\.required) == y.object.dependentRequired.map(\.required))
    #expect(
      x.object.dependentSchemas.map { a[$0.node].object.minProperties }
        == y.object.dependentSchemas.map { b[$0.node].object.minProperties })
    #expect(x.ref.map { a[$0].types } == y.ref.map { b[$0].types })
  }

  @Test func `a schema that refers to itself is one node`() throws {
    let schema = try read(##"{"properties": {"next": {"$ref": "#"}}}"##)
    #expect(schema.nodes.count == 2)
    #expect(schema.nodes[1].ref == schema.root)
  }

  private static let faults: [(String, String)] = [
    (
      #"{"type": "text"}"#,
      ##"weather.json#/type: found "text", expected null, boolean, integer, number, string, array or object"##
    ),
    (
      #"{"properties": {"a/b": {"minLength": -1}}}"#,
      ##"weather.json#/properties/a~1b/minLength: found -1, expected an integer from 0"##
    ),
    (#"{"required": true}"#, ##"weather.json#/required: found true, expected an array of property names"##),
    (#"{"items": 5}"#, ##"weather.json#/items: found 5, expected a schema: an object, true or false"##),
    (
      #"{"items": [true]}"#,
      ##"weather.json#/items: found [true], expected a schema: an object, true or false; schemas for single positions are "prefixItems" since 2020-12"##
    ),
    (#"{"anyOf": []}"#, ##"weather.json#/anyOf: found an empty array, expected an array with at least one schema"##),
    (#"{"multipleOf": 0}"#, ##"weather.json#/multipleOf: found 0, expected a number greater than 0"##),
    (
      ###"{"$ref": "#/$defs/city"}"###,
      ###"weather.json#/$ref: "#/$defs/city" refers to a place that weather.json does not have"###
    ),
    (
      #"{"$ref": "https://example.com/a.json"}"#,
      ##"weather.json#/$ref: "https://example.com/a.json" refers to https://example.com/a.json, which is not at hand; nothing is fetched, so put it under $defs"##
    ),
    (
      #"{"$schema": "http://json-schema.org/draft-02/schema#"}"#,
      ##"weather.json#/$schema: "http://json-schema.org/draft-02/schema#" is not a draft that can be read; name one from draft-04 to 2020-12, such as https://json-schema.org/draft/2020-12/schema"##
    ),
  ]

  @Test(arguments: faults)
  func `a wrong keyword is refused with its place, what was found and what was expected`(text: String, sentence: String)
    throws
  {
    let error = #expect(throws: SchemaError.self) { try read(text) }
    #expect(error?.description == sentence)
  }

  @Test func `every keyword is in exactly one list`() {
    let lists = Keyword.enforced + Keyword.checkedAfter + Keyword.annotation + Keyword.refused
    #expect(lists.count == Keyword.allCases.count)
    #expect(Set(lists) == Set(Keyword.allCases))
  }

  @Test(arguments: Dialect.Draft.allCases)
  func `the embedded metaschema of each draft can be read`(draft: Dialect.Draft) throws {
    let schema = try JSONSchema(document: ["$ref": .string(draft.metaschemaURI)])
    #expect(schema.nodes.count > 30)
  }
}
