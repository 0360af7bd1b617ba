import Documents
import Engine
import JSON

extension Command {
  static let compare = Command(
    name: "compare", summary: "one prompt under several sampling settings or seeds, answered together",
    operands: "[WORKSPACE]", operandLimit: 1,
    options: [
      .model, .context, .kv, .exact, .threads, .json,
      .prompt,
      Option("--sampling", "SETTINGS", "a preset's name, or its members: '{\"temperature\": 1.2}'", repeats: true),
      Option("--samples", "N", "answers under each, the seed one more each time (default: 1)"),
      .functions, .toolChoice, .answerSchema, .think, .noThink, .maxTokens, .stop, .candidates,
    ] + SamplingArguments.options,
    details: """
      Each --sampling stands in the place of the workspace's preset; the other sampling options hold for all, and so does
      the seed, of --seed or drawn once. The prompt is computed once and the answers share its pages; a step computes a
      token of each and reads the weights once for all. Every answer is the one that lathe run would give. Calls are shown
      and not run.
      With --json every event is a line: {"answer": 0, "sampling": "greedy", "event": "token", …}, the answers' among each
      other as they come.
        lathe compare support --prompt "Where is my order?" --sampling greedy --sampling '{"temperature": 1.2}' --samples 3
      """
  ) { arguments throws(CommandError) in
    let plan = try RunPlan(arguments)
    let settings = try ComparedSetting.all(arguments, plan.workspace)
    let sampleCount = try arguments.integer("--samples", in: 1...Comparison.limit) ?? 1
    guard 2...Comparison.limit ~= settings.count * sampleCount else {
      throw .usage(
        "\(settings.count * sampleCount) \(settings.count * sampleCount == 1 ? "answer is" : "answers are") wanted; "
          + "2 to \(Comparison.limit) can be compared: --sampling is given once for each setting, "
          + "--samples N takes N answers of each")
    }
    let backend: LocalBackend
    let model = try ModelArgument.name(arguments)
    let loading = try LoadingOptions(arguments)
    do throws(ModelLoadError) {
      backend = try await loading.open(model)
    } catch {
      throw .loading(error)
    }
    var comparison = Comparison(isJSON: arguments.has("--json"))
    let drawn = UInt64.random(in: 0...UInt64(UInt32.max))
    for setting in settings {
      var request = try plan.request(arguments, backend.info, preset: setting.preset)
      let seed = request.sampling.seed ?? drawn
      for sample in 0..<UInt64(sampleCount) {
        request.sampling.seed = seed &+ sample
        comparison.add(setting.label, request)
      }
    }
    let stop = StopSignal()
    InterruptHandler.install(stop)
    return try await comparison.run(backend, stop)
  }
}

/// One `--sampling`.
private struct ComparedSetting {
  var label: String
  /// Nil for the workspace's own.
  var preset: JSONObject?

  /// The workspace's own if none is named.
  static func all(_ arguments: Arguments, _ workspace: Workspace) throws(CommandError) -> [ComparedSetting] {
    let texts = arguments.texts("--sampling")
    if texts.isEmpty { return [ComparedSetting(label: workspace.settings.sampling ?? "default", preset: nil)] }
    return try texts.map { text throws(CommandError) in
      if let preset = workspace.samplingPresets.first(where: { $0.name == text }) {
        return ComparedSetting(label: text, preset: preset.settings)
      }
      guard text.hasPrefix("{") else {
        let names = workspace.samplingPresets.map { "\"\($0.name)\"" }
        throw .usage(
          "--sampling is \"\(text)\"; a preset's name or a JSON object is expected, and "
            + (names.isEmpty ? "the workspace has no presets" : "the presets are \(names.joined(separator: ", "))"))
      }
      do throws(JSONError) {
        return ComparedSetting(label: text, preset: try JSONValue(parsing: text, name: "--sampling").object)
      } catch {
        throw .usage(error.description)
      }
    }
  }
}

/// Answers under way at the same time, and how they are shown: each when it and those before it have ended, or as JSON
/// event by event.
private struct Comparison {
  /// Answers, at most.
  static let limit = 64

  private struct Answer {
    var label: String
    var request: GenerationRequest
    var tokens: [TokenEvent] = []
    var summary: GenerationSummary?
    var error: GenerationError?
  }

  private let isJSON: Bool
  private var answers: [Answer] = []
  private var printedCount = 0

  init(isJSON: Bool) { self.isJSON = isJSON }

  mutating func add(_ label: String, _ request: GenerationRequest) {
    answers.append(Answer(label: label, request: request))
  }

  mutating func run(_ backend: LocalBackend, _ stop: StopSignal) async throws(CommandError) -> ExitCode {
    let clock = ContinuousClock()
    let start = clock.now
    for await (index, event) in Self.events(of: answers.map(\.request), backend, stop) {
      switch event {
      case .token(let token): answers[index].tokens.append(token)
      case .finished(let summary): answers[index].summary = summary
      case .failed(let error): answers[index].error = error
      default: break
      }
      if isJSON { writeLine(index, event) } else { printEnded() }
    }
    let summaries = answers.compactMap(\.summary)
    if !isJSON { printTotal(summaries, clock.now - start) }
    if let error = answers.compactMap(\.error).first { throw .model(error.description) }
    return summaries.contains { $0.stopReason == .cancelled } ? .interrupted : .done
  }

  private static func events(
    of requests: [GenerationRequest], _ backend: LocalBackend, _ stop: StopSignal
  ) -> AsyncStream<(Int, GenerationEvent)> {
    AsyncStream { continuation in
      Task {
        await withTaskGroup(of: Void.self) { group in
          for (index, request) in requests.enumerated() {
            group.addTask {
              for await event in backend.generate(request, stop: stop) { continuation.yield((index, event)) }
            }
          }
        }
        continuation.finish()
      }
    }
  }

  private func writeLine(_ index: Int, _ event: GenerationEvent) {
    var line: JSONObject = ["answer": .number(JSONNumber(index)), "sampling": .string(answers[index].label)]
    for (name, value) in event.json.object ?? [:] { line[name] = value }
    StandardOutput.writeLine(.object(line))
  }

  private mutating func printEnded() {
    while printedCount < answers.count, answers[printedCount].summary != nil || answers[printedCount].error != nil {
      if let summary = answers[printedCount].summary { print(printedCount, summary) }
      printedCount += 1
    }
  }

  private func print(_ index: Int, _ summary: GenerationSummary) {
    let answer = answers[index]
    var heading = "\(answer.label), seed \(summary.seed): \(summary.counts.generated) tokens"
    heading += ", first after \(summary.phases.firstToken.milliseconds) ms"
    if let speed = TokenTimeline(answer.tokens.map(\.time)).tokensPerSecond {
      heading += ", \((speed * 10).rounded() / 10) tokens/s"
    }
    if index > 0 { heading += "; " + difference(answer, answers[0]) }
    StandardOutput.write("\(index > 0 ? "\n" : "")\(heading)\n")
    let text = String(summary.message.content.drop(while: \.isNewline))
    if !text.isEmpty { StandardOutput.write(text.hasSuffix("\n") ? text : text + "\n") }
    for call in summary.message.toolCalls {
      StandardOutput.write("→ \(call.name) \(JSONValue.object(call.arguments).text(.spaced))\n")
    }
  }

  /// Where an answer leaves the first.
  private func difference(_ answer: Answer, _ first: Answer) -> String {
    let common = zip(answer.tokens, first.tokens).prefix { $0.id == $1.id }.count
    if common == answer.tokens.count, common == first.tokens.count { return "the same as the first" }
    return "as the first for \(common) \(common == 1 ? "token" : "tokens")"
  }

  private func printTotal(_ summaries: [GenerationSummary], _ elapsed: Duration) {
    let tokens = summaries.map(\.counts.generated).reduce(0, +)
    let prompt = summaries.first?.counts.prompt ?? 0
    let computed = summaries.map(\.counts.prefilled).reduce(0, +)
    let speed = Double(tokens) / max(elapsed / .seconds(1), 1e-9)
    StandardError.write(
      "  \(summaries.count) answers of \(tokens) tokens in \(elapsed.milliseconds) ms, "
        + "\((speed * 10).rounded() / 10) tokens/s together; "
        + "\(computed) prompt tokens computed for \(summaries.count) prompts of \(prompt)\n")
  }
}
