/// The place of a rule in a grammar's table.
typealias RuleID = Int32

/// What a value may be. Rules refer to each other by place, so recursion needs nothing special.
enum Rule {
  /// No value.
  case never
  case choice([RuleID])
  /// A complete text: one of a list, or a number. The place in `automata`.
  case automaton(Int32)
  /// A string of so many code points, in any spelling.
  case string(minimum: Int, maximum: Int?)
  /// A string whose inside a `StringAutomaton` follows. The place in `automata`.
  case pattern(Int32)
  /// Places in `objects` and `arrays`.
  case object(Int32)
  case array(Int32)
}

/// The members an object may have.
final class ObjectRule {
  struct Property {
    var name: [UInt8]
    var rule: RuleID
    var isRequired = false
    /// Must follow the ordered properties before it in the list; others may come anywhere.
    var isOrdered = true
    /// The name must not occur.
    var isForbidden = false
  }

  var properties: [Property] = []
  /// For names that are none of the properties'; `.never`'s place forbids them.
  var undeclared: RuleID
  /// With patterns for names: the rule by the set of patterns matched, and the automaton that tells.
  var undeclaredByMatch: [UInt64: RuleID] = [:]
  var nameAutomaton: Int32?
  var minimumCount = 0
  var maximumCount: Int?

  // Derived by `prepare`.
  var names = ByteTrie(strings: [])
  /// The first required ordered property from each place on; past the last where there is none.
  private(set) var nextRequired: [Int] = []
  private(set) var unorderedRequired: [Int] = []
  private(set) var tracksSeen = false
  /// Counts up to here are told apart.
  private(set) var countLimit = 0
  private(set) var allowsUndeclared = false
  private(set) var isEmptyNameDeclared: Int?

  init(undeclared: RuleID) { self.undeclared = undeclared }

  func copy() -> ObjectRule {
    let copy = ObjectRule(undeclared: undeclared)
    copy.properties = properties
    copy.undeclaredByMatch = undeclaredByMatch
    copy.nameAutomaton = nameAutomaton
    (copy.minimumCount, copy.maximumCount) = (minimumCount, maximumCount)
    copy.names = names
    (copy.nextRequired, copy.unorderedRequired) = (nextRequired, unorderedRequired)
    (copy.tracksSeen, copy.countLimit) = (tracksSeen, countLimit)
    (copy.allowsUndeclared, copy.isEmptyNameDeclared) = (allowsUndeclared, isEmptyNameDeclared)
    return copy
  }

  /// - Parameter isNever: whether a rule admits nothing.
  func prepare(isNever: (RuleID) -> Bool) {
    for index in properties.indices where isNever(properties[index].rule) { properties[index].isForbidden = true }
    names = ByteTrie(strings: properties.map(\.name))
    isEmptyNameDeclared = properties.firstIndex { $0.name.isEmpty }
    nextRequired = [Int](repeating: properties.count, count: properties.count + 1)
    for index in properties.indices.reversed() {
      let property = properties[index]
      nextRequired[index] = property.isOrdered && property.isRequired ? index : nextRequired[index + 1]
    }
    unorderedRequired = properties.indices.filter { !properties[$0].isOrdered && properties[$0].isRequired }
    tracksSeen = properties.contains { !$0.isOrdered }
    countLimit = max(minimumCount, maximumCount.map { $0 + 1 } ?? 0)
    allowsUndeclared = nameAutomaton == nil ? !isNever(undeclared) : !undeclaredByMatch.values.allSatisfy(isNever)
  }
}

/// The elements an array may have.
final class ArrayRule {
  var prefix: [RuleID] = []
  var items: RuleID
  var minimumCount = 0
  var maximumCount: Int?
  /// Elements come from one `LiteralAutomaton` with this many texts, each at most once.
  var distinctCount: Int?
  /// No value comes twice, whether that is followed or checked afterwards.
  var isUnique = false
  /// Of elements that differ, as far as the values there are tell; nil if there are endlessly many or that is not known.
  var uniqueLimit: Int?
  /// At least one element must also satisfy `contains`: rules with it, by position, the last one for the rest.
  var containing: [RuleID] = []

  private(set) var countLimit = 0
  /// No element is possible from this position on.
  private(set) var end: Int?

  init(items: RuleID) { self.items = items }

  func copy() -> ArrayRule {
    let copy = ArrayRule(items: items)
    (copy.prefix, copy.containing) = (prefix, containing)
    (copy.minimumCount, copy.maximumCount, copy.distinctCount) = (minimumCount, maximumCount, distinctCount)
    (copy.isUnique, copy.uniqueLimit) = (isUnique, uniqueLimit)
    (copy.countLimit, copy.end) = (countLimit, end)
    return copy
  }

  func prepare(isNever: (RuleID) -> Bool) {
    end = maximumCount
    for (index, rule) in prefix.enumerated() where isNever(rule) { end = min(end ?? index, index) }
    if isNever(items) { end = min(end ?? prefix.count, prefix.count) }
    if let distinctCount { end = min(end ?? distinctCount, distinctCount) }
    countLimit = max(prefix.count, minimumCount, end ?? 0)
  }

  func rule(at index: Int) -> RuleID { index < prefix.count ? prefix[index] : items }
}

/// A text that opens one of several values: `{"name": "f", "arguments": ` for each function.
final class DispatchRule {
  let openings: LiteralAutomaton
  let rules: [RuleID]
  /// What follows the value.
  let closing: [UInt8]

  init(openings: [[UInt8]], rules: [RuleID], closing: [UInt8]) {
    self.openings = LiteralAutomaton(openings)
    self.rules = rules
    self.closing = closing
  }
}

/// Everything a machine needs to run a schema.
struct RuleTable {
  var rules: [Rule] = []
  var automata: [ByteAutomaton] = []
  var objects: [ObjectRule] = []
  var arrays: [ArrayRule] = []
  var dispatches: [DispatchRule] = []
  var root: RuleID = 0
  /// Instead of the root rule.
  var rootDispatch: Int32?

  /// Always at place 0.
  static let never: RuleID = 0
}

/// How much white space the text may have.
public enum WhitespaceStyle: Hashable, Sendable {
  /// Exactly Qwen's: one space after a comma and a colon, none elsewhere.
  case qwen
  /// None.
  case compact
  /// Wherever JSON allows it, at most so many bytes in a row.
  case flexible(limit: Int)
}

extension RuleTable {
  /// Finds the rules that no finite text satisfies, and replaces them by `.never`.
  mutating func findUnsatisfiable() {
    for array in arrays where array.isUnique { array.uniqueLimit = uniqueLimit(array) }
    var isSatisfiable = [Bool](repeating: false, count: rules.count)
    var changed = true
    while changed {
      changed = false
      for index in rules.indices.reversed() where !isSatisfiable[index] {
        let holds: Bool
        switch rules[index] {
        case .never: holds = false
        case .choice(let choices): holds = choices.contains { isSatisfiable[Int($0)] }
        case .automaton(let number): holds = (automata[Int(number)] as? NumberAutomaton)?.isSatisfiable ?? true
        case .string(let minimum, let maximum): holds = maximum.map { $0 >= minimum } ?? true
        case .pattern(let number): holds = (automata[Int(number)] as? StringAutomaton)?.isSatisfiable ?? true
        case .object(let number): holds = Self.isSatisfiable(objects[Int(number)]) { isSatisfiable[Int($0)] }
        case .array(let number): holds = Self.isSatisfiable(arrays[Int(number)]) { isSatisfiable[Int($0)] }
        }
        if holds {
          isSatisfiable[index] = true
          changed = true
        }
      }
    }
    for index in rules.indices {
      if !isSatisfiable[index] {
        rules[index] = .never
      } else if case .choice(let choices) = rules[index] {
        rules[index] = .choice(choices.filter { isSatisfiable[Int($0)] })
      }
    }
    for object in objects { object.prepare { !isSatisfiable[Int($0)] } }
    for array in arrays { array.prepare { !isSatisfiable[Int($0)] } }
  }

  private static func isSatisfiable(_ object: ObjectRule, _ holds: (RuleID) -> Bool) -> Bool {
    var possible = 0
    var required = 0
    for property in object.properties {
      let can = !property.isForbidden && holds(property.rule)
      if property.isRequired {
        guard can else { return false }
        required += 1
      }
      if can { possible += 1 }
    }
    if let maximum = object.maximumCount, required > maximum || object.minimumCount > maximum { return false }
    let hasUndeclared =
      object.nameAutomaton == nil ? holds(object.undeclared) : object.undeclaredByMatch.values.contains(where: holds)
    return hasUndeclared || possible >= object.minimumCount
  }

  private static func isSatisfiable(_ array: ArrayRule, _ holds: (RuleID) -> Bool) -> Bool {
    let end = array.end(holds)
    guard array.minimumCount <= end else { return false }
    return array.containing.isEmpty
      || array.containing.enumerated().contains { position, rule in position < end && holds(rule) }
  }

  // MARK: - How many values there are

  /// How many elements an array can have that all differ.
  private func uniqueLimit(_ array: ArrayRule) -> Int? {
    // Fewer texts than the least number of elements: these are not to be had. Elements behind them may have others.
    if let texts = texts(of: array), texts.count < array.minimumCount { return texts.count }
    return valueCount(array.items).map { array.prefix.count + $0 }
  }

  /// All texts that the elements up to the least number of them can have, if these are listed.
  private func texts(of array: ArrayRule) -> Set<[UInt8]>? {
    var texts: Set<[UInt8]> = []
    for position in 0..<min(array.minimumCount, array.prefix.count + 1) {
      guard case .automaton(let number) = rules[Int(array.rule(at: position))],
        let literals = automata[Int(number)] as? LiteralAutomaton
      else { return nil }
      texts.formUnion(literals.list)
    }
    return array.minimumCount > 0 ? texts : nil
  }

  /// At most so many values satisfy a rule; nil if there are endlessly many or that is not known.
  private func valueCount(_ rule: RuleID, depth: Int = 0) -> Int? {
    switch rules[Int(rule)] {
    case .never: return 0
    case .choice(let choices):
      guard depth < 4 else { return nil }
      var sum = 0
      for choice in choices {
        guard let count = valueCount(choice, depth: depth + 1) else { return nil }
        sum = min(sum + count, 1 << 40)
      }
      return sum
    case .automaton(let number):
      let automaton = automata[Int(number)]
      return (automaton as? LiteralAutomaton)?.count ?? (automaton as? NumberAutomaton)?.valueCount
    case .string(_, let maximum): return maximum == 0 ? 1 : nil
    case .pattern(let number): return (automata[Int(number)] as? StringAutomaton)?.texts(limit: 64)?.count
    case .object: return nil
    case .array(let number): return arrays[Int(number)].maximumCount == 0 ? 1 : nil
    }
  }
}

extension ArrayRule {
  /// No element is possible from this position on; `.max` if some is everywhere.
  func end(_ holds: (RuleID) -> Bool) -> Int {
    var end = min(maximumCount ?? .max, distinctCount ?? .max, uniqueLimit ?? .max)
    for (index, rule) in prefix.enumerated() where index < end && !holds(rule) { end = index }
    if prefix.count < end, !holds(items) { end = prefix.count }
    return end
  }
}
