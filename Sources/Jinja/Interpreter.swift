import JSON

/// The variables of one running function: the template, a macro, a block or a recursive loop.
final class Activation {
  var slots: [Value?]
  /// Of the function around this one in the source.
  let parent: Activation?

  init(slotCount: Int, parent: Activation?) {
    slots = Array(repeating: nil, count: slotCount)
    self.parent = parent
  }
}

/// Runs a syntax tree once. Statements are here, expressions in `Interpreter+Expressions.swift`.
final class Interpreter {
  let tree: SyntaxTree
  let clock: TemplateClock
  private let json: JSONObject
  private let tracing: [String]
  private var context: [String: Value] = [:]
  private var exported: [String: Value] = [:]

  var activation: Activation
  private(set) var output = Output()
  /// Where the interpreter stands in the source, for errors.
  var offset = 0

  private var callDepth = RecursionGuard()
  private var rounds = 0
  /// Rounds of all loops together.
  private static let roundLimit = 2_000_000

  /// The element the innermost loop over traced elements is at.
  private var loopOrigin: Origin?
  /// The first traced value that the current expression read.
  var touched: Origin?
  let isTracing: Bool

  init(_ tree: SyntaxTree, context: JSONObject, tracing: [String], clock: TemplateClock) {
    self.tree = tree
    self.clock = clock
    json = context
    self.tracing = tracing
    isTracing = !tracing.isEmpty
    activation = Activation(slotCount: tree.scopes[tree.rootScope].slotCount, parent: nil)
  }

  func run() throws(Fault) {
    enter(tree.scopes[tree.rootScope])
    _ = try run(tree.body)
  }

  // MARK: - Variables

  /// A variable of the context, or one of Jinja's own.
  func contextValue(_ name: String) -> Value? {
    if let value = exported[name] ?? context[name] { return value }
    guard let value = json[name].map({ convert($0, name) }) ?? Globals.value(name, self) else { return nil }
    context[name] = value
    return value
  }

  private func convert(_ value: JSONValue, _ name: String) -> Value {
    guard let variable = tracing.firstIndex(of: name), case .array(let elements) = value else { return Value(value) }
    return .list(
      elements.enumerated().map { index, element in
        Value(element, origin: Origin(variable: Int32(variable), index: Int32(index)))
      })
  }

  private func home(_ binding: Binding) -> Activation {
    var home = activation
    for _ in 0..<binding.hops { home = home.parent! }  // scoping counted the functions around
    return home
  }

  /// The value of a variable, nil if it has none.
  func value(of use: NameUse) -> Value? {
    let binding = tree.bindings[use.id]
    return home(binding).slots[binding.slot]
  }

  private func store(_ value: Value, in use: NameUse) {
    let binding = tree.bindings[use.id]
    home(binding).slots[binding.slot] = value
    if binding.isExported { exported[use.name] = value }
  }

  private func enter(_ scope: ScopeLayout) {
    for (slot, load) in scope.loads {
      switch load {
      case .empty: activation.slots[slot] = nil
      case .context(let name): activation.slots[slot] = contextValue(name)
      case .copy(let outer): activation.slots[slot] = home(outer).slots[outer.slot]
      }
    }
  }

  private func leave(_ scope: ScopeLayout) {
    for slot in scope.slots { activation.slots[slot] = nil }
  }

  private func assign(_ value: Value, to target: Target) throws(Fault) {
    switch target {
    case .name(let use): store(value, in: use)
    case .attribute(let use, let member):
      guard case .object(let namespace as Namespace)? = self.value(of: use) else {
        throw Fault(.runtime, "cannot assign attribute on non-namespace object", at: use.offset)
      }
      namespace.attributes[Text(member.utf8)] = value
    case .tuple(let targets):
      let elements: [Value]
      do throws(Fault) { elements = try value.elements() } catch {
        throw error.kind == .type ? .type("cannot unpack non-iterable \(value.typeName) object") : error
      }
      if elements.count > targets.count { throw .value("too many values to unpack (expected \(targets.count))") }
      if elements.count < targets.count {
        throw .value("not enough values to unpack (expected \(targets.count), got \(elements.count))")
      }
      for (target, element) in zip(targets, elements) { try assign(element, to: target) }
    }
  }

  // MARK: - Statements

  /// How a body ended.
  private enum Completion { case normal, breakLoop, continueLoop }

  private func run(_ statements: [Statement]) throws(Fault) -> Completion {
    for statement in statements {
      let completion = try run(statement)
      if completion != .normal { return completion }
    }
    return .normal
  }

  private func run(_ statement: Statement) throws(Fault) -> Completion {
    switch statement {
    case .text(let bytes): try output.append(bytes, loopOrigin)
    case .output(let expression, let offset):
      self.offset = offset
      touched = nil
      let value = try evaluate(expression)
      try output.append(value, loopOrigin ?? touched)
    case .set(let target, let expression, let offset):
      self.offset = offset
      touched = nil
      let value = try evaluate(expression)
      self.offset = offset
      try assign(marked(value), to: target)
    case .conditional(let branches, let otherwise):
      for branch in branches {
        offset = branch.offset
        if try evaluate(branch.test).isTrue { return try run(branch.body) }
      }
      return try run(otherwise)
    case .forLoop(let loop): return try run(loop)
    case .macro(let name, let definition): store(.object(Macro(definition, activation)), in: name)
    case .callBlock(let call, let definition, let offset):
      self.offset = offset
      touched = nil
      let value = try evaluateCall(call, caller: .object(Macro(definition, activation)))
      try output.append(value, loopOrigin ?? touched)
    case .setBlock(let target, let filter, let body, let scope, let offset):
      enter(tree.scopes[scope])
      let (completion, text) = try captured(body)
      if completion != .normal { return completion }
      var value = Value.string(text)
      if let filter { value = try evaluate(filter, filtering: value) }
      leave(tree.scopes[scope])
      self.offset = offset
      try assign(value, to: target)
    case .filterBlock(let filter, let body, let scope, _):
      enter(tree.scopes[scope])
      let (completion, text) = try captured(body)
      if completion != .normal { return completion }
      try output.append(try evaluate(filter, filtering: .string(text)), loopOrigin)
      leave(tree.scopes[scope])
    case .with(let values, let body, let scope, _):
      enter(tree.scopes[scope])
      for (target, expression) in values { try assign(try evaluate(expression), to: target) }
      let completion = try run(body)
      leave(tree.scopes[scope])
      return completion
    case .scope(let body, let scope):
      enter(tree.scopes[scope])
      let completion = try run(body)
      leave(tree.scopes[scope])
      return completion
    case .block(let block): try run(block)
    case .unsupported(let kind, let message, let offset): throw Fault(kind, message, at: offset)
    case .breakLoop: return .breakLoop
    case .continueLoop: return .continueLoop
    }
    return .normal
  }

  /// A string that was computed from a traced element keeps its origin in the variable it is stored in.
  private func marked(_ value: Value) -> Value {
    guard isTracing, let touched, case .string(let text) = value, text.origin == nil else { return value }
    return .string(Text(text.utf8, isMarkup: text.isMarkup, origin: touched))
  }

  /// Runs a body into a text of its own.
  private func captured(_ body: [Statement]) throws(Fault) -> (Completion, Text) {
    var outer = Output()
    swap(&outer, &output)
    let completion = try run(body)
    swap(&outer, &output)
    return (completion, Text(outer.bytes))
  }

  private func run(_ block: BlockDefinition) throws(Fault) {
    let outer = activation
    activation = Activation(slotCount: tree.scopes[block.scope].slotCount, parent: nil)
    enter(tree.scopes[block.scope])
    _ = try run(block.body)
    activation = outer
  }

  /// `self.name()`.
  func text(of block: BlockDefinition) throws(Fault) -> Text {
    try callDepth.enter()
    var outer = Output()
    swap(&outer, &output)
    try run(block)
    swap(&outer, &output)
    callDepth.leave()
    return Text(outer.bytes)
  }

  // MARK: - Loops

  private func run(_ loop: ForLoop) throws(Fault) -> Completion {
    offset = loop.offset
    let iterable = try evaluate(loop.iterable)
    offset = loop.offset
    guard loop.isRecursive else {
      return try iterate(loop, over: iterable, depth0: 0, recurse: nil)
    }
    let home = activation
    func recurse(_ iterable: Value, _ depth0: Int) throws(Fault) -> Value {
      try callDepth.enter()
      let caller = activation
      activation = Activation(slotCount: tree.scopes[loop.bodyScope].slotCount, parent: home)
      var outer = Output()
      swap(&outer, &output)
      _ = try iterate(loop, over: iterable, depth0: depth0, recurse: recurse)
      swap(&outer, &output)
      activation = caller
      callDepth.leave()
      return .string(Text(outer.bytes))
    }
    try output.append(try recurse(iterable, 0), loopOrigin)
    return .normal
  }

  /// - Returns: what ends the loop around this one, from an `else` body.
  private func iterate(
    _ loop: ForLoop, over iterable: Value, depth0: Int, recurse: ((Value, Int) throws(Fault) -> Value)?
  ) throws(Fault) -> Completion {
    var iterable = iterable
    var source = try iterable.iterator()
    if let filter = loop.filter, let target = loop.filterTarget {
      source = filtered(source, filter, target, loop.filterScope)
      iterable = .object(Generator(source))
    }
    let scope = tree.scopes[loop.bodyScope]
    let context = scope.usesLoop ? LoopContext(iterable, source, depth0: depth0, recurse: recurse) : nil
    let outerOrigin = loopOrigin
    // As in Jinja2, `else` also runs if every round was cut short by `break` or `continue`.
    var completedRound = false
    while true {
      let next: Value?
      if let context { next = try context.advance() } else { next = try source.next() }
      guard let element = next else { break }
      rounds += 1
      if rounds > Self.roundLimit { throw Fault(.limit, "the loops of the template ran \(Self.roundLimit) rounds") }
      if isTracing { loopOrigin = element.origin ?? outerOrigin }
      offset = loop.offset
      try assign(element, to: loop.target)
      if let context { store(.object(context), in: loop.loopName) }
      enter(scope)
      let completion = try run(loop.body)
      if completion == .normal { completedRound = true }
      if completion == .breakLoop { break }
    }
    loopOrigin = outerOrigin
    leave(scope)
    if completedRound || loop.otherwise.isEmpty { return .normal }
    let elseScope = tree.scopes[loop.elseScope]
    enter(elseScope)
    let completion = try run(loop.otherwise)
    leave(elseScope)
    return completion
  }

  /// The elements that pass the loop's `if`, tested as they are asked for.
  private func filtered(
    _ source: ElementIterator, _ filter: Expression, _ target: Target, _ scope: Int
  ) -> ElementIterator {
    let home = activation
    let layout = tree.scopes[scope]
    var hasEntered = false
    return ElementIterator { [self] () throws(Fault) -> Value? in
      let asking = activation
      activation = home
      defer { activation = asking }
      if !hasEntered { enter(layout) }
      hasEntered = true
      while let element = try source.next() {
        try assign(element, to: target)
        if try evaluate(filter).isTrue { return element }
      }
      return nil
    }
  }

  // MARK: - Macros

  /// Runs a macro's body in an activation whose parameters `bind` fills.
  func call(
    _ definition: MacroDefinition, in home: Activation, _ bind: (Interpreter) throws(Fault) -> Void
  ) throws(Fault) -> Text {
    try callDepth.enter()
    let scope = tree.scopes[definition.scope]
    let caller = activation
    let callerTouched = touched
    activation = Activation(slotCount: scope.slotCount, parent: home)
    enter(scope)
    try bind(self)
    let (_, text) = try captured(definition.body)
    activation = caller
    touched = callerTouched
    callDepth.leave()
    return text
  }

  func setParameter(_ use: NameUse, _ value: Value) { store(value, in: use) }
}
