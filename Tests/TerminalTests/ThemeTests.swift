import CSamples
import Foundation
import TestSupport
import Testing

@testable import Terminal

@Suite struct ThemeTests {
  @Test func `a role takes the colours that it leaves out from text`() throws {
    let theme = try Theme(
      parsing: """
        # A comment, then a blank line.

        color night = #101418, 233, black
        color sky   = #61afef
        text  = #e0e0e0 on night
        accent = sky bold underline
        selection = on sky
        key = bright-yellow on 17 italic
        input = default
        """, name: "t.theme")
    #expect(theme[.text] == Style(.rgb(0xE0E0E0), on: .rgb(0x101418)))
    #expect(theme[.accent] == Style(.rgb(0x61AFEF), on: .rgb(0x101418), [.bold, .underline]))
    #expect(theme[.selection] == Style(.rgb(0xE0E0E0), on: .rgb(0x61AFEF)))
    #expect(theme[.key] == Style(.palette(11), on: .palette(17), .italic))
    #expect(theme[.input] == Style(.terminal, on: .rgb(0x101418)))
    #expect(theme[.gauge] == theme[.text])

    #expect(theme.reduced(to: .palette256)[.accent] == Style(.palette(75), on: .palette(233), [.bold, .underline]))
    #expect(theme.reduced(to: .ansi16)[.text] == Style(.palette(7), on: .palette(0)))
    #expect(theme.reduced(to: .monochrome)[.selection] == Style(.terminal, on: .terminal, .reverse))
    #expect(theme.role(of: theme[.key]) == .key)
    #expect(theme.role(of: Style()) == nil)
  }

  @Test(arguments: [
    (
      "text = white on black\naccnt = #61afef",
      """
      t.theme:2:1: unknown role "accnt"; did you mean "accent"?
        accnt = #61afef
        ^
      """
    ),
    (
      "text = white on black\naccent = #61afe",
      """
      t.theme:2:10: "#61afe" is not a colour: expected six hexadecimal digits, as in #61afef
        accent = #61afe
                 ^
      """
    ),
    (
      "text = white on blakc",
      """
      t.theme:1:17: unknown colour "blakc"; did you mean "black"?
        text = white on blakc
                        ^
      """
    ),
    (
      "text = white on 256",
      """
      t.theme:1:17: the terminal has colours 0 to 255, not 256
        text = white on 256
                        ^
      """
    ),
    (
      "text = white on black blod",
      """
      t.theme:1:23: unknown attribute "blod"; did you mean "bold"?
        text = white on black blod
                              ^
      """
    ),
    (
      "text = white",
      """
      t.theme:1:13: role "text" needs both colours: "text = … on …"
        text = white
                    ^
      """
    ),
    (
      "text = white on",
      """
      t.theme:1:16: expected a colour after "on"
        text = white on
                       ^
      """
    ),
    (
      "accent = white\ntext = white on black",
      """
      t.theme:1:1: role "text" must come first: the others take their background from it
        accent = white
        ^
      """
    ),
    (
      "text = white on black\ntext = black on white",
      """
      t.theme:2:1: role "text" is given twice
        text = black on white
        ^
      """
    ),
    (
      "text white on black",
      """
      t.theme:1:5: expected "="
        text white on black
            ^
      """
    ),
    (
      "color red = #ff0000\ncolor red = #ff0001",
      """
      t.theme:2:7: colour "red" is given twice
        color red = #ff0001
              ^
      """
    ),
    (
      "color bold = #ff0000",
      """
      t.theme:1:7: a colour cannot be called "bold"; take another word
        color bold = #ff0000
              ^
      """
    ),
    (
      "color ink = #ff0000 1",
      """
      t.theme:1:21: expected ",", found "1"
        color ink = #ff0000 1
                            ^
      """
    ),
    (
      "color ink = 1, 2, 3, 4",
      """
      t.theme:1:23: expected one to three colours: direct, of 256, of 16
        color ink = 1, 2, 3, 4
                              ^
      """
    ),
    (
      "color",
      """
      t.theme:1:6: expected the colour's name
        color
             ^
      """
    ),
    (
      "# nothing",
      """
      t.theme:1:10: the theme does not give role "text"
        # nothing
                 ^
      """
    ),
  ])
  func `a mistake is shown where it is`(source: String, message: String) throws {
    let error = #expect(throws: ThemeError.self) { try Theme(parsing: source, name: "t.theme") }
    #expect(error?.description == message)
  }

  @Test func `a theme that does not exist is refused with those that do`() throws {
    let error = #expect(throws: ThemeError.self) { try Theme.load(named: "drak") }
    #expect(
      error?.description.hasPrefix("no theme is called \"drak\"; there are ") == true
        && error?.description.contains("dark, high-contrast, light, sixteen") == true)
    let missing = #expect(throws: ThemeError.self) { try Theme.load(named: "./no/such.theme") }
    #expect(missing?.description == "./no/such.theme: cannot read the theme: No such file or directory")
  }

  @Test func `the embedded themes are those of the folder`() throws {
    let folder = Project.folder.appending(path: "Themes")
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path(percentEncoded: false)).sorted()
    let table = UnsafeBufferPointer(start: sample_files(), count: sample_file_count())
    let paths = table.map { String(cString: $0.path) }
    #expect(paths == paths.sorted())
    #expect(paths.filter { $0.hasPrefix("Themes/") } == files.map { "Themes/\($0)" })
    for file in files {
      let source = try String(contentsOf: folder.appending(path: file), encoding: .utf8)
      #expect(Theme.embedded[String(file.dropLast(6))] == source, "\(file)")
    }
  }

  @Test(arguments: ["dark", "high-contrast", "light", "sixteen"])
  func `every theme gives every role`(name: String) throws {
    let theme = try Theme.load(named: name)
    #expect(Theme.Role.allCases.filter { theme.styles[$0] == nil } == [])
  }

  @Test(arguments: ["dark", "high-contrast", "light", "sixteen"], [ColorDepth.palette256, .ansi16, .ansi8])
  func `nothing vanishes with fewer colours`(name: String, depth: ColorDepth) throws {
    let theme = try Theme.load(named: name).reduced(to: depth)
    for role in Theme.Role.allCases {
      let style = theme[role]
      #expect(style.foreground != style.background || style.foreground == .terminal, "\(role): \(style)")
      for color in [style.foreground, style.background] {
        #expect(color.reduced(to: depth) == color, "\(role): \(style)")
      }
    }
  }

  @Test(arguments: [("dark", 12), ("high-contrast", 12), ("light", 7), ("sixteen", 12)])
  func `owners are told apart in sixteen colours as far as there are colours`(name: String, count: Int) throws {
    let theme = try Theme.load(named: name).reduced(to: .ansi16)
    #expect(Set((0..<12).map { theme[.segment($0)].foreground }).count == count)
    #expect(Theme.Role.segment(12) == .segment0 && Theme.Role.segment(-1) == .segment11)
  }

  /// Lines, tracks and free pages are seen against what is drawn on them, not read.
  private static let unread: Set<Theme.Role> = [.border, .scrollbar, .gaugeTrack, .pageFree]
  private static let graphics: Set<Theme.Role> = Set(
    [
      .borderFocused, .scrollbarThumb, .gauge, .gaugeHigh, .sparkline, .sparklineHigh, .dialogBorder, .pageActive,
      .pageShared, .pageCached,
    ] + (0..<12).map(Theme.Role.segment))

  @Test(arguments: [("dark", 4.5), ("light", 4.5), ("high-contrast", 7)])
  func `text stands out from its background, and graphics from theirs`(name: String, least: Double) throws {
    let theme = try Theme.load(named: name)
    for role in Theme.Role.allCases where !Self.unread.contains(role) {
      let style = theme[role]
      let ratio = try contrast(style.foreground, style.background)
      let needed = Self.graphics.contains(role) ? 3 : least
      #expect(ratio >= needed, "\(role): \(style) has \(ratio)")
    }
  }

  /// WCAG 2.1, "contrast ratio": 1 to 21.
  private func contrast(_ a: Color, _ b: Color) throws -> Double {
    let (x, y) = (try luminance(a), try luminance(b))
    return (max(x, y) + 0.05) / (min(x, y) + 0.05)
  }

  /// WCAG 2.1, "relative luminance".
  private func luminance(_ color: Color) throws -> Double {
    guard case .rgb(let red, let green, let blue) = color.kind else { throw NotDirect() }
    func linear(_ value: UInt8) -> Double {
      let part = Double(value) / 255
      return part <= 0.03928 ? part / 12.92 : pow((part + 0.055) / 1.055, 2.4)
    }
    return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
  }
  private struct NotDirect: Error {}

  @Test(arguments: [
    (Color.rgb(0xFF0000), ColorDepth.palette256, Color.palette(196)), (.rgb(0x808080), .palette256, .palette(244)),
    (.rgb(0x000000), .palette256, .palette(16)), (.rgb(0xFFFFFF), .palette256, .palette(231)),
    (.rgb(0x5F87AF), .palette256, .palette(67)), (.rgb(0x61AFEF), .palette256, .palette(75)),
    (.rgb(0x1B1D23), .palette256, .palette(234)), (.palette(200), .palette256, .palette(200)),
    (.rgb(0xFF0000), .ansi16, .palette(9)), (.rgb(0xFFFFFF), .ansi16, .palette(15)),
    (.rgb(0x111111), .ansi16, .palette(0)),
    (.palette(196), .ansi16, .palette(9)), (.palette(12), .ansi16, .palette(12)), (.palette(12), .ansi8, .palette(4)),
    (.rgb(0xFF0000), .ansi8, .palette(1)), (.palette(240), .ansi8, .palette(0)),
    (.rgb(0xABCDEF), .monochrome, .terminal),
    (.palette(3), .monochrome, .terminal), (.terminal, .ansi8, .terminal), (.rgb(0xABCDEF), .direct, .rgb(0xABCDEF)),
    (.palette(3), .direct, .palette(3)),
  ])
  func `a colour becomes the nearest that the terminal has`(color: Color, depth: ColorDepth, expected: Color) {
    #expect(color.reduced(to: depth) == expected)
  }

  @Test func `every palette colour is its own nearest`() {
    for index in UInt8(16)...255 {
      let nearest = Color.paletteRGB(index).reduced(to: .palette256)
      guard case .palette(let found) = nearest.kind else { continue }
      #expect(Color.paletteRGB(found) == Color.paletteRGB(index), "\(index) became \(found)")
    }
  }
}
