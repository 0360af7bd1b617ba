import Glibc
import Testing

@testable import Terminal

@Suite struct TextWidthTests {
  @Test(
    .enabled("the table was made from glibc 2.36; another version knows other characters") {
      var version = [CChar](repeating: 0, count: 64)
      confstr(Int32(_CS_GNU_LIBC_VERSION), &version, version.count)
      return version.withUnsafeBufferPointer { String(cString: $0.baseAddress!) } == "glibc 2.36"
    })
  func `the table is the C library's`() {
    typealias Width = @convention(c) (UInt32) -> Int32
    let wcwidth = unsafeBitCast(dlsym(nil, "wcwidth"), to: Width.self)
    let locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", nil)
    let previous = uselocale(locale)
    defer {
      uselocale(previous)
      freelocale(locale)
    }
    var different: [String] = []
    for value in UInt32(0x300)...0x10FFFF {
      guard let scalar = Unicode.Scalar(value), value != 0x2028, value != 0x2029 else { continue }
      let theirs = wcwidth(value)
      let ours = TextWidth.columns(of: scalar)
      if theirs >= 0, theirs != ours { different.append("U+\(String(value, radix: 16)): \(theirs), not \(ours)") }
    }
    #expect(different == [])
  }

  @Test(arguments: [
    ("", 0), ("abc", 3), ("天气", 4), ("e\u{301}", 1), ("한국어", 6), ("👨‍👩‍👧", 2), ("👍🏽", 2), ("❤️", 1), ("1️⃣", 1), ("🇫🇷", 2),
    ("ｶﾅ", 2), ("（）", 4), ("\t", 4), ("\n", 1), ("\r\n", 1), ("\u{200B}", 0), ("\u{FEFF}", 0), ("·…—", 3),
  ])
  func `text takes these columns`(text: String, expected: Int) {
    #expect(columns(of: text) == expected)
    #expect(columns(of: text + "天x") == expected + 3)
  }

  @Test(arguments: [
    // text, width, with an ellipsis, without
    ("weather", 7, "weather", "weather"), ("weather", 6, "weath…", "weathe"), ("天气很好", 7, "天气很…", "天气很"),
    ("天气很好", 6, "天气…", "天气很"), ("天", 1, "…", ""), ("abc", 0, "", ""), ("", 0, "", ""),
    ("e\u{301}e\u{301}", 1, "…", "e\u{301}"),
  ])
  func `a truncated text fits and keeps its clusters whole`(text: String, width: Int, with: String, without: String) {
    #expect(truncated(text, to: width) == with)
    #expect(truncated(text, to: width, ellipsis: false) == without)
  }
}
