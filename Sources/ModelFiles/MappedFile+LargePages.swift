import Glibc

extension MappedFile {
  /// Bytes of the mapping that lie in pages of 2 MiB, of those that were touched: "FilePmdMapped" and "AnonHugePages" of
  /// proc_pid_smaps(5). Nil where the system does not say, and for bytes that are no mapping of ours.
  var largePageByteCount: Int? {
    guard isMapped, let start = bytes.baseAddress, let smaps = fopen("/proc/self/smaps", "r") else { return nil }
    defer { fclose(smaps) }
    let addresses = UInt(bitPattern: start)..<UInt(bitPattern: start) + UInt(bytes.count)
    var line: UnsafeMutablePointer<CChar>?
    var capacity = 0
    defer { free(line) }
    var isOurs = false
    var total: Int?
    while getline(&line, &capacity, smaps) > 0, let line {
      let words = String(cString: line).split(whereSeparator: \.isWhitespace)
      guard let first = words.first else { continue }
      if let range = Self.addressRange(first) {
        isOurs = range.overlaps(addresses)
      } else if isOurs, words.count == 3, first == "FilePmdMapped:" || first == "AnonHugePages:" {
        // In "kB", which are KiB.
        total = (total ?? 0) + (Int(words[1]) ?? 0) * 1024
      }
    }
    return total.map { min($0, bytes.count) }
  }

  /// "7fc10f000000-7fc137000000", as the first line of a mapping begins.
  private static func addressRange(_ word: Substring) -> Range<UInt>? {
    let ends = word.split(separator: "-").map { UInt($0, radix: 16) }
    guard ends.count == 2, let start = ends[0], let end = ends[1], start < end else { return nil }
    return start..<end
  }
}
