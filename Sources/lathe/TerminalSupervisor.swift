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

  /// The next line; nil at the end of the input, and when the task is cancelled.
  private static func line() async -> String? {
    let stop = StopSignal()
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        // A thread of its own: the tasks' threads never wait.
        DispatchQueue.global().async { continuation.resume(returning: readLine(until: stop)) }
      }
    } onCancel: {
      stop.raise()
    }
  }

  private static func readLine(until stop: StopSignal) -> String? {
    var bytes: [UInt8] = []
    while !stop.isRaised {
      var input = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
      guard poll(&input, 1, 50) > 0 else { continue }
      var byte: UInt8 = 0
      guard read(STDIN_FILENO, &byte, 1) == 1 else { return nil }
      if byte == UInt8(ascii: "\n") { return String(decoding: bytes, as: UTF8.self) }
      bytes.append(byte)
    }
    return nil
  }
}
