/// A screen without a terminal: gives the events that it was handed and keeps what it was shown.
public final class RecordingScreen: Screen {
  public private(set) var size: (columns: Int, rows: Int)
  public let colorDepth: ColorDepth
  public let lines: LineSet
  public var reportsMouse = true

  /// A copy of the last buffer that was presented.
  public private(set) var shown: CellBuffer
  public private(set) var frameCount = 0
  public private(set) var beepCount = 0
  public private(set) var suspensionCount = 0
  public private(set) var repaintCount = 0
  public private(set) var clipboard: String?
  public private(set) var title: String?
  public private(set) var isClosed = false
  /// Stands in for the user's editor.
  public var editor: (String) throws(TerminalError) -> Void = { _ in }
  /// While false, frames are dropped.
  public var takesFrames = true
  private var waiting: [[InputEvent]] = []

  public init(columns: Int, rows: Int, colorDepth: ColorDepth = .direct, lines: LineSet = .rounded) {
    self.size = (max(1, columns), max(1, rows))
    self.colorDepth = colorDepth
    self.lines = lines
    self.shown = CellBuffer(width: max(1, columns), height: max(1, rows))
  }

  /// Adds to what `nextEvents` gives: one call, one batch.
  public func send(_ events: [InputEvent]) { waiting.append(events) }

  /// Takes another size and sends the event.
  public func resize(columns: Int, rows: Int) {
    size = (max(1, columns), max(1, rows))
    send([.resize(columns: size.columns, rows: size.rows)])
  }

  @discardableResult
  public func present(_ buffer: CellBuffer) -> Bool {
    guard takesFrames else { return false }
    shown = buffer.copy()
    frameCount += 1
    return true
  }

  /// The next batch; empty when there is none, whatever the timeout.
  public func nextEvents(timeout: Duration?) -> [InputEvent] {
    waiting.isEmpty ? [] : waiting.removeFirst()
  }

  public func suspendProcess() {
    suspensionCount += 1
    send([.resize(columns: size.columns, rows: size.rows)])
  }

  public func edit(file path: String) throws(TerminalError) {
    send([.resize(columns: size.columns, rows: size.rows)])
    try editor(path)
  }

  public func repaint() { repaintCount += 1 }
  public func beep() { beepCount += 1 }
  public func copyToClipboard(_ text: String) { clipboard = text }
  public func setTitle(_ title: String) { self.title = title }
  public func close() { isClosed = true }
}
