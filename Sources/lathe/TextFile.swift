import Glibc

/// A file that a user names, as text.
enum TextFile {
  static func read(_ path: String) throws(CommandError) -> String {
    guard let file = fopen(path, "re") else { throw .input("\(path): \(String(cString: strerror(errno)))") }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = fread(&chunk, 1, chunk.count, file)
      bytes.append(contentsOf: chunk[..<count])
      if count < chunk.count { break }
    }
    guard ferror(file) == 0 else { throw .input("\(path): cannot be read: \(String(cString: strerror(errno)))") }
    guard let text = String(validating: bytes, as: UTF8.self) else { throw .input("\(path): the bytes are not UTF-8") }
    return text
  }
}
