import JSON

extension LintRule {
  /// D: what the model reads of a function (ToolSpec TS001 to TS006).
  static let descriptions: [LintRule] = [
    LintRule("D1", .error, "the description is there and says more than the name") { context in
      guard !context.tool.isSchemaOnly else { return [] }
      let text = context.tool.descriptionText
      guard let description = context.tool.description, text.contains(where: { !$0.isWhitespace }) else {
        return [
          LintRemark(context.tool.description?.pointer ?? context.tool.pointer, "the function has no description")
        ]
      }
      let words = LintWords.words(text)
      let known = Set(LintWords.words(context.tool.nameText)).union(LintWords.fillers)
      if words.allSatisfy({ known.contains($0) || known.contains(singular($0)) }) {
        return [LintRemark(description.pointer, "the description only repeats the name")]
      }
      // Only English is looked at for a verb.
      if text.unicodeScalars.allSatisfy(\.isASCII), !words.contains(where: LintWords.isVerb) {
        return [
          LintRemark(
            description.pointer, "the description does not say what the function does: it has no verb",
            severity: .warning)
        ]
      }
      return []
    },
    LintRule("D2", .warning, "the description has three sentences: what it does, when to use it, when not") { context in
      guard let description = context.tool.description, !context.tool.descriptionText.isEmpty else { return [] }
      let found = LintWords.sentenceCount(context.tool.descriptionText)
      guard found < 3 else { return [] }
      return [
        LintRemark(
          description.pointer,
          "the description has \(count(found, "sentence")); three say what it does, when to use it and when not to")
      ]
    },
    LintRule("D3", .warning, "descriptions differ from each other") { context in
      guard let description = context.tool.description else { return [] }
      let words = context.tool.descriptionWords
      let twin = context.earlier.first { LintWords.likeness($0.descriptionWords, words) >= 0.8 }
      guard let twin else { return [] }
      return [
        LintRemark(
          description.pointer,
          "the description is nearly that of \(JSONValue.quoted(twin.nameText)); a model cannot tell them apart")
      ]
    },
    LintRule("D4", .info, "limits, errors and the form of the result are said") { context in
      guard let description = context.tool.description, !context.tool.descriptionText.isEmpty,
        context.tool.outputSchema == nil
      else { return [] }
      let text = context.tool.descriptionText.lowercased()
      let hints = [
        "return", "result", "respon", "error", "fail", "limit", "at most", "maximum", "返回", "结果", "错误", "失败", "最多",
        "限制",
      ]
      guard !hints.contains(where: { text.contains($0) }) else { return [] }
      return [LintRemark(description.pointer, "the description says nothing of the result, of errors or of limits")]
    },
    LintRule("D5", .info, "a complex schema has an example") { context in
      let isComplex = context.properties.count > 8 || context.places.contains { $0.depth >= 3 }
      let hasExample =
        context.places.contains { $0.members["examples"] != nil || $0.members["example"] != nil }
        || context.tool.definition["input_examples"] != nil || context.tool.descriptionText.contains("{")
      guard isComplex, !hasExample else { return [] }
      return [LintRemark(context.tool.schemaPointer, "the schema is complex and has no example")]
    },
  ]
}

private func singular(_ word: String) -> String { word.hasSuffix("s") ? String(word.dropLast()) : word }
