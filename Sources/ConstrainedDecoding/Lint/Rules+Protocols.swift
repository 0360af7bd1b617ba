import JSON

extension LintRule {
  /// M: the Model Context Protocol's own rules (2025-11-25, tools). Q: what Lathe and Qwen's template add.
  static let protocols: [LintRule] = [
    LintRule("M1", .error, "inputSchema is an object's schema", for: [.mcp]) { context in
      guard !context.tool.isSchemaOnly else { return [] }
      guard let schema = context.tool.schema else {
        return [
          LintRemark(
            context.tool.pointer,
            "the tool has no inputSchema; without arguments it is {\"type\": \"object\", \"additionalProperties\": false}"
          )
        ]
      }
      guard let members = schema.value.object else {
        return [LintRemark(schema.pointer, "found \(describe(schema.value)), expected a schema with the type object")]
      }
      if members["type"]?.string != "object" {
        return [LintRemark(schema.pointer, "the schema of the arguments must have the type object")]
      }
      if (members["properties"]?.object ?? [:]).isEmpty, members["additionalProperties"] == nil {
        return [
          LintRemark(
            schema.pointer, "a tool without arguments says so by \"additionalProperties\": false", severity: .warning,
            fix: LintFix(
              title: "add \"additionalProperties\": false",
              edits: [.set(schema.pointer.appending("additionalProperties"), false)]))
        ]
      }
      return []
    },
    LintRule("M2", .warning, "an output schema can be used to check results", for: [.mcp]) { context in
      guard let output = context.tool.outputSchema else { return [] }
      guard output.value["type"]?.string == "object" else {
        return [
          LintRemark(output.pointer, "the output schema must have the type object; results are validated against it")
        ]
      }
      do throws(SchemaError) { _ = try JSONSchema(document: output.value, name: "outputSchema") } catch {
        return [LintRemark(output.pointer, "results cannot be validated: \(error.description)")]
      }
      return []
    },
    LintRule("M3", .info, "annotations are the server's word only", for: [.mcp]) { context in
      context.tool.annotations.map {
        [
          LintRemark(
            $0.pointer, "annotations come from the server and are not to be trusted; permissions do not rest on them")
        ]
      } ?? []
    },
    LintRule("Q1", .warning, "the definition keeps its budget of tokens") { context in
      guard let budget = context.budget else { return [] }
      let cost = budget.count(context.tool.definition.text(.spaced))
      var remarks: [LintRemark] = []
      if cost > budget.tokensPerFunction {
        remarks.append(
          LintRemark(
            context.tool.pointer, "the definition costs \(cost) tokens; the budget is \(budget.tokensPerFunction)"))
      }
      if context.index == context.tools.count - 1, context.index > 0 {
        let total = context.earlier.reduce(cost) { $0 + budget.count($1.definition.text(.spaced)) }
        if total > budget.tokensPerSet {
          remarks.append(
            LintRemark(
              context.tool.pointer,
              "the \(context.tools.count) definitions cost \(total) tokens together; the budget is \(budget.tokensPerSet)"
            ))
        }
      }
      return remarks
    },
    LintRule("Q2", .error, "no text can be taken for a part of the chat template") { context in
      var remarks: [LintRemark] = []
      eachString(context.tool.definition, at: context.tool.pointer) { pointer, text in
        if let marker = markers.first(where: { text.contains($0) }) ?? switches(in: text).first {
          remarks.append(
            LintRemark(
              pointer, "the text contains \(JSONValue.quoted(marker)), which means something in Qwen's chat template"))
        }
      }
      return remarks
    },
    LintRule("Q3", .error, "what the decoder cannot enforce is listed") { context in
      guard let schema = context.tool.schema, let compiled = context.tool.compiled else { return [] }
      let read: JSONSchema
      switch compiled {
      case .failure(let error):
        return [
          LintRemark(
            JSONPointer(text: schema.pointer.text + error.pointer.text), "the schema cannot be read: \(error.sentence)")
        ]
      case .success(let schema): read = schema
      }
      var enforcement = SchemaEnforcement()
      var refusals: [LintRemark] = []
      do throws(GrammarError) { enforcement = try SchemaEnforcement(of: read) } catch {
        refusals.append(LintRemark(schema.pointer, "decoding refuses the schema: \(error.reason)"))
      }
      return refusals + read.nodes.filter { $0.document == read.name }.flatMap { [enforcement] node -> [LintRemark] in
        let pointer = JSONPointer(text: schema.pointer.text + node.pointer.text)
        var remarks = enforcement.checkedAfter.filter { $0.pointer == node.pointer.text }.map {
          LintRemark(
            pointer.appending($0.keyword), "\($0.keyword) is checked after generation, not while decoding: \($0.reason)",
            severity: .info)
        }
        remarks += node.unknownKeywords.map {
          LintRemark(
            pointer.appending($0), "\(JSONValue.quoted($0)) is no keyword of JSON Schema; nothing checks it",
            severity: .warning)
        }
        if case .failure(let error)? = node.string.pattern?.expression {
          remarks.removeAll { $0.pointer == pointer.appending("pattern") }
          remarks.append(LintRemark(pointer.appending("pattern"), error.description))
        }
        for property in node.object.patternProperties {
          if case .failure(let error) = property.pattern.expression {
            remarks.append(
              LintRemark(pointer.appending("patternProperties").appending(property.pattern.source), error.description))
          }
        }
        return remarks
      }
    },
  ]

  /// Qwen's control tokens and the tags of its template for functions and thinking.
  private static let markers = [
    "<tool_call>", "</tool_call>", "<tool_response>", "</tool_response>", "<tools>", "</tools>", "<think>", "</think>",
    "<|im_",
    "<|endoftext|>",
  ]

  /// The words by which a user's text turns thinking on and off.
  private static func switches(in text: String) -> [String] {
    text.split(whereSeparator: \.isWhitespace).map(String.init).filter { $0 == "/no_think" || $0 == "/think" }
  }

  /// Every string and every key of a value.
  private static func eachString(_ value: JSONValue, at pointer: JSONPointer, _ body: (JSONPointer, String) -> Void) {
    switch value {
    case .string(let text): body(pointer, text)
    case .array(let elements):
      for (index, element) in elements.enumerated() { eachString(element, at: pointer.appending(index), body) }
    case .object(let object):
      for (name, member) in object {
        body(pointer.appending(name), name)
        eachString(member, at: pointer.appending(name), body)
      }
    case .null, .bool, .number: break
    }
  }
}
