public import Documents
public import Engine
import ModelFiles
import Tools

/// What the panes show and change: the conversation, the functions, the settings, and what the engine last said.
/// It does nothing by itself; what is to be done it asks of the event loop through `request`.
public final class Session {
  /// As it is on disk; what is edited is in the members below until it is saved.
  public var workspace: Workspace
  public var transcript = Transcript()
  /// The prompt of the workspace that the conversation began with.
  public internal(set) var promptName: String?
  /// Earlier transcripts, for undoing an edit, a rerun or a regeneration; the latest last.
  var earlierTranscripts: [Transcript] = []
  public var functions: [FunctionEntry] = []
  public var thinking: ThinkingMode = .template
  /// The workspace's sampling preset in use; nil follows the model's recommendation for the thinking mode.
  public internal(set) var presetName: String?
  /// What the user set besides.
  public var chosenSampling: SamplingSettings?
  public var tokenLimit: Int?
  public var stopStrings: [String] = []
  public var toolChoice: ToolChoice = .auto
  public var candidateCount = Session.standardCandidateCount
  public var model: ModelState = .absent
  /// Of the conversation as it stands, draft included; nil before a model has rendered it.
  public var trace: PromptTrace?
  /// Why the conversation cannot be rendered.
  public var traceProblem: GenerationError?
  public internal(set) var functionCosts: FunctionCosts?
  var measuring = FunctionMeasuring()
  public var cache: CacheMap?
  /// What the user is writing in the composer; it counts in the prompt pane.
  public var draft = ""
  public var notice: (notice: Notice, at: Duration)?
  /// A result for a call, offered by the workspace's mocks.
  public func mockResult(_ call: ToolCall) -> String? {
    mocks.first { $0.name == call.name }?.answer(call.arguments)?.result.content
  }
  private var mocks: [MockFunction] = []
  /// The bytes of the tokens that have been seen, for the cache pane.
  var tokenBytes: [TokenID: [UInt8]] = [:]
  /// The workbench's clock at the event being handled.
  public internal(set) var now: Duration = .zero

  private var effects: [Effect] = []
  private var answerCount = 0
  var previewIsWanted = false
  var previewIsUnderWay = false
  /// Begins the names of this session's runs.
  public var runPrefix = "run"

  public init(_ workspace: Workspace) {
    self.workspace = workspace
    open(workspace)
  }

  /// Puts everything of a workspace in the place of the one that was open. Settings the workspace says nothing of are the
  /// checkpoint's.
  func open(_ workspace: Workspace) {
    self.workspace = workspace
    notice = nil
    // A mock that is not one offers nothing; the notice names it.
    mocks = []
    for document in workspace.mocks {
      do throws(MockError) {
        mocks.append(try MockFunction(name: document.name, document.value, path: "mocks/\(document.name).json"))
      } catch {
        show(.warning, error.description)
      }
    }
    functions = workspace.functions.map { FunctionEntry($0) }
    functionCosts = nil
    measuring.measured = []
    promptName = workspace.openingPrompt?.name
    transcript = Transcript(workspace.openingPrompt?.messages.map { Message($0) } ?? [])
    earlierTranscripts = []
    thinking = workspace.settings.thinking.flatMap { ThinkingMode(rawValue: $0) } ?? .template
    usePreset(workspace.settings.sampling)
    promptChanged()
  }

  /// Begins the conversation anew with a prompt of the workspace; the old one can be brought back.
  func openPrompt(_ prompt: PromptDocument) {
    remember()
    transcript = Transcript(prompt.messages.map { Message($0) })
    promptName = prompt.name
    promptChanged()
    show(.information, "prompt \(prompt.name); u in the conversation brings the old one back")
  }

  public var workspaceName: String { workspace.settings.title }
  /// Prompts to begin with, offered in an empty conversation.
  public var examples: [String] { workspace.settings.examples }

  public func request(_ effect: Effect) { effects.append(effect) }

  func takeEffects() -> [Effect] {
    defer { effects = [] }
    return effects
  }

  public func show(_ kind: Notice.Kind, _ text: String) { notice = (Notice(kind, text), now) }

  /// A notice stays long enough to be read; an error longer.
  func forgetOldNotice() {
    guard let (notice, at) = notice else { return }
    if now - at > .seconds(notice.kind == .error ? 30 : 6) { self.notice = nil }
  }

  // MARK: - Settings

  /// Whether the model will think, as far as the settings tell: a template's own default is to think.
  public var isThinking: Bool { thinking != .off }

  /// What the next request will use.
  public var sampling: SamplingSettings {
    get { chosenSampling ?? presetSampling ?? recommendedSampling }
    set { chosenSampling = newValue == (presetSampling ?? recommendedSampling) ? nil : newValue }
  }

  public var recommendedSampling: SamplingSettings {
    guard case .ready(let info) = model else { return isThinking ? .qwen3Thinking : .qwen3NonThinking }
    return isThinking ? info.samplingThinking : info.samplingNonThinking
  }

  /// The functions that are on and whole, in order.
  public var offeredFunctions: [FunctionDefinition] { functions.compactMap { $0.isOn ? $0.definition : nil } }

  public func makeRequest(_ messages: [Message]) -> GenerationRequest {
    GenerationRequest(
      messages: messages, functions: offeredFunctions, toolChoice: toolChoice, thinking: thinking, sampling: sampling,
      tokenLimit: tokenLimit, stopStrings: stopStrings, candidateCount: candidateCount)
  }

  /// To be called after every change of what the prompt is made of.
  public func promptChanged() {
    previewIsWanted = true
    measuring.isWanted = true
  }

  // MARK: - The answer under way

  /// The entry that is being generated.
  public var runningIndex: Int? {
    guard let last = transcript.entries.indices.last, transcript.entries[last].answer?.isRunning == true else {
      return nil
    }
    return last
  }

  public var runningAnswer: Answer? { runningIndex.flatMap { transcript.entries[$0].answer } }

  /// The last answer, running or done; what the meters show.
  public var latestAnswer: Answer? { transcript.latestAnswerIndex.flatMap { transcript.entries[$0].answer } }

  public var isRunning: Bool { runningIndex != nil }

  func nextAnswerNumber() -> Int {
    answerCount += 1
    return answerCount
  }
}

/// How far the model has come.
public enum ModelState: Sendable, Equatable {
  case absent
  case loading(name: String, done: Double?)
  case ready(BackendInfo)
  case failed(String)

  public var info: BackendInfo? {
    if case .ready(let info) = self { info } else { nil }
  }
}

extension Message.Role {
  init(_ role: PromptMessage.Role) {
    switch role {
    case .system: self = .system
    case .user: self = .user
    case .assistant: self = .assistant
    case .tool: self = .tool
    }
  }
}

extension PromptMessage.Role {
  init(_ role: Message.Role) {
    switch role {
    case .system: self = .system
    case .user: self = .user
    case .assistant: self = .assistant
    case .tool: self = .tool
    }
  }
}

extension Message {
  /// A message of a prompt file.
  public init(_ message: PromptMessage) {
    self.init(
      Role(message.role), message.content, reasoning: message.thinking,
      toolCalls: message.calls.map { ToolCall(name: $0.name, arguments: $0.arguments) }, toolName: message.toolName)
  }
}

extension PromptMessage {
  init(_ message: Message) {
    self.init(
      Role(message.role), message.content, thinking: message.reasoning,
      calls: message.toolCalls.map { Call(name: $0.name, arguments: $0.arguments) }, toolName: message.toolName)
  }
}
