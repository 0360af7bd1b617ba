import Documents
import Engine
import ModelFiles
import Tools

/// What the panes show and change: the conversation, the functions, the settings, and what the engine last said.
/// It does nothing by itself; what is to be done it asks of the event loop through `request`.
final class Session {
  /// As it is on disk; what is edited is in the members below until it is saved.
  var workspace: Workspace
  var transcript = Transcript()
  /// The prompt of the workspace that the conversation began with.
  var promptName: String?
  /// Earlier transcripts, for undoing an edit, a rerun or a regeneration; the latest last.
  var earlierTranscripts: [Transcript] = []
  var functions: [FunctionEntry] = []
  var thinking: ThinkingMode = .template
  /// The workspace's sampling preset in use; nil follows the model's recommendation for the thinking mode.
  var presetName: String?
  /// What the user set besides.
  var chosenSampling: SamplingSettings?
  var tokenLimit: Int?
  var stopStrings: [String] = []
  var toolChoice: ToolChoice = .auto
  var candidateCount = Session.standardCandidateCount
  /// Where tokens are drafted.
  var speculation = SpeculationMode.calls
  var model: ModelState = .absent
  /// Of the conversation as it stands, draft included; nil before a model has rendered it.
  var trace: PromptTrace?
  /// Why the conversation cannot be rendered.
  var traceProblem: GenerationError?
  var functionCosts: FunctionCosts?
  var measuring = FunctionMeasuring()
  var choosing = ChoiceMeasuring()
  var cache: CacheMap?
  /// What the user is writing in the composer; it counts in the prompt pane.
  var draft = ""
  var notice: (notice: Notice, at: Duration)?
  /// The calls that are being run.
  var runningCalls: RunningCalls?
  /// The question about a call was put off; a key brings it back.
  var postponesQuestion = false
  /// How the workspace's functions are answered and what may be called.
  var tools: WorkspaceTools
  /// Functions whose calls were allowed for the session.
  var allowedFunctions: Set<String> = []
  /// The bytes of the tokens that have been seen, for the cache pane.
  var tokenBytes: [TokenID: [UInt8]] = [:]
  /// The workbench's clock at the event being handled.
  var now: Duration = .zero

  private var effects: [Effect] = []
  private var answerCount = 0
  private var batchCount = 0
  var previewIsWanted = false
  var previewIsUnderWay = false
  /// Begins the names of this session's runs.
  var runPrefix = "run"

  init(_ workspace: Workspace) {
    self.workspace = workspace
    tools = WorkspaceTools(workspace)
    open(workspace)
  }

  /// Puts everything of a workspace in the place of the one that was open. Settings the workspace says nothing of are the
  /// checkpoint's.
  func open(_ workspace: Workspace) {
    self.workspace = workspace
    notice = nil
    functions = workspace.functions.map { FunctionEntry($0) }
    readTools()
    allowedFunctions = []
    functionCosts = nil
    measuring.measured = []
    choosing = ChoiceMeasuring()
    promptName = workspace.openingPrompt?.name
    transcript = Transcript(workspace.openingPrompt?.messages.map { Message($0) } ?? [])
    earlierTranscripts = []
    thinking = workspace.settings.thinking.flatMap { ThinkingMode(rawValue: $0) } ?? .template
    usePreset(workspace.settings.sampling)
    promptChanged()
  }

  /// Takes over how functions are answered from the workspace. The notice names what is refused.
  func readTools() {
    tools = WorkspaceTools(workspace)
    let names = functions.map(\.name)
    if let sentence = tools.faults.first?.description ?? tools.warnings(functions: names).first { show(.warning, sentence) }
  }

  /// Begins the conversation anew with a prompt of the workspace; the old one can be brought back.
  func openPrompt(_ prompt: PromptDocument) {
    remember()
    transcript = Transcript(prompt.messages.map { Message($0) })
    promptName = prompt.name
    promptChanged()
    show(.information, "prompt \(prompt.name); u in the conversation brings the old one back")
  }

  var workspaceName: String { workspace.settings.title }
  /// Prompts to begin with, offered in an empty conversation.
  var examples: [String] { workspace.settings.examples }

  func request(_ effect: Effect) { effects.append(effect) }

  func takeEffects() -> [Effect] {
    defer { effects = [] }
    return effects
  }

  func show(_ kind: Notice.Kind, _ text: String) { notice = (Notice(kind, text), now) }

  /// A notice stays long enough to be read; an error longer.
  func forgetOldNotice() {
    guard let (notice, at) = notice else { return }
    if now - at > .seconds(notice.kind == .error ? 30 : 6) { self.notice = nil }
  }

  // MARK: - Settings

  /// Whether the model will think, as far as the settings tell: a template's own default is to think.
  var isThinking: Bool { thinking != .off }

  /// What the next request will use.
  var sampling: SamplingSettings {
    get { chosenSampling ?? presetSampling ?? recommendedSampling }
    set { chosenSampling = newValue == (presetSampling ?? recommendedSampling) ? nil : newValue }
  }

  var recommendedSampling: SamplingSettings {
    guard case .ready(let info) = model else { return isThinking ? .qwen3Thinking : .qwen3NonThinking }
    return isThinking ? info.samplingThinking : info.samplingNonThinking
  }

  /// The functions that are on and whole, in order.
  var offeredFunctions: [FunctionDefinition] { functions.compactMap { $0.isOn ? $0.definition : nil } }

  func makeRequest(_ messages: [Message]) -> GenerationRequest {
    GenerationRequest(
      messages: messages, functions: offeredFunctions, toolChoice: toolChoice, thinking: thinking, sampling: sampling,
      tokenLimit: tokenLimit, stopStrings: stopStrings, candidateCount: candidateCount, speculation: speculation)
  }

  /// To be called after every change of what the prompt is made of.
  func promptChanged() {
    previewIsWanted = true
    measuring.isWanted = true
  }

  // MARK: - The answer under way

  /// The entry that is being generated.
  var runningIndex: Int? {
    guard let last = transcript.entries.indices.last, transcript.entries[last].answer?.isRunning == true else {
      return nil
    }
    return last
  }

  var runningAnswer: Answer? { runningIndex.flatMap { transcript.entries[$0].answer } }

  /// The last answer, running or done; what the meters show.
  var latestAnswer: Answer? { transcript.latestAnswerIndex.flatMap { transcript.entries[$0].answer } }

  /// Whether an answer is written or its calls are run.
  var isRunning: Bool { runningIndex != nil || runningCalls != nil }

  func nextAnswerNumber() -> Int {
    answerCount += 1
    return answerCount
  }

  func nextBatchNumber() -> Int {
    batchCount += 1
    return batchCount
  }
}

/// How far the model has come.
enum ModelState: Sendable, Equatable {
  case absent
  case loading(name: String, done: Double?)
  case ready(BackendInfo)
  case failed(String)

  var info: BackendInfo? {
    if case .ready(let info) = self { info } else { nil }
  }
}
