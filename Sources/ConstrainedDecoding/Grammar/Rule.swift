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
    if !array.containing.isEmpty, !array.containing.contains(where: holds) { return false }
    let needed = max(array.minimumCount, array.containing.isEmpty ? 0 : 1)
    if let maximum = array.maximumCount, needed > maximum { return false }
    if let distinct = array.distinctCount, needed > distinct { return false }
    for index in 0..<min(needed, array.prefix.count) where !holds(array.prefix[index]) { return false }
    return needed <= array.prefix.count || holds(array.items)
  }
}
