/// A value with behaviour of its own. Subclasses override what their Python counterpart can do.
class Object {
  var typeName: String { "object" }
  /// Length, for those that have one.
  var length: Int? { nil }
  /// `repr` and, for most, `str`.
  func representation() throws(Fault) -> String { "<\(typeName) object>" }
  func iterator() -> ElementIterator? { nil }
  /// True if elements can be had by index; `sequence` and `reverse` ask.
  var isSequence: Bool { false }
  var isCallable: Bool { false }
  var isMapping: Bool { false }

  /// A Python attribute; nil if there is none.
  func attribute(_ name: Text, _ interpreter: Interpreter) throws(Fault) -> Value? { nil }
  /// An element by key or index; nil where Python raises a LookupError or TypeError.
  func element(_ key: Value) throws(Fault) -> Value? { nil }
  func contains(_ value: Value) throws(Fault) -> Bool? { nil }

  func call(_ arguments: Arguments, _ interpreter: Interpreter) throws(Fault) -> Value {
    throw .type("'\(typeName)' object is not callable")
  }
}

/// Evaluated arguments of a call, a filter or a test.
struct Arguments {
  var positional: [Value] = []
  var keyword: [(name: String, value: Value)] = []

  /// Puts the arguments in the order of `parameters`; those not given are nil.
  /// - Throws: Python's TypeError for an unknown, double or missing argument.
  func bound(to function: String, _ parameters: [String], required: Int = 0) throws(Fault) -> [Value?] {
    var result = [Value?](repeating: nil, count: parameters.count)
    if positional.count > parameters.count {
      let plural = parameters.count == 1 ? "" : "s"
      throw .type(
        "\(function)() takes \(parameters.count) positional argument\(plural) but \(positional.count) were given")
    }
    for (index, value) in positional.enumerated() { result[index] = value }
    for (name, value) in keyword {
      guard let index = parameters.firstIndex(of: name) else {
        throw .type("\(function)() got an unexpected keyword argument '\(name)'")
      }
      if result[index] != nil { throw .type("\(function)() got multiple values for argument '\(name)'") }
      result[index] = value
    }
    let missing = zip(parameters, result).prefix(required).filter { $0.1 == nil }.map { "'\($0.0)'" }
    if !missing.isEmpty {
      let plural = missing.count == 1 ? "" : "s"
      throw .type(
        "\(function)() missing \(missing.count) required positional argument\(plural): \(missing.joined(separator: " and "))"
      )
    }
    return result
  }
}

/// A built-in function or a bound method.
final class Function: Object {
  typealias Body = (Arguments, Interpreter) throws(Fault) -> Value
  private let name: String
  private let body: Body
  private let members: [String: Body]

  /// - Parameter members: functions found as attributes (`dict.fromkeys`).
  init(_ name: String, members: [String: Body] = [:], _ body: @escaping Body) {
    self.name = name
    self.body = body
    self.members = members
  }

  override var typeName: String { "builtin_function_or_method" }
  override var isCallable: Bool { true }
  override func representation() -> String { "<built-in method \(name)>" }
  override func attribute(_ name: Text, _ interpreter: Interpreter) -> Value? {
    members[name.string].map { .object(Function(name.string, $0)) }
  }
  override func call(_ arguments: Arguments, _ interpreter: Interpreter) throws(Fault) -> Value {
    try body(arguments, interpreter)
  }
}

/// A class used as a value: prints as Python prints a class.
final class TypeFunction: Object {
  private let name: String
  private let function: Function

  init(_ name: String, _ function: Function) {
    self.name = name
    self.function = function
  }

  override var typeName: String { "type" }
  override var isCallable: Bool { true }
  override func representation() -> String { "<class '\(name)'>" }
  override func attribute(_ name: Text, _ interpreter: Interpreter) -> Value? { function.attribute(name, interpreter) }
  override func call(_ arguments: Arguments, _ interpreter: Interpreter) throws(Fault) -> Value {
    try function.call(arguments, interpreter)
  }
}

/// `range(…)`: at most 100,000 elements, as the sandbox has it.
final class Range: Object {
  let start: Int
  let step: Int
  let count: Int
  static let limit = 100_000

  init(start: Int, stop: Int, step: Int) throws(Fault) {
    self.start = start
    self.step = step
    let distance = step > 0 ? stop.subtractingReportingOverflow(start) : start.subtractingReportingOverflow(stop)
    let tooBig = Fault(.overflow, "Range too big. The sandbox blocks ranges larger than MAX_RANGE (\(Self.limit)).")
    if distance.overflow && (step > 0 ? stop > start : start > stop) { throw tooBig }
    count =
      distance.overflow || distance.partialValue <= 0
      ? 0 : Int((distance.partialValue.magnitude - 1) / step.magnitude) + 1
    if count > Self.limit { throw tooBig }
  }

  subscript(index: Int) -> Value { .int(start + index * step) }

  override var typeName: String { "range" }
  override var length: Int? { count }
  override var isSequence: Bool { true }
  override func iterator() -> ElementIterator { ElementIterator((0..<count).map { self[$0] }) }
  override func representation() -> String {
    let stop = start + count * step
    return step == 1 ? "range(\(start), \(stop))" : "range(\(start), \(stop), \(step))"
  }
  override func element(_ key: Value) -> Value? {
    guard let index = key.index else { return nil }
    let position = index < 0 ? index + count : index
    return position >= 0 && position < count ? self[position] : nil
  }
}

/// What a lazy filter returns: can be gone through once.
final class Generator: Object {
  private let elements: ElementIterator
  private let name: String

  init(_ elements: ElementIterator, name: String = "generator") {
    self.elements = elements
    self.name = name
  }

  override var typeName: String { name }
  override func iterator() -> ElementIterator { elements }
}

/// `dict.keys()`, `dict.values()`, `dict.items()`.
final class DictView: Object {
  enum Part { case keys, values, items }
  private let dict: Dict
  private let part: Part

  init(_ dict: Dict, _ part: Part) {
    self.dict = dict
    self.part = part
  }

  var elements: [Value] {
    switch part {
    case .keys: dict.keys
    case .values: dict.values
    case .items: zip(dict.keys, dict.values).map { .tuple([$0, $1]) }
    }
  }

  override var typeName: String { "dict_\(part)" }
  override var length: Int? { dict.count }
  override func iterator() -> ElementIterator { ElementIterator(elements) }
  override func representation() throws(Fault) -> String { "\(typeName)(\(try Representation.of(.list(elements))))" }
}

/// `namespace(…)`: the one thing that `set` can change from an inner scope.
final class Namespace: Object {
  let attributes: Dict

  init(_ attributes: Dict) { self.attributes = attributes }

  override var typeName: String { "TemplateNamespace" }
  override func attribute(_ name: Text, _ interpreter: Interpreter) -> Value? { attributes[name] }
  override func representation() throws(Fault) -> String { "<Namespace \(try Representation.of(.dict(attributes)))>" }
}

/// `cycler(…)`.
final class Cycler: Object {
  private let items: [Value]
  private var position = 0

  init(_ items: [Value]) { self.items = items }

  override var typeName: String { "Cycler" }
  override func attribute(_ name: Text, _ interpreter: Interpreter) -> Value? {
    switch name.string {
    case "current": items[position]
    case "items": .tuple(items)
    case "pos": .int(position)
    case "next":
      .object(
        Function("next") { [self] _, _ in
          defer { position = (position + 1) % items.count }
          return items[position]
        })
    case "reset":
      .object(
        Function("reset") { [self] _, _ in
          position = 0
          return .null
        })
    default: nil
    }
  }
}

/// `joiner(…)`: nothing at first, the separator afterwards.
final class Joiner: Object {
  private let separator: Value
  private var isUsed = false

  init(_ separator: Value) { self.separator = separator }

  override var typeName: String { "Joiner" }
  override var isCallable: Bool { true }
  override func call(_ arguments: Arguments, _ interpreter: Interpreter) -> Value {
    defer { isUsed = true }
    return isUsed ? separator : .string("")
  }
}

/// `loop` inside a `for`.
final class LoopContext: Object {
  private let iterable: Value
  private var source: ElementIterator
  private let depth0: Int
  private let recurse: ((Value, Int) throws(Fault) -> Value)?
  private(set) var index0 = -1
  private var knownLength: Int?
  /// The element after the current one, once somebody asked; `.some(nil)` is the end.
  private var peeked: Value??
  private var current: Value?
  private var previous: Value?
  private var lastChanged: [Value]?

  /// - Parameter recurse: renders the loop for other elements at a depth; nil unless the loop is `recursive`.
  init(
    _ iterable: Value, _ source: ElementIterator, depth0: Int, recurse: ((Value, Int) throws(Fault) -> Value)?
  ) {
    self.iterable = iterable
    self.source = source
    self.depth0 = depth0
    self.recurse = recurse
  }

  func advance() throws(Fault) -> Value? {
    let next: Value?
    if let peeked { next = peeked } else { next = try source.next() }
    peeked = nil
    guard let next else { return nil }
    index0 += 1
    previous = current
    current = next
    return next
  }

  private func peek() throws(Fault) -> Value? {
    if let peeked { return peeked }
    let next = try source.next()
    peeked = .some(next)
    return next
  }

  /// Elements without a length are all pulled to count them.
  private func count() throws(Fault) -> Int {
    if let knownLength { return knownLength }
    if let length = iterable.length {
      knownLength = length
      return length
    }
    let rest = try source.rest()
    source = ElementIterator(rest)
    let hasPeeked = if case .some(.some) = peeked { true } else { false }
    let length = index0 + 1 + (hasPeeked ? 1 : 0) + rest.count
    knownLength = length
    return length
  }

  override var typeName: String { "LoopContext" }
  override var length: Int? { try? count() }
  override var isCallable: Bool { true }
  override func representation() throws(Fault) -> String { "<LoopContext \(index0 + 1)/\(try count())>" }

  override func attribute(_ name: Text, _ interpreter: Interpreter) throws(Fault) -> Value? {
    switch name.string {
    case "index0": return .int(index0)
    case "index": return .int(index0 + 1)
    case "first": return .bool(index0 == 0)
    case "last": return .bool(try peek() == nil)
    case "length": return .int(try count())
    case "revindex": return .int(try count() - index0)
    case "revindex0": return .int(try count() - index0 - 1)
    case "depth": return .int(depth0 + 1)
    case "depth0": return .int(depth0)
    case "previtem": return previous ?? .undefined(Undefined("there is no previous item"))
    case "nextitem": return try peek() ?? .undefined(Undefined("there is no next item"))
    case "cycle":
      return .object(
        Function("cycle") { [self] arguments, _ throws(Fault) in
          if arguments.positional.isEmpty { throw .type("no items for cycling given") }
          return arguments.positional[index0 % arguments.positional.count]
        })
    case "changed":
      return .object(
        Function("changed") { [self] arguments, _ throws(Fault) in
          if let lastChanged, try Operators.areEqual(.tuple(lastChanged), .tuple(arguments.positional)) {
            return .bool(false)
          }
          lastChanged = arguments.positional
          return .bool(true)
        })
    default: return nil
    }
  }

  override func call(_ arguments: Arguments, _ interpreter: Interpreter) throws(Fault) -> Value {
    guard let recurse else {
      throw .type("The loop must have the 'recursive' marker to be called recursively.")
    }
    guard let iterable = arguments.positional.first else {
      throw .type("LoopContext.__call__() missing 1 required positional argument: 'iterable'")
    }
    return try recurse(iterable, depth0 + 1)
  }
}
