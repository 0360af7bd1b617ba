/// The rules a schema is read by: a draft of JSON Schema and the vocabularies of it that are in force.
public struct Dialect: Sendable, Hashable {
  /// The drafts that can be read, in their order.
  public enum Draft: Int, Sendable, Comparable, CaseIterable {
    case draft4, draft6, draft7, draft201909, draft202012

    public static func < (a: Draft, b: Draft) -> Bool { a.rawValue < b.rawValue }

    /// The number or date in the draft's name.
    public var name: String {
      switch self {
      case .draft4: "4"
      case .draft6: "6"
      case .draft7: "7"
      case .draft201909: "2019-09"
      case .draft202012: "2020-12"
      }
    }

    /// What `$schema` says for this draft, without an empty fragment.
    public var metaschemaURI: String {
      switch self {
      case .draft4: "http://json-schema.org/draft-04/schema"
      case .draft6: "http://json-schema.org/draft-06/schema"
      case .draft7: "http://json-schema.org/draft-07/schema"
      case .draft201909: "https://json-schema.org/draft/2019-09/schema"
      case .draft202012: "https://json-schema.org/draft/2020-12/schema"
      }
    }
  }

  /// A group of keywords that a metaschema switches on by `$vocabulary` (Core §8.1.2). Drafts before 2019-09 have them all
  /// but `formatAssertion`.
  public enum Vocabulary: String, Sendable, CaseIterable {
    case core, applicator, unevaluated, validation, content
    case metaData = "meta-data"
    case formatAnnotation = "format-annotation"
    case formatAssertion = "format-assertion"
  }

  public let draft: Draft
  /// Those in force.
  public var vocabularies: Set<Vocabulary>

  /// The draft with the vocabularies of its own metaschema.
  public init(_ draft: Draft) {
    self.draft = draft
    vocabularies = Set(Vocabulary.allCases).subtracting([.formatAssertion])
  }

  public static let draft4 = Dialect(.draft4)
  public static let draft6 = Dialect(.draft6)
  public static let draft7 = Dialect(.draft7)
  public static let draft201909 = Dialect(.draft201909)
  public static let draft202012 = Dialect(.draft202012)

  /// The dialect of a published metaschema; nil for any other URI.
  init?(metaschemaURI text: String) {
    var uri = Substring(text)
    if uri.hasSuffix("#") { uri.removeLast() }
    if uri.hasPrefix("https://") { uri = "http://" + uri.dropFirst("https://".count) }
    // The metaschema of whatever draft is current.
    if uri == "http://json-schema.org/schema" {
      self.init(.draft202012)
      return
    }
    for draft in Draft.allCases {
      var known = Substring(draft.metaschemaURI)
      if known.hasPrefix("https://") { known = "http://" + known.dropFirst("https://".count) }
      if known == uri {
        self.init(draft)
        return
      }
    }
    return nil
  }

  /// The vocabulary that a URI of `$vocabulary` names; nil if it is none of JSON Schema's.
  static func vocabulary(_ uri: String) -> Vocabulary? {
    for prefix in ["https://json-schema.org/draft/2020-12/vocab/", "https://json-schema.org/draft/2019-09/vocab/"]
    where uri.hasPrefix(prefix) {
      let name = String(uri.dropFirst(prefix.count))
      return name == "format" ? .formatAnnotation : Vocabulary(rawValue: name)
    }
    return nil
  }
}
