/// What a part of a split GGUF says of itself (llama.cpp, llama_split_path).
struct GGUFSplit {
  /// From 0.
  let index: Int
  let count: Int

  /// Nil where the metadata does not speak of parts.
  init?(_ metadata: GGUFMetadata) throws(ModelFileError) {
    guard let value = metadata["split.count"] else { return nil }
    guard let count = value.int, (0...99_999).contains(count) else {
      throw .mismatch(
        file: metadata.file, field: "metadata \"split.count\"", found: value.summary, expected: "a number of parts")
    }
    self.count = count
    guard count > 1 else {
      index = 0
      return
    }
    let number = metadata["split.no"]
    guard let index = number?.int, (0..<count).contains(index) else {
      throw .mismatch(
        file: metadata.file, field: "metadata \"split.no\"", found: number?.summary ?? "missing",
        expected: "0 to \(count - 1)")
    }
    self.index = index
  }

  /// The paths of all parts, found from that of this one.
  func paths(ofParts path: String, file: String) throws(ModelFileError) -> [String] {
    let suffix = Self.suffix(index: index, count: count)
    guard path.hasSuffix(suffix) else {
      throw .mismatch(
        file: file, field: "the file's name", found: "\"\(file)\"", expected: "a name that ends in \"\(suffix)\"")
    }
    let prefix = path.dropLast(suffix.count)
    return (0..<count).map { prefix + Self.suffix(index: $0, count: count) }
  }

  /// `-00001-of-00003.gguf`
  private static func suffix(index: Int, count: Int) -> String {
    "-\(fiveDigits(index + 1))-of-\(fiveDigits(count)).gguf"
  }

  private static func fiveDigits(_ number: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: Swift.max(0, 5 - digits.count)) + digits
  }
}
