/// A subcommand: what its help says and what it does.
struct Command: Sendable {
  let name: String
  /// One line for the overview.
  let summary: String
  /// What may stand after the name, apart from options: "[WORKSPACE]".
  let operands: String
  let operandLimit: Int
  let options: [Option]
  /// Paragraphs below the options: formats, an example.
  let details: String
  let run: @Sendable (Arguments) async throws(CommandError) -> ExitCode
}

/// An option of a subcommand.
struct Option: Sendable {
  /// With its dashes.
  let name: String
  /// What its value is called in the help; nil for a switch.
  let value: String?
  let summary: String
  /// May be given several times.
  let repeats: Bool

  init(_ name: String, _ value: String? = nil, _ summary: String, repeats: Bool = false) {
    self.name = name
    self.value = value
    self.summary = summary
    self.repeats = repeats
  }

  static let model = Option(
    "--model", "MODEL", "a GGUF file, a Hugging Face folder, or \"mini\", the embedded model (default)")
  static let context = Option(
    "--context", "TOKENS", "positions to reserve for the KV cache (default: what the model and the memory allow)")
  static let kv = Option(
    "--kv", "TYPE", "how keys and values are stored: q16 (default), f16, q8, half the size, or f32, twice it")
  static let exact = Option(
    "--exact", nil, "multiply quantised weights with f32 inputs: slower, nearer the reference; as mini always does")
  static let threads = Option("--threads", "N", "threads of the kernels (default: all cores)")
  static let json = Option("--json", nil, "one JSON object per line on standard output")
  static let prompt = Option(
    "--prompt", "TEXT", "the user's message; - reads standard input; without it the prompt is answered")
  static let functions = Option(
    "--functions", "PATH", "a file with one or more tools, or a folder of them, instead of the workspace's")
  static let toolChoice = Option(
    "--tool-choice", "CHOICE", "auto (default), none, required, or the name of the function that must be called first")
  static let answerSchema = Option(
    "--schema", "FILE", "a JSON Schema: the answer is one JSON value that conforms to it")
  static let think = Option("--think", nil, "let the model think before it answers")
  static let noThink = Option("--no-think", nil, "let it answer at once")
  static let maxTokens = Option("--max-tokens", "N", "tokens of one answer, at most")
  static let stop = Option("--stop", "TEXT", "end an answer before this text", repeats: true)
  static let candidates = Option(
    "--candidates", "N", "alternatives reported for each token with --json (default: 10)")
}

/// The words after a subcommand, checked against its options.
struct Arguments: Sendable {
  private(set) var operands: [String] = []
  private var values: [String: [String]] = [:]

  init(_ words: [String], for command: Command) throws(CommandError) {
    var index = 0
    var optionsEnded = false
    while index < words.count {
      let word = words[index]
      index += 1
      if optionsEnded || word == "-" || !word.hasPrefix("-") {
        operands.append(word)
        continue
      }
      if word == "--" {
        optionsEnded = true
        continue
      }
      let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      guard let option = command.options.first(where: { $0.name == parts[0] }) else {
        throw .usage("\(command.name) has no option \"\(parts[0])\"; \"lathe help \(command.name)\" lists them")
      }
      if values[option.name] != nil, !option.repeats { throw .usage("\(option.name) is given twice") }
      if option.value == nil {
        guard parts.count == 1 else { throw .usage("\(option.name) takes no value; found \"\(parts[1])\"") }
        values[option.name, default: []].append("")
      } else if parts.count == 2 {
        values[option.name, default: []].append(parts[1])
      } else {
        guard index < words.count else {
          throw .usage("\(option.name) needs a value: \(option.name) \(option.value ?? "")")
        }
        values[option.name, default: []].append(words[index])
        index += 1
      }
    }
    if operands.count > command.operandLimit {
      throw .usage(
        "\(command.name) does not take \"\(operands[command.operandLimit])\"; \"lathe help \(command.name)\" shows how it is used"
      )
    }
  }

  func has(_ option: String) -> Bool { values[option] != nil }
  func text(_ option: String) -> String? { values[option]?.last }
  func texts(_ option: String) -> [String] { values[option] ?? [] }

  /// A whole number in a range.
  func integer(_ option: String, in range: ClosedRange<Int>) throws(CommandError) -> Int? {
    guard let text = text(option) else { return nil }
    return try Self.integer(option, text, in: range)
  }

  /// Whole numbers in a range, of an option that repeats.
  func integers(_ option: String, in range: ClosedRange<Int>) throws(CommandError) -> [Int]? {
    guard let texts = values[option] else { return nil }
    var numbers: [Int] = []
    for text in texts { numbers.append(try Self.integer(option, text, in: range)) }
    return numbers
  }

  private static func integer(_ option: String, _ text: String, in range: ClosedRange<Int>) throws(CommandError) -> Int {
    guard let value = Int(text), range.contains(value) else {
      let limits =
        range.upperBound == .max ? "at least \(range.lowerBound)" : "from \(range.lowerBound) to \(range.upperBound)"
      throw .usage("\(option) is \"\(text)\"; a whole number \(limits) is expected")
    }
    return value
  }

  /// A number in a range.
  func number(_ option: String, in range: ClosedRange<Float>) throws(CommandError) -> Float? {
    guard let text = text(option) else { return nil }
    guard let value = Float(text), range.contains(value) else {
      throw .usage("\(option) is \"\(text)\"; a number from \(range.lowerBound) to \(range.upperBound) is expected")
    }
    return value
  }
}
