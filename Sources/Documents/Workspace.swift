public import JSON

/// A function as a file: one tool in OpenAI's form, kept as its author wrote it.
public struct FunctionDocument: Sendable, Equatable {
  /// The file's name without `.json`.
  public var name: String
  /// The JSON text; it may be faulty while it is being edited.
  public var text: String
  /// Offered to the model.
  public var isOn: Bool

  public init(name: String, text: String, isOn: Bool = true) {
    self.name = name
    self.text = text
    self.isOn = isOn
  }
}

/// What a mocked function answers: `mocks/NAME.json`, named as the function.
public struct MockDocument: Sendable, Equatable {
  public var name: String
  public var value: JSONValue

  public init(name: String, value: JSONValue) {
    self.name = name
    self.value = value
  }
}

/// Named sampling settings: `sampling/NAME.json`, members that equal the checkpoint's defaults left out.
public struct SamplingPreset: Sendable, Equatable {
  public var name: String
  public var settings: JSONObject

  public init(name: String, settings: JSONObject) {
    self.name = name
    self.settings = settings
  }
}

/// `workspace.json`. What is default is left out.
public struct WorkspaceSettings: Sendable, Equatable {
  /// Shown in the header.
  public var title: String
  public var description: String
  /// The prompt that opens; the first by name if nil.
  public var prompt: String?
  /// The sampling preset in use; the checkpoint's defaults if nil.
  public var sampling: String?
  /// "on", "off", or nil for the template's own way.
  public var thinking: String?
  /// Names of functions in the order they are offered; the others follow by name.
  public var functionOrder: [String]
  /// Names of functions that are switched off.
  public var functionsOff: [String]
  /// How functions are answered that are not mocked: "manual" or "command" by name.
  public var runners: [String: String]
  /// What a newcomer may type first.
  public var examples: [String]

  public init(
    title: String, description: String = "", prompt: String? = nil, sampling: String? = nil, thinking: String? = nil,
    functionOrder: [String] = [], functionsOff: [String] = [], runners: [String: String] = [:], examples: [String] = []
  ) {
    self.title = title
    self.description = description
    self.prompt = prompt
    self.sampling = sampling
    self.thinking = thinking
    self.functionOrder = functionOrder
    self.functionsOff = functionsOff
    self.runners = runners
    self.examples = examples
  }
}

/// A folder of prompts, functions, what answers them, permissions and settings, in memory.
public struct Workspace: Sendable, Equatable {
  /// Where the files are.
  public enum Origin: Sendable, Equatable {
    case folder(String)
    /// In the binary; copied to the user's data folder when it is first changed.
    case sample(String)
  }

  public var origin: Origin
  public var settings: WorkspaceSettings
  public var prompts: [PromptDocument]
  public var functions: [FunctionDocument]
  public var mocks: [MockDocument]
  public var commands: [CommandDocument]
  public var recordings: [RecordingDocument]
  /// `permissions.json`; nil without one.
  public var permissions: JSONValue?
  public var samplingPresets: [SamplingPreset]
  /// What opening it found to say: a run that was cut short, a file that was set aside.
  public var notices: [String]

  public init(
    origin: Origin, settings: WorkspaceSettings, prompts: [PromptDocument] = [], functions: [FunctionDocument] = [],
    mocks: [MockDocument] = [], commands: [CommandDocument] = [], recordings: [RecordingDocument] = [],
    permissions: JSONValue? = nil, samplingPresets: [SamplingPreset] = [], notices: [String] = []
  ) {
    self.origin = origin
    self.settings = settings
    self.prompts = prompts
    self.functions = functions
    self.mocks = mocks
    self.commands = commands
    self.recordings = recordings
    self.permissions = permissions
    self.samplingPresets = samplingPresets
    self.notices = notices
  }

  /// The prompt that `workspace.json` names, else the first.
  public var openingPrompt: PromptDocument? {
    prompts.first { $0.name == settings.prompt } ?? prompts.first
  }

  /// The functions that are switched on, in the order they are offered.
  public var offeredFunctions: [FunctionDocument] { functions.filter(\.isOn) }
}
