import Documents
import Engine
import Terminal

/// The workspace's functions: which are on, and what each costs in tokens.
final class FunctionsPane: Pane {
  let id = PaneID.functions
  private var selected = 0

  func detail(_ session: Session) -> String { "\(session.functions.count { $0.isOn }) of \(session.functions.count) on" }

  func move(_ motion: Motion, _ session: Session) {
    let last = max(0, session.functions.count - 1)
    switch motion {
    case .up, .wheel(...(-1)): selected = max(0, selected - 1)
    case .down, .wheel: selected = min(last, selected + 1)
    case .top, .pageUp: selected = 0
    case .bottom, .pageDown: selected = last
    case .left, .right: break
    }
  }

  func toggle(_ session: Session) {
    guard session.functions.indices.contains(selected) else { return }
    session.functions[selected].isOn.toggle()
    session.promptChanged()
  }

  func edited(_ name: String, _ text: String, _ session: Session) {
    guard let index = session.functions.firstIndex(where: { $0.document.name == name }) else { return }
    session.functions[index].text = text
    session.promptChanged()
  }

  func preferredHeight(width: Int, _ session: Session) -> Int { session.functions.count }

  func draw(into buffer: CellBuffer, _ rect: Rect, _ session: Session, _ context: DrawContext) {
    for (index, function) in session.functions.enumerated().prefix(rect.height) {
      let style = context.theme[index == selected && context.isFocused ? .selection : .text]
      let sign = function.isOn ? context.glyphs.on : context.glyphs.off
      buffer.write(" \(sign) \(function.name)", x: rect.x, y: rect.y + index, style: style, clip: rect)
    }
  }
}

extension Commands {
  static let functions: [Command] = [
    Command("functions.toggle", [.character(" ")], "switch the function on or off", .pane(.functions), hint: "on/off") { $0.functions.toggle($0.session) }
  ]
}
