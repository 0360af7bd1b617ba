public import JSON

/// The place of a schema in `JSONSchema.nodes`.
public struct NodeID: Hashable, Sendable {
  public let index: Int
}

/// One schema or subschema, its keywords checked and typed; what an older draft writes differently is already translated.
public struct SchemaNode: Sendable {
  /// The document's name or URI.
  public let document: String
  /// Of this schema in its document.
  public let pointer: JSONPointer
  /// What a relative reference here is resolved against, without a fragment.
  public let baseURI: String
  /// The place in `JSONSchema.resources` of the schema with an `$id`, or the document, that this one is part of.
  public let resource: Int
  /// By whose rules it is read.
  public let draft: Dialect.Draft

  /// For the schemas `true` and `false`; they have no keyword.
  public internal(set) var boolean: Bool?
  /// The keywords in the order they are written, those without meaning in this dialect left out.
  public internal(set) var keywords: [Keyword] = []
  /// Members that are no keyword of this dialect.
  public internal(set) var unknownKeywords: [String] = []
  /// The members that say something about values and forbid none: title, description, default, …
  public internal(set) var annotations = JSONObject()

  /// Nil without `type`.
  public internal(set) var types: TypeSet?
  public internal(set) var enumeration: [JSONValue]? {
    didSet { listedStrings = Self.strings(of: enumeration) }
  }
  /// The strings of a long `enumeration`, as bytes.
  private var listedStrings: Set<[UInt8]>?
  public internal(set) var constant: JSONValue?
  public internal(set) var number = NumberKeywords()
  public internal(set) var string = StringKeywords()
  public internal(set) var array = ArrayKeywords()
  public internal(set) var object = ObjectKeywords()

  public internal(set) var allOf: [NodeID] = []
  public internal(set) var anyOf: [NodeID] = []
  public internal(set) var oneOf: [NodeID] = []
  public internal(set) var not: NodeID?
  /// `if`.
  public internal(set) var condition: NodeID?
  /// Nil without `if`, as `then` and `else` then mean nothing.
  public internal(set) var then: NodeID?
  public internal(set) var otherwise: NodeID?
  public internal(set) var ref: NodeID?
  public internal(set) var dynamicRef: DynamicReference?

  init(document: String, pointer: JSONPointer, baseURI: String, resource: Int, draft: Dialect.Draft) {
    self.document = document
    self.pointer = pointer
    self.baseURI = baseURI
    self.resource = resource
    self.draft = draft
  }

  /// Whether some keyword narrows the strings that are admitted, lists of values apart.
  var saysOfStrings: Bool {
    string.minLength > 0 || string.maxLength != nil || string.pattern != nil || string.format != nil || not != nil
  }

  /// Whether `enumeration` has a value; false without one. At once for a string, however many there are.
  func lists(_ value: JSONValue) -> Bool {
    if let listedStrings, case .string(let text) = value { return listedStrings.contains(Array(text.utf8)) }
    return enumeration?.contains(value) ?? false
  }

  private static func strings(of values: [JSONValue]?) -> Set<[UInt8]>? {
    guard let values, values.count > 16 else { return nil }
    return Set(values.compactMap { $0.string.map { Array($0.utf8) } })
  }
}

/// Some of the seven types; "integer" is a number with an integral value, and "number" contains it. In draft 4 alone an
/// integer is a number written without fraction and exponent, so that `1.0` is none.
public struct TypeSet: OptionSet, Hashable, Sendable {
  public let rawValue: UInt8
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  public static let null = TypeSet(rawValue: 1)
  public static let boolean = TypeSet(rawValue: 2)
  public static let integer = TypeSet(rawValue: 4)
  /// Numbers that are not integers.
  public static let fraction = TypeSet(rawValue: 8)
  public static let number: TypeSet = [.integer, .fraction]
  public static let string = TypeSet(rawValue: 16)
  public static let array = TypeSet(rawValue: 32)
  public static let object = TypeSet(rawValue: 64)
  public static let all = TypeSet(rawValue: 127)

  /// The set that a word of `type` names.
  public init?(name: String) {
    guard let row = Self.names.first(where: { $0.0 == name }) else { return nil }
    self = row.1
  }

  public init(of value: JSONValue, draft: Dialect.Draft = .draft202012) {
    switch value {
    case .null: self = .null
    case .bool: self = .boolean
    case .number(let number):
      self = number.isWrittenAsInteger || draft > .draft4 && number.isInteger ? .integer : .fraction
    case .string: self = .string
    case .array: self = .array
    case .object: self = .object
    }
  }

  /// The words of `type`, as few as possible.
  public var names: [String] {
    Self.names.filter { name, set in isSuperset(of: set) && !(name == "integer" && contains(.number)) }.map(\.0)
  }

  private static let names: [(String, TypeSet)] = [
    ("null", .null), ("boolean", .boolean), ("integer", .integer), ("number", .number), ("string", .string),
    ("array", .array), ("object", .object),
  ]
}

/// The end of a range of numbers. Draft 4's boolean `exclusiveMinimum` is already applied, and of two bounds the tighter kept.
public struct NumberBound: Sendable, Equatable {
  public let value: JSONNumber
  public let isExclusive: Bool
  /// The keyword that set it.
  public let keyword: Keyword
}

/// What a schema says of numbers.
public struct NumberKeywords: Sendable {
  public internal(set) var lower: NumberBound?
  public internal(set) var upper: NumberBound?
  /// Greater than zero.
  public internal(set) var multipleOf: JSONNumber?
}

/// What a schema says of strings.
public struct StringKeywords: Sendable {
  /// In code points.
  public internal(set) var minLength = 0
  public internal(set) var maxLength: Int?
  public internal(set) var pattern: SchemaPattern?
  public internal(set) var format: String?
  /// The metaschema demands that `format` be checked.
  public internal(set) var assertsFormat = false
}

/// What a schema says of arrays.
public struct ArrayKeywords: Sendable {
  /// One per position from the first; the array form of `items` in older drafts.
  public internal(set) var prefixItems: [NodeID] = []
  /// For the elements after those; `additionalItems` of older drafts.
  public internal(set) var items: NodeID?
  /// Where the two above are written: `items` and `additionalItems` in older drafts.
  public internal(set) var itemsKeyword = Keyword.items
  public internal(set) var prefixKeyword = Keyword.prefixItems
  public internal(set) var contains: NodeID?
  public internal(set) var minContains = 1
  public internal(set) var maxContains: Int?
  public internal(set) var minItems = 0
  public internal(set) var maxItems: Int?
  public internal(set) var uniqueItems = false
  public internal(set) var unevaluatedItems: NodeID?
}

/// What a schema says of objects.
public struct ObjectKeywords: Sendable {
  public struct Property: Sendable {
    public let name: String
    public let node: NodeID
  }
  public struct PatternProperty: Sendable {
    public let pattern: SchemaPattern
    public let node: NodeID
  }
  /// What must hold when the property is there. `keyword` is `dependencies` in drafts up to 7.
  public struct DependentNames: Sendable {
    public let name: String
    public let required: [String]
    public let keyword: Keyword
  }
  public struct DependentSchema: Sendable {
    public let name: String
    public let node: NodeID
    public let keyword: Keyword
  }

  /// In the order they are written.
  public internal(set) var properties: [Property] = []
  public internal(set) var patternProperties: [PatternProperty] = []
  /// For the members that neither of the two above names.
  public internal(set) var additionalProperties: NodeID?
  public internal(set) var propertyNames: NodeID?
  public internal(set) var required: [String] = []
  public internal(set) var minProperties = 0
  public internal(set) var maxProperties: Int?
  public internal(set) var dependentRequired: [DependentNames] = []
  public internal(set) var dependentSchemas: [DependentSchema] = []
  public internal(set) var unevaluatedProperties: NodeID?
}

/// A `pattern`, or a key of `patternProperties`.
public struct SchemaPattern: Sendable {
  public let source: String
  /// The parsed pattern, or the reason why it cannot be used.
  public let expression: Result<RegularExpression, RegularExpressionError>
  /// The pattern ready to be matched.
  let program: Result<RegularExpressionProgram, UnusablePattern>

  struct UnusablePattern: Error {
    let sentence: String
  }

  public init(_ source: String) {
    self.source = source
    expression = Result { () throws(RegularExpressionError) in try RegularExpression(source) }
    switch expression {
    case .success(let expression):
      do { program = .success(try RegularExpressionProgram(expression)) } catch {
        program = .failure(UnusablePattern(sentence: error.description))
      }
    case .failure(let error): program = .failure(UnusablePattern(sentence: error.description))
    }
  }
}

/// A reference whose target depends on the schemas through which it was reached (Core §8.2.3.2).
public struct DynamicReference: Sendable {
  /// Where it leads on its own.
  public let initial: NodeID
  /// The name to look for in the resources passed through, the first one found from the outside; nil if the initial target is final.
  public let anchor: String?
}
