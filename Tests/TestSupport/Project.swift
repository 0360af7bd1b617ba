public import Foundation

/// The folder of this package.
public enum Project {
  /// Where Package.swift is.
  public static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// The file that the embedded model was made from.
  public static let mini = folder.appending(path: "Sources/CMiniModel/mini-q8_0.gguf").path
}
