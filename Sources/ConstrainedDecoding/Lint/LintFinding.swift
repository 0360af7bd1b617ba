public import JSON

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

/// A change to a document.
public struct LintFix: Sendable, Equatable {
  /// One change of a place; `set` also adds a member that is not there.
  public enum Edit: Sendable, Equatable {
    case set(JSONPointer, JSONValue)
    case remove(JSONPointer)
  }

  /// What it does: `add "additionalProperties": false`.
  public let title: String
  /// In the order in which they are made.
  public let edits: [Edit]

  /// The document with the change. Edits of places that are not there change nothing.
  public func applied(to document: JSONValue) -> JSONValue {
    var result = document
    for edit in edits {
      switch edit {
      case .set(let pointer, let value): result = result.replacing(pointer.tokens ?? [], by: value)
      case .remove(let pointer): result = result.replacing(pointer.tokens ?? [], by: nil)
      }
    }
    return result
  }
}

extension JSONValue {
  /// The value with the place that the tokens name set, or removed where `value` is nil.
  fileprivate func replacing(_ tokens: [String], by value: JSONValue?) -> JSONValue {
    guard let first = tokens.first else { return value ?? self }
    let rest = Array(tokens.dropFirst())
    switch self {
    case .object(var object):
      if rest.isEmpty {
        object[first] = value
      } else if let member = object[first] {
        object[first] = member.replacing(rest, by: value)
      }
      return .object(object)
    case .array(var elements):
      guard let index = Int(first), elements.indices.contains(index) else { return self }
      if !rest.isEmpty {
        elements[index] = elements[index].replacing(rest, by: value)
      } else if let value {
        elements[index] = value
      } else {
        elements.remove(at: index)
      }
      return .array(elements)
    default: return self
    }
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
