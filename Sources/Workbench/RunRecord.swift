import Documents
import Engine
public import JSON

/// A line of the workspace's run log: what was asked, written before it is sent, or what came of it.
public struct RunRecord: Sendable, Equatable {
  public enum Kind: String, Sendable { case request, answer }

  public var kind: Kind
  /// The same for a request and its answer.
  public var run: String
  public var members: JSONObject

  /// Names prompt, functions and sampling by their content, so that a run can be replayed and compared.
  init(_ request: GenerationRequest, run: String, engine: BackendInfo?) {
    kind = .request
    self.run = run
    let messages = JSONValue.array(request.messages.map(\.json))
    let functions = JSONValue.array(request.functions.map(\.definition))
    members = [
      "engine": .object([
        "model": .string(engine?.name ?? ""), "device": .string(engine?.device ?? ""),
      ]),
      "prompt": .string(ContentHash(of: messages).description),
      "functions": .string(ContentHash(of: functions).description),
      "sampling": request.sampling.json,
      "thinking": .string(request.thinking.rawValue),
      "messages": messages,
      "offered": .array(request.functions.map { .string($0.name) }),
    ]
  }

  /// What an answer came to, complete, stopped or failed.
  init(_ answer: Answer, message: Message, run: String) {
    kind = .answer
    self.run = run
    members = ["message": message.json]
    switch answer.state {
    case .finished(let reason): members["stop"] = .string(reason.name)
    case .failed(let error): members["error"] = .string(error.description)
    case .waiting, .prefilling, .generating: members["stop"] = "interrupted"
    }
    guard let summary = answer.summary else { return }
    members["seed"] = .string(String(summary.seed))
    let counts = summary.counts
    members["tokens"] = [
      "prompt": .int(counts.prompt), "cached": .int(counts.cached), "thinking": .int(counts.thinking),
      "answer": .int(counts.answer), "tool_call": .int(counts.toolCall), "control": .int(counts.control),
    ]
    let phases = summary.phases
    members["milliseconds"] = [
      "first_token": .number(phases.firstToken), "prefill": .number(phases.prefill), "decode": .number(phases.decode),
      "total": .number(phases.total),
    ]
  }
}

extension StopReason {
  var name: String {
    switch self {
    case .endOfTurn: "end_of_turn"
    case .stopString: "stop_string"
    case .tokenLimit: "token_limit"
    case .contextFull: "context_full"
    case .cancelled: "stopped"
    }
  }
}

extension Message {
  /// OpenAI's form.
  fileprivate var json: JSONValue {
    var object: JSONObject = ["role": .string(role.rawValue), "content": .string(content)]
    if let reasoning { object["reasoning_content"] = .string(reasoning) }
    if !toolCalls.isEmpty {
      object["tool_calls"] = .array(
        toolCalls.map { ["function": ["name": .string($0.name), "arguments": .object($0.arguments)]] })
    }
    if let toolName { object["name"] = .string(toolName) }
    return .object(object)
  }
}

extension SamplingSettings {
  /// What differs from the settings that switch every stage off.
  fileprivate var json: JSONValue {
    let plain = SamplingSettings()
    var object: JSONObject = ["temperature": .float(temperature)]
    if topK != plain.topK { object["top_k"] = .int(topK) }
    if topP != plain.topP { object["top_p"] = .float(topP) }
    if minP != plain.minP { object["min_p"] = .float(minP) }
    if typicalP != plain.typicalP { object["typical_p"] = .float(typicalP) }
    if repetitionPenalty != plain.repetitionPenalty { object["repetition_penalty"] = .float(repetitionPenalty) }
    if presencePenalty != plain.presencePenalty { object["presence_penalty"] = .float(presencePenalty) }
    if frequencyPenalty != plain.frequencyPenalty { object["frequency_penalty"] = .float(frequencyPenalty) }
    if let penaltyWindow { object["penalty_window"] = .int(penaltyWindow) }
    if let seed { object["seed"] = .string(String(seed)) }
    if order != plain.order { object["order"] = .string(order.rawValue) }
    return .object(object)
  }
}

extension JSONValue {
  fileprivate static func int(_ value: Int) -> JSONValue { .number(JSONNumber(value)) }
  fileprivate static func float(_ value: Float) -> JSONValue { .number(JSONNumber(value)) }
  /// Milliseconds with three decimals.
  fileprivate static func number(_ time: Duration) -> JSONValue {
    .number(JSONNumber(Double(fixed(time.milliseconds, 3)) ?? time.milliseconds))
  }
}
