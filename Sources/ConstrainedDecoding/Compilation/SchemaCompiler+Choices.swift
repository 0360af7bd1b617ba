import JSON

/// What is known of schemas and pairs of them, each found once.
final class SchemaOverlaps {
  struct Pair: Hashable {
    let first: Int
    let second: Int

    init(_ first: Int, _ second: Int) { (self.first, self.second) = (first, second) }
  }

  /// What a node says by itself and through its references.
  struct Outline {
    var types: TypeSet = .all
    var values: [JSONValue]?
    var required: Set<String> = []
    var properties: [String: [Int]] = [:]
    var isClosed = false
  }

  var outlines: [Int: Outline] = [:]
  var areDisjoint: [Pair: Bool] = [:]
}

/// Choices that what is known of a value has decided already: without them, the alternatives of `allOf: [{if …}, {if …}]` and of
/// dependent members would multiply.
extension SchemaCompiler {
  /// Sets the contradiction of members that are there and can only be what they must not be.
  func findContradiction(_ facts: inout ValueFacts) {
    guard facts.contradiction == nil,
      let member = facts.members.first(where: { isExcluded(.member($0.name, isNot: $0.isNot), by: facts) })
    else { return }
    facts.contradiction =
      "\"\(member.name)\" would have to conform to \(place(schema.nodes[member.isNot])) and not to"
  }

  /// Leaves out the choices of which one branch holds anyhow, the branches that cannot hold, and choices with one branch left,
  /// whose demands are collected.
  mutating func settleChoices(_ facts: inout ValueFacts) {
    guard facts.choices.count > 1 else { return }
    var changed = true
    while changed, facts.contradiction == nil {
      changed = false
      let choices = facts.choices
      facts.choices = []
      var open: [Choice] = []
      for choice in choices {
        let branches = choice.branches
        // A schema brings members along, whose order counts even where all its demands are met.
        let addsSchemas = branches.contains { $0.contains { if case .schema = $0 { true } else { false } } }
        if !addsSchemas, branches.contains(where: { $0.allSatisfy { isImplied($0, by: facts) } }) { continue }
        let possible = (addsSchemas ? branches : separated(branches, facts)).filter { branch in
          !branch.contains { isExcluded($0, by: facts) }
        }
        if possible.count == 1 {
          for conjunct in possible[0] { collect(conjunct, &facts) }
          changed = true
        } else {
          // Where none is possible the branches tell why.
          open.append(Choice(possible.isEmpty ? branches : possible, condition: choice.condition))
        }
      }
      facts.choices = open + facts.choices
    }
  }

  /// The same alternatives, which exclude each other as far as it is a member's presence that decides: so that the ways not to
  /// conform to several schemas do not multiply.
  private func separated(_ choice: [[Conjunct]], _ facts: ValueFacts) -> [[Conjunct]] {
    /// What holds where a branch does not, if that can be said in one conjunct.
    func opposite(_ branch: [Conjunct]) -> Conjunct? {
      let open = branch.filter { $0 != .types(.object) && !isImplied($0, by: facts) }
      guard open.count == 1 else { return nil }
      return switch open[0] {
      case .present(let name): .absent(name)
      case .absent(let name): .present(name)
      default: nil
      }
    }
    var separated: [[Conjunct]] = []
    var opposites: [Conjunct] = []
    var rest: [[Conjunct]] = []
    for branch in choice {
      guard let opposite = opposite(branch) else {
        rest.append(branch)
        continue
      }
      separated.append(branch + opposites.filter { !branch.contains($0) })
      opposites.append(opposite)
    }
    for branch in rest { separated.append(branch + opposites.filter { !branch.contains($0) }) }
    guard facts.types.isSubset(of: .object) else { return separated }
    return separated.filter { branch in
      !branch.contains { if case .present(let name) = $0 { branch.contains(.absent(name)) } else { false } }
    }
  }

  /// Whether a conjunct holds for every value of which the facts are known; false also where that is not quickly seen.
  private func isImplied(_ conjunct: Conjunct, by facts: ValueFacts) -> Bool {
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

  /// Whether a conjunct holds for no value of which the facts are known; false also where that is not quickly seen.
  private func isExcluded(_ conjunct: Conjunct, by facts: ValueFacts) -> Bool {
    func demand(of name: String, where holds: (Int) -> Bool) -> Bool {
      facts.types.isSubset(of: .object) && facts.present.contains(name)
        && facts.nodes.contains { index in
          schema.nodes[index].object.properties.contains { $0.name == name && holds($0.node.index) }
        }
    }
    switch conjunct {
    case .schema(let node):
      let outline = outline(node)
      return outline.types.isDisjoint(with: facts.types) || facts.nodes.contains { areDisjoint($0, node) }
        || facts.negated.contains(node)
        || outline.properties.contains { name, own in
          demand(of: name) { known in own.contains { areDisjoint(known, $0) } }
        }
    case .negated(let node): return facts.seen.contains(.schema(node))
    case .types(let types): return types.isDisjoint(with: facts.types)
    case .present(let name): return facts.types.isSubset(of: .object) && facts.absent.contains(name)
    case .absent(let name): return facts.types.isSubset(of: .object) && facts.present.contains(name)
    case .member(let name, let node):
      return demand(of: name) { known in
        known == node || outline(known).values?.allSatisfy { conforms($0, node, ifNotJudged: false) } ?? false
      }
    default: return false
    }
  }

  /// Whether no value conforms to both, as far as types, constants and required members show.
  func areDisjoint(_ a: Int, _ b: Int) -> Bool {
    let pair = SchemaOverlaps.Pair(min(a, b), max(a, b))
    if let known = overlaps.areDisjoint[pair] { return known }
    let result = areDisjoint(a, b, depth: 0)
    overlaps.areDisjoint[pair] = result
    return result
  }

  private func areDisjoint(_ a: Int, _ b: Int, depth: Int) -> Bool {
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

  /// What a node says by itself and through its references.
  private func outline(_ index: Int) -> SchemaOverlaps.Outline {
    if let known = overlaps.outlines[index] { return known }
    var outline = SchemaOverlaps.Outline()
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
    overlaps.outlines[index] = outline
    return outline
  }
}
