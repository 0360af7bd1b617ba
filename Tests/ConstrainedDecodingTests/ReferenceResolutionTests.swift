import JSON
import Testing

@testable import ConstrainedDecoding

@Suite struct URIReferenceTests {
  /// RFC 3986 §5.4, base http://a/b/c/d;p?q.
  private static let rows: [(String, String)] = [
    ("g:h", "g:h"), ("g", "http://a/b/c/g"), ("./g", "http://a/b/c/g"), ("g/", "http://a/b/c/g/"), ("/g", "http://a/g"),
    ("//g", "http://g"), ("?y", "http://a/b/c/d;p?y"), ("g?y", "http://a/b/c/g?y"), ("#s", "http://a/b/c/d;p?q#s"),
    ("g#s", "http://a/b/c/g#s"), ("g?y#s", "http://a/b/c/g?y#s"), (";x", "http://a/b/c/;x"),
    ("g;x", "http://a/b/c/g;x"),
    ("g;x?y#s", "http://a/b/c/g;x?y#s"), ("", "http://a/b/c/d;p?q"), (".", "http://a/b/c/"), ("./", "http://a/b/c/"),
    ("..", "http://a/b/"), ("../", "http://a/b/"), ("../g", "http://a/b/g"), ("../..", "http://a/"),
    ("../../", "http://a/"),
    ("../../g", "http://a/g"), ("../../../g", "http://a/g"), ("../../../../g", "http://a/g"), ("/./g", "http://a/g"),
    ("/../g", "http://a/g"), ("g.", "http://a/b/c/g."), (".g", "http://a/b/c/.g"), ("g..", "http://a/b/c/g.."),
    ("..g", "http://a/b/c/..g"), ("./../g", "http://a/b/g"), ("./g/.", "http://a/b/c/g/"),
    ("g/./h", "http://a/b/c/g/h"),
    ("g/../h", "http://a/b/c/h"), ("g;x=1/./y", "http://a/b/c/g;x=1/y"), ("g;x=1/../y", "http://a/b/c/y"),
    ("g?y/./x", "http://a/b/c/g?y/./x"), ("g?y/../x", "http://a/b/c/g?y/../x"), ("g#s/./x", "http://a/b/c/g#s/./x"),
    ("g#s/../x", "http://a/b/c/g#s/../x"), ("http:g", "http:g"),
  ]

  @Test(arguments: rows)
  func `a reference is resolved as in the examples of RFC 3986`(reference: String, target: String) {
    #expect(URIReference(reference).resolved(against: URIReference("http://a/b/c/d;p?q")).text == target)
  }

  @Test(arguments: [("#/a%20b", "/a b"), ("#%C3%A9", "é"), ("#a%", "a%"), ("#%zz", "%zz"), ("urn:a:b#c", "c")])
  func `a fragment's percent escapes are undone`(reference: String, fragment: String) {
    #expect(URIReference(reference).decodedFragment == fragment)
  }
}

@Suite struct JSONPointerTests {
  /// RFC 6901 §5, and what is no pointer.
  private static let rows: [(String, [String]?)] = [
    ("", []), ("/foo", ["foo"]), ("/foo/0", ["foo", "0"]), ("/", [""]), ("/a~1b", ["a/b"]), ("/m~0n", ["m~n"]),
    ("/~01", ["~1"]),
    ("//", ["", ""]), ("/ ", [" "]), ("foo", nil), ("/a~", nil), ("/a~2", nil),
    // A combining mark after the slash belongs to the name, though Swift sees one character.
    ("/a/\u{301}b", ["a", "\u{301}b"]),
  ]

  @Test(arguments: rows)
  func `a pointer is taken apart as in RFC 6901`(text: String, tokens: [String]?) {
    #expect(JSONPointer(text: text).tokens == tokens)
    if let tokens { #expect(tokens.reduce(JSONPointer()) { $0.appending($1) }.text == text) }
  }

  @Test func `pointers are compared by their bytes`() {
    #expect(JSONPointer().appending("é") != JSONPointer().appending("e\u{301}"))
    #expect(JSONPointer().appending("a").appending(1).parent == JSONPointer().appending("a"))
    #expect(JSONPointer().parent == nil)
  }
}
