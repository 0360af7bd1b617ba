public import JSON

/// A function's definition as the rules see it, whatever form it is written in.
public struct LintedTool: Sendable {
  /// A part of the definition and its place in the document; nil where it is missing.
  struct Part: Sendable {
    let pointer: JSONPointer
    let value: JSONValue
  }

  /// The definition's own place in the document.
  let pointer: JSONPointer
  let definition: JSONValue
  let name: Part?
  let description: Part?
  /// Of the arguments.
  let schema: Part?
  let outputSchema: Part?
  let annotations: Part?
  /// Where the schema belongs, also when it is missing.
  let schemaPointer: JSONPointer
  /// Every subschema of the arguments' schema, the root first.
  let places: [LintedSchema]
  /// The arguments' schema, read; or why it cannot be.
  let compiled: Result<JSONSchema, SchemaError>?

  /// A document without a function's name is taken as a schema alone.
  var isSchemaOnly: Bool { name == nil && description == nil && schemaPointer == pointer }

  /// The name's words, joined: what remains of it without case and marks.
  let plainName: String
  /// The description's, each once.
  let descriptionWords: Set<String>

  var nameText: String { name?.value.string ?? "" }
  var descriptionText: String { description?.value.string ?? "" }

  /// The definitions in a document: OpenAI's tool or function, Anthropic's, Gemini's and MCP's tools, lists of these, or a
  /// schema alone.
  public static func tools(in document: JSONValue, name: String) -> [LintedTool] {
    tools(in: document, at: JSONPointer(), name)
  }

  private static func tools(in value: JSONValue, at pointer: JSONPointer, _ document: String) -> [LintedTool] {
    if let elements = value.array {
      return elements.enumerated().flatMap { tools(in: $1, at: pointer.appending($0), document) }
    }
    for key in ["tools", "functions", "functionDeclarations", "function_declarations"] {
      if let list = value[key], list.array != nil { return tools(in: list, at: pointer.appending(key), document) }
    }
    if let result = value["result"], result["tools"]?.array != nil {
      return tools(in: result, at: pointer.appending("result"), document)
    }
    if let function = value["function"], function.object != nil {
      return [LintedTool(function, at: pointer.appending("function"), document)]
    }
    return [LintedTool(value, at: pointer, document)]
  }

  private init(_ definition: JSONValue, at pointer: JSONPointer, _ document: String) {
    func part(_ key: String) -> Part? { definition[key].map { Part(pointer: pointer.appending(key), value: $0) } }
    let keys = ["parameters", "input_schema", "inputSchema", "parametersJsonSchema"]
    let isFunction = definition["name"] != nil || keys.contains { definition[$0] != nil }
    self.pointer = pointer
    self.definition = definition
    if isFunction {
      let key = keys.first { definition[$0] != nil }
      name = part("name")
      description = part("description")
      schema = key.flatMap(part)
      schemaPointer = pointer.appending(key ?? "parameters")
    } else {
      (name, description) = (nil, nil)
      schema = Part(pointer: pointer, value: definition)
      schemaPointer = pointer
    }
    outputSchema = isFunction ? part("outputSchema") ?? part("output_schema") : nil
    annotations = isFunction ? part("annotations") : nil
    plainName = LintWords.words(name?.value.string ?? "").joined()
    descriptionWords = Set(LintWords.words(description?.value.string ?? ""))
    places = schema.map { LintedSchema.all(in: $0.value, at: $0.pointer) } ?? []
    compiled = schema.map { schema in
      Result { () throws(SchemaError) in try JSONSchema(document: schema.value, name: document) }
    }
  }
}

/// One subschema of a definition and how it is reached.
struct LintedSchema: Sendable {
  enum Role: Sendable, Equatable {
    case root
    case property(name: String)
    case element, alternative, definition, other
  }

  let pointer: JSONPointer
  let value: JSONValue
  let role: Role
  /// Objects and arrays around it.
  let depth: Int

  var members: JSONObject { value.object ?? [:] }

  /// The words of `type`.
  var types: [String] {
    switch members["type"] {
    case .string(let name): [name]
    case .array(let names): names.compactMap(\.string)
    default: []
    }
  }

  func isOfType(_ name: String) -> Bool { types.contains(name) }

  static func all(in value: JSONValue, at pointer: JSONPointer) -> [LintedSchema] {
    var found: [LintedSchema] = []
    collect(LintedSchema(pointer: pointer, value: value, role: .root, depth: 0), into: &found)
    return found
  }

  private static func collect(_ place: LintedSchema, into found: inout [LintedSchema]) {
    found.append(place)
    for (key, member) in place.members {
      guard let keyword = Keyword(rawValue: key) else { continue }
      let pointer = place.pointer.appending(key)
      func add(_ value: JSONValue, _ pointer: JSONPointer, _ role: Role, isDeeper: Bool) {
        guard value.object != nil || value.bool != nil else { return }
        collect(
          LintedSchema(pointer: pointer, value: value, role: role, depth: place.depth + (isDeeper ? 1 : 0)),
          into: &found)
      }
      switch (keyword.subschemas, member) {
      case (.members, .object(let schemas)), (.membersOrNames, .object(let schemas)):
        let isProperty = keyword == .properties
        for (name, schema) in schemas {
          let role: Role =
            isProperty ? .property(name: name) : keyword == .defs || keyword == .definitions ? .definition : .other
          add(schema, pointer.appending(name), role, isDeeper: isProperty || keyword == .patternProperties)
        }
      case (.array, .array(let schemas)), (.oneOrArray, .array(let schemas)):
        let isElement = keyword == .prefixItems || keyword == .items
        for (index, schema) in schemas.enumerated() {
          add(schema, pointer.appending(index), isElement ? .element : .alternative, isDeeper: isElement)
        }
      case (.one, _), (.oneOrArray, _):
        let isElement = keyword == .items || keyword == .contains
        add(member, pointer, isElement ? .element : .other, isDeeper: isElement || keyword == .additionalProperties)
      default: break
      }
    }
  }
}
