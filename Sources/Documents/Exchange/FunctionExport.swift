import ConstrainedDecoding
public import JSON

/// The workspace's definitions as another program reads them.
///
/// What the form has no place for is in `notes`, each with what became of it, and so is what OpenAI's strict mode refuses in
/// a definition that asks for it; if something was dropped or would be refused, `isComplete` is false, and the document
/// should be used only where its user has agreed to that.
public struct FunctionExport: Sendable {
  /// One definition as it stands in the form's list, in the order given.
  public private(set) var definitions: [JSONValue] = []
  public private(set) var notes: [ExchangeNote] = []
  public let form: FunctionForm

  public var isComplete: Bool { !notes.contains { $0.effect == .dropped || $0.effect == .refused } }

  /// The whole file. A single schema is written by itself; several would be a list of schemas.
  public var document: JSONValue {
    switch form {
    case .openAI, .openAIResponses, .anthropic: .array(definitions)
    case .gemini, .geminiJSONSchema: ["functionDeclarations": .array(definitions)]
    case .mcp: ["tools": .array(definitions)]
    case .jsonSchema: definitions.count == 1 ? definitions[0] : .array(definitions)
    }
  }

  /// - Parameter functions: tools in OpenAI's form, as the workspace keeps them. Throws where one has no name.
  public init(_ functions: [JSONValue], as form: FunctionForm) throws(DocumentError) {
    self.form = form
    for function in functions { definitions.append(try write(function)) }
  }

  private mutating func write(_ tool: JSONValue) throws(DocumentError) -> JSONValue {
    let isWrapped = tool["function"]?.object != nil
    let pointer = isWrapped ? JSONPointer().appending("function") : JSONPointer()
    guard let function = isWrapped ? tool["function"]?.object : tool.object, let name = function["name"]?.string else {
      throw .badDocument(path: "export", sentence: "a function needs a \"name\"; found \(tool.text().prefix(80))")
    }
    var members = JSONObject()
    var sentences: [String] = []
    for (key, value) in function {
      let own = key == "output_schema" ? "outputSchema" : key
      guard let here = form.memberNames.first(where: { $0.own == own })?.here else {
        note(key, value, pointer.appending(key), name, &sentences)
        continue
      }
      if form == .gemini, own == "parameters" || own == "outputSchema" {
        var writer = GeminiSchema.Writer(function: name, root: value)
        members[here] = writer.write(value, at: pointer.appending(key))
        notes += writer.notes
      } else {
        members[here] = value
      }
    }
    if isWrapped, let outer = tool.object {
      for (key, value) in outer where key != "type" && key != "function" && form != .openAI {
        note(key, value, JSONPointer().appending(key), name, &sentences)
      }
    }
    if form == .openAI || form == .openAIResponses, function["strict"]?.bool == true { checkStrict(tool, name) }
    // Anthropic and MCP require a schema, of a function without arguments too.
    if form == .anthropic, members["input_schema"] == nil { members["input_schema"] = ["type": "object"] }
    if form == .mcp, members["inputSchema"] == nil { members["inputSchema"] = ["type": "object"] }
    var definition = JSONValue.object(members)
    for sentence in sentences { definition = definition.describing(sentence) }
    switch form {
    case .openAI:
      guard isWrapped, var outer = tool.object else { return ["type": "function", "function": definition] }
      outer["function"] = definition
      return .object(outer)
    case .openAIResponses:
      return .object(JSONObject([(key: "type", value: "function")] + Array(definition.object ?? [:])))
    case .jsonSchema: return schema(of: definition, name, pointer)
    default: return definition
    }
  }

  /// A member that the form has no place for.
  private mutating func note(
    _ key: String, _ value: JSONValue, _ pointer: JSONPointer, _ name: String, _ sentences: inout [String]
  ) {
    // The provider's switch, off: the same as not written.
    if key == "strict", value.bool == false {
      notes.append(
        ExchangeNote(
          function: name, pointer: pointer, keyword: key, effect: .kept,
          reason: "\(form.rawValue) has no strict mode, and it is off"))
      return
    }
    let isForTheModel = key == "outputSchema" || key == "output_schema"
    if isForTheModel { sentences.append("Returns JSON of this schema: \(value.text(.spaced))") }
    notes.append(
      ExchangeNote(
        function: name, pointer: pointer, keyword: key, effect: isForTheModel ? .movedIntoDescription : .dropped,
        reason: "\(form.rawValue) has no place for it"))
  }

  /// What the rules of OpenAI's strict mode find in a definition that asks for it.
  private mutating func checkStrict(_ tool: JSONValue, _ name: String) {
    let rules = SchemaLint.rules.filter { $0.profiles == [.openAIStrict] }.map(\.id)
    let findings = SchemaLint(profiles: [.openAIStrict]).findings(in: tool, name: name)
    for finding in findings where rules.contains(finding.rule) {
      notes.append(
        ExchangeNote(
          function: name, pointer: finding.pointer, keyword: "strict", effect: .refused,
          reason: "\(finding.rule) \(finding.sentence)"))
    }
  }

  private mutating func schema(of definition: JSONValue, _ name: String, _ pointer: JSONPointer) -> JSONValue {
    let parameters = definition["parameters"]?.object ?? ["type": "object"]
    var schema: JSONObject = ["title": .string(name)]
    if let description = definition["description"] { schema["description"] = description }
    for (key, value) in parameters {
      guard schema[key] != nil, schema[key] != value else {
        schema[key] = value
        continue
      }
      let place = pointer.appending("parameters").appending(key)
      var effect = ExchangeNote.Effect.dropped
      if key == "description", let old = schema[key]?.string, let text = value.string {
        schema[key] = .string(old + "\n" + text)
        effect = .movedIntoDescription
      }
      notes.append(
        ExchangeNote(
          function: name, pointer: place, keyword: key, effect: effect,
          reason: "the schema's \(key) is the function's \(key == "title" ? "name" : key)"))
    }
    return .object(schema)
  }
}
