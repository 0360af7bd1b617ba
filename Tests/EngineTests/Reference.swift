import Foundation
import JSON

/// The reference data beside the package (`../shared/reference`, or where LATHE_REFERENCE points). Tests that need it
/// are skipped where it is absent.
enum Reference {
  static let folder: URL = {
    if let path = ProcessInfo.processInfo.environment["LATHE_REFERENCE"] { return URL(filePath: path) }
    let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    return package.deletingLastPathComponent().appending(path: "shared/reference")
  }()

  static let isPresent = FileManager.default.fileExists(atPath: folder.appending(path: "README.md").path)

  /// What the miniature model was trained and evaluated with, a sibling of the reference.
  static let mini = folder.deletingLastPathComponent().appending(path: "mini")
  static let hasMini = FileManager.default.fileExists(atPath: mini.appending(path: "reference_logits.json").path)

  /// One JSON value a line.
  static func lines(_ path: String) throws -> [JSONValue] {
    try String(contentsOf: folder.appending(path: path), encoding: .utf8)
      .split(separator: "\n").map { try JSONValue(parsing: String($0)) }
  }
}
