/// Turns the terminal's bytes into events. No clock and no terminal: the same bytes give the same events however they are
/// cut into reads.
///
/// Understands UTF-8, control characters, Alt as a leading ESC, CSI and SS3 keys with xterm's modifiers (ctlseqs, "PC-Style
/// Function Keys"), modifyOtherKeys and CSI u, SGR and X10 mouse reports, bracketed paste and focus. Answers to queries (device
/// attributes, colours, cursor position) are swallowed whole. The bytes of ESC alone are ambiguous: the caller calls
/// `flush` when `isAmbiguous` and nothing has followed for `escapeDelay`.
public struct InputParser: Sendable {
  /// How long to wait before an ESC is the key.
  public static let escapeDelay: Duration = .milliseconds(25)

  private var pending: [UInt8] = []
  /// What has been pasted so far; nil outside a paste.
  private var paste: [UInt8]?

  public init() {}

  /// Whether what is held may be a key by itself: Escape, or Alt with a key that begins a sequence.
  public var isAmbiguous: Bool { paste == nil && pending.first == Byte.escape && pending.count <= 2 }

  /// The events that these bytes complete; an unfinished sequence is held for the next bytes.
  public mutating func feed(_ bytes: some Sequence<UInt8>) -> [InputEvent] {
    pending += bytes
    var events: [InputEvent] = []
    var cursor = 0
    while cursor < pending.count {
      if paste != nil {
        guard let end = takePaste(from: &cursor) else { break }
        events.append(end)
        continue
      }
      switch next(at: cursor) {
      case .incomplete:
        pending.removeFirst(cursor)
        return events
      case .pasteBegins(let length):
        cursor += length
        paste = []
      case .sequence(let length, let event):
        cursor += length
        if let event { events.append(event) }
      }
    }
    pending.removeFirst(cursor)
    return events
  }

  /// Nothing has followed: takes an ambiguous beginning as the key that it is by itself.
  public mutating func flush() -> [InputEvent] {
    guard isAmbiguous else { return [] }
    let held = pending
    pending = []
    guard held.count == 2 else { return [.key(KeyPress(.escape))] }
    return [Self.key(of: held[1], .alt)].compactMap { $0 }
  }

  // MARK: - One sequence

  private enum Byte {
    static let escape: UInt8 = 0x1B
    static let bell: UInt8 = 0x07
  }

  private enum Step {
    case incomplete
    case pasteBegins(length: Int)
    /// Complete; without an event when it means nothing to us.
    case sequence(length: Int, InputEvent?)
  }

  /// Sequences end by then; what is longer is noise.
  private static let longestControlSequence = 64
  private static let longestString = 65536

  private func next(at start: Int) -> Step {
    let first = pending[start]
    if first == Byte.escape { return escapeSequence(at: start) }
    if first < 0x80 { return .sequence(length: 1, Self.key(of: first, [])) }
    return character(at: start, modifiers: [], prefix: 0)
  }

  /// A character of several bytes. What is not UTF-8 gives U+FFFD, once for each maximal part (Unicode 3.9, table 3-7).
  private func character(at start: Int, modifiers: Modifiers, prefix: Int) -> Step {
    let first = pending[start]
    let length =
      switch first {
      case 0xC2...0xDF: 2
      case 0xE0...0xEF: 3
      case 0xF0...0xF4: 4
      default: 1
      }
    let second: ClosedRange<UInt8> =
      switch first {
      case 0xE0: 0xA0...0xBF
      case 0xED: 0x80...0x9F
      case 0xF0: 0x90...0xBF
      case 0xF4: 0x80...0x8F
      default: 0x80...0xBF
      }
    var count = 1
    while count < length {
      guard start + count < pending.count else { return .incomplete }
      guard (count == 1 ? second : 0x80...0xBF).contains(pending[start + count]) else { break }
      count += 1
    }
    let text = count == length ? String(decoding: pending[start..<start + count], as: UTF8.self) : "\u{FFFD}"
    let control = (0x80..<0xA0).contains(text.unicodeScalars.first?.value ?? 0)
    let event = control ? nil : text.first.map { InputEvent.key(KeyPress(.character($0), modifiers)) }
    return .sequence(length: prefix + count, event)
  }

  private func escapeSequence(at start: Int) -> Step {
    guard start + 1 < pending.count else { return .incomplete }
    let second = pending[start + 1]
    switch second {
    case UInt8(ascii: "["): return controlSequence(at: start)
    case UInt8(ascii: "O"):
      guard start + 2 < pending.count else { return .incomplete }
      return .sequence(length: 3, Self.applicationKey(pending[start + 2]))
    case UInt8(ascii: "]"), UInt8(ascii: "P"), UInt8(ascii: "_"), UInt8(ascii: "^"), UInt8(ascii: "X"):
      return controlString(at: start)
    case Byte.escape: return .sequence(length: 1, .key(KeyPress(.escape)))
    case 0x80...: return character(at: start + 1, modifiers: .alt, prefix: 1)
    default: return .sequence(length: 2, Self.key(of: second, .alt))
    }
  }

  /// OSC, DCS, APC, PM and SOS: swallowed up to BEL or ESC \. They come only as answers.
  private func controlString(at start: Int) -> Step {
    var index = start + 2
    while index < pending.count {
      switch pending[index] {
      case Byte.bell: return .sequence(length: index + 1 - start, nil)
      case 0x18, 0x1A: return .sequence(length: index + 1 - start, nil)
      case Byte.escape:
        guard index + 1 < pending.count else { return .incomplete }
        let isEnd = pending[index + 1] == UInt8(ascii: "\\")
        return .sequence(length: index + (isEnd ? 2 : 0) - start, nil)
      default: index += 1
      }
      if index - start > Self.longestString { return .sequence(length: index - start, nil) }
    }
    return .incomplete
  }

  /// ESC [ parameters, intermediates, final (ECMA-48 5.4).
  private func controlSequence(at start: Int) -> Step {
    var index = start + 2
    while index < pending.count, (0x20...0x3F).contains(pending[index]) {
      index += 1
      if index - start > Self.longestControlSequence { return .sequence(length: index - start, nil) }
    }
    guard index < pending.count else { return .incomplete }
    let final = pending[index]
    let length = index + 1 - start
    // Not a final byte: what came so far is noise, and this byte begins anew.
    guard (0x40...0x7E).contains(final) else { return .sequence(length: length - 1, nil) }

    if index == start + 2 {
      if final == UInt8(ascii: "[") {
        // The Linux console's F1 to F5.
        guard index + 1 < pending.count else { return .incomplete }
        let letter = pending[index + 1]
        guard (0x40...0x7E).contains(letter) else { return .sequence(length: length, nil) }
        let number = Int(letter) - 0x40
        return .sequence(length: length + 1, (1...5).contains(number) ? .key(KeyPress(.function(number))) : nil)
      }
      if final == UInt8(ascii: "M") {
        guard index + 3 < pending.count else { return .incomplete }
        let report = pending[index + 1...index + 3].map { Int($0) - 32 }
        return .sequence(length: length + 3, Self.mouse(report, isRelease: report[0] & 3 == 3 && report[0] & 64 == 0))
      }
    }
    let body = pending[start + 2..<index]
    if final == UInt8(ascii: "~"), body.elementsEqual("200".utf8) { return .pasteBegins(length: length) }
    return .sequence(length: length, Self.event(parameters: body, final: final))
  }

  /// Moves pasted bytes out of `pending`; the whole paste when its end is there.
  private mutating func takePaste(from cursor: inout Int) -> InputEvent? {
    let marker = Array("\u{1B}[201~".utf8)
    var index = cursor
    while index < pending.count {
      if pending[index] == Byte.escape {
        let rest = pending[index...].prefix(marker.count)
        if rest.elementsEqual(marker) {
          let whole = (paste ?? []) + pending[cursor..<index]
          paste = nil
          cursor = index + marker.count
          return .paste(Self.cleaned(whole))
        }
        if marker.starts(with: rest) { break }
      }
      index += 1
    }
    paste?.append(contentsOf: pending[cursor..<index])
    cursor = index
    return nil
  }

  /// Line ends become "\n"; controls other than the tab are dropped, so that no escape sequence comes in by a paste.
  private static func cleaned(_ bytes: [UInt8]) -> String {
    var text = String.UnicodeScalarView()
    var previous: Unicode.Scalar = " "
    for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
      switch scalar.value {
      case 0x0D: text.append("\n")
      case 0x0A where previous == "\r": break
      case 0x09, 0x0A: text.append(scalar)
      case 0..<0x20, 0x7F..<0xA0: break
      default: text.append(scalar)
      }
      previous = scalar
    }
    return String(text)
  }
}
