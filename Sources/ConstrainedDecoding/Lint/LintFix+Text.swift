public import JSON

extension LintFix {
  /// The text with the change; all that the edits do not touch keeps its form, down to blanks and the spelling of numbers.
  /// - Throws: where the text is not JSON.
  public func applied(toText text: String) throws(JSONError) -> String {
    var text = text
    for edit in edits {
      let place = try JSONTextPlace(of: edit.pointer, in: text)
      guard let (range, replacement) = place?.change(edit) else { continue }
      var bytes = Array(text.utf8)
      bytes.replaceSubrange(range, with: Array(replacement.utf8))
      text = String(decoding: bytes, as: UTF8.self)
    }
    return text
  }
}

extension LintFix.Edit {
  fileprivate var pointer: JSONPointer {
    switch self {
    case .set(let pointer, _), .remove(let pointer), .rename(let pointer, _): pointer
    }
  }
}

extension JSONDocument {
  /// Where the text has the value, or the nearest one around it that is written.
  public func range(of pointer: JSONPointer) -> Range<Int> {
    var (value, positions) = (value, positions)
    for token in pointer.tokens ?? [] {
      guard let index = value.childIndex(token), positions.children.indices.contains(index) else { break }
      positions = positions.children[index]
      value = value.child(index)
    }
    return positions.range
  }
}

extension JSONValue {
  /// The position of the member or the element that a token of a pointer names.
  fileprivate func childIndex(_ token: String) -> Int? {
    switch self {
    case .object(let object): object.position(of: token)
    case .array(let elements): Int(token).flatMap { elements.indices.contains($0) ? $0 : nil }
    default: nil
    }
  }

  fileprivate func child(_ index: Int) -> JSONValue {
    switch self {
    case .object(let object): object.values[index]
    case .array(let elements): elements[index]
    default: self
    }
  }
}

/// The container of a place and what the text says there.
private struct JSONTextPlace {
  let bytes: [UInt8]
  let container: JSONValue
  let positions: JSONPositions
  let token: String
  /// Of the member or element; nil where it is not there yet.
  let index: Int?

  /// Nil if what contains the place is not there.
  init?(of pointer: JSONPointer, in text: String) throws(JSONError) {
    let document = try JSONDocument(parsing: text)
    guard var tokens = pointer.tokens, let last = tokens.popLast() else { return nil }
    var (value, positions) = (document.value, document.positions)
    for token in tokens {
      guard let index = value.childIndex(token) else { return nil }
      positions = positions.children[index]
      value = value.child(index)
    }
    bytes = Array(text.utf8)
    container = value
    self.positions = positions
    token = last
    index = value.childIndex(last)
  }

  /// What to replace in the text, and by what; nil where the edit changes nothing.
  func change(_ edit: LintFix.Edit) -> (Range<Int>, String)? {
    switch (edit, index) {
    case (.set(_, let value), let index?):
      let range = positions.children[index].range
      return (range, written(value, isBroken: bytes[range].contains(newline), indent: indent(ofLineAt: range.lowerBound)))
    case (.set(_, let value), nil): return container.object == nil ? nil : adding(value)
    case (.remove, let index?): return (rangeWithComma(of: index), "")
    case (.rename(_, let name), let index?):
      guard let object = container.object, object[name] == nil else { return nil }
      return (positions.keyRanges[index], JSONValue.quoted(name))
    case (.remove, nil), (.rename, nil): return nil
    }
  }

  private let newline = UInt8(ascii: "\n")

  /// A new last member, on a line of its own where the others are.
  private func adding(_ value: JSONValue) -> (Range<Int>, String) {
    let key = JSONValue.quoted(token) + ": "
    // A key that is written twice stands at its first place here, and at its last one in the text.
    let ends = positions.children.map(\.range.upperBound).sorted()
    guard let end = ends.last, let lastKey = positions.keyRanges.max(by: { $0.lowerBound < $1.lowerBound }) else {
      let inner = positions.range.lowerBound + 1..<positions.range.upperBound - 1
      return (inner, key + written(value, isBroken: false, indent: 0))
    }
    let before = ends.dropLast().last ?? positions.range.lowerBound + 1
    guard bytes[before..<lastKey.lowerBound].contains(newline) else {
      return (end..<end, ", " + key + written(value, isBroken: false, indent: 0))
    }
    let indent = indent(ofLineAt: lastKey.lowerBound)
    return (end..<end, ",\n" + String(repeating: " ", count: indent) + key + written(value, isBroken: false, indent: indent))
  }

  /// The member or element with the comma that parts it from its neighbours.
  private func rangeWithComma(of index: Int) -> Range<Int> {
    func start(_ index: Int) -> Int {
      container.object == nil ? positions.children[index].range.lowerBound : positions.keyRanges[index].lowerBound
    }
    let end = positions.children[index].range.upperBound
    let before = positions.children.map(\.range.upperBound).filter { $0 < end }.max()
    if let before { return before..<end }
    let next = positions.children.indices.map(start).filter { $0 > end }.min()
    if let next { return start(index)..<next }
    return positions.range.lowerBound + 1..<positions.range.upperBound - 1
  }

  /// On one line, or, where what it replaces is broken into lines, one member a line.
  private func written(_ value: JSONValue, isBroken: Bool, indent: Int) -> String {
    guard isBroken else { return value.text(.spaced) }
    let blanks = String(repeating: " ", count: indent)
    return value.text(.pretty).split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\n" + blanks)
  }

  private func indent(ofLineAt offset: Int) -> Int {
    let start = bytes[..<offset].lastIndex(of: newline).map { $0 + 1 } ?? 0
    return bytes[start...].prefix { $0 == UInt8(ascii: " ") }.count
  }
}
