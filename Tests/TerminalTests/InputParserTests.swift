import TestSupport
import Testing

@testable import Terminal

@Suite struct InputParserTests {
  private static func key(_ key: Key, _ modifiers: Modifiers = []) -> InputEvent { .key(KeyPress(key, modifiers)) }
  private static func letter(_ letter: Character, _ modifiers: Modifiers = []) -> InputEvent {
    key(.character(letter), modifiers)
  }
  private static func mouse(
    _ action: MouseEvent.Action, _ button: MouseEvent.Button, _ x: Int, _ y: Int, _ modifiers: Modifiers = []
  ) -> InputEvent {
    .mouse(MouseEvent(action, button: button, x: x, y: y, modifiers: modifiers))
  }

  /// Bytes, where "^[" stands for ESC, and the events that they are.
  private static let rows: [(String, [InputEvent])] = [
    ("a", [letter("a")]),
    ("aé天🙂", [letter("a"), letter("é"), letter("天"), letter("🙂")]),
    ("e\u{301}", [letter("e"), letter("\u{301}")]),
    ("\r", [key(.enter)]),
    ("\n", [letter("j", .control)]),
    ("\t", [key(.tab)]),
    ("\u{7F}", [key(.backspace)]),
    ("\u{08}", [key(.backspace, .control)]),
    ("\u{00}", [letter(" ", .control)]),
    ("\u{03}\u{1A}", [letter("c", .control), letter("z", .control)]),
    ("\u{1C}\u{1F}", [letter("\\", .control), letter("_", .control)]),

    ("^[a^[A^[é", [letter("a", .alt), letter("A", .alt), letter("é", .alt)]),
    ("^[\r", [key(.enter, .alt)]),
    ("^[\u{7F}", [key(.backspace, .alt)]),
    ("^[\u{02}", [letter("b", [.alt, .control])]),
    ("^[^[[A", [key(.escape), key(.up)]),

    ("^[[A^[[B^[[C^[[D", [key(.up), key(.down), key(.right), key(.left)]),
    ("^[OA^[OB^[OC^[OD", [key(.up), key(.down), key(.right), key(.left)]),
    ("^[[H^[[F^[OH^[OF", [key(.home), key(.end), key(.home), key(.end)]),
    ("^[[1~^[[4~^[[7~^[[8~", [key(.home), key(.end), key(.home), key(.end)]),
    ("^[[2~^[[3~^[[5~^[[6~", [key(.insert), key(.delete), key(.pageUp), key(.pageDown)]),
    ("^[[1;2A", [key(.up, .shift)]),
    ("^[[1;3B", [key(.down, .alt)]),
    ("^[[1;5C", [key(.right, .control)]),
    ("^[[1;8D", [key(.left, [.shift, .alt, .control])]),
    ("^[[3;5~", [key(.delete, .control)]),
    ("^[[Z", [key(.tab, .shift)]),
    ("^[OP^[OQ^[OR^[OS", (1...4).map { key(.function($0)) }),
    ("^[[11~^[[15~^[[17~^[[21~^[[23~^[[24~", [1, 5, 6, 10, 11, 12].map { key(.function($0)) }),
    ("^[[1;2P^[[1;5R", [key(.function(1), .shift), key(.function(3), .control)]),
    ("^[[[A^[[[E", [key(.function(1)), key(.function(5))]),
    ("^[OM^[Oj^[Op^[Oy", [key(.enter), letter("*"), letter("0"), letter("9")]),
    (
      "^[[a^[Oa^[[3^^[[3@",
      [key(.up, .shift), key(.up, .control), key(.delete, .control), key(.delete, [.shift, .control])]
    ),

    ("^[[27;5;105~", [letter("i", .control)]),
    ("^[[27;2;13~", [key(.enter, .shift)]),
    ("^[[27;6;65~", [letter("A", .control)]),
    (
      "^[[13;2u^[[9;5u^[[27u^[[127;3u", [key(.enter, .shift), key(.tab, .control), key(.escape), key(.backspace, .alt)]
    ),
    ("^[[97;5u", [letter("a", .control)]),
    ("^[[97;6u", [letter("A", .control)]),
    ("^[[49:33;2u", [letter("!")]),
    ("^[[97;5:3u", []),
    ("^[[97;5:1u", [letter("a", .control)]),
    ("^[[57358u", []),

    ("^[[<0;1;1M^[[<0;1;1m", [mouse(.press, .left, 0, 0), mouse(.release, .left, 0, 0)]),
    ("^[[<1;10;20M^[[<2;300;5M", [mouse(.press, .middle, 9, 19), mouse(.press, .right, 299, 4)]),
    ("^[[<32;5;6M^[[<34;5;6M", [mouse(.drag, .left, 4, 5), mouse(.drag, .right, 4, 5)]),
    ("^[[<35;5;6M", []),
    ("^[[<64;3;4M^[[<65;3;4M^[[<66;3;4M", [mouse(.scrollUp, .none, 2, 3), mouse(.scrollDown, .none, 2, 3)]),
    ("^[[<28;3;4M", [mouse(.press, .left, 2, 3, [.shift, .alt, .control])]),
    ("^[[<0;3M", []),
    ("^[[M !\"^[[M#!\"", [mouse(.press, .left, 0, 1), mouse(.release, .none, 0, 1)]),

    ("^[[200~hello^[[201~", [.paste("hello")]),
    ("^[[200~a\rb\r\nc\nd\te^[[201~x", [.paste("a\nb\nc\nd\te"), letter("x")]),
    ("^[[200~^[[31mred\u{7}\u{9B}31m^[[20^[[201~", [.paste("[31mred31m[20")]),
    ("^[[200~天气🙂^[[201~", [.paste("天气🙂")]),
    ("^[[200~^[[201~", [.paste("")]),
    ("^[[201~", []),
    ("^[[I^[[O", [.focus(true), .focus(false)]),

    // Answers, and what no terminal should send.
    ("^[[?62;22c^[[>41;366;0c", []),
    ("^[[?2026;2$y", []),
    ("^[[24;80R", []),
    ("^[[8;24;80t", []),
    ("^[]11;rgb:1b1b/1d1d/2323\u{7}^[]10;?^[\\", []),
    ("^[P>|tmux 3.3a^[\\x", [letter("x")]),
    ("^[_Gi=1;OK^[\\", []),
    ("^[P1$r^[[A", [key(.up)]),
    ("^[[1;2\u{3}", [letter("c", .control)]),
    ("^[[12^[[A", [key(.up)]),
    ("^[[99999999999999999999u", []),
    ("^[[;;;;;~^[[:u", []),
    (
      "^[[\(String(repeating: "1;", count: 60))A",
      String(repeating: "1;", count: 60).dropFirst(63).map { letter($0) } + [letter("A")]
    ),
  ]

  private static func bytes(_ text: String) -> [UInt8] {
    Array(text.replacing("^[", with: "\u{1B}").utf8)
  }

  @Test(arguments: rows)
  func `bytes are these events, however they are cut`(text: String, events: [InputEvent]) {
    let bytes = Self.bytes(text)
    var whole = InputParser()
    #expect(whole.feed(bytes) == events)
    #expect(!whole.isAmbiguous)
    for cut in 0...bytes.count {
      var parser = InputParser()
      #expect(parser.feed(bytes[..<cut]) + parser.feed(bytes[cut...]) == events, "cut at \(cut)")
    }
    var single = InputParser()
    #expect(bytes.flatMap { single.feed([$0]) } == events)
  }

  @Test(
    arguments: [
      ([0x1B], [key(.escape)]), ([0x1B, 0x5B], [letter("[", .alt)]), ([0x1B, 0x4F], [letter("O", .alt)]),
      ([0x1B, 0x5D], [letter("]", .alt)]), ([0x1B, 0x1B], [key(.escape), key(.escape)]),
      ([0x61, 0x1B], [letter("a"), key(.escape)]),
    ] as [([UInt8], [InputEvent])])
  func `an escape that nothing follows is a key`(bytes: [UInt8], events: [InputEvent]) {
    var parser = InputParser()
    let before = parser.feed(bytes)
    #expect(parser.isAmbiguous)
    #expect(before + parser.flush() == events)
    #expect(!parser.isAmbiguous)
    #expect(parser.feed("[A".utf8) == [Self.letter("["), Self.letter("A")])
  }

  @Test func `a sequence that is under way is not cut off by the clock`() {
    var parser = InputParser()
    #expect(parser.feed("\u{1B}[<0;12".utf8) == [])
    #expect(!parser.isAmbiguous)
    #expect(parser.flush() == [])
    #expect(parser.feed(";3M".utf8) == [Self.mouse(.press, .left, 11, 2)])

    #expect(parser.feed("\u{1B}[200~text\u{1B}".utf8) == [])
    #expect(!parser.isAmbiguous)
    #expect(parser.feed("[201~".utf8) == [.paste("text")])
  }

  @Test(
    arguments: [
      // Bytes that are not UTF-8 and the scalars that replace them (Unicode 15, table 3-8).
      ([0xFF, 0x61], "\u{FFFD}a"), ([0xC3, 0x61], "\u{FFFD}a"), ([0xC0, 0xAF], "\u{FFFD}\u{FFFD}"),
      ([0xE0, 0x80, 0x80], "\u{FFFD}\u{FFFD}\u{FFFD}"), ([0xED, 0xA0, 0x80], "\u{FFFD}\u{FFFD}\u{FFFD}"),
      ([0xE1, 0x80, 0xE2, 0x78], "\u{FFFD}\u{FFFD}x"), ([0xF0, 0x91, 0x92, 0xF1, 0xBF, 0x41], "\u{FFFD}\u{FFFD}A"),
      ([0xF5, 0x80], "\u{FFFD}\u{FFFD}"), ([0xC2, 0x9B, 0x41], "A"),
    ] as [([UInt8], String)])
  func `what is not UTF-8 shows as U+FFFD`(bytes: [UInt8], text: String) {
    let events = text.unicodeScalars.map { Self.letter(Character($0)) }
    for cut in 0...bytes.count {
      var parser = InputParser()
      #expect(parser.feed(bytes[..<cut]) + parser.feed(bytes[cut...]) == events, "cut at \(cut)")
    }
  }

  @Test(arguments: 0..<50)
  func `noise never traps, and a key after it is understood`(seed: Int) {
    var random = SeededRandom(seed: UInt64(seed))
    let alphabet = Array("\u{1B}\u{1B}[[]OPM<;:0123456789~uARm$? \\\u{7}\u{18}a".utf8) + [0x80, 0xC3, 0xE4, 0xFF]
    let noise = (0..<2000).map { _ in alphabet.randomElement(using: &random)! }
    var whole = InputParser()
    var cut = InputParser()
    let events = whole.feed(noise)
    var rest = noise[...]
    var pieces: [InputEvent] = []
    while !rest.isEmpty {
      let piece = rest.prefix(Int.random(in: 1...9, using: &random))
      pieces += cut.feed(piece)
      rest = rest.dropFirst(piece.count)
    }
    #expect(pieces == events)
    _ = whole.feed("\u{18}\u{1B}[201~\u{1B}[201~   ".utf8)
    #expect(whole.feed("xyz".utf8).last == Self.letter("z"))
  }

  @Test func `a megabyte is pasted in linear time`() {
    var parser = InputParser()
    let text = String(repeating: "deep 天气\n", count: 100_000)
    var events = parser.feed("\u{1B}[200~".utf8)
    let bytes = Array(text.utf8)
    for start in stride(from: 0, to: bytes.count, by: 4096) {
      events += parser.feed(bytes[start..<min(start + 4096, bytes.count)])
    }
    events += parser.feed("\u{1B}[201~".utf8)
    #expect(events == [.paste(text)])
  }
}
