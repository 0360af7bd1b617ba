import JSON

/// How a function's definition is written down: by which provider's documentation, or as a schema alone.
public enum FunctionForm: String, Sendable, CaseIterable {
  /// `{"type": "function", "function": {"name", "description", "parameters", "strict"}}`: the workspace's own form.
  /// <https://platform.openai.com/docs/api-reference/chat/create#chat-create-tools>
  case openAI = "openai"
  /// `{"type": "function", "name", "description", "parameters", "strict"}`.
  /// <https://platform.openai.com/docs/api-reference/responses/create#responses-create-tools>
  case openAIResponses = "openai-responses"
  /// `{"name", "description", "input_schema"}`.
  /// <https://docs.anthropic.com/en/api/messages#body-tools>
  case anthropic
  /// `{"functionDeclarations": [{"name", "description", "parameters", "response"}]}` with Gemini's subset of OpenAPI 3.0's
  /// schemas. <https://ai.google.dev/api/caching#FunctionDeclaration>
  case gemini
  /// The same with `parametersJsonSchema` and `responseJsonSchema`, which take JSON Schema as it is.
  case geminiJSONSchema = "gemini-json-schema"
  /// `{"tools": [{"name", "title", "description", "inputSchema", "outputSchema", "annotations"}]}`, what `tools/list` returns.
  /// <https://modelcontextprotocol.io/specification/2025-06-18/server/tools>
  case mcp
  /// The arguments' schema alone: the function's name is its `title`, its description the schema's.
  case jsonSchema = "json-schema"

  /// As people name it.
  public var title: String {
    switch self {
    case .openAI: "OpenAI tools (ours)"
    case .openAIResponses: "OpenAI Responses"
    case .anthropic: "Anthropic tools"
    case .gemini: "Gemini functions"
    case .geminiJSONSchema: "Gemini, JSON Schema"
    case .mcp: "MCP tools/list"
    case .jsonSchema: "JSON Schema alone"
    }
  }

  /// "openai, openai-responses, …"
  public static var list: String { allCases.map(\.rawValue).joined(separator: ", ") }

  /// Of a definition by itself, by the member that holds the arguments' schema.
  init(of definition: JSONValue) {
    if definition["function"]?.object != nil {
      self = .openAI
    } else if definition["input_schema"] != nil {
      self = .anthropic
    } else if definition["inputSchema"] != nil {
      self = .mcp
    } else if definition["parametersJsonSchema"] != nil || definition["responseJsonSchema"] != nil {
      self = .geminiJSONSchema
    } else if definition["name"]?.string == nil {
      self = .jsonSchema
    } else if definition["type"]?.string == "function" || definition["strict"] != nil {
      self = .openAIResponses
    } else if definition["response"] != nil || GeminiSchema.isWritten(in: definition["parameters"]) {
      self = .gemini
    } else {
      self = .openAIResponses
    }
  }

  /// What the members of the workspace's form are called here. A member that is not listed has no place here.
  var memberNames: [(own: String, here: String)] {
    let common = [(own: "name", here: "name"), (own: "description", here: "description")]
    switch self {
    case .openAI, .openAIResponses: return common + [("parameters", "parameters"), ("strict", "strict")]
    case .anthropic:
      let others = ["strict", "cache_control", "input_examples", "defer_loading", "allowed_callers"]
      return common + [("parameters", "input_schema")] + others.map { ($0, $0) }
    case .gemini: return common + [("parameters", "parameters"), ("outputSchema", "response"), ("behavior", "behavior")]
    case .geminiJSONSchema:
      return common + [
        ("parameters", "parametersJsonSchema"), ("outputSchema", "responseJsonSchema"), ("behavior", "behavior"),
      ]
    case .mcp:
      let others = ["title", "annotations", "icons", "execution", "_meta"]
      return common + [("parameters", "inputSchema"), ("outputSchema", "outputSchema")] + others.map { ($0, $0) }
    case .jsonSchema: return common + [("parameters", "parameters")]
    }
  }
}
