import JSON

/// Opposites and overlaps of schemas, as far as they can be said with conjuncts.
extension SchemaCompiler {
  /// Collects that a value does not conform to a node; without effect where that cannot be said.
  mutating func collectNegation(_ index: Int, _ facts: inout ValueFacts) {
    facts.negated.append(index)
    guard let alternatives = negation(of: index) else { return }
    switch alternatives.count {
    case 0: facts.restrict([], "\(place(schema.nodes[index])) excludes every value")
    case 1: for conjunct in alternatives[0] { collect(conjunct, &facts) }
    default: facts.choices.append(alternatives)
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

  // MARK: - What follows anyhow

  /// The choices that still matter: where one branch holds anyhow the others add nothing.
  func openChoices(_ facts: ValueFacts) -> [[[Conjunct]]] {
    facts.choices.filter { choice in
      // A schema brings members along, whose order counts even where all its demands are met.
      let addsSchemas = choice.contains { $0.contains { if case .schema = $0 { true } else { false } } }
      return addsSchemas || !choice.contains { $0.allSatisfy { isImplied($0, by: facts) } }
    }
  }

  /// Whether a conjunct holds for every value of which the facts are known; false also where that is not quickly seen.
  func isImplied(_ conjunct: Conjunct, by facts: ValueFacts) -> Bool {
    if facts.seen.contains(conjunct) { return true }
    switch conjunct {
    case .types(let types): return facts.types.isSubset(of: types)
    case .present(let name): return facts.present.contains(name)
    case .absent(let name): return facts.absent.contains(name)
    case .member(let name, let node):
      return facts.absent.contains(name)
        || facts.nodes.contains { index in
          schema.nodes[index].object.properties.contains { $0.name == name && areDisjoint($0.node.index, node) }
        }
    case .negated(let node): return facts.nodes.contains { areDisjoint($0, node) }
    case .lower(let value, let isExclusive):
      guard let minimum = facts.limits.minimum else { return false }
      return value < minimum || value == minimum && (!isExclusive || facts.limits.isMinimumExclusive)
    case .upper(let value, let isExclusive):
      guard let maximum = facts.limits.maximum else { return false }
      return maximum < value || value == maximum && (!isExclusive || facts.limits.isMaximumExclusive)
    case .lengthAtLeast(let count): return facts.minLength >= count
    case .lengthAtMost(let count): return facts.maxLength.map { $0 <= count } ?? false
    case .itemsAtLeast(let count): return facts.minItems >= count
    case .itemsAtMost(let count): return facts.maxItems.map { $0 <= count } ?? false
    case .schema, .unlikePattern, .unlikeValues: return false
    }
  }

  /// Whether no value conforms to both, as far as types, constants and required members show.
  func areDisjoint(_ a: Int, _ b: Int, depth: Int = 0) -> Bool {
    guard depth < 6 else { return false }
    let (first, second) = (outline(a), outline(b))
    if first.types.isDisjoint(with: second.types) { return true }
    if let values = first.values {
      if values.allSatisfy({ !conforms($0, b) }) { return true }
    } else if let values = second.values, values.allSatisfy({ !conforms($0, a) }) {
      return true
    }
    guard first.types.intersection(second.types) == .object else { return false }
    for name in first.required.union(second.required) {
      let (own, other) = (first.properties[name], second.properties[name])
      // Required on one side and excluded, or of a disjoint schema, on the other.
      if own == nil, first.isClosed { return true }
      if other == nil, second.isClosed { return true }
      if let own, let other,
        own.contains(where: { x in other.contains { y in x == y ? false : areDisjoint(x, y, depth: depth + 1) } })
      {
        return true
      }
    }
    return false
  }

  private struct Outline {
    var types: TypeSet = .all
    var values: [JSONValue]?
    var required: Set<String> = []
    var properties: [String: [Int]] = [:]
    var isClosed = false
  }

  /// What a node says by itself and through its references.
  private func outline(_ index: Int) -> Outline {
    var outline = Outline()
    var pending = [index]
    var seen: Set<Int> = []
    while let next = pending.popLast() {
      guard seen.insert(next).inserted else { continue }
      let node = schema.nodes[next]
      if node.boolean == false { outline.types = [] }
      if let types = node.types { outline.types = outline.types.intersection(types) }
      if let values = node.constant.map({ [$0] }) ?? node.enumeration { outline.values = values }
      outline.required.formUnion(node.object.required)
      for property in node.object.properties {
        outline.properties[property.name, default: []].append(property.node.index)
      }
      if let additional = node.object.additionalProperties, schema.nodes[additional.index].boolean == false,
        node.object.patternProperties.isEmpty
      {
        outline.isClosed = true
      }
      pending += node.allOf.map(\.index) + (node.ref.map { [$0.index] } ?? [])
    }
    return outline
  }

  /// Whether a value conforms to a node, formats asserted. A value that cannot be judged counts as conforming.
  func conforms(_ value: JSONValue, _ index: Int) -> Bool {
    var validator = validator
    var evaluated = Evaluated()
    return (try? validator.check(NodeID(index: index), value, &evaluated)) ?? true
  }
}
