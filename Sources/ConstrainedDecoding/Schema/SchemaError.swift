/// Why a schema cannot be used, and where.
public struct SchemaError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What is wrong, with the facts.
  public enum Fault: Sendable, Equatable {
    case unexpected(found: String, expected: String)
    /// A reference whose document is not there.
    case unknownDocument(reference: String, uri: String)
    /// A reference into a document that has no such place.
    case unknownPlace(reference: String, document: String)
    case unknownDialect(uri: String)
    case unknownVocabulary(uri: String, metaschema: String)
  }

  /// The file's name, or the URI it was loaded from.
  public let document: String
  /// Of the keyword's value.
  public let pointer: JSONPointer
  public let fault: Fault

  /// Without the place.
  public var sentence: String {
    switch fault {
    case .unexpected(let found, let expected): "found \(found), expected \(expected)"
    case .unknownDocument(let reference, let uri):
      "\"\(reference)\" refers to \(uri), which is not at hand; nothing is fetched, so put it under $defs"
    case .unknownPlace(let reference, let document): "\"\(reference)\" refers to a place that \(document) does not have"
    case .unknownDialect(let uri):
      "\"\(uri)\" is not a draft that can be read; name one from draft-04 to 2020-12, such as \(Dialect.Draft.draft202012.metaschemaURI)"
    case .unknownVocabulary(let uri, let metaschema):
      "\(metaschema) requires the vocabulary \(uri), which is not supported"
    }
  }

  public var description: String { "\(document)#\(pointer): \(sentence)" }
}
