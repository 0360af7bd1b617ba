/// What becomes of each keyword of a schema that is compiled to a grammar: every keyword that asserts something, at each of
/// its places that can be reached, is in one of the two lists.
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

  /// What the grammar of a schema would enforce, without a vocabulary.
  public init(of schema: JSONSchema) throws(GrammarError) {
    var compiler = SchemaCompiler(schema, style: .qwen, keyOrder: .schema)
    _ = try compiler.compile()
    self = compiler.enforcement
  }

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
    case .unsatisfiable(let schema, _): "\(schema): \(reason)"
    case .tooLarge(let schema, let pointer, _): "\(schema)#\(pointer): \(reason)"
    }
  }

  /// The sentence without the schema's name.
  public var reason: String {
    switch self {
    case .unsatisfiable(_, let reason): "no value satisfies the schema: \(reason)"
    case .tooLarge(_, _, let limit):
      "the schema's alternatives multiply to more than \(limit) combinations; give each case its own function or remove nesting"
    }
  }
}
