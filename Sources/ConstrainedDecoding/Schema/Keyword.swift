/// A keyword of JSON Schema, of any draft from 4 to 2020-12. A member that is none of these is an unknown keyword.
public enum Keyword: String, Sendable, CaseIterable {
  // Core.
  case schema = "$schema"
  case vocabulary = "$vocabulary"
  case id = "$id"
  case draft4ID = "id"
  case anchor = "$anchor"
  case dynamicAnchor = "$dynamicAnchor"
  case recursiveAnchor = "$recursiveAnchor"
  case ref = "$ref"
  case dynamicRef = "$dynamicRef"
  case recursiveRef = "$recursiveRef"
  case defs = "$defs"
  case definitions
  case comment = "$comment"

  // Applicators.
  case allOf, anyOf, oneOf, not, `if`, then, `else`
  case dependentSchemas, dependencies
  case prefixItems, items, additionalItems, contains
  case properties, patternProperties, additionalProperties, propertyNames
  case unevaluatedItems, unevaluatedProperties

  // Assertions.
  case type, `enum`, const
  case multipleOf, minimum, maximum, exclusiveMinimum, exclusiveMaximum
  case minLength, maxLength, pattern, format
  case minItems, maxItems, uniqueItems, minContains, maxContains
  case minProperties, maxProperties, required, dependentRequired

  // Annotations.
  case title, description, `default`, examples, deprecated, readOnly, writeOnly
  case contentEncoding, contentMediaType, contentSchema
}

// MARK: - What constrained decoding does with it

extension Keyword {
  /// What becomes of a keyword when a text is generated under its schema. For a schema's own places see
  /// `SchemaEnforcement`, which is made when it is compiled and follows these.
  public enum Treatment: Sendable {
    /// The mask allows nothing that the keyword forbids; a place where it cannot tell is among `SchemaEnforcement`'s
    /// `checkedAfter`, with the reason.
    case enforced
    /// The mask follows it in part at most; the finished value is validated.
    case checkedAfter
    /// Says something about values and forbids none.
    case annotation
    /// A schema that has it is not compiled. There is none: what cannot be followed is checked.
    case refused
  }

  /// Which of the four lists has the keyword; the lists are made from this, so each keyword is in one.
  public var treatment: Treatment {
    switch self {
    case .type, .enum, .const, .multipleOf, .minimum, .maximum, .exclusiveMinimum, .exclusiveMaximum, .minLength,
      .maxLength,
      .pattern, .format, .minItems, .maxItems, .minProperties, .maxProperties, .required, .dependentRequired,
      .prefixItems, .items, .additionalItems, .properties, .patternProperties, .additionalProperties, .propertyNames,
      .allOf, .anyOf, .oneOf, .not, .if, .then, .else, .dependentSchemas, .dependencies, .ref, .uniqueItems, .contains,
      .minContains, .unevaluatedItems, .unevaluatedProperties:
      .enforced
    case .maxContains, .dynamicRef, .recursiveRef: .checkedAfter
    case .schema, .vocabulary, .id, .draft4ID, .anchor, .dynamicAnchor, .recursiveAnchor, .defs, .definitions, .comment,
      .title, .description, .default, .examples, .deprecated, .readOnly, .writeOnly, .contentEncoding,
      .contentMediaType,
      .contentSchema:
      .annotation
    }
  }

  /// Kept by the mask.
  public static let enforced = allCases.filter { $0.treatment == .enforced }
  /// Left to the validation that follows.
  public static let checkedAfter = allCases.filter { $0.treatment == .checkedAfter }
  /// Without effect on which values are valid.
  public static let annotation = allCases.filter { $0.treatment == .annotation }
  /// Reasons to refuse a schema.
  public static let refused = allCases.filter { $0.treatment == .refused }
}

// MARK: - Where it means something

extension Keyword {
  /// Whether a schema of this dialect knows the keyword.
  public func isKnown(in dialect: Dialect) -> Bool {
    drafts.contains(dialect.draft) && dialect.vocabularies.contains(vocabularyOfKeyword)
      || self == .format && dialect.vocabularies.contains(.formatAssertion)
  }

  private var drafts: ClosedRange<Dialect.Draft> {
    switch self {
    case .draft4ID: .draft4 ... .draft4
    case .id, .const, .contains, .propertyNames, .examples: .draft6 ... .draft202012
    case .if, .then, .else, .comment, .readOnly, .writeOnly, .contentEncoding, .contentMediaType:
      .draft7 ... .draft202012
    case .vocabulary, .anchor, .defs, .dependentRequired, .dependentSchemas, .minContains, .maxContains,
      .unevaluatedItems,
      .unevaluatedProperties, .deprecated, .contentSchema:
      .draft201909 ... .draft202012
    case .recursiveAnchor, .recursiveRef: .draft201909 ... .draft201909
    case .dynamicAnchor, .dynamicRef, .prefixItems: .draft202012 ... .draft202012
    case .additionalItems: .draft4 ... .draft201909
    // The metaschema of 2020-12 still describes "definitions" and "dependencies".
    default: .draft4 ... .draft202012
    }
  }

  private var vocabularyOfKeyword: Dialect.Vocabulary {
    switch self {
    case .schema, .vocabulary, .id, .draft4ID, .anchor, .dynamicAnchor, .recursiveAnchor, .ref, .dynamicRef,
      .recursiveRef,
      .defs, .definitions, .comment:
      .core
    case .allOf, .anyOf, .oneOf, .not, .if, .then, .else, .dependentSchemas, .dependencies, .prefixItems, .items,
      .additionalItems, .contains, .properties, .patternProperties, .additionalProperties, .propertyNames:
      .applicator
    case .unevaluatedItems, .unevaluatedProperties: .unevaluated
    case .type, .enum, .const, .multipleOf, .minimum, .maximum, .exclusiveMinimum, .exclusiveMaximum, .minLength,
      .maxLength,
      .pattern, .minItems, .maxItems, .uniqueItems, .minContains, .maxContains, .minProperties, .maxProperties,
      .required,
      .dependentRequired:
      .validation
    case .format: .formatAnnotation
    case .title, .description, .default, .examples, .deprecated, .readOnly, .writeOnly: .metaData
    case .contentEncoding, .contentMediaType, .contentSchema: .content
    }
  }

  /// Which parts of a keyword's value are schemas.
  enum Subschemas {
    case none, one, array, members
    /// A schema, or an array of them.
    case oneOrArray
    /// Members that are schemas or arrays of names.
    case membersOrNames
  }

  var subschemas: Subschemas {
    switch self {
    case .not, .if, .then, .else, .additionalItems, .contains, .additionalProperties, .propertyNames, .unevaluatedItems,
      .unevaluatedProperties, .contentSchema:
      .one
    case .allOf, .anyOf, .oneOf, .prefixItems: .array
    case .items: .oneOrArray
    case .properties, .patternProperties, .dependentSchemas, .defs, .definitions: .members
    case .dependencies: .membersOrNames
    default: .none
    }
  }
}
