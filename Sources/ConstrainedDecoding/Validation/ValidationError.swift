public import JSON

/// One reason why a value does not conform to a schema.
public struct ValidationError: Sendable, Equatable, CustomStringConvertible {
  /// Of the value, in the instance.
  public let instance: JSONPointer
  /// The document that holds the schema.
  public let document: String
  /// Of the keyword, or of the schema `false`, in that document.
  public let schema: JSONPointer
  /// Nil for the schema `false`.
  public let keyword: Keyword?
  /// What was found and what was expected: `"Mars" is not one of "Shenzhen", "Beijing"`.
  public let sentence: String

  /// The place and the sentence.
  public var description: String { instance.text.isEmpty ? sentence : "\(instance): \(sentence)" }
}

/// Why a value can be called neither valid nor invalid.
public enum ValidationLimit: Error, Sendable, CustomStringConvertible {
  /// A schema applies itself to the same value, by way of references, and so for ever.
  case endlessReference(document: String, schema: JSONPointer)
  case tooDeep(instance: JSONPointer, limit: Int)
  case unusablePattern(document: String, schema: JSONPointer, reason: String)

  public var description: String {
    switch self {
    case .endlessReference(let document, let schema):
      "\(document)#\(schema): the schema refers back to itself without looking into the value"
    case .tooDeep(let instance, let limit):
      "\(instance): the value and its schemas are nested deeper than \(limit) levels"
    case .unusablePattern(let document, let schema, let reason): "\(document)#\(schema): \(reason)"
    }
  }
}

extension JSONSchema {
  /// Validates a value: every error, in the order of the schema's parts; none for a valid value.
  /// - Parameter assertingFormats: check `format` even where the metaschema leaves it an annotation.
  public func validate(
    _ instance: JSONValue, assertingFormats: Bool = false
  ) throws(ValidationLimit) -> [ValidationError] {
    try validate(instance, at: root, assertingFormats: assertingFormats)
  }

  /// Validates a value against one of the schema's parts.
  func validate(
    _ instance: JSONValue, at node: NodeID, assertingFormats: Bool
  ) throws(ValidationLimit) -> [ValidationError] {
    var validator = Validator(schema: self, assertsFormats: assertingFormats, reports: true)
    var evaluated = Evaluated()
    _ = try validator.check(node, instance, &evaluated)
    return validator.errors
  }

  /// Whether a value conforms, without saying why not.
  public func isValid(_ instance: JSONValue, assertingFormats: Bool = false) throws(ValidationLimit) -> Bool {
    var validator = Validator(schema: self, assertsFormats: assertingFormats, reports: false)
    var evaluated = Evaluated()
    return try validator.check(root, instance, &evaluated)
  }
}
