import ConstrainedDecoding
import Engine
import JSON

/// A function's definition as a form: its name, its description, and a row for each field of its parameters. Made from the
/// text, and changed by edits of the text that leave everything else as it is written.
struct SchemaForm: Sendable {
  struct Field: Sendable, Equatable {
    var path: FieldPath
    /// Of the schema, in the function's text.
    var pointer: JSONPointer
    /// The same within the parameters, as the grammar's reports name it.
    var schemaPointer: String
    /// Of the object schema whose "properties" has the field; nil for the arguments as a whole and for elements.
    var container: JSONPointer?
    /// "city"; "each of days" for an element.
    var name: String
    var depth: Int
    var type: SchemaTypeWords
    /// What else the schema says of the values: all members that have no place of their own in the form.
    var limits: JSONObject
    var description: String
    var isRequired: Bool
  }

  let name: String
  let description: String
  /// In the order of the text; the first is the arguments as a whole. Empty where the function has no parameters.
  let fields: [Field]
  /// Of the object that has name, description and parameters.
  let function: JSONPointer
  /// The parameters' schema.
  let parameters: JSONValue?

  /// Fields deeper than this are left to the text.
  private static let depthLimit = 8

  /// - Returns: nil if the value is not the object of a function.
  init?(_ tool: JSONValue) {
    let inner = tool["function"]
    guard let object = (inner ?? tool).object else { return nil }
    function = inner == nil ? JSONPointer() : JSONPointer().appending("function")
    name = object["name"]?.string ?? ""
    description = object["description"]?.string ?? ""
    parameters = object["parameters"]
    var fields: [Field] = []
    if let parameters, parameters.object != nil {
      let pointer = function.appending("parameters")
      fields.append(
        Field(
          path: FieldPath(), pointer: pointer, schemaPointer: "", container: nil, name: "arguments", depth: 0,
          type: SchemaTypeWords(parameters), limits: Self.limits(of: parameters),
          description: parameters["description"]?.string ?? "", isRequired: true))
      Self.collect(parameters, FieldPath(), pointer, "", depth: 1, &fields)
    }
    self.fields = fields
  }

  private static func collect(
    _ schema: JSONValue, _ path: FieldPath, _ pointer: JSONPointer, _ schemaPointer: String, depth: Int,
    _ fields: inout [Field]
  ) {
    guard depth <= depthLimit else { return }
    let required = Set((schema["required"]?.array ?? []).compactMap(\.string))
    for (key, value) in schema["properties"]?.object ?? [:] {
      let place = pointer.appending("properties").appending(key)
      let schemaPlace = schemaPointer + JSONPointer().appending("properties").appending(key).text
      let own = path.appending(.member(key))
      fields.append(
        Field(
          path: own, pointer: place, schemaPointer: schemaPlace, container: pointer, name: key, depth: depth,
          type: SchemaTypeWords(value), limits: limits(of: value), description: value["description"]?.string ?? "",
          isRequired: required.contains(key)))
      collect(value, own, place, schemaPlace, depth: depth + 1, &fields)
    }
    // Elements that the type's words do not say have a row of their own.
    if let items = schema["items"], items.object != nil, SchemaTypeWords.elementType(schema) == nil {
      let place = pointer.appending("items")
      let own = path.appending(.element)
      let last: String? = if case .member(let name)? = path.steps.last { name } else { nil }
      fields.append(
        Field(
          path: own, pointer: place, schemaPointer: schemaPointer + "/items", container: nil,
          name: "each of \(last ?? "them")", depth: depth, type: SchemaTypeWords(items), limits: limits(of: items),
          description: items["description"]?.string ?? "", isRequired: true))
      collect(items, own, place, schemaPointer + "/items", depth: depth + 1, &fields)
    }
  }

  /// Members of a schema that the form shows otherwise.
  private static func limits(of schema: JSONValue) -> JSONObject {
    var limits = schema.object ?? [:]
    for key in ["type", "description", "properties", "required"] { limits[key] = nil }
    if limits["items"]?.object != nil { limits["items"] = nil }
    return limits
  }
}

/// A schema's type in words, and the choices for it.
struct SchemaTypeWords: Sendable, Equatable, CustomStringConvertible {
  let description: String

  init(_ schema: JSONValue) {
    if let literal = schema.bool {
      description = literal ? "anything" : "nothing"
      return
    }
    let names = schema["type"]?.array?.compactMap(\.string) ?? (schema["type"]?.string).map { [$0] } ?? []
    if !names.isEmpty {
      let element = Self.elementType(schema)
      description = names.map { $0 == "array" && element != nil ? "array of \(element ?? "")" : $0 }.joined(
        separator: " or ")
    } else if let reference = schema["$ref"]?.string {
      description = reference.split(separator: "/").last.map { "→ \($0)" } ?? reference
    } else if let keyword = ["anyOf", "oneOf", "allOf"].first(where: { schema[$0]?.array != nil }) {
      let count = schema[keyword]?.array?.count ?? 0
      description = keyword == "allOf" ? "all of \(count)" : keyword == "anyOf" ? "any of \(count)" : "one of \(count)"
    } else if let values = schema["enum"]?.array {
      description = "\(values.count) values"
    } else if schema["const"] != nil {
      description = "constant"
    } else {
      description = "anything"
    }
  }

  /// The type of an array's elements where that is all their schema says.
  static func elementType(_ schema: JSONValue) -> String? {
    guard let items = schema["items"]?.object, items.count == 1 else { return nil }
    return items["type"]?.string
  }
}

/// "celsius | fahrenheit", "1…7", "at least 2 characters": limits in few words, keyword by keyword.
enum SchemaLimitWords {
  static func words(_ limits: JSONObject) -> String {
    var rest = limits
    var words: [String] = []
    func take(_ key: String) -> JSONValue? {
      defer { rest[key] = nil }
      return rest[key]
    }
    if let values = take("enum") {
      words.append(values.array?.map { $0.string ?? $0.text() }.joined(separator: " | ") ?? values.text())
    }
    if let value = take("const") { words.append("= \(value.text())") }
    for (low, high, unit) in [
      ("minimum", "maximum", ""), ("minLength", "maxLength", "character"), ("minItems", "maxItems", "element"),
      ("minProperties", "maxProperties", "member"),
    ] {
      func counted(_ number: String) -> String { unit.isEmpty ? number : "\(number) \(unit)\(number == "1" ? "" : "s")" }
      switch (take(low)?.text(), take(high)?.text()) {
      case (let low?, let high?): words.append("\(low)…\(counted(high))")
      case (let low?, nil): words.append("at least \(counted(low))")
      case (nil, let high?): words.append("at most \(counted(high))")
      case (nil, nil): break
      }
    }
    if let pattern = take("pattern")?.string { words.append("/\(pattern)/") }
    if let format = take("format")?.string { words.append(format) }
    if rest["additionalProperties"] == .bool(false) {
      rest["additionalProperties"] = nil
      words.append("no others")
    }
    for (key, value) in rest { words.append("\(key) \(value.text(.spaced))") }
    return words.joined(separator: ", ")
  }
}
