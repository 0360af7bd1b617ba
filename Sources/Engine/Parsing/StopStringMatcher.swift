/// Finds stop strings in text that arrives in pieces, and holds back what may be the beginning of one, so that nothing
/// is shown and then taken back. The result does not depend on where the pieces were cut.
///
/// The string that is complete first ends the text; of several complete at the same character, the longest.
public struct StopStringMatcher: Sendable {
  private let stops: [(text: String, bytes: [UInt8])]
  /// Text that was accepted and not released: the longest suffix that begins some stop string.
  private var held: [UInt8] = []

  public init(_ stops: [String]) {
    self.stops = stops.filter { !$0.isEmpty }.map { (text: $0, bytes: Array($0.utf8)) }
  }

  /// Adds whole characters; gives those that are certain, and the stop string if one is complete. After that the rest
  /// of the text is dropped and nothing more is to be accepted.
  public mutating func accept(_ text: String) -> (released: String, stop: String?) {
    if stops.isEmpty { return (text, nil) }
    let searchedCount = held.count
    held.append(contentsOf: text.utf8)
    for end in searchedCount..<held.count {
      let complete = stops.filter { held[...end].endsWith($0.bytes) }
      if let stop = complete.max(by: { $0.bytes.count < $1.bytes.count }) {
        let released = String(decoding: held[..<(end + 1 - stop.bytes.count)], as: UTF8.self)
        held = []
        return (released, stop.text)
      }
    }
    let heldCount = stops.map { held.suffixCount(beginning: $0.bytes) }.max() ?? 0
    let released = String(decoding: held.dropLast(heldCount), as: UTF8.self)
    held.removeFirst(held.count - heldCount)
    return (released, nil)
  }

  /// What is still held, when no more text will come.
  public mutating func finish() -> String {
    defer { held = [] }
    return String(decoding: held, as: UTF8.self)
  }
}

extension BidirectionalCollection<UInt8> {
  func endsWith(_ tail: [UInt8]) -> Bool { reversed().starts(with: tail.reversed()) }

  /// The length of the longest suffix that is a proper prefix of `word`.
  func suffixCount(beginning word: [UInt8]) -> Int {
    for length in stride(from: Swift.min(count, word.count - 1), to: 0, by: -1)
    where suffix(length).elementsEqual(word.prefix(length)) {
      return length
    }
    return 0
  }
}
