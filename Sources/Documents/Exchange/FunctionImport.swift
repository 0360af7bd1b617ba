import ConstrainedDecoding
public import JSON

/// Function definitions that were read from another program's file, each as the workspace keeps it: one tool in OpenAI's
/// form. Members that OpenAI's form does not have, such as MCP's `outputSchema` and `annotations`, stay beside `parameters`
/// under their names, so that they can be written back.
public struct FunctionImport: Sendable {
  /// The form each definition was found in is told in the order of `functions`.
  public private(set) var forms: [FunctionForm] = []
  public private(set) var functions: [JSONValue] = []
  public private(set) var notes: [ExchangeNote] = []

  /// Reads one definition, a list of them, a request's `tools`, or a server's answer to `tools/list`.
  ///
  /// Throws where a definition has no name, or two have the same.
  /// - Parameters:
  ///   - path: what the document is called in an error; the file's name is the name of a schema that has no title.
  ///   - form: nil finds out by the members that hold the arguments' schemas.
  public init(_ document: JSONValue, path: String, form: FunctionForm? = nil) throws(DocumentError) {
    for (pointer, definition) in Self.definitions(in: document, at: JSONPointer()) {
      let found = form ?? FunctionForm(of: definition)
      let function = try read(definition, as: found, at: pointer, path)
      let name = function["function"]?["name"]?.string ?? ""
      if functions.contains(where: { $0["function"]?["name"]?.string == name }) {
        throw .badDocument(path: "\(path)#\(pointer)", sentence: "a second function is named \"\(name)\"; rename one")
      }
      forms.append(found)
      functions.append(function)
    }
    if functions.isEmpty {
      throw .badDocument(path: path, sentence: "no function definition is in it")
    }
  }

  private static func definitions(
    in value: JSONValue, at pointer: JSONPointer
  ) -> [(pointer: JSONPointer, value: JSONValue)] {
    if let elements = value.array {
      return elements.enumerated().flatMap { definitions(in: $1, at: pointer.appending($0)) }
    }
    for key in ["tools", "functionDeclarations", "function_declarations", "functions"] {
      if let list = value[key], list.array != nil { return definitions(in: list, at: pointer.appending(key)) }
    }
    if let result = value["result"], result["tools"]?.array != nil {
      return definitions(in: result, at: pointer.appending("result"))
    }
    return [(pointer, value)]
  }

  private mutating func read(
    _ definition: JSONValue, as form: FunctionForm, at pointer: JSONPointer, _ path: String
  ) throws(DocumentError) -> JSONValue {
    let place = "\(path)#\(pointer)"
    guard let members = definition.object else {
      throw .badDocument(path: place, sentence: "found \(definition.typeName), expected a function definition: an object")
    }
    if let type = definition["type"]?.string, !Self.isFunctionType(type, in: form) {
      throw .badDocument(
        path: place, sentence: "its type is \"\(type)\": a tool that its provider runs, and no function's definition")
    }
    if form == .jsonSchema { return try readSchema(members, at: place, path) }
    guard let source = form == .openAI ? definition["function"]?.object : members else {
      throw .badDocument(path: place, sentence: "it has no \"function\", which the form openai keeps the definition in")
    }
    guard let name = source["name"]?.string, !name.isEmpty else {
      throw .badDocument(path: place, sentence: "a function needs a \"name\"")
    }
    var function = JSONObject()
    for (key, value) in source {
      if key == "type", form == .openAIResponses || form == .anthropic { continue }
      let own = form.memberNames.first { $0.here == key }?.own ?? key
      if function[own] != nil {
        throw .badDocument(path: place, sentence: "\"\(key)\" and \"\(own)\" would both be \"\(own)\"; remove one")
      }
      if form == .gemini, own == "parameters" || own == "outputSchema" {
        let start = pointer.appending(key)
        var reader = GeminiSchema.Reader(function: name)
        function[own] = reader.read(value, at: start)
        notes += reader.notes
      } else {
        function[own] = value
      }
    }
    var tool: JSONObject = ["type": "function", "function": .object(function)]
    // What stands beside "function" stays there.
    if form == .openAI {
      tool = members["type"] == nil ? ["type": "function"] : [:]
      for (key, value) in members { tool[key] = value }
      tool["function"] = .object(function)
    }
    return .object(tool)
  }

  /// A schema's title that can be a function's name is the name; its description is the function's.
  private func readSchema(_ members: JSONObject, at place: String, _ path: String) throws(DocumentError) -> JSONValue {
    var schema = members
    var name = FileSystem.lastComponent(of: path)
    if let dot = name.firstIndex(of: "."), dot != name.startIndex { name = String(name[..<dot]) }
    if let title = members["title"]?.string, Self.isName(title) {
      name = title
      schema["title"] = nil
    }
    guard Self.isName(name) else {
      throw .badDocument(
        path: place,
        sentence: "\"\(name)\" cannot be a function's name; give the schema a title of letters, digits, _ and -")
    }
    var function: JSONObject = ["name": .string(name)]
    if let description = members["description"]?.string {
      function["description"] = .string(description)
      schema["description"] = nil
    }
    function["parameters"] = .object(schema)
    return ["type": "function", "function": .object(function)]
  }

  /// What "type" may say beside a definition, and of a schema alone.
  private static func isFunctionType(_ type: String, in form: FunctionForm) -> Bool {
    switch form {
    case .jsonSchema: ["object", "null", "array", "string", "number", "integer", "boolean"].contains(type)
    case .anthropic: type == "custom" || type == "function"
    default: type == "function"
    }
  }

  /// Whether this can be a function's name: letters, digits, _ and -, at most 64, as every provider takes it.
  public static func isName(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.count <= 64
      && text.unicodeScalars.allSatisfy { $0.isASCII && ($0.properties.isAlphabetic || "0123456789_-".unicodeScalars.contains($0)) }
  }
}
