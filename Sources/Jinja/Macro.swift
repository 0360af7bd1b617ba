/// A macro, or the body of a `call` block, with the variables it was defined among.
final class Macro: Object {
  private let definition: MacroDefinition
  private let home: Activation

  init(_ definition: MacroDefinition, _ home: Activation) {
    self.definition = definition
    self.home = home
  }

  override var typeName: String { "Macro" }
  override var isCallable: Bool { true }
  override func representation() -> String {
    "<Macro \(definition.name.map(Representation.quoted) ?? "anonymous")>"
  }

  override func attribute(_ name: Text, _ interpreter: Interpreter) -> Value? {
    switch name.string {
    case "name": definition.name.map { .string($0) } ?? .null
    case "arguments": .tuple(definition.parameters.map { .string($0.name.name) })
    case "catch_kwargs": .bool(definition.kwargs != nil)
    case "catch_varargs": .bool(definition.varargs != nil)
    case "caller": .bool(definition.caller != nil)
    default: nil
    }
  }

  override func call(_ arguments: Arguments, _ interpreter: Interpreter) throws(Fault) -> Value {
    let parameters = definition.parameters
    let name = definition.name.map(Representation.quoted) ?? "None"
    var keyword = arguments.keyword
    func take(_ name: String) -> Value? {
      guard let index = keyword.firstIndex(where: { $0.name == name }) else { return nil }
      return keyword.remove(at: index).value
    }
    var values: [Value?] = arguments.positional.prefix(parameters.count).map { $0 }
    for parameter in parameters.dropFirst(values.count) { values.append(take(parameter.name.name)) }
    let caller = definition.caller == nil ? nil : take("caller")
    if definition.kwargs == nil, let extra = keyword.first {
      if extra.name == "caller" {
        throw .type(
          "macro \(name) was invoked with two values for the special caller argument. This is most likely a bug.")
      }
      throw .type("macro \(name) takes no keyword argument \(Representation.quoted(extra.name))")
    }
    if definition.varargs == nil, arguments.positional.count > parameters.count {
      throw .type("macro \(name) takes not more than \(parameters.count) argument(s)")
    }
    return .string(
      try interpreter.call(definition, in: home) { (interpreter) throws(Fault) in
        if let use = definition.caller {
          interpreter.setParameter(use, caller ?? .undefined(Undefined("No caller defined")))
        }
        if let use = definition.kwargs {
          interpreter.setParameter(use, .dict(Dict(keyword.map { (Text($0.name), $0.value) })))
        }
        if let use = definition.varargs {
          interpreter.setParameter(use, .tuple(Array(arguments.positional.dropFirst(parameters.count))))
        }
        for (parameter, value) in zip(parameters, values) {
          if let value { interpreter.setParameter(parameter.name, value) }
        }
        for (parameter, value) in zip(parameters, values) where value == nil {
          let missing = Value.undefined(
            Undefined("parameter \(Representation.quoted(parameter.name.name)) was not provided"))
          interpreter.setParameter(
            parameter.name,
            try parameter.fallback.map { (fallback) throws(Fault) in try interpreter.evaluate(fallback) } ?? missing)
        }
      })
  }
}

/// Counts calls within calls and the stack they use, and stops them long before a thread's stack ends.
struct RecursionGuard {
  /// About what Python's limit of 1,000 frames allows.
  private static let callLimit = 250
  /// Bytes of stack a rendering may use before another call is refused.
  private static let stackLimit = 384 << 10
  private var depth = 0
  private let base = Self.stackPointer()

  mutating func enter() throws(Fault) {
    depth += 1
    let here = Self.stackPointer()
    if depth > Self.callLimit || (here < base ? base - here : here - base) > UInt(Self.stackLimit) {
      throw Fault(.recursion, "maximum recursion depth exceeded")
    }
  }

  mutating func leave() { depth -= 1 }

  /// An address in the current frame.
  @inline(never)
  private static func stackPointer() -> UInt {
    withUnsafeTemporaryAllocation(byteCount: 16, alignment: 16) { UInt(bitPattern: $0.baseAddress) }
  }
}
