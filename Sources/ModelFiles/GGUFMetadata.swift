/// A GGUF file's keys and values, in the order of the file.
public struct GGUFMetadata: Sendable {
  /// The file's name, for messages.
  public let file: String
  /// In the order of the file.
  public private(set) var entries: [(key: String, value: GGUFValue)] = []
  private var positions: [String: Int] = [:]

  init(_ reader: inout GGUFReader, count: Int) throws(ModelFileError) {
    file = reader.file
    entries.reserveCapacity(count)
    positions.reserveCapacity(count)
    for index in 0..<count {
      let key = try reader.string("the key of metadata entry \(index)")
      let value = try reader.value("metadata \"\(key)\"")
      guard positions.updateValue(index, forKey: key) == nil else {
        throw .duplicate(file: file, what: "metadata key", name: key)
      }
      entries.append((key, value))
    }
  }

  public subscript(key: String) -> GGUFValue? { positions[key].map { entries[$0].value } }

  // Each of these gives nil where the key is absent and throws where its value is of another kind.

  func string(_ key: String) throws(ModelFileError) -> String? { try read(key, "a string") { $0.string } }
  func bool(_ key: String) throws(ModelFileError) -> Bool? { try read(key, "a bool") { $0.bool } }

  /// A count: from 1 to the largest 32-bit integer, so that products of two stay far from overflow.
  func count(_ key: String) throws(ModelFileError) -> Int? {
    try read(key, "a whole number from 1 to \(Int32.max)") { value in
      value.int.flatMap { (1...Int(Int32.max)).contains($0) ? $0 : nil }
    }
  }

  func positive(_ key: String) throws(ModelFileError) -> Float? {
    try read(key, "a number above 0") { value in
      value.double.flatMap { Float($0).isFinite && Float($0) > 0 ? Float($0) : nil }
    }
  }

  func number(_ key: String) throws(ModelFileError) -> Float? {
    try read(key, "a finite number") { value in value.double.flatMap { Float($0).isFinite ? Float($0) : nil } }
  }

  func wholeNumber(_ key: String) throws(ModelFileError) -> Int? {
    try read(key, "a whole number") { value in value.int }
  }

  func tokenID(_ key: String) throws(ModelFileError) -> TokenID? {
    try read(key, "a token id") { value in value.int.flatMap { $0 >= 0 ? TokenID(exactly: $0) : nil } }
  }

  func strings(_ key: String) throws(ModelFileError) -> ByteStringTable? {
    try read(key, "an array of strings") { $0.array?.strings }
  }

  func integers(_ key: String) throws(ModelFileError) -> [Int]? {
    try read(key, "an array of integers") { $0.array?.integers }
  }

  /// The value that a model cannot do without.
  func require<T>(_ value: T?, _ key: String, _ expected: String) throws(ModelFileError) -> T {
    guard let value else { throw .missing(file: file, field: "metadata \"\(key)\"", expected: expected) }
    return value
  }

  private func read<T>(
    _ key: String, _ expected: String, _ convert: (GGUFValue) -> T?
  ) throws(ModelFileError) -> T? {
    guard let value = self[key] else { return nil }
    guard let converted = convert(value) else {
      throw .mismatch(file: file, field: "metadata \"\(key)\"", found: value.summary, expected: expected)
    }
    return converted
  }
}
