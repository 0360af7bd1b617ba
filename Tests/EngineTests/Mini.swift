import Engine
import JSON
import Testing

/// The embedded model and the requests that the tests make of it.
enum Mini {
  static func open(contextLength: Int? = nil) async throws -> LocalBackend {
    try await LocalBackend.open(model: "mini", contextLength: contextLength, threads: 1)
  }

  static func function(_ text: String) throws -> FunctionDefinition {
    try FunctionDefinition(JSONValue(parsing: text))
  }

  /// The weather example of the sample workspace: one parameter, the 城市名称.
  static func weather(_ messages: [Message]) throws -> GenerationRequest {
    let weather = try function(
      """
      {"type": "function", "function": {"name": "get_weather", "description": "获取指定城市的当前天气", "parameters": \
      {"type": "object", "properties": {"city": {"type": "string", "description": "城市名称"}, "unit": {"type": \
      "string", "enum": ["celsius", "fahrenheit"]}}, "required": ["city"]}}}
      """)
    return GenerationRequest(
      messages: messages, functions: [weather], thinking: .off, sampling: .greedy, tokenLimit: 200)
  }

  static let question = Message(.user, "北京今天天气怎么样？")
}

/// What a stream brought, by kind.
struct Received {
  var trace: PromptTrace?
  var warnings: [String] = []
  var prefilled: [Int] = []
  var tokens: [TokenEvent] = []
  var calls: [ToolCall] = []
  var malformed: [MalformedToolCall] = []
  var summary: GenerationSummary?
  var error: GenerationError?
  /// The kinds of events in their order, repeats left out.
  var order: [String] = []

  init(_ stream: AsyncStream<GenerationEvent>) async {
    for await event in stream { add(event) }
  }

  private mutating func add(_ event: GenerationEvent) {
    let kind: String
    switch event {
    case .accepted(let trace): (kind, self.trace) = ("accepted", trace)
    case .prefilled(let done, _):
      kind = "prefilled"
      prefilled.append(done)
    case .token(let token):
      kind = "token"
      tokens.append(token)
    case .toolCall(let call):
      kind = "toolCall"
      calls.append(call)
    case .malformedToolCall(let call):
      kind = "malformedToolCall"
      malformed.append(call)
    case .warning(let warning):
      kind = "warning"
      warnings.append(warning)
    case .finished(let summary): (kind, self.summary) = ("finished", summary)
    case .failed(let error): (kind, self.error) = ("failed", error)
    }
    if order.last != kind { order.append(kind) }
  }

  func text(_ lane: Lane) -> String {
    tokens.flatMap(\.pieces).filter { $0.lane == lane }.map(\.text).joined()
  }

  var ids: [Int] { tokens.map { Int($0.id) } }
}
