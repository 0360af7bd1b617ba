import enum ConstrainedDecoding.KeyOrder
import Documents
import Engine
import Glibc
import JSON
import Tools
import Workbench

extension Command {
  static let run = Command(
    name: "run", summary: "one turn of a conversation, function calls and their results included",
    operands: "[WORKSPACE]", operandLimit: 1,
    options: [
      .model, .context, .kv, .exact, .threads, .json,
      .prompt, .functions, .toolChoice, .answerSchema,
      Option("--constraint", "MODE", "what a call or an answer cannot have by its schema: enforce (default), observe or off"),
      Option("--key-order", "ORDER", "of a call's and an answer's members: schema (default) or any"),
      Option("--speculate", "WHERE", "draft tokens and check them several in a step: off, calls (default) or all; no answer changes"),
      .think, .noThink,
      Option("--steps", "N", "answers of the model in this turn, at most (default: 8)"),
      Option("--allow", "FUNCTION", "run its calls that would ask a person; * for all. A rule that denies holds", repeats: true),
      Option("--deny", "FUNCTION", "run no call of it; * for all. The model is told", repeats: true),
      Option("--record", nil, "keep what commands return in the workspace's recordings, to be replayed"),
      .maxTokens, .stop, .candidates,
    ] + SamplingArguments.options,
    details: """
      The answer goes to standard output; thinking, calls and results go to standard error. A call is answered as the
      workspace says: from mocks/NAME.json and recordings/NAME.jsonl, or where workspace.json's "runners" names it, by the
      program of commands/NAME.json. A call that nothing answers ends the turn with exit code 1; one that permissions.json
      denies is not run and the model is told; one that asks is asked about on the terminal, and without one denied. What
      was decided and returned is appended to audit/. With --json every event is one line: {"step": 0, "event": "token", …},
      {"step": 0, "event": "decision", "name": …, "allowed": …, "by": …, "rule": …},
      {"step": 0, "event": "result", "name": …, "content": …, "outcome": "returned", "denied" or "refused"}.
      The end of an answer has "calls": for each one the probability of every argument's value, its least certain token with
      what else could have come, and what the schema's mask took from the model, argument by argument.
      A command has a process group, a time limit and a clean environment of its own; it is not isolated otherwise: it may
      do what you may, with files and the network.
        lathe run weather --prompt "北京今天天气怎么样？" --no-think
        lathe run support --prompt "Where is my order ORD12345?" --temperature 0 --json
        lathe run --schema person.json --prompt "Ada Lovelace was born in 1815." --no-think
      With --schema an answer that is cut short, or that violates what can only be checked afterwards, is exit code 1.
      Drafts are what the schema of a call or an answer forces and what followed the same tokens before, in prompt and
      answer. A step checks as many as pay by what was measured; each token is drawn as without them. --json tells with
      "finished" what came of them: {"steps", "saved", "drafted", "accepted", "drafted_by_position",
      "accepted_by_position"} as "speculation".
      """
  ) { arguments throws(CommandError) in
    let plan = try RunPlan(arguments)
    let backend: LocalBackend
    let model = try ModelArgument.name(arguments)
    let loading = try LoadingOptions(arguments)
    do throws(ModelLoadError) {
      backend = try await loading.open(model)
    } catch {
      throw .loading(error)
    }
    let request = try plan.request(arguments, backend.info)
    let stop = StopSignal()
    InterruptHandler.install(stop)
    var printer: any RunPrinter = arguments.has("--json") ? JSONRunPrinter() : TextRunPrinter()
    var recorded: [WorkspaceChange] = []
    let outcome = await ToolLoop(backend: backend, stepLimit: plan.stepLimit, runner: try plan.runner(arguments))
      .run(request, stop: stop) { event in
        printer.print(event)
        if case .call(_, let call, .finished(.returned(let result, _))) = event, plan.tools.ways[call.name] == .command {
          let recording = Recording(arguments: call.arguments, result: result)
          recorded.append(.recording(name: call.name, line: recording.json))
        }
      }
    printer.finish()
    if arguments.has("--record") {
      var workspace = plan.workspace
      do throws(DocumentError) {
        for change in recorded { try workspace.save(change) }
      } catch {
        throw .input(error.description)
      }
    }
    let code = try exitCode(of: outcome.ending)
    if let schema = plan.responseSchema, code == .done { try schema.check(outcome) }
    return code
  }

  private static func exitCode(of ending: ToolLoopEnding) throws(CommandError) -> ExitCode {
    switch ending {
    case .answered: return .done
    case .stopped(.cancelled): return .interrupted
    case .stopped(.contextFull):
      StandardError.write("lathe: the context is full; the answer ends here\n")
      return .done
    case .stopped: return .done
    case .stepLimit(let limit):
      throw CommandError(
        code: .failedChecks,
        sentence: "the model still calls functions after \(limit) answers; --steps raises the limit")
    case .unresolved(_, let reason): throw CommandError(code: .failedChecks, sentence: reason)
    case .failed(let error): throw .model(error.description)
    }
  }
}

/// What a run or a choice is about, as far as it is known without the model.
struct RunPlan {
  let messages: [Message]
  let functions: [FunctionDefinition]
  let workspace: Workspace
  let tools: WorkspaceTools
  let responseSchema: ResponseSchema?
  let thinking: ThinkingMode
  let stepLimit: Int
  private let preset: JSONObject

  init(_ arguments: Arguments) throws(CommandError) {
    let workspace: Workspace
    do { workspace = try Workspace.open(arguments.operands.first) } catch { throw .input(error.description) }
    for notice in workspace.notices { StandardError.write("lathe: \(notice)\n") }

    var messages = (workspace.openingPrompt?.messages ?? []).map { Message($0) }
    if let text = arguments.text("--prompt") {
      messages.append(Message(.user, text == "-" ? try StandardInput.readAll() : text))
    }
    guard messages.contains(where: { $0.role == .user }) else {
      throw .usage("there is nothing to answer: the workspace's prompt has no user message; add --prompt TEXT")
    }
    self.messages = messages

    if let path = arguments.text("--functions") {
      functions = try Self.functions(at: path)
    } else {
      var offered: [FunctionDefinition] = []
      for document in workspace.offeredFunctions {
        offered += try Self.function(document.text, "functions/\(document.name).json")
      }
      functions = offered
    }
    self.workspace = workspace
    tools = WorkspaceTools(workspace)
    if let fault = tools.faults.first { throw .input(fault.description) }

    responseSchema = try arguments.text("--schema").map { path throws(CommandError) in try ResponseSchema(path) }
    switch (arguments.has("--think"), arguments.has("--no-think")) {
    case (true, true): throw .usage("--think and --no-think exclude each other")
    case (true, false): thinking = .on
    case (false, true): thinking = .off
    default: thinking = workspace.settings.thinking.flatMap(ThinkingMode.init(rawValue:)) ?? .template
    }
    stepLimit = try arguments.integer("--steps", in: 1...1000) ?? ToolLoop.standardStepLimit
    preset = workspace.samplingPresets.first { $0.name == workspace.settings.sampling }?.settings ?? [:]
  }

  /// What answers the calls, as the options have it.
  func runner(_ arguments: Arguments) throws(CommandError) -> CallRunner {
    var tools = tools
    let names = functions.map(\.name)
    for warning in tools.warnings(functions: names + workspace.functions.map(\.name)) {
      StandardError.write("lathe: \(warning)\n")
    }
    for option in ["--allow", "--deny"] {
      for name in arguments.texts(option) where name != "*" && !names.contains(name) {
        let known = names.isEmpty ? "there are no functions" : "the functions are \(names.joined(separator: ", "))"
        throw .usage("\(option) is \"\(name)\"; a function's name or * is expected, and \(known)")
      }
    }
    do throws(ToolFileError) {
      tools.permissions = try tools.permissions.denying(arguments.texts("--deny"), reason: "it is switched off for this run")
    } catch {
      throw .usage(error.description)
    }
    return tools.runner(
      functions: functions, allowed: Set(arguments.texts("--allow")),
      supervisor: TerminalSupervisor() ?? NoSupervisor(), workspace: workspace, home: .current)
  }

  /// With the model's defaults for what was not said.
  /// - Parameter other: a preset in the place of the workspace's.
  func request(
    _ arguments: Arguments, _ info: BackendInfo, preset other: JSONObject? = nil
  ) throws(CommandError) -> GenerationRequest {
    let defaults = thinking == .off ? info.samplingNonThinking : info.samplingThinking
    let flags = try SamplingArguments.preset(arguments)
    let sampling: SamplingSettings
    do throws(GenerationError) {
      sampling = try SamplingSettings(flags, defaults: try SamplingSettings(other ?? preset, defaults: defaults))
    } catch {
      throw .usage(error.description)
    }
    var request = GenerationRequest(messages: messages, functions: functions, thinking: thinking, sampling: sampling)
    switch arguments.text("--tool-choice") ?? "auto" {
    case "auto": request.toolChoice = .auto
    case "none": request.toolChoice = .none
    case "required" where !functions.isEmpty: request.toolChoice = .required
    case let name where functions.contains { $0.name == name }: request.toolChoice = .named(name)
    case let choice:
      let names = functions.isEmpty ? "there are no functions" : "the functions are \(functions.map(\.name).joined(separator: ", "))"
      throw .usage("--tool-choice is \"\(choice)\"; auto, none, required or a function's name is expected, and \(names)")
    }
    request.responseSchema = responseSchema?.document
    if let text = arguments.text("--constraint") {
      guard let mode = ConstraintMode(rawValue: text) else {
        throw .usage("--constraint is \"\(text)\"; enforce, observe or off is expected")
      }
      request.constraint = mode
    }
    switch arguments.text("--key-order") {
    case nil, "schema": break
    case "any": request.keyOrder = .any
    case let order?: throw .usage("--key-order is \"\(order)\"; schema or any is expected")
    }
    if let text = arguments.text("--speculate") {
      guard let mode = SpeculationMode(rawValue: text) else {
        throw .usage("--speculate is \"\(text)\"; off, calls or all is expected")
      }
      request.speculation = mode
    }
    request.tokenLimit = try arguments.integer("--max-tokens", in: 1 ... .max)
    request.stopStrings = arguments.texts("--stop")
    request.candidateCount = try arguments.integer("--candidates", in: 0...1000) ?? 10
    return request
  }

  private static func functions(at path: String) throws(CommandError) -> [FunctionDefinition] {
    guard let folder = opendir(path) else { return try function(try TextFile.read(path), path) }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name.hasSuffix(".json") { names.append(name) }
    }
    if names.isEmpty { throw .input("\(path): no .json files in this folder") }
    var functions: [FunctionDefinition] = []
    for name in names.sorted() { functions += try function(try TextFile.read("\(path)/\(name)"), "\(path)/\(name)") }
    return functions
  }

  /// One tool, or an array of tools.
  private static func function(_ text: String, _ path: String) throws(CommandError) -> [FunctionDefinition] {
    let value: JSONValue
    do { value = try JSONValue(parsing: text, name: path) } catch { throw .input(error.description) }
    return try (value.array ?? [value]).map { tool throws(CommandError) -> FunctionDefinition in
      do throws(GenerationError) {
        return try FunctionDefinition(tool)
      } catch {
        throw .input("\(path): \(error.description)")
      }
    }
  }
}

/// Ctrl-C, or a request to end, ends the answer and the programs that its calls run; a second one ends Lathe itself.
enum InterruptHandler {
  // Written once before the handler is installed, read by the handler.
  nonisolated(unsafe) private static var stop: StopSignal?

  static func install(_ signal: StopSignal) {
    stop = signal
    for number in [SIGINT, SIGTERM] {
      Glibc.signal(number) { _ in
        if InterruptHandler.stop?.isRaised == true { _exit(ExitCode.interrupted.rawValue) }
        InterruptHandler.stop?.raise()
      }
    }
  }
}
