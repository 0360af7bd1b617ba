import Terminal

/// One thing the user can ask for: a row of the key table. Help, footer, palette and the documentation are made from it.
struct Command: Sendable {
  /// Where a command applies.
  enum Place: Hashable, Sendable {
    /// In every pane, unless an overlay is open.
    case everywhere
    case pane(PaneID)
    /// In the form of a function, a part of the functions pane; what the form has no use for is the pane's.
    case form
    /// While an overlay (help, palette, a dialog) is open.
    case overlay
    /// In one of the dialogs that have commands of their own, besides those of every overlay.
    case dialog(DialogID)
  }

  /// Stable, for the palette and the tests: "conversation.rerun".
  let id: String
  let keys: [KeyPress]
  /// What it does, as help says it: "stop the generation".
  let title: String
  let place: Place
  /// In which it takes its keys (`keys(in:)`). The palette offers a command in both.
  let modes: Set<InputMode>
  /// A word or two for the footer; nil keeps it out.
  let hint: String?
  let isEnabled: @Sendable (App) -> Bool
  let action: @Sendable (App) -> Void

  init(
    _ id: String, _ keys: [KeyPress], _ title: String, _ place: Place = .everywhere,
    modes: Set<InputMode> = [.reading], hint: String? = nil,
    isEnabled: @escaping @Sendable (App) -> Bool = { _ in true },
    action: @escaping @Sendable (App) -> Void
  ) {
    self.id = id
    self.keys = keys
    self.title = title
    self.place = place
    self.modes = modes
    self.hint = hint
    self.isEnabled = isEnabled
    self.action = action
  }
}

extension Command {
  /// Whether it means something only while an overlay is open.
  var isOfOverlay: Bool {
    switch place {
    case .overlay, .dialog: true
    case .everywhere, .pane, .form: false
    }
  }

  /// The keys that mean it in a mode. While typing, what makes a character is text, never a command.
  func keys(in mode: InputMode) -> [KeyPress] {
    guard modes.contains(mode) else { return [] }
    return mode == .reading ? keys : keys.filter { !$0.isText }
  }
}

/// The key table.
enum Commands {
  /// In the order help shows them.
  static let all: [Command] =
    conversation + functions + form + calls + sampling + meters + cache + prompt + exchange + everywhere + text
    + revisionsDialog + exportDialog + importDialog + draftDialog + overlay

  /// The command a key means: that of the place before those of everywhere.
  static func command(for key: KeyPress, in place: Command.Place, mode: InputMode, _ app: App) -> Command? {
    func find(_ rows: [Command]) -> Command? {
      rows.first { $0.keys(in: mode).contains(key) && $0.isEnabled(app) }
    }
    let own = find(all.filter { $0.place == place })
    switch place {
    case .overlay: return own
    case .dialog: return own ?? find(all.filter { $0.place == .overlay })
    case .form:
      let pane = find(all.filter { $0.place == .pane(.functions) })
      return own ?? pane ?? find(all.filter { $0.place == .everywhere })
    case .pane, .everywhere: return own ?? find(all.filter { $0.place == .everywhere })
    }
  }

  static func command(id: String) -> Command? { all.first { $0.id == id } }
}

extension KeyPress: CustomStringConvertible {
  static func character(_ character: Character, _ modifiers: Modifiers = []) -> KeyPress {
    KeyPress(.character(character), modifiers)
  }
  /// Whether it makes a character where text is typed.
  var isText: Bool {
    if case .character = key { modifiers.isSubset(of: .shift) } else { false }
  }
  static func control(_ character: Character) -> KeyPress { KeyPress(.character(character), .control) }
  static func alt(_ character: Character) -> KeyPress { KeyPress(.character(character), .alt) }

  /// As help writes it: "Ctrl-P", "Shift-Tab", "Space", "G".
  var description: String {
    var parts: [String] = []
    if modifiers.contains(.control) { parts.append("Ctrl") }
    if modifiers.contains(.alt) { parts.append("Alt") }
    if modifiers.contains(.shift) { parts.append("Shift") }
    let name =
      switch key {
      case .character(" "): "Space"
      case .character(let character): modifiers.contains(.control) ? character.uppercased() : String(character)
      case .enter: "Enter"
      case .tab: "Tab"
      case .backspace: "Backspace"
      case .delete: "Del"
      case .insert: "Ins"
      case .escape: "Esc"
      case .up: "Up"
      case .down: "Down"
      case .left: "Left"
      case .right: "Right"
      case .home: "Home"
      case .end: "End"
      case .pageUp: "PgUp"
      case .pageDown: "PgDn"
      case .function(let number): "F\(number)"
      }
    return (parts + [name]).joined(separator: "-")
  }
}
