import Terminal

/// Finds a command by words of its title.
final class PaletteOverlay: Overlay {
  private var query = ""
  private var selected = 0
  private let commands: [Command]

  init(_ app: App) {
    commands = Commands.all.filter { $0.place != .overlay && $0.isEnabled(app) }
  }

  var mode: InputMode { .typing }

  private var found: [Command] {
    commands.filter { command in query.split(separator: " ").allSatisfy { command.title.lowercased().contains($0.lowercased()) } }
  }

  func handle(_ key: KeyPress, _ session: Session) -> OverlayOutcome {
    switch key.key {
    case .enter: return found.indices.contains(selected) ? .run(command: found[selected].id) : .close
    case .up: selected = max(0, selected - 1)
    case .down: selected = min(max(0, found.count - 1), selected + 1)
    case .backspace: query = String(query.dropLast())
    case .character(let character) where key.modifiers.isSubset(of: .shift):
      query.append(character)
      selected = 0
    default: break
    }
    return .stay
  }

  func draw(into buffer: CellBuffer, _ session: Session, _ context: DrawContext) {
    let rect = buffer.bounds.inset(by: 3)
    buffer.fill(rect, context.theme[.dialog])
    buffer.box(rect, context.theme[.dialogBorder], title: "Commands", titleStyle: context.theme[.dialogTitle])
    let inside = rect.inset(by: 1)
    buffer.write(query, x: inside.x, y: inside.y, style: context.theme[.input], clip: inside)
    for (index, command) in found.prefix(max(0, inside.height - 1)).enumerated() {
      let style = context.theme[index == selected ? .menuSelection : .dialog]
      buffer.write(command.title, x: inside.x, y: inside.y + 1 + index, style: style, clip: inside)
    }
  }
}
