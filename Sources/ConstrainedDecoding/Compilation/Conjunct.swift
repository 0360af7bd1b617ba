import JSON

/// One demand on a value. A value's demands are collected from everywhere that speaks of it before a rule is made, which
/// makes `allOf`, `$ref` beside other keywords, and several schemas for one property the same thing.
enum Conjunct: Hashable {
  /// The value conforms, or does not, to a node; its number.
  case schema(Int)
  case negated(Int)
  case types(TypeSet)
  case lower(JSONNumber, isExclusive: Bool)
  case upper(JSONNumber, isExclusive: Bool)
  case lengthAtLeast(Int)
  case lengthAtMost(Int)
  /// The string does not match the node's pattern.
  case unlikePattern(Int)
  /// The value is none of the node's constant and enumeration.
  case unlikeValues(Int)
  /// Of an object: the member is there, or not.
  case present(String)
  case absent(String)
  /// Of an object: if the member is there, it does not conform to a node.
  case member(String, isNot: Int)
  case itemsAtLeast(Int)
  case itemsAtMost(Int)
}

/// One of several lists of conjuncts holds.
struct Choice {
  var branches: [[Conjunct]]
  /// The node and the keywords that only narrow what the other keywords admit, if it is theirs: `if` and dependent members.
  var condition: (node: Int, keywords: [Keyword])?

  init(_ branches: [[Conjunct]], condition: (node: Int, keywords: [Keyword])? = nil) {
    self.branches = branches
    self.condition = condition
  }
}

/// What is known of a value when its conjuncts are taken together. Alternatives are kept apart until the end.
struct ValueFacts {
  var seen: Set<Conjunct> = []
  /// In the order met, for properties.
  var nodes: [Int] = []
  var types: TypeSet = .all
  var limits = NumberAutomaton.Limits()
  var divisors: [JSONNumber] = []
  var minLength = 0
  var maxLength: Int?
  /// Nodes whose pattern the string must, or must not, match.
  var patterns: [Int] = []
  var unlikePatterns: [Int] = []
  var formats: [Int] = []
  /// Nodes with `enum` or `const` that the value must, or must not, be one of.
  var enumerations: [Int] = []
  var unlikeValues: [Int] = []
  var negated: [Int] = []
  var present: [String] = []
  var absent: Set<String> = []
  var members: [(name: String, isNot: Int)] = []
  var minItems = 0
  var maxItems: Int?
  var choices: [Choice] = []
  /// Set when the conjuncts contradict each other.
  var contradiction: String?

  mutating func restrict(_ set: TypeSet, _ reason: @autoclosure () -> String) {
    types = types.intersection(set)
    if types.isEmpty, contradiction == nil { contradiction = reason() }
  }

  mutating func raiseLower(_ value: JSONNumber, isExclusive: Bool) {
    if let minimum = limits.minimum {
      if value < minimum { return }
      if value == minimum {
        limits.isMinimumExclusive = limits.isMinimumExclusive || isExclusive
        return
      }
    }
    limits.minimum = value
    limits.isMinimumExclusive = isExclusive
  }

  mutating func dropUpper(_ value: JSONNumber, isExclusive: Bool) {
    if let maximum = limits.maximum {
      if maximum < value { return }
      if value == maximum {
        limits.isMaximumExclusive = limits.isMaximumExclusive || isExclusive
        return
      }
    }
    limits.maximum = value
    limits.isMaximumExclusive = isExclusive
  }
}
