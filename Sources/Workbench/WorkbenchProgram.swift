public import Documents
public import Engine
import Glibc
import Terminal

/// What the workbench is opened with.
public struct WorkbenchOptions: Sendable {
  /// What is opened first.
  public var workspace: Workspace
  /// Shown while it is being loaded.
  public var modelName: String
  /// Opens the model, off the main thread, after the first frame. It may tell how far it is, 0…1.
  public var loadModel:
    @Sendable (_ progress: @Sendable (Double) -> Void) async throws(ModelLoadingError) -> any Backend
  /// A name or a path, as `Theme.load` takes it.
  public var themeName: String
  /// Signs and lines of ASCII only, whatever the terminal can show.
  public var isASCII = false
  /// Where history, changed samples and runs are kept.
  public var folders: UserFolders

  /// - Parameter loadModel: see the member.
  public init(
    workspace: Workspace, modelName: String, themeName: String = "dark", folders: UserFolders = .current,
    loadModel:
      @escaping @Sendable (_ progress: @Sendable (Double) -> Void) async throws(ModelLoadingError) -> any Backend
  ) {
    self.workspace = workspace
    self.modelName = modelName
    self.themeName = themeName
    self.folders = folders
    self.loadModel = loadModel
  }
}

/// Why there is no model, in a sentence for the screen.
public struct ModelLoadingError: Error, Sendable, Equatable {
  /// Where, what was found, what to do.
  public var sentence: String

  /// The reason in one sentence.
  public init(_ sentence: String) { self.sentence = sentence }
}

/// Why the workbench could not be opened, in a sentence for standard error.
public struct WorkbenchError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The sentence.
  public var description: String
}

/// The workbench as a program: takes the terminal, runs until the user quits, gives it back.
public enum WorkbenchProgram {
  /// Blocks the main thread.
  /// - Returns: the exit status: 0, or 128 and the signal that ended it.
  /// - Throws: when there is no terminal to work with, or the theme cannot be read; nothing has been changed then.
  @MainActor public static func run(_ options: WorkbenchOptions) throws(WorkbenchError) -> Int32 {
    let theme: Theme
    let screen: CursesScreen
    let mailbox = Mailbox<EventLoop.Message>()
    do throws(ThemeError) {
      theme = try Theme.load(named: options.themeName)
    } catch {
      throw WorkbenchError(description: error.description)
    }
    do throws(TerminalError) {
      screen = try CursesScreen(waker: mailbox.waker, options: try ScreenOptions.fromEnvironment())
    } catch {
      throw WorkbenchError(description: error.description)
    }
    let app = App(session: Session(options.workspace), theme: theme.reduced(to: screen.colorDepth))
    if options.isASCII || screen.lines == .ascii { app.glyphs = .ascii }
    app.conversation.composer.history = options.folders.history()
    app.session.runPrefix = "\(RunLog.today())-\(getpid())-\(time(nil))"
    EventLoop(app: app, screen: screen, mailbox: mailbox, options: options).run()
    screen.close()
    return screen.terminationSignal.map { 128 + $0 } ?? 0
  }
}
