import ConstrainedDecoding
import Documents
import Engine
import Terminal

extension FunctionsPane {
  func preferredHeight(width: Int, _ session: Session) -> Int { session.functions.count + 13 + footHeight(session) }

  /// List, text and form side by side where there is room for the three; list and one of the others beside it, or below
  /// it; in a low pane only what has the keys.
  func draw(into buffer: CellBuffer, _ rect: Rect, _ session: Session, _ context: DrawContext) {
    select(selected, session)
    (editorRect, formRect) = (Rect(x: 0, y: 0, width: 0, height: 0), Rect(x: 0, y: 0, width: 0, height: 0))
    guard !session.functions.isEmpty else { return drawEmpty(into: buffer, rect, context) }
    var list = rect
    var rest = rect
    if rect.width >= 96 {
      list.width = rect.width >= Self.widthOfThree ? min(44, rect.width / 4) : min(44, rect.width * 2 / 5)
      rest = Rect(x: list.maxX + 1, y: rect.y, width: rect.width - list.width - 1, height: rect.height)
      drawLine(into: buffer, x: list.maxX, rect, context)
    } else if rect.height < 10 {
      if part == .list { rest.height = 0 } else { list.height = 0 }
    } else {
      list.height = min(
        session.functions.count + footHeight(session), part != .list ? max(3, rect.height / 4) : max(4, rect.height * 2 / 5))
      rest = Rect(x: rect.x, y: list.maxY, width: rect.width, height: rect.height - list.height)
    }
    let foot = foot(session, height: list.height)
    listRect = Rect(
      x: list.x - rect.x, y: list.y - rect.y, width: list.width, height: max(0, list.height - foot))
    drawList(into: buffer, list, session, context)
    if rect.width >= Self.widthOfThree {
      var (text, form) = (rest, rest)
      text.width = (rest.width - 1) * 12 / 25
      form.x = text.maxX + 1
      form.width = rest.maxX - form.x
      drawText(into: buffer, text, session, context)
      drawLine(into: buffer, x: text.maxX, rect, context)
      drawForm(into: buffer, form, session, context)
    } else if showsForm {
      drawForm(into: buffer, rest, session, context)
    } else {
      drawText(into: buffer, rest, session, context)
    }
    for place in [\FunctionsPane.editorRect, \.formRect] where !self[keyPath: place].isEmpty {
      self[keyPath: place].x -= rect.x
      self[keyPath: place].y -= rect.y
    }
  }

  /// From this width on text and form are shown together.
  static let widthOfThree = 150

  private func drawLine(into buffer: CellBuffer, x: Int, _ rect: Rect, _ context: DrawContext) {
    for y in rect.y..<rect.maxY {
      buffer.write(context.glyphs.vertical, x: x, y: y, style: context.theme[.border], clip: rect)
    }
  }

  private func drawEmpty(into buffer: CellBuffer, _ rect: Rect, _ context: DrawContext) {
    let words =
      "No function is defined. a adds one: a JSON object that says what the model may call, and with what arguments."
    for (row, range) in TextWrap.wrap(words, width: max(1, rect.width - 2)).enumerated() {
      let line = words[words.at(range.lowerBound)..<words.at(range.upperBound)]
      buffer.write(line, x: rect.x + 1, y: rect.y + 1 + row, style: context.theme[.dim], clip: rect)
    }
  }

  // MARK: - List

  /// One row a function, its switch in the colour that its text has in the prompt and in the cache; and a last row with
  /// the sum.
  private func drawList(into buffer: CellBuffer, _ rect: Rect, _ session: Session, _ context: DrawContext) {
    guard rect.height > 0 else { return }
    let foot = foot(session, height: rect.height)
    let rows = max(1, rect.height - foot)
    firstRow = max(0, min(firstRow, session.functions.count - rows))
    if selected < firstRow { firstRow = selected }
    if selected >= firstRow + rows { firstRow = selected - rows + 1 }
    for (row, entry) in session.functions.enumerated().dropFirst(firstRow).prefix(rows) {
      let line = Rect(x: rect.x, y: rect.y + row - firstRow, width: rect.width, height: 1)
      let place = session.functions[..<row].count { $0.isOn && $0.definition != nil }
      let role = entry.isOn && entry.definition != nil ? SegmentOwner.function(place).role : nil
      drawRow(into: buffer, line, entry, ownerRole: role, isSelected: row == selected, session, context)
    }
    if foot > 0 { drawSum(into: buffer, y: rect.maxY - 1, rect, session, context) }
    for (row, choice) in session.otherChoices.prefix(max(0, foot - 1)).enumerated() {
      let line = Rect(x: rect.x, y: rect.maxY - foot + row, width: rect.width, height: 1)
      buffer.write("  " + choice.name, x: line.x, y: line.y, style: context.theme[.meterLabel], clip: line)
      ChoiceBar.draw(
        now: choice.now, before: choice.before, into: buffer, barRect(in: line, session), context,
        numbersWidth: ChoiceBar.numbersWidth(inRowOf: rect.width), role: .dim)
    }
  }

  /// Rows below the functions: what they cost together, and, where it is known, how probable anything else is.
  private func foot(_ session: Session, height: Int) -> Int {
    min(footHeight(session), max(0, height - 1))
  }

  private func footHeight(_ session: Session) -> Int { 1 + session.otherChoices.count }

  /// Where a row has its bar: behind the longest name, before the costs.
  private func barRect(in line: Rect, _ session: Session) -> Rect {
    let names = session.functions.map { columns(of: $0.name) + ($0.isChanged ? 2 : 0) }
    let costs = session.functions.contains { costChange(of: $0, session) != nil } ? 10 : 7
    let numbers = ChoiceBar.numbersWidth(inRowOf: line.width)
    let wanted = line.x + 3 + max(names.max() ?? 0, columns(of: "other calls")) + 1
    let x = max(line.x + 3, min(wanted, line.maxX - costs - numbers))
    return Rect(x: x, y: line.y, width: max(0, line.maxX - costs - x), height: 1)
  }

  private func drawRow(
    into buffer: CellBuffer, _ line: Rect, _ entry: FunctionEntry, ownerRole: Theme.Role?, isSelected: Bool,
    _ session: Session, _ context: DrawContext
  ) {
    let theme = context.theme
    var ground = theme[entry.isOn ? .text : .faint]
    if isSelected {
      ground = theme[context.isFocused && part == .list ? .selection : .selectionUnfocused]
      buffer.fill(line, ground)
    }
    let mark = isSelected ? context.glyphs.selected : " "
    var x = buffer.write(mark, x: line.x, y: line.y, style: theme[.accent].on(ground), clip: line)
    let isOn = entry.isOn
    let switchSign = isOn ? context.glyphs.on : context.glyphs.off
    x = buffer.write(switchSign, x: x, y: line.y, style: theme[ownerRole ?? .dim].on(ground), clip: line)

    let cost = session.tokenCost(of: entry).map(grouped) ?? (entry.definition == nil ? "" : "–")
    let difference = costChange(of: entry, session) ?? 0
    let change = difference == 0 ? "" : difference > 0 ? " +\(difference)" : " \(difference)"
    let costX = line.maxX - columns(of: cost + change) - 1
    let probability = session.probability(of: entry)
    let bar = barRect(in: line, session)
    let room = (probability == nil ? costX : min(costX, bar.x)) - x - 2
    let sign = entry.definition == nil ? context.glyphs.cross : entry.isChanged ? "*" : ""
    let name = truncated(entry.name, to: max(0, room - (sign.isEmpty ? 0 : 2)))
    x = buffer.write(name, x: x + 1, y: line.y, style: ground, clip: line)
    if !sign.isEmpty {
      let role: Theme.Role = entry.definition == nil ? .error : .warning
      buffer.write(sign, x: x + 1, y: line.y, style: theme[role].on(ground), clip: line)
    }
    if let probability, bar.width > 0 {
      ChoiceBar.draw(
        now: probability.now, before: probability.before, into: buffer, bar, context,
        numbersWidth: ChoiceBar.numbersWidth(inRowOf: line.width), ground: ground,
        role: ownerRole ?? .accent)
    }
    guard room > 3 else { return }
    x = buffer.write(
      cost, x: costX, y: line.y, style: isSelected ? ground : theme[ownerRole == nil ? .faint : .meterValue], clip: line
    )
    let changeRole: Theme.Role = difference > 0 ? .warning : .success
    buffer.write(change, x: x, y: line.y, style: theme[changeRole].on(ground), clip: line)
  }

  /// What all functions together cost each prompt.
  private func drawSum(into buffer: CellBuffer, y: Int, _ rect: Rect, _ session: Session, _ context: DrawContext) {
    guard let tax = session.contextTax else { return }
    let sum = "\(grouped(tax.functions + tax.instructions)) tokens"
    let parts = " \(grouped(tax.functions)) + \(grouped(tax.instructions)) of instructions"
    let x = buffer.write("  in each prompt ", x: rect.x, y: y, style: context.theme[.meterLabel], clip: rect)
    let end = buffer.write(sum, x: x, y: y, style: context.theme[.meterValue], clip: rect)
    if end + columns(of: parts) + 1 < rect.maxX {
      buffer.write(" =" + parts, x: end, y: y, style: context.theme[.dim], clip: rect)
    }
  }

  // MARK: - Text

  private func drawText(into buffer: CellBuffer, _ rect: Rect, _ session: Session, _ context: DrawContext) {
    editorRect = Rect(x: rect.x, y: rect.y + 1, width: rect.width, height: max(0, rect.height - 1))
    guard rect.height > 1, let entry = entry(session) else {
      editorRect.height = 0
      return
    }
    buffer.rule(x: rect.x, y: rect.y, width: rect.width, context.theme[isEditing ? .borderFocused : .border])
    let file = truncated(
      entry.documentToSave.name + ".json" + (entry.isChanged ? " *" : ""), to: max(0, rect.width - 6))
    let style = context.theme[isEditing && context.isFocused ? .titleFocused : .title]
    let end = buffer.write(" \(file) ", x: rect.x + 2, y: rect.y, style: style, clip: rect)
    let rules = " \(profile.title) "
    if end + columns(of: rules) + 1 < rect.maxX {
      buffer.write(rules, x: rect.maxX - columns(of: rules) - 1, y: rect.y, style: context.theme[.dim], clip: rect)
    }
    let summary = session.tokenCost(of: entry).map { "\(grouped($0)) tokens" } ?? ""
    var inner = context
    inner.isFocused = context.isFocused && isEditing
    withSchema(session) { $0.draw(into: buffer, editorRect, inner, summary: summary) }
  }

  // MARK: - Form

  private func drawForm(into buffer: CellBuffer, _ rect: Rect, _ session: Session, _ context: DrawContext) {
    guard rect.height > 1, let entry = entry(session) else { return }
    formRect = Rect(x: rect.x, y: rect.y + 1, width: rect.width, height: rect.height - 1)
    buffer.rule(x: rect.x, y: rect.y, width: rect.width, context.theme[part == .form ? .borderFocused : .border])
    let style = context.theme[part == .form && context.isFocused ? .titleFocused : .title]
    let end = buffer.write(" form ", x: rect.x + 2, y: rect.y, style: style, clip: rect)
    let cost = session.tokenCost(of: entry).map { "\(grouped($0)) tokens" } ?? ""
    let difference = costChange(of: entry, session) ?? 0
    let change = difference == 0 ? "" : difference > 0 ? " +\(difference)" : " \(difference)"
    let summary = " \(cost)\(change) "
    if !cost.isEmpty, end + columns(of: summary) + 1 < rect.maxX {
      buffer.write(summary, x: rect.maxX - columns(of: summary) - 1, y: rect.y, style: context.theme[.dim], clip: rect)
    }
    guard let facts = formFacts(session) else {
      let words = "The text is not a function: \(entry.problem ?? "it is no object"). The form comes back when it is."
      for (row, range) in TextWrap.wrap(words, width: max(1, rect.width - 2)).enumerated() {
        let line = words[words.at(range.lowerBound)..<words.at(range.upperBound)]
        buffer.write(line, x: formRect.x + 1, y: formRect.y + row, style: context.theme[.dim], clip: formRect)
      }
      return
    }
    var inner = context
    inner.isFocused = context.isFocused && part == .form
    form.draw(into: buffer, formRect, facts, inner)
  }
}
