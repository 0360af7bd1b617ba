/// The functions every template sees: Jinja2's and the two that transformers adds.
enum Globals {
  static func value(_ name: String, _ interpreter: Interpreter) -> Value? {
    switch name {
    case "range":
      .object(
        TypeFunction(
          "range",
          Function("range") { arguments, _ throws(Fault) in
            let bounds = try arguments.positional.enumerated().map { (_, value) throws(Fault) in
              try Filters.integer(value, 0)
            }
            guard (1...3).contains(bounds.count) else {
              throw .type("range expected at least 1 argument, got \(bounds.count)")
            }
            let step = bounds.count > 2 ? bounds[2] : 1
            if step == 0 { throw .value("range() arg 3 must not be zero") }
            return .object(
              bounds.count == 1
                ? try Range(start: 0, stop: bounds[0], step: 1)
                : try Range(start: bounds[0], stop: bounds[1], step: step))
          }))
    case "dict":
      .object(
        TypeFunction(
          "dict",
          Function("dict", members: ["fromkeys": { arguments, _ throws(Fault) in try DictMethod.fromKeys(arguments) }])
          {
            arguments, _ throws(Fault) in .dict(try dict(arguments))
          }))
    case "namespace":
      .object(
        TypeFunction(
          "jinja2.utils.Namespace",
          Function("namespace") { arguments, _ throws(Fault) in .object(Namespace(try dict(arguments))) }))
    case "cycler":
      .object(
        TypeFunction(
          "jinja2.utils.Cycler",
          Function("cycler") { arguments, _ throws(Fault) in
            if arguments.positional.isEmpty { throw Fault(.runtime, "at least one item has to be provided") }
            return .object(Cycler(arguments.positional))
          }))
    case "joiner":
      .object(
        TypeFunction(
          "jinja2.utils.Joiner",
          Function("joiner") { arguments, _ throws(Fault) in
            .object(Joiner(try arguments.bound(to: "joiner", ["sep"])[0] ?? .string(", ")))
          }))
    case "lipsum":
      .object(
        Function("lipsum") { _, _ throws(Fault) in throw Fault(.runtime, "lipsum has no place in a chat template") })
    case "raise_exception":
      .object(
        Function("raise_exception") { arguments, _ throws(Fault) in
          let message = try arguments.bound(to: "raise_exception", ["message"], required: 1)[0]!
          throw Fault(.raised, try Representation.text(message).string)
        })
    case "strftime_now":
      .object(
        Function("strftime_now") { arguments, interpreter throws(Fault) in
          let format = try arguments.bound(to: "strftime_now", ["format"], required: 1)[0]!
          guard case .string(let text) = format else {
            throw .type("strftime() argument 1 must be str, not \(format.typeName)")
          }
          return .string(interpreter.clock.now.formatted(text.string))
        })
    case "self": .object(BlockTable())
    default: nil
    }
  }

  /// `dict(mapping or pairs, **members)`.
  private static func dict(_ arguments: Arguments) throws(Fault) -> Dict {
    let result = Dict()
    if arguments.positional.count > 1 {
      throw .type("dict expected at most 1 argument, got \(arguments.positional.count)")
    }
    switch arguments.positional.first {
    case nil: break
    case .dict(let dict):
      for (key, value) in zip(dict.keys, dict.values) { try result.set(key, to: value) }
    case let pairs?:
      for (index, pair) in try pairs.elements().enumerated() {
        let elements: [Value]
        do throws(Fault) { elements = try pair.elements() } catch {
          throw .type("cannot convert dictionary update sequence element #\(index) to a sequence")
        }
        guard elements.count == 2 else {
          throw .value("dictionary update sequence element #\(index) has length \(elements.count); 2 is required")
        }
        try result.set(elements[0], to: elements[1])
      }
    }
    for (name, value) in arguments.keyword { try result.set(.string(name), to: value) }
    return result
  }
}

/// `self`: the template's blocks as functions.
final class BlockTable: Object {
  override var typeName: String { "TemplateReference" }
  override func representation() -> String { "<TemplateReference None>" }
  override func attribute(_ name: Text, _ interpreter: Interpreter) -> Value? {
    guard let block = interpreter.tree.blocks[name.string] else { return nil }
    return .object(Function(block.name) { _, interpreter throws(Fault) in .string(try interpreter.text(of: block)) })
  }
}
