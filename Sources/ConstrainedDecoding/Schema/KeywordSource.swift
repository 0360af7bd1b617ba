import JSON

/// A keyword's value where it is written, read as the form that the keyword demands.
struct KeywordSource {
  /// Of the schema that has the keyword.
  let origin: SchemaDocuments.Location
  let document: String
  let keyword: Keyword
  let value: JSONValue
  let dialect: Dialect

  init(location: SchemaDocuments.Location, document: String, keyword: Keyword, value: JSONValue, dialect: Dialect) {
    origin = location
    self.document = document
    self.keyword = keyword
    self.value = value
    self.dialect = dialect
  }

  /// Another keyword of the same schema.
  func sibling(_ keyword: Keyword, _ value: JSONValue) -> KeywordSource {
    KeywordSource(location: origin, document: document, keyword: keyword, value: value, dialect: dialect)
  }

  /// The place of the value, or of a member or element of it.
  func location(_ token: String? = nil) -> SchemaDocuments.Location {
    let pointer = origin.pointer.appending(keyword.rawValue)
    return SchemaDocuments.Location(document: origin.document, pointer: token.map { pointer.appending($0) } ?? pointer)
  }

  func unexpected(_ expected: String, found: JSONValue? = nil, _ token: String? = nil) -> SchemaError {
    SchemaError(
      document: document, pointer: location(token).pointer,
      fault: .unexpected(found: describe(found ?? value), expected: expected))
  }

  func string() throws(SchemaError) -> String {
    guard case .string(let text) = value else { throw unexpected("a string") }
    return text
  }

  func flag() throws(SchemaError) -> Bool {
    guard case .bool(let flag) = value else { throw unexpected("true or false") }
    return flag
  }

  func number() throws(SchemaError) -> JSONNumber {
    guard case .number(let number) = value else { throw unexpected("a number") }
    return number
  }

  /// An integer from 0; what is beyond `Int` is as good as `Int.max`.
  func count() throws(SchemaError) -> Int {
    guard case .number(let number) = value, number.isInteger, !(number < JSONNumber(0)) else {
      throw unexpected("an integer from 0")
    }
    return number.int ?? .max
  }

  func array() throws(SchemaError) -> [JSONValue] {
    guard case .array(let elements) = value else { throw unexpected("an array") }
    return elements
  }

  func object() throws(SchemaError) -> JSONObject {
    guard case .object(let object) = value else { throw unexpected("an object") }
    return object
  }

  /// An array of strings.
  func names() throws(SchemaError) -> [String] { try names(value, nil) }

  func names(_ value: JSONValue, _ token: String?) throws(SchemaError) -> [String] {
    guard case .array(let elements) = value else { throw unexpected("an array of property names", found: value, token) }
    var names: [String] = []
    for element in elements {
      guard case .string(let name) = element else {
        throw unexpected("an array of property names", found: value, token)
      }
      names.append(name)
    }
    return names
  }

  func types() throws(SchemaError) -> TypeSet {
    let words: [JSONValue]
    switch value {
    case .string: words = [value]
    case .array(let elements): words = elements
    default: throw unexpected("a type's name or an array of them")
    }
    var types: TypeSet = []
    for word in words {
      guard case .string(let name) = word, let type = TypeSet(name: name) else {
        throw unexpected("null, boolean, integer, number, string, array or object", found: word)
      }
      types.formUnion(type)
    }
    return types
  }
}

/// A value as a sentence shows it: whole if it is short.
func describe(_ value: JSONValue) -> String {
  switch value {
  case .array(let elements) where elements.isEmpty: return "an empty array"
  case .object(let members) where members.isEmpty: return "an empty object"
  default: break
  }
  let text = value.text(.spaced)
  if text.utf8.count <= 60 { return text }
  switch value {
  case .array(let elements): return "an array of \(elements.count) elements"
  case .object(let members): return "an object of \(members.count) members"
  default: return String(text.prefix(56)) + "…"
  }
}
