import JSON

/// Rules by type, once a value's conjuncts are together and its choices made.
extension SchemaCompiler {
  mutating func makeRules(_ facts: ValueFacts) throws(TooLarge) -> [RuleID] {
    if !facts.enumerations.isEmpty { return makeEnumeration(facts) }
    var rules: [RuleID] = []
    var literals: [JSONValue] = []
    if facts.types.contains(.null) { literals.append(.null) }
    if facts.types.contains(.boolean) { literals += [.bool(true), .bool(false)] }
    let kept = literals.filter { value in !facts.unlikeValues.contains { isListed(value, $0) } }
    if !kept.isEmpty { rules.append(literalRule(kept)) }
    if !facts.types.isDisjoint(with: .number) { rules.append(numberRule(facts)) }
    if facts.types.contains(.string) { rules.append(stringRule(facts)) }
    if facts.types.contains(.array) { rules.append(try arrayRule(facts)) }
    if facts.types.contains(.object) { rules.append(try objectRule(facts)) }
    return rules
  }

  mutating func add(_ rule: Rule) -> RuleID {
    table.rules.append(rule)
    return RuleID(table.rules.count - 1)
  }

  mutating func add(_ automaton: ByteAutomaton) -> Int32 {
    table.automata.append(automaton)
    return Int32(table.automata.count - 1)
  }

  // MARK: - Lists of values

  private func isListed(_ value: JSONValue, _ node: Int) -> Bool {
    schema.nodes[node].constant == value || schema.nodes[node].lists(value)
  }

  private mutating func makeEnumeration(_ facts: ValueFacts) -> [RuleID] {
    let first = schema.nodes[facts.enumerations[0]]
    let listed = first.constant.map { [$0] } ?? first.enumeration ?? []
    var values: [JSONValue] = []
    var strings: Set<[UInt8]> = []
    for value in listed {
      // Each once.
      if case .string(let text) = value {
        guard strings.insert(Array(text.utf8)).inserted else { continue }
      } else if values.contains(value) {
        continue
      }
      guard facts.types.contains(TypeSet(of: value)) else { continue }
      guard facts.nodes.allSatisfy({ conforms(value, $0) }), !facts.negated.contains(where: { conforms(value, $0) })
      else { continue }
      guard satisfiesRest(value, facts) else { continue }
      values.append(value)
    }
    if values.isEmpty {
      note("\(place(first)): no value of its list satisfies the other keywords")
      return []
    }
    return [literalRule(values)]
  }

  /// The conjuncts that are no node's.
  private func satisfiesRest(_ value: JSONValue, _ facts: ValueFacts) -> Bool {
    for node in facts.unlikeValues where isListed(value, node) { return false }
    switch value {
    case .object(let object):
      return facts.present.allSatisfy { object[$0] != nil } && facts.absent.allSatisfy { object[$0] == nil }
        && facts.members.allSatisfy { member in object[member.name].map { !conforms($0, member.isNot) } ?? true }
    case .string(let text):
      let count = text.unicodeScalars.count
      return count >= facts.minLength && facts.maxLength.map { count <= $0 } ?? true
        && facts.unlikePatterns.allSatisfy { node in
          guard let expression = try? schema.nodes[node].string.pattern?.expression.get() else { return true }
          return (try? !expression.matches(text)) ?? true
        }
    case .number(let number):
      if let minimum = facts.limits.minimum, number < minimum || (facts.limits.isMinimumExclusive && number == minimum)
      {
        return false
      }
      if let maximum = facts.limits.maximum, maximum < number || (facts.limits.isMaximumExclusive && number == maximum)
      {
        return false
      }
      return true
    case .array(let elements):
      return elements.count >= facts.minItems && facts.maxItems.map { elements.count <= $0 } ?? true
    default: return true
    }
  }

  mutating func literalRule(_ values: [JSONValue]) -> RuleID {
    let jsonStyle: JSONStyle = if case .compact = style { .compact } else { .spaced }
    let texts = values.map { $0.text(jsonStyle) }
    let key = "literal " + texts.joined(separator: "\n")
    if let known = stringRules[key] { return known }
    let rule = add(.automaton(add(LiteralAutomaton(texts.map { Array($0.utf8) }))))
    stringRules[key] = rule
    return rule
  }

  // MARK: - Numbers

  private mutating func numberRule(_ facts: ValueFacts) -> RuleID {
    var limits = facts.limits
    limits.isInteger = !facts.types.contains(.fraction)
    // In draft 4 a number written with a point is no integer, whatever its value.
    limits.isFraction =
      !facts.types.contains(.integer) && !facts.nodes.contains { schema.nodes[$0].draft == .draft4 }
    if !facts.unlikeValues.isEmpty {
      for node in facts.unlikeValues { 
        let keyword: Keyword = schema.nodes[node].constant == nil ? .enum : .const
        noteChecked(node, keyword, "an excluded number is checked at the end")
      }
    }
    // The integers' own divisor changes nothing.
    let divisors = facts.divisors.filter { !(limits.isInteger && JSONNumber(1).isMultiple(of: $0)) }
    // A multiple of all is one of their least common multiple.
    limits.divisor = divisors.dropFirst().reduce(divisors.first) { common, next in
      common.flatMap { NumberAutomaton.commonMultiple($0, next) }
    }
    if let known = numberRules[limits] { return known }
    var automaton = divisors.isEmpty || limits.divisor != nil ? NumberAutomaton(limits) : nil
    if automaton == nil, divisors.count > 1 {
      if let node = facts.nodes.first(where: { schema.nodes[$0].number.multipleOf == divisors[1] }) {
        noteChecked(node, .multipleOf, "several divisors: one is followed, the others are checked at the end")
      }
      limits.divisor = divisors.first
      automaton = NumberAutomaton(limits)
    }
    if automaton == nil {
      for node in facts.nodes where schema.nodes[node].number.multipleOf != nil {
        noteChecked(node, .multipleOf, "the divisor has too many digits to be followed")
      }
      limits.divisor = nil
      automaton = NumberAutomaton(limits)
    }
    if automaton == nil {
      for node in facts.nodes where schema.nodes[node].number.lower != nil || schema.nodes[node].number.upper != nil {
        for keyword in schema.nodes[node].keywords
        where [.minimum, .maximum, .exclusiveMinimum, .exclusiveMaximum].contains(keyword) {
          noteChecked(node, keyword, "the bound has too many digits to be followed")
        }
      }
      automaton = NumberAutomaton(NumberAutomaton.Limits(isInteger: limits.isInteger, isFraction: limits.isFraction))
    }
    guard let automaton else { return RuleTable.never }
    let rule = add(.automaton(add(automaton)))
    numberRules[limits] = rule
    if !automaton.isSatisfiable {
      let node = facts.nodes.first { index in
        let number = schema.nodes[index].number
        return number.lower != nil || number.upper != nil || number.multipleOf != nil
      }
      let what = limits.divisor.map { "multiple of \($0.literal)" } ?? "number"
      explain(rule, "\(place(schema.nodes[node ?? schema.root.index])): no \(what) lies within its bounds")
    }
    return rule
  }

  // MARK: - Strings

  /// The parts of a string automaton that a value's patterns and formats make; what cannot be followed is noted.
  mutating func stringParts(_ facts: ValueFacts) -> (parts: [StringAutomaton.Part], key: String) {
    var parts: [StringAutomaton.Part] = []
    var key = ""
    var known: Set<String> = []
    func isNew(_ text: String) -> Bool { known.insert(text).inserted }
    for index in facts.patterns {
      guard let pattern = schema.nodes[index].string.pattern else { continue }
      switch self.parts(of: pattern) {
      case .success(let own):
        guard isNew(pattern.source) else { continue }
        parts += own
        key += "\u{1}\(pattern.source)"
      case .failure(let unsupported):
        noteChecked(index, .pattern, "\(unsupported.construct) cannot be followed byte by byte")
      }
    }
    for index in facts.unlikePatterns {
      guard let pattern = schema.nodes[index].string.pattern, isNew("!" + pattern.source),
        let automaton = try? patterns.automaton(pattern).get()
      else { continue }
      parts.append(StringAutomaton.Part(automaton, isNegated: true))
      key += "\u{2}\(pattern.source)"
    }
    for index in facts.formats {
      guard let format = schema.nodes[index].string.format else { continue }
      if FormatPatterns.inexact.contains(format) { noteChecked(index, .format, "\"\(format)\" is followed in part") }
      guard isNew("format " + format) || FormatPatterns.sources[format] == nil else { continue }
      if let source = FormatPatterns.sources[format],
        let automaton = try? patterns.automaton(source: source).get()
      {
        parts.append(StringAutomaton.Part(automaton))
        key += "\u{3}\(format)"
      } else if StringFormat(rawValue: format) != nil {
        noteChecked(index, .format, "\"\(format)\" is not followed byte by byte")
      }
    }
    for index in facts.unlikeValues {
      let node = schema.nodes[index]
      for case .string(let text) in (node.constant.map { [$0] } ?? node.enumeration ?? []) where isNew("text " + text) {
        let scalars = text.unicodeScalars.map { RegularExpression.Node.scalars(ScalarSet($0)) }
        if let automaton = try? patterns.automaton("text " + text, .sequence([.start] + scalars + [.end])).get() {
          parts.append(StringAutomaton.Part(automaton, isNegated: true))
          key += "\u{4}\(text)"
        }
      }
    }
    return (parts, key)
  }

  private mutating func stringRule(_ facts: ValueFacts) -> RuleID {
    let (parts, patternKey) = stringParts(facts)
    let key = "string \(facts.minLength) \(facts.maxLength ?? -1) \(patternKey)"
    if let known = stringRules[key] { return known }
    let rule: RuleID
    if parts.isEmpty {
      rule = add(.string(minimum: facts.minLength, maximum: facts.maxLength))
    } else {
      rule = add(.pattern(add(StringAutomaton(parts, minimum: facts.minLength, maximum: facts.maxLength))))
    }
    stringRules[key] = rule
    causes[rule] = .keywords(facts.nodes.filter { schema.nodes[$0].saysOfStrings })
    return rule
  }

  /// More are kept apart by so many.
  private static let unionLimit = 16

  /// The same rules, those of them that are strings with patterns as one: whether one of several holds, a single automaton
  /// tells at each byte.
  mutating func unitingPatterns(_ rules: [RuleID]) -> [RuleID] {
    var united: [RuleID] = []
    /// By upper length, those not yet in a union.
    var open: [Int?: (place: Int, rules: [RuleID], alternatives: [StringAutomaton.Alternative])] = [:]
    for rule in rules {
      guard case .pattern(let number) = table.rules[Int(rule)],
        let automaton = table.automata[Int(number)] as? StringAutomaton, automaton.alternatives.count == 1
      else {
        united.append(rule)
        continue
      }
      let maximum = automaton.alternatives[0].maximum
      if var group = open[maximum], group.rules.count < Self.unionLimit {
        group.rules.append(rule)
        group.alternatives += automaton.alternatives
        open[maximum] = group
        let key = "union " + group.rules.map { "\($0)" }.joined(separator: " ")
        united[group.place] = stringRules[key] ?? add(.pattern(add(StringAutomaton(group.alternatives))))
        stringRules[key] = united[group.place]
      } else {
        open[maximum] = (united.count, [rule], automaton.alternatives)
        united.append(rule)
      }
    }
    return united
  }

  /// A pattern as automata that must all match: looks ahead at its very start become parts of their own.
  private func parts(of pattern: SchemaPattern) -> Result<[StringAutomaton.Part], ByteNFA.Unsupported> {
    guard case .success(let expression) = pattern.expression, case .sequence(var nodes) = expression.root,
      case .start? = nodes.first, nodes.count > 1, case .look(_, isAhead: true, _) = nodes[1]
    else { return patterns.automaton(pattern).map { [StringAutomaton.Part($0)] } }
    return Result { () throws(ByteNFA.Unsupported) in
      var parts: [StringAutomaton.Part] = []
      while nodes.count > 1, case .look(let body, isAhead: true, let isNegated) = nodes[1] {
        let ahead = patterns.automaton("look \(parts.count) of \(pattern.source)", .sequence([.start, body]))
        parts.append(StringAutomaton.Part(try ahead.get(), isNegated: isNegated))
        nodes.remove(at: 1)
      }
      parts.append(StringAutomaton.Part(try patterns.automaton("rest of " + pattern.source, .sequence(nodes)).get()))
      return parts
    }
  }
}
