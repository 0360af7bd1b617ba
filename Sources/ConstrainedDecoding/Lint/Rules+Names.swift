import JSON

extension LintRule {
  /// N: what functions and parameters are called.
  static let names: [LintRule] = [
    LintRule("N1", .error, "the name has the form that the provider accepts") { context in
      guard let name = context.tool.name else {
        return context.tool.isSchemaOnly ? [] : [LintRemark(context.tool.pointer, "the function has no name")]
      }
      guard let text = name.value.string else {
        return [LintRemark(name.pointer, "found \(describe(name.value)), expected a function's name")]
      }
      return context.profiles.compactMap { profile in
        let form = profile.nameForm
        return form.accepts(text)
          ? nil
          : LintRemark(
            name.pointer, "\(JSONValue.quoted(text)) is no function's name for \(profile.title): \(form.sentence)")
      }
    },
    LintRule("N2", .error, "names are unique and not easily confused") { context in
      guard let name = context.tool.name, let text = name.value.string else { return [] }
      let plain = context.tool.plainName
      let length = plain.utf8.count
      for other in context.earlier {
        let otherText = other.nameText
        if otherText == text {
          return [LintRemark(name.pointer, "another function is called \(JSONValue.quoted(text)) too")]
        }
        let otherLength = other.plainName.utf8.count
        let mayBeNear = min(length, otherLength) >= 6 && abs(length - otherLength) <= 4
        let isNear = plain == other.plainName || mayBeNear && LintWords.distance(plain, other.plainName) <= 1
        if isNear {
          return [
            LintRemark(
              name.pointer, "\(JSONValue.quoted(text)) is easily confused with \(JSONValue.quoted(otherText))",
              severity: .warning)
          ]
        }
      }
      return []
    },
    LintRule("N3", .error, "parameters have names of letters, digits and _, at most 64", for: [.gemini]) { context in
      context.properties.compactMap { name, place in
        let isAccepted =
          (1...64).contains(name.unicodeScalars.count)
          && name.unicodeScalars.allSatisfy { $0.isASCIIAlphanumeric || $0 == "_" }
        return isAccepted
          ? nil
          : LintRemark(
            place.pointer,
            "Gemini accepts letters, digits and _ in a parameter's name, at most 64; found \(JSONValue.quoted(name))")
      }
    },
  ]
}

/// Which names a provider accepts.
private struct NameForm {
  let limit: Int
  let punctuation: String
  let startsWithLetter: Bool

  func accepts(_ name: String) -> Bool {
    let scalars = Array(name.unicodeScalars)
    guard let first = scalars.first, scalars.count <= limit else { return false }
    if startsWithLetter, !first.isASCIILetter, first != "_" { return false }
    return scalars.allSatisfy { $0.isASCIIAlphanumeric || punctuation.unicodeScalars.contains($0) }
  }

  var sentence: String {
    let marks = punctuation.map(String.init).joined(separator: " ")
    return "letters, digits and \(marks), 1 to \(limit)\(startsWithLetter ? ", the first a letter or _" : "")"
  }
}

extension LintProfile {
  /// Anthropic and OpenAI: ^[a-zA-Z0-9_-]{1,64}$; MCP 2025-11-25, tools; Vertex AI, FunctionDeclaration.
  fileprivate var nameForm: NameForm {
    switch self {
    case .qwen3, .openAIStrict, .anthropic: NameForm(limit: 64, punctuation: "_-", startsWithLetter: false)
    case .mcp: NameForm(limit: 128, punctuation: "_-.", startsWithLetter: false)
    case .gemini: NameForm(limit: 64, punctuation: "_-.", startsWithLetter: true)
    }
  }
}
