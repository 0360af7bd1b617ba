import Foundation
import Terminal
import Testing

@testable import Workbench

/// What tests draw with: built in, and parsed by tests of its own.
// swift-format-ignore: NeverUseForceTry
let darkTheme = try! Theme.load(named: "dark")

func context(isFocused: Bool = true, glyphs: Glyphs = .unicode, now: Duration = .zero) -> DrawContext {
  DrawContext(theme: darkTheme, glyphs: glyphs, isFocused: isFocused, now: now)
}

/// Compares what was drawn with the recorded picture `Snapshots/NAME.txt`: text, styles by role, cursor. Run with
/// `LATHE_RECORD=1` to record it anew, then read the difference before committing it.
func expectSnapshot(
  _ buffer: CellBuffer, _ name: String, withStyles: Bool = true, sourceLocation: SourceLocation = #_sourceLocation
) throws {
  let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Snapshots")
  let file = folder.appendingPathComponent("\(name).txt")
  let cursor = buffer.cursor.map { "cursor \($0.x),\($0.y)" } ?? "no cursor"
  let actual =
    "\(buffer.width)x\(buffer.height), \(cursor)\n\(withStyles ? buffer.snapshot(theme: darkTheme) : buffer.text())\n"
  if ProcessInfo.processInfo.environment["LATHE_RECORD"] == "1" {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try Data(actual.utf8).write(to: file)
    return
  }
  guard let data = FileManager.default.contents(atPath: file.path) else {
    Issue.record("no picture \(name).txt; record it with LATHE_RECORD=1", sourceLocation: sourceLocation)
    return
  }
  let expected = String(decoding: data, as: UTF8.self)
  #expect(actual == expected, "\(name) looks different:\n\(actual)", sourceLocation: sourceLocation)
}

/// A buffer with the theme's paper, drawn to once.
func drawn(width: Int, height: Int, _ draw: (CellBuffer) -> Void) -> CellBuffer {
  let buffer = CellBuffer(width: width, height: height)
  buffer.clear(darkTheme[.text])
  draw(buffer)
  return buffer
}
