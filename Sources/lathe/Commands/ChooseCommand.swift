import Engine
import JSON

extension Command {
  static let choose = Command(
    name: "choose", summary: "how probable it is that each function is called for a prompt, and none",
    operands: "[WORKSPACE]", operandLimit: 1,
    options: [
      .model, .context, .kv, .exact, .threads, .json, .prompt, .functions,
    ],
    details: """
      Exact probabilities of the model's own distribution, thinking off; nothing is generated. A function's is that of the
      tokens of its call up to the quote behind its name; "no call" is that of anything but a call's opening tag.
      With --json one line a function, the most probable first, then one with the rest:
      {"function": "get_weather", "probability": 0.98, "logprobs": [[id, logprob], …]},
      {"no_call": 0.01, "other_calls": 0.01, "tokens": {"prompt": 196, "cached": 0}}.
        lathe choose weather --prompt "北京今天天气怎么样？"
      """
  ) { arguments throws(CommandError) in
    let plan = try RunPlan(arguments)
    guard !plan.functions.isEmpty else {
      throw .usage("there is no function to choose: the workspace offers none; add --functions PATH")
    }
    let backend: LocalBackend
    let model = try ModelArgument.name(arguments)
    let loading = try LoadingOptions(arguments)
    do throws(ModelLoadError) {
      backend = try await loading.open(model)
    } catch {
      throw .loading(error)
    }
    let choice: FunctionChoice
    do throws(GenerationError) {
      choice = try await backend.choose(GenerationRequest(messages: plan.messages, functions: plan.functions))
    } catch {
      throw .model(error.description)
    }
    if arguments.has("--json") { printJSON(choice) } else { printTable(choice) }
    return .done
  }

  private static func printJSON(_ choice: FunctionChoice) {
    for option in choice.options {
      StandardOutput.writeLine([
        "function": .string(option.name), "probability": .number(JSONNumber(option.probability)),
        "logprobs": .array(
          zip(option.tokens, option.logprobs).map { [.number(JSONNumber(Int($0))), .number(JSONNumber($1))] }),
      ])
    }
    StandardOutput.writeLine([
      "no_call": .number(JSONNumber(choice.noCall)), "other_calls": .number(JSONNumber(choice.otherCalls)),
      "tokens": [
        "prompt": .number(JSONNumber(choice.promptTokens)), "cached": .number(JSONNumber(choice.cachedTokens)),
      ],
    ])
  }

  /// Functions and no call in one ranking; other calls only where they count.
  private static func printTable(_ choice: FunctionChoice) {
    var rows = choice.options.map { (name: $0.name, probability: $0.probability) }
    rows.append(("no call", choice.noCall))
    if choice.otherCalls >= 0.00005 { rows.append(("other calls", choice.otherCalls)) }
    rows.sort { $0.probability > $1.probability }
    let width = rows.map(\.name.count).max() ?? 0
    for row in rows {
      let hundredths = Int((row.probability * 10_000).rounded())
      let share = "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100) %"
      StandardOutput.write(
        row.name + String(repeating: " ", count: width - row.name.count + 2)
          + String(repeating: " ", count: 8 - share.count) + share + "\n")
    }
  }
}
