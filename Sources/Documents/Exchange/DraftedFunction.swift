import ConstrainedDecoding
public import JSON

/// A definition drafted from samples of its arguments: what they have in common, and nothing that they do not show.
///
/// Members come in the order in which they were first seen; those that every sample has are required. A number is an integer
/// where all of its samples are. A format is named where all samples of a text have it. Values are not listed as an enum:
/// that a text is one of few is for its author to say.
public struct DraftedFunction: Sendable {
  public let definition: JSONValue

  /// - Parameters:
  ///   - samples: arguments, objects each; one at least.
  ///   - path: what the samples are called in an error.
  public init(name: String, samples: [JSONValue], path: String) throws(DocumentError) {
    guard !samples.isEmpty else { throw .badDocument(path: path, sentence: "there is no sample of arguments") }
    for (index, sample) in samples.enumerated() where sample.object == nil {
      throw .badDocument(
        path: "\(path), sample \(index + 1)", sentence: "found \(sample.typeName), expected an object of arguments")
    }
    definition = [
      "type": "function",
      "function": ["name": .string(name), "description": "", "parameters": Self.schema(of: samples)],
    ]
  }

  private static func schema(of samples: [JSONValue]) -> JSONValue {
    var types: [String] = []
    for sample in samples where !types.contains(type(of: sample)) { types.append(type(of: sample)) }
    // Whole numbers are numbers too.
    if types.contains("number") { types.removeAll { $0 == "integer" } }
    if types.contains("null") { types = types.filter { $0 != "null" } + ["null"] }
    var schema: JSONObject = [:]
    if types.count == 1 { schema["type"] = .string(types[0]) }
    if types.count > 1 { schema["type"] = .array(types.map { .string($0) }) }
    let objects = samples.compactMap(\.object)
    if !objects.isEmpty {
      var names: [String] = []
      for object in objects { for key in object.keys where !names.contains(key) { names.append(key) } }
      var properties = JSONObject()
      for name in names { properties[name] = Self.schema(of: objects.compactMap { $0[name] }) }
      schema["properties"] = .object(properties)
      schema["required"] = .array(names.filter { name in objects.allSatisfy { $0[name] != nil } }.map { .string($0) })
      schema["additionalProperties"] = false
    }
    let elements = samples.compactMap(\.array)
    if !elements.isEmpty {
      let all = elements.flatMap(\.self)
      schema["items"] = all.isEmpty ? [:] : Self.schema(of: all)
    }
    let texts = samples.compactMap(\.string)
    if let format = Self.format(of: texts) { schema["format"] = .string(format) }
    return .object(schema)
  }

  private static func type(of value: JSONValue) -> String {
    if case .number(let number) = value { return number.isInteger ? "integer" : "number" }
    return value.typeName
  }

  /// The format that all of these have, of those that few other texts have by chance. An address counts where it is one of
  /// the web: by itself `a:b` would be one.
  private static func format(of texts: [String]) -> String? {
    guard !texts.isEmpty else { return nil }
    return [StringFormat.date, .dateTime, .email, .uuid, .uri].first { format in
      texts.allSatisfy { text in
        format.accepts(text) && (format != .uri || text.hasPrefix("http://") || text.hasPrefix("https://"))
      }
    }?.rawValue
  }
}
