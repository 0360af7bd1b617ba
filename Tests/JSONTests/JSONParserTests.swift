import JSON
import Testing

@Suite struct JSONParserTests {
  @Test(arguments: [
    "null", " true ", "false\n", "0", "-0", "1.50", "6.02e23", "1E+2", "1e-2", "-1", "\"\"", "\"\\u0000\"",
    "\"\\ud83d\\ude00\"",
    "\"\u{7F}\"", "\"\u{2028}\"", "\"\\/\\b\\f\\n\\r\\t\\\\\\\"\"", "[]", "[ ]", "{}", "{ }", "[1,2]", "{\"\":0}",
    "{\"a\":{\"b\":[{}]}}", "\t[1 , 2]\r\n", "123456789012345678901234567890", "1e400", "[[[[]]]]",
  ])
  func `what RFC 8259 allows is read`(text: String) throws {
    _ = try JSONValue(parsing: text)
  }

  @Test(arguments: [
    "", " ", "nul", "True", "NaN", "Infinity", "+1", ".5", "1.", "01", "-", "1e", "1e+", "0x1", "1_0", "'a'", "\"",
    "\"\\\"",
    "\"\\x\"", "\"\\u12\"", "\"\\u12G4\"", "\"\\ud800\"", "\"\\ud800\\u0041\"", "\"\\udc00\"", "\"\n\"", "\"\u{0}\"",
    "[", "[1",
    "[1,", "[1,]", "[,1]", "[1 2]", "]", "{", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,", "{\"a\":1,}", "{a:1}",
    "{1:1}",
    "{\"a\" 1}", "{,}", "1 2", "[] []", "{}}", "// c\n1", "[1] #", "\u{FEFF}1", "\u{A0}1",
  ])
  func `what RFC 8259 does not allow is refused`(text: String) {
    #expect(throws: JSONError.self) { try JSONValue(parsing: text) }
  }

  @Test(arguments: [
    ("", "JSON:1:1: found the end of the text, expected a value\n  \n  ^"),
    ("{\"a\":1,}", "JSON:1:8: found \"}\", expected a key in quotes\n  {\"a\":1,}\n         ^"),
    ("{\n  \"city\", 1}", "JSON:2:9: found \",\", expected \":\" after the key\n    \"city\", 1}\n          ^"),
    ("[1 2]", "JSON:1:4: found \"2\", expected \",\" or \"]\"\n  [1 2]\n     ^"),
    ("[tru]", "JSON:1:2: found \"tru\", expected a value\n  [tru]\n   ^"),
    ("01", "JSON:1:1: \"01\" is not a number: a number does not start with 0\n  01\n  ^"),
    ("[1.]", "JSON:1:2: \"1.\" is not a number: a digit is expected after \".\"\n  [1.]\n   ^"),
    ("[\"abc]", "JSON:1:2: the string that starts here has no closing quote\n  [\"abc]\n   ^"),
    (
      "\"a\\qb\"",
      "JSON:1:3: \"\\q\" is not an escape; after \\ one of \" \\ / b f n r t or uXXXX is expected\n  \"a\\qb\"\n    ^"
    ),
    ("\"\\ud800x\"", "JSON:1:2: \\ud800 is half of a surrogate pair; the other half is missing\n  \"\\ud800x\"\n   ^"),
    ("\"a\tb\"", "JSON:1:3: control character 0x09 inside a string; write it as \\u0009\n  \"a b\"\n    ^"),
    ("[] 1", "JSON:1:4: found \"1\" after the end of the value\n  [] 1\n     ^"),
    ("\u{FEFF}1", "JSON:1:1: the text starts with a byte order mark; remove it\n  \u{FEFF}1\n  ^"),
    ("[\"北京\" 1]", "JSON:1:7: found \"1\", expected \",\" or \"]\"\n  [\"北京\" 1]\n          ^"),
  ])
  func `a fault shows the place, the line and a caret`(text: String, expected: String) {
    let error = #expect(throws: JSONError.self) { try JSONValue(parsing: text) }
    #expect(error?.description == expected)
  }

  @Test func `bytes that are not UTF-8 are refused where they stand`() {
    let error = #expect(throws: JSONError.self) { try JSONValue(parsing: [0x22, 0x61, 0xC3, 0x28, 0x22]) }
    #expect(error?.fault == .invalidUTF8)
    #expect(error?.offset == 2)
  }

  @Test func `numbers and the order of keys survive a round trip`() throws {
    let text = #"{"b":1.50,"a":[-0,1E+2,12345678901234567890],"é":"\\n","":null}"#
    #expect(try JSONValue(parsing: text).text() == text)
  }

  @Test func `equal numbers are equal however they are written`() throws {
    #expect(try JSONValue(parsing: "[1,1.0,10e-1,0.1e1]").array?.allSatisfy { $0 == 1 } == true)
    #expect(try JSONValue(parsing: "9007199254740993") != JSONValue(parsing: "9007199254740992"))
  }

  @Test func `a key written twice is reported and the last value stands at the first place`() throws {
    let document = try JSONDocument(parsing: #"{"a":1,"b":2,"a":3}"#)
    #expect(document.value.text() == #"{"a":3,"b":2}"#)
    #expect(document.duplicateKeys.map(\.key) == ["a"])
    #expect(document.duplicateKeys.map(\.range) == [13..<16])
  }

  @Test func `every value and key has its place`() throws {
    let positions = try JSONDocument(parsing: #"{"a": [1, "x"], "b": {}}"#).positions
    #expect(positions.range == 0..<24)
    #expect(positions.keyRanges == [1..<4, 16..<19])
    #expect(positions.children.map(\.range) == [6..<14, 21..<23])
    #expect(positions.children[0].children.map(\.range) == [7..<8, 10..<13])
  }

  @Test func `nesting beyond the limit is refused`() throws {
    _ = try JSONValue(parsing: "[[[]]]", depthLimit: 3)
    let error = #expect(throws: JSONError.self) { try JSONValue(parsing: "[[[[]]]]", depthLimit: 3) }
    #expect(error?.description == "JSON:1:4: nested deeper than 3 levels\n  [[[[]]]]\n     ^")
    #expect(throws: JSONError.self) { try JSONValue(parsing: String(repeating: "[", count: 1_000_000)) }
  }

  @Test func `keys that look alike but differ in bytes are two keys`() throws {
    let value = try JSONValue(parsing: "{\"\u{E9}\":1,\"e\u{301}\":2}")
    #expect(value.object?.count == 2)
    #expect(value["e\u{301}"] == 2)
  }
}
