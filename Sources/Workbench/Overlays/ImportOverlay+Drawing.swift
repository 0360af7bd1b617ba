import Documents
import JSON
import Terminal

extension ImportOverlay {
  func draw(into buffer: CellBuffer, _ session: Session, _ context: DrawContext) {
    var inside = DialogBox.draw(
      into: buffer, width: min(buffer.width, max(96, buffer.width - 8)), height: buffer.height - 2,
      title: "Import functions", context)
    guard !inside.isEmpty else { return }
    inside = DialogStatus.draw(status, into: buffer, inside, context)
    inside = drawSource(into: buffer, inside, context)
    guard inside.height > 0 else { return }
    if found.isEmpty {
      if status == nil { DialogStatus.write(Self.explanation, into: buffer, inside, style: DialogBox.dim(context)) }
      listRect = Rect(x: inside.x, y: inside.y, width: 0, height: 0)
      return
    }
    let split = DialogSplit(
      inside, firstWidth: min(64, inside.width / 2), firstHeight: found.count, into: buffer, context)
    listRect = split.first
    list.layOut(height: listRect.height)
    for (index, function) in found.enumerated().dropFirst(list.first).prefix(listRect.height) {
      let line = Rect(x: listRect.x, y: listRect.y + index - list.first, width: listRect.width, height: 1)
      draw(function, isSelected: index == list.selected, into: buffer, line, session, context)
    }
    drawChosen(into: buffer, split.second, session, context)
  }

  private static let explanation =
    "Paste definitions here, or type a file's name and press Enter: OpenAI's tools, Anthropic's, Gemini's, a server's answer to tools/list, or a JSON Schema. Which of them it is, is found out."

  // MARK: - The source

  /// - Returns: what is left below it.
  private func drawSource(into buffer: CellBuffer, _ rect: Rect, _ context: DrawContext) -> Rect {
    // A file's name stays in sight; of a long text the line below says what it is.
    let wanted = source.rowCount(width: max(1, rect.width), limit: max(1, rect.height / 3))
    let shown = isInList && wanted > 1 ? 0 : wanted
    let field = Rect(x: rect.x, y: rect.y, width: rect.width, height: min(shown, rect.height))
    var inner = context
    inner.isFocused = context.isFocused && !isInList
    let style = context.theme[.input]
    buffer.fill(field, style)
    source.draw(into: buffer, field, inner, placeholder: "a file's name, or definitions pasted", style: style)
    var y = field.maxY
    if !found.isEmpty, y < rect.maxY {
      let forms = Array(Set(found.map(\.form.title))).sorted().joined(separator: ", ")
      let words = "\(found.count) function\(found.count == 1 ? "" : "s") in \(origin): \(forms)"
      buffer.write(truncated(words, to: rect.width), x: rect.x, y: y, style: context.theme[.dialogTitle], clip: rect)
      y += 1
    }
    return Rect(x: rect.x, y: y, width: rect.width, height: rect.maxY - y)
  }

  // MARK: - One definition

  /// ▌[x] get_weather as get_weather_2        new
  private func draw(
    _ function: ImportedFunction, isSelected: Bool, into buffer: CellBuffer, _ line: Rect, _ session: Session,
    _ context: DrawContext
  ) {
    let theme = context.theme
    let ground = theme[isSelected ? isInList ? .menuSelection : .selectionUnfocused : .dialog]
    if isSelected { buffer.fill(line, ground) }
    let standing = function.standing(among: session.functions)
    let isOpen = function.isTaken == nil && standing.isTakenName
    let box = isOpen ? "[?]" : isTaken(function, session) ? "[x]" : "[ ]"
    var x = buffer.write(isSelected ? context.glyphs.selected : " ", x: line.x, y: line.y, style: ground, clip: line)
    x = buffer.write(box, x: x, y: line.y, style: theme[isOpen ? .warning : .key].on(ground), clip: line)
    let (words, role): (String, Theme.Role) =
      switch standing {
      case .new: ("new", .success)
      case .same: ("same", .dim)
      case .differs(let index):
        LineDiff(from: Self.pretty(session.functions[index].text), to: function.targetText).summary(
          isTaken(function, session) ? "replaces" : "differs")
      }
    let marks = function.notes.contains { $0.effect == .dropped } ? " \(context.glyphs.warning)" : ""
    let wordsX = line.maxX - columns(of: words)
    let name = function.otherName.map { "\(function.name) as \($0)" } ?? function.name
    x = buffer.write(" " + truncated(name + marks, to: max(0, wordsX - x - 2)), x: x, y: line.y, style: ground, clip: line)
    if wordsX > x {
      buffer.write(words, x: wordsX, y: line.y, style: isSelected ? ground : theme[role].on(ground), clip: line)
    }
  }

  /// What cannot be kept, then the difference from the function that is there, or the whole text.
  private func drawChosen(into buffer: CellBuffer, _ rect: Rect, _ session: Session, _ context: DrawContext) {
    guard !rect.isEmpty, found.indices.contains(list.selected) else { return }
    let function = found[list.selected]
    let notes = NoteRows(function.notes, width: rect.width, context.glyphs)
    var before = ""
    if case .differs(let index) = function.standing(among: session.functions) {
      before = Self.pretty(session.functions[index].text)
    }
    let isSame = function.standing(among: session.functions) == .same
    let rows = DiffRows(LineDiff(from: before, to: isSame ? "" : function.targetText), width: rect.width)
    rowCount = notes.rows.count + rows.rows.count
    height = rect.height
    firstRow = max(0, min(firstRow, rowCount - height))
    notes.draw(into: buffer, rect, first: firstRow, context)
    let shown = max(0, notes.rows.count - firstRow)
    if isSame, rect.height > shown {
      buffer.write(
        "\(function.targetName) is there and says the same", x: rect.x, y: rect.y + shown, style: DialogBox.dim(context),
        clip: rect)
      return
    }
    let body = Rect(x: rect.x, y: rect.y + shown, width: rect.width, height: rect.height - shown)
    rows.draw(into: buffer, body, first: max(0, firstRow - notes.rows.count), context)
  }

  /// Laid out as imported definitions are, so that layout does not show as a difference.
  private static func pretty(_ text: String) -> String {
    (try? ExchangeText.value(in: text, path: "")).map { $0.text(.pretty) + "\n" } ?? text
  }
}

extension ImportedFunction.Standing {
  fileprivate var isTakenName: Bool { if case .differs = self { true } else { false } }
}

extension LineDiff {
  /// "differs +3 -1".
  fileprivate func summary(_ word: String) -> (String, Theme.Role) { ("\(word) +\(addedCount) -\(removedCount)", .warning) }
}
