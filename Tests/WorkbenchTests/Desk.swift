import Documents
import Engine
import Terminal

@testable import Workbench

/// A workbench in memory, driven like a user.
final class Desk {
  let app: App
  /// Where files that the app asks for are read and written; nil leaves that to the test.
  var home: UserFolders?
  private(set) var effects: [Effect] = []
  private var now: Duration = .zero

  init(_ workspace: Workspace, width: Int = 120, height: Int = 40, focus: PaneID = .functions) {
    app = App(session: Session(workspace), theme: darkTheme)
    app.focus(focus)
    _ = app.update(.input(.resize(columns: width, rows: height)), at: .zero)
  }

  var session: Session { app.session }

  func send(_ event: AppEvent) {
    now += .milliseconds(10)
    for effect in app.update(event, at: now) {
      effects.append(effect)
      if let home { perform(effect, home) }
    }
  }

  /// As the event loop does it.
  private func perform(_ effect: Effect, _ home: UserFolders) {
    switch effect {
    case .documents(.write(let path, let text, false)) where !path.hasPrefix("/"):
      // Nothing is written beside the tests.
      send(.documents(.exists(path: path, text: text)))
    case .documents(.write(let path, let text, true)) where !path.hasPrefix("/"):
      send(.documents(.failed(.write(path: path, text: text, replaces: true), sentence: "not here")))
    case .documents(let request): send(.documents(request.reply(session.workspace, home: home)))
    case .save(let changes):
      var workspace = session.workspace
      do throws(DocumentError) {
        for change in changes { try workspace.save(change, home: home) }
        send(.saved(workspace))
      } catch {
        send(.notice(Notice(.error, error.description)))
      }
    default: break
    }
  }

  func type(_ notation: String) {
    for key in keys(notation) { send(.input(.key(key))) }
  }

  func takeEffects() -> [Effect] {
    defer { effects = [] }
    return effects
  }

  /// The whole screen at a size.
  func screen(width: Int, height: Int) -> CellBuffer {
    send(.input(.resize(columns: width, rows: height)))
    let buffer = CellBuffer(width: width, height: height)
    app.draw(into: buffer, now: now)
    return buffer
  }

  /// What is open over the panes, without them, and what the footer says there.
  func dialog(width: Int, height: Int) -> CellBuffer {
    send(.input(.resize(columns: width, rows: height)))
    return drawn(width: width, height: height) { buffer in
      for shown in app.covered + [app.overlay].compactMap(\.self) {
        shown.draw(into: buffer, session, context(isFocused: shown === app.overlay, now: now))
      }
      for item in app.footerItems() {
        buffer.write(item.text, x: item.columns.lowerBound, y: height - 1, style: darkTheme[.footer])
      }
    }
  }

  /// The focused pane alone, at a size.
  func pane(_ id: PaneID, width: Int, height: Int) -> CellBuffer {
    drawn(width: width, height: height) { app.pane(id).draw(into: $0, $0.bounds, session, context(now: now)) }
  }
}

let sampleBackend = BackendInfo(
  name: "mini", device: "CPU", parameterCount: 1, contextLength: 2048, vocabularySize: 4096, weightByteCount: 1,
  samplingThinking: .qwen3Thinking, samplingNonThinking: .qwen3NonThinking)

func function(_ name: String, _ description: String = "does it", isOn: Bool = true) -> FunctionDocument {
  let text = """
    {
      "type": "function",
      "function": {
        "name": "\(name)",
        "description": "\(description)",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
      }
    }

    """
  return FunctionDocument(name: name, text: text, isOn: isOn)
}
