import JSON

/// From a schema to the rules of a grammar.
///
/// The unit is a set of conjuncts about one value: collected, spread over their alternatives, made into a rule by type.
/// Equal sets are one rule, which ends recursion.
struct SchemaCompiler {
  /// Combinations of alternatives for one value, and those beyond which its conditions are left to the check that follows.
  static let combinationLimit = 4_000
  static let conditionLimit = 500
  /// Rules of one grammar.
  static let ruleLimit = 60_000

  struct TooLarge: Error {
    let pointer: String
    let limit: Int
  }

  let schema: JSONSchema
  let style: WhitespaceStyle
  let keyOrder: KeyOrder
  var table = RuleTable()
  var enforcement = SchemaEnforcement()
  /// The reasons why nodes admit nothing, in the order found.
  private(set) var reasons: [String] = []
  /// Why a rule may admit nothing, for when it does.
  var causes: [RuleID: UnsatisfiableCause] = [:]
  /// Of single values, formats asserted.
  let validator: Validator
  private var known: [[Conjunct]: RuleID] = [:]
  var stringRules: [String: RuleID] = [:]
  let patterns = PatternAutomata()
  let overlaps = SchemaOverlaps()
  var numberRules: [NumberAutomaton.Limits: RuleID] = [:]
  private var visitedNodes: Set<Int> = []
  private var checkedNodes: [Int: Set<Keyword>] = [:]
  private var combinations = 0
  /// Of the value whose rule is being made: some choice is a condition's, and conditions are left out.
  private var hasConditions = false
  private var skipsConditions = false

  init(_ schema: JSONSchema, style: WhitespaceStyle, keyOrder: KeyOrder) {
    self.schema = schema
    self.style = style
    self.keyOrder = keyOrder
    validator = Validator(schema: schema, assertsFormats: true, reports: false)
    table.rules.append(.never)
  }

  /// The rule of the root, all rules made.
  mutating func compileRoot() throws(TooLarge) -> RuleID {
    try rule([.schema(schema.root.index)])
  }

  // MARK: - Rules of conjunctions

  mutating func rule(_ conjuncts: [Conjunct]) throws(TooLarge) -> RuleID {
    var unique: [Conjunct] = []
    for conjunct in conjuncts where !unique.contains(conjunct) { unique.append(conjunct) }
    if let rule = known[unique] { return rule }
    let place = RuleID(table.rules.count)
    if table.rules.count > Self.ruleLimit { throw TooLarge(pointer: pointer(of: unique), limit: Self.ruleLimit) }
    table.rules.append(.never)
    known[unique] = place
    var facts = ValueFacts()
    for conjunct in unique { collect(conjunct, &facts) }
    let outer = (combinations, hasConditions, skipsConditions)
    let reasonCount = reasons.count
    let rules = unitingPatterns(try resolveCounting(facts))
    (combinations, hasConditions, skipsConditions) = outer
    if rules.isEmpty, reasons.count > reasonCount { causes[place] = .sentence(reasons[reasonCount]) }
    if rules.count == 1, case let only = table.rules[Int(rules[0])] {
      // A list of one is the thing itself, unless it is still being made.
      if case .never = only { table.rules[Int(place)] = .choice(rules) } else { table.rules[Int(place)] = only }
      causes[place] = causes[rules[0]]
    } else {
      table.rules[Int(place)] = .choice(rules)
    }
    return place
  }

  private func pointer(of conjuncts: [Conjunct]) -> String {
    for case .schema(let node) in conjuncts { return schema.nodes[node].pointer.text }
    return ""
  }

  /// Spreads the choices out; where they multiply too far, without those of conditions.
  private mutating func resolveCounting(_ facts: ValueFacts) throws(TooLarge) -> [RuleID] {
    (combinations, hasConditions, skipsConditions) = (0, false, false)
    do throws(TooLarge) { return try resolve(facts) } catch {
      // What a condition's branches have looked at counts for the `unevaluated` keywords.
      guard hasConditions, error.limit == Self.conditionLimit, !validator.tracksEvaluated else { throw error }
      (combinations, skipsConditions) = (0, true)
      return try resolve(facts)
    }
  }

  private mutating func skipConditions(_ facts: inout ValueFacts) {
    for case let (node, keywords)? in facts.choices.map(\.condition) {
      for keyword in keywords {
        noteChecked(node, keyword, "its alternatives multiply to more than \(Self.conditionLimit) combinations")
      }
    }
    facts.choices.removeAll { $0.condition != nil }
  }

  /// Spreads the choices out, one after another.
  private mutating func resolve(_ facts: ValueFacts) throws(TooLarge) -> [RuleID] {
    var facts = facts
    if facts.choices.contains(where: { $0.condition != nil }) {
      hasConditions = true
      if skipsConditions { skipConditions(&facts) }
    }
    findContradiction(&facts)
    if facts.contradiction == nil { settleChoices(&facts) }
    if let reason = facts.contradiction {
      note(reason)
      return []
    }
    guard let choice = facts.choices.popLast() else {
      combinations += 1
      let limit =
        hasConditions && !skipsConditions && !validator.tracksEvaluated ? Self.conditionLimit : Self.combinationLimit
      if combinations > limit {
        throw TooLarge(pointer: facts.nodes.first.map { schema.nodes[$0].pointer.text } ?? "", limit: limit)
      }
      return try makeRules(facts)
    }
    var rules: [RuleID] = []
    for branch in choice.branches {
      var own = facts
      for conjunct in branch { collect(conjunct, &own) }
      for rule in try resolve(own) where !rules.contains(rule) { rules.append(rule) }
    }
    return rules
  }

  // MARK: - Collecting

  mutating func collect(_ conjunct: Conjunct, _ facts: inout ValueFacts) {
    guard facts.seen.insert(conjunct).inserted else { return }
    switch conjunct {
    case .schema(let node): collectNode(node, &facts)
    case .negated(let node): collectNegation(node, &facts)
    case .types(let types): facts.restrict(types, "the types exclude each other")
    case .lower(let value, let isExclusive): facts.raiseLower(value, isExclusive: isExclusive)
    case .upper(let value, let isExclusive): facts.dropUpper(value, isExclusive: isExclusive)
    case .lengthAtLeast(let count): facts.minLength = max(facts.minLength, count)
    case .lengthAtMost(let count): facts.maxLength = min(facts.maxLength ?? count, count)
    case .unlikePattern(let node): facts.unlikePatterns.append(node)
    case .unlikeValues(let node): facts.unlikeValues.append(node)
    case .present(let name):
      if !facts.present.contains(name) { facts.present.append(name) }
      if facts.absent.contains(name) {
        facts.restrict(.all.subtracting(.object), "\"\(name)\" would have to be there and not")
      }
    case .absent(let name):
      facts.absent.insert(name)
      if facts.present.contains(name) {
        facts.restrict(.all.subtracting(.object), "\"\(name)\" would have to be there and not")
      }
    case .member(let name, let node): facts.members.append((name, node))
    case .itemsAtLeast(let count): facts.minItems = max(facts.minItems, count)
    case .itemsAtMost(let count): facts.maxItems = min(facts.maxItems ?? count, count)
    }
  }

  private mutating func collectNode(_ index: Int, _ facts: inout ValueFacts) {
    let node = schema.nodes[index]
    if visitedNodes.insert(index).inserted { noteEnforced(node) }
    if let boolean = node.boolean {
      if !boolean { facts.restrict([], "\(place(node)) is false, which allows no value") }
      return
    }
    facts.nodes.append(index)
    if let types = node.types { facts.restrict(types, "\(place(node))/type excludes what other keywords demand") }
    if node.enumeration != nil || node.constant != nil { facts.enumerations.append(index) }
    if let lower = node.number.lower { facts.raiseLower(lower.value, isExclusive: lower.isExclusive) }
    if let upper = node.number.upper { facts.dropUpper(upper.value, isExclusive: upper.isExclusive) }
    if let divisor = node.number.multipleOf, !facts.divisors.contains(divisor) { facts.divisors.append(divisor) }
    facts.minLength = max(facts.minLength, node.string.minLength)
    if let limit = node.string.maxLength { facts.maxLength = min(facts.maxLength ?? limit, limit) }
    if node.string.pattern != nil { facts.patterns.append(index) }
    if node.string.format != nil { facts.formats.append(index) }
    facts.minItems = max(facts.minItems, node.array.minItems)
    if let limit = node.array.maxItems { facts.maxItems = min(facts.maxItems ?? limit, limit) }
    for name in node.object.required { collect(.present(name), &facts) }
    for dependent in node.object.dependentRequired where !dependent.required.isEmpty {
      facts.choices.append(
        Choice(
          [[.absent(dependent.name)], [.present(dependent.name)] + dependent.required.map { .present($0) }],
          condition: (index, [dependent.keyword])))
    }
    for dependent in node.object.dependentSchemas {
      facts.choices.append(
        Choice(
          [[.absent(dependent.name)], [.present(dependent.name), .schema(dependent.node.index)]],
          condition: (index, [dependent.keyword])))
    }
    if let ref = node.ref { collect(.schema(ref.index), &facts) }
    if let reference = node.dynamicRef {
      if reference.anchor != nil {
        let keyword: Keyword = node.keywords.contains(.recursiveRef) ? .recursiveRef : .dynamicRef
        noteChecked(index, keyword, "the target depends on the way; its first target is enforced")
      }
      collect(.schema(reference.initial.index), &facts)
    }
    for part in node.allOf { collect(.schema(part.index), &facts) }
    if !node.anyOf.isEmpty { facts.choices.append(Choice(node.anyOf.map { [.schema($0.index)] })) }
    if !node.oneOf.isEmpty { collectOneOf(index, &facts) }
    if let not = node.not {
      if negation(of: not.index) == nil {
        noteChecked(index, .not, "what it excludes cannot be followed byte by byte")
      }
      collect(.negated(not.index), &facts)
    }
    if let condition = node.condition, node.then != nil || node.otherwise != nil {
      let then: [Conjunct] = node.then.map { [.schema($0.index)] } ?? []
      let otherwise: [Conjunct] = node.otherwise.map { [.schema($0.index)] } ?? []
      let keywords = [Keyword.if, .then, .else].filter(node.keywords.contains)
      if negation(of: condition.index) == nil {
        for keyword in keywords {
          noteChecked(index, keyword, "the condition's opposite cannot be followed byte by byte")
        }
      }
      facts.choices.append(
        Choice(
          [[.schema(condition.index)] + then, [.negated(condition.index)] + otherwise], condition: (index, keywords)))
    }
    if facts.present.contains(where: facts.absent.contains) {
      facts.restrict(.all.subtracting(.object), "\(place(node)) requires a member that is excluded")
    }
  }

  /// Exactly one: each branch without the others, where their opposites can be followed.
  private mutating func collectOneOf(_ index: Int, _ facts: inout ValueFacts) {
    let branches = schema.nodes[index].oneOf.map(\.index)
    if branches.count == 1 {
      collect(.schema(branches[0]), &facts)
      return
    }
    var isExact = true
    var choice: [[Conjunct]] = []
    for branch in branches {
      var conjuncts: [Conjunct] = [.schema(branch)]
      for other in branches where other != branch && !areDisjoint(branch, other) {
        if negation(of: other) == nil { isExact = false } else { conjuncts.append(.negated(other)) }
      }
      choice.append(conjuncts)
    }
    if !isExact {
      noteChecked(index, .oneOf, "branches may overlap; that only one of them holds is checked at the end")
    }
    facts.choices.append(Choice(choice))
  }

  // MARK: - Notes

  mutating func note(_ reason: String) { if reasons.count < 1000 { reasons.append(reason) } }

  mutating func explain(_ rule: RuleID, _ reason: String) {
    note(reason)
    causes[rule] = .sentence(reason)
  }

  func place(_ node: SchemaNode) -> String { "#\(node.pointer.text)" }

  private mutating func noteEnforced(_ node: SchemaNode) {
    for keyword in node.keywords where keyword.treatment != .annotation {
      // An unknown format asserts nothing.
      if keyword == .format, node.string.format.map({ StringFormat(rawValue: $0) == nil }) ?? true { continue }
      enforcement.enforced.append(.init(keyword: keyword.rawValue, pointer: node.pointer.text, reason: ""))
    }
  }

  mutating func noteChecked(_ node: Int, _ keyword: Keyword, _ reason: String) {
    guard checkedNodes[node, default: []].insert(keyword).inserted else { return }
    let pointer = schema.nodes[node].pointer.text
    enforcement.checkedAfter.append(.init(keyword: keyword.rawValue, pointer: pointer, reason: reason))
    enforcement.enforced.removeAll { $0.keyword == keyword.rawValue && $0.pointer == pointer }
  }
}

/// In which order the members of objects come.
public enum KeyOrder: Hashable, Sendable {
  /// As the schema lists them; members it does not list may stand anywhere.
  case schema
  case any
}
