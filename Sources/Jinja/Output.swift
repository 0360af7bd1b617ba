/// The text as it grows, and which parts of it belong to which traced element.
struct Output {
  /// Bytes a rendering may have, captured text included.
  static let limit = 64 << 20
  private(set) var bytes: [UInt8] = []
  private(set) var spans: [(origin: Origin, range: Swift.Range<Int>)] = []

  mutating func append(_ text: [UInt8], _ origin: Origin?) throws(Fault) {
    let start = bytes.count
    bytes.append(contentsOf: text)
    try finish(start, origin)
  }

  /// Appends `str(value)`.
  mutating func append(_ value: Value, _ origin: Origin?) throws(Fault) {
    let start = bytes.count
    try Representation.append(value, to: &bytes)
    try finish(start, origin)
  }

  private mutating func finish(_ start: Int, _ origin: Origin?) throws(Fault) {
    if bytes.count > Self.limit {
      throw Fault(.limit, "the rendering is longer than \(Self.limit >> 20) MiB")
    }
    guard let origin, bytes.count > start else { return }
    if let last = spans.last, last.origin == origin, last.range.upperBound == start {
      spans[spans.count - 1].range = last.range.lowerBound..<bytes.count
    } else {
      spans.append((origin, start..<bytes.count))
    }
  }
}
