import ConstrainedDecoding
import Testing

/// Rows from the examples of the RFCs; the test suite's formats are in `TestSuiteTests`.
@Suite struct StringFormatTests {
  private static let rows: [(StringFormat, String, Bool)] = [
    (.dateTime, "1990-12-31T23:59:60Z", true), (.dateTime, "1990-12-31T15:59:60-08:00", true),
    (.dateTime, "1985-04-12 23:20:50Z", false),
    (.date, "2024-02-29", true), (.date, "1900-02-29", false), (.time, "24:00:00Z", false),
    (.duration, "P4DT12H30M5S", true), (.duration, "P1Y2W", false), (.duration, "PT", false),
    (.email, "\"joe bloggs\"@example.com", true), (.email, "a@b@c", false), (.idnEmail, "深圳@例子.测试", true),
    (.hostname, "xn--bcher-kva.example", true), (.hostname, "a_b", false), (.idnHostname, "bücher.example", true),
    (.idnHostname, "-a", false),
    (.ipv4, "192.168.0.01", false), (.ipv4, "255.255.255.255", true), (.ipv6, "2001:db8::8a2e:370:7334", true),
    (.ipv6, "1::2::3", false),
    (.uri, "urn:oasis:names:specification:docbook:dtd:xml:4.1.2", true), (.uri, "/abc", false),
    (.uriReference, "../a?b#c", true),
    (.iri, "http://例子.测试/路", true), (.uri, "http://例子.测试/", false), (.iriReference, "//深圳/路", true),
    (.uriTemplate, "{/var,x:30}/here{?q*}", true), (.uriTemplate, "{a", false),
    (.uuid, "f81d4fae-7dec-11d0-a765-00a0c91e6bf6", true), (.uuid, "f81d4fae7dec11d0a76500a0c91e6bf6", false),
    (.jsonPointer, "/a~1b/0", true), (.jsonPointer, "/a~", false), (.relativeJSONPointer, "0#", true),
    (.relativeJSONPointer, "01", false),
    (.regex, "^a+$", true), (.regex, "a(", false),
  ]

  @Test(arguments: rows)
  func `a string has the format or has it not`(format: StringFormat, text: String, isAccepted: Bool) {
    #expect(format.accepts(text) == isAccepted)
  }

  @Test(arguments: StringFormat.allCases)
  func `line ends around a value are not part of any format`(format: StringFormat) {
    guard let row = Self.rows.first(where: { $0.0 == format && $0.2 }), format != .regex, format != .jsonPointer else {
      return
    }
    #expect(!format.accepts(row.1 + "\n"))
  }
}
