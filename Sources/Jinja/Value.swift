import JSON

/// A Python value inside one rendering.
enum Value {
  case undefined(Undefined)
  case null
  case bool(Bool)
  case int(Int)
  /// An integer beyond 64 bits.
  case big(BigInteger)
  case float(Double)
  case string(Text)
  case list(List)
  case tuple(List)
  case dict(Dict)
  /// Everything with behaviour of its own: functions, macros, ranges, generators, `loop`, namespaces.
  case object(Object)

  static func string(_ string: String) -> Value { .string(Text(string)) }
  static func list(_ elements: [Value]) -> Value { .list(List(elements)) }
  static func tuple(_ elements: [Value]) -> Value { .tuple(List(elements)) }

  /// The int where it fits, else the big integer.
  static func integer(_ value: BigInteger) -> Value { value.int.map(Value.int) ?? .big(value) }
}

/// The result of looking up what is not there. Printing, testing and looping take it; anything else raises `fault`.
final class Undefined {
  enum Cause {
    case name(String)
    case attribute(Value, Text)
    case element(Value, Value)
    case unsafeAttribute(Value, Text)
    case hint(String)
  }
  private let cause: Cause

  init(_ cause: Cause) { self.cause = cause }

  convenience init(_ hint: String) { self.init(.hint(hint)) }

  /// The sentence is only written when somebody needs it.
  var fault: Fault {
    switch cause {
    case .name(let name): Fault(.undefined, "\(Representation.quoted(name)) is undefined")
    case .attribute(let value, let name):
      Fault(.undefined, "'\(value.typeDescription)' has no attribute \(Representation.quoted(name.string))")
    case .element(let value, let key):
      Fault(.undefined, "\(value.typeDescription) has no element \((try? Representation.of(key)) ?? key.typeName)")
    case .unsafeAttribute(let value, let name):
      Fault(
        .security,
        "access to attribute \(Representation.quoted(name.string)) of '\(value.typeName)' object is unsafe.")
    case .hint(let hint): Fault(.undefined, hint)
    }
  }
}

/// The elements of a list or a tuple; never changed, as the sandbox forbids it.
final class List {
  let elements: [Value]
  let origin: Origin?
  /// Names of the elements of a named tuple (`groupby` makes those).
  let fieldNames: [String]

  init(_ elements: [Value], origin: Origin? = nil, fieldNames: [String] = []) {
    self.elements = elements
    self.origin = origin
    self.fieldNames = fieldNames
  }
}

/// A dict in insertion order; never changed after it has been built.
final class Dict {
  private(set) var keys: [Value] = []
  private(set) var values: [Value] = []
  let origin: Origin?
  private var positions: [HashKey: Int] = [:]
  private static let scanLimit = 8

  init(origin: Origin? = nil) { self.origin = origin }

  convenience init(_ members: [(Text, Value)], origin: Origin? = nil) {
    self.init(origin: origin)
    for (key, value) in members { self[key] = value }
  }

  var count: Int { keys.count }

  /// The value of a string key.
  subscript(key: Text) -> Value? {
    get { position(of: key.utf8).map { values[$0] } }
    set {
      guard let newValue else { return }
      set(.string(key), newValue, position: position(of: key.utf8), hash: .string(key.utf8))
    }
  }

  func value(of key: [UInt8]) -> Value? { position(of: key).map { values[$0] } }

  /// The value of any key; nil also for a key that cannot be hashed.
  func value(of key: Value) throws(Fault) -> Value? {
    if case .string(let text) = key { return value(of: text.utf8) }
    let hash = try HashKey(key)
    return position(of: hash).map { values[$0] }
  }

  /// Python's rule: an equal key keeps its first spelling and takes the new value.
  func set(_ key: Value, to value: Value) throws(Fault) {
    let hash = try HashKey(key)
    set(key, value, position: position(of: hash), hash: hash)
  }

  private func set(_ key: Value, _ value: Value, position: Int?, hash: HashKey) {
    if let position {
      values[position] = value
      return
    }
    keys.append(key)
    values.append(value)
    if keys.count > Self.scanLimit, !positions.isEmpty { positions[hash] = keys.count - 1 }
  }

  private func position(of key: [UInt8]) -> Int? {
    if keys.count > Self.scanLimit { return indexed()[.string(key)] }
    for (position, candidate) in keys.enumerated() {
      if case .string(let text) = candidate, text.utf8 == key { return position }
    }
    return nil
  }

  private func position(of hash: HashKey) -> Int? {
    if keys.count > Self.scanLimit { return indexed()[hash] }
    return keys.firstIndex { HashKey(known: $0) == hash }
  }

  private func indexed() -> [HashKey: Int] {
    if positions.isEmpty {
      positions.reserveCapacity(keys.count * 2)
      for (position, key) in keys.enumerated() { positions[HashKey(known: key)] = position }
    }
    return positions
  }
}

/// What makes two dict keys the same: numbers by value (`1`, `1.0` and `true` are one key), strings by their bytes.
enum HashKey: Hashable {
  case null
  case undefined
  case int(Int)
  case big(BigInteger)
  case float(Double)
  case string([UInt8])
  case tuple([HashKey])
  case object(ObjectIdentifier)

  init(_ value: Value) throws(Fault) {
    switch value {
    case .undefined: self = .undefined
    case .null: self = .null
    case .bool(let flag): self = .int(flag ? 1 : 0)
    case .int(let int): self = .int(int)
    case .big(let big): self = .big(big)
    case .float(let double):
      if let int = Int(exactly: double) {
        self = .int(int)
      } else if double.isFinite, double == double.rounded() {
        self = .big(BigInteger(truncating: double))
      } else {
        self = .float(double)
      }
    case .string(let text): self = .string(text.utf8)
    case .tuple(let tuple):
      var parts: [HashKey] = []
      for element in tuple.elements { parts.append(try HashKey(element)) }
      self = .tuple(parts)
    case .object(let object): self = .object(ObjectIdentifier(object))
    case .list, .dict: throw .type("unhashable type: '\(value.typeName)'")
    }
  }

  /// A key that a dict already holds, so it can be hashed.
  init(known value: Value) { self = (try? HashKey(value)) ?? .null }
}

extension Value {
  /// The context's JSON as Python values; every part of a traced element carries its origin.
  init(_ json: JSONValue, origin: Origin? = nil) {
    switch json {
    case .null: self = .null
    case .bool(let flag): self = .bool(flag)
    case .number(let number): self = Value(number)
    case .string(let string): self = .string(Text(Array(string.utf8), origin: origin))
    case .array(let elements): self = .list(List(elements.map { Value($0, origin: origin) }, origin: origin))
    case .object(let object):
      self = .dict(Dict(object.map { (Text($0.key), Value($0.value, origin: origin)) }, origin: origin))
    }
  }

  /// As Python's `json` reads it: an integer unless there is a fraction or an exponent.
  private init(_ number: JSONNumber) {
    guard number.isWrittenAsInteger else {
      self = .float(number.double)
      return
    }
    if let int = number.int {
      self = .int(int)
    } else {
      let digits = number.literal.utf8.drop { $0 == UInt8(ascii: "-") }
      let big = BigInteger(digits: digits, base: 10, isNegative: number.literal.utf8.first == UInt8(ascii: "-"))
      self = big.map(Value.integer) ?? .float(number.double)
    }
  }

  var origin: Origin? {
    switch self {
    case .string(let text): text.origin
    case .list(let list): list.origin
    case .dict(let dict): dict.origin
    case .tuple(let tuple): tuple.origin ?? tuple.elements.lazy.compactMap(\.origin).first
    default: nil
    }
  }

  /// Python's name of the type.
  var typeName: String {
    switch self {
    case .undefined: "Undefined"
    case .null: "NoneType"
    case .bool: "bool"
    case .int, .big: "int"
    case .float: "float"
    case .string(let text): text.isMarkup ? "Markup" : "str"
    case .list: "list"
    case .tuple: "tuple"
    case .dict: "dict"
    case .object(let object): object.typeName
    }
  }

  /// The type as Jinja's messages name it: `'None' has no attribute …`, `'dict object' has no attribute …`.
  var typeDescription: String {
    if case .null = self { return "None" }
    return "\(typeName) object"
  }

  var isNull: Bool { if case .null = self { true } else { false } }

  var isUndefined: Bool { if case .undefined = self { true } else { false } }

  var isTrue: Bool {
    switch self {
    case .undefined, .null: false
    case .bool(let flag): flag
    case .int(let int): int != 0
    case .big: true
    case .float(let double): double != 0
    case .string(let text): !text.isEmpty
    case .list(let list), .tuple(let list): !list.elements.isEmpty
    case .dict(let dict): dict.count > 0
    case .object(let object): object.length.map { $0 > 0 } ?? true
    }
  }

  /// Length as `len` has it; nil if the type has none.
  var length: Int? {
    switch self {
    case .undefined: 0
    case .string(let text): text.count
    case .list(let list), .tuple(let list): list.elements.count
    case .dict(let dict): dict.count
    case .object(let object): object.length
    default: nil
    }
  }

  /// An integer where Python takes one: bool counts.
  var index: Int? {
    switch self {
    case .bool(let flag): flag ? 1 : 0
    case .int(let int): int
    default: nil
    }
  }

  /// A pull iterator over the elements.
  func iterator() throws(Fault) -> ElementIterator {
    switch self {
    case .undefined: return ElementIterator([])
    case .string(let text): return ElementIterator(text.characters())
    case .list(let list), .tuple(let list): return ElementIterator(list.elements)
    case .dict(let dict): return ElementIterator(dict.keys)
    case .object(let object):
      if let iterator = object.iterator() { return iterator }
    default: break
    }
    throw .type("'\(typeName)' object is not iterable")
  }

  /// All elements; a generator is used up by this.
  func elements() throws(Fault) -> [Value] {
    switch self {
    case .list(let list), .tuple(let list): return list.elements
    default: return try iterator().rest()
    }
  }
}

/// Gives elements one at a time: those of an array, or those that a closure computes.
final class ElementIterator {
  private let elements: [Value]
  private var position = 0
  private let pull: (() throws(Fault) -> Value?)?

  init(_ elements: [Value]) {
    self.elements = elements
    pull = nil
  }

  init(pulling pull: @escaping () throws(Fault) -> Value?) {
    elements = []
    self.pull = pull
  }

  func next() throws(Fault) -> Value? {
    if let pull { return try pull() }
    guard position < elements.count else { return nil }
    position += 1
    return elements[position - 1]
  }

  func rest() throws(Fault) -> [Value] {
    guard pull != nil else {
      defer { position = elements.count }
      return position == 0 ? elements : Array(elements[position...])
    }
    var result: [Value] = []
    while let element = try next() { result.append(element) }
    return result
  }
}
