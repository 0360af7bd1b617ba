import Testing

@testable import Terminal

@Suite struct RecordingScreenTests {
  @Test func `it keeps what it was shown, whatever is drawn afterwards`() {
    let screen = RecordingScreen(columns: 10, rows: 2)
    let buffer = CellBuffer(width: 10, height: 2)
    buffer.write("天气 e\u{301}", x: 0, y: 0, style: Style())
    buffer.cursor = (3, 1)
    #expect(screen.present(buffer))
    buffer.clear()
    #expect(screen.shown.text() == "天气 e\u{301}\n")
    #expect(screen.shown.cursor?.x == 3 && screen.frameCount == 1)
    screen.takesFrames = false
    #expect(!screen.present(buffer))
    #expect(screen.frameCount == 1)
  }

  @Test func `it gives the events that it was sent, a batch a call`() throws {
    let screen = RecordingScreen(columns: 80, rows: 24)
    screen.send([.key(KeyPress(.enter)), .focus(false)])
    screen.resize(columns: 0, rows: 5)
    screen.editor = { path throws(TerminalError) in
      throw .editor(command: "vi \(path)", reason: "it ended with status 1")
    }
    #expect(screen.nextEvents(timeout: nil) == [.key(KeyPress(.enter)), .focus(false)])
    #expect(screen.nextEvents(timeout: nil) == [.resize(columns: 1, rows: 5)])
    #expect(screen.nextEvents(timeout: nil) == [])
    let error = #expect(throws: TerminalError.self) { try screen.edit(file: "a.json") }
    #expect(error?.description == "vi a.json: it ended with status 1; set VISUAL or EDITOR to another editor")
    #expect(screen.nextEvents(timeout: nil) == [.resize(columns: 1, rows: 5)])
  }
}
