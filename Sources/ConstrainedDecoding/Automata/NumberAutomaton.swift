import JSON

/// The numbers within bounds that are multiples of something, as text; exact, by comparing digits with the bounds' digits.
///
/// Without bounds and divisor every spelling of RFC 8259 §6 is admitted. With them there is no exponent, so that the
/// place of a digit is known when it is read; integers are written without fraction.
final class NumberAutomaton: ByteAutomaton {
  struct Limits: Hashable {
    var isInteger = false
    /// No integer, however it is written.
    var isFraction = false
    var minimum: JSONNumber?
    var isMinimumExclusive = false
    var maximum: JSONNumber?
    var isMaximumExclusive = false
    var divisor: JSONNumber?
    var isFree: Bool { minimum == nil && maximum == nil && divisor == nil && !isFraction }
  }

  private enum Part: UInt8 { case start, sign, zero, integer, point, fraction, exponent, exponentSign, exponentDigits }

  /// How what was read compares with the digits of a bound's magnitude so far.
  private enum Order: Int8 { case less = -1, equal = 0, greater = 1 }

  private struct State: Hashable {
    var part = Part.start
    var isNegative = false
    /// Integer digits, at most one more than the longest bound has; then fraction digits likewise.
    var digitCount: Int16 = 0
    var low = Order.equal
    var high = Order.equal
    var remainder: UInt64 = 0
    var isZero = true
    /// A digit behind the point was not zero; followed where integers are excluded.
    var hasFraction = false
  }

  /// A bound as digits.
  private struct Bound {
    var isNegative: Bool
    var integer: [UInt8]
    var fraction: [UInt8]
    var isExclusive: Bool

    init(_ number: JSONNumber, isExclusive: Bool) {
      let decimal = Decimal(number)
      isNegative = decimal.isNegative
      integer = decimal.integer
      fraction = decimal.fraction
      self.isExclusive = isExclusive
    }
  }

  /// A number's plain digits, without leading zeros before and trailing zeros after the point.
  private struct Decimal {
    var isNegative = false
    var integer: [UInt8] = []
    var fraction: [UInt8] = []

    init(_ number: JSONNumber) {
      var digits: [UInt8] = []
      var point: Int?
      var exponent = 0
      var text = Array(number.literal.utf8)
      if let e = text.firstIndex(where: { $0 | 0x20 == 0x65 }) {
        exponent = Int(String(decoding: text[(e + 1)...], as: UTF8.self)) ?? 0
        text = Array(text[..<e])
      }
      for byte in text {
        switch byte {
        case 0x2D: isNegative = true
        case 0x2E: point = digits.count
        default: digits.append(byte - 0x30)
        }
      }
      let place = (point ?? digits.count) + max(-400, min(400, exponent))
      if place > digits.count { digits += [UInt8](repeating: 0, count: place - digits.count) }
      if place < 0 { digits = [UInt8](repeating: 0, count: -place) + digits }
      integer = Array(digits.prefix(max(0, place)).drop { $0 == 0 })
      fraction = Array(digits.dropFirst(max(0, place)))
      while fraction.last == 0 { fraction.removeLast() }
      if integer.isEmpty, fraction.isEmpty { isNegative = false }
    }

    /// Times 10^`places`, which is at least as many as it has; nil beyond fifteen digits.
    func scaled(_ places: Int) -> Int? {
      guard integer.count + places <= 15 else { return nil }
      let digits = integer + fraction + [UInt8](repeating: 0, count: places - fraction.count)
      let value = digits.reduce(0) { $0 * 10 + Int($1) }
      return isNegative ? -value : value
    }
  }

  /// The smallest number that is a multiple of both; nil if it has too many digits.
  static func commonMultiple(_ a: JSONNumber, _ b: JSONNumber) -> JSONNumber? {
    let (first, second) = (Decimal(a), Decimal(b))
    let places = max(first.fraction.count, second.fraction.count)
    guard let x = first.scaled(places), let y = second.scaled(places), x > 0, y > 0 else { return nil }
    var (divisor, rest) = (x, y)
    while rest != 0 { (divisor, rest) = (rest, divisor % rest) }
    let (multiple, overflows) = (x / divisor).multipliedReportingOverflow(by: y)
    guard !overflows else { return nil }
    var digits = String(multiple)
    while digits.count <= places { digits = "0" + digits }
    let literal = places == 0 ? digits : digits.dropLast(places) + "." + digits.suffix(places)
    return (try? JSONValue(parsing: String(literal), name: "multiple"))?.number
  }

  /// How many numbers satisfy the limits; nil if there is no end of them, or too many digits to tell.
  var valueCount: Int? {
    guard let minimum = limits.minimum.map({ Decimal($0) }), let maximum = limits.maximum.map({ Decimal($0) }) else {
      return nil
    }
    var step = limits.divisor
    if limits.isInteger { step = step.map { Self.commonMultiple($0, JSONNumber(1)) } ?? JSONNumber(1) }
    guard let step = step.map({ Decimal($0) }) else { return nil }
    let places = max(minimum.fraction.count, maximum.fraction.count, step.fraction.count)
    guard var low = minimum.scaled(places), var high = maximum.scaled(places), let step = step.scaled(places) else {
      return nil
    }
    if limits.isMinimumExclusive { low += 1 }
    if limits.isMaximumExclusive { high -= 1 }
    func floor(_ value: Int) -> Int { value >= 0 ? value / step : -((-value + step - 1) / step) }
    return max(0, floor(high) + floor(-low) + 1)
  }

  private let limits: Limits
  private let lower: Bound?
  private let upper: Bound?
  /// `divisor` is `factor` / 10^`places`.
  private let factor: UInt64
  private let places: Int
  private let longestInteger: Int
  private let longestFraction: Int
  private var states: [State] = []
  private var numbers: [State: Int32] = [:]
  /// Trimmed transitions of every state: 13 symbols, digits first.
  private var isAlive: [Bool] = []
  private var isBuilt = false
  private static let symbols: [UInt8] = Array("0123456789-.eE+".utf8)
  private static let stateLimit = 40_000

  /// Nil if the divisor has too many digits to be counted along.
  init?(_ limits: Limits) {
    self.limits = limits
    lower = limits.minimum.map { Bound($0, isExclusive: limits.isMinimumExclusive) }
    upper = limits.maximum.map { Bound($0, isExclusive: limits.isMaximumExclusive) }
    if let divisor = limits.divisor {
      let decimal = Decimal(divisor)
      places = decimal.fraction.count
      var value: UInt64 = 0
      for digit in decimal.integer + decimal.fraction {
        value = value &* 10 &+ UInt64(digit)
        if value > 10_000 { return nil }
      }
      guard value > 0 else { return nil }
      factor = value
    } else {
      factor = 1
      places = 0
    }
    longestInteger = max(lower?.integer.count ?? 0, upper?.integer.count ?? 0)
    longestFraction = max(lower?.fraction.count ?? 0, upper?.fraction.count ?? 0)
    super.init()
    states = [State()]
    numbers = [State(): 0]
    guard build() else { return nil }
  }

  private init(copying other: NumberAutomaton) {
    (limits, lower, upper) = (other.limits, other.lower, other.upper)
    (factor, places) = (other.factor, other.places)
    (longestInteger, longestFraction) = (other.longestInteger, other.longestFraction)
    super.init()
    (states, numbers, isAlive, isBuilt) = (other.states, other.numbers, other.isAlive, other.isBuilt)
  }

  override func copy(_ copies: PatternCopies) -> ByteAutomaton { NumberAutomaton(copying: self) }

  /// Whether any number satisfies the limits.
  var isSatisfiable: Bool { isAlive[0] }

  /// Visits every state and finds those from which a number can be completed. False if there are too many.
  private func build() -> Bool {
    var sources: [[Int32]] = [[]]
    var at = 0
    while at < states.count {
      if states.count > Self.stateLimit { return false }
      for symbol in Self.symbols {
        guard let next = successor(states[at], symbol) else { continue }
        let number: Int32
        if let known = numbers[next] {
          number = known
        } else {
          number = Int32(states.count)
          numbers[next] = number
          states.append(next)
          sources.append([])
        }
        sources[Int(number)].append(Int32(at))
      }
      at += 1
    }
    isAlive = [Bool](repeating: false, count: states.count)
    var pending = states.indices.filter { accepts(states[$0]) }.map(Int32.init)
    while let state = pending.popLast() {
      if isAlive[Int(state)] { continue }
      isAlive[Int(state)] = true
      pending += sources[Int(state)]
    }
    return true
  }

  override func computeRow(_ state: Int32, _ row: inout [Int32]) {
    for symbol in Self.symbols {
      guard let next = successor(states[Int(state)], symbol), let number = numbers[next], isAlive[Int(number)] else {
        continue
      }
      row[Int(symbol)] = number
    }
  }

  override func isAccepting(_ state: Int32) -> Bool { accepts(states[Int(state)]) }

  private func successor(_ state: State, _ byte: UInt8) -> State? {
    var next = state
    switch byte {
    case 0x2D:
      if state.part == .exponent {
        next.part = .exponentSign
        return next
      }
      guard state.part == .start else { return nil }
      next.part = .sign
      next.isNegative = true
      return next
    case 0x2B:
      guard state.part == .exponent else { return nil }
      next.part = .exponentSign
      return next
    case 0x2E:
      guard !limits.isInteger, state.part == .zero || state.part == .integer else { return nil }
      next.part = .point
      next.low = integerOrder(state.low, state, lower)
      next.high = integerOrder(state.high, state, upper)
      next.digitCount = 0
      return next
    case 0x65, 0x45:
      guard !limits.isInteger, limits.isFree else { return nil }
      guard state.part == .zero || state.part == .integer || state.part == .fraction else { return nil }
      return State(part: .exponent)
    default:
      let digit = byte - 0x30
      switch state.part {
      case .start, .sign:
        next.part = digit == 0 ? .zero : .integer
        takeInteger(digit, &next)
      case .integer: takeInteger(digit, &next)
      case .point, .fraction:
        next.part = .fraction
        guard takeFraction(digit, &next) else { return nil }
      case .exponent, .exponentSign, .exponentDigits: next.part = .exponentDigits
      case .zero: return nil
      }
      return next
    }
  }

  private func takeInteger(_ digit: UInt8, _ state: inout State) {
    if digit != 0 { state.isZero = false }
    if limits.isFree {
      state.isZero = true
      return
    }
    let place = Int(state.digitCount)
    if digit != 0 || place > 0 {
      if let lower { state.low = extended(state.low, digit, place, lower.integer) }
      if let upper { state.high = extended(state.high, digit, place, upper.integer) }
      state.digitCount = Int16(min(place + 1, longestInteger + 1))
    }
    state.remainder = (state.remainder * 10 + UInt64(digit)) % factor
  }

  private func takeFraction(_ digit: UInt8, _ state: inout State) -> Bool {
    if limits.isFree { return true }
    if digit != 0 {
      state.isZero = false
      state.hasFraction = limits.isFraction
    }
    let place = Int(state.digitCount)
    if limits.divisor != nil {
      if place >= places { return false }
      state.remainder = (state.remainder * 10 + UInt64(digit)) % factor
    }
    if let lower { state.low = extended(state.low, digit, place, lower.fraction, isFraction: true) }
    if let upper { state.high = extended(state.high, digit, place, upper.fraction, isFraction: true) }
    state.digitCount = Int16(min(place + 1, max(longestFraction, limits.divisor == nil ? 0 : places)))
    return true
  }

  private func extended(_ order: Order, _ digit: UInt8, _ place: Int, _ digits: [UInt8], isFraction: Bool = false)
    -> Order
  {
    guard order == .equal else { return order }
    if place >= digits.count { return digit == 0 || !isFraction ? .equal : .greater }
    return digit == digits[place] ? .equal : digit < digits[place] ? .less : .greater
  }

  /// The order of the integer part, now that its length is known.
  private func integerOrder(_ order: Order, _ state: State, _ bound: Bound?) -> Order {
    guard let bound else { return .equal }
    let count = Int(state.digitCount)
    return count == bound.integer.count ? order : count < bound.integer.count ? .less : .greater
  }

  private func accepts(_ state: State) -> Bool {
    switch state.part {
    case .zero, .integer:
      if limits.isFree { return true }
      return isWithin(
        state, integerOrder(state.low, state, lower), integerOrder(state.high, state, upper), isInteger: true)
    case .fraction:
      if limits.isFree { return true }
      return isWithin(state, state.low, state.high, isInteger: false)
    case .exponentDigits: return true
    default: return false
    }
  }

  private func isWithin(_ state: State, _ low: Order, _ high: Order, isInteger: Bool) -> Bool {
    if limits.isFraction, !state.hasFraction { return false }
    if limits.divisor != nil {
      var remainder = state.remainder
      for _ in 0..<(isInteger ? places : places - Int(state.digitCount)) { remainder = remainder * 10 % factor }
      if remainder != 0 { return false }
    }
    // The orders are of magnitudes, and of a fraction shorter than the bound's only so far.
    func value(_ order: Order, _ bound: Bound) -> Order {
      var order = order
      let read = isInteger ? 0 : Int(state.digitCount)
      if order == .equal, read < bound.fraction.count, bound.fraction[read...].contains(where: { $0 != 0 }) {
        order = .less
      }
      let isNegative = state.isNegative && !state.isZero
      if isNegative != bound.isNegative { return isNegative ? .less : .greater }
      return isNegative ? Order(rawValue: -order.rawValue)! : order
    }
    if let lower {
      let order = value(low, lower)
      if order == .less || (order == .equal && lower.isExclusive) { return false }
    }
    if let upper {
      let order = value(high, upper)
      if order == .greater || (order == .equal && upper.isExclusive) { return false }
    }
    return true
  }
}
