/// What becomes of each keyword of a schema that is compiled to a grammar.
public struct SchemaEnforcement: Sendable, Equatable {
  public struct Entry: Sendable, Equatable, Hashable {
    public let keyword: String
    /// Of the schema that has the keyword.
    public let pointer: String
    /// Why it is not enforced; empty for enforced ones.
    public let reason: String
  }

  /// No text under the mask violates these.
  public internal(set) var enforced: [Entry] = []
  /// The grammar admits more than these do: the finished value must be validated.
  public internal(set) var checkedAfter: [Entry] = []

  public init() {}

  /// Whether a text under the mask is valid without a look at it.
  public var isComplete: Bool { checkedAfter.isEmpty }
}

/// Why a schema cannot become a grammar.
public enum GrammarError: Error, Sendable, Equatable, CustomStringConvertible {
  /// No value satisfies the schema.
  case unsatisfiable(schema: String, reason: String)
  /// Alternatives multiply beyond the limit.
  case tooLarge(schema: String, pointer: String, limit: Int)

  public var description: String {
    switch self {
    case .unsatisfiable(let schema, let reason): "\(schema): no value satisfies the schema: \(reason)"
    case .tooLarge(let schema, let pointer, let limit):
      "\(schema)#\(pointer): the schema's alternatives multiply to more than \(limit) combinations; give each case its own function or remove nesting"
    }
  }
}
