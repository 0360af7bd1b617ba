import Engine
import Terminal

extension FormView {
  /// Draws the form; below it what is to be said of the chosen row.
  mutating func draw(into buffer: CellBuffer, _ rect: Rect, _ facts: FormFacts, _ context: DrawContext) {
    guard rect.height > 0 else { return }
    let status = statusRows(facts, width: rect.width, limit: max(0, rect.height / 3))
    let body = Rect(x: rect.x, y: rect.y, width: rect.width, height: rect.height - status.count)
    layOut(facts, width: rect.width, height: body.height)
    for (offset, line) in lines.dropFirst(firstLine).prefix(body.height).enumerated() {
      let row = Rect(x: body.x, y: body.y + offset, width: body.width, height: 1)
      draw(line, into: buffer, row, facts, context)
    }
    let role: Theme.Role = typing?.problem != nil ? .error : statusRole(facts)
    for (index, text) in status.enumerated() {
      buffer.write(text, x: rect.x + 1, y: body.maxY + index, style: context.theme[role], clip: rect)
    }
  }

  private func statusRole(_ facts: FormFacts) -> Theme.Role {
    guard case .field(let path) = row, let finding = facts.findings[path] else { return .dim }
    return switch finding.severity {
    case .error: .error
    case .warning: .warning
    case .remark: .dim
    }
  }

  private func statusRows(_ facts: FormFacts, width: Int, limit: Int) -> [String] {
    guard let sentence = typing?.problem ?? facts.sentence(for: row) else { return [] }
    return TextWrap.wrap(sentence, width: max(1, width - 2)).prefix(limit).map { range in
      String(sentence[sentence.at(range.lowerBound)..<sentence.at(range.upperBound)])
    }
  }

  // MARK: - Lines

  private mutating func draw(
    _ line: Line, into buffer: CellBuffer, _ rect: Rect, _ facts: FormFacts, _ context: DrawContext
  ) {
    switch line {
    case .name: drawOwn("name", facts.form.name, .strong, .name, into: buffer, rect, context)
    case .description: drawOwn("description", facts.form.description, .text, .description, into: buffer, rect, context)
    case .choice: drawChoice(into: buffer, rect, facts, context)
    case .header: drawHeader(into: buffer, rect, facts, context)
    case .field(let path): facts.field(path).map { drawFirst($0, into: buffer, rect, facts, context) }
    case .more(let path): facts.field(path).map { drawSecond($0, into: buffer, rect, context) }
    }
  }

  private static let labelWidth = 13

  private mutating func drawOwn(
    _ label: String, _ text: String, _ role: Theme.Role, _ row: Row, into buffer: CellBuffer, _ rect: Rect,
    _ context: DrawContext
  ) {
    mark(row, into: buffer, rect, context)
    buffer.write(label, x: rect.x + 1, y: rect.y, style: context.theme[.meterLabel], clip: rect)
    let x = rect.x + 1 + Self.labelWidth
    let place = Rect(x: x, y: rect.y, width: max(0, rect.maxX - x), height: 1)
    drawCell(text, role, row, Self.cells(of: row)[0], into: buffer, place, context)
  }

  private func drawChoice(into buffer: CellBuffer, _ rect: Rect, _ facts: FormFacts, _ context: DrawContext) {
    guard let choice = facts.choice else { return }
    buffer.write("chosen", x: rect.x + 1, y: rect.y, style: context.theme[.meterLabel], clip: rect)
    let x = rect.x + 1 + Self.labelWidth
    let bar = Rect(x: x, y: rect.y, width: max(0, rect.width - 2 - Self.labelWidth), height: 1)
    ChoiceBar.draw(
      now: choice.now, before: choice.before, into: buffer, bar, context,
      numbersWidth: ChoiceBar.numbersWidth(inRowOf: rect.width))
  }

  private func drawHeader(into buffer: CellBuffer, _ rect: Rect, _ facts: FormFacts, _ context: DrawContext) {
    let style = context.theme[.dim]
    func write(_ text: String, _ column: Int, until end: Int, right: Bool = false) {
      guard end - column >= Terminal.columns(of: text) else { return }
      let x = right ? end - Terminal.columns(of: text) - 1 : column
      buffer.write(text, x: rect.x + x, y: rect.y, style: style, clip: rect)
    }
    write("field", columns.name, until: columns.type)
    write("type", columns.type, until: columns.cost)
    if facts.costs != nil { write("tokens", columns.cost, until: columns.cost + 7, right: true) }
    write("by mask", columns.enforcement, until: columns.pressure)
    if facts.callCount > 0 {
      write(rect.width - columns.pressure > 6 ? "mask took" : "took", columns.pressure, until: rect.width)
    }
  }

  /// Name and type, and what is measured of the field.
  private mutating func drawFirst(
    _ field: SchemaForm.Field, into buffer: CellBuffer, _ rect: Rect, _ facts: FormFacts, _ context: DrawContext
  ) {
    let theme = context.theme
    let row = Row.field(field.path)
    mark(row, into: buffer, rect, context)
    let name = String(repeating: "  ", count: max(0, field.depth - 1)) + field.name
    let isWhole = field.path.steps.isEmpty
    let role: Theme.Role = field.container == nil ? .dim : .jsonKey
    let nameRect = Rect(x: rect.x + columns.name, y: rect.y, width: columns.type - columns.name - 1, height: 1)
    let shown = name + (field.isRequired && field.container != nil ? " *" : "")
    drawCell(shown, role, row, .name, into: buffer, nameRect, context)
    let typeRect = Rect(x: rect.x + columns.type, y: rect.y, width: max(0, columns.cost - columns.type - 1), height: 1)
    drawCell(field.type.description, .jsonKeyword, row, .type, into: buffer, typeRect, context)
    guard columns.cost < rect.width else { return }

    if let cost = facts.cost(of: field), !isWhole {
      let words = grouped(cost.now)
      let x = rect.x + columns.cost + max(0, 6 - words.count)
      let end = buffer.write(words, x: x, y: rect.y, style: theme[.meterValue], clip: rect)
      if cost.change != 0 {
        let change = cost.change > 0 ? " +\(cost.change)" : " \(cost.change)"
        buffer.write(change, x: end, y: rect.y, style: theme[cost.change > 0 ? .warning : .success], clip: rect)
      }
    }
    let (word, isComplete) = facts.enforcement.word(for: field)
    let sign = isComplete ? context.glyphs.on : context.glyphs.warning
    let style = theme[isComplete ? .success : .warning]
    let end = buffer.write(sign, x: rect.x + columns.enforcement, y: rect.y, style: style, clip: rect)
    if columns.pressure - columns.enforcement > 4 {
      buffer.write(" " + word, x: end, y: rect.y, style: theme[isComplete ? .dim : .warning], clip: rect)
    }
    if let pressure = facts.pressure(of: field) { draw(pressure, isWhole: isWhole, into: buffer, rect, facts, context) }
  }

  /// The probability that the mask took, as a number and beside the other fields.
  private func draw(
    _ pressure: MaskPressure, isWhole: Bool, into buffer: CellBuffer, _ rect: Rect, _ facts: FormFacts,
    _ context: DrawContext
  ) {
    let role: Theme.Role = pressure.overruledCount > 0 ? .warning : pressure.removedMass < 0.005 ? .faint : .meterValue
    let x = buffer.write(
      fixed(pressure.removedMass, 2), x: rect.x + columns.pressure, y: rect.y, style: context.theme[role], clip: rect)
    let width = rect.maxX - x - 2
    guard !isWhole, width >= 4, facts.greatestMass >= 0.005 else { return }
    let filled = Int((pressure.removedMass / facts.greatestMass * Double(width)).rounded())
    for column in 0..<width {
      let isFilled = column < filled
      buffer.write(
        isFilled ? context.glyphs.filled : context.glyphs.unfilled, x: x + 1 + column, y: rect.y,
        style: context.theme[isFilled ? role : .gaugeTrack], clip: rect)
    }
  }

  /// Limits and description.
  private mutating func drawSecond(
    _ field: SchemaForm.Field, into buffer: CellBuffer, _ rect: Rect, _ context: DrawContext
  ) {
    let row = Row.field(field.path)
    mark(row, into: buffer, rect, context)
    let limits = SchemaLimitWords.words(field.limits)
    let isSelected = self.row == row
    let start = columns.name + 2 * max(1, field.depth)
    let room = max(0, rect.width - start - 1)
    // Both are offered where the row is chosen, also where there is nothing yet.
    let offersLimits = isSelected && context.isFocused
    let isTypingLimits = isSelected && typing != nil && cell == .limits
    let wanted = limits.isEmpty ? (offersLimits ? 6 : 0) : Terminal.columns(of: limits)
    let others = field.description.isEmpty ? 0 : max(room / 2, room - 3 - Terminal.columns(of: field.description))
    let width = isTypingLimits ? room : min(wanted, field.description.isEmpty ? room : others)
    if isSelected { placeLimits(start, width: width) }
    let limitsRect = Rect(x: rect.x + start, y: rect.y, width: width, height: 1)
    drawCell(
      limits, .jsonNumber, row, .limits, into: buffer, limitsRect, context, empty: offersLimits ? "limits" : "")
    guard !isTypingLimits else { return }
    var x = rect.x + start + width
    let empty = field.path.steps.isEmpty && !offersLimits ? "" : "no description"
    if width > 0, !(field.description + empty).isEmpty {
      x = buffer.write(" \(context.glyphs.separator) ", x: x, y: rect.y, style: context.theme[.faint], clip: rect)
    }
    let rest = Rect(x: x, y: rect.y, width: max(0, rect.maxX - x - 1), height: 1)
    drawCell(field.description, .dim, row, .description, into: buffer, rest, context, empty: empty)
  }

  private func mark(_ row: Row, into buffer: CellBuffer, _ rect: Rect, _ context: DrawContext) {
    guard row == self.row else { return }
    buffer.write(context.glyphs.selected, x: rect.x, y: rect.y, style: context.theme[context.isFocused ? .accent : .faint], clip: rect)
  }

  /// A cell's text; the field that is typed in where it is this one.
  private mutating func drawCell(
    _ text: String, _ role: Theme.Role, _ row: Row, _ cell: FormCell, into buffer: CellBuffer, _ rect: Rect,
    _ context: DrawContext, empty: String = ""
  ) {
    let isChosen = row == self.row && cell == self.cell
    if isChosen, typing != nil {
      typing?.editor.draw(into: buffer, rect, context, style: context.theme[.input])
      return
    }
    let ground = isChosen && context.isFocused ? context.theme[.selection] : context.theme[.text]
    let shown = truncated(text.isEmpty ? empty : text, to: rect.width)
    if isChosen, context.isFocused {
      let width = min(rect.width, max(1, Terminal.columns(of: shown)))
      buffer.fill(Rect(x: rect.x, y: rect.y, width: width, height: 1), ground)
    }
    buffer.write(shown, x: rect.x, y: rect.y, style: context.theme[text.isEmpty ? .faint : role].on(ground), clip: rect)
  }
}
