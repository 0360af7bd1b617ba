import Synchronization

/// The rules of functions whose schemas have been compiled, by content: when one function of a set is edited, that one is
/// compiled anew and the others are taken from here. Any thread may ask.
public final class SchemaCompilations: Sendable {
  private struct Key: Hashable {
    /// The schema as compact text, its keys in their order, which decides the order of members.
    let content: String
    let style: WhitespaceStyle
    let keyOrder: KeyOrder
  }

  /// A schema's rules before they are part of a grammar.
  struct Compiled: @unchecked Sendable {  // no two threads have the same one: what is kept is only copied, under the lock
    var table: RuleTable
    var root: RuleID
    var enforcement: SchemaEnforcement
  }

  private struct Contents {
    var entries: [Key: (compiled: Compiled, lastUse: Int)] = [:]
    var clock = 0
    var compilationCount = 0
  }

  private let limit: Int
  private let contents = Mutex(Contents())

  /// - Parameter limit: of schemas kept; beyond it the one not used for longest goes.
  public init(limit: Int = 256) { self.limit = limit }

  /// How many schemas have been compiled.
  public var compilationCount: Int { contents.withLock { $0.compilationCount } }

  /// The rules of a function's arguments, for the caller alone.
  func rules(
    of function: CallableFunction, style: WhitespaceStyle, keyOrder: KeyOrder
  ) throws(GrammarError) -> Compiled {
    let key = function.content.map { Key(content: $0, style: style, keyOrder: keyOrder) }
    if let key, let known = copy(of: key) { return known }
    var compiler = SchemaCompiler(function.parameters, style: style, keyOrder: keyOrder)
    let root = try compiler.compile()
    let compiled = Compiled(table: compiler.table, root: root, enforcement: compiler.enforcement)
    contents.withLock { contents in
      contents.compilationCount += 1
      guard let key else { return }
      contents.entries[key] = (compiled.copy(), contents.clock)
      if contents.entries.count > limit, let oldest = contents.entries.min(by: { $0.value.lastUse < $1.value.lastUse })
      {
        contents.entries[oldest.key] = nil
      }
    }
    return compiled
  }

  private func copy(of key: Key) -> Compiled? {
    contents.withLock { contents in
      contents.clock += 1
      contents.entries[key]?.lastUse = contents.clock
      return contents.entries[key]?.compiled.copy()
    }
  }
}

extension SchemaCompilations.Compiled {
  /// The same rules, nothing of which changes when these are run or become part of a grammar.
  func copy() -> Self {
    var copy = self
    copy.table = table.copy()
    return copy
  }
}

extension RuleTable {
  /// The same rules, which share nothing with these that changes.
  func copy() -> RuleTable {
    var copy = self
    let patterns = PatternCopies()
    copy.automata = automata.map { $0.copy(patterns) }
    copy.objects = objects.map { $0.copy() }
    copy.arrays = arrays.map { $0.copy() }
    return copy
  }
}
