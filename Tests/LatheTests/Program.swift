import Foundation
import TestSupport
import Testing

/// The `lathe` that was built beside these tests.
enum Program {
  static let path: String = {
    // The test runner is a bundle inside the build folder, or a helper that was given its path.
    let candidates = [Bundle.main.bundlePath, CommandLine.arguments.first ?? ""] + CommandLine.arguments
    for candidate in candidates {
      var folder = URL(fileURLWithPath: candidate)
      for _ in 0..<4 {
        let program = folder.appendingPathComponent("lathe").path
        if FileManager.default.isExecutableFile(atPath: program), !isFolder(program) { return program }
        folder.deleteLastPathComponent()
      }
    }
    return Project.folder.path + "/.build/debug/lathe"
  }()

  private static func isFolder(_ path: String) -> Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
  }

  struct Outcome {
    let output: String
    let error: String
    let code: Int32
    var lines: [String] { output.split(separator: "\n").map(String.init) }
  }

  /// Runs the program to its end.
  /// - Parameter home: where its user folders are; a fresh folder keeps tests apart.
  static func run(_ arguments: [String], input: String = "", home: ScratchFolder? = nil) throws -> Outcome {
    let scratch = try home ?? ScratchFolder()
    let (stdin, stdout, stderr) = (scratch.path + "/stdin", scratch.path + "/stdout", scratch.path + "/stderr")
    try input.write(toFile: stdin, atomically: true, encoding: .utf8)
    let code = try spawn(
      path, arguments, environment: ProcessInfo.processInfo.environment.merging(scratch.environment) { $1 },
      folder: scratch.path, stdin: stdin, stdout: stdout, stderr: stderr)
    return Outcome(
      output: try String(contentsOfFile: stdout, encoding: .utf8),
      error: try String(contentsOfFile: stderr, encoding: .utf8), code: code)
  }
}

extension ScratchFolder {
  /// This folder as a copy of one of the samples, for a test that changes it.
  func workspace(copying sample: String, without folder: String) throws -> ScratchFolder {
    let sample = "\(Project.folder.path)/Workspaces/\(sample)"
    for name in try FileManager.default.contentsOfDirectory(atPath: sample) where name != folder {
      try FileManager.default.copyItem(atPath: "\(sample)/\(name)", toPath: "\(path)/\(name)")
    }
    return self
  }
}
