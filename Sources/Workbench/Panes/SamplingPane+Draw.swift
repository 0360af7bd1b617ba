import Terminal

extension SamplingPane {
  func draw(into buffer: CellBuffer, _ rect: Rect, _ session: Session, _ context: DrawContext) {
    let below = wordsBelow(session, width: rect.width - 2)
    let belowHeight = rect.height >= 6 ? min(below.count, rect.height / 3) : 0
    let listHeight = rect.height - belowHeight
    let hasHeadings = SamplingField.allCases.count { $0.heading != nil } + SamplingField.allCases.count <= listHeight
    var layout: [(heading: String?, field: SamplingField?)] = []
    for field in SamplingField.allCases {
      if hasHeadings, let heading = field.heading { layout.append((heading, nil)) }
      layout.append((nil, field))
    }
    let chosen = layout.firstIndex { $0.field == selected } ?? 0
    firstRow = max(0, min(firstRow, layout.count - listHeight))
    if chosen < firstRow { firstRow = chosen }
    if listHeight > 0, chosen >= firstRow + listHeight { firstRow = chosen - listHeight + 1 }
    rows = []
    for row in layout.dropFirst(firstRow).prefix(max(0, listHeight)) {
      let line = Rect(x: rect.x, y: rect.y + rows.count, width: rect.width, height: 1)
      if let heading = row.heading {
        buffer.write(heading, x: line.x + 1, y: line.y, style: context.theme[.accent], clip: line)
      } else if let field = row.field {
        drawRow(into: buffer, line, field, session, context)
      }
      rows.append(row.field)
    }
    for (index, words) in below.prefix(belowHeight).enumerated() {
      let y = rect.maxY - belowHeight + index
      buffer.write(words.text, x: rect.x + 1, y: y, style: context.theme[words.role], clip: rect)
    }
  }

  private func drawRow(
    into buffer: CellBuffer, _ line: Rect, _ field: SamplingField, _ session: Session, _ context: DrawContext
  ) {
    let theme = context.theme
    let isSelected = field == selected
    var ground = theme[.text]
    if isSelected {
      ground = theme[context.isFocused ? .selection : .selectionUnfocused]
      buffer.fill(line, ground)
    }
    let mark = isSelected ? context.glyphs.selected : " "
    buffer.write(mark, x: line.x, y: line.y, style: theme[.accent].on(ground), clip: line)
    let labelWidth = min(20, max(8, line.width / 2))
    let label = truncated(field.title, to: labelWidth - 1)
    buffer.write(label, x: line.x + 1, y: line.y, style: isSelected ? ground : theme[.meterLabel], clip: line)
    let valueX = line.x + 1 + labelWidth
    let room = max(0, line.maxX - valueX)
    if isSelected, self.field != nil {
      let fieldRect = Rect(x: valueX, y: line.y, width: room, height: 1)
      self.field?.draw(into: buffer, fieldRect, context, style: theme[.input])
      return
    }
    let standard = field.standard(session)
    let value = field.text(session)
    let isChanged = value != standard
    let valueStyle = isSelected ? ground : theme[isChanged ? .warning : .meterValue]
    let shown = truncated((field.isChoice && isSelected ? "< \(value) >" : value) + (isChanged ? " *" : ""), to: room)
    let end = buffer.write(shown, x: valueX, y: line.y, style: valueStyle, clip: line)
    let notes = [field.note(session), isChanged ? "default \(standard)" : ""].filter { !$0.isEmpty }.joined(
      separator: ", ")
    let noteX = max(end + 1, valueX + 8)
    if noteX + columns(of: notes) <= line.maxX {
      buffer.write(notes, x: noteX, y: line.y, style: isSelected ? ground : theme[.dim], clip: line)
    }
  }

  /// What is wrong, what is odd, and what the chosen setting does.
  private func wordsBelow(_ session: Session, width: Int) -> [(text: String, role: Theme.Role)] {
    var words: [(String, Theme.Role)] = []
    if let problem { words.append((problem, .error)) }
    if problem == nil, let warning = session.samplingWarning { words.append((warning, .warning)) }
    words.append((selected.explanation, .dim))
    return words.flatMap { text, role in
      TextWrap.wrap(text, width: max(1, width)).map {
        (String(text[text.at($0.lowerBound)..<text.at($0.upperBound)]), role)
      }
    }
  }
}
