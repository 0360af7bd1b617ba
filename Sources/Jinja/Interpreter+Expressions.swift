extension Interpreter {
  func evaluate(_ expression: Expression) throws(Fault) -> Value {
    switch expression {
    case .literal(let literal): return value(literal)
    case .name(let use):
      guard let value = value(of: use) else { return .undefined(Undefined(.name(use.name))) }
      return noted(value)
    case .attribute(let part, let member, let offset):
      let value = try evaluate(part)
      self.offset = offset
      return noted(try Attributes.attribute(value, member, self))
    case .item(let part, let key, let offset):
      let value = try evaluate(part)
      let key = try evaluate(key)
      self.offset = offset
      return noted(try Attributes.item(value, key, self))
    case .call: return try evaluateCall(expression, caller: nil)
    case .filter: return try evaluate(expression, filtering: nil)
    case .test(let part, let use):
      let value = try evaluate(part)
      guard let test = use.test else {
        throw Fault(.runtime, "No test named \(Representation.quoted(use.name)) found.", at: use.offset)
      }
      let arguments = try evaluate(use.arguments, caller: nil)
      offset = use.offset
      return .bool(try test.holds(value, arguments))
    case .binary(let operation, let left, let right, let offset):
      let a = try evaluate(left)
      let b = try evaluate(right)
      self.offset = offset
      return try apply(operation, a, b)
    case .comparison(let first, let rest, let offset): return .bool(try compare(first, rest, offset))
    case .not(let part): return .bool(!(try evaluate(part).isTrue))
    case .and(let left, let right):
      let value = try evaluate(left)
      return value.isTrue ? try evaluate(right) : value
    case .or(let left, let right):
      let value = try evaluate(left)
      return value.isTrue ? value : try evaluate(right)
    case .conditional(let test, let then, let otherwise, _):
      // What only decides does not belong to the result.
      let before = touched
      let holds = try evaluate(test).isTrue
      touched = before
      if holds { return try evaluate(then) }
      if let otherwise { return try evaluate(otherwise) }
      return .undefined(
        Undefined("the inline if-expression evaluated to false and no else section was defined."))
    case .concatenation(let parts, let offset):
      var bytes: [UInt8] = []
      for part in parts {
        let value = try evaluate(part)
        self.offset = offset
        try Representation.append(value, to: &bytes)
        if bytes.count > Output.limit { throw Fault(.limit, "a string is longer than \(Output.limit >> 20) MiB") }
      }
      return .string(Text(bytes))
    case .slice(let part, let start, let stop, let step, let offset):
      let value = try evaluate(part)
      let bounds = (try evaluate(start), try evaluate(stop), try evaluate(step))
      self.offset = offset
      return try Attributes.slice(value, bounds.0, bounds.1, bounds.2)
    case .list(let parts): return .list(try evaluate(parts))
    case .tuple(let parts): return .tuple(try evaluate(parts))
    case .dict(let members, let offset):
      let dict = Dict()
      for (key, value) in members {
        let key = try evaluate(key)
        let value = try evaluate(value)
        self.offset = offset
        try dict.set(key, to: value)
      }
      return .dict(dict)
    case .negate(let part, let offset):
      let value = try evaluate(part)
      self.offset = offset
      return try Operators.negate(value)
    case .plus(let part, let offset):
      let value = try evaluate(part)
      self.offset = offset
      return try Operators.plus(value)
    }
  }

  private func evaluate(_ bound: Expression?) throws(Fault) -> Value {
    if let bound { try evaluate(bound) } else { .null }
  }

  private func evaluate(_ parts: [Expression]) throws(Fault) -> [Value] {
    var values: [Value] = []
    values.reserveCapacity(parts.count)
    for part in parts { values.append(try evaluate(part)) }
    return values
  }

  private func value(_ literal: Literal) -> Value {
    switch literal {
    case .null: .null
    case .bool(let flag): .bool(flag)
    case .int(let int): .int(int)
    case .integer(let big): .big(big)
    case .float(let double): .float(double)
    case .string(let bytes): .string(Text(bytes))
    }
  }

  /// Remembers the first traced value that an expression reads.
  private func noted(_ value: Value) -> Value {
    if isTracing, touched == nil { touched = value.origin }
    return value
  }

  private func apply(_ operation: BinaryOperator, _ a: Value, _ b: Value) throws(Fault) -> Value {
    switch operation {
    case .add: try Operators.add(a, b)
    case .subtract: try Operators.subtract(a, b)
    case .multiply: try Operators.multiply(a, b)
    case .divide: try Operators.divide(a, b)
    case .floorDivide: try Operators.floorDivide(a, b)
    case .modulo: try Operators.modulo(a, b)
    case .power: try Operators.power(a, b)
    }
  }

  /// `a < b < c`: stops at the first that does not hold.
  private func compare(
    _ first: Expression, _ rest: [(ComparisonOperator, Expression)], _ offset: Int
  ) throws(Fault) -> Bool {
    var left = try evaluate(first)
    for (comparison, expression) in rest {
      let right = try evaluate(expression)
      self.offset = offset
      let holds =
        switch comparison {
        case .equal: try Operators.areEqual(left, right)
        case .notEqual: try !Operators.areEqual(left, right)
        case .less: try Operators.compare(left, .less, right)
        case .lessOrEqual: try Operators.compare(left, .lessOrEqual, right)
        case .greater: try Operators.compare(left, .greater, right)
        case .greaterOrEqual: try Operators.compare(left, .greaterOrEqual, right)
        case .isIn: try Operators.contains(right, left)
        case .isNotIn: try !Operators.contains(right, left)
        }
      if !holds { return false }
      left = right
    }
    return true
  }

  // MARK: - Calls

  /// - Parameter caller: what a `call` block passes to the macro.
  func evaluateCall(_ expression: Expression, caller: Value?) throws(Fault) -> Value {
    guard case .call(let function, let callArguments, let offset) = expression else { return try evaluate(expression) }
    // A method of a string or a dict is called without making a function of it first.
    if case .attribute(let part, let member, let nameOffset) = function, caller == nil {
      let value = try evaluate(part)
      self.offset = nameOffset
      if case .string(let text) = value, let method = member.stringMethod {
        let arguments = try evaluate(callArguments, caller: nil)
        self.offset = nameOffset
        return try method.call(text, arguments, self)
      }
      if case .dict(let dict) = value, let method = member.dictMethod, !method.isUnsafe {
        let arguments = try evaluate(callArguments, caller: nil)
        self.offset = nameOffset
        return noted(try method.call(dict, arguments))
      }
      return try call(try Attributes.attribute(value, member, self), callArguments, caller, offset)
    }
    return try call(try evaluate(function), callArguments, caller, offset)
  }

  private func call(
    _ function: Value, _ callArguments: CallArguments, _ caller: Value?, _ offset: Int
  ) throws(Fault) -> Value {
    let arguments = try evaluate(callArguments, caller: caller)
    self.offset = offset
    switch function {
    case .object(let object): return try object.call(arguments, self)
    case .undefined(let undefined): throw undefined.fault
    default: throw .type("'\(function.typeName)' object is not callable")
    }
  }

  private func evaluate(_ call: CallArguments, caller: Value?) throws(Fault) -> Arguments {
    var arguments = Arguments()
    arguments.positional = try evaluate(call.positional)
    if let spread = call.spread {
      let value = try evaluate(spread)
      do throws(Fault) { arguments.positional += try value.elements() } catch {
        throw error.kind == .type ? .type("Value after * must be an iterable, not \(value.typeName)") : error
      }
    }
    for (name, value) in call.keyword { arguments.keyword.append((name, try evaluate(value))) }
    if let spread = call.keywordSpread {
      let value = try evaluate(spread)
      guard case .dict(let dict) = value else {
        throw .type("argument after ** must be a mapping, not \(value.typeName)")
      }
      for (key, value) in zip(dict.keys, dict.values) {
        guard case .string(let name) = key else { throw .type("keywords must be strings") }
        arguments.keyword.append((name.string, value))
      }
    }
    if let caller { arguments.keyword.append(("caller", caller)) }
    return arguments
  }

  // MARK: - Filters

  /// - Parameter captured: what the innermost filter gets where the expression has no value of its own.
  func evaluate(_ expression: Expression, filtering captured: Value?) throws(Fault) -> Value {
    guard case .filter(let part, let use) = expression else { return try evaluate(expression) }
    let value = if let part { try evaluate(part, filtering: captured) } else { captured ?? .null }
    guard let function = use.function else {
      throw Fault(.runtime, "No filter named \(Representation.quoted(use.name)) found.", at: use.offset)
    }
    let arguments = try evaluate(use.arguments, caller: nil)
    offset = use.offset
    return try function(value, arguments, self)
  }
}
