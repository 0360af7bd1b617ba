import Engine
import Terminal

/// Where the tokens and the time went: the meters of `Meters.all` over each other.
final class MetersPane: Pane {
  let id = PaneID.meters
  private var firstRow = 0
  private var drawnHeight = 0
  private var totalRows = 0
  private var lastContext: DrawContext?

  func detail(_ session: Session) -> String {
    session.latestAnswer == nil ? "" : session.isRunning ? "this answer" : "last answer"
  }

  func move(_ motion: Motion, _ session: Session) {
    let last = max(0, totalRows - drawnHeight)
    switch motion {
    case .up: firstRow -= 1
    case .down: firstRow += 1
    case .pageUp: firstRow -= max(1, drawnHeight)
    case .pageDown: firstRow += max(1, drawnHeight)
    case .top: firstRow = 0
    case .bottom: firstRow = last
    case .wheel(let rows): firstRow += rows
    case .left, .right: break
    }
    firstRow = max(0, min(last, firstRow))
  }

  func preferredHeight(width: Int, _ session: Session) -> Int {
    Self.rows(width: width - 2, session) + Meters.shown(session).count - 1
  }

  private static func rows(width: Int, _ session: Session) -> Int {
    var canvas = MeterCanvas(counting: width)
    draw(on: &canvas, session, isSpaced: false)
    return canvas.rows
  }

  private static func draw(on canvas: inout MeterCanvas, _ session: Session, isSpaced: Bool) {
    let answer = session.latestAnswer
    for (index, meter) in Meters.shown(session).enumerated() {
      if index > 0, isSpaced { canvas.blank() }
      meter.draw(on: &canvas, answer, session)
    }
  }

  func draw(into buffer: CellBuffer, _ rect: Rect, _ session: Session, _ context: DrawContext) {
    let width = rect.width - 2
    guard width > 0, rect.height > 0 else { return }
    totalRows = Self.rows(width: width, session)
    let isSpaced = rect.height >= totalRows + Meters.shown(session).count - 1
    drawnHeight = rect.height
    firstRow = max(0, min(firstRow, totalRows - rect.height))
    lastContext = context
    let area = Rect(x: rect.x + 1, y: rect.y, width: width, height: rect.height)
    var canvas = MeterCanvas(into: buffer, area, firstRow: firstRow, context)
    Self.draw(on: &canvas, session, isSpaced: isSpaced)
  }

  func copyText(_ session: Session) -> (name: String, text: String)? {
    guard session.latestAnswer != nil, let lastContext else { return nil }
    let page = CellBuffer(width: 58, height: Self.rows(width: 58, session))
    var canvas = MeterCanvas(into: page, page.bounds, lastContext)
    Self.draw(on: &canvas, session, isSpaced: false)
    return ("the meters", page.text())
  }
}

extension Commands {
  static let meters: [Command] = []
}
