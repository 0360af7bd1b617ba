/// The tests of Jinja2: what may stand after `is`, or be named in `select`.
enum Test: String, CaseIterable {
  case odd, even, divisibleby, defined, undefined, filter, test, none, boolean, `true`, `false`, integer, float, number,
    string, mapping, sequence, iterable, callable, lower, upper, escaped, sameas, `in`
  case equal = "eq", equalTo = "equalto", equalSign = "=="
  case notEqual = "ne", notEqualSign = "!="
  case less = "lt", lessThan = "lessthan", lessSign = "<"
  case lessOrEqual = "le", lessOrEqualSign = "<="
  case greater = "gt", greaterThan = "greaterthan", greaterSign = ">"
  case greaterOrEqual = "ge", greaterOrEqualSign = ">="

  func holds(_ value: Value, _ arguments: Arguments) throws(Fault) -> Bool {
    switch self {
    case .odd: return try Operators.areEqual(try Operators.modulo(value, .int(2)), .int(1))
    case .even: return try Operators.areEqual(try Operators.modulo(value, .int(2)), .int(0))
    case .divisibleby:
      return try Operators.areEqual(try Operators.modulo(value, try operand(arguments, "num")), .int(0))
    case .lower: return StringMethods.isLower(try Representation.text(value))
    case .upper: return StringMethods.isUpper(try Representation.text(value))
    case .sameas: return Self.areSame(value, try operand(arguments, "other"))
    case .in: return try Operators.contains(try operand(arguments, "seq"), value)
    case .equal, .equalTo, .equalSign: return try Operators.areEqual(value, try operand(arguments))
    case .notEqual, .notEqualSign: return try !Operators.areEqual(value, try operand(arguments))
    case .less, .lessThan, .lessSign: return try Operators.compare(value, .less, try operand(arguments))
    case .lessOrEqual, .lessOrEqualSign: return try Operators.compare(value, .lessOrEqual, try operand(arguments))
    case .greater, .greaterThan, .greaterSign: return try Operators.compare(value, .greater, try operand(arguments))
    case .greaterOrEqual, .greaterOrEqualSign:
      return try Operators.compare(value, .greaterOrEqual, try operand(arguments))
    case .filter, .test:
      guard case .string(let name) = value else { return false }
      return self == .filter ? Filters.table[name.string] != nil : Test(rawValue: name.string) != nil
    default: return hasType(value)
    }
  }

  /// The tests that only look at the type.
  private func hasType(_ value: Value) -> Bool {
    switch (self, value) {
    case (.undefined, .undefined), (.none, .null), (.boolean, .bool), (.true, .bool(true)), (.false, .bool(false)),
      (.integer, .int), (.integer, .big), (.float, .float), (.string, .string), (.mapping, .dict):
      true
    case (.defined, _): !value.isUndefined
    case (.number, _): value.number != nil
    case (.callable, .undefined): true
    case (.callable, .object(let object)): object.isCallable
    case (.sequence, .object(let object)): object.isSequence
    case (.iterable, .object(let object)): object.iterator() != nil
    case (.sequence, .undefined), (.sequence, .string), (.sequence, .list), (.sequence, .tuple), (.sequence, .dict):
      true
    case (.iterable, .undefined), (.iterable, .string), (.iterable, .list), (.iterable, .tuple), (.iterable, .dict):
      true
    case (.escaped, .string(let text)): text.isMarkup
    default: false
    }
  }

  private func operand(_ arguments: Arguments, _ name: String) throws(Fault) -> Value {
    try arguments.bound(to: "test_\(rawValue)", [name], required: 1)[0]!  // bound made sure of it
  }

  /// The right side of an operator.
  private func operand(_ arguments: Arguments) throws(Fault) -> Value {
    guard arguments.positional.count == 1, arguments.keyword.isEmpty else {
      throw .type("\(rawValue) expected 2 arguments, got \(arguments.positional.count + 1)")
    }
    return arguments.positional[0]
  }

  /// Identity; equal strings and numbers of one type count as the same, as Python shares its constants.
  private static func areSame(_ a: Value, _ b: Value) -> Bool {
    switch (a, b) {
    case (.null, .null): true
    case (.bool(let x), .bool(let y)): x == y
    case (.int(let x), .int(let y)): x == y
    case (.big(let x), .big(let y)): x == y
    case (.float(let x), .float(let y)): x == y
    case (.string(let x), .string(let y)): x === y || x.utf8 == y.utf8
    case (.list(let x), .list(let y)), (.tuple(let x), .tuple(let y)): x === y
    case (.dict(let x), .dict(let y)): x === y
    case (.object(let x), .object(let y)): x === y
    case (.undefined(let x), .undefined(let y)): x === y
    default: false
    }
  }
}
