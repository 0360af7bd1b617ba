import ConstrainedDecoding
import JSON

/// Gemini's subset of OpenAPI 3.0's schemas, read and written. Types are in capitals, `nullable` stands for a type "null",
/// `enum` holds strings, counts are strings of digits, and a keyword that is not listed here is refused by the service.
/// <https://ai.google.dev/api/caching#Schema>
enum GeminiSchema {
  /// Taken over as they are, but for counts, which are int64 and so strings.
  static let plain: Set<String> = [
    "format", "title", "description", "pattern", "minimum", "maximum", "default", "required",
  ]
  static let counts: Set<String> = ["minItems", "maxItems", "minLength", "maxLength", "minProperties", "maxProperties"]
  /// Say nothing about values.
  static let silent: Set<String> = ["$schema", "$id", "$comment", "$anchor", "$defs", "definitions"]

  /// Whether a schema is written in this way, told by its type.
  static func isWritten(in schema: JSONValue?) -> Bool {
    guard let type = schema?["type"]?.string else { return false }
    return type.count > 1 && type == type.uppercased()
  }

  // MARK: - To JSON Schema

  struct Reader {
    let function: String
    private(set) var notes: [ExchangeNote] = []

    init(function: String) { self.function = function }

    mutating func read(_ value: JSONValue, at pointer: JSONPointer) -> JSONValue {
      guard let members = value.object else { return value }
      var schema = JSONObject()
      for (key, member) in members {
        let place = pointer.appending(key)
        switch key {
        case "type":
          let type = JSONValue.string(member.string?.lowercased() ?? "")
          schema["type"] = members["nullable"]?.bool == true ? .array([type, "null"]) : type
        case "nullable": break  // told by the type, or one more alternative
        case "properties":
          schema["properties"] = properties(member, order: members["propertyOrdering"]?.array, at: place)
        case "propertyOrdering": note(key, place, .kept, "the properties stand in this order")
        case "items": schema["items"] = read(member, at: place)
        case "anyOf":
          let isNullable = members["type"] == nil && members["nullable"]?.bool == true
          schema["anyOf"] = .array(
            (member.array ?? []).enumerated().map { read($1, at: place.appending($0)) }
              + (isNullable ? [["type": "null"]] : []))
        case "example": schema["examples"] = .array([member])
        case "enum" where members["nullable"]?.bool == true: schema["enum"] = .array((member.array ?? []) + [.null])
        case _ where GeminiSchema.counts.contains(key):
          schema[key] = member.string.flatMap { Int($0) }.map { .number(JSONNumber($0)) } ?? member
        default: schema[key] = member
        }
      }
      return .object(schema)
    }

    private mutating func properties(_ value: JSONValue, order: [JSONValue]?, at pointer: JSONPointer) -> JSONValue {
      guard let members = value.object else { return value }
      let first = (order ?? []).compactMap(\.string).filter { members[$0] != nil }
      var result = JSONObject()
      for key in first + members.keys.filter({ !first.contains($0) }) {
        if let member = members[key] { result[key] = read(member, at: pointer.appending(key)) }
      }
      return .object(result)
    }

    private mutating func note(_ keyword: String, _ place: JSONPointer, _ effect: ExchangeNote.Effect, _ reason: String) {
      notes.append(ExchangeNote(function: function, pointer: place, keyword: keyword, effect: effect, reason: reason))
    }
  }

  // MARK: - From JSON Schema

  struct Writer {
    let function: String
    /// The document that local references lead into.
    let root: JSONValue
    private(set) var notes: [ExchangeNote] = []
    /// References that are being written, to find those that lead back.
    private var open: [String] = []

    init(function: String, root: JSONValue) {
      self.function = function
      self.root = root
    }

    mutating func write(_ value: JSONValue, at pointer: JSONPointer) -> JSONValue {
      guard let members = value.object else {
        if value.bool == false { note("false", pointer, .dropped, "gemini has no schema that nothing satisfies") }
        return .object([:])
      }
      if let reference = members["$ref"]?.string { return follow(reference, members, at: pointer) }
      var schema = JSONObject()
      var sentences: [String] = []
      writeType(members, &schema, at: pointer)
      for (key, member) in members where key != "type" {
        let place = pointer.appending(key)
        switch key {
        case "properties":
          var properties = JSONObject()
          for (name, property) in member.object ?? [:] { properties[name] = write(property, at: place.appending(name)) }
          schema["properties"] = .object(properties)
          if properties.count > 1 { schema["propertyOrdering"] = .array(properties.keys.map { .string($0) }) }
        case "items" where member.object != nil: schema["items"] = write(member, at: place)
        case "anyOf", "oneOf":
          guard schema["anyOf"] == nil else {
            note(key, place, .dropped, "gemini takes one list of alternatives, and another is written already")
            continue
          }
          if key == "oneOf" { note(key, place, .dropped, "written as anyOf: that only one of them holds is not said") }
          schema["anyOf"] = .array((member.array ?? []).enumerated().map { write($1, at: place.appending($0)) })
        case "enum", "const": writeValues(key, member, &schema, &sentences, at: place)
        case "examples":
          if let first = member.array?.first { schema["example"] = first }
          if (member.array?.count ?? 0) > 1 { note(key, place, .dropped, "gemini takes one example; the first is written") }
        case "exclusiveMinimum" where members["type"]?.string == "integer" && member.int != nil:
          let bound = max((member.int ?? 0) + 1, members["minimum"]?.int ?? .min)
          schema["minimum"] = .number(JSONNumber(bound))
          note(key, place, .kept, "written as minimum, \(bound)")
        case "exclusiveMaximum" where members["type"]?.string == "integer" && member.int != nil:
          let bound = min((member.int ?? 0) - 1, members["maximum"]?.int ?? .max)
          schema["maximum"] = .number(JSONNumber(bound))
          note(key, place, .kept, "written as maximum, \(bound)")
        case "minimum" where schema["minimum"] != nil, "maximum" where schema["maximum"] != nil: break  // the tighter one
        case _ where GeminiSchema.plain.contains(key): schema[key] = member
        case _ where GeminiSchema.counts.contains(key): schema[key] = .string(member.text())
        case _ where GeminiSchema.silent.contains(key):
          note(key, place, .kept, "it says nothing about values; what it defines is written where it is used")
        default:
          sentences.append("\(key): \(member.text(.spaced))")
          note(key, place, .movedIntoDescription, "gemini has no such keyword")
        }
      }
      var result = JSONValue.object(schema)
      for sentence in sentences { result = result.describing(sentence) }
      return result
    }

    /// What a local reference leads to, in its place, with what stands beside it.
    private mutating func follow(_ reference: String, _ members: JSONObject, at pointer: JSONPointer) -> JSONValue {
      let place = pointer.appending("$ref")
      guard reference.hasPrefix("#"), let target = Self.target(of: reference, in: root) else {
        note("$ref", place, .dropped, "\"\(reference)\" leads out of the definition, and gemini has no references")
        return .object([:])
      }
      guard !open.contains(reference) else {
        note("$ref", place, .dropped, "\"\(reference)\" leads back to itself, and gemini has no references")
        return ["type": "OBJECT"]
      }
      note("$ref", place, .kept, "what it leads to is written in its place")
      var merged = target.object ?? [:]
      for (key, value) in members where key != "$ref" {
        if let there = merged[key], there != value {
          note(key, pointer.appending(key), .dropped, "\"\(reference)\" has another one, and gemini cannot ask for both")
        } else {
          merged[key] = value
        }
      }
      open.append(reference)
      defer { open.removeLast() }
      return write(.object(merged), at: pointer)
    }

    private static func target(of reference: String, in root: JSONValue) -> JSONValue? {
      var value = root
      for part in reference.dropFirst().split(separator: "/") {
        let name = String(part).replacing("~1", with: "/").replacing("~0", with: "~")
        guard let next = value[name] ?? Int(name).flatMap({ value[$0] }) else { return nil }
        value = next
      }
      return value
    }

    private mutating func writeType(_ members: JSONObject, _ schema: inout JSONObject, at pointer: JSONPointer) {
      let place = pointer.appending("type")
      if let type = members["type"]?.string {
        schema["type"] = .string(type.uppercased())
        return
      }
      guard let types = members["type"]?.array?.compactMap(\.string) else { return }
      let others = types.filter { $0 != "null" }
      if others.count < types.count { schema["nullable"] = true }
      if others.count == 1 {
        schema["type"] = .string(others[0].uppercased())
      } else if members["anyOf"] == nil {
        schema["anyOf"] = .array(others.map { ["type": .string($0.uppercased())] })
        note("type", place, .kept, "several types are written as anyOf")
      } else {
        note("type", place, .dropped, "gemini takes one type, and anyOf is taken already")
      }
    }

    private mutating func writeValues(
      _ key: String, _ member: JSONValue, _ schema: inout JSONObject, _ sentences: inout [String], at place: JSONPointer
    ) {
      let values = key == "const" ? [member] : member.array ?? []
      let texts = values.filter { $0 != .null }
      // Null is allowed where it is listed, whatever the type says.
      schema["nullable"] = texts.count < values.count ? true : nil
      if texts.allSatisfy({ $0.string != nil }) {
        schema["enum"] = .array(texts)
        if schema["type"] == nil { schema["type"] = "STRING" }
        if key == "const" { note(key, place, .kept, "written as an enum of one") }
      } else {
        sentences.append("One of \(values.map { $0.text(.spaced) }.joined(separator: ", "))")
        note(key, place, .movedIntoDescription, "gemini's enum holds strings only")
      }
    }

    private mutating func note(_ keyword: String, _ place: JSONPointer, _ effect: ExchangeNote.Effect, _ reason: String) {
      notes.append(ExchangeNote(function: function, pointer: place, keyword: keyword, effect: effect, reason: reason))
    }
  }
}
