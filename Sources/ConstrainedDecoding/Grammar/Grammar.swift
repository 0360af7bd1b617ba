import JSON
import Synchronization

/// A compiled grammar: immutable to its users, shared by every sequence that follows it.
///
/// What is found out while it runs (states, masks) is kept for all of them behind a lock, which is held for a step or a mask.
/// Masks not used for long are dropped. States never are while a sequence stands in one: when they have grown beyond
/// `byteLimit`, the next sequence begins with none, and the old ones go with the last sequence that knows them.
public final class Grammar: Sendable {
  public let enforcement: SchemaEnforcement
  public let vocabulary: TokenTrie
  /// Allowed where the text is complete, and nowhere else.
  public let endTokens: [Int]
  /// Some object may have names that its schema does not list.
  let admitsUndeclaredNames: Bool
  /// Of what is found out, for a sequence that begins; one sequence may add to it in proportion to its length.
  public let byteLimit: Int
  private let runtime: Mutex<GrammarRuntime>

  init(
    _ table: sending RuleTable, enforcement: SchemaEnforcement, vocabulary: TokenTrie, endTokens: [Int],
    style: WhitespaceStyle, byteLimit: Int = Grammar.defaultByteLimit
  ) {
    self.byteLimit = byteLimit
    self.enforcement = enforcement
    self.vocabulary = vocabulary
    self.endTokens = endTokens
    admitsUndeclaredNames = table.objects.contains(where: \.allowsUndeclared)
    runtime = Mutex(GrammarRuntime(table, style))
  }

  /// 64 MiB: some thousand masks and states.
  public static let defaultByteLimit = 64 << 20

  /// What a new sequence shares with the others.
  func currentRuntime() -> GrammarRuntime {
    runtime.withLock { runtime in
      if let fresh = runtime.successor(beyond: byteLimit) { runtime = fresh }
      return runtime
    }
  }

  /// Of what has been found out so far and a new sequence would share, roughly.
  public var byteCount: Int { runtime.withLock { $0 }.withMachine(\.byteCount) }

  public func makeMatcher() -> GrammarMatcher { GrammarMatcher(self) }
}

/// A grammar's machine behind its lock, held by every sequence that stands in one of its states.
final class GrammarRuntime: Sendable {
  private let machine: Mutex<GrammarMachine>

  init(_ table: sending RuleTable, _ style: WhitespaceStyle) {
    machine = Mutex(GrammarMachine(table: table, style: style))
  }

  func withMachine<Result: Sendable>(_ body: (GrammarMachine) -> Result) -> Result {
    machine.withLock { body($0) }
  }

  /// The same grammar with nothing found out yet, if it is more than so many bytes.
  func successor(beyond byteLimit: Int) -> GrammarRuntime? {
    machine.withLock { machine in
      guard machine.byteCount > byteLimit else { return nil }
      // Shares nothing with the machine that changes.
      nonisolated(unsafe) let table = machine.table.copy()
      return GrammarRuntime(table, machine.style)
    }
  }
}

extension Grammar {
  /// Compiles a schema; the text is one value that conforms to it.
  /// - Throws: when nothing conforms, or when the schema is too large. Keywords that are not enforced are listed in
  ///   `enforcement`.
  public convenience init(
    _ schema: JSONSchema, vocabulary: TokenTrie, endTokens: [Int] = [], style: WhitespaceStyle = .qwen,
    keyOrder: KeyOrder = .schema, byteLimit: Int = Grammar.defaultByteLimit
  ) throws(GrammarError) {
    var compiler = SchemaCompiler(schema, style: style, keyOrder: keyOrder)
    let root = try compiler.compile()
    var table = compiler.table
    table.root = root
    self.init(
      table, enforcement: compiler.enforcement, vocabulary: vocabulary, endTokens: endTokens, style: style,
      byteLimit: byteLimit)
  }
}

extension SchemaCompiler {
  /// The root's rule with everything that cannot be satisfied found.
  mutating func compile() throws(GrammarError) -> RuleID {
    let root: RuleID
    do throws(TooLarge) { root = try compileRoot() } catch {
      throw .tooLarge(schema: schema.name, pointer: error.pointer, limit: error.limit)
    }
    let rules = table.rules
    table.findUnsatisfiable()
    if case .never = table.rules[Int(root)] {
      throw .unsatisfiable(
        schema: schema.name,
        reason: reason(of: root, in: rules) ?? reasons.first
          ?? "its parts exclude each other, or it only ends by recursion")
    }
    return root
  }
}
