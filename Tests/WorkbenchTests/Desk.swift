import Documents
import Engine
import Terminal

@testable import Workbench

/// A workbench in memory, driven like a user.
final class Desk {
  let app: App
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
    effects += app.update(event, at: now)
  }

  func type(_ notation: String) {
    for key in keys(notation) { send(.input(.key(key))) }
  }

  func takeEffects() -> [Effect] {
    defer { effects = [] }
    return effects
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
