/// A parsed template: statements, and the tables that scoping fills by the numbers the parser gave out.
struct SyntaxTree: Sendable {
  let body: [Statement]
  /// The variable of each use of a name.
  let bindings: [Binding]
  /// What happens on entering each scope.
  let scopes: [ScopeLayout]
  /// The template's own scope.
  let rootScope: Int
  /// Every `block`; each is a function of its own.
  let blocks: [String: BlockDefinition]
}

/// One use of a name; `id` finds its binding.
struct NameUse: Sendable {
  let name: String
  let id: Int
  let offset: Int
}

indirect enum Statement: Sendable {
  case text([UInt8])
  case output(Expression, Int)
  case set(Target, Expression, Int)
  case setBlock(Target, filter: Expression?, [Statement], scope: Int, Int)
  case forLoop(ForLoop)
  case conditional([Branch], otherwise: [Statement])
  case macro(NameUse, MacroDefinition)
  case callBlock(Expression, MacroDefinition, Int)
  case filterBlock(Expression, [Statement], scope: Int, Int)
  case with([(target: Target, value: Expression)], [Statement], scope: Int, Int)
  /// A body with names of its own: `generation`, `autoescape false`.
  case scope([Statement], scope: Int)
  case block(BlockDefinition)
  /// Something only an environment with a loader or with autoescape has.
  case unsupported(TemplateError.Kind, String, Int)
  case breakLoop
  case continueLoop
}

struct Branch: Sendable {
  let test: Expression
  let body: [Statement]
  let offset: Int
}

final class ForLoop: Sendable {
  let target: Target
  let iterable: Expression
  let filter: Expression?
  /// The loop's target again, bound in the scope of the filter.
  let filterTarget: Target?
  let isRecursive: Bool
  let body: [Statement]
  let otherwise: [Statement]
  /// `loop` in the body.
  let loopName: NameUse
  let bodyScope: Int
  let filterScope: Int
  let elseScope: Int
  let offset: Int

  init(
    target: Target, iterable: Expression, filter: Expression?, filterTarget: Target?, isRecursive: Bool,
    body: [Statement],
    otherwise: [Statement], loopName: NameUse, bodyScope: Int, filterScope: Int, elseScope: Int, offset: Int
  ) {
    self.target = target
    self.iterable = iterable
    self.filter = filter
    self.filterTarget = filterTarget
    self.isRecursive = isRecursive
    self.body = body
    self.otherwise = otherwise
    self.loopName = loopName
    self.bodyScope = bodyScope
    self.filterScope = filterScope
    self.elseScope = elseScope
    self.offset = offset
  }
}

/// A macro, or the body of a `call` block.
final class MacroDefinition: Sendable {
  /// Nil for a `call` block.
  let name: String?
  let parameters: [(name: NameUse, fallback: Expression?)]
  let body: [Statement]
  /// The special names, where the body uses them and they are not parameters.
  let caller: NameUse?
  let varargs: NameUse?
  let kwargs: NameUse?
  let scope: Int
  let offset: Int

  init(
    name: String?, parameters: [(name: NameUse, fallback: Expression?)], body: [Statement], caller: NameUse?,
    varargs: NameUse?, kwargs: NameUse?, scope: Int, offset: Int
  ) {
    self.name = name
    self.parameters = parameters
    self.body = body
    self.caller = caller
    self.varargs = varargs
    self.kwargs = kwargs
    self.scope = scope
    self.offset = offset
  }
}

final class BlockDefinition: Sendable {
  let name: String
  let body: [Statement]
  let scope: Int
  let offset: Int

  init(name: String, body: [Statement], scope: Int, offset: Int) {
    self.name = name
    self.body = body
    self.scope = scope
    self.offset = offset
  }
}

/// Where a value is stored.
indirect enum Target: Sendable {
  case name(NameUse)
  case attribute(NameUse, Member)
  case tuple([Target])
}

indirect enum Expression: Sendable {
  case literal(Literal)
  case name(NameUse)
  case tuple([Expression])
  case list([Expression])
  case dict([(key: Expression, value: Expression)], Int)
  case concatenation([Expression], Int)
  case binary(BinaryOperator, Expression, Expression, Int)
  case negate(Expression, Int)
  case plus(Expression, Int)
  case not(Expression)
  case and(Expression, Expression)
  case or(Expression, Expression)
  case comparison(Expression, [(ComparisonOperator, Expression)], Int)
  case conditional(test: Expression, then: Expression, otherwise: Expression?, Int)
  case attribute(Expression, Member, Int)
  case item(Expression, Expression, Int)
  case slice(Expression, Expression?, Expression?, Expression?, Int)
  case call(Expression, CallArguments, Int)
  /// The value is nil where a block's output is filtered.
  case filter(Expression?, FilterUse)
  case test(Expression, TestUse)
}

enum Literal: Sendable {
  case null
  case bool(Bool)
  case integer(BigInteger)
  case int(Int)
  case float(Double)
  case string([UInt8])
}

enum BinaryOperator: Sendable { case add, subtract, multiply, divide, floorDivide, modulo, power }

enum ComparisonOperator: Sendable { case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual, isIn, isNotIn }

struct CallArguments: Sendable {
  var positional: [Expression] = []
  var keyword: [(name: String, value: Expression)] = []
  var spread: Expression?
  var keywordSpread: Expression?
}

/// A test with its arguments; the test is nil if there is none of that name.
final class TestUse: Sendable {
  let name: String
  let test: Test?
  let arguments: CallArguments
  let offset: Int

  init(name: String, arguments: CallArguments, offset: Int) {
    self.name = name
    test = Test(rawValue: name)
    self.arguments = arguments
    self.offset = offset
  }
}

/// A filter with its arguments; the function is nil if there is no filter of that name.
final class FilterUse: Sendable {
  let name: String
  let function: FilterFunction?
  let arguments: CallArguments
  let offset: Int

  init(name: String, arguments: CallArguments, offset: Int) {
    self.name = name
    function = Filters.table[name]
    self.arguments = arguments
    self.offset = offset
  }
}

extension Expression {
  /// Calls `visit` with each direct part, in the order of evaluation.
  func forEachPart<Failure: Error>(_ visit: (Expression) throws(Failure) -> Void) throws(Failure) {
    func visitArguments(_ arguments: CallArguments) throws(Failure) {
      for argument in arguments.positional { try visit(argument) }
      for (_, argument) in arguments.keyword { try visit(argument) }
      if let spread = arguments.spread { try visit(spread) }
      if let spread = arguments.keywordSpread { try visit(spread) }
    }
    switch self {
    case .literal, .name: break
    case .tuple(let parts), .list(let parts), .concatenation(let parts, _): for part in parts { try visit(part) }
    case .dict(let members, _):
      for (key, value) in members {
        try visit(key)
        try visit(value)
      }
    case .binary(_, let a, let b, _), .and(let a, let b), .or(let a, let b), .item(let a, let b, _):
      try visit(a)
      try visit(b)
    case .negate(let a, _), .plus(let a, _), .not(let a), .attribute(let a, _, _): try visit(a)
    case .comparison(let first, let rest, _):
      try visit(first)
      for (_, other) in rest { try visit(other) }
    case .conditional(let test, let then, let otherwise, _):
      try visit(test)
      try visit(then)
      if let otherwise { try visit(otherwise) }
    case .slice(let value, let start, let stop, let step, _):
      try visit(value)
      for part in [start, stop, step] { if let part { try visit(part) } }
    case .call(let function, let arguments, _):
      try visit(function)
      try visitArguments(arguments)
    case .filter(let value, let use):
      if let value { try visit(value) }
      try visitArguments(use.arguments)
    case .test(let value, let use):
      try visit(value)
      try visitArguments(use.arguments)
    }
  }
}
