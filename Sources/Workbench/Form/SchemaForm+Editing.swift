import ConstrainedDecoding
import Engine
import JSON

/// What of a form's row is changed.
enum FormCell: Int, CaseIterable, Sendable {
  case name, type, limits, description

  var title: String {
    switch self {
    case .name: "name"
    case .type: "type"
    case .limits: "limits"
    case .description: "description"
    }
  }
}

/// Why a form does not take a value.
struct FormRefusal: Error, Equatable {
  let sentence: String
}

/// Every change is one of the text's: what it does not touch stays as it is written.
extension SchemaForm {
  /// The text of a cell, as it is typed; nil where the cell is not typed.
  func text(of cell: FormCell, in field: Field) -> String? {
    switch cell {
    case .name: field.container == nil ? nil : field.name
    case .type: nil
    // The members of the schema without the braces around them.
    case .limits: String(JSONValue.object(field.limits).text(.spaced).dropFirst().dropLast())
    case .description: field.description
    }
  }

  /// The edits that give a cell another text.
  func changing(_ cell: FormCell, of field: Field, to text: String) throws(FormRefusal) -> [LintFix.Edit] {
    switch cell {
    case .name: try renaming(field, to: text)
    case .type: []
    case .limits: try limiting(field, to: text)
    case .description: describing(field.pointer, text)
    }
  }

  func renamingFunction(to name: String) throws(FormRefusal) -> [LintFix.Edit] {
    if name.isEmpty { throw FormRefusal(sentence: "a function needs a name") }
    return [.set(function.appending("name"), .string(name))]
  }

  func describingFunction(_ text: String) -> [LintFix.Edit] { describing(function, text) }

  private func describing(_ pointer: JSONPointer, _ text: String) -> [LintFix.Edit] {
    let place = pointer.appending("description")
    return [text.isEmpty ? .remove(place) : .set(place, .string(text))]
  }

  /// The name in "required" follows.
  private func renaming(_ field: Field, to name: String) throws(FormRefusal) -> [LintFix.Edit] {
    guard let container = field.container else { return [] }
    if name.isEmpty { throw FormRefusal(sentence: "a field needs a name") }
    if name == field.name { return [] }
    if siblings(of: field).contains(where: { $0.name == name }) {
      throw FormRefusal(sentence: "there is a field \"\(name)\" already")
    }
    var edits: [LintFix.Edit] = [.rename(field.pointer, to: name)]
    if let index = requiredNames(in: container).firstIndex(of: field.name) {
      edits.append(.set(container.appending("required").appending(index), .string(name)))
    }
    return edits
  }

  private func limiting(_ field: Field, to text: String) throws(FormRefusal) -> [LintFix.Edit] {
    let object: JSONObject
    do throws(JSONError) {
      object = try JSONValue(parsing: "{\(text)}", name: "limits").object ?? [:]
    } catch {
      throw FormRefusal(sentence: "limits are members such as \"minimum\": 1, \"maximum\": 7; \(error.message)")
    }
    for key in ["type", "description", "properties", "required"] where object[key] != nil {
      throw FormRefusal(sentence: "\"\(key)\" has a place of its own in the form")
    }
    var edits: [LintFix.Edit] = []
    for key in field.limits.keys where object[key] == nil { edits.append(.remove(field.pointer.appending(key))) }
    for (key, value) in object where field.limits[key] != value {
      edits.append(.set(field.pointer.appending(key), value))
    }
    return edits
  }

  func togglingRequired(_ field: Field) throws(FormRefusal) -> [LintFix.Edit] {
    guard let container = field.container else {
      throw FormRefusal(sentence: "only a named field is required or not")
    }
    var names = requiredNames(in: container)
    if field.isRequired { names.removeAll { $0 == field.name } } else { names.append(field.name) }
    return [.set(container.appending("required"), .array(names.map { .string($0) }))]
  }

  // MARK: - Types

  static let types = [
    "string", "integer", "number", "boolean", "object", "array of string", "array of integer", "array of number",
    "array of boolean", "array of object", "null",
  ]

  /// - Parameter type: one of `types`, and with " or null" behind it also null.
  func changingType(of field: Field, to type: String) throws(FormRefusal) -> [LintFix.Edit] {
    if field.path.steps.isEmpty { throw FormRefusal(sentence: "a function's arguments are an object") }
    let isNullable = type.hasSuffix(" or null")
    let name = isNullable ? String(type.dropLast(" or null".count)) : type
    let element = name.hasPrefix("array of ") ? String(name.dropFirst("array of ".count)) : nil
    let base = JSONValue.string(element == nil ? name : "array")
    var edits: [LintFix.Edit] = [.set(field.pointer.appending("type"), isNullable ? [base, "null"] : base)]
    if let element {
      let items: JSONValue = element == "object" ? ["type": "object", "properties": [:]] : ["type": .string(element)]
      edits.append(.set(field.pointer.appending("items"), items))
    }
    let properties = field.pointer.appending("properties")
    if name == "object", schema(at: properties) == nil { edits.append(.set(properties, [:])) }
    return edits
  }

  // MARK: - Fields

  /// The edits that add a field beside another, as the last of its object, and the path it has then. Beside what is no
  /// field, the arguments or an element, it is added within.
  func adding(beside field: Field) throws(FormRefusal) -> (edits: [LintFix.Edit], path: FieldPath) {
    guard let container = field.container else { return try adding(inside: field) }
    return adding(to: container, FieldPath(field.path.steps.dropLast()))
  }

  /// The same within a field that is an object.
  func adding(inside field: Field) throws(FormRefusal) -> (edits: [LintFix.Edit], path: FieldPath) {
    guard field.type.description.split(separator: " ").contains("object") else {
      throw FormRefusal(sentence: "only an object has fields within it; \(field.name) is \(field.type)")
    }
    return adding(to: field.pointer, field.path)
  }

  private func adding(to container: JSONPointer, _ parent: FieldPath) -> (edits: [LintFix.Edit], path: FieldPath) {
    let taken = Set(fields.filter { $0.container == container }.map(\.name))
    let name = taken.contains("field") ? (2...).lazy.map { "field_\($0)" }.first { !taken.contains($0) } ?? "field" : "field"
    let field: JSONValue = ["type": "string", "description": ""]
    let properties = container.appending("properties")
    let edit: LintFix.Edit =
      schema(at: properties) == nil ? .set(properties, .object([name: field])) : .set(properties.appending(name), field)
    return ([edit], parent.appending(.member(name)))
  }

  func removing(_ field: Field) throws(FormRefusal) -> [LintFix.Edit] {
    guard let container = field.container else {
      throw FormRefusal(sentence: "only a named field can be taken out")
    }
    var edits: [LintFix.Edit] = [.remove(field.pointer)]
    let names = requiredNames(in: container)
    if names.contains(field.name) {
      edits.append(.set(container.appending("required"), .array(names.filter { $0 != field.name }.map { .string($0) })))
    }
    return edits
  }

  /// The text with a field before or behind its neighbour; nil where it has none.
  func moving(_ field: Field, by step: Int, in text: String) -> String? {
    let siblings = siblings(of: field)
    guard let index = siblings.firstIndex(where: { $0.path == field.path }), siblings.indices.contains(index + step),
      let document = try? JSONDocument(parsing: text),
      let first = document.memberRange(siblings[min(index, index + step)].pointer),
      let second = document.memberRange(siblings[max(index, index + step)].pointer)
    else { return nil }
    let bytes = Array(text.utf8)
    let moved =
      bytes[..<first.lowerBound] + bytes[second] + bytes[first.upperBound..<second.lowerBound] + bytes[first]
      + bytes[second.upperBound...]
    return String(decoding: moved, as: UTF8.self)
  }

  // MARK: - What is there

  /// The fields of the same object, the field itself too.
  private func siblings(of field: Field) -> [Field] {
    guard let container = field.container else { return [] }
    return fields.filter { $0.container == container }
  }

  private func requiredNames(in container: JSONPointer) -> [String] {
    (schema(at: container)?["required"]?.array ?? []).compactMap(\.string)
  }

  /// What stands at a place within the parameters.
  private func schema(at pointer: JSONPointer) -> JSONValue? {
    let depth = function.tokens?.count ?? 0
    var value = parameters
    for token in (pointer.tokens ?? []).dropFirst(depth + 1) {
      value = Int(token).flatMap { value?[$0] } ?? value?[token]
    }
    return value
  }
}

extension JSONDocument {
  /// A member's text, from its key to its value.
  fileprivate func memberRange(_ pointer: JSONPointer) -> Range<Int>? {
    guard var tokens = pointer.tokens, let last = tokens.popLast() else { return nil }
    var (value, positions) = (value, positions)
    for token in tokens {
      guard let object = value.object, let index = object.position(of: token) else { return nil }
      (value, positions) = (object.values[index], positions.children[index])
    }
    guard let index = value.object?.position(of: last) else { return nil }
    return positions.keyRanges[index].lowerBound..<positions.children[index].range.upperBound
  }
}
