import JSON

/// Opposites of schemas, as far as they can be said with conjuncts.
extension SchemaCompiler {
  /// Collects that a value does not conform to a node; without effect where that cannot be said.
  mutating func collectNegation(_ index: Int, _ facts: inout ValueFacts) {
    facts.negated.append(index)
    guard let alternatives = negation(of: index) else { return }
    switch alternatives.count {
    case 0: facts.restrict([], "\(place(schema.nodes[index])) excludes every value")
    case 1: for conjunct in alternatives[0] { collect(conjunct, &facts) }
    default: facts.choices.append(Choice(alternatives))
    }
  }

  /// The ways not to conform to a node: one of the lists holds. Nil where some keyword's opposite cannot be said.
  func negation(of index: Int, depth: Int = 0) -> [[Conjunct]]? {
    let node = schema.nodes[index]
    if let boolean = node.boolean { return boolean ? [] : [[]] }
    guard depth < 8 else { return nil }
    var ways: [[Conjunct]] = []
    if let types = node.types { ways.append([.types(TypeSet.all.subtracting(types))]) }
    if node.enumeration != nil || node.constant != nil {
      // Texts that are left out of strings, or values that are left out of enumerations.
      let values = node.enumeration ?? []
      guard values.count <= 200 else { return nil }
      ways.append([.unlikeValues(index)])
    }
    if let lower = node.number.lower {
      ways.append([.types(.number), .upper(lower.value, isExclusive: !lower.isExclusive)])
    }
    if let upper = node.number.upper {
      ways.append([.types(.number), .lower(upper.value, isExclusive: !upper.isExclusive)])
    }
    if node.number.multipleOf != nil || node.string.format != nil { return nil }
    if node.string.minLength > 0 { ways.append([.types(.string), .lengthAtMost(node.string.minLength - 1)]) }
    if let limit = node.string.maxLength { ways.append([.types(.string), .lengthAtLeast(limit + 1)]) }
    if let pattern = node.string.pattern {
      guard (try? patterns.automaton(pattern).get()) != nil else { return nil }
      ways.append([.types(.string), .unlikePattern(index)])
    }
    if node.array.minItems > 0 { ways.append([.types(.array), .itemsAtMost(node.array.minItems - 1)]) }
    if let limit = node.array.maxItems { ways.append([.types(.array), .itemsAtLeast(limit + 1)]) }
    if !node.array.prefixItems.isEmpty || node.array.contains != nil || node.array.uniqueItems { return nil }
    if let items = node.array.items, schema.nodes[items.index].boolean != true { return nil }
    let object = node.object
    if object.minProperties > 0 || object.maxProperties != nil || object.propertyNames != nil { return nil }
    if !object.patternProperties.isEmpty || !object.dependentRequired.isEmpty || !object.dependentSchemas.isEmpty {
      return nil
    }
    if let additional = object.additionalProperties, schema.nodes[additional.index].boolean != true { return nil }
    if object.unevaluatedProperties != nil || node.array.unevaluatedItems != nil || node.dynamicRef != nil {
      return nil
    }
    for name in object.required { ways.append([.types(.object), .absent(name)]) }
    for property in object.properties {
      guard let opposite = negation(of: property.node.index, depth: depth + 1) else { return nil }
      if opposite.isEmpty { continue }
      ways.append([.types(.object), .present(property.name), .member(property.name, isNot: property.node.index)])
    }
    for part in node.allOf + (node.ref.map { [$0] } ?? []) {
      guard negation(of: part.index, depth: depth + 1) != nil else { return nil }
      ways.append([.negated(part.index)])
    }
    if !node.anyOf.isEmpty {
      for part in node.anyOf where negation(of: part.index, depth: depth + 1) == nil { return nil }
      ways.append(node.anyOf.map { .negated($0.index) })
    }
    if !node.oneOf.isEmpty || node.condition != nil { return nil }
    if let not = node.not { ways.append([.schema(not.index)]) }
    return ways
  }

  /// Whether a value conforms to a node, formats asserted.
  func conforms(_ value: JSONValue, _ index: Int, ifNotJudged: Bool = true) -> Bool {
    var validator = validator
    var evaluated = Evaluated()
    return (try? validator.check(NodeID(index: index), value, &evaluated)) ?? ifNotJudged
  }
}
