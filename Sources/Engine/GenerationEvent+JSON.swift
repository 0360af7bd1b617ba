public import JSON

/// Events and their parts as JSON: what `lathe run --json` prints and a workspace's runs keep. Times are in
/// milliseconds, probabilities from 0 to 1, names in snake case.
extension GenerationEvent {
  public var json: JSONValue {
    switch self {
    case .accepted(let trace): .object(JSONObject(event: "accepted", trace.jsonMembers))
    case .prefilled(let done, let total):
      .object(JSONObject(event: "prefilled", ["done": .int(done), "total": .int(total)]))
    case .token(let token): .object(JSONObject(event: "token", token.jsonMembers))
    case .toolCall(let call):
      .object(JSONObject(event: "tool_call", ["name": .string(call.name), "arguments": .object(call.arguments)]))
    case .malformedToolCall(let call):
      .object(JSONObject(event: "malformed_tool_call", ["text": .string(call.text), "reason": .string(call.reason)]))
    case .warning(let sentence): .object(JSONObject(event: "warning", ["sentence": .string(sentence)]))
    case .finished(let summary): .object(JSONObject(event: "finished", summary.jsonMembers))
    case .failed(let error): .object(JSONObject(event: "failed", ["error": .string(error.description)]))
    }
  }
}

extension GenerationSummary {
  /// Without the name of the event.
  public var jsonMembers: JSONObject {
    var object: JSONObject = ["stop": .string(stopReason.name)]
    if case .stopString(let text) = stopReason { object["stop_string"] = .string(text) }
    object["message"] = message.json
    object["tokens"] = counts.json
    object["milliseconds"] = phases.json
    // A string: JSON readers that keep numbers as doubles would round it.
    object["seed"] = .string(String(seed))
    if let bytesMoved { object["bytes_moved"] = .int(bytesMoved) }
    if let speculation { object["speculation"] = speculation.json }
    if !invalidToolCalls.isEmpty {
      object["invalid_tool_calls"] = .array(
        invalidToolCalls.map {
          ["index": .int($0.index), "name": .string($0.name), "faults": .array($0.faults.map { .string($0) })]
        })
    }
    if !answerFaults.isEmpty { object["answer_faults"] = .array(answerFaults.map { .string($0) }) }
    return object
  }
}

extension StopReason {
  public var name: String {
    switch self {
    case .endOfTurn: "end_of_turn"
    case .stopString: "stop_string"
    case .tokenLimit: "token_limit"
    case .contextFull: "context_full"
    case .cancelled: "stopped"
    }
  }
}

extension TokenCounts {
  public var json: JSONValue {
    [
      "prompt": .int(prompt), "cached": .int(cached), "thinking": .int(thinking), "answer": .int(answer),
      "tool_call": .int(toolCall), "control": .int(control),
    ]
  }
}

extension SpeculationCounts {
  public var json: JSONValue {
    [
      "steps": .int(steps), "saved": .int(savedSteps), "drafted": .int(drafted), "accepted": .int(accepted),
      "drafted_by_position": .array(draftedByPosition.map { .int($0) }),
      "accepted_by_position": .array(acceptedByPosition.map { .int($0) }),
    ]
  }
}

extension PhaseTimes {
  public var json: JSONValue {
    [
      "render": .milliseconds(render), "tokenise": .milliseconds(tokenise), "queue": .milliseconds(queue),
      "look_up": .milliseconds(lookUp), "prefill": .milliseconds(prefill), "first_sample": .milliseconds(firstSample),
      "detokenise": .milliseconds(detokenise), "first_token": .milliseconds(firstToken),
      "decode": .milliseconds(decode), "total": .milliseconds(total),
    ]
  }
}

extension PromptTrace {
  fileprivate var jsonMembers: JSONObject {
    var object: JSONObject = [
      "text": .string(text), "tokens": .array(tokens.map { .int(Int($0)) }),
      "segments": .array(
        segments.map { ["owner": .string($0.owner.name), "bytes": .range($0.bytes), "tokens": .range($0.tokens)] }),
    ]
    if let reuse {
      object["reused"] = .int(reuse.reusedTokens)
      object["reuse_ended"] = .string(reuse.ending.name)
    }
    return object
  }
}

extension TokenEvent {
  fileprivate var jsonMembers: JSONObject {
    var object: JSONObject = [
      "index": .int(index), "id": .int(Int(id)), "text": .string(text), "lane": .string(lane.rawValue),
      "milliseconds": .milliseconds(time),
    ]
    if let logprob { object["logprob"] = .finite(logprob) }
    if let rank { object["rank"] = .int(rank) }
    if let entropy { object["entropy"] = .finite(entropy) }
    object["candidates"] = .array(
      candidates.map {
        [
          "id": .int(Int($0.id)), "text": .string(String(decoding: $0.bytes, as: UTF8.self)),
          "probability": .finite($0.probability), "sampled": .finite($0.sampledProbability),
        ]
      })
    object["removed"] = .array(
      removals.map {
        ["stage": .string($0.stage.rawValue), "tokens": .int($0.removedTokens), "mass": .finite($0.removedMass)]
      })
    if let mask { object["mask"] = mask.json }
    return object
  }
}

extension MaskSummary {
  fileprivate var json: JSONValue {
    var object: JSONObject = [
      "enforced": .bool(isEnforced), "allowed": .int(allowedCount), "forbidden": .int(forbiddenCount),
      "mass": .finite(removedMass),
    ]
    if let best = bestForbidden {
      object["best_forbidden"] = [
        "id": .int(Int(best.id)), "text": .string(String(decoding: best.bytes, as: UTF8.self)),
        "probability": .finite(best.probability),
      ]
    }
    if !isEnforced { object["violated"] = .bool(forbidsToken) }
    return .object(object)
  }
}

extension SegmentOwner {
  fileprivate var name: String {
    switch self {
    case .message(let index): "message \(index)"
    case .function(let index): "function \(index)"
    case .template: "template"
    case .generated: "generated"
    }
  }
}

extension PrefixReuse.Ending {
  fileprivate var name: String {
    switch self {
    case .whole: "whole"
    case .neverComputed: "never_computed"
    case .diverged: "diverged"
    case .evicted: "evicted"
    }
  }
}

extension JSONObject {
  fileprivate init(event: String, _ members: JSONObject) {
    self = ["event": .string(event)]
    for (name, value) in members { self[name] = value }
  }
}

extension JSONValue {
  fileprivate static func int(_ value: Int) -> JSONValue { .number(JSONNumber(value)) }
  fileprivate static func range(_ range: Range<Int>) -> JSONValue { [.int(range.lowerBound), .int(range.upperBound)] }
  /// JSON has no infinity: the log-probability of what cannot be is null.
  fileprivate static func finite(_ value: Float) -> JSONValue { value.isFinite ? .number(JSONNumber(value)) : .null }
  /// With three decimals.
  fileprivate static func milliseconds(_ time: Duration) -> JSONValue {
    let microseconds = time.components.seconds * 1_000_000 + time.components.attoseconds / 1_000_000_000_000
    return .number(JSONNumber(Double(microseconds) / 1000))
  }
}
