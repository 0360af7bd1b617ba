/// A name after a dot, with the methods of the built-in types that it may mean already looked up.
final class Member: Sendable {
  let name: String
  let utf8: [UInt8]
  let stringMethod: StringMethod?
  let dictMethod: DictMethod?
  let listMethod: ListMethod?
  let isInternal: Bool

  init(_ name: String) {
    self.name = name
    utf8 = Array(name.utf8)
    stringMethod = StringMethod(rawValue: name)
    dictMethod = DictMethod(rawValue: name)
    listMethod = ListMethod(rawValue: name)
    isInternal = name.hasPrefix("__") && name.hasSuffix("__") && name.count > 4
  }
}

/// Attribute and element access as `ImmutableSandboxedEnvironment` allows it.
enum Attributes {
  /// `value.name`: the attribute, else the element of that name, else undefined.
  static func attribute(_ value: Value, _ member: Member, _ interpreter: Interpreter) throws(Fault) -> Value {
    // Most often: a key of a dict that is not also the name of a method.
    if case .dict(let dict) = value, member.dictMethod == nil, !member.isInternal {
      return dict.value(of: member.utf8) ?? .undefined(Undefined(.attribute(value, Text(member.utf8))))
    }
    if case .undefined(let undefined) = value { throw undefined.fault }
    let name = Text(member.utf8)
    if let found = try pythonAttribute(value, member, name, interpreter) { return found }
    if case .object(let object) = value, let element = try object.element(.string(name)) { return element }
    if case .dict(let dict) = value, let element = dict[name] { return element }
    return .undefined(Undefined(.attribute(value, name)))
  }

  static func attribute(_ value: Value, _ name: Text, _ interpreter: Interpreter) throws(Fault) -> Value {
    try attribute(value, Member(name.string), interpreter)
  }

  /// `value[key]`: the element, else the attribute of that name, else undefined.
  static func item(_ value: Value, _ key: Value, _ interpreter: Interpreter) throws(Fault) -> Value {
    switch value {
    case .undefined(let undefined): throw undefined.fault
    case .dict(let dict):
      if let element = try? dict.value(of: key) { return element }
    case .list(let list), .tuple(let list):
      if let index = key.index {
        let position = index < 0 ? index + list.elements.count : index
        if list.elements.indices.contains(position) { return list.elements[position] }
      }
    case .string(let text):
      if let index = key.index {
        let position = index < 0 ? index + text.count : index
        if position >= 0, position < text.count { return .string(text.character(position)) }
      }
    case .object(let object):
      if let element = try object.element(key) { return element }
    default: break
    }
    if case .string(let name) = key {
      if let found = try pythonAttribute(value, Member(name.string), name, interpreter) { return found }
      return .undefined(Undefined(.attribute(value, name)))
    }
    return .undefined(Undefined(.element(value, key)))
  }

  /// The `attr` filter: the attribute, never an element.
  static func attributeOnly(_ value: Value, _ name: Text, _ interpreter: Interpreter) throws(Fault) -> Value {
    if case .undefined(let undefined) = value { throw undefined.fault }
    return try pythonAttribute(value, Member(name.string), name, interpreter)
      ?? .undefined(Undefined(.attribute(value, name)))
  }

  /// What Python's `getattr` finds, with the unsafe ones as undefined; nil if there is nothing.
  private static func pythonAttribute(
    _ value: Value, _ member: Member, _ name: Text, _ interpreter: Interpreter
  ) throws(Fault) -> Value? {
    if member.isInternal { return .undefined(Undefined(.unsafeAttribute(value, name))) }
    switch value {
    case .string(let text):
      guard let method = member.stringMethod else { return nil }
      return .object(
        Function(member.name) { arguments, interpreter throws(Fault) in try method.call(text, arguments, interpreter) })
    case .dict(let dict):
      guard let method = member.dictMethod else { return nil }
      if method.isUnsafe { return .undefined(Undefined(.unsafeAttribute(value, name))) }
      return .object(Function(member.name) { arguments, _ throws(Fault) in try method.call(dict, arguments) })
    case .list(let list), .tuple(let list):
      if let field = list.fieldNames.firstIndex(of: member.name) { return list.elements[field] }
      guard let method = member.listMethod else { return nil }
      if case .list = value {
        if method.isUnsafe { return .undefined(Undefined(.unsafeAttribute(value, name))) }
      } else if method != .index, method != .count {
        return nil
      }
      return .object(Function(member.name) { arguments, _ throws(Fault) in try method.call(value, arguments) })
    case .bool, .int, .big: return numberAttribute(value, member.name)
    case .float(let double):
      switch member.name {
      case "real": return value
      case "imag": return .float(0)
      case "is_integer":
        return .object(Function(member.name) { _, _ in .bool(double.isFinite && double == double.rounded()) })
      default: return nil
      }
    case .object(let object): return try object.attribute(name, interpreter)
    case .null, .undefined: return nil
    }
  }

  private static func numberAttribute(_ value: Value, _ name: String) -> Value? {
    switch name {
    case "real", "numerator": return (try? Operators.plus(value)) ?? value
    case "imag": return .int(0)
    case "denominator": return .int(1)
    case "bit_length":
      let bits = value.index.map { Int.bitWidth - $0.magnitude.leadingZeroBitCount } ?? 0
      return .object(Function(name) { _, _ in .int(bits) })
    default: return nil
    }
  }

  /// `value[start:stop:step]`.
  static func slice(_ value: Value, _ start: Value, _ stop: Value, _ step: Value) throws(Fault) -> Value {
    if case .undefined(let undefined) = value { throw undefined.fault }
    func bound(_ value: Value) throws(Fault) -> Int? {
      if case .null = value { return nil }
      guard let index = value.index else {
        throw .type("slice indices must be integers or None or have an __index__ method")
      }
      return index
    }
    let step = try bound(step) ?? 1
    if step == 0 { throw .value("slice step cannot be zero") }
    func range(_ count: Int) throws(Fault) -> StrideTo<Int> {
      func clamped(_ index: Int?, _ fallback: Int) -> Int {
        guard let index else { return fallback }
        let position = index < 0 ? index + count : index
        return step > 0 ? min(max(position, 0), count) : min(max(position, -1), count - 1)
      }
      let from = clamped(try bound(start), step > 0 ? 0 : count - 1)
      let to = clamped(try bound(stop), step > 0 ? count : -1)
      return stride(from: from, to: to, by: step)
    }
    switch value {
    case .list(let list): return .list(try range(list.elements.count).map { list.elements[$0] })
    case .tuple(let list): return .tuple(try range(list.elements.count).map { list.elements[$0] })
    case .string(let text):
      let positions = try range(text.count)
      if step == 1 {
        let first = positions.first { _ in true } ?? 0
        return .string(text.with(text.bytes(first, first + positions.underestimatedCount)))
      }
      var output: [UInt8] = []
      for position in positions { output += text.bytes(position, position + 1) }
      return .string(text.with(output))
    case .object(let object as Range):
      return .object(
        try Range(
          start: object.start + (try range(object.count).first { _ in true } ?? 0) * object.step,
          stop: object.start + (try range(object.count).first { _ in true } ?? 0) * object.step
            + (try range(object.count)).underestimatedCount * object.step * step, step: object.step * step))
    case .dict: throw .type("unhashable type: 'slice'")
    default: throw .type("'\(value.typeName)' object is not subscriptable")
    }
  }
}

/// The methods of `dict`.
enum DictMethod: String {
  case clear, copy, fromkeys, get, items, keys, pop, popitem, setdefault, update, values

  /// Changes the dict, which the sandbox forbids.
  var isUnsafe: Bool {
    switch self {
    case .clear, .pop, .popitem, .setdefault, .update: true
    default: false
    }
  }

  func call(_ dict: Dict, _ arguments: Arguments) throws(Fault) -> Value {
    switch self {
    case .items, .keys, .values, .copy:
      if !arguments.positional.isEmpty || !arguments.keyword.isEmpty {
        throw .type("dict.\(rawValue)() takes no arguments (\(arguments.positional.count) given)")
      }
      switch self {
      case .items: return .object(DictView(dict, .items))
      case .keys: return .object(DictView(dict, .keys))
      case .values: return .object(DictView(dict, .values))
      default: return .dict(dict)
      }
    case .get:
      if !arguments.keyword.isEmpty { throw .type("dict.get() takes no keyword arguments") }
      guard let key = arguments.positional.first else { throw .type("get expected at least 1 argument, got 0") }
      if arguments.positional.count > 2 {
        throw .type("get expected at most 2 arguments, got \(arguments.positional.count)")
      }
      return try dict.value(of: key) ?? (arguments.positional.count > 1 ? arguments.positional[1] : .null)
    case .fromkeys: return try Self.fromKeys(arguments)
    default: throw Fault(.security, "access to attribute '\(rawValue)' of 'dict' object is unsafe.")
    }
  }

  static func fromKeys(_ arguments: Arguments) throws(Fault) -> Value {
    guard let keys = arguments.positional.first else { throw .type("fromkeys expected at least 1 argument, got 0") }
    let dict = Dict()
    for key in try keys.elements() {
      try dict.set(key, to: arguments.positional.count > 1 ? arguments.positional[1] : .null)
    }
    return .dict(dict)
  }
}

/// The methods of `list`; a tuple has `index` and `count`.
enum ListMethod: String {
  case append, clear, copy, count, extend, index, insert, pop, remove, reverse, sort

  var isUnsafe: Bool {
    switch self {
    case .copy, .count, .index: false
    default: true
    }
  }

  func call(_ value: Value, _ arguments: Arguments) throws(Fault) -> Value {
    let elements = try value.elements()
    switch self {
    case .copy: return .list(elements)
    case .count, .index:
      guard let wanted = arguments.positional.first else {
        throw .type("\(rawValue) expected at least 1 argument, got 0")
      }
      var count = 0
      let bounds = arguments.positional.dropFirst().map { $0.index ?? 0 }.map {
        $0 < 0 ? max($0 + elements.count, 0) : $0
      }
      for (position, element) in elements.enumerated() where try Operators.areEqual(element, wanted) {
        if self == .index, position >= bounds.first ?? 0, position < bounds.dropFirst().first ?? .max {
          return .int(position)
        }
        count += 1
      }
      if self == .count { return .int(count) }
      if case .tuple = value { throw .value("tuple.index(x): x not in tuple") }
      throw .value("\(try Representation.of(wanted)) is not in list")
    default: throw Fault(.security, "access to attribute '\(rawValue)' of 'list' object is unsafe.")
    }
  }
}
