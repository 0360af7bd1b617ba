internal import CNcurses
internal import Glibc

/// The terminal that the program runs in, through ncursesw. One at a time; belongs to the thread that made it.
///
/// ncurses does the output only: it knows what the terminal shows and sends the difference. Input is read and parsed
/// here. While the screen is up, standard error is held back, and a crash gives the terminal back before anything else.
public final class CursesScreen: Screen {
  public private(set) var size: (columns: Int, rows: Int)
  public let colorDepth: ColorDepth
  public let lines: LineSet
  /// The signal that asked the program to end, if one did; `hangUp` came with it.
  public private(set) var terminationSignal: Int32?

  private let waker: Waker
  private let dumpPath: String?
  private var parser = InputParser()
  /// When an ambiguous ESC becomes the key.
  private var escapeDue = ContinuousClock.now
  private var queued: [InputEvent] = []
  private var input = [UInt8](repeating: 0, count: 65536)
  /// What the terminal shows, to find the rows that changed. Nil after anything that ncurses does not know of.
  private var shown: CellBuffer?
  private var pairs: ColorPairs
  private var hasDroppedFrame = false
  private var isOpen = true

  /// Takes the terminal over.
  /// - Parameter waker: ends `nextEvents`; a mailbox's.
  /// - Throws: `TerminalError` when there is no terminal to take; nothing has been changed then.
  public init(waker: Waker, options: ScreenOptions = ScreenOptions()) throws(TerminalError) {
    var info = term_info()
    let colors = options.colors.map { Int32($0.rawValue) } ?? Int32(TERM_COLORS_AUTOMATIC)
    switch term_start(colors, options.isSynchronized, &info) {
    case TERM_NO_TERMINAL: throw .noTerminal
    case TERM_NO_TERM: throw .noTerm
    case TERM_UNSUITABLE: throw .unsuitable(term: getenv("TERM").map { String(cString: $0) } ?? "")
    default: break
    }
    self.waker = waker
    self.dumpPath = options.dumpPath
    self.size = (Int(info.columns), Int(info.rows))
    let depth: ColorDepth =
      switch info.colors {
      case Int32(TERM_COLORS_DIRECT)...: .direct
      case 256...: .palette256
      case 16...: .ansi16
      case 8...: .ansi8
      default: .monochrome
      }
    self.colorDepth = depth
    self.lines = info.utf8 ? info.console ? .square : .rounded : .ascii
    self.pairs = ColorPairs(depth: depth, count: Int(info.pairs))
    self.reportsMouse = options.reportsMouse
    term_set_mouse(options.reportsMouse)
  }

  deinit { close() }

  public var reportsMouse: Bool {
    didSet { term_set_mouse(reportsMouse) }
  }

  // MARK: - Output

  @discardableResult
  public func present(_ buffer: CellBuffer) -> Bool {
    guard isOpen else { return true }
    guard term_is_writable() else {
      hasDroppedFrame = true
      return false
    }
    if pairs.isFull {
      pairs.removeAll()
      repaint()
    }
    let before = shown.flatMap { $0.hasSameShape(as: buffer) ? $0 : nil }
    for y in 0..<min(buffer.height, size.rows) where before.map({ !buffer.rowEquals(y, $0) }) ?? true {
      sendRow(y, of: buffer)
    }
    shown = buffer.copy()
    let cursor = buffer.cursor.flatMap { $0.x < size.columns && $0.y < size.rows && $0.x >= 0 && $0.y >= 0 ? $0 : nil }
    term_present(Int32(cursor?.x ?? 0), Int32(cursor?.y ?? 0), cursor != nil)
    return true
  }

  private func sendRow(_ y: Int, of buffer: CellBuffer) {
    term_row_begin()
    var colors = Colors(foreground: .terminal, background: .terminal)
    var pair = pairs.number(of: colors)
    var column = 0
    buffer.forEachCell(inRow: y) { cell, scalars in
      guard column + Int(cell.width) <= size.columns else { return }
      column += Int(cell.width)
      let own = Colors(foreground: cell.foreground, background: cell.background)
      if own != colors {
        colors = own
        pair = pairs.number(of: own)
      }
      term_row_add(
        scalars.baseAddress, Int32(scalars.count), Int32(cell.width), UInt32(cell.attributes.shown.rawValue), pair)
    }
    term_row_end(Int32(y))
  }

  public func repaint() {
    shown = nil
    term_repaint()
  }

  public func beep() { send("\u{7}") }

  public func copyToClipboard(_ text: String) {
    send("\u{1B}]52;c;\(base64(Array(text.utf8)))\u{1B}\\")
  }

  public func setTitle(_ title: String) {
    let shown = String(
      String.UnicodeScalarView(title.unicodeScalars.filter { $0.properties.generalCategory != .control }))
    send("\u{1B}]2;\(shown)\u{1B}\\")
  }

  /// Between frames, past ncurses.
  private func send(_ sequence: String) {
    guard isOpen else { return }
    var sequence = sequence
    sequence.withUTF8 { bytes in
      bytes.withMemoryRebound(to: CChar.self) { term_write($0.baseAddress, $0.count) }
    }
  }

  // MARK: - Input

  public func nextEvents(timeout: Duration?) -> [InputEvent] {
    let deadline = timeout.map { ContinuousClock.now + $0 }
    while true {
      if !queued.isEmpty {
        defer { queued = [] }
        return queued
      }
      let until = parser.isAmbiguous ? min(escapeDue, deadline ?? escapeDue) : deadline
      let cause = WakeCause(
        rawValue: term_wait(waker.descriptor, until.map(nanoseconds(until:)) ?? -1, hasDroppedFrame))
      if cause.contains(.signal) { takeSignals() }
      if cause.contains(.input) || cause.contains(.hangUp) { takeInput(isHangUp: cause.contains(.hangUp)) }
      if parser.isAmbiguous, ContinuousClock.now >= escapeDue { queued += parser.flush() }
      if cause.contains(.output) { hasDroppedFrame = false }
      if cause.contains(.waker) { waker.clear() }
      let isTimeUp = deadline.map { ContinuousClock.now >= $0 } ?? false
      if isTimeUp || cause.contains(.output) || cause.contains(.waker) {
        defer { queued = [] }
        return queued
      }
    }
  }

  private struct WakeCause: OptionSet {
    let rawValue: UInt32
    static let input = WakeCause(rawValue: UInt32(TERM_INPUT))
    static let signal = WakeCause(rawValue: UInt32(TERM_SIGNAL))
    static let waker = WakeCause(rawValue: UInt32(TERM_WAKER))
    static let output = WakeCause(rawValue: UInt32(TERM_OUTPUT))
    static let hangUp = WakeCause(rawValue: UInt32(TERM_HANGUP))
  }

  /// At most that long; an earlier return only waits again.
  private func nanoseconds(until time: ContinuousClock.Instant) -> Int64 {
    let left = (time - .now).components
    guard left.seconds < 1_000_000 else { return 1_000_000 * 1_000_000_000 }
    return max(0, left.seconds * 1_000_000_000 + left.attoseconds / 1_000_000_000)
  }

  private func takeInput(isHangUp: Bool) {
    let count = input.withUnsafeMutableBufferPointer { term_read($0.baseAddress, $0.count) }
    if count > 0 {
      queued += parser.feed(input[..<count])
      escapeDue = .now + InputParser.escapeDelay
    } else if isHangUp || count < 0 {
      queued.append(.hangUp)
    }
  }

  private func takeSignals() {
    var isResized = false
    while case let signal = term_next_signal(), signal != 0 {
      switch signal {
      case SIGWINCH: isResized = true
      case SIGTERM, SIGINT, SIGHUP:
        terminationSignal = signal
        queued.append(.hangUp)
      case SIGTSTP: suspendProcess()
      case SIGCONT:
        // Stopped without our doing: the shell has had the terminal meanwhile.
        term_suspend()
        takeTerminal()
      case SIGUSR1: dump()
      default: break
      }
    }
    if isResized, updateSize() { queueResize() }
  }

  private func updateSize() -> Bool {
    var columns: Int32 = 0
    var rows: Int32 = 0
    guard term_update_size(&columns, &rows) else { return false }
    size = (Int(columns), Int(rows))
    shown = nil
    return true
  }

  private func queueResize() { queued.append(.resize(columns: size.columns, rows: size.rows)) }

  // MARK: - Giving the terminal away

  public func suspendProcess() {
    term_suspend()
    term_stop_process()
    takeTerminal()
  }

  public func edit(file path: String) throws(TerminalError) {
    let named = ["VISUAL", "EDITOR"].compactMap { (name: String) in getenv(name).map { String(cString: $0) } }
    let command = named.first { !$0.isEmpty } ?? "vi"
    term_suspend()
    let status = term_run(command, path)
    let error = errno
    takeTerminal()
    switch status {
    case 0: return
    case -1: throw .editor(command: command, reason: String(cString: strerror(error)))
    case 127: throw .editor(command: command, reason: "not found")
    case 129...: throw .editor(command: command, reason: "it was ended by signal \(status - 128)")
    default: throw .editor(command: command, reason: "it ended with status \(status)")
    }
  }

  /// Takes the terminal again and has everything drawn anew.
  private func takeTerminal() {
    term_resume()
    shown = nil
    _ = updateSize()
    queueResize()
  }

  public func close() {
    guard isOpen else { return }
    isOpen = false
    term_stop()
  }

  /// Ends the process by the signal that asked for it, so that its parent sees the cause. Returns if none did.
  public func reraiseTermination() {
    guard let terminationSignal else { return }
    close()
    term_reraise(terminationSignal)
  }

  /// Writes the rows that were sent, one a line.
  private func dump() {
    guard let shown, let dumpPath, let file = fopen(dumpPath, "we") else { return }
    for y in 0..<shown.height {
      var row = String.UnicodeScalarView()
      shown.forEachCell(inRow: y) { cell, scalars in
        let base = term_shown(scalars[0], Int32(cell.width))
        let sent = base == scalars[0] ? Array(scalars) : [base] + Array(repeating: 0x20, count: Int(cell.width) - 1)
        row.append(contentsOf: sent.compactMap(Unicode.Scalar.init))
      }
      fputs(String(row) + "\n", file)
    }
    fclose(file)
  }
}

extension Attributes {
  /// As the shim numbers them; ncurses has no struck-through text.
  fileprivate var shown: Attributes { intersection([.bold, .dim, .italic, .underline, .reverse]) }
}

/// RFC 4648, section 4.
func base64(_ bytes: [UInt8]) -> String {
  let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
  var encoded: [UInt8] = []
  encoded.reserveCapacity((bytes.count + 2) / 3 * 4)
  for start in stride(from: 0, to: bytes.count, by: 3) {
    let group = bytes[start..<min(start + 3, bytes.count)]
    let value = group.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } << (8 * UInt32(3 - group.count))
    for digit in 0..<4 {
      encoded.append(digit <= group.count ? alphabet[Int(value >> (18 - 6 * UInt32(digit)) & 63)] : UInt8(ascii: "="))
    }
  }
  return String(decoding: encoded, as: UTF8.self)
}
