import Documents
import Engine
import Terminal
import Tools

/// Everything that can happen to the workbench. `App.update` takes one with the time at which it happened.
enum AppEvent: Sendable {
  case input(InputEvent)
  /// A checkpoint is being opened; `done` of 0…1 where it is known.
  case modelLoading(name: String, done: Double?)
  case modelReady(BackendInfo)
  /// The sentence to show; the workbench stays usable without a model.
  case modelFailed(String)
  /// From the answer with this number.
  case generation(answer: Int, GenerationEvent)
  /// The stream of the answer with this number has ended, whatever its last event was.
  case streamEnded(answer: Int)
  /// Of a call of a batch that is being run.
  case call(batch: Int, index: Int, CallProgress)
  /// Someone has to say whether a call may be run, or what it returns.
  case permissionWanted(batch: Int, id: Int, PermissionRequest)
  case resultWanted(batch: Int, id: Int, ToolCall)
  /// The outcomes in the calls' order.
  case callsEnded(batch: Int, [CallOutcome])
  case previewed(Result<PromptTrace, GenerationError>)
  /// Nil if the template cannot take the functions.
  case functionCosts(FunctionCosts?)
  /// Nil if the model cannot tell; `took` is from the asking to the answer.
  case chosen(FunctionChoice?, took: Duration)
  case cacheMap(CacheMap?)
  /// A frame was on its way to the terminal this long after the event that asked for it.
  case painted(took: Duration)
  /// Text that came back from $EDITOR; nil when it was not changed or the editor failed.
  case edited(EditPurpose, text: String?)
  /// The workspace after a save; nothing of it is unsaved.
  case saved(Workspace)
  /// What a dialog asked for.
  case documents(DocumentReply)
  /// Another workspace, in the place of the one that was open.
  case opened(Workspace)
  /// The outcome of an effect, for the footer.
  case notice(Notice)
  /// What opening the workspace found to say.
  case notices([String])
  /// Time has passed: a spinner turns, a notice fades.
  case tick
}

/// What a text was handed to $EDITOR for.
enum EditPurpose: Sendable, Hashable {
  case composer
  /// The function of this name.
  case function(String)
}

/// One line for the footer.
struct Notice: Sendable, Equatable {
  enum Kind: Sendable { case information, success, warning, error }
  var kind: Kind
  var text: String
  init(_ kind: Kind, _ text: String) {
    self.kind = kind
    self.text = text
  }
}
