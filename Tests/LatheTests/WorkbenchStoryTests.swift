import Foundation
import TestSupport
import Testing

/// The workbench as a person meets it: a real terminal (tmux), real keys, the embedded model. Skipped where there is no
/// tmux.
@Suite(.serialized, .enabled(if: Tmux.isInstalled, "tmux is not installed"))
struct WorkbenchStoryTests {
  @Test func `the weather story: type, stream, call, result, answer, quit`() throws {
    let terminal = try Tmux(columns: 120, rows: 40, ["weather"])
    try terminal.wait(for: "a miniature Qwen3")
    try terminal.wait("the model to be ready") { $0.contains("idle") }
    try terminal.type("北京今天天气怎么样？")
    try terminal.press("Enter")
    // The call as a card, with the mock's answer waiting to be accepted.
    try terminal.wait(for: "awaiting result")
    let called = try terminal.wait(for: "{\"temperature\": 25, \"condition\": \"晴\"}")
    #expect(called.contains("→ get_weather"))
    #expect(called.contains("\"北京\""))
    try terminal.press("Enter")
    let answered = try terminal.wait("the answer") { $0.contains("25，") && $0.contains("晴。") }
    #expect(answered.contains("answered"))
    #expect(answered.contains("first token"))
    // The second request found the first one's pages.
    #expect(answered.contains("cached"))
    #expect(!answered.contains("free 260"))
    try terminal.press("C-c")
    try terminal.wait(for: "Quit lathe?")
    try terminal.press("y")
    let left = try terminal.wait(for: "exit code 0")
    #expect(!left.contains("Conversation"))
  }

  @Test func `the order story fits into 80 by 24`() throws {
    let terminal = try Tmux(columns: 80, rows: 24, ["support"])
    try terminal.wait(for: "Where is my order ORD12345?")
    try terminal.wait(for: "idle")
    try terminal.type("Where is my order ORD12345?")
    try terminal.press("Enter")
    try terminal.wait(for: "→ get_order_status")
    try terminal.wait(for: "\"2025-04-06\"}")
    try terminal.press("Enter")
    try terminal.wait("the answer") {
      $0.contains("ORD12345 is packed, and the expected") && $0.contains("2025-04-06.")
    }
  }

  @Test func `Esc never quits, and every size is survived`() throws {
    let terminal = try Tmux(columns: 120, rows: 40, ["weather"])
    try terminal.wait(for: "idle")
    for _ in 0..<5 { try terminal.press("Escape") }
    for (columns, rows) in [(200, 60), (80, 24), (20, 5), (2, 1), (3, 40), (120, 40)] {
      try terminal.resize(columns: columns, rows: rows)
      usleep(120_000)
    }
    let screen = try terminal.wait("the panes after the last size") {
      $0.contains("Conversation") && $0.contains("Meters")
    }
    #expect(!screen.contains("exit code"))
  }

  @Test func `a paste of several lines is not sent`() throws {
    let terminal = try Tmux(columns: 100, rows: 30, ["support"])
    try terminal.wait(for: "idle")
    try terminal.paste("first line\nsecond 深圳 line\n")
    let screen = try terminal.wait(for: "second 深圳 line")
    #expect(screen.contains("first line"))
    #expect(!screen.contains("You\n"))
  }

  @Test func `help lists the keys of the table`() throws {
    let terminal = try Tmux(columns: 100, rows: 40, ["weather"])
    try terminal.wait(for: "idle")
    try terminal.press("Escape")
    try terminal.press("?")
    let screen = try terminal.wait(for: "type to narrow")
    #expect(screen.contains("Ctrl-N"))
    try terminal.press("Escape")
    try terminal.wait("the help to be gone") { !$0.contains("type to narrow") }
  }

  @Test func `a changed function is saved to the user's own copy of the sample`() throws {
    let terminal = try Tmux(columns: 120, rows: 40, ["support"])
    try terminal.wait(for: "idle")
    try terminal.press("Escape")
    try terminal.press("2")
    // Switched off, its tokens leave the prompt.
    let before = try terminal.wait(for: "in each prompt")
    try terminal.press("Space")
    try terminal.wait("the context tax to change") { Self.tax($0) != Self.tax(before) && Self.tax($0) != nil }
    try terminal.press("C-s")
    let saved = terminal.scratch.path + "/data/lathe/workspaces/support/workspace.json"
    try terminal.wait("the file") { _ in FileManager.default.fileExists(atPath: saved) }
    #expect(try String(contentsOfFile: saved, encoding: .utf8).contains("functions_off"))
  }

  @Test(arguments: [SIGTERM, SIGHUP, SIGINT, SIGSEGV])
  func `a signal gives the terminal back`(signal: Int32) throws {
    // Without the backtrace, which takes the better part of a minute in a debug build.
    let terminal = try Tmux(columns: 80, rows: 24, ["weather"], environment: ["SWIFT_BACKTRACE": "enable=no"])
    try terminal.wait(for: "idle")
    try terminal.signal(signal)
    let screen = try terminal.wait(for: "exit code")
    #expect(!screen.contains("Conversation"))
  }

  private static func tax(_ screen: String) -> String? {
    screen.split(separator: "\n").first { $0.contains("in each prompt") }.map(String.init)
  }
}
