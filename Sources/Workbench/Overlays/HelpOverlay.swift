import Terminal

/// Every row of the key table, under where it applies, and what the numbers on the screen mean. Typing narrows it.
final class HelpOverlay: Overlay {
  private enum Line {
    case heading(String)
    case row(keys: String, text: String)
    case note(String)
  }

  private let firstPlace: Command.Place
  private var field = TextEditor(options: .field)
  private var first = 0
  private var rowCount = 0
  private var height = 1

  /// - Parameter place: comes first.
  init(place: Command.Place) { firstPlace = place }

  var mode: InputMode { .typing }

  func handle(_ key: KeyPress, _ session: Session) -> OverlayOutcome {
    switch key.key {
    case .up where key.modifiers.isEmpty: scroll(by: -1)
    case .down where key.modifiers.isEmpty: scroll(by: 1)
    case .pageUp: scroll(by: -height)
    case .pageDown: scroll(by: height)
    case .home where key.modifiers.contains(.control): first = 0
    case .end where key.modifiers.contains(.control): scroll(by: rowCount)
    case .enter: return .close
    default:
      let before = field.revision
      _ = field.handle(key)
      if field.revision != before { first = 0 }
    }
    return .stay
  }

  func paste(_ text: String) { field.insert(text) }

  func scroll(by rows: Int) { first = max(0, min(rowCount - height, first + rows)) }

  func draw(into buffer: CellBuffer, _ session: Session, _ context: DrawContext) {
    let width = min(buffer.width, 100)
    let inside = DialogBox.draw(
      into: buffer, width: width, height: max(6, buffer.height - 2), title: "Help", context,
      footer: "Esc closes, arrows scroll")
    guard inside.height > 1 else { return }
    let fieldRect = Rect(x: inside.x, y: inside.y, width: inside.width, height: 1)
    DialogBox.drawField(
      &field, sign: "", into: buffer, fieldRect, context, placeholder: "type to narrow: a key, or a word")
    let body = Rect(x: inside.x, y: inside.y + 1, width: inside.width, height: inside.height - 1)
    let keyWidth = min(24, max(10, body.width / 3))
    let lines = laidOut(lines(matching: field.text), keyWidth: keyWidth, width: body.width)
    rowCount = lines.count
    height = body.height
    first = max(0, min(first, rowCount - height))
    for (index, line) in lines.dropFirst(first).prefix(height).enumerated() {
      let y = body.y + index
      switch line {
      case .heading(let text):
        buffer.write(text, x: body.x, y: y, style: context.theme[.accent].on(context.theme[.dialog]), clip: body)
      case .row(let keys, let text):
        let style = context.theme[.key].on(context.theme[.dialog])
        buffer.write(truncated(keys, to: keyWidth - 1), x: body.x + 1, y: y, style: style, clip: body)
        buffer.write(text, x: body.x + keyWidth + 1, y: y, style: context.theme[.dialog], clip: body)
      case .note(let text): buffer.write(text, x: body.x + 1, y: y, style: context.theme[.dialog], clip: body)
      }
    }
    if lines.isEmpty { buffer.write("nothing fits", x: body.x, y: body.y, style: DialogBox.dim(context), clip: body) }
  }

  /// Long sentences go on in the next row.
  private func laidOut(_ lines: [Line], keyWidth: Int, width: Int) -> [Line] {
    lines.flatMap { line -> [Line] in
      switch line {
      case .heading: return [line]
      case .row(let keys, let text):
        return pieces(of: text, width: width - keyWidth - 1).enumerated().map {
          .row(keys: $0 == 0 ? keys : "", text: $1)
        }
      case .note(let text): return pieces(of: text, width: width - 1).map { .note($0) }
      }
    }
  }

  private func pieces(of text: String, width: Int) -> [String] {
    TextWrap.wrap(text, width: max(1, width)).map { String(text[text.at($0.lowerBound)..<text.at($0.upperBound)]) }
  }

  // MARK: - What there is to say

  private func lines(matching query: String) -> [Line] {
    let words = query.lowercased().split(separator: " ")
    func fits(_ text: String) -> Bool { words.allSatisfy { text.lowercased().contains($0) } }
    var lines: [Line] = []
    func add(_ heading: String, _ section: [Line]) {
      guard !section.isEmpty else { return }
      if !lines.isEmpty { lines.append(.heading("")) }
      lines.append(.heading(heading))
      lines += section
    }
    for section in Self.sections(first: firstPlace) {
      let rows: [Line] = section.rows.compactMap { command in
        let keys = command.keys.map(\.description).joined(separator: " ")
        return fits(keys + " " + command.title) ? .row(keys: keys, text: command.title) : nil
      }
      add(section.title, rows)
    }
    add("What the numbers mean", Self.meanings.filter(fits).map { .note($0) })
    return lines
  }

  /// The key table by place and mode; rows without a key are left to the palette.
  static func sections(first place: Command.Place) -> [(title: String, rows: [Command])] {
    let rows = Commands.all.filter { !$0.keys.isEmpty }
    var places: [Command.Place] = [.everywhere]
    for pane in PaneID.allCases { places += pane == .functions ? [.pane(pane), .form] : [.pane(pane)] }
    places += DialogID.allCases.map { .dialog($0) }
    if let index = places.firstIndex(of: place) { places.insert(places.remove(at: index), at: 0) }
    var sections: [(title: String, rows: [Command])] = []
    for place in places {
      let title =
        switch place {
        case .pane(let pane): "In \(pane.title)"
        case .form: "In a function's form"
        case .everywhere: "Everywhere"
        case .dialog(let dialog): "In \(dialog.title)"
        case .overlay: "In a dialog"
        }
      let own = rows.filter { $0.place == place }
      sections.append((title, own.filter { $0.modes.contains(.reading) }))
      sections.append(("\(title), while typing", own.filter { $0.modes == [.typing] }))
    }
    sections.append(("In a dialog", rows.filter { $0.place == .overlay }))
    return sections
  }

  /// The meters' definitions, in a sentence each.
  static let meanings = [
    "TTFT, time to first token: from the key press that sends the request, before the prompt is rendered, to the first token. It holds rendering, tokenising, the wait for the engine, prefill and the first sample.",
    "ITL, inter-token latency: each gap between two tokens that follow one another; p50, p95 and p99 are of all gaps of the answer.",
    "TPOT, time per output token: (end to end - TTFT) / (tokens - 1), only for more than one token.",
    "tok/s: tokens after the first, divided by the time since the first. The prompt does not count.",
    "Cached: tokens of the prompt whose KV pages were found computed; they cost no prefill.",
    "Context tax: tokens that the functions and the words about them take in each prompt.",
    "Logprob: natural logarithm of the token's probability before the sampler's stages; rank and entropy are of the same distribution.",
  ]
}
