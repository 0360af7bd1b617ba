import Glibc
import JSON

/// Results, written at once and whole; a closed pipe ends the program as it ends any filter.
enum StandardOutput {
  static func write(_ text: String) { writeAll(text, to: STDOUT_FILENO) }
  static func writeLine(_ text: String) { write(text + "\n") }
  /// One JSON value on a line of its own.
  static func writeLine(_ value: JSONValue) { write(value.text(.spaced) + "\n") }
}

/// Everything that is not the result.
enum StandardError {
  static func write(_ text: String) { writeAll(text, to: STDERR_FILENO) }
}

private func writeAll(_ text: String, to descriptor: Int32) {
  var text = text
  text.withUTF8 { bytes in
    var done = 0
    while done < bytes.count {
      let count = Glibc.write(descriptor, bytes.baseAddress! + done, bytes.count - done)
      if count < 0 {
        if errno == EINTR { continue }
        // Nobody reads any more: nothing is left to say it to.
        exit(1)
      }
      done += count
    }
  }
}

/// Standard input, line by line.
struct StandardInput {
  private var buffer: [UInt8] = []
  private var start = 0
  private var isAtEnd = false
  private(set) var lineNumber = 0

  /// The next line without its end; nil at the end of the input. Throws if the bytes are not UTF-8.
  mutating func readLine() throws(CommandError) -> String? {
    var searched = start
    while true {
      if let end = buffer[searched...].firstIndex(of: 0x0A) {
        defer { start = end + 1 }
        return try line(buffer[start..<end])
      }
      if isAtEnd {
        if start == buffer.count { return nil }
        defer { start = buffer.count }
        return try line(buffer[start...])
      }
      buffer.removeSubrange(..<start)
      start = 0
      searched = buffer.count
      var chunk = [UInt8](repeating: 0, count: 1 << 16)
      let count = read(STDIN_FILENO, &chunk, chunk.count)
      if count < 0 && errno == EINTR { continue }
      if count <= 0 { isAtEnd = true } else { buffer.append(contentsOf: chunk[..<count]) }
    }
  }

  private mutating func line(_ bytes: ArraySlice<UInt8>) throws(CommandError) -> String {
    lineNumber += 1
    guard let text = String(validating: bytes.last == 0x0D ? bytes.dropLast() : bytes, as: UTF8.self) else {
      throw .input("standard input, line \(lineNumber): the bytes are not UTF-8")
    }
    return text
  }

  /// Calls `body` with each line's JSON value and the line's name for messages; empty lines are skipped.
  static func forEachJSONLine(_ body: (JSONValue, String) throws(CommandError) -> Void) throws(CommandError) {
    var input = StandardInput()
    while let line = try input.readLine() {
      if line.allSatisfy(\.isWhitespace) { continue }
      let name = "standard input, line \(input.lineNumber)"
      let value: JSONValue
      do { value = try JSONValue(parsing: line, name: name) } catch { throw .input(error.description) }
      try body(value, name)
    }
  }

  /// Everything.
  static func readAll() throws(CommandError) -> String {
    var input = StandardInput()
    var lines: [String] = []
    while let line = try input.readLine() { lines.append(line) }
    return lines.joined(separator: "\n")
  }
}
