import Foundation
import JSON
import ModelFiles
import Tokenization

/// The golden data beside the package (`../shared/reference`), or where LATHE_REFERENCE points. Tests that need it are
/// skipped where it is absent.
enum Reference {
  static let root: URL = {
    if let path = ProcessInfo.processInfo.environment["LATHE_REFERENCE"] { return URL(fileURLWithPath: path) }
    let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    return package.deletingLastPathComponent().appendingPathComponent("shared/reference")
  }()

  static var isPresent: Bool { FileManager.default.fileExists(atPath: path("tokenizer/encode.jsonl")) }

  static func path(_ relative: String) -> String { root.appendingPathComponent(relative).path }

  /// The values of a JSONL file.
  static func rows(_ relative: String) throws -> [JSONValue] {
    try Data(contentsOf: root.appendingPathComponent(relative)).split(separator: UInt8(ascii: "\n"))
      .map { try JSONValue(parsing: Array($0), name: relative) }
  }

  static func text(_ relative: String) throws -> String { try String(contentsOfFile: path(relative), encoding: .utf8) }

  /// Little-endian numbers in a compressed file.
  static func compressedIDs(_ relative: String) throws -> [TokenID] {
    let bytes = try output(of: "gunzip", "-c", path(relative))
    return bytes.withUnsafeBytes { raw in
      (0..<raw.count / 4).map { TokenID(littleEndian: raw.loadUnaligned(fromByteOffset: $0 * 4, as: TokenID.self)) }
    }
  }

  /// The SHA-256 of ids as little-endian 32-bit numbers, in hexadecimal.
  static func sha256(of ids: [TokenID]) throws -> String {
    let file = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: file) }
    try ids.map(\.littleEndian).withUnsafeBytes { Data($0) }.write(to: file)
    return String(decoding: try output(of: "sha256sum", file.path).prefix(64), as: UTF8.self)
  }

  private static func output(of arguments: String...) throws -> [UInt8] {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = arguments
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return Array(data)
  }

  /// What the vocabulary-only GGUF of Qwen3 says.
  static let qwen3Data = Result { try Checkpoint.open(path("common/qwen3-vocab.gguf")).tokenizer! }
  static let qwen3 = Result { try Tokenizer(qwen3Data.get()) }
}

extension JSONValue {
  /// The elements of an array of ids.
  var ids: [TokenID] { (array ?? []).map { TokenID($0.int!) } }
}
