import Testing

@testable import ConstrainedDecoding

/// Expected results are those of JavaScript's `new RegExp(pattern, "u").test(text)`; braces and brackets that stand for
/// themselves need it without the flag.
@Suite struct RegularExpressionTests {
  private static let rows: [(String, String, Bool)] = [
    ("", "", true), ("a", "xay", true), ("^a$", "a\n", false), ("^a|b$", "xb", true), ("^(?:a|b)$", "xb", false),
    ("a{2,3}", "aa", true), ("^a{2,3}$", "aaaa", false), ("^a{2,}$", "aaaa", true), ("^a{0}$", "", true),
    ("^(a?){3}$", "aa", true),
    ("^[a-c-]+$", "a-c", true), ("^[^a]$", "\n", true), ("^[]$", "", false), ("^[^]$", "\n", true),
    ("^[\\b]$", "\u{08}", true),
    ("^.$", "\n", false), ("^.$", "\u{2028}", false), ("^.$", "😀", true), ("^..$", "e\u{301}", true),
    ("^\\d$", "৪", false), ("^\\w$", "é", false), ("^\\s$", "\u{FEFF}", true), ("^\\s$", "\u{180E}", false),
    ("^\\cA$", "\u{01}", true), ("^\\x41\\u0042\\u{43}$", "ABC", true), ("^\\ud83d\\ude00$", "😀", true),
    ("^\\p{L}+$", "Жé深", true), ("^\\p{Lu}$", "a", false), ("^\\P{Lu}$", "a", true), ("^\\p{Script=Han}$", "深", true),
    ("^\\p{sc=Latin}+$", "aé", true),
    ("^[^\\ud800-\\udfff]$", "a", true), ("^[\\ud800-\\udbff]$", "-", false),
    ("^[\\ud83d\\ude00-\\ud83d\\ude02]$", "😁", true),
    ("^[^\\ud83d]$", "😀", true), ("\\bfoo\\b", "a foo.", true), ("\\Bo", "o", false), ("^(a)(b)\\2\\1$", "abba", true),
    ("^(?<q>['\"]).*\\k<q>$", "'x'", true),
    ("^(?=.*\\d)(?!.*x).{3}$", "ab1", true), ("^(?=.*\\d)(?!.*x).{3}$", "xb1", false), ("(?<=\\$)\\d", "$5", true),
    ("(?<!\\$)\\d", "$5", false), ("^(?=(a+))\\1$", "aaa", true), ("^(a*)*$", "aaaab", false),
    ("^(?:a|ab)(?:c|bcd)$", "abcd", true),
    ("^(a+)+$", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", false),
    ("^(?=(?:a+)+$)", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", false),
    ("^(?:x*)*y", "xxxxy", true), ("(?:^|,)a(?:,|$)", "b,a", true), ("^\\-\\/\\.$", "-/.", true), ("a]", "a]", true),
    ("^a}$", "a}", true), ("^\\${[a-z]+}$", "${ab}", true), ("^a{,5}$", "a{,5}", true), ("^{", "{", true),
    ("x{a", "x{a", true),
  ]

  @Test(arguments: rows)
  func `a pattern matches as in JavaScript`(pattern: String, text: String, matches: Bool) throws {
    #expect(try RegularExpression(pattern).matches(text) == matches)
  }

  private static let faults: [(String, String)] = [
    ("a(b", #"pattern "a(b", position 2: the group that starts here has no ")""#),
    ("a)", #"pattern "a)", position 2: ")" closes nothing"#),
    ("[a", #"pattern "[a", position 1: the class that starts here has no "]""#),
    ("*a", #"pattern "*a", position 1: "*" repeats nothing"#),
    ("a**", #"pattern "a**", position 3: "*" repeats nothing"#),
    ("{2}a", #"pattern "{2}a", position 1: "{" repeats nothing; write \{ for the character"#),
    ("a{3,2}", #"pattern "a{3,2}", position 1: {3,2} has its bounds the wrong way round"#),
    ("[z-a]", #"pattern "[z-a]", position 2: the range z-a runs backwards"#),
    ("(?i)a", #"pattern "(?i)a", position 1: "(?i" is no group of ECMA-262"#),
    ("\\Z", #"pattern "\Z", position 1: \Z is no escape of ECMA-262"#),
    ("\\1", #"pattern "\1", position 1: there is no group 1"#),
    ("\\p{Nonsense}", #"pattern "\p{Nonsense}", position 1: the Unicode property "Nonsense" is not supported"#),
    ("\\p{}", #"pattern "\p{}", position 1: the Unicode property "" is not supported"#),
    ("[\\1]", #"pattern "[\1]", position 2: \1 is no escape of ECMA-262"#),
    ("a\\", #"pattern "a\", position 2: the pattern ends with a backslash"#),
  ]

  @Test(arguments: faults)
  func `what is no pattern is refused with its place`(pattern: String, sentence: String) {
    let error = #expect(throws: RegularExpressionError.self) { try RegularExpression(pattern) }
    #expect(error?.description == sentence)
  }

  @Test func `backreferences that would take for ever are given up`() throws {
    let expression = try RegularExpression("^(a*)*\\1b$")
    #expect(throws: RegularExpression.MatchingLimit.self) { try expression.matches(String(repeating: "a", count: 40)) }
  }

  @Test func `sets of scalars are united, intersected and complemented`() {
    let digits = ScalarSet([0x30...0x39])
    #expect(digits.complement.complement == digits)
    #expect(digits.union(digits.complement) == .all)
    #expect(digits.intersection(ScalarSet([0x35...0x41])).ranges == [0x35...0x39])
    #expect(ScalarSet([0xD000...0xE000]).ranges == [0xD000...0xD7FF, 0xE000...0xE000])
    #expect(ScalarSet([1...3, 4...5, 2...4]).ranges == [1...5])
  }
}
