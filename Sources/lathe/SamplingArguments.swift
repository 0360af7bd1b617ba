import JSON

/// The sampling options of a command, taken as the members of a preset, so that names and checks are written once.
enum SamplingArguments {
  private static let numbers: [(option: String, member: String, summary: String)] = [
    ("--temperature", "temperature", "0 takes the most probable token"),
    ("--top-k", "top_k", "keep the k most probable tokens; 0 keeps all"),
    ("--top-p", "top_p", "keep the most probable tokens with this mass"),
    ("--min-p", "min_p", "drop tokens below this share of the most probable one"),
    ("--typical-p", "typical_p", "keep the mass nearest the entropy"),
    ("--repetition-penalty", "repetition_penalty", "divide the logits of tokens seen; 1 is off"),
    ("--presence-penalty", "presence_penalty", "subtract from the logits of tokens seen"),
    ("--frequency-penalty", "frequency_penalty", "subtract for each time a token was seen"),
    ("--penalty-window", "penalty_window", "last tokens that the penalties look at (default: all)"),
    ("--seed", "seed", "same seed, same build, same device: same tokens"),
  ]

  static let options: [Option] =
    numbers.map {
      Option(
        $0.option, $0.option == "--seed" || $0.option.hasSuffix("-k") || $0.option.hasSuffix("window") ? "N" : "X",
        $0.summary)
    } + [
      Option("--logit-bias", "ID=X", "add to a token's logit", repeats: true),
      Option("--sampler-order", "ORDER", "huggingFace (default), llamaCpp or vLLM"),
    ]

  static func preset(_ arguments: Arguments) throws(CommandError) -> JSONObject {
    var preset: JSONObject = [:]
    for (option, member, _) in numbers {
      guard let text = arguments.text(option) else { continue }
      guard let value = try? JSONValue(parsing: text), case .number = value else {
        throw .usage("\(option) is \"\(text)\"; a number is expected")
      }
      preset[member] = value
    }
    var bias: JSONObject = [:]
    for text in arguments.texts("--logit-bias") {
      let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
      guard parts.count == 2, let value = try? JSONValue(parsing: parts[1]), case .number = value else {
        throw .usage("--logit-bias is \"\(text)\"; a token id and a number are expected: 1234=-2.5")
      }
      bias[parts[0]] = value
    }
    if !bias.isEmpty { preset["logit_bias"] = .object(bias) }
    if let order = arguments.text("--sampler-order") { preset["order"] = .string(order) }
    return preset
  }
}
