public import JSON
import Synchronization

/// A compiled grammar: immutable to its users, shared by every sequence that follows it.
///
/// What is found out while it runs (states, masks) is kept for all of them behind a lock, which is held for a step or a mask.
public final class Grammar: Sendable {
  public let enforcement: SchemaEnforcement
  public let vocabulary: TokenTrie
  /// Allowed where the text is complete, and nowhere else.
  public let endTokens: [Int]
  /// Some object may have names that its schema does not list.
  let admitsUndeclaredNames: Bool
  private let machine: Mutex<GrammarMachine>

  init(
    _ table: sending RuleTable, enforcement: SchemaEnforcement, vocabulary: TokenTrie, endTokens: [Int],
    style: WhitespaceStyle
  ) {
    self.enforcement = enforcement
    self.vocabulary = vocabulary
    self.endTokens = endTokens
    admitsUndeclaredNames = table.objects.contains(where: \.allowsUndeclared)
    machine = Mutex(GrammarMachine(table: table, style: style))
  }

  func withMachine<Result: Sendable>(_ body: (GrammarMachine) -> Result) -> Result {
    machine.withLock { body($0) }
  }

  public func makeMatcher() -> GrammarMatcher { GrammarMatcher(self) }
}

extension Grammar {
  /// Compiles a schema; the text is one value that conforms to it.
  /// - Throws: when nothing conforms, or when the schema is too large. Keywords that are not enforced are listed in
  ///   `enforcement`.
  public convenience init(
    _ schema: JSONSchema, vocabulary: TokenTrie, endTokens: [Int] = [], style: WhitespaceStyle = .qwen,
    keyOrder: KeyOrder = .schema
  ) throws(GrammarError) {
    var compiler = SchemaCompiler(schema, style: style, keyOrder: keyOrder)
    let root = try compiler.compile()
    var table = compiler.table
    table.root = root
    self.init(table, enforcement: compiler.enforcement, vocabulary: vocabulary, endTokens: endTokens, style: style)
  }
}

extension SchemaCompiler {
  /// The root's rule with everything that cannot be satisfied found.
  mutating func compile() throws(GrammarError) -> RuleID {
    let root: RuleID
    do throws(TooLarge) { root = try compileRoot() } catch {
      throw .tooLarge(schema: schema.name, pointer: error.pointer, limit: error.limit)
    }
    table.findUnsatisfiable()
    if case .never = table.rules[Int(root)] {
      throw .unsatisfiable(
        schema: schema.name, reason: reasons.first ?? "its parts exclude each other, or it only ends by recursion")
    }
    return root
  }
}
