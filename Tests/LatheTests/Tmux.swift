import Foundation
import Testing

/// A terminal of a given size in tmux with a program in it, driven by keys and read as text.
final class Tmux {
  private let socket = "lathe-\(UUID().uuidString.prefix(8))"
  let scratch: ScratchFolder

  static let isInstalled = FileManager.default.isExecutableFile(atPath: "/usr/bin/tmux")

  /// - Parameter arguments: what `lathe` is started with.
  init(columns: Int = 120, rows: Int = 40, _ arguments: [String] = [], environment: [String: String] = [:]) throws {
    scratch = try ScratchFolder()
    let settings = scratch.path + "/tmux.conf"
    try "set -g escape-time 0\nset -g default-terminal tmux-256color\nset -ga terminal-overrides ',*:Tc'\n"
      .write(toFile: settings, atomically: true, encoding: .utf8)
    let variables = scratch.environment.merging(environment) { $1 }.map { "\($0.key)='\($0.value)'" }
    let words = arguments.map { "'\($0)'" }
    let command = (["cd '\(scratch.path)';", "env", "LANG=C.UTF-8"] + variables + ["'\(Program.path)'"] + words)
      .joined(separator: " ")
    // The shell stays, so that the exit code and what the terminal was left as can be read.
    try tmux([
      "-f", settings, "new-session", "-d", "-x", String(columns), "-y", String(rows),
      "sh -c \"\(command.replacingOccurrences(of: "\"", with: "\\\"")); echo exit code \\$?; exec sleep 60\"",
    ])
  }

  deinit { _ = try? tmux(["kill-server"]) }

  /// Key names as tmux has them: "Enter", "C-c", "M-Enter", "BTab", "F1".
  func press(_ keys: String...) throws { try tmux(["send-keys"] + keys) }

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
  func wait(for text: String, seconds: Double = 20, sourceLocation: SourceLocation = #_sourceLocation) throws -> String {
    try wait("\"\(text)\"", seconds: seconds, sourceLocation: sourceLocation) { $0.contains(text) }
  }

  @discardableResult
  private func tmux(_ arguments: [String]) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/tmux")
    process.arguments = ["-L", socket] + arguments
    var environment = ProcessInfo.processInfo.environment
    environment["LANG"] = "C.UTF-8"
    environment["TMUX"] = nil
    process.environment = environment
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    process.standardInput = FileHandle.nullDevice
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return String(decoding: data, as: UTF8.self)
  }
}
