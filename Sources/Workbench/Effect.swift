import Documents
import Engine
import Tools

/// Work that `App.update` asks for and `EventLoop` does.
enum Effect: Sendable, Equatable {
  /// Events come back as `.generation(answer:)`, then `.streamEnded(answer:)`.
  case generate(answer: Int, GenerationRequest)
  /// Drops the stream of the answer; what was produced stays.
  case stop(answer: Int)
  /// Events come back as `.call`, `.permissionWanted` and `.resultWanted`, then `.callsEnded`.
  case runCalls(batch: Int, [ToolCall])
  case answerPermission(batch: Int, id: Int, PermissionAnswer)
  case giveResult(batch: Int, id: Int, ToolResult)
  /// The rules of the workspace, as they are on disk, are the user's own from now on.
  case trustRules
  /// Ends what is being run.
  case stopCalls(batch: Int)
  /// Comes back as `.previewed`; at most one is under way.
  case preview(GenerationRequest)
  /// Comes back as `.functionCosts`.
  case measureFunctions(GenerationRequest)
  /// Comes back as `.chosen`.
  case choose(GenerationRequest)
  /// Comes back as `.cacheMap`.
  case readCacheMap
  /// Opens $VISUAL or $EDITOR on a temporary file with this extension; comes back as `.edited`.
  case edit(EditPurpose, text: String, fileExtension: String)
  /// To the terminal's clipboard (OSC 52).
  case copy(String)
  /// Writes documents of the workspace, in order; comes back as `.saved`.
  case save([WorkspaceChange])
  /// Reads or writes files for a dialog; comes back as `.documents`.
  case documents(DocumentRequest)
  /// Opens another workspace, by its folder or a sample's name; comes back as `.opened`.
  case open(workspace: String)
  /// Appends a line to the workspace's runs.
  case record(RunRecord)
  /// Appends a line to the history of what was sent.
  case remember(String)
  case suspend
  case redraw
  case quit
}
