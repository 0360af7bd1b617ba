import JSON

extension SchemaCompiler {
  // MARK: - Objects

  mutating func objectRule(_ facts: ValueFacts) throws(TooLarge) -> RuleID {
    let place = add(.never)
    let object = ObjectRule(undeclared: RuleTable.never)
    let nodes = facts.nodes.filter { schema.nodes[$0].hasObjectKeywords }
    for node in nodes {
      let keywords = schema.nodes[node].object
      object.minimumCount = max(object.minimumCount, keywords.minProperties)
      if let limit = keywords.maxProperties { object.maximumCount = min(object.maximumCount ?? limit, limit) }
    }
    // Names in the order met; from several schemas their order means nothing.
    var names: [String] = []
    var positions: [String: Int] = [:]
    func declare(_ name: String) {
      guard positions[name] == nil else { return }
      positions[name] = names.count
      names.append(name)
    }
    let listing = nodes.filter { !schema.nodes[$0].object.properties.isEmpty }
    for node in listing { for property in schema.nodes[node].object.properties { declare(property.name) } }
    let listedCount = names.count
    for name in facts.present { declare(name) }
    for name in facts.absent.sorted() { declare(name) }
    for member in facts.members { declare(member.name) }
    let nameFacts = collectNames(nodes)
    if let listed = nameFacts?.listed { for name in listed { declare(name) } }
    let patterns = makeNamePatterns(nodes)

    for (index, name) in names.enumerated() {
      let isForbidden = facts.absent.contains(name) || !nodes.allSatisfy { allowsName(name, $0) }
      var rule = RuleTable.never
      if !isForbidden {
        var conjuncts: [Conjunct] = []
        for node in nodes { conjuncts += memberConjuncts(name, of: node, in: nodes) }
        for member in facts.members where member.name == name { conjuncts.append(.negated(member.isNot)) }
        rule = try self.rule(conjuncts)
      }
      object.properties.append(
        ObjectRule.Property(
          name: Self.canonicalName(name), rule: rule, isRequired: facts.present.contains(name),
          isOrdered: keyOrder == .schema && listing.count <= 1 && index < listedCount, isForbidden: isForbidden))
    }
    if nameFacts?.listed == nil { try setUndeclared(object, nodes, patterns, nameFacts) }
    table.objects.append(object)
    table.rules[Int(place)] = .object(Int32(table.objects.count - 1))
    causes[place] = .keywords(facts.nodes)
    return place
  }

  /// A name as it stands between its quotes.
  static func canonicalName(_ name: String) -> [UInt8] {
    if name.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F && $0 != 0x22 && $0 != 0x5C }) { return Array(name.utf8) }
    return Array(JSONValue.quoted(name).utf8.dropFirst().dropLast())
  }

  private func allowsName(_ name: String, _ node: Int) -> Bool {
    guard let names = schema.nodes[node].object.propertyNames else { return true }
    return conforms(.string(name), names.index)
  }

  /// What a node says of the member with a name.
  private func memberConjuncts(_ name: String, of index: Int, in nodes: [Int]) -> [Conjunct] {
    let object = schema.nodes[index].object
    var conjuncts: [Conjunct] = object.properties.filter { $0.name == name }.map { .schema($0.node.index) }
    for pattern in object.patternProperties {
      guard let expression = try? pattern.pattern.expression.get() else { continue }
      if (try? expression.matches(name)) ?? true { conjuncts.append(.schema(pattern.node.index)) }
    }
    if conjuncts.isEmpty, let additional = object.additionalProperties { conjuncts.append(.schema(additional.index)) }
    if conjuncts.isEmpty, let unevaluated = object.unevaluatedProperties, !isEvaluated(name, in: nodes) {
      conjuncts.append(.schema(unevaluated.index))
    }
    return conjuncts
  }

  private func isEvaluated(_ name: String, in nodes: [Int]) -> Bool {
    nodes.contains { node in
      let object = schema.nodes[node].object
      if object.additionalProperties != nil || object.properties.contains(where: { $0.name == name }) { return true }
      return object.patternProperties.contains { pattern in
        guard let expression = try? pattern.pattern.expression.get() else { return false }
        return (try? expression.matches(name)) ?? true
      }
    }
  }

  // MARK: - Names

  private struct NameFacts {
    var facts: ValueFacts
    /// All the names there are, if `propertyNames` lists them.
    var listed: [String]?
  }

  private mutating func collectNames(_ nodes: [Int]) -> NameFacts? {
    let schemas = nodes.compactMap { schema.nodes[$0].object.propertyNames?.index }
    guard !schemas.isEmpty else { return nil }
    var facts = ValueFacts()
    for index in schemas { collect(.schema(index), &facts) }
    if !facts.choices.isEmpty {
      for node in nodes where schema.nodes[node].object.propertyNames != nil {
        noteChecked(node, .propertyNames, "alternatives for names are checked at the end")
      }
    }
    if let first = facts.enumerations.first {
      let node = schema.nodes[first]
      return NameFacts(
        facts: facts, listed: (node.constant.map { [$0] } ?? node.enumeration ?? []).compactMap(\.string))
    }
    return NameFacts(facts: facts, listed: facts.types.contains(.string) ? nil : [])
  }

  private struct NamePattern {
    var source: String
    var automaton: PatternAutomaton
    /// The node that has it, and what the member must conform to.
    var uses: [(node: Int, member: Int)]
  }

  private mutating func makeNamePatterns(_ nodes: [Int]) -> [NamePattern] {
    var patterns: [NamePattern] = []
    for index in nodes {
      for (position, pattern) in schema.nodes[index].object.patternProperties.enumerated() {
        if let known = patterns.firstIndex(where: { $0.source == pattern.pattern.source }) {
          patterns[known].uses.append((index, pattern.node.index))
          continue
        }
        switch self.patterns.automaton(pattern.pattern) {
        case .success(let automaton) where patterns.count < 6:
          patterns.append(
            NamePattern(source: pattern.pattern.source, automaton: automaton, uses: [(index, pattern.node.index)]))
        case .success: noteChecked(index, .patternProperties, "more than six patterns for names")
        case .failure(let unsupported):
          noteChecked(
            index, .patternProperties,
            "\(unsupported.construct) of pattern \(position + 1) cannot be followed byte by byte")
        }
      }
    }
    return patterns
  }

  private mutating func setUndeclared(
    _ object: ObjectRule, _ nodes: [Int], _ patterns: [NamePattern], _ names: NameFacts?
  ) throws(TooLarge) {
    func conjuncts(matching matched: UInt64) -> [Conjunct] {
      var list: [Conjunct] = []
      for index in nodes {
        var own: [Conjunct] = []
        for (bit, pattern) in patterns.enumerated() where matched >> UInt64(bit) & 1 == 1 {
          own += pattern.uses.filter { $0.node == index }.map { .schema($0.member) }
        }
        let keywords = schema.nodes[index].object
        if own.isEmpty, let additional = keywords.additionalProperties { own.append(.schema(additional.index)) }
        if own.isEmpty, let unevaluated = keywords.unevaluatedProperties, matched == 0,
          !nodes.contains(where: { schema.nodes[$0].object.additionalProperties != nil })
        {
          own.append(.schema(unevaluated.index))
        }
        list += own
      }
      return list
    }
    var parts: [StringAutomaton.Part] = []
    var minimum = 0
    var maximum: Int?
    if let facts = names?.facts {
      parts = stringParts(facts).parts
      minimum = facts.minLength
      maximum = facts.maxLength
    }
    if parts.isEmpty, patterns.isEmpty, minimum == 0, maximum == nil {
      object.undeclared = try rule(conjuncts(matching: 0))
      return
    }
    // A name that no rule allows must not be begun: without rule for unmatched names, one of the patterns must match.
    for matched in 0..<(UInt64(1) << UInt64(patterns.count)) {
      object.undeclaredByMatch[matched] = try rule(conjuncts(matching: matched))
    }
    if isFalse(conjuncts(matching: 0)), let union = union(patterns.map(\.source)) {
      parts.append(StringAutomaton.Part(union))
    }
    parts += patterns.map { StringAutomaton.Part($0.automaton, isTag: true) }
    let automaton = StringAutomaton(parts, minimum: minimum, maximum: maximum)
    if let names = automaton.texts(limit: 64) {
      // Few enough to be told apart, so that each comes once and none is begun that is taken.
      let declared = Set(object.properties.map(\.name))
      for name in names where !declared.contains(name.text) {
        guard let rule = object.undeclaredByMatch[name.matches] else { continue }
        object.properties.append(ObjectRule.Property(name: name.text, rule: rule, isOrdered: false))
      }
      object.undeclaredByMatch = [:]
    } else if automaton.isSatisfiable {
      object.nameAutomaton = add(automaton)
    } else {
      object.undeclaredByMatch = [:]
    }
  }

  private func isFalse(_ conjuncts: [Conjunct]) -> Bool {
    conjuncts.contains { conjunct in
      if case .schema(let node) = conjunct { return schema.nodes[node].boolean == false }
      return false
    }
  }

  private func union(_ sources: [String]) -> PatternAutomaton? {
    if sources.count == 1 { return try? patterns.automaton(source: sources[0]).get() }
    let nodes = sources.compactMap { try? RegularExpression($0).root }
    guard nodes.count == sources.count, !nodes.isEmpty else { return nil }
    return try? patterns.automaton("one of " + sources.joined(separator: "\u{1}"), .alternatives(nodes)).get()
  }

  // MARK: - Arrays

  mutating func arrayRule(_ facts: ValueFacts) throws(TooLarge) -> RuleID {
    let place = add(.never)
    let nodes = facts.nodes.filter { schema.nodes[$0].hasArrayKeywords }
    var facts = facts
    for node in nodes {
      let array = schema.nodes[node].array
      guard let contains = array.contains else { continue }
      facts.minItems = max(facts.minItems, array.minContains)
      // What every element conforms to counts the elements.
      if schema.nodes[contains.index].boolean == true, let limit = array.maxContains {
        facts.maxItems = min(facts.maxItems ?? limit, limit)
      }
    }
    let prefixCount = min(nodes.map { schema.nodes[$0].array.prefixItems.count }.max() ?? 0, facts.maxItems ?? Int.max)
    func conjuncts(at position: Int) -> [Conjunct] {
      var list: [Conjunct] = []
      for node in nodes {
        let array = schema.nodes[node].array
        if position < array.prefixItems.count {
          list.append(.schema(array.prefixItems[position].index))
        } else if let items = array.items {
          list.append(.schema(items.index))
        } else if let unevaluated = array.unevaluatedItems,
          !nodes.contains(where: {
            schema.nodes[$0].array.items != nil || position < schema.nodes[$0].array.prefixItems.count
          })
        {
          list.append(.schema(unevaluated.index))
        }
      }
      return list
    }
    let array = ArrayRule(items: facts.maxItems == 0 ? RuleTable.never : try rule(conjuncts(at: prefixCount)))
    for position in 0..<prefixCount { array.prefix.append(try rule(conjuncts(at: position))) }
    array.minimumCount = facts.minItems
    array.maximumCount = facts.maxItems
    for node in nodes {
      let keywords = schema.nodes[node].array
      let countsAll = keywords.contains.map { schema.nodes[$0.index].boolean == true } ?? false
      if countsAll {
        // Done by the number of elements.
      } else if let contains = keywords.contains, keywords.minContains > 0 {
        if keywords.minContains > 1 || keywords.maxContains != nil || !array.containing.isEmpty {
          for keyword in [Keyword.contains, .minContains, .maxContains] where schema.nodes[node].keywords.contains(keyword) {
            noteChecked(node, keyword, "how many elements conform is checked at the end")
          }
        }
        if array.containing.isEmpty {
          for position in 0...prefixCount {
            array.containing.append(try rule(conjuncts(at: position) + [.schema(contains.index)]))
          }
        }
      } else if keywords.maxContains != nil {
        noteChecked(node, .maxContains, "how many elements conform is checked at the end")
      }
      if keywords.uniqueItems { array.isUnique = true }
      if keywords.uniqueItems, facts.maxItems.map({ $0 > 1 }) ?? true {
        if prefixCount == 0, array.containing.isEmpty, case .automaton(let number) = table.rules[Int(array.items)],
          let literals = table.automata[Int(number)] as? LiteralAutomaton
        {
          array.distinctCount = literals.count
        } else {
          noteChecked(node, .uniqueItems, "elements are compared at the end")
        }
      }
    }
    table.arrays.append(array)
    table.rules[Int(place)] = .array(Int32(table.arrays.count - 1))
    causes[place] = .keywords(facts.nodes)
    return place
  }
}

extension SchemaNode {
  /// Whether the node says anything about the members of an object.
  var hasObjectKeywords: Bool {
    !object.properties.isEmpty || !object.patternProperties.isEmpty || object.additionalProperties != nil
      || object.propertyNames != nil
      || object.minProperties > 0 || object.maxProperties != nil || object.unevaluatedProperties != nil
  }

  var hasArrayKeywords: Bool {
    !array.prefixItems.isEmpty || array.items != nil || array.contains != nil || array.uniqueItems
      || array.unevaluatedItems != nil
      || array.maxContains != nil
  }
}
