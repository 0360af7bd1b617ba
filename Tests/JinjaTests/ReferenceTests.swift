import JSON
import Jinja
import TestSupport
import Testing

@Suite(.enabled(if: Reference.isPresent, "the reference data is not there")) struct ReferenceTests {
  @Test func `every snippet renders as Jinja2 renders it`() throws {
    var failures: [String] = []
    for row in try Reference.rows("jinja/snippets.jsonl") {
      let failure = mismatch(row) { () throws(TemplateError) in
        try Template(row["template"]?.string ?? "").render(row["context"]?.object ?? [:], now: referenceClock)
      }
      if let failure { failures.append("\(row["id"]?.string ?? ""): \(row["template"]?.string ?? "")\n  \(failure)") }
    }
    #expect(failures.isEmpty, "\(failures.joined(separator: "\n"))")
  }

  @Test func `every published template renders every conversation as Jinja2 does`() throws {
    let conversations = try JSONValue(parsing: Reference.text("jinja/conversations.json"))
    let tokens =
      try JSONValue(parsing: Reference.text("common/templates/context.json"))["special_tokens"]?.object ?? [:]
    var templates: [String: Template] = [:]
    var failures: [String] = []
    for row in try Reference.rows("jinja/chat_renders.jsonl") {
      let file = row["template_file"]?.string ?? ""
      let name = String(file.split(separator: "/").last ?? "")
      let path = file.contains("qwen3/") ? "common/templates/qwen3/\(name)" : "jinja/templates/\(name)"
      if templates[path] == nil { templates[path] = try Template(Reference.text(path)) }
      let conversation = conversations[row["conversation"]?.string ?? ""]
      var context = tokens
      context["documents"] = .null
      context["messages"] = conversation?["messages"]
      context["tools"] = conversation?["tools"] ?? .null
      for (key, value) in conversation?["options"]?.object ?? [:] { context[key] = value }
      let template = templates[path]!  // stored above
      let failure = mismatch(row) { () throws(TemplateError) in try template.render(context, now: referenceClock) }
      if let failure { failures.append("\(row["id"]?.string ?? ""): \(failure.prefix(600))") }
    }
    #expect(failures.isEmpty, "\(failures.count)\n\(failures.joined(separator: "\n"))")
  }

  @Test func `Qwen3's templates render as transformers renders them`() throws {
    var failures: [String] = []
    var templates: [String: Template] = [:]
    for row in try Reference.rows("chat/qwen3.jsonl") {
      let name = row["template"]?.string ?? ""
      if templates[name] == nil {
        templates[name] = try Template(Reference.text("common/templates/qwen3/\(name).jinja"))
      }
      guard let context = chatContext(row) else { continue }
      let template = templates[name]!  // stored above
      let failure = mismatch(row) { () throws(TemplateError) in try template.render(context, now: referenceClock) }
      if let failure { failures.append("\(row["id"]?.string ?? ""): \(failure.prefix(600))") }
    }
    #expect(failures.isEmpty, "\(failures.count)\n\(failures.joined(separator: "\n"))")
  }

  /// The variables transformers gives a template: messages without null members and with reasoning under one name. Nil
  /// for rows that continue the last message, which is cut out of the rendering afterwards.
  private func chatContext(_ row: JSONObject) -> JSONObject? {
    let options = row["options"]?.object ?? [:]
    if let continues = options["continue_final_message"], continues != false { return nil }
    var context: JSONObject = [:]
    context["messages"] = .array(
      (row["messages"]?.array ?? []).map { message in
        guard case .object(let members) = message else { return message }
        var kept = JSONObject(members.filter { $0.value != .null })
        if kept["reasoning_content"] == nil { kept["reasoning_content"] = kept["reasoning"] ?? kept["thinking"] }
        return .object(kept)
      })
    context["tools"] = row["tools"] ?? .null
    context["documents"] = .null
    for (key, value) in options { context[key] = value }
    return context
  }
}
