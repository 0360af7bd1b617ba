import Documents
import Engine
import JSON

/// A line of the workspace's run log: what was asked, written before it is sent, or what came of it.
struct RunRecord: Sendable, Equatable {
  enum Kind: String, Sendable { case request, answer }

  var kind: Kind
  /// The same for a request and its answer.
  var run: String
  var members: JSONObject
  /// What the members name by hash and the workspace is to keep: each function's definition.
  var definitions: [String] = []

  /// Names prompt, functions and sampling by their content, so that a run can be replayed and compared.
  init(_ request: GenerationRequest, run: String, engine: BackendInfo?) {
    kind = .request
    self.run = run
    let messages = JSONValue.array(request.messages.map(\.json))
    let functions = JSONValue.array(request.functions.map(\.definition))
    definitions = request.functions.map { $0.definition.text(.pretty) + "\n" }
    members = [
      "engine": .object([
        "model": .string(engine?.name ?? ""), "device": .string(engine?.device ?? ""),
      ]),
      "prompt": .string(ContentHash(of: messages).description),
      "functions": .string(ContentHash(of: functions).description),
      "sampling": .object(request.sampling.preset(defaults: SamplingSettings())),
      "thinking": .string(request.thinking.rawValue),
      "messages": messages,
      "offered": .array(request.functions.map { .string($0.name) }),
      "definitions": .array(definitions.map { .string(ContentHash(of: Array($0.utf8)).description) }),
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
    if !answer.calls.isEmpty { members["calls"] = .array(answer.calls.map(\.json)) }
    guard let summary = answer.summary else { return }
    for (name, value) in summary.jsonMembers where members[name] == nil { members[name] = value }
  }
}
