import JSON
import Jinja
import ModelFiles

extension Command {
  static let render = Command(
    name: "render",
    summary: "messages and tools to the prompt that a chat template makes of them, one JSON object a line",
    operands: "", operandLimit: 0,
    options: [.model, Option("--template", "FILE", "a Jinja file instead of the model's own template")],
    details: """
      Lines in: {"messages": […], "tools": […], "options": {"add_generation_prompt": true, "enable_thinking": false}},
      where options are variables of the template, or {"context": {…}} for a bare context.
      Lines out: {"rendered": "…"} or {"error": "…"}; exit code 1 if there was an error.
      """
  ) { arguments throws(CommandError) in
    if arguments.has("--template"), arguments.has("--model") {
      throw .usage("--template and --model exclude each other: the template comes from one of them")
    }
    var variables: JSONObject = [:]
    let template: Template
    if let path = arguments.text("--template") {
      template = try parse(try TextFile.read(path), name: path)
    } else {
      let checkpoint = try ModelArgument.checkpoint(arguments)
      guard let source = checkpoint.chatTemplate else {
        throw .input("\(checkpoint.name): the files hold no chat template; name one with --template FILE")
      }
      template = try parse(source, name: "chat template")
      if let tokenizer = checkpoint.tokenizer {
        for (name, id) in [("bos_token", tokenizer.bosTokenID), ("eos_token", tokenizer.eosTokenID)] {
          if let id { variables[name] = .string(tokenizer.tokens.string(Int(id))) }
        }
      }
    }
    var failed = false
    try StandardInput.forEachJSONLine { value, line throws(CommandError) in
      do throws(TemplateError) {
        StandardOutput.writeLine(["rendered": .string(try template.render(context(value, variables)).text)])
      } catch {
        failed = true
        StandardOutput.writeLine(["error": .string(error.description)])
      }
    }
    return failed ? .failedChecks : .done
  }

  private static func parse(_ source: String, name: String) throws(CommandError) -> Template {
    do { return try Template(source, name: name) } catch { throw .input(error.description) }
  }

  /// The variables as transformers' `apply_chat_template` sets them.
  private static func context(_ value: JSONValue, _ variables: JSONObject) -> JSONObject {
    if case .object(let context) = value["context"] { return context }
    var context = variables
    context["messages"] = value["messages"] ?? []
    context["tools"] = value["tools"] ?? .null
    context["add_generation_prompt"] = false
    for (name, member) in value["options"]?.object ?? [:] { context[name] = member }
    return context
  }
}
