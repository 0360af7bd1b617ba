import Foundation
import TestSupport
import Testing

/// A terminal of a given size in tmux with a program in it, driven by keys and read as text.
final class Tmux {
  private let socket = "lathe-\(UUID().uuidString.prefix(8))"
  let scratch: ScratchFolder

  /// Where the PATH has tmux.
  private static let path: String? = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    .map { $0 + "/tmux" }.first(where: FileManager.default.isExecutableFile(atPath:))

  static let isInstalled = path != nil

  /// - Parameters:
  ///   - arguments: what `lathe` is started with.
  ///   - isJob: whether the shell has job control, so that the program can be stopped; Enter then brings it back.
  init(
    columns: Int = 120, rows: Int = 40, _ arguments: [String] = [], environment: [String: String] = [:],
    isJob: Bool = false
  ) throws {
    scratch = try ScratchFolder()
    let settings = scratch.path + "/tmux.conf"
    try "set -g escape-time 0\nset -g default-terminal tmux-256color\nset -ga terminal-overrides ',*:Tc'\n"
      .write(toFile: settings, atomically: true, encoding: .utf8)
    let variables = scratch.environment.merging(environment) { $1 }.map { "export \($0.key)='\($0.value)'" }
    let words = arguments.map { " '\($0)'" }.joined()
    // The shell stays, so that the exit code and what the terminal was left as can be read.
    let script = """
      cd '\(scratch.path)'
      \(variables.joined(separator: "\n"))
      \(isJob ? "set -m" : "")
      sh -c 'echo $$ >pid; exec "$0" "$@"' '\(Program.path)'\(words)
      echo exit code $?
      \(isJob ? "read -r line; fg; echo exit code $?" : "")
      exec sleep 60
      """
    try script.write(toFile: scratch.path + "/start.sh", atomically: true, encoding: .utf8)
    try tmux([
      "-f", settings, "new-session", "-d", "-x", String(columns), "-y", String(rows), "sh '\(scratch.path)/start.sh'",
    ])
  }

  deinit { _ = try? tmux(["kill-server"]) }

  /// Key names as tmux has them: "Enter", "C-c", "M-Enter", "BTab", "F1".
  func press(_ keys: String...) throws {
    try tmux(["send-keys"] + keys)
    // What follows an Escape at once is taken for its Alt combination, as in every terminal.
    if keys.last == "Escape" { usleep(150_000) }
  }

  /// Characters as they are.
  func type(_ text: String) throws { try tmux(["send-keys", "-l", text]) }

  /// A bracketed paste.
  func paste(_ text: String) throws {
    try tmux(["set-buffer", text])
    try tmux(["paste-buffer", "-p"])
  }

  func resize(columns: Int, rows: Int) throws {
    try tmux(["resize-window", "-x", String(columns), "-y", String(rows)])
  }

  /// Sends a signal to the program.
  func signal(_ number: Int32) throws {
    let text = try String(contentsOfFile: scratch.path + "/pid", encoding: .utf8)
    kill(try #require(pid_t(text.trimmingCharacters(in: .whitespacesAndNewlines))), number)
  }

  func screen() throws -> String { try tmux(["capture-pane", "-p"]) }

  /// Waits until the screen satisfies a condition; records an issue with the screen if it does not in time.
  @discardableResult
  func wait(
    _ what: String, seconds: Double = 20, sourceLocation: SourceLocation = #_sourceLocation,
    until condition: (String) -> Bool
  ) throws -> String {
    let deadline = Date().addingTimeInterval(seconds)
    var last = ""
    repeat {
      last = try screen()
      if condition(last) { return last }
      usleep(30_000)
    } while Date() < deadline
    Issue.record("waited \(seconds) s for \(what); the screen is\n\(last)", sourceLocation: sourceLocation)
    return last
  }

  @discardableResult
  func wait(for text: String, seconds: Double = 20, sourceLocation: SourceLocation = #_sourceLocation) throws -> String
  {
    try wait("\"\(text)\"", seconds: seconds, sourceLocation: sourceLocation) { $0.contains(text) }
  }

  @discardableResult
  private func tmux(_ arguments: [String]) throws -> String {
    var environment = ProcessInfo.processInfo.environment
    environment["LANG"] = "C.UTF-8"
    environment["TMUX"] = nil
    let output = scratch.path + "/tmux-\(UUID().uuidString)"
    _ = try spawn(
      Self.path ?? "tmux", ["-L", socket] + arguments, environment: environment, folder: scratch.path, stdout: output)
    defer { try? FileManager.default.removeItem(atPath: output) }
    return try String(contentsOfFile: output, encoding: .utf8)
  }
}
