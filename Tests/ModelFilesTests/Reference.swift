import Foundation
import JSON

/// The golden data beside the package (`../shared/reference`), or where LATHE_REFERENCE points. Tests that need it are
/// skipped where it is absent.
enum Reference {
  static let root: URL = {
    if let path = ProcessInfo.processInfo.environment["LATHE_REFERENCE"] { return URL(fileURLWithPath: path) }
    let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    return package.deletingLastPathComponent().appendingPathComponent("shared/reference")
  }()

  static var isPresent: Bool { FileManager.default.fileExists(atPath: path("quants/manifest.json")) }

  static func path(_ relative: String) -> String { root.appendingPathComponent(relative).path }

  static func bytes(_ relative: String) throws -> [UInt8] {
    Array(try Data(contentsOf: root.appendingPathComponent(relative)))
  }

  static func floats(_ relative: String) throws -> [Float] {
    try bytes(relative).withUnsafeBytes { raw in
      (0..<raw.count / 4).map { Float(bitPattern: raw.loadUnaligned(fromByteOffset: $0 * 4, as: UInt32.self)) }
    }
  }

  static func json(_ relative: String) throws -> JSONValue { try JSONValue(parsing: bytes(relative), name: relative) }
}

/// The embedded model's file in the package.
enum MiniModel {
  static let path: String = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("Sources/CMiniModel/mini-q8_0.gguf").path
}
