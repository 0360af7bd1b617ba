/// A terminal that shows cells and gives events. Belongs to the thread that made it.
public protocol Screen: AnyObject {
  /// In cells; never less than 1 by 1.
  var size: (columns: Int, rows: Int) { get }
  /// What a theme is to be reduced to.
  var colorDepth: ColorDepth { get }
  /// What boxes are to be drawn with.
  var lines: LineSet { get }

  /// Shows the buffer; only what has changed since the last one is sent.
  /// - Returns: false when the frame was dropped because the terminal takes no bytes now. `nextEvents` then returns when
  ///   it does, and the caller draws again.
  @discardableResult
  func present(_ buffer: CellBuffer) -> Bool

  /// Blocks until the terminal, a signal or the mailbox has something, or the time is up.
  /// - Parameter timeout: nil waits without end, zero not at all.
  /// - Returns: what came from the terminal; empty when something else ended the wait. `.resize` means that everything has to
  ///   be drawn again, and also comes after a suspension.
  func nextEvents(timeout: Duration?) -> [InputEvent]

  /// Stops the process group, as Ctrl-Z does in a shell; returns when it is continued.
  func suspendProcess()
  /// Runs the user's editor on a file with the terminal handed over, and waits for it.
  /// - Throws: `TerminalError.editor` when it cannot be run or fails; the file may have changed all the same.
  func edit(file path: String) throws(TerminalError)
  /// Draws everything anew, whatever has been printed over it.
  func repaint()

  func beep()
  /// Hands text to the terminal's clipboard (OSC 52). Whether the terminal takes it is not known.
  func copyToClipboard(_ text: String)
  func setTitle(_ title: String)
  /// Whether clicks and the wheel come as events; without, the terminal's own selection works.
  var reportsMouse: Bool { get set }

  /// Gives the terminal back as it was. Nothing else may be called afterwards.
  func close()
}

/// Why there is no terminal to work with, or why it could not be used.
public enum TerminalError: Error, Equatable, CustomStringConvertible {
  /// Standard input and output are no terminal, and there is none to open.
  case noTerminal
  case noTerm
  /// TERM names a terminal that cannot move its cursor, or that nothing is known of.
  case unsuitable(term: String)
  case editor(command: String, reason: String)
  /// An environment variable of ours has a value that means nothing.
  case setting(variable: String, value: String, expected: String)

  public var description: String {
    switch self {
    case .noTerminal:
      "the workbench needs a terminal, and neither standard input and output nor /dev/tty is one; the subcommands work without"
    case .noTerm:
      "TERM is not set, so nothing is known of the terminal; set it, for example TERM=xterm-256color"
    case .unsuitable(let term):
      "the terminal \"\(term)\" (TERM) cannot place its cursor or is not known; the workbench needs one like xterm-256color"
    case .editor(let command, let reason):
      "\(command): \(reason); set VISUAL or EDITOR to another editor"
    case .setting(let variable, let value, let expected):
      "\(variable) is \"\(value)\"; expected \(expected)"
    }
  }
}
