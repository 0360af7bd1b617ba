import JSON

/// Fixes for findings that their rules only state: the word that was meant in the place of one that is none, a type that
/// the other keywords imply, a value in the form that its type asks for.
struct LintCorrection {
  let tool: LintedTool
  let rule: String
  let pointer: JSONPointer

  /// Nil where it is not plain what was meant.
  var fix: LintFix? {
    switch rule {
    case "P1": typeFix(implied)
    case "S1", "M1": pointer == tool.schemaPointer ? typeFix("object") : nil
    case "P6": requiredFix
    case "P7": enumFix
    case "P11": value?.string.flatMap { Self.nearest(to: $0, in: Self.formats) }.map(setting)
    case "Q3": keywordFix ?? typeWordFix
    default: nil
    }
  }

  /// The subschema at a place.
  private func schema(_ pointer: JSONPointer?) -> LintedSchema? { tool.places.first { $0.pointer == pointer } }

  private var last: String { pointer.tokens?.last ?? "" }

  /// What the document has at the place.
  private var value: JSONValue? {
    guard let tokens = pointer.tokens, let root = tool.pointer.tokens, tokens.starts(with: root) else { return nil }
    return tokens.dropFirst(root.count).reduce(Optional(tool.definition)) { value, token in
      value?[token] ?? Int(token).flatMap { value?[$0] }
    }
  }

  private func setting(_ value: String) -> LintFix { setting(.string(value)) }
  private func setting(_ value: JSONValue) -> LintFix {
    LintFix(title: "write \(value.text())", edits: [.set(pointer, value)])
  }

  // MARK: - Types

  private func typeFix(_ type: String?) -> LintFix? {
    guard let type, let members = schema(pointer)?.value.object, members["type"] == nil else { return nil }
    return LintFix(
      title: "add \"type\": \"\(type)\"", edits: [.set(pointer.appending("type"), .string(type))])
  }

  /// The type whose keywords the schema has, if they are of one type only.
  private var implied: String? {
    guard let place = schema(pointer) else { return nil }
    let groups: [(String, [Keyword])] = [
      ("object", [.properties, .required, .additionalProperties, .patternProperties, .propertyNames]),
      ("array", [.items, .prefixItems, .minItems, .maxItems, .uniqueItems, .contains]),
      ("string", [.pattern, .minLength, .maxLength, .format]),
      ("number", [.minimum, .maximum, .exclusiveMinimum, .exclusiveMaximum, .multipleOf]),
    ]
    let found = groups.filter { place.hasAny($0.1) }.map(\.0)
    return found.count == 1 ? found[0] : nil
  }

  /// A word that is no type: misspelt, or what other languages call it.
  private var typeWordFix: LintFix? {
    guard last == "type" || pointer.parent?.tokens?.last == "type", let word = value?.string else { return nil }
    let types = TypeSet.all.words
    guard !types.contains(word) else { return nil }
    let other: [String: String] = [
      "str": "string", "text": "string", "int": "integer", "long": "integer", "float": "number", "double": "number",
      "decimal": "number", "bool": "boolean", "list": "array", "tuple": "array", "dict": "object", "map": "object",
      "none": "null", "nil": "null",
    ]
    let plain = word.lowercased()
    return (types.first { $0 == plain } ?? other[plain] ?? Self.nearest(to: plain, in: types)).map(setting)
  }

  // MARK: - Names and values

  /// An unknown keyword that is nearly one.
  private var keywordFix: LintFix? {
    guard let parent = schema(pointer.parent), Keyword(rawValue: last) == nil, parent.members[last] != nil,
      let keyword = Self.nearest(to: last, in: Keyword.allCases.map(\.rawValue)), parent.members[keyword] == nil
    else { return nil }
    return LintFix(
      title: "rename it to \(JSONValue.quoted(keyword))", edits: [.rename(pointer, to: keyword)])
  }

  /// A required name that is nearly that of a property which is not required yet.
  private var requiredFix: LintFix? {
    guard let name = value?.string, let place = schema(pointer.parent?.parent) else { return nil }
    let required = place.members["required"]?.array ?? []
    let free = (place.members["properties"]?.object?.keys ?? []).filter { !required.contains(.string($0)) }
    return Self.nearest(to: name, in: free).map(setting)
  }

  /// A value of an enum that only its quotes set apart from the schema's type.
  private var enumFix: LintFix? {
    guard pointer.parent?.tokens?.last == "enum", let value, let place = schema(pointer.parent?.parent),
      place.types.count == 1, let type = place.types.first
    else { return nil }
    let meant: JSONValue?
    switch (type, value) {
    case ("string", .number), ("string", .bool): meant = .string(value.text())
    case ("integer", .string(let text)), ("number", .string(let text)), ("boolean", .string(let text)):
      meant = try? JSONValue(parsing: text)
    default: meant = nil
    }
    let values = place.members["enum"]?.array ?? []
    guard let meant, !values.contains(meant), TypeSet(name: type)?.contains(TypeSet(of: meant)) == true else { return nil }
    return setting(meant)
  }

  private static let formats = StringFormat.allCases.map(\.rawValue)

  /// The one word that differs by a slip or two. A plural is another word and no slip.
  static func nearest(to word: String, in words: [String]) -> String? {
    let limit = word.count <= 4 ? 1 : 2
    let near = words.map { ($0, LintWords.distance(word, $0)) }.filter { $0.1 <= limit && $0.0 != word + "s" }
    guard let least = near.map(\.1).min() else { return nil }
    let nearest = near.filter { $0.1 == least }
    return nearest.count == 1 ? nearest[0].0 : nil
  }
}

extension TypeSet {
  /// All words that `type` may have for the set.
  fileprivate var words: [String] {
    ["null", "boolean", "integer", "number", "string", "array", "object"].filter { word in
      TypeSet(name: word).map(isSuperset) ?? false
    }
  }
}
