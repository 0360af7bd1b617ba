/// A value as a number: bool counts as int, as in Python.
enum Number {
  case int(Int)
  case big(BigInteger)
  case float(Double)

  var double: Double {
    switch self {
    case .int(let int): Double(int)
    case .big(let big): big.double
    case .float(let double): double
    }
  }

  /// The value as a big integer; only for integers.
  fileprivate var integer: BigInteger {
    switch self {
    case .int(let int): BigInteger(int)
    case .big(let big): big
    case .float(let double): BigInteger(truncating: double)
    }
  }

  var isZero: Bool {
    switch self {
    case .int(let int): int == 0
    case .big: false
    case .float(let double): double == 0
    }
  }
}

extension Value {
  var number: Number? {
    switch self {
    case .bool(let flag): .int(flag ? 1 : 0)
    case .int(let int): .int(int)
    case .big(let big): .big(big)
    case .float(let double): .float(double)
    default: nil
    }
  }
}

/// Python's operators on values, with Python's messages where they do not apply.
enum Operators {
  /// Largest string or list that `*` may build, in bytes or elements.
  static let repetitionLimit = 16 << 20

  // MARK: - Arithmetic

  static func add(_ a: Value, _ b: Value) throws(Fault) -> Value {
    switch (a, b) {
    case (.int(let x), .int(let y)):
      let (sum, overflow) = x.addingReportingOverflow(y)
      return overflow ? .integer(BigInteger(x) + BigInteger(y)) : .int(sum)
    case (.string(let x), .string(let y)):
      if x.isMarkup || y.isMarkup {
        return .string(Text(try Markup.escaped(a).utf8 + Markup.escaped(b).utf8, isMarkup: true))
      }
      return .string(Text(x.utf8 + y.utf8))
    case (.list(let x), .list(let y)): return .list(x.elements + y.elements)
    case (.tuple(let x), .tuple(let y)): return .tuple(x.elements + y.elements)
    case (.undefined, _), (_, .undefined): throw try undefinedFault(a, b)
    default: break
    }
    if let x = a.number, let y = b.number {
      if case .float = x { return .float(x.double + y.double) }
      if case .float = y { return .float(x.double + y.double) }
      return .integer(x.integer + y.integer)
    }
    switch a {
    case .string, .list, .tuple:
      let name = if case .string = a { "str" } else { a.typeName }
      throw .type("can only concatenate \(name) (not \"\(b.typeName)\") to \(name)")
    default: throw unsupported("+", a, b)
    }
  }

  static func subtract(_ a: Value, _ b: Value) throws(Fault) -> Value {
    if case .int(let x) = a, case .int(let y) = b {
      let (difference, overflow) = x.subtractingReportingOverflow(y)
      return overflow ? .integer(BigInteger(x) - BigInteger(y)) : .int(difference)
    }
    let (x, y) = try numbers("-", a, b)
    if case .float = x { return .float(x.double - y.double) }
    if case .float = y { return .float(x.double - y.double) }
    return .integer(x.integer - y.integer)
  }

  static func multiply(_ a: Value, _ b: Value) throws(Fault) -> Value {
    if let x = a.number, let y = b.number {
      if case .int(let x) = x, case .int(let y) = y {
        let (product, overflow) = x.multipliedReportingOverflow(by: y)
        if !overflow { return .int(product) }
      }
      if case .float = x { return .float(x.double * y.double) }
      if case .float = y { return .float(x.double * y.double) }
      return .integer(try limited(x.integer * y.integer))
    }
    if a.isUndefined || b.isUndefined { throw try undefinedFault(a, b) }
    let (sequence, times) = isSequence(a) ? (a, b) : (b, a)
    guard isSequence(sequence) else { throw unsupported("*", a, b) }
    guard let times = times.index else { throw .type("can't multiply sequence by non-int of type '\(times.typeName)'") }
    let count = max(times, 0)
    func check(_ size: Int) throws(Fault) {
      let (product, overflow) = size.multipliedReportingOverflow(by: count)
      if overflow || product > repetitionLimit {
        throw Fault(.limit, "a repetition beyond \(repetitionLimit) bytes or elements is refused")
      }
    }
    switch sequence {
    case .string(let text):
      try check(text.utf8.count)
      return .string(text.with(Array(repeatElement(text.utf8, count: count).joined())))
    case .list(let list):
      try check(list.elements.count)
      return .list(Array(repeatElement(list.elements, count: count).joined()))
    case .tuple(let list):
      try check(list.elements.count)
      return .tuple(Array(repeatElement(list.elements, count: count).joined()))
    default: throw unsupported("*", a, b)
    }
  }

  static func divide(_ a: Value, _ b: Value) throws(Fault) -> Value {
    let (x, y) = try numbers("/", a, b)
    if y.isZero { throw Fault(.zeroDivision, isFloat(x, y) ? "float division by zero" : "division by zero") }
    let quotient = x.double / y.double
    if quotient.isInfinite || quotient.isNaN, !isFloat(x, y) {
      throw Fault(.overflow, "integer division result too large for a float")
    }
    return .float(quotient)
  }

  static func floorDivide(_ a: Value, _ b: Value) throws(Fault) -> Value {
    let (x, y) = try numbers("//", a, b)
    if y.isZero {
      throw Fault(.zeroDivision, isFloat(x, y) ? "float floor division by zero" : "integer division or modulo by zero")
    }
    if isFloat(x, y) {
      let remainder = floorRemainder(x.double, y.double)
      let quotient = (x.double - remainder) / y.double
      let floored = quotient.rounded(.down)
      return .float(quotient - floored > 0.5 ? floored + 1 : floored)
    }
    if case .int(let x) = x, case .int(let y) = y, !(x == .min && y == -1) {
      let (quotient, remainder) = x.quotientAndRemainder(dividingBy: y)
      return .int(remainder != 0 && (remainder < 0) != (y < 0) ? quotient - 1 : quotient)
    }
    return .integer(x.integer.dividedFloor(by: y.integer).quotient)
  }

  static func modulo(_ a: Value, _ b: Value) throws(Fault) -> Value {
    if case .string(let format) = a {
      if b.isUndefined { throw try undefinedFault(b) }
      return .string(try Formatting.percent(format, b))
    }
    let (x, y) = try numbers("%", a, b)
    if y.isZero { throw Fault(.zeroDivision, isFloat(x, y) ? "float modulo" : "integer modulo by zero") }
    if isFloat(x, y) { return .float(floorRemainder(x.double, y.double)) }
    if case .int(let x) = x, case .int(let y) = y {
      if y == -1 { return .int(0) }
      let remainder = x % y
      return .int(remainder != 0 && (remainder < 0) != (y < 0) ? remainder + y : remainder)
    }
    return .integer(x.integer.dividedFloor(by: y.integer).remainder)
  }

  static func power(_ a: Value, _ b: Value) throws(Fault) -> Value {
    let (x, y) = try numbers("** or pow()", a, b)
    var exponentIsNegative = false
    if case .int(let exponent) = y { exponentIsNegative = exponent < 0 }
    if case .big(let exponent) = y { exponentIsNegative = exponent.isNegative }
    if isFloat(x, y) || exponentIsNegative {
      if x.isZero, y.double < 0 { throw Fault(.zeroDivision, "0.0 cannot be raised to a negative power") }
      let result = Floats.power(x.double, y.double)
      if result.isInfinite, x.double.isFinite, y.double.isFinite {
        throw Fault(.overflow, "(34, 'Numerical result out of range')")
      }
      if result.isNaN, !x.double.isNaN, !y.double.isNaN {
        throw .type(
          "a complex number is the result of \(Representation.float(x.double)) ** \(Representation.float(y.double))")
      }
      return .float(result)
    }
    guard case .int(let exponent) = y else {
      throw Fault(.limit, "a power with more than 64 bits in the exponent is refused")
    }
    guard let result = x.integer.power(exponent) else { throw tooManyDigits }
    return .integer(result)
  }

  static func negate(_ a: Value) throws(Fault) -> Value {
    switch a.number {
    case .int(let int): return int == .min ? .integer(-BigInteger(int)) : .int(-int)
    case .big(let big): return .integer(-big)
    case .float(let double): return .float(-double)
    case nil:
      if a.isUndefined { throw try undefinedFault(a) }
      throw .type("bad operand type for unary -: '\(a.typeName)'")
    }
  }

  static func plus(_ a: Value) throws(Fault) -> Value {
    switch a.number {
    case .int(let int): return .int(int)
    case .big, .float: return a
    case nil:
      if a.isUndefined { throw try undefinedFault(a) }
      throw .type("bad operand type for unary +: '\(a.typeName)'")
    }
  }

  /// `int(double)`.
  static func truncated(_ double: Double) throws(Fault) -> Value {
    if double.isNaN { throw .value("cannot convert float NaN to integer") }
    if double.isInfinite { throw Fault(.overflow, "cannot convert float infinity to integer") }
    return Int(exactly: double.rounded(.towardZero)).map(Value.int) ?? .integer(BigInteger(truncating: double))
  }

  private static func floorRemainder(_ x: Double, _ y: Double) -> Double {
    let remainder = x.truncatingRemainder(dividingBy: y)
    if remainder == 0 { return y < 0 ? -0.0 : 0.0 }
    return (remainder < 0) != (y < 0) ? remainder + y : remainder
  }

  private static func isFloat(_ x: Number, _ y: Number) -> Bool {
    if case .float = x { return true }
    if case .float = y { return true }
    return false
  }

  private static func isSequence(_ value: Value) -> Bool {
    switch value {
    case .string, .list, .tuple: true
    default: false
    }
  }

  private static func numbers(_ symbol: String, _ a: Value, _ b: Value) throws(Fault) -> (Number, Number) {
    if let x = a.number, let y = b.number { return (x, y) }
    if a.isUndefined || b.isUndefined { throw try undefinedFault(a, b) }
    throw unsupported(symbol, a, b)
  }

  private static func unsupported(_ symbol: String, _ a: Value, _ b: Value) -> Fault {
    .type("unsupported operand type(s) for \(symbol): '\(a.typeName)' and '\(b.typeName)'")
  }

  /// The fault of the first of the values that is undefined.
  static func undefinedFault(_ values: Value...) throws(Fault) -> Fault {
    for case .undefined(let undefined) in values { return undefined.fault }
    throw Fault(.runtime, "no value is undefined")
  }

  private static var tooManyDigits: Fault {
    Fault(.limit, "an integer beyond \(BigInteger.wordLimit * 32) bits is refused")
  }

  private static func limited(_ value: BigInteger) throws(Fault) -> BigInteger {
    if value.words.count > BigInteger.wordLimit { throw tooManyDigits }
    return value
  }

  // MARK: - Comparison

  static func areEqual(_ a: Value, _ b: Value) throws(Fault) -> Bool {
    try areEqual(a, b, depth: 0)
  }

  private static func areEqual(_ a: Value, _ b: Value, depth: Int) throws(Fault) -> Bool {
    if depth > 200 { throw Fault(.recursion, "maximum recursion depth exceeded in comparison") }
    switch (a, b) {
    case (.undefined, .undefined), (.null, .null): return true
    case (.string(let x), .string(let y)): return x === y || x.utf8 == y.utf8
    case (.int(let x), .int(let y)): return x == y
    case (.list(let x), .list(let y)), (.tuple(let x), .tuple(let y)):
      if x === y { return true }
      if x.elements.count != y.elements.count { return false }
      for (x, y) in zip(x.elements, y.elements) where try !areEqual(x, y, depth: depth + 1) { return false }
      return true
    case (.dict(let x), .dict(let y)):
      if x === y { return true }
      if x.count != y.count { return false }
      for (key, value) in zip(x.keys, x.values) {
        guard let other = try y.value(of: key), try areEqual(value, other, depth: depth + 1) else { return false }
      }
      return true
    case (.object(let x), .object(let y)):
      if x === y { return true }
      if let x = x as? Range, let y = y as? Range {
        return x.count == y.count && (x.count == 0 || x.start == y.start && (x.count == 1 || x.step == y.step))
      }
      return false
    default:
      guard let x = a.number, let y = b.number else { return false }
      return order(x, y) == .some(0)
    }
  }

  /// -1, 0 or 1; nil if one is not a number (NaN).
  private static func order(_ x: Number, _ y: Number) -> Int? {
    switch (x, y) {
    case (.int(let x), .int(let y)): return x < y ? -1 : x == y ? 0 : 1
    case (.float(let x), .float(let y)): return x < y ? -1 : x == y ? 0 : x > y ? 1 : nil
    case (.float(let x), _):
      if x.isNaN { return nil }
      if x.isInfinite { return x < 0 ? -1 : 1 }
      let whole = BigInteger(truncating: x)
      if whole != y.integer { return whole < y.integer ? -1 : 1 }
      let fraction = x - x.rounded(.towardZero)
      return fraction < 0 ? -1 : fraction == 0 ? 0 : 1
    case (_, .float): return order(y, x).map { -$0 }
    default: return x.integer < y.integer ? -1 : x.integer == y.integer ? 0 : 1
    }
  }

  enum Comparison: String { case less = "<", lessOrEqual = "<=", greater = ">", greaterOrEqual = ">=" }

  static func compare(_ a: Value, _ comparison: Comparison, _ b: Value) throws(Fault) -> Bool {
    if case .int(let x) = a, case .int(let y) = b { return holds(comparison, x < y ? -1 : x == y ? 0 : 1) }
    if let x = a.number, let y = b.number { return order(x, y).map { holds(comparison, $0) } ?? false }
    switch (a, b) {
    case (.string(let x), .string(let y)):
      return holds(
        comparison, x.utf8 == y.utf8 ? 0 : x.utf8.lexicographicallyPrecedes(y.utf8) ? -1 : 1)
    case (.list(let x), .list(let y)), (.tuple(let x), .tuple(let y)):
      for (x, y) in zip(x.elements, y.elements) where try !areEqual(x, y) { return try compare(x, comparison, y) }
      let (m, n) = (x.elements.count, y.elements.count)
      return holds(comparison, m < n ? -1 : m == n ? 0 : 1)
    case (.undefined, _), (_, .undefined): throw try undefinedFault(a, b)
    default:
      throw .type(
        "'\(comparison.rawValue)' not supported between instances of '\(a.typeName)' and '\(b.typeName)'")
    }
  }

  private static func holds(_ comparison: Comparison, _ order: Int) -> Bool {
    switch comparison {
    case .less: order < 0
    case .lessOrEqual: order <= 0
    case .greater: order > 0
    case .greaterOrEqual: order >= 0
    }
  }

  /// `value in container`.
  static func contains(_ container: Value, _ value: Value) throws(Fault) -> Bool {
    switch container {
    case .string(let text):
      guard case .string(let part) = value else {
        throw .type("'in <string>' requires string as left operand, not \(value.typeName)")
      }
      return part.isEmpty || text.utf8[...].firstOffset(of: part.utf8) != nil
    case .dict(let dict): return try dict.value(of: value) != nil
    case .null, .bool, .int, .big, .float: throw .type("argument of type '\(container.typeName)' is not iterable")
    case .object(let object) where object.iterator() == nil:
      throw .type("argument of type '\(container.typeName)' is not iterable")
    default:
      let iterator = try container.iterator()
      while let element = try iterator.next() {
        if try areEqual(element, value) { return true }
      }
      return false
    }
  }

  /// Sorts stably by key, as Python's `sorted` does; `reversed` keeps the order of equal elements too.
  static func sorted(_ elements: [Value], keys: [Value], reversed: Bool = false) throws(Fault) -> [Value] {
    var order = Array(elements.indices)
    var buffer = order
    var width = 1
    while width < order.count {
      var start = 0
      while start < order.count {
        let middle = min(start + width, order.count)
        let end = min(start + 2 * width, order.count)
        var (left, right, out) = (start, middle, start)
        while left < middle || right < end {
          let takesRight: Bool
          if left == middle {
            takesRight = true
          } else if right == end {
            takesRight = false
          } else {
            let (a, b) = (keys[order[left]], keys[order[right]])
            takesRight = reversed ? try compare(a, .less, b) : try compare(b, .less, a)
          }
          buffer[out] = order[takesRight ? right : left]
          if takesRight { right += 1 } else { left += 1 }
          out += 1
        }
        start = end
      }
      swap(&order, &buffer)
      width *= 2
    }
    return order.map { elements[$0] }
  }
}
