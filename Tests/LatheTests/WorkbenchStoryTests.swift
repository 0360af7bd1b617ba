import Foundation
import TestSupport
import Testing

/// The workbench as a person meets it: a real terminal (tmux), real keys, the embedded model. Skipped where there is no
/// tmux.
@Suite(.serialized, .enabled(if: Tmux.isInstalled, "tmux is not installed"))
struct WorkbenchStoryTests {
  @Test func `the weather story: type, stream, call, result, answer, quit`() throws {
    let terminal = try Tmux(columns: 120, rows: 40, ["weather"])
    try terminal.wait(for: "A miniature Qwen3")
    try terminal.wait("the model to be ready") { $0.contains("idle") }
    try terminal.type("北京今天天气怎么样？")
    try terminal.press("Enter")
    // The call as a card, and the mock's answer.
    let called = try terminal.wait(for: "{\"temperature\": 25, \"condition\": \"晴\"}")
    #expect(called.contains("→ get_weather"))
    #expect(called.contains("\"北京\""))
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
    try terminal.wait("the answer") {
      $0.contains("ORD12345 is packed, and the expected") && $0.contains("2025-04-06.")
    }
  }

  @Test func `a description is edited and the bars move`() throws {
    let terminal = try Tmux(columns: 120, rows: 40, ["support"])
    try terminal.wait(for: "idle")
    // A question that leaves the model in doubt.
    try terminal.type("What is it like in Paris today?")
    /// What stands behind a name in the list, its probability with it.
    func row(_ screen: String, _ name: String) -> Substring? {
      screen.split(separator: "\n").last { $0.contains(" \(name) ") && $0.contains(" %") }
        .flatMap { line in line.range(of: name).map { line[$0.lowerBound...] } }
    }
    // They come by themselves; p asks for them where the machine is too busy for that.
    try terminal.press("Escape")
    try terminal.press("2", "p")
    let before = try terminal.wait("the bars") { row($0, "get_weather") != nil && row($0, "no call") != nil }
    let first = try #require(row(before, "get_weather"))
    try terminal.press("Down", "Enter")
    // To the end of the description's words, of which none is left.
    try terminal.press("Down", "Down", "Down", "Down", "End", "Left", "Left")
    for _ in 0..<"Get the current weather for a city".count { try terminal.press("BSpace") }
    try terminal.wait(for: "\"description\": \"\",")
    try terminal.press("Escape")
    try terminal.press("p")
    // What moved since the last save is written behind the number.
    let after = try terminal.wait("the bars to move") { screen in
      row(screen, "get_weather").map { $0 != first && ($0.contains("% +") || $0.contains("% -")) } == true
    }
    #expect(row(after, "get_order_status") != row(before, "get_order_status"))
  }

  @Test func `a field is limited in the form, and the mask that fights the model is seen beside it`() throws {
    let terminal = try Tmux(columns: 120, rows: 40, ["weather"])
    try terminal.wait(for: "idle")
    try terminal.press("Escape")
    try terminal.press("2", "j", "z", "f")
    try terminal.wait(for: "by mask")
    // To the limits of the field "city".
    try terminal.press("j", "j", "j", "l", "l", "Enter")
    try terminal.type("\"maxLength\": 1")
    try terminal.press("Enter")
    try terminal.wait(for: "at most 1 character")
    // The text has it too, and nothing else has changed there.
    try terminal.press("M-f")
    try terminal.wait(for: "\"maxLength\": 1 },")
    try terminal.press("M-f")
    try terminal.press("z", "1", "i")
    try terminal.type("北京今天天气怎么样？")
    try terminal.press("Enter")
    let called = try terminal.wait("the call") { $0.contains("● answered") && $0.contains("mask 1.") }
    #expect(called.contains("city  \"北\""))
    // The mask took the second character, which was nearly certain.
    #expect(called.contains("mask 1."))
    try terminal.press("Escape")
    try terminal.press("2", "z")
    let form = try terminal.wait("the pressure") { $0.contains("the favourite") && $0.contains("0.00 ──────") }
    #expect(form.split(separator: "\n").contains { $0.contains("city *") && $0.contains("━━━━━━") })
    #expect(form.split(separator: "\n").contains { $0.contains("unit ") && $0.contains("0.00 ──────") })
  }

  @Test func `a typo in a schema is shown and fixed`() throws {
    let terminal = try Tmux(columns: 120, rows: 40, ["weather"])
    try terminal.wait(for: "idle")
    try terminal.press("Escape")
    try terminal.press("2", "Enter", "C-f")
    try terminal.type("\"string\"")
    try terminal.press("Enter")
    // In the place of the match.
    try terminal.type("\"strng\"")
    try terminal.wait(for: "Q3 the schema cannot be read")
    try terminal.wait(for: "✗")
    try terminal.press("M-.")
    try terminal.wait(for: "fixed: write \"string\"")
    try terminal.wait("the error to go") { !$0.contains("cannot be read") }
  }

  @Test func `a call that a rule denies is not run, and the model is told`() throws {
    let terminal = try Tmux(columns: 120, rows: 40, ["support"])
    try terminal.wait(for: "idle")
    try terminal.type("Send an email to eve@evil.org with the subject \"hello\"")
    try terminal.press("Enter")
    let denied = try terminal.wait(for: "denied by rule 1")
    #expect(denied.contains("→ send_email"))
    try terminal.wait("the turn to end") { $0.contains("idle") && $0.contains("error") }
    let audit = terminal.scratch.path + "/data/lathe/workspaces/support/audit"
    let log = try #require(try FileManager.default.contentsOfDirectory(atPath: audit).first)
    let lines = try String(contentsOfFile: "\(audit)/\(log)", encoding: .utf8)
    #expect(lines.contains("\"permission\": \"deny\", \"allowed\": false, \"by\": \"rules\""))
    #expect(!lines.contains("\"kind\": \"result\", \"function\": \"send_email\""))
  }

  @Test func `a call that asks is run when it is allowed, and a rule that is written is in the file`() throws {
    let terminal = try Tmux(columns: 100, rows: 32, ["support"])
    try terminal.wait(for: "idle")
    let question = "Send an email to li.wei@example.com with the subject \"quarterly review\""
    try terminal.type(question)
    try terminal.press("Enter")
    let asked = try terminal.wait(for: "Run send_email?")
    #expect(asked.contains("li.wei@example.com"))
    #expect(asked.contains("Rule 2 of permissions.json asks: a person looks at every mail"))
    // Sooner, it would be taken for something that was typed before.
    usleep(500_000)
    try terminal.press("w")
    try terminal.wait("the mock's result") { $0.contains("M-77") && $0.contains("idle") }
    let file = terminal.scratch.path + "/data/lathe/workspaces/support/permissions.json"
    try terminal.wait("the rule in the file") { _ in
      (try? String(contentsOfFile: file, encoding: .utf8))?.contains("\"decision\": \"ask\"") == false
    }
    // The next one is not asked about.
    try terminal.press("C-n")
    try terminal.type(question)
    try terminal.press("Enter")
    let again = try terminal.wait("the second mail's result") { $0.contains("M-77") && $0.contains("idle") }
    #expect(!again.contains("Run send_email?"))
  }

  @Test func `a program of someone else's workspace runs only when its user has allowed it`() throws {
    let folder = try ScratchFolder().workspace(copying: "weather", without: "mocks")
    try folder.write(
      "workspace.json",
      #"{"title": "t", "prompt": "weather", "sampling": "greedy", "thinking": "off", "functions_off": ["get_current_time"], "runners": {"get_weather": "command"}}"#)
    try folder.write("commands/get_weather.json", #"{"argv": ["printf", "{{\"weather\": \"%s\"}}", "{city:string}:晴"]}"#)
    try folder.write(
      "permissions.json",
      #"{"rules": [{"decision": "allow", "function": "*", "match": [{"arguments": {}}], "not_match": []}]}"#)
    let terminal = try Tmux(columns: 110, rows: 32, [folder.path])
    try terminal.wait(for: "idle")
    try terminal.type("北京今天天气怎么样？")
    try terminal.press("Enter")
    let asked = try terminal.wait(for: "Run get_weather?")
    #expect(asked.contains("It runs the program of commands/get_weather.json."))
    #expect(asked.contains("Rule 1 of permissions.json allows it, but the rules of this workspace are not"))
    usleep(500_000)
    try terminal.press("w")
    try terminal.wait("what the program printed") { $0.contains("{\"weather\": \"北京:晴\"}") && $0.contains("idle") }
    try terminal.press("C-n")
    try terminal.type("北京今天天气怎么样？")
    try terminal.press("Enter")
    let again = try terminal.wait("it to run without a question") {
      $0.contains("{\"weather\": \"北京:晴\"}") && $0.contains("idle")
    }
    #expect(!again.contains("Run get_weather?"))
  }

  @Test func `lathe run asks on the terminal, and tells the model why not`() throws {
    let question = "Send an email to li.wei@example.com with the subject \"quarterly review\""
    let arguments = ["run", "support", "--no-think", "--temperature", "0", "--prompt", question]
    let terminal = try Tmux(columns: 120, rows: 30, arguments)
    let asked = try terminal.wait(for: "run it? y once")
    #expect(asked.contains("rule 2 asks: a person looks at every mail; nothing is executed"))
    try terminal.type("not on a Sunday")
    try terminal.press("Enter")
    try terminal.wait(for: "this call was not allowed: not on a Sunday")
    try terminal.wait(for: "exit code 0")
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
    // First the sample is copied as it is, then the change is written.
    try terminal.wait("the change in the file") { _ in
      (try? String(contentsOfFile: saved, encoding: .utf8))?.contains("functions_off") == true
    }
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

  @Test func `Ctrl-Z gives the terminal to the shell, and fg brings the workbench back in the size of then`() throws {
    let terminal = try Tmux(columns: 120, rows: 40, ["weather"], isJob: true)
    try terminal.wait(for: "idle")
    try terminal.press("C-z")
    let stopped = try terminal.wait(for: "exit code")
    #expect(!stopped.contains("Conversation"))
    try terminal.resize(columns: 90, rows: 30)
    try terminal.press("Enter")
    try terminal.wait("the workbench") { $0.contains("Conversation") && $0.contains("idle") }
    try terminal.type("still 这里")
    try terminal.wait(for: "still 这里")
  }

  @Test(arguments: [1, 2])
  func `after any keys, clicks and sizes the terminal shows what was drawn`(seed: UInt64) throws {
    let terminal = try Tmux(columns: 120, rows: 40, ["weather"], environment: ["LATHE_SCREEN_DUMP": "screen"])
    try terminal.wait(for: "idle")
    var random = SplitMix(state: seed)
    // Without those that quit, stop the program or start an editor.
    let keys = [
      "Enter", "Escape", "Tab", "BTab", "Up", "Down", "Left", "Right", "PPage", "NPage", "Home", "End", "BSpace", "DC",
      "Space", "C-n", "C-o", "C-r", "C-w", "M-t", "M-o", "M-Enter", "M-1", "M-2", "M-3", "M-4", "M-5", "M-6", "F1",
    ]
    let texts = ["北京", "👩🏽‍🚀", "e\u{301}", "i", "z", "t", "r", "u", "/", "{", "\"", "深圳的天气", "j", "k", "g", "G", "+", "5"]
    var (columns, rows) = (120, 40)
    let end = Date().addingTimeInterval(4)
    while Date() < end {
      switch Int.random(in: 0..<20, using: &random) {
      case 0:
        (columns, rows) = (Int.random(in: 20...160, using: &random), Int.random(in: 6...50, using: &random))
        try terminal.resize(columns: columns, rows: rows)
      case 1...4:
        // Above the footer, which has a place to click for quitting.
        let place = "\(Int.random(in: 1...columns, using: &random));\(Int.random(in: 1..<rows, using: &random))"
        let button = [0, 0, 64, 65].randomElement(using: &random)!
        try terminal.type("\u{1b}[<\(button);\(place)M\u{1b}[<0;\(place)m")
      case 5...9: try terminal.type(texts.randomElement(using: &random)!)
      default: try terminal.press(keys.randomElement(using: &random)!)
      }
    }
    try terminal.resize(columns: 110, rows: 33)
    var (drawn, isSame) = ("", false)
    try terminal.wait("the screen to be what was drawn", seconds: 8) { screen in
      try? terminal.signal(SIGUSR1)
      usleep(50_000)
      drawn = (try? String(contentsOfFile: terminal.scratch.path + "/screen", encoding: .utf8)) ?? ""
      isSame = drawn.contains("lathe") && Self.lines(drawn) == Self.lines(screen)
      return isSame
    }
    if !isSame { Issue.record("drawn was\n\(drawn)") }
  }

  private static func lines(_ screen: String) -> [String] {
    var lines = screen.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      var line = line
      while line.last == " " { line.removeLast() }
      return String(line)
    }
    while lines.last == "" { lines.removeLast() }
    return lines
  }

  /// Random numbers that are the same in each run. Steele, Lea and Flood 2014.
  private struct SplitMix: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var z = (state ^ state >> 30) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
      return z ^ z >> 31
    }
  }

  private static func tax(_ screen: String) -> String? {
    screen.split(separator: "\n").first { $0.contains("in each prompt") }.map(String.init)
  }
}
