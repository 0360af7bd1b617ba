import ConstrainedDecoding
import JSON
import Testing

/// Grammars of random small schemas, held against the validator over the same values.
struct RandomSchemaTests {
  /// Makes schemas whose keywords often contradict each other, and values that come near them.
  struct Generator {
    var random: TokenMaskTests.SplitMix
    static let names = ["a", "b", "c"]

    mutating func pick<Element>(_ list: [Element]) -> Element { list[Int.random(in: 0..<list.count, using: &random)] }
    mutating func chance(_ count: Int) -> Bool { Int.random(in: 0..<count, using: &random) == 0 }
    mutating func integer(_ range: ClosedRange<Int>) -> JSONValue {
      .number(JSONNumber(Int.random(in: range, using: &random)))
    }

    mutating func scalar() -> JSONValue {
      pick([.null, true, false, -1, 0, 1, 2, 3, .number(JSONNumber(0.5)), "", "a", "b", "ab", "ba"])
    }

    mutating func value(depth: Int) -> JSONValue {
      switch depth > 0 ? Int.random(in: 0..<3, using: &random) : 0 {
      case 1: return .array((0..<Int.random(in: 0...4, using: &random)).map { _ in value(depth: depth - 1) })
      case 2:
        var object = JSONObject()
        for name in Self.names + ["d"] where chance(2) { object[name] = value(depth: depth - 1) }
        return .object(object)
      default: return scalar()
      }
    }

    mutating func schemas(_ count: Int, depth: Int) -> JSONValue {
      .array((0..<count).map { _ in schema(depth: depth - 1) })
    }

    mutating func schema(depth: Int) -> JSONValue {
      if chance(12) { return .bool(chance(2)) }
      var schema = JSONObject()
      switch Int.random(in: 0..<(depth > 0 ? 8 : 5), using: &random) {
      case 0:
        schema["type"] = "string"
        if chance(2) { schema["minLength"] = integer(0...3) }
        if chance(2) { schema["maxLength"] = integer(0...3) }
        if chance(2) { schema["pattern"] = pick(["^a", "b$", "^[ab]{1,2}$", "a", "^$", "^(a|b)+$"]) }
      case 1:
        schema["type"] = pick(["integer", "number"])
        if chance(2) { schema["minimum"] = integer(-1...3) }
        if chance(2) { schema["maximum"] = integer(-1...3) }
        if chance(3) { schema["exclusiveMaximum"] = integer(-1...3) }
        if chance(2) { schema["multipleOf"] = pick([1, 2, 3, .number(JSONNumber(0.5))]) }
      case 2:
        schema["enum"] = .array((0..<Int.random(in: 1...4, using: &random)).map { _ in scalar() })
        if chance(3) { schema["type"] = pick(["string", "integer", "boolean"]) }
      case 3: schema["const"] = scalar()
      case 4: schema["type"] = pick(["boolean", "null", "string", "integer", "object", "array"])
      case 5, 6: addObject(&schema, depth)
      default: addArray(&schema, depth)
      }
      if depth > 0, chance(4) { addCombination(&schema, depth) }
      return .object(schema)
    }

    private mutating func addObject(_ schema: inout JSONObject, _ depth: Int) {
      if !chance(4) { schema["type"] = "object" }
      var properties = JSONObject()
      for name in Self.names where chance(2) { properties[name] = self.schema(depth: depth - 1) }
      schema["properties"] = .object(properties)
      if chance(2) { schema["required"] = .array(Self.names.filter { _ in chance(2) }.map { .string($0) }) }
      if chance(2) { schema["additionalProperties"] = chance(3) ? self.schema(depth: depth - 1) : false }
      if chance(3) { schema["minProperties"] = integer(0...3) }
      if chance(3) { schema["maxProperties"] = integer(0...3) }
      if chance(4) { schema["dependentRequired"] = ["a": ["b"], "b": ["c"]] }
      if chance(5) { schema["dependentSchemas"] = ["b": self.schema(depth: depth - 1)] }
      if chance(6) { schema["propertyNames"] = pick([["enum": ["a", "b"]], ["pattern": "^[ab]$"], ["maxLength": 1]]) }
      if chance(6) { schema["patternProperties"] = ["^[ab]$": self.schema(depth: depth - 1)] }
    }

    private mutating func addArray(_ schema: inout JSONObject, _ depth: Int) {
      schema["type"] = "array"
      if chance(2) { schema["prefixItems"] = schemas(Int.random(in: 1...2, using: &random), depth: depth) }
      if !chance(3) { schema["items"] = self.schema(depth: depth - 1) }
      if chance(2) { schema["minItems"] = integer(0...3) }
      if chance(2) { schema["maxItems"] = integer(0...3) }
      if chance(2) { schema["uniqueItems"] = true }
      guard chance(3) else { return }
      schema["contains"] = self.schema(depth: depth - 1)
      if chance(2) { schema["minContains"] = integer(0...3) }
      if chance(2) { schema["maxContains"] = integer(0...3) }
    }

    private mutating func addCombination(_ schema: inout JSONObject, _ depth: Int) {
      switch Int.random(in: 0..<5, using: &random) {
      case 0: schema["allOf"] = schemas(2, depth: depth)
      case 1: schema["anyOf"] = schemas(3, depth: depth)
      case 2: schema["oneOf"] = schemas(3, depth: depth)
      case 3: schema["not"] = self.schema(depth: depth - 1)
      default:
        schema["if"] = self.schema(depth: depth - 1)
        schema["then"] = self.schema(depth: depth - 1)
        if chance(2) { schema["else"] = self.schema(depth: depth - 1) }
      }
    }
  }

  @Test(arguments: [1, 2, 3, 4])
  func `a value is admitted where it is valid, refused where all is enforced, and never valid where nothing is`(
    seed: UInt64
  ) throws {
    var generator = Generator(random: TokenMaskTests.SplitMix(state: seed))
    let values = (0..<200).map { _ in generator.value(depth: 2) }
    var (compiledCount, emptyCount) = (0, 0)
    for _ in 0..<80 {
      let document = generator.schema(depth: 2)
      let schema = try JSONSchema(document: document)
      let valid = try values.map { try schema.isValid($0, assertingFormats: true) }
      let grammar: Grammar
      do { grammar = try Grammar(schema, vocabulary: SmallVocabulary.trie, keyOrder: .any) } catch {
        emptyCount += 1
        #expect(!valid.contains(true), "\(document.text()): \(error)")
        continue
      }
      compiledCount += 1
      for (value, isValid) in zip(values, valid) {
        let isAdmitted = GrammarTests.accepts(grammar, value.text(.spaced))
        let isRight = isValid ? isAdmitted : !isAdmitted || !grammar.enforcement.isComplete
        #expect(isRight, "\(document.text()) with \(value.text()), valid: \(isValid)")
      }
    }
    #expect(compiledCount > 20 && emptyCount > 5)
  }
}
