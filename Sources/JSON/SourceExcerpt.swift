/// A place in a text, shown the way every parser in the program shows it:
///
///     weather.json:3:14: expected ":" after the key, found ","
///       "city", "Shenzhen"
///             ^
public struct SourceExcerpt: Sendable, Equatable {
  /// What the text is called: a file name, or words such as "chat template".
  public let name: String
  /// From 1.
  public let line: Int
  /// In Unicode scalars from 1; a tab counts one.
  public let column: Int
  /// The line's text without its end, cut to a window around the column.
  public let text: String
  /// Columns before the caret in `text`, wide characters counted double.
  public let caretIndent: Int

  /// - Parameters:
  ///   - offset: a UTF-8 offset into `source`; past the end it means the end.
  ///   - window: the longest excerpt, in characters.
  public init(of source: some Collection<UInt8>, offset: Int, name: String, window: Int = 100) {
    let bytes = Array(source)
    let at = Swift.max(0, min(offset, bytes.count))
    var lineStart = at
    while lineStart > 0, bytes[lineStart - 1] != 0x0A { lineStart -= 1 }
    var lineEnd = at
    while lineEnd < bytes.count, bytes[lineEnd] != 0x0A { lineEnd += 1 }
    if lineEnd > lineStart, bytes[lineEnd - 1] == 0x0D, lineEnd > at { lineEnd -= 1 }
    let before = Array(String(decoding: bytes[lineStart..<at], as: UTF8.self).unicodeScalars)
    let after = Array(String(decoding: bytes[at..<lineEnd], as: UTF8.self).unicodeScalars)

    self.name = name
    self.line = bytes[..<lineStart].count { $0 == 0x0A } + 1
    self.column = before.count + 1

    let keptBefore = before.suffix(after.count < window / 3 ? window - after.count : window * 2 / 3)
    let keptAfter = after.prefix(window - keptBefore.count)
    let visible = (keptBefore + keptAfter).map { $0.value < 0x20 || $0.value == 0x7F ? " " : $0 }
    let leading = keptBefore.count < before.count ? "…" : ""
    let trailing = keptAfter.count < after.count ? "…" : ""
    var view = String.UnicodeScalarView()
    view.append(contentsOf: visible)
    self.text = leading + String(view) + trailing
    self.caretIndent = keptBefore.reduce(leading.isEmpty ? 0 : 1) { $0 + ($1.isWide ? 2 : 1) }
  }

  /// `name:line:column`.
  public var place: String { "\(name):\(line):\(column)" }

  /// The place and the sentence, then the line, then the caret.
  public func description(_ sentence: String) -> String {
    "\(place): \(sentence)\n  \(text)\n  \(String(repeating: " ", count: caretIndent))^"
  }
}

extension Unicode.Scalar {
  /// Two columns in a terminal: East Asian wide ranges (UAX #11), enough to place a caret.
  fileprivate var isWide: Bool {
    switch value {
    case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
      0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F900...0x1F9FF, 0x20000...0x3FFFD:
      true
    default: false
    }
  }
}
