internal import JSON

extension PromptTrace {
  /// Tokens that each field of a function's parameters takes in the prompt, those of the fields within it included: the
  /// tokens whose last byte is the field's. A field has its name, its schema and what parts it from the field before, so
  /// that fields, and the rest of the function, add up to what the function costs. Nil where the template does not write
  /// functions as JSON.
  /// - Parameter index: of the function in the request.
  public func fieldTokenCounts(ofFunction index: Int) -> [FieldPath: Int]? {
    let own = segments.filter { $0.owner == .function(index) }
    guard let start = own.first?.bytes.lowerBound, let end = own.last?.bytes.upperBound else { return nil }
    let bytes = Array(text.utf8)[start..<end]
    guard let first = bytes.firstIndex(of: UInt8(ascii: "{")), let last = bytes.lastIndex(of: UInt8(ascii: "}")),
      first < last, let document = try? JSONDocument(parsing: String(decoding: bytes[first...last], as: UTF8.self))
    else { return nil }
    var counts: [FieldPath: Int] = [:]
    for extent in FieldExtent.all(in: document.value, document.positions) {
      guard let path = FieldPath(inTool: extent.path) else { continue }
      let range = extent.bytes.lowerBound + first..<extent.bytes.upperBound + first
      counts[path] = tokenEnds.partitioningIndex { $0 > range.upperBound } - tokenEnds.partitioningIndex { $0 > range.lowerBound }
    }
    return counts
  }
}

extension FieldPath {
  /// The field whose schema stands at a place of a tool; nil for other places.
  fileprivate init?(inTool place: FieldPath) {
    var rest = place.steps[...]
    if rest.first == .member("function") { rest.removeFirst() }
    guard rest.popFirst() == .member("parameters"), !rest.isEmpty else { return nil }
    self.init()
    while let step = rest.popFirst() {
      switch step {
      case .member("properties"):
        guard case .member(let name)? = rest.popFirst() else { return nil }
        steps.append(.member(name))
      case .member("items"): steps.append(.element)
      default: return nil
      }
    }
  }
}

extension [Int] {
  /// The first index whose element fits; those that fit are all at the end.
  fileprivate func partitioningIndex(where fits: (Int) -> Bool) -> Int {
    var (low, high) = (startIndex, endIndex)
    while low < high {
      let middle = (low + high) / 2
      if fits(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
