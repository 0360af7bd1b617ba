public import JSON
import Synchronization

/// Grammars by the content of their schemas: editing one function compiles that one anew and no other.
public final class GrammarCache: Sendable {
  private struct Key: Hashable {
    /// The schema as compact text, its keys in their order, which decides the order of members.
    let document: String
    let style: WhitespaceStyle
    let keyOrder: KeyOrder
  }

  private struct Entry {
    let grammar: Grammar
    var lastUse: Int
  }

  private struct Contents {
    var entries: [Key: Entry] = [:]
    var clock = 0
  }

  public let vocabulary: TokenTrie
  public let endTokens: [Int]
  private let limit: Int
  private let contents = Mutex(Contents())

  /// - Parameter limit: of grammars kept; beyond it the one not used for longest goes.
  public init(vocabulary: TokenTrie, endTokens: [Int], limit: Int = 64) {
    self.vocabulary = vocabulary
    self.endTokens = endTokens
    self.limit = limit
  }

  /// The grammar of a schema document, compiled if it is not known yet.
  /// - Throws: `SchemaError` or `GrammarError`. Failures are not kept.
  public func grammar(
    for document: JSONValue, name: String = "schema", style: WhitespaceStyle = .qwen, keyOrder: KeyOrder = .schema
  ) throws -> Grammar {
    let key = Key(document: document.text(), style: style, keyOrder: keyOrder)
    let known = contents.withLock { contents -> Grammar? in
      contents.clock += 1
      contents.entries[key]?.lastUse = contents.clock
      return contents.entries[key]?.grammar
    }
    if let known { return known }
    // Compiled outside the lock; of two at once the later one stays.
    let schema = try JSONSchema(document: document, name: name)
    let grammar = try Grammar(schema, vocabulary: vocabulary, endTokens: endTokens, style: style, keyOrder: keyOrder)
    contents.withLock { contents in
      contents.entries[key] = Entry(grammar: grammar, lastUse: contents.clock)
      if contents.entries.count > limit, let oldest = contents.entries.min(by: { $0.value.lastUse < $1.value.lastUse })
      {
        contents.entries[oldest.key] = nil
      }
    }
    return grammar
  }
}
