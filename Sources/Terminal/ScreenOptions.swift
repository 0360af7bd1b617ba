internal import Glibc

/// What a person may want of the screen whatever the terminal says.
public struct ScreenOptions: Equatable, Sendable {
  /// Nil goes by TERM and COLORTERM.
  public var colors: ColorDepth?
  /// Wraps frames in DEC mode 2026, so that the terminal shows them whole.
  public var isSynchronized = true
  public var reportsMouse = true
  /// Where SIGUSR1 writes the text of the screen, for tests that compare it with what the terminal shows.
  public var dumpPath: String?

  public init() {}

  /// Takes `LATHE_COLORS` (auto, none, 8, 16, 256, direct), `NO_COLOR` (no-color.org), `LATHE_SYNC`, `LATHE_MOUSE` (on, off) and
  /// `LATHE_SCREEN_DUMP` (a path).
  /// - Throws: `TerminalError.setting` for a value that is none of these.
  public init(environment: [String: String]) throws(TerminalError) {
    if environment["NO_COLOR"]?.isEmpty == false { colors = .monochrome }
    let depths: [String: ColorDepth?] = [
      "auto": nil, "none": .monochrome, "8": .ansi8, "16": .ansi16, "256": .palette256, "direct": .direct,
    ]
    if let value = environment["LATHE_COLORS"], !value.isEmpty {
      guard let depth = depths[value] else {
        throw .setting(variable: "LATHE_COLORS", value: value, expected: "auto, none, 8, 16, 256 or direct")
      }
      colors = depth
    }
    isSynchronized = try Self.isOn("LATHE_SYNC", environment)
    reportsMouse = try Self.isOn("LATHE_MOUSE", environment)
    dumpPath = environment["LATHE_SCREEN_DUMP"]
  }

  /// The process's own environment.
  public static func fromEnvironment() throws(TerminalError) -> ScreenOptions {
    var environment: [String: String] = [:]
    for name in ["NO_COLOR", "LATHE_COLORS", "LATHE_SYNC", "LATHE_MOUSE", "LATHE_SCREEN_DUMP"] {
      environment[name] = getenv(name).map { String(cString: $0) }
    }
    return try ScreenOptions(environment: environment)
  }

  private static func isOn(_ name: String, _ environment: [String: String]) throws(TerminalError) -> Bool {
    switch environment[name] {
    case nil, "", "on", "1": return true
    case "off", "0": return false
    case .some(let value): throw .setting(variable: name, value: value, expected: "on or off")
    }
  }
}
