internal import JSON
internal import ModelFiles

extension ChatTemplate {
  /// What the writer of a request should know: settings against the model's nature, and text that the model will not
  /// read as text.
  func warnings(for request: GenerationRequest, prompt: String) -> [String] {
    var warnings: [String] = []
    if request.sampling.isGreedy && mayThink(request, prompt: prompt) {
      warnings.append(
        "temperature 0 while thinking: Qwen3's authors advise against it, thoughts may repeat without end; they use 0.6"
      )
    }
    for (index, message) in request.messages.enumerated() {
      // A turn of the assistant's own may hold its tags.
      let tokens = message.role == .assistant ? addedTokens.filter(\.isSpecial) : addedTokens
      if let token = Self.first(of: tokens, in: message.content) {
        warnings.append(
          "message \(index + 1) (\(message.role.rawValue)) contains \"\(token)\", which the model reads as a control token, not as text"
        )
      }
    }
    guard request.toolChoice != .none else { return warnings }
    for function in request.functions {
      if let token = Self.first(of: addedTokens, in: function.definition.text()) {
        warnings.append(
          "function \(function.name) contains \"\(token)\", which the model reads as a control token, not as text")
      }
    }
    return warnings
  }

  /// The template knows thoughts, the prompt does not end with closed ones, and nothing said `/no_think` last.
  private func mayThink(_ request: GenerationRequest, prompt: String) -> Bool {
    guard knowsThinking, request.thinking != .off else { return false }
    var tail = prompt.utf8[...]
    while tail.last == UInt8(ascii: "\n") { tail.removeLast() }
    if tail.suffix(8).elementsEqual("</think>".utf8) { return false }
    for message in request.messages.reversed() where message.role == .user || message.role == .system {
      let words = message.content.split(whereSeparator: \.isWhitespace)
      if let last = words.last(where: { $0 == "/think" || $0 == "/no_think" }) { return last == "/think" }
    }
    return true
  }

  /// Whether an answer to a turn that the prompt has begun may think, or does so already.
  func thinking(after turn: some StringProtocol) -> ThinkingStart {
    if ToolCallParser.endsInThinking(turn) { return .inside }
    return knowsThinking && !turn.utf8.contains("</think>") ? .possible : .none
  }

  /// The token that stands first in the text.
  private static func first(of tokens: [AddedToken], in text: String) -> String? {
    let bytes = Array(text.utf8)
    for place in bytes.indices {
      for token in tokens where bytes[place...].starts(with: token.content.utf8) { return token.content }
    }
    return nil
  }
}
