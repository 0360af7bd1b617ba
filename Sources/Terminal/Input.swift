/// A key without its modifiers.
public enum Key: Hashable, Sendable {
  /// A printable character. Shift is already in it; control and alt are modifiers.
  case character(Character)
  case enter, tab, backspace, delete, insert, escape
  case up, down, left, right, home, end, pageUp, pageDown
  case function(Int)
}

/// The keys held down with another.
public struct Modifiers: OptionSet, Hashable, Sendable {
  public let rawValue: UInt8
  public init(rawValue: UInt8) { self.rawValue = rawValue }
  public static let shift = Modifiers(rawValue: 1)
  public static let alt = Modifiers(rawValue: 2)
  public static let control = Modifiers(rawValue: 4)
}

/// One key press. Shift-Tab is `.tab` with `.shift`; Ctrl-J is `.character("j")` with `.control`.
public struct KeyPress: Hashable, Sendable {
  public var key: Key
  public var modifiers: Modifiers
  public init(_ key: Key, _ modifiers: Modifiers = []) {
    self.key = key
    self.modifiers = modifiers
  }
}

/// A mouse report (SGR 1006), in cells from 0 at the top left.
public struct MouseEvent: Equatable, Sendable {
  /// What the mouse did; a drag is a move with a button held.
  public enum Action: Equatable, Sendable { case press, release, drag, scrollUp, scrollDown }
  /// Which button; none for the wheel.
  public enum Button: Equatable, Sendable { case left, middle, right, none }
  public var action: Action
  public var button: Button
  public var x: Int
  public var y: Int
  public var modifiers: Modifiers
  public init(_ action: Action, button: Button = .left, x: Int, y: Int, modifiers: Modifiers = []) {
    self.action = action
    self.button = button
    self.x = x
    self.y = y
    self.modifiers = modifiers
  }
}

/// What comes from the terminal.
public enum InputEvent: Equatable, Sendable {
  case key(KeyPress)
  /// A bracketed paste, whole; never a sequence of keys.
  case paste(String)
  case mouse(MouseEvent)
  case resize(columns: Int, rows: Int)
  case focus(Bool)
  /// The terminal went away.
  case hangUp
}
