import Documents
import Engine
import Terminal
import Testing

@testable import Workbench

/// Whole screens, as text and styles, at the sizes people have.
@Suite struct ScreenTests {
  static let sizes = [(80, 24), (120, 40), (200, 60)]

  @Test(arguments: sizes) func `an empty conversation says what the model is and what may be asked`(
    width: Int, height: Int
  ) throws {
    let stage = Stage(width: width, height: height)
    stage.draw()
    try expectScreen(stage.buffer, "empty-\(width)x\(height)")
  }

  @Test(arguments: sizes) func `a call without a mock waits for its result`(width: Int, height: Int) async throws {
    let stage = Stage(width: width, height: height)
    stage.type("Where is my order ORD54321?")
    stage.press("<ret>")
    stage.play(.order(id: "ORD54321"))
    await stage.runCalls()
    stage.draw()
    try expectScreen(stage.buffer, "call-\(width)x\(height)")
  }

  @Test(arguments: sizes) func `the weather story in Chinese keeps its columns`(width: Int, height: Int) async throws {
    let stage = Stage(.weather, width: width, height: height)
    stage.press("<up><ret>")
    stage.play(.weather)
    await stage.runCalls()
    stage.play(.sunny)
    stage.draw()
    try expectScreen(stage.buffer, "weather-\(width)x\(height)")
  }

  /// Styles at the smallest size; at the others the text, which is what a size changes.
  private func expectScreen(_ buffer: CellBuffer, _ name: String) throws {
    try expectSnapshot(buffer, name, withStyles: buffer.width == 80)
  }
}
