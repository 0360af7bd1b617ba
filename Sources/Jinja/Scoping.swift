/// The variable a use of a name means: a slot of an activation some functions further out.
struct Binding: Sendable {
  let hops: Int
  let slot: Int
  /// Stored at the top of the template, where the blocks see it too.
  var isExported = false
}

/// What a scope does when it is entered and left.
struct ScopeLayout: Sendable {
  enum Load: Sendable {
    /// Starts without a value.
    case empty
    /// Starts as the context's variable of this name.
    case context(String)
    /// Starts as a copy of a variable further out.
    case copy(Binding)
  }
  var loads: [(slot: Int, load: Load)] = []
  /// Slots that have no value after the scope.
  var slots: [Int] = []
  /// Slots of the activation, for a scope that is a function of its own.
  var slotCount = 0
  /// For the body of a `for`: whether `loop` is read in it.
  var usesLoop = false
}

/// Decides, before anything runs, which variable each use of a name means, by Jinja2's rules.
///
/// Each scope gets a variable for every name it stores, and for every name it reads that no scope around it knows. Such a
/// variable starts as a copy of the outer one of the same name, or as the context's, or empty: so an assignment inside a
/// `for` is forgotten after each round, a name stored later in the same scope is not the context's, and a macro sees the
/// variables around it as they are when it is called. `if` has no scope; what a branch alone stores starts as the
/// outer value.
final class Scoping {
  private final class Variable {
    let function: Function
    let slot: Int
    var isRead = false

    init(_ function: Function) {
      self.function = function
      slot = function.slotCount
      function.slotCount += 1
    }
  }

  private final class Function {
    let depth: Int
    var slotCount = 0
    init(depth: Int) { self.depth = depth }
  }

  private enum Load {
    case parameter, empty
    case context(String)
    case copy(Variable)
  }

  private final class Scope {
    let parent: Scope?
    let function: Function
    /// Every variable this scope ever made, whatever branch it was made in.
    var variables: [String: Variable] = [:]
    var names = Names()

    init(parent: Scope?, function: Function) {
      self.parent = parent
      self.function = function
    }
  }

  /// What is known about the names of a scope; branches of an `if` work on copies.
  private struct Names {
    var known: Set<String> = []
    var loads: [String: Load] = [:]
    /// Order in which the loads were made.
    var order: [String] = []
    var stored: Set<String> = []

    mutating func define(_ name: String, _ load: Load) {
      known.insert(name)
      if loads.updateValue(load, forKey: name) == nil { order.append(name) }
    }
  }

  private var bindings: [Binding]
  private var layouts: [ScopeLayout]

  private let hasBlocks: Bool

  private init(_ parser: Parser) {
    bindings = Array(repeating: Binding(hops: 0, slot: 0), count: parser.nameCount)
    layouts = Array(repeating: ScopeLayout(), count: parser.scopeCount + 1)
    hasBlocks = !parser.blocks.isEmpty
  }

  /// - Parameter parser: after it has parsed `body`.
  /// - Throws: for a filter or test that does not exist, unless only a branch would run it.
  static func resolve(_ body: [Statement], _ parser: Parser) throws(Fault) -> SyntaxTree {
    let scoping = Scoping(parser)
    let rootID = parser.scopeCount
    let root = Scope(parent: nil, function: Function(depth: 0))
    scoping.declare(body, in: root)
    try scoping.bind(body, in: root)
    scoping.finish(root, rootID, isFunction: true)
    for block in parser.blocks.values {
      let scope = Scope(parent: nil, function: Function(depth: 0))
      scoping.declare(block.body, in: scope)
      try scoping.bind(block.body, in: scope)
      scoping.finish(scope, block.scope, isFunction: true)
    }
    return SyntaxTree(
      body: body, bindings: scoping.bindings, scopes: scoping.layouts, rootScope: rootID, blocks: parser.blocks)
  }

  // MARK: - Which names a scope has

  private func find(_ name: String, from scope: Scope?) -> Variable? {
    var scope = scope
    while let current = scope {
      if current.names.known.contains(name) { return current.variables[name] }
      scope = current.parent
    }
    return nil
  }

  private func variable(_ name: String, _ scope: Scope) -> Variable {
    if let variable = scope.variables[name] { return variable }
    let variable = Variable(scope.function)
    scope.variables[name] = variable
    return variable
  }

  private func read(_ name: String, in scope: Scope) {
    guard find(name, from: scope) == nil else { return }
    _ = variable(name, scope)
    scope.names.define(name, .context(name))
  }

  private func store(_ name: String, in scope: Scope) {
    scope.names.stored.insert(name)
    guard !scope.names.known.contains(name) else { return }
    let outer = find(name, from: scope.parent)
    _ = variable(name, scope)
    scope.names.define(name, outer.map(Load.copy) ?? .empty)
  }

  private func declareParameter(_ name: String, in scope: Scope) {
    _ = variable(name, scope)
    scope.names.stored.insert(name)
    scope.names.define(name, .parameter)
  }

  private func declare(_ expression: Expression, in scope: Scope) {
    if case .name(let use) = expression { read(use.name, in: scope) }
    expression.forEachPart { part in declare(part, in: scope) }
  }

  private func declare(_ target: Target, in scope: Scope, asParameter: Bool = false) {
    switch target {
    case .name(let use): asParameter ? declareParameter(use.name, in: scope) : store(use.name, in: scope)
    case .attribute(let use, _): read(use.name, in: scope)
    case .tuple(let parts): for part in parts { declare(part, in: scope, asParameter: asParameter) }
    }
  }

  private func declare(_ statements: [Statement], in scope: Scope) {
    for statement in statements {
      switch statement {
      case .output(let expression, _): declare(expression, in: scope)
      case .set(let target, let value, _):
        declare(value, in: scope)
        declare(target, in: scope)
      case .setBlock(let target, _, _, _, _): declare(target, in: scope)
      case .forLoop(let loop): declare(loop.iterable, in: scope)
      case .conditional(let branches, let otherwise): declareBranches(branches[...], otherwise, in: scope)
      case .macro(let name, _): store(name.name, in: scope)
      case .callBlock(let call, _, _): declare(call, in: scope)
      case .filterBlock(let filter, _, _, _): declare(filter, in: scope)
      case .with(let values, _, _, _): for (_, value) in values { declare(value, in: scope) }
      case .text, .scope, .block, .unsupported, .breakLoop, .continueLoop: break
      }
    }
  }

  /// The first branch against all that follow it, as `elif` is an `if` of its own inside.
  private func declareBranches(_ branches: ArraySlice<Branch>, _ otherwise: [Statement], in scope: Scope) {
    guard let first = branches.first else { return }
    declare(first.test, in: scope)
    let before = scope.names
    var outcomes: [Names] = []
    declare(first.body, in: scope)
    outcomes.append(scope.names)
    scope.names = before
    for branch in branches.dropFirst() {
      declareBranches([branch], [], in: scope)
    }
    outcomes.append(scope.names)
    scope.names = before
    declare(otherwise, in: scope)
    outcomes.append(scope.names)
    scope.names = before

    var stored: Set<String> = []
    for outcome in outcomes {
      stored.formUnion(outcome.stored)
      for name in outcome.order { scope.names.define(name, outcome.loads[name]!) }  // order lists the loads' keys
    }
    stored.subtract(before.stored)
    scope.names.stored.formUnion(stored)
    for name in stored.sorted() {
      let outer = find(name, from: scope.parent)
      scope.names.define(name, outer.map(Load.copy) ?? .context(name))
    }
  }

  // MARK: - Which variable a use means

  private func bind(_ use: NameUse, in scope: Scope, isRead: Bool) {
    guard let variable = find(use.name, from: scope) else { return }
    variable.isRead = variable.isRead || isRead
    bindings[use.id] = binding(of: variable, from: scope.function)
    bindings[use.id].isExported = !isRead && hasBlocks && scope.parent == nil
  }

  private func binding(of variable: Variable, from function: Function) -> Binding {
    Binding(hops: function.depth - variable.function.depth, slot: variable.slot)
  }

  /// - Parameter isSoft: true where an unknown filter is only an error when it runs.
  private func bind(_ expression: Expression, in scope: Scope, isSoft: Bool) throws(Fault) {
    var isSoft = isSoft
    switch expression {
    case .name(let use): bind(use, in: scope, isRead: true)
    case .filter(_, let use):
      if use.function == nil, !isSoft {
        throw .syntax("No filter named \(Representation.quoted(use.name)).", at: use.offset)
      }
    case .test(_, let use):
      if use.test == nil, !isSoft { throw .syntax("No test named \(Representation.quoted(use.name)).", at: use.offset) }
    case .conditional: isSoft = true
    default: break
    }
    let partsAreSoft = isSoft
    try expression.forEachPart { (part) throws(Fault) in try bind(part, in: scope, isSoft: partsAreSoft) }
  }

  private func bind(_ target: Target, in scope: Scope) {
    switch target {
    case .name(let use): bind(use, in: scope, isRead: false)
    case .attribute(let use, _): bind(use, in: scope, isRead: true)
    case .tuple(let parts): for part in parts { bind(part, in: scope) }
    }
  }

  private func finish(_ scope: Scope, _ id: Int, isFunction: Bool) {
    var layout = ScopeLayout()
    for name in scope.names.order {
      guard let variable = scope.variables[name] else { continue }
      layout.slots.append(variable.slot)
      switch scope.names.loads[name] {
      case .empty: layout.loads.append((variable.slot, .empty))
      case .context(let name): layout.loads.append((variable.slot, .context(name)))
      case .copy(let outer):
        layout.loads.append((variable.slot, .copy(binding(of: outer, from: scope.function))))
      case .parameter, nil: break
      }
    }
    layout.slotCount = isFunction ? scope.function.slotCount : 0
    layouts[id] = layout
  }

  private func bind(_ statements: [Statement], in scope: Scope, isSoft: Bool = false) throws(Fault) {
    for statement in statements {
      switch statement {
      case .output(let expression, _): try bind(expression, in: scope, isSoft: isSoft)
      case .set(let target, let value, _):
        try bind(value, in: scope, isSoft: isSoft)
        bind(target, in: scope)
      case .setBlock(let target, let filter, let body, let id, _):
        let inner = Scope(parent: scope, function: scope.function)
        declare(body, in: inner)
        if let filter { declare(filter, in: inner) }
        try bind(body, in: inner)
        if let filter { try bind(filter, in: inner, isSoft: false) }
        finish(inner, id, isFunction: false)
        bind(target, in: scope)
      case .forLoop(let loop): try bind(loop, in: scope, isSoft: isSoft)
      case .conditional(let branches, let otherwise):
        for branch in branches {
          try bind(branch.test, in: scope, isSoft: true)
          try bind(branch.body, in: scope, isSoft: true)
        }
        try bind(otherwise, in: scope, isSoft: true)
      case .macro(let name, let definition):
        try bind(definition, in: scope)
        bind(name, in: scope, isRead: false)
      case .callBlock(let call, let definition, _):
        try bind(definition, in: scope)
        try bind(call, in: scope, isSoft: isSoft)
      case .filterBlock(let filter, let body, let id, _):
        let inner = Scope(parent: scope, function: scope.function)
        declare(body, in: inner)
        declare(filter, in: inner)
        try bind(body, in: inner)
        try bind(filter, in: inner, isSoft: false)
        finish(inner, id, isFunction: false)
      case .with(let values, let body, let id, _):
        let inner = Scope(parent: scope, function: scope.function)
        for (target, _) in values { declare(target, in: inner, asParameter: true) }
        declare(body, in: inner)
        for (target, value) in values {
          try bind(value, in: scope, isSoft: isSoft)
          bind(target, in: inner)
        }
        try bind(body, in: inner)
        finish(inner, id, isFunction: false)
      case .scope(let body, let id):
        let inner = Scope(parent: scope, function: scope.function)
        declare(body, in: inner)
        try bind(body, in: inner)
        finish(inner, id, isFunction: false)
      case .text, .block, .unsupported, .breakLoop, .continueLoop: break
      }
    }
  }

  private func bind(_ loop: ForLoop, in scope: Scope, isSoft: Bool) throws(Fault) {
    try bind(loop.iterable, in: scope, isSoft: isSoft)
    try refuseStoredLoop(loop)
    let function = loop.isRecursive ? Function(depth: scope.function.depth + 1) : scope.function
    if let filter = loop.filter, let target = loop.filterTarget {
      let inner = Scope(parent: scope, function: function)
      declare(target, in: inner, asParameter: true)
      declare(filter, in: inner)
      bind(target, in: inner)
      try bind(filter, in: inner, isSoft: false)
      finish(inner, loop.filterScope, isFunction: false)
    }
    let inner = Scope(parent: scope, function: function)
    declareParameter("loop", in: inner)
    declare(loop.target, in: inner, asParameter: true)
    declare(loop.body, in: inner)
    bind(loop.target, in: inner)
    bind(loop.loopName, in: inner, isRead: false)
    try bind(loop.body, in: inner)
    let otherwise = Scope(parent: scope, function: function)
    declare(loop.otherwise, in: otherwise)
    try bind(loop.otherwise, in: otherwise)
    finish(otherwise, loop.elseScope, isFunction: false)
    finish(inner, loop.bodyScope, isFunction: loop.isRecursive)
    layouts[loop.bodyScope].usesLoop = inner.variables["loop"]?.isRead ?? false
  }

  /// `loop` is not to be assigned anywhere inside a `for`.
  private func refuseStoredLoop(_ loop: ForLoop) throws(Fault) {
    func check(_ target: Target) throws(Fault) {
      switch target {
      case .name(let use):
        if use.name == "loop" {
          throw .syntax("Can't assign to special loop variable in for-loop target", at: use.offset)
        }
      case .attribute: break
      case .tuple(let parts): for part in parts { try check(part) }
      }
    }
    func check(_ statements: [Statement]) throws(Fault) {
      for statement in statements {
        switch statement {
        case .set(let target, _, _): try check(target)
        case .setBlock(let target, _, let body, _, _):
          try check(target)
          try check(body)
        case .conditional(let branches, let otherwise):
          for branch in branches { try check(branch.body) }
          try check(otherwise)
        case .with(_, let body, _, _), .filterBlock(_, let body, _, _), .scope(let body, _): try check(body)
        case .macro(_, let definition), .callBlock(_, let definition, _): try check(definition.body)
        default: break
        }
      }
    }
    try check(loop.target)
    try check(loop.body)
    try check(loop.otherwise)
  }

  private func bind(_ definition: MacroDefinition, in scope: Scope) throws(Fault) {
    let inner = Scope(parent: scope, function: Function(depth: scope.function.depth + 1))
    for (name, _) in definition.parameters { declareParameter(name.name, in: inner) }
    for special in [definition.caller, definition.varargs, definition.kwargs] {
      if let special { declareParameter(special.name, in: inner) }
    }
    for (_, fallback) in definition.parameters { if let fallback { declare(fallback, in: inner) } }
    declare(definition.body, in: inner)
    for (name, fallback) in definition.parameters {
      bind(name, in: inner, isRead: false)
      if let fallback { try bind(fallback, in: inner, isSoft: false) }
    }
    for special in [definition.caller, definition.varargs, definition.kwargs] {
      if let special { bind(special, in: inner, isRead: false) }
    }
    try bind(definition.body, in: inner)
    finish(inner, definition.scope, isFunction: true)
  }
}
