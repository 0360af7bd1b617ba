extension Parser {
  /// Where a value can be stored: a name, names with commas, with `withAttributes` also `namespace.name`.
  mutating func parseTarget(withAttributes: Bool = false) throws(Fault) -> Target {
    var targets: [Target] = []
    var isTuple = false
    while true {
      if !targets.isEmpty { try expect(.comma) }
      if isTupleEnd { break }
      targets.append(try parseSingleTarget(withAttributes))
      guard isAt(.comma) else { break }
      isTuple = true
    }
    if isTuple { return .tuple(targets) }
    guard let target = targets.first else {
      throw .syntax("Expected an expression, got \(Representation.quoted(current.description))", at: current.offset)
    }
    return target
  }

  private mutating func parseSingleTarget(_ withAttributes: Bool) throws(Fault) -> Target {
    let token = current
    switch token.kind {
    case .name(let name):
      advance()
      if ["true", "false", "True", "False", "none", "None"].contains(name) {
        throw .syntax("can't assign to 'const'", at: token.offset)
      }
      if withAttributes, take(.dot) {
        let (attribute, _) = try expectName()
        return .attribute(load(name, token.offset), Member(attribute))
      }
      return .name(use(name, token.offset))
    case .symbol(.leftParenthesis):
      advance()
      let savedDepth = depth
      try deepen(by: 4)
      defer { depth = savedDepth }
      var parts: [Target] = []
      var isTuple = false
      while !isAt(.rightParenthesis) {
        parts.append(try parseSingleTarget(false))
        guard take(.comma) else { break }
        isTuple = true
      }
      try expect(.rightParenthesis)
      return parts.count == 1 && !isTuple ? parts[0] : .tuple(parts)
    case .string, .integer, .float: throw .syntax("can't assign to 'const'", at: token.offset)
    case .symbol(.leftBracket): throw .syntax("can't assign to 'list'", at: token.offset)
    case .symbol(.leftBrace): throw .syntax("can't assign to 'dict'", at: token.offset)
    default: throw unexpectedToken(token)
    }
  }

  private func unexpectedToken(_ token: Token) -> Fault {
    .syntax("unexpected \(Representation.quoted(token.description))", at: token.offset)
  }

  private var isTupleEnd: Bool {
    switch current.kind {
    case .variableEnd, .blockEnd, .symbol(.rightParenthesis): true
    default: false
    }
  }

  // MARK: - From loose to tight

  /// One expression, or several with commas, which are a tuple.
  mutating func parseTuple(
    withConditional: Bool = true, inParentheses: Bool = false
  ) throws(Fault) -> Expression {
    var parts: [Expression] = []
    var isTuple = false
    while true {
      if !parts.isEmpty { try expect(.comma) }
      if isTupleEnd { break }
      parts.append(try withConditional ? parseExpression() : parseOr())
      guard isAt(.comma) else { break }
      isTuple = true
    }
    if !isTuple {
      if let first = parts.first { return first }
      if !inParentheses {
        throw .syntax("Expected an expression, got \(Representation.quoted(current.description))", at: current.offset)
      }
    }
    return .tuple(parts)
  }

  mutating func parseExpression() throws(Fault) -> Expression {
    let savedDepth = depth
    try deepen(by: 4)
    defer { depth = savedDepth }
    let offset = current.offset
    var expression = try parseOr()
    while take("if") {
      try deepen()
      let test = try parseOr()
      let otherwise = take("else") ? try parseExpression() : nil
      expression = .conditional(test: test, then: expression, otherwise: otherwise, offset)
    }
    return expression
  }

  private mutating func parseOr() throws(Fault) -> Expression {
    let savedDepth = depth
    defer { depth = savedDepth }
    var left = try parseAnd()
    while take("or") {
      try deepen()
      left = .or(left, try parseAnd())
    }
    return left
  }

  private mutating func parseAnd() throws(Fault) -> Expression {
    let savedDepth = depth
    defer { depth = savedDepth }
    var left = try parseNot()
    while take("and") {
      try deepen()
      left = .and(left, try parseNot())
    }
    return left
  }

  private mutating func parseNot() throws(Fault) -> Expression {
    guard take("not") else { return try parseComparison() }
    let savedDepth = depth
    try deepen()
    defer { depth = savedDepth }
    return .not(try parseNot())
  }

  private mutating func parseComparison() throws(Fault) -> Expression {
    let first = try parseSum()
    var rest: [(ComparisonOperator, Expression)] = []
    let offset = current.offset
    while let comparison = takeComparison() { rest.append((comparison, try parseSum())) }
    return rest.isEmpty ? first : .comparison(first, rest, offset)
  }

  private mutating func takeComparison() -> ComparisonOperator? {
    let comparison: ComparisonOperator
    switch current.kind {
    case .symbol(.equal): comparison = .equal
    case .symbol(.notEqual): comparison = .notEqual
    case .symbol(.less): comparison = .less
    case .symbol(.lessOrEqual): comparison = .lessOrEqual
    case .symbol(.greater): comparison = .greater
    case .symbol(.greaterOrEqual): comparison = .greaterOrEqual
    case .name("in"): comparison = .isIn
    case .name("not"):
      guard next.kind == .name("in") else { return nil }
      advance()
      comparison = .isNotIn
    default: return nil
    }
    advance()
    return comparison
  }

  private mutating func parseSum() throws(Fault) -> Expression {
    let savedDepth = depth
    defer { depth = savedDepth }
    var left = try parseConcatenation()
    while isAt(.add) || isAt(.subtract) {
      let operation: BinaryOperator = isAt(.add) ? .add : .subtract
      let offset = current.offset
      advance()
      try deepen()
      left = .binary(operation, left, try parseConcatenation(), offset)
    }
    return left
  }

  private mutating func parseConcatenation() throws(Fault) -> Expression {
    let offset = current.offset
    var parts = [try parseProduct()]
    while take(.tilde) { parts.append(try parseProduct()) }
    return parts.count == 1 ? parts[0] : .concatenation(parts, offset)
  }

  private mutating func parseProduct() throws(Fault) -> Expression {
    let savedDepth = depth
    defer { depth = savedDepth }
    var left = try parsePower()
    while true {
      let operation: BinaryOperator
      switch current.kind {
      case .symbol(.multiply): operation = .multiply
      case .symbol(.divide): operation = .divide
      case .symbol(.floorDivide): operation = .floorDivide
      case .symbol(.modulo): operation = .modulo
      default: return left
      }
      let offset = current.offset
      advance()
      try deepen()
      left = .binary(operation, left, try parsePower(), offset)
    }
  }

  private mutating func parsePower() throws(Fault) -> Expression {
    let savedDepth = depth
    defer { depth = savedDepth }
    var left = try parseUnary()
    while isAt(.power) {
      let offset = current.offset
      advance()
      try deepen()
      left = .binary(.power, left, try parseUnary(), offset)
    }
    return left
  }

  private mutating func parseUnary(withFilter: Bool = true) throws(Fault) -> Expression {
    let savedDepth = depth
    defer { depth = savedDepth }
    let offset = current.offset
    var expression: Expression
    if take(.subtract) {
      try deepen()
      expression = .negate(try parseUnary(withFilter: false), offset)
    } else if take(.add) {
      try deepen()
      expression = .plus(try parseUnary(withFilter: false), offset)
    } else {
      expression = try parsePrimary()
    }
    expression = try parsePostfix(expression)
    return withFilter ? try parseFilterChain(expression) : expression
  }

  // MARK: - Primaries

  private mutating func parsePrimary() throws(Fault) -> Expression {
    let token = current
    switch token.kind {
    case .name(let name):
      advance()
      switch name {
      case "true", "True": return .literal(.bool(true))
      case "false", "False": return .literal(.bool(false))
      case "none", "None": return .literal(.null)
      default: return .name(load(name, token.offset))
      }
    case .string(let first):
      advance()
      var bytes = first
      while case .string(let more) = current.kind {
        bytes += more
        advance()
      }
      return .literal(.string(bytes))
    case .integer(let value):
      advance()
      return .literal(value.int.map(Literal.int) ?? .integer(value))
    case .float(let value):
      advance()
      return .literal(.float(value))
    case .symbol(.leftParenthesis):
      advance()
      let expression = try parseTuple(inParentheses: true)
      try expect(.rightParenthesis)
      return expression
    case .symbol(.leftBracket):
      advance()
      var parts: [Expression] = []
      while !isAt(.rightBracket) {
        if !parts.isEmpty { try expect(.comma) }
        if isAt(.rightBracket) { break }
        parts.append(try parseExpression())
      }
      try expect(.rightBracket)
      return .list(parts)
    case .symbol(.leftBrace):
      advance()
      var members: [(key: Expression, value: Expression)] = []
      while !isAt(.rightBrace) {
        if !members.isEmpty { try expect(.comma) }
        if isAt(.rightBrace) { break }
        let key = try parseExpression()
        try expect(.colon)
        members.append((key, try parseExpression()))
      }
      try expect(.rightBrace)
      return .dict(members, token.offset)
    default: throw unexpectedToken(token)
    }
  }

  private mutating func parsePostfix(_ expression: Expression) throws(Fault) -> Expression {
    var expression = expression
    while true {
      let offset = current.offset
      if take(.dot) {
        try deepen()
        let token = current
        advance()
        switch token.kind {
        case .name(let name): expression = .attribute(expression, Member(name), token.offset)
        case .integer(let value):
          expression = .item(expression, .literal(value.int.map(Literal.int) ?? .integer(value)), token.offset)
        default: throw .syntax("expected name or number", at: token.offset)
        }
      } else if take(.leftBracket) {
        try deepen()
        expression = try parseSubscript(expression, offset)
      } else if isAt(.leftParenthesis) {
        try deepen()
        expression = .call(expression, try parseArguments(), offset)
      } else {
        return expression
      }
    }
  }

  private mutating func parseSubscript(_ value: Expression, _ offset: Int) throws(Fault) -> Expression {
    var keys: [Expression] = []
    while !isAt(.rightBracket) {
      if !keys.isEmpty { try expect(.comma) }
      var bounds: [Expression?] = []
      if !isAt(.colon) {
        let key = try parseExpression()
        if !isAt(.colon) {
          keys.append(key)
          continue
        }
        bounds.append(key)
      } else {
        bounds.append(nil)
      }
      while bounds.count < 3, take(.colon) {
        let isOpen = isAt(.colon) || isAt(.rightBracket) || isAt(.comma)
        bounds.append(isOpen ? nil : try parseExpression())
      }
      guard keys.isEmpty, isAt(.rightBracket) else {
        throw .syntax("invalid syntax", at: offset)
      }
      advance()
      return .slice(value, bounds[0], bounds[1], bounds.count > 2 ? bounds[2] : nil, offset)
    }
    try expect(.rightBracket)
    return .item(value, keys.count == 1 ? keys[0] : .tuple(keys), offset)
  }

  // MARK: - Filters, tests, calls

  private mutating func parseFilterChain(_ expression: Expression) throws(Fault) -> Expression {
    var expression = expression
    while true {
      if isAt(.pipe) {
        expression = try parseFilters(expression)!  // there is at least the one that was seen
      } else if isAt("is") {
        try deepen()
        expression = try parseTest(expression)
      } else if isAt(.leftParenthesis) {
        try deepen()
        let offset = current.offset
        expression = .call(expression, try parseArguments(), offset)
      } else {
        return expression
      }
    }
  }

  /// `| name(arguments)`, any number of times; with `isFirst` the first one comes without the bar.
  mutating func parseFilters(_ value: Expression?, isFirst: Bool = false) throws(Fault) -> Expression? {
    var value = value
    var isFirst = isFirst
    while isFirst || take(.pipe) {
      isFirst = false
      try deepen()
      let (name, offset) = try parseDottedName()
      let arguments = isAt(.leftParenthesis) ? try parseArguments() : CallArguments()
      value = .filter(value, FilterUse(name: name, arguments: arguments, offset: offset))
    }
    return value
  }

  private mutating func parseDottedName() throws(Fault) -> (String, Int) {
    var (name, offset) = try expectName()
    while take(.dot) { name += "." + (try expectName().name) }
    return (name, offset)
  }

  private mutating func parseTest(_ value: Expression) throws(Fault) -> Expression {
    advance()
    let isNegated = take("not")
    let (name, offset) = try parseDottedName()
    var arguments = CallArguments()
    switch current.kind {
    case .symbol(.leftParenthesis): arguments = try parseArguments()
    case .name("else"), .name("or"), .name("and"): break
    case .name("is"): throw .syntax("You cannot chain multiple tests with is", at: current.offset)
    case .name, .string, .integer, .float, .symbol(.leftBracket), .symbol(.leftBrace):
      let savedDepth = depth
      try deepen()
      arguments.positional = [try parsePostfix(try parsePrimary())]
      depth = savedDepth
    default: break
    }
    let test = Expression.test(value, TestUse(name: name, arguments: arguments, offset: offset))
    return isNegated ? .not(test) : test
  }

  private mutating func parseArguments() throws(Fault) -> CallArguments {
    let offset = current.offset
    try expect(.leftParenthesis)
    var arguments = CallArguments()
    var isFirst = true
    func ensure(_ isValid: Bool) throws(Fault) {
      if !isValid { throw .syntax("invalid syntax for function call expression", at: offset) }
    }
    while !isAt(.rightParenthesis) {
      if !isFirst {
        try expect(.comma)
        if isAt(.rightParenthesis) { break }
      }
      isFirst = false
      if take(.multiply) {
        try ensure(arguments.spread == nil && arguments.keywordSpread == nil)
        arguments.spread = try parseExpression()
      } else if take(.power) {
        try ensure(arguments.keywordSpread == nil)
        arguments.keywordSpread = try parseExpression()
      } else if case .name(let name) = current.kind, next.kind == .symbol(.assign) {
        try ensure(arguments.keywordSpread == nil)
        if arguments.keyword.contains(where: { $0.name == name }) {
          throw .syntax("keyword argument repeated: \(name)", at: current.offset)
        }
        advance()
        advance()
        arguments.keyword.append((name, try parseExpression()))
      } else {
        try ensure(arguments.spread == nil && arguments.keywordSpread == nil && arguments.keyword.isEmpty)
        arguments.positional.append(try parseExpression())
      }
    }
    try expect(.rightParenthesis)
    return arguments
  }
}
