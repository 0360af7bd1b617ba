import Foundation

/// The standard output of a program that is found on the PATH and reads these bytes.
public func output(of program: String, _ arguments: [String] = [], input: [UInt8] = []) throws -> [UInt8] {
  let scratch = try ScratchFolder()
  let process = Process()
  let pipe = Pipe()
  process.executableURL = URL(filePath: "/usr/bin/env")
  process.arguments = [program] + arguments
  process.standardInput = try FileHandle(forReadingFrom: URL(filePath: scratch.write("input", input)))
  process.standardOutput = pipe
  try process.run()
  let output = pipe.fileHandleForReading.readDataToEndOfFile()
  process.waitUntilExit()
  return Array(output)
}

/// The digest in hexadecimal, as sha256sum(1) prints it.
public func sha256(_ bytes: [UInt8]) throws -> String {
  String(decoding: try output(of: "sha256sum", input: bytes).prefix(64), as: UTF8.self)
}
