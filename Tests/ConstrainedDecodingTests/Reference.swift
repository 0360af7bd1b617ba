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

  static func value(_ path: String) throws -> JSONValue {
    try JSONValue(parsing: Array(Data(contentsOf: folder.appending(path: path))), name: path)
  }

  /// One JSON value a line.
  static func lines(_ path: String) throws -> [JSONValue] {
    try Data(contentsOf: folder.appending(path: path)).split(separator: 0x0A).map {
      try JSONValue(parsing: Array($0), name: path)
    }
  }

  /// The paths of the JSON files in a folder, sorted, without those in folders below it.
  static func files(in path: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.appending(path: path).path)
      .filter { $0.hasSuffix(".json") }.sorted().map { path + "/" + $0 }
  }
}
