/// How much a finding matters: a remark, something that costs answers, something that is refused or wrong.
public enum LintSeverity: String, Sendable, Comparable, CaseIterable {
  case info, warning, error

  public static func < (a: LintSeverity, b: LintSeverity) -> Bool {
    (allCases.firstIndex(of: a) ?? 0) < (allCases.firstIndex(of: b) ?? 0)
  }
}

/// Something about a function's definition that a rule objects to.
public struct LintFinding: Sendable, Equatable, CustomStringConvertible {
  /// The rule's id, such as "P6".
  public let rule: String
  /// The rule's own, or a lesser one where the rule is surer of some cases than of others.
  public let severity: LintSeverity
  /// In the document that was linted.
  public let pointer: JSONPointer
  public let sentence: String
  /// A change that removes the finding and nothing else, where there is one.
  public let fix: LintFix?

  public var description: String {
    "\(severity.rawValue) \(rule) at \(pointer.text.isEmpty ? "the root" : pointer.text): \(sentence)"
  }
}

/// Whose rules a definition is to keep: what one of them accepts another refuses.
public enum LintProfile: String, Sendable, CaseIterable {
  case qwen3
  case openAIStrict = "openai-strict"
  case anthropic, gemini, mcp

  /// As sentences name it.
  public var title: String {
    switch self {
    case .qwen3: "Qwen3"
    case .openAIStrict: "OpenAI's strict mode"
    case .anthropic: "Anthropic"
    case .gemini: "Gemini"
    case .mcp: "MCP"
    }
  }
}
