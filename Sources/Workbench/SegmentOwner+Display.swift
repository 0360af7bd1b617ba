import Engine
import Terminal

extension SegmentOwner {
  /// The same owner has the same colour in the prompt and in the cache. Messages and functions take turns, so that
  /// neighbours differ.
  var role: Theme.Role {
    switch self {
    case .template: .segment(0)
    case .generated: .segment(1)
    case .message(let index): .segment(2 + 2 * (index % 5))
    case .function(let index): .segment(3 + 2 * (index % 5))
    }
  }

  /// "message 3", "get_weather", "template", "answer".
  func name(_ session: Session) -> String {
    switch self {
    case .template: return "template"
    case .generated: return "answer"
    case .message(let index): return "message \(index + 1)"
    case .function(let index):
      let functions = session.requestedFunctions
      return functions.indices.contains(index) ? functions[index] : "function \(index + 1)"
    }
  }
}

extension Session {
  /// Names of the functions in the order of the latest request.
  var requestedFunctions: [String] { (runningAnswer?.request.functions ?? offeredFunctions).map(\.name) }
}

extension PrefixReuse {
  /// "1,408 of 1,432 tokens reused; diverged at message 3: …".
  func words(_ session: Session) -> String {
    let count = "\(grouped(reusedTokens)) of \(grouped(promptTokens)) tokens reused"
    switch ending {
    case .whole: return count
    case .neverComputed where reusedTokens > 0: return "\(count); the rest is new"
    case .neverComputed: return "\(count): nothing like it was computed before"
    case .evicted: return "\(count): the rest had been computed, but its pages were given to others"
    case .diverged(let computed, let prompt, let owner):
      func shown(_ token: Int32) -> String {
        session.tokenBytes[token].map { TokenDetail.quoted($0) } ?? "token \(token)"
      }
      return "\(count); diverged at \(owner.name(session)): \(shown(prompt)) where \(shown(computed)) was"
    }
  }
}
