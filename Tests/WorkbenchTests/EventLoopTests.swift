import Documents
import Engine
import Foundation
import JSON
import Synchronization
import Terminal
import Testing

@testable import Workbench

/// Answers from a script, a moment apart.
final class ScriptedBackend: Backend {
  let info = BackendInfo.scripted
  private let scripts: Mutex<[AnswerScript]>
  let delay: Duration

  init(_ scripts: [AnswerScript], delay: Duration = .zero) {
    self.scripts = Mutex(scripts)
    self.delay = delay
  }

  func preview(_ request: GenerationRequest) async throws(GenerationError) -> PromptTrace {
    PromptTrace(scripted: request)
  }
  func cacheMap() async -> CacheMap? { .scripted(nil) }

  func generate(_ request: GenerationRequest) -> AsyncStream<GenerationEvent> {
    let script = scripts.withLock { $0.isEmpty ? AnswerScript(answer: "nothing more") : $0.removeFirst() }
    let delay = delay
    return AsyncStream { continuation in
      let task = Task {
        for event in script.events(for: request) {
          if delay > .zero { try? await Task.sleep(for: delay) }
          if Task.isCancelled { break }
          continuation.yield(event)
        }
        continuation.finish()
      }
      continuation.onTermination = { _ in task.cancel() }
    }
  }
}

/// A screen with a user: each step waits for a text to be shown, then presses keys.
final class UserScreen: Screen {
  typealias Step = (sees: String, presses: [InputEvent])
  private let recording: RecordingScreen
  private var steps: [Step]
  // Long: other tests may hold every thread of the pool that the tasks of this one need, for most of a run of all.
  private let deadline = ContinuousClock.now + .seconds(900)
  private(set) var missed: String?

  init(columns: Int, rows: Int, _ steps: [Step]) {
    recording = RecordingScreen(columns: columns, rows: rows)
    self.steps = steps
  }

  var size: (columns: Int, rows: Int) { recording.size }
  var colorDepth: ColorDepth { recording.colorDepth }
  var lines: LineSet { recording.lines }
  var reportsMouse = true
  var clipboard: String? { recording.clipboard }
  var title: String? { recording.title }
  var shown: String { recording.shown.text() }

  func present(_ buffer: CellBuffer) -> Bool { recording.present(buffer) }

  func nextEvents(timeout: Duration?) -> [InputEvent] {
    if let step = steps.first {
      if shown.contains(step.sees) {
        steps.removeFirst()
        return step.presses
      }
      if ContinuousClock.now > deadline {
        missed = step.sees
        return [.hangUp]
      }
    }
    Thread.sleep(forTimeInterval: 0.002)
    return []
  }

  func suspendProcess() { recording.suspendProcess() }
  func edit(file path: String) throws(TerminalError) {
    let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    try? (text + " and edited\n").write(toFile: path, atomically: true, encoding: .utf8)
  }
  func repaint() { recording.repaint() }
  func beep() { recording.beep() }
  func copyToClipboard(_ text: String) { recording.copyToClipboard(text) }
  func setTitle(_ title: String) { recording.setTitle(title) }
  func close() { recording.close() }
}

@Suite struct EventLoopTests {
  private static func type(_ notation: String) -> [InputEvent] { keys(notation).map(InputEvent.key) }

  /// Runs the loop to its end and gives the screen back.
  @MainActor private func run(
    _ backend: ScriptedBackend, folder: String, workspace: Workspace = .support, _ steps: [UserScreen.Step]
  ) throws -> UserScreen {
    let screen = UserScreen(columns: 100, rows: 30, steps)
    let mailbox = Mailbox<EventLoop.Message>()
    let folders = UserFolders(data: folder + "/data", config: folder + "/config", state: folder + "/state")
    let options = WorkbenchOptions(workspace: workspace, modelName: "mini", folders: folders) {
      progress throws(ModelLoadingError) in
      progress(0.5)
      return backend
    }
    let app = App(session: Session(options.workspace), theme: darkTheme)
    EventLoop(app: app, screen: screen, mailbox: mailbox, options: options).run()
    #expect(screen.missed == nil, "never shown: \(screen.missed ?? "")\n\(screen.shown)")
    return screen
  }

  private func withFolder<R>(_ body: (String) throws -> R) throws -> R {
    let folder = NSTemporaryDirectory() + "lathe-loop-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    return try body(folder)
  }

  @Test @MainActor func `the order story runs from the key press to the run log`() throws {
    try withFolder { folder in
      let screen = try run(
        ScriptedBackend([.order, .packed]), folder: folder,
        [
          ("idle", Self.type("Where is my order ORD12345?<ret>")),
          // The words are seen before the answer has ended.
          ("is packed", []), ("idle", Self.type("<esc>y<C-c>")),
          ("uit", Self.type("<C-c>")),
        ])
      #expect(screen.title == "lathe — Customer support")
      #expect(screen.clipboard == "Your order **ORD12345** is packed. It is expected to ship on `2025-04-06`.")
      let runs = folder + "/data/lathe/workspaces/support/runs"
      let file = try #require(FileManager.default.contentsOfDirectory(atPath: runs).first)
      let kinds = try String(contentsOfFile: runs + "/" + file, encoding: .utf8).split(separator: "\n").map { line in
        line.contains(#""kind": "request""#) ? "request" : "answer"
      }
      #expect(kinds == ["request", "answer", "request", "answer"])
      let audit = folder + "/data/lathe/workspaces/support/audit"
      let log = try #require(FileManager.default.contentsOfDirectory(atPath: audit).first)
      let lines = try String(contentsOfFile: audit + "/" + log, encoding: .utf8).split(separator: "\n")
      #expect(lines.map { $0.contains(#""kind": "decision""#) } == [true, false])
      let history = try String(contentsOfFile: folder + "/state/lathe/history.jsonl", encoding: .utf8)
      #expect(history == "\"Where is my order ORD12345?\"\n")
    }
  }

  @Test @MainActor func `Ctrl-C stops a slow stream and keeps what came`() throws {
    try withFolder { folder in
      let screen = try run(
        ScriptedBackend([.packed], delay: .milliseconds(20)), folder: folder,
        [
          ("idle", Self.type("Hi<ret>")),
          ("Your order", Self.type("<C-c>")),
          ("stopped here", Self.type("<C-c>")),
          ("uit", Self.type("<C-c>")),
        ])
      #expect(screen.shown.contains("Your order"))
    }
  }

  @Test @MainActor func `rules that are the user's own still are when a function in them has another name`() throws {
    try withFolder { folder in
      var workspace = Workspace.support
      workspace.commands = [CommandDocument(name: "get_weather", value: ["argv": ["true"]])]
      let folders = UserFolders(data: folder + "/data", config: folder + "/config", state: folder + "/state")
      try folders.trustRules(of: workspace)
      _ = try run(
        ScriptedBackend([]), folder: folder, workspace: workspace,
        [
          // To the end of the name, which stands in the fourth line.
          ("idle", Self.type("<esc>2j<ret><down><down><down><end><left><left>_now<esc><C-s>")),
          ("saved", Self.type("q")), ("uit lathe?", Self.type("y")),
        ])
      var renamed = workspace
      renamed.commands[0].name = "get_weather_now"
      #expect(folders.trustsRules(renamed.rulesHash))
      // What was not the user's own does not become it.
      renamed.commands[0].value = ["argv": ["false"]]
      #expect(!folders.trustsRules(renamed.rulesHash))
    }
  }

  @Test @MainActor func `the editor's text comes back into the composer`() throws {
    try withFolder { folder in
      _ = try run(
        ScriptedBackend([]), folder: folder,
        [
          ("idle", Self.type("written<A-e>")),
          ("written and edited", [.hangUp]),
        ])
    }
  }
}
