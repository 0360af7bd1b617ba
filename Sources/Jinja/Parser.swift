/// Turns tokens into a syntax tree: statements here, expressions in `Parser+Expressions.swift`.
///
/// The grammar and the sentences of its errors are those of Jinja2 with the `loopcontrols` extension and the
/// `generation` tag.
struct Parser {
  private let tokens: [Token]
  private var position = 0
  private(set) var nameCount = 0
  private(set) var scopeCount = 0
  private(set) var blocks: [String: BlockDefinition] = [:]

  /// The tags that are open, innermost last.
  private var openTags: [(name: String, offset: Int)] = []
  /// The tags that would end each open block, innermost last.
  private var endTags: [[String]] = []
  /// For each enclosing macro, which of `caller`, `varargs`, `kwargs` its body uses.
  private var specialUses: [Set<String>] = []
  private var loopDepth = 0
  /// Levels of nesting, weighted by the stack they need.
  var depth = 0
  private static let depthLimit = 256

  init(_ tokens: [Token]) { self.tokens = tokens }

  mutating func parse() throws(Fault) -> [Statement] { try parseBody(until: nil) }

  // MARK: - Tokens

  var current: Token { tokens[position] }
  var next: Token { tokens[min(position + 1, tokens.count - 1)] }

  mutating func advance() { if position < tokens.count - 1 { position += 1 } }

  func isAt(_ symbol: Symbol) -> Bool { current.kind == .symbol(symbol) }
  func isAt(_ name: String) -> Bool { current.kind == .name(name) }

  mutating func take(_ symbol: Symbol) -> Bool {
    guard isAt(symbol) else { return false }
    advance()
    return true
  }

  mutating func take(_ name: String) -> Bool {
    guard isAt(name) else { return false }
    advance()
    return true
  }

  mutating func expect(_ symbol: Symbol) throws(Fault) {
    if !take(symbol) { throw unexpected(symbol.rawValue) }
  }

  mutating func expect(_ name: String) throws(Fault) {
    if !take(name) { throw unexpected(name) }
  }

  mutating func expectName() throws(Fault) -> (name: String, offset: Int) {
    guard case .name(let name) = current.kind else { throw unexpected("name") }
    defer { advance() }
    return (name, current.offset)
  }

  private mutating func expect(_ kind: Token.Kind) throws(Fault) {
    if current.kind != kind { throw unexpected(Token(kind: kind, offset: 0).description) }
    advance()
  }

  private func unexpected(_ expected: String) -> Fault {
    let wanted = Representation.quoted(expected)
    if current.kind == .end { return .syntax("unexpected end of template, expected \(wanted).", at: current.offset) }
    return .syntax("expected token \(wanted), got \(Representation.quoted(current.description))", at: current.offset)
  }

  mutating func deepen(by levels: Int = 1) throws(Fault) {
    depth += levels
    if depth > Self.depthLimit { throw Fault(.recursion, "the template is nested too deeply here", at: current.offset) }
  }

  // MARK: - Names and scopes

  mutating func use(_ name: String, _ offset: Int) -> NameUse {
    defer { nameCount += 1 }
    return NameUse(name: name, id: nameCount, offset: offset)
  }

  /// A use that reads the name.
  mutating func load(_ name: String, _ offset: Int) -> NameUse {
    if name == "caller" || name == "varargs" || name == "kwargs" {
      for index in specialUses.indices { specialUses[index].insert(name) }
    }
    return use(name, offset)
  }

  private mutating func newScope() -> Int {
    defer { scopeCount += 1 }
    return scopeCount
  }

  // MARK: - Bodies

  /// Statements up to one of the tags, which stays the current token; nil means up to the end of the template.
  private mutating func parseBody(until ends: [String]?) throws(Fault) -> [Statement] {
    if let ends { endTags.append(ends) }
    defer { if ends != nil { endTags.removeLast() } }
    var body: [Statement] = []
    while true {
      let token = current
      switch token.kind {
      case .data(let bytes):
        body.append(.text(bytes))
        advance()
      case .variableBegin:
        advance()
        let expression = try parseTuple()
        body.append(.output(expression, token.offset))
        try expect(.variableEnd)
      case .blockBegin:
        advance()
        if let ends, case .name(let name) = current.kind, ends.contains(name) { return body }
        try parseStatement(into: &body)
        try expect(.blockEnd)
      default:
        // The place of the tag that is open says more than that of the end.
        if ends != nil { throw failEnd(nil, at: openTags.last?.offset ?? current.offset) }
        return body
      }
    }
  }

  /// The rest of a tag and the statements up to the tag that ends them, which is taken too.
  private mutating func parseBlock(until end: String) throws(Fault) -> [Statement] {
    let body = try parseBlock(until: [end])
    advance()
    return body
  }

  private mutating func parseBlock(until ends: [String]) throws(Fault) -> [Statement] {
    _ = take(.colon)
    try expect(.blockEnd)
    return try parseBody(until: ends)
  }

  private func failEnd(_ name: String?, at offset: Int) -> Fault {
    var sentences = [
      name.map { "Encountered unknown tag \(Representation.quoted($0))." } ?? "Unexpected end of template."
    ]
    if let innermost = endTags.last {
      let looking = innermost.map(Representation.quoted).joined(separator: " or ")
      if let name, endTags.contains(where: { $0.contains(name) }) {
        sentences.append(
          "You probably made a nesting mistake. Jinja is expecting this tag, but currently looking for \(looking).")
      } else {
        sentences.append("Jinja was looking for the following tags: \(looking).")
      }
    }
    if let tag = openTags.last {
      sentences.append("The innermost block that needs to be closed is \(Representation.quoted(tag.name)).")
    }
    return .syntax(sentences.joined(separator: " "), at: offset)
  }

  // MARK: - Statements

  private mutating func parseStatement(into body: inout [Statement]) throws(Fault) {
    guard case .name(let tag) = current.kind else { throw .syntax("tag name expected", at: current.offset) }
    let offset = current.offset
    let savedDepth = depth
    try deepen(by: 4)
    openTags.append((tag, offset))
    defer {
      openTags.removeLast()
      depth = savedDepth
    }
    switch tag {
    case "for": body.append(.forLoop(try parseFor()))
    case "if": body.append(try parseIf())
    case "set": body.append(try parseSet())
    case "macro": body.append(try parseMacro())
    case "call": body.append(try parseCall())
    case "filter": body.append(try parseFilterBlock())
    case "with": body.append(try parseWith())
    case "print":
      advance()
      var isFirst = true
      while current.kind != .blockEnd {
        if !isFirst { try expect(.comma) }
        body.append(.output(try parseExpression(), offset))
        isFirst = false
      }
    case "block": body.append(.block(try parseBlockTag()))
    case "break", "continue":
      advance()
      if loopDepth == 0 {
        throw .syntax(tag == "break" ? "'break' outside loop" : "'continue' not properly in loop", at: offset)
      }
      body.append(tag == "break" ? .breakLoop : .continueLoop)
    case "generation":
      advance()
      let scope = newScope()
      body.append(.scope(try parseBlock(until: "endgeneration"), scope: scope))
    case "autoescape":
      advance()
      let mode = try parseExpression()
      let scope = newScope()
      let inner = try parseBlock(until: "endautoescape")
      if case .literal(.bool(false)) = mode {
        body.append(.scope(inner, scope: scope))
      } else {
        body.append(.unsupported(.runtime, "autoescape is always off in a chat template", offset))
      }
    case "include", "import", "extends", "from":
      while current.kind != .blockEnd, current.kind != .end { advance() }
      body.append(
        .unsupported(.type, "no loader for this environment specified; a chat template cannot use \"\(tag)\"", offset))
    default:
      openTags.removeLast()
      let fault = failEnd(tag, at: offset)
      openTags.append((tag, offset))
      throw fault
    }
  }

  private mutating func parseFor() throws(Fault) -> ForLoop {
    let offset = current.offset
    try expect("for")
    let target = try parseTarget()
    try expect("in")
    let iterable = try parseTuple(withConditional: false)
    let filter = take("if") ? try parseExpression() : nil
    let isRecursive = take("recursive")
    let loopName = use("loop", offset)
    let filterTarget = filter == nil ? nil : duplicate(target)
    let (bodyScope, filterScope, elseScope) = (newScope(), newScope(), newScope())
    loopDepth += 1
    let body = try parseBlock(until: ["endfor", "else"])
    loopDepth -= 1
    var otherwise: [Statement] = []
    let hasElse = isAt("else")
    advance()
    if hasElse { otherwise = try parseBlock(until: "endfor") }
    return ForLoop(
      target: target, iterable: iterable, filter: filter, filterTarget: filterTarget, isRecursive: isRecursive,
      body: body, otherwise: otherwise, loopName: loopName, bodyScope: bodyScope, filterScope: filterScope,
      elseScope: elseScope, offset: offset)
  }

  /// The same names with uses of their own.
  private mutating func duplicate(_ target: Target) -> Target {
    switch target {
    case .name(let name): return .name(use(name.name, name.offset))
    case .attribute(let name, let member): return .attribute(use(name.name, name.offset), member)
    case .tuple(let parts):
      var copies: [Target] = []
      for part in parts { copies.append(duplicate(part)) }
      return .tuple(copies)
    }
  }

  private mutating func parseIf() throws(Fault) -> Statement {
    var branches: [Branch] = []
    var otherwise: [Statement] = []
    while true {
      let offset = current.offset
      advance()
      let test = try parseTuple(withConditional: false)
      branches.append(Branch(test: test, body: try parseBlock(until: ["elif", "else", "endif"]), offset: offset))
      if isAt("elif") { continue }
      let hasElse = isAt("else")
      advance()
      if hasElse { otherwise = try parseBlock(until: "endif") }
      return .conditional(branches, otherwise: otherwise)
    }
  }

  private mutating func parseSet() throws(Fault) -> Statement {
    let offset = current.offset
    advance()
    let target = try parseTarget(withAttributes: true)
    if take(.assign) { return .set(target, try parseTuple(), offset) }
    let scope = newScope()
    let filter = try parseFilters(nil)
    return .setBlock(target, filter: filter, try parseBlock(until: "endset"), scope: scope, offset)
  }

  private mutating func parseMacro() throws(Fault) -> Statement {
    let offset = current.offset
    advance()
    let (name, nameOffset) = try expectName()
    let use = use(name, nameOffset)
    return .macro(use, try parseDefinition(name: name, hasSignature: true, end: "endmacro", offset) { _ in nil }.0)
  }

  private mutating func parseCall() throws(Fault) -> Statement {
    let offset = current.offset
    advance()
    let hasSignature = isAt(.leftParenthesis)
    let (definition, call) = try parseDefinition(name: nil, hasSignature: hasSignature, end: "endcall", offset) {
      (parser) throws(Fault) in
      let call = try parser.parseExpression()
      guard case .call = call else { throw .syntax("expected call", at: offset) }
      return call
    }
    return .callBlock(call!, definition, offset)  // the closure above returned one
  }

  /// Signature, what stands between it and the end of the tag, and the body.
  private mutating func parseDefinition(
    name: String?, hasSignature: Bool, end: String, _ offset: Int,
    _ parseRest: (inout Parser) throws(Fault) -> Expression?
  ) throws(Fault) -> (MacroDefinition, Expression?) {
    let outerLoopDepth = loopDepth
    loopDepth = 0
    defer { loopDepth = outerLoopDepth }
    let scope = newScope()
    var parameters: [(name: NameUse, fallback: Expression?)] = []
    specialUses.append([])
    if hasSignature {
      try expect(.leftParenthesis)
      while !isAt(.rightParenthesis) {
        if !parameters.isEmpty { try expect(.comma) }
        let (parameter, parameterOffset) = try expectName()
        let use = use(parameter, parameterOffset)
        if take(.assign) {
          parameters.append((use, try parseExpression()))
        } else if let last = parameters.last, last.fallback != nil {
          throw .syntax("non-default argument follows default argument", at: parameterOffset)
        } else {
          parameters.append((use, nil))
        }
      }
      try expect(.rightParenthesis)
    }
    // The call itself belongs to the caller's scope, so what it uses does not count.
    let ownUses = specialUses.removeLast()
    let rest = try parseRest(&self)
    specialUses.append(ownUses)
    let body = try parseBlock(until: end)
    var uses = specialUses.removeLast()
    for parameter in parameters {
      if parameter.name.name == "caller", uses.contains("caller"), parameter.fallback == nil {
        throw .syntax(
          "When defining macros or call blocks the special \"caller\" argument must be omitted or be given a default.",
          at: offset)
      }
      uses.remove(parameter.name.name)
    }
    let definition = MacroDefinition(
      name: name, parameters: parameters, body: body,
      caller: uses.contains("caller") ? use("caller", offset) : nil,
      varargs: uses.contains("varargs") ? use("varargs", offset) : nil,
      kwargs: uses.contains("kwargs") ? use("kwargs", offset) : nil, scope: scope, offset: offset)
    return (definition, rest)
  }

  private mutating func parseFilterBlock() throws(Fault) -> Statement {
    let offset = current.offset
    advance()
    let scope = newScope()
    let filter = try parseFilters(nil, isFirst: true)
    let body = try parseBlock(until: "endfilter")
    return .filterBlock(filter!, body, scope: scope, offset)  // with isFirst there is at least one
  }

  private mutating func parseWith() throws(Fault) -> Statement {
    let offset = current.offset
    advance()
    let scope = newScope()
    var values: [(target: Target, value: Expression)] = []
    while current.kind != .blockEnd, !isAt(.colon) {
      if !values.isEmpty { try expect(.comma) }
      let target = try parseTarget()
      try expect(.assign)
      values.append((target, try parseExpression()))
    }
    return .with(values, try parseBlock(until: "endwith"), scope: scope, offset)
  }

  private mutating func parseBlockTag() throws(Fault) -> BlockDefinition {
    let offset = current.offset
    advance()
    let (name, nameOffset) = try expectName()
    _ = take("scoped")
    _ = take("required")
    if isAt(.subtract) {
      throw .syntax(
        "Block names in Jinja have to be valid Python identifiers and may not contain hyphens, use an underscore instead.",
        at: current.offset)
    }
    if blocks[name] != nil { throw .syntax("block \(Representation.quoted(name)) defined twice", at: nameOffset) }
    let outerLoopDepth = loopDepth
    loopDepth = 0
    let scope = newScope()
    let body = try parseBlock(until: "endblock")
    loopDepth = outerLoopDepth
    _ = take(name)
    let block = BlockDefinition(name: name, body: body, scope: scope, offset: offset)
    blocks[name] = block
    return block
  }
}
