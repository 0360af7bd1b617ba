import Engine
import Testing

@Suite struct StopStringMatcherTests {
  @Test(
    arguments: [
      ("one two three", ["two"], "one ", "two"),
      ("one two three", ["four"], "one two three", nil),
      ("ababac!", ["abac"], "ab", "abac"),
      ("abcdef", ["cde", "bc"], "a", "bc"),
      ("abcdef", ["def", "ef"], "abc", "def"),
      ("天气很好。再见", ["。再"], "天气很好", "。再"),
      ("naïve è", ["é"], "naïve è", nil),
      ("a\n\nb", ["\n\n"], "a", "\n\n"),
      ("abc", ["", "c"], "ab", "c"),
    ] as [(String, [String], String, String?)])
  func `text ends before a stop string wherever it is cut`(
    text: String, stops: [String], expected: String, stop: String?
  ) {
    let characters = Array(text)
    for first in 0...characters.count {
      for second in first...characters.count {
        var matcher = StopStringMatcher(stops)
        var shown = ""
        var found: String?
        for chunk in [characters[..<first], characters[first..<second], characters[second...]] where found == nil {
          let (released, stop) = matcher.accept(String(chunk))
          shown += released
          found = stop
          #expect(expected.hasPrefix(shown), "shown, then taken back")
        }
        shown += matcher.finish()
        #expect(shown == expected)
        #expect(found == stop)
      }
    }
  }
}
