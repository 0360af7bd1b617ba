import Documents
import Terminal

/// What becomes of the parts of a definition that another form does not take, as rows of a width: the worst first.
struct NoteRows {
  private(set) var rows: [(text: String, role: Theme.Role)] = []

  /// - Parameters:
  ///   - faults: sentences about what is left out whole.
  ///   - notes: in the order of the document.
  init(faults: [String] = [], _ notes: [ExchangeNote], width: Int, _ glyphs: Glyphs) {
    for fault in faults { add("\(glyphs.cross) \(fault)", .error, width) }
    for effect in [ExchangeNote.Effect.refused, .dropped, .movedIntoDescription, .kept] {
      for note in notes where note.effect == effect {
        add("\(Self.sign(effect, glyphs)) \(note.sentence) (\(note.place))", Self.role(effect), width)
      }
    }
  }

  private mutating func add(_ sentence: String, _ role: Theme.Role, _ width: Int) {
    for (index, range) in TextWrap.wrap(sentence, width: max(1, width - 2)).enumerated() {
      let text = sentence[sentence.at(range.lowerBound)..<sentence.at(range.upperBound)]
      rows.append(((index == 0 ? "" : "  ") + text, role))
    }
  }

  private static func sign(_ effect: ExchangeNote.Effect, _ glyphs: Glyphs) -> String {
    switch effect {
    case .dropped, .refused: glyphs.cross
    case .movedIntoDescription: glyphs.warning
    case .kept: glyphs.bullet
    }
  }

  private static func role(_ effect: ExchangeNote.Effect) -> Theme.Role {
    switch effect {
    case .dropped, .refused: .error
    case .movedIntoDescription: .warning
    case .kept: .dim
    }
  }

  func draw(into buffer: CellBuffer, _ rect: Rect, first: Int = 0, _ context: DrawContext) {
    for (index, row) in rows.dropFirst(first).prefix(rect.height).enumerated() {
      let style = context.theme[row.role].on(context.theme[.dialog])
      buffer.write(row.text, x: rect.x, y: rect.y + index, style: style, clip: rect)
    }
  }
}
