import Dispatch
import Engine
import Glibc
import JSON
import Tools

/// Asks the person at the terminal that a command was started from: the question on standard error, the answer a line of
/// standard input.
struct TerminalSupervisor: CallSupervisor {
  /// Nil unless someone is there to read and to answer.
  init?() {
    guard isatty(STDIN_FILENO) == 1, isatty(STDERR_FILENO) == 1 else { return nil }
  }

  func permission(for request: PermissionRequest) async -> PermissionAnswer? {
    let reason = request.verdict.reason.map { ": \($0)" } ?? ""
    let isOthers = request.verdict.permission == .allow
    let rule =
      isOthers
      ? "it is allowed by rules of this workspace that you have not taken for your own"
      : request.verdict.rule.map { "rule \($0 + 1) asks\(reason)" } ?? "no rule is about it\(reason)"
    let way = request.way == .command ? "it runs a program" : "nothing is executed"
    StandardError.write("? \(request.call.text)\n  \(rule); \(way)\n  run it? y once, s for this run, n or a reason why not: ")
    guard let line = await Self.line() else { return nil }
    switch line.lowercased() {
    case "y", "yes": return .allowOnce
    case "s": return .allowForSession
    case "", "n", "no": return .deny(reason: nil)
    default: return .deny(reason: line)
    }
  }

  func result(of call: ToolCall) async -> ToolResult? {
    StandardError.write("? \(call.text)\n  what does it return, as JSON or text: ")
    return await Self.line().map { ToolResult(text: $0) }
  }

  /// The next line; nil at the end of the input.
  private static func line() async -> String? {
    await withCheckedContinuation { continuation in
      DispatchQueue.global().async { continuation.resume(returning: readLine()) }
    }
  }
}
