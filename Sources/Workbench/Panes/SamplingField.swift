import Engine
import JSON
import ModelFiles

/// One setting of the sampling pane: how it is shown, typed, stepped and reset.
enum SamplingField: CaseIterable, Sendable {
  case temperature, topK, topP, minP, typicalP
  case repetitionPenalty, presencePenalty, frequencyPenalty, penaltyWindow
  case seed, order, logitBias
  case thinking, toolChoice, tokenLimit, stopStrings, candidateCount, speculation

  var title: String {
    switch self {
    case .temperature: "temperature"
    case .topK: "top-k"
    case .topP: "top-p"
    case .minP: "min-p"
    case .typicalP: "typical-p"
    case .repetitionPenalty: "repetition penalty"
    case .presencePenalty: "presence penalty"
    case .frequencyPenalty: "frequency penalty"
    case .penaltyWindow: "penalty window"
    case .seed: "seed"
    case .order: "order of stages"
    case .logitBias: "logit bias"
    case .thinking: "thinking"
    case .toolChoice: "functions"
    case .tokenLimit: "token limit"
    case .stopStrings: "stop strings"
    case .candidateCount: "candidates"
    case .speculation: "speculation"
    }
  }

  /// The heading this field is the first under.
  var heading: String? {
    switch self {
    case .temperature: "Sampler"
    case .repetitionPenalty: "Penalties"
    case .seed: "Draw"
    case .thinking: "Request"
    default: nil
    }
  }

  var explanation: String {
    switch self {
    case .temperature:
      "Divides the logits: below 1 likely tokens gain, above 1 they lose. 0 takes the most probable token each time."
    case .topK: "Keeps the k most probable tokens. 0 keeps all."
    case .topP: "Keeps the smallest set of tokens whose probability reaches p. 1 keeps all."
    case .minP: "Drops tokens less probable than this share of the most probable one. 0 drops none."
    case .typicalP: "Keeps the tokens whose surprise is nearest the expected one, up to probability p. 1 keeps all."
    case .repetitionPenalty: "Divides positive and multiplies negative logits of tokens seen before. 1 is off."
    case .presencePenalty:
      "Subtracted once from the logit of each token seen before. Qwen3: 0 to 2; higher may mix languages. 0 is off."
    case .frequencyPenalty: "Subtracted from a token's logit once for each time it was seen. 0 is off."
    case .penaltyWindow: "How many of the last tokens, prompt included, the penalties look at; or \"all\"."
    case .seed:
      "The same seed, build and device give the same tokens. \"random\" draws a fresh one, which the answer reports."
    case .order:
      "The order in which the stages run, as huggingFace, llamaCpp or vLLM do it; the probabilities differ with it."
    case .logitBias: "Added to tokens' logits before everything else, as id: value, id: value; -inf forbids a token."
    case .thinking: "Whether the model thinks before it answers: as the template says, always, or never."
    case .toolChoice: "Whether the functions that are on are shown to the model."
    case .tokenLimit:
      "The answer ends after so many tokens, thinking included; \"none\" goes on to the end of the context."
    case .stopStrings: "The answer ends before this text. Several as JSON strings: \"END\", \"\\n\\n\"."
    case .candidateCount: "Alternatives that are reported for each token."
    case .speculation:
      "Where tokens are drafted and several checked in a step: in calls and answers with a schema, in all text, or nowhere. It changes the time, never the answer."
    }
  }

  /// One of a few words rather than something to type.
  var isChoice: Bool { [.order, .thinking, .toolChoice, .speculation].contains(self) }

  // MARK: - Reading

  /// As it is shown, and as it is edited.
  func text(_ session: Session) -> String { text(session.sampling, session) }

  /// What the checkpoint recommends, or what a request is without being told.
  func standard(_ session: Session) -> String {
    switch self {
    case .thinking: "template"
    case .toolChoice: "auto"
    case .tokenLimit, .stopStrings: "none"
    case .candidateCount: "\(Session.standardCandidateCount)"
    case .speculation: SpeculationMode.calls.rawValue
    default: text(session.recommendedSampling, session)
    }
  }

  /// What the value means where the number does not say it.
  func note(_ session: Session) -> String {
    let settings = session.sampling
    switch self {
    case .temperature: return settings.temperature == 0 ? "greedy" : ""
    case .topK: return settings.topK == 0 ? "off" : ""
    case .topP: return settings.topP == 1 ? "off" : ""
    case .minP: return settings.minP == 0 ? "off" : ""
    case .typicalP: return settings.typicalP == 1 ? "off" : ""
    case .repetitionPenalty: return settings.repetitionPenalty == 1 ? "off" : ""
    case .presencePenalty: return settings.presencePenalty == 0 ? "off" : ""
    case .frequencyPenalty: return settings.frequencyPenalty == 0 ? "off" : ""
    default: return ""
    }
  }

  private func text(_ settings: SamplingSettings, _ session: Session) -> String {
    switch self {
    case .temperature: return short(settings.temperature)
    case .topK: return String(settings.topK)
    case .topP: return short(settings.topP)
    case .minP: return short(settings.minP)
    case .typicalP: return short(settings.typicalP)
    case .repetitionPenalty: return short(settings.repetitionPenalty)
    case .presencePenalty: return short(settings.presencePenalty)
    case .frequencyPenalty: return short(settings.frequencyPenalty)
    case .penaltyWindow: return settings.penaltyWindow.map(String.init) ?? "all"
    case .seed: return settings.seed.map(String.init) ?? "random"
    case .order: return settings.order.rawValue
    case .logitBias:
      let pairs = settings.logitBias.sorted { $0.key < $1.key }.map {
        "\($0.key): \($0.value == -.infinity ? "-inf" : short($0.value))"
      }
      return pairs.isEmpty ? "none" : pairs.joined(separator: ", ")
    case .thinking: return session.thinking.rawValue
    case .toolChoice: return session.toolChoice == .none ? "none" : "auto"
    case .tokenLimit: return session.tokenLimit.map(String.init) ?? "none"
    case .stopStrings:
      let strings = session.stopStrings
      if strings.count == 1, !strings[0].hasPrefix("\""), !strings[0].contains(where: \.isNewline) { return strings[0] }
      return strings.isEmpty ? "none" : strings.map { JSONValue.quoted($0) }.joined(separator: ", ")
    case .candidateCount: return String(session.candidateCount)
    case .speculation: return session.speculation.rawValue
    }
  }
}
