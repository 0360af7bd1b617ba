public import Foundation
public import JSON

/// The golden data beside the package (`../shared/reference`), or where LATHE_REFERENCE points. Tests that need it are
/// skipped where it is absent. Paths are relative to its folder.
public enum Reference {
  /// Where the golden data is, or would be.
  public static let folder: URL = {
    if let path = ProcessInfo.processInfo.environment["LATHE_REFERENCE"] { return URL(filePath: path) }
    return Project.folder.deletingLastPathComponent().appending(path: "shared/reference")
  }()

  /// Whether the golden data is there.
  public static let isPresent = FileManager.default.fileExists(atPath: path("README.md"))

  /// What the miniature model was trained and evaluated with, a sibling of the golden data.
  public static let mini = folder.deletingLastPathComponent().appending(path: "mini")

  /// Whether `mini` is there.
  public static let hasMini = FileManager.default.fileExists(
    atPath: mini.appending(path: "reference_logits.json").path)

  /// The absolute path of a file or folder.
  public static func path(_ relative: String) -> String { folder.appending(path: relative).path }

  /// A whole file.
  public static func bytes(_ relative: String) throws -> [UInt8] {
    Array(try Data(contentsOf: folder.appending(path: relative)))
  }

  /// A file of little-endian 32-bit floats.
  public static func floats(_ relative: String) throws -> [Float] {
    try bytes(relative).withUnsafeBytes { raw in
      (0..<raw.count / 4).map {
        Float(bitPattern: UInt32(littleEndian: raw.loadUnaligned(fromByteOffset: $0 * 4, as: UInt32.self)))
      }
    }
  }

  /// A file of UTF-8.
  public static func text(_ relative: String) throws -> String { String(decoding: try bytes(relative), as: UTF8.self) }

  /// A file of one JSON value.
  public static func value(_ relative: String) throws -> JSONValue {
    try JSONValue(parsing: bytes(relative), name: relative)
  }

  /// A file of one JSON value a line.
  public static func lines(_ relative: String) throws -> [JSONValue] {
    try bytes(relative).split(separator: UInt8(ascii: "\n")).map { try JSONValue(parsing: Array($0), name: relative) }
  }

  /// The paths of the JSON files in a folder, sorted, without those in folders below it.
  public static func files(in relative: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: path(relative))
      .filter { $0.hasSuffix(".json") }.sorted().map { relative + "/" + $0 }
  }
}
