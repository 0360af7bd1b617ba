import Testing

@testable import Terminal

@Suite struct ScreenOptionsTests {
  @Test(
    arguments: [
      ([:], nil), (["NO_COLOR": "1"], .monochrome), (["NO_COLOR": ""], nil), (["LATHE_COLORS": "256"], .palette256),
      (["LATHE_COLORS": "direct", "NO_COLOR": "1"], .direct), (["LATHE_COLORS": "auto", "NO_COLOR": "1"], nil),
      (["LATHE_COLORS": "none"], .monochrome), (["LATHE_COLORS": "8"], .ansi8), (["LATHE_COLORS": "16"], .ansi16),
    ] as [([String: String], ColorDepth?)])
  func `colours are what the environment asks for`(environment: [String: String], depth: ColorDepth?) throws {
    #expect(try ScreenOptions(environment: environment).colors == depth)
  }

  @Test func `synchronized output and the mouse can be turned off`() throws {
    let options = try ScreenOptions(environment: ["LATHE_SYNC": "off", "LATHE_MOUSE": "0", "LATHE_SCREEN_DUMP": "dump"])
    #expect(!options.isSynchronized && !options.reportsMouse && options.dumpPath == "dump")
    let standard = try ScreenOptions(environment: [:])
    #expect(standard.isSynchronized && standard.reportsMouse && standard.dumpPath == nil)
  }

  @Test(arguments: [
    (["LATHE_COLORS": "many"], "LATHE_COLORS is \"many\"; expected auto, none, 8, 16, 256 or direct"),
    (["LATHE_SYNC": "yes"], "LATHE_SYNC is \"yes\"; expected on or off"),
  ])
  func `a value that means nothing is refused`(environment: [String: String], message: String) {
    let error = #expect(throws: TerminalError.self) { try ScreenOptions(environment: environment) }
    #expect(error?.description == message)
  }

  @Test(arguments: [
    ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
    ("foobar", "Zm9vYmFy"),
  ])
  func `the clipboard's text is sent in base64`(text: String, encoded: String) {
    // The rows are RFC 4648's, section 10.
    #expect(base64(Array(text.utf8)) == encoded)
  }
}
