import Documents
import Terminal

extension ExportOverlay {
  func draw(into buffer: CellBuffer, _ session: Session, _ context: DrawContext) {
    let previews = previews(session)
    let preview = previews[list.selected]
    var inside = DialogBox.draw(
      into: buffer, width: min(buffer.width, max(96, buffer.width - 8)), height: buffer.height - 2,
      title: "Export \(scopeWords(session))", context)
    guard !inside.isEmpty else { return }
    inside = DialogStatus.draw(status, into: buffer, inside, context)
    let split = DialogSplit(
      inside, firstWidth: min(56, inside.width * 2 / 5), firstHeight: forms.count, into: buffer, context)
    listRect = split.first
    list.layOut(height: listRect.height)
    for (index, form) in forms.enumerated().dropFirst(list.first).prefix(listRect.height) {
      let line = Rect(x: listRect.x, y: listRect.y + index - list.first, width: listRect.width, height: 1)
      draw(form, previews[index], isSelected: index == list.selected, into: buffer, line, context)
    }
    drawPreview(preview, into: buffer, split.second, context)
  }

  private func scopeWords(_ session: Session) -> String {
    let entries = entries(session)
    switch scope {
    case .chosen: return entries.first?.name ?? "nothing"
    case .on: return entries.count == 1 ? "the function that is on" : "the \(entries.count) functions that are on"
    case .all: return "all \(entries.count) functions"
    }
  }

  // MARK: - One form

  private func draw(
    _ form: FunctionForm, _ preview: Preview, isSelected: Bool, into buffer: CellBuffer, _ line: Rect,
    _ context: DrawContext
  ) {
    let ground = context.theme[isSelected ? .menuSelection : .dialog]
    if isSelected { buffer.fill(line, ground) }
    var x = buffer.write(isSelected ? context.glyphs.selected : " ", x: line.x, y: line.y, style: ground, clip: line)
    x = buffer.write(" \(form.title)", x: x, y: line.y, style: ground, clip: line)
    let (summary, role) = Self.summary(preview)
    let words = truncated(summary, to: max(0, line.maxX - x - 1))
    let wordsX = line.maxX - columns(of: words)
    let style = isSelected ? ground : context.theme[role].on(ground)
    buffer.write(words, x: wordsX, y: line.y, style: style, clip: line)
  }

  /// "2 dropped, 1 refused", "whole".
  private static func summary(_ preview: Preview) -> (String, Theme.Role) {
    if preview.text.isEmpty { return ("nothing", .dim) }
    func count(_ effect: ExchangeNote.Effect) -> Int { preview.notes.count { $0.effect == effect } }
    let parts = [(count(.dropped), "dropped"), (count(.refused), "refused"), (count(.movedIntoDescription), "in words")]
      .filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
    let isComplete = count(.dropped) + count(.refused) == 0
    return (parts.isEmpty ? "whole" : parts.joined(separator: ", "), parts.isEmpty ? .success : isComplete ? .warning : .error)
  }

  // MARK: - Its text, under what it loses

  private func drawPreview(_ preview: Preview, into buffer: CellBuffer, _ rect: Rect, _ context: DrawContext) {
    guard !rect.isEmpty else { return }
    let notes = NoteRows(faults: preview.faults, preview.notes, width: rect.width, context.glyphs)
    noteRowCount = notes.rows.count
    noteHeight = min(noteRowCount, max(1, preview.text.isEmpty ? rect.height : rect.height / 2 - 1))
    firstNote = max(0, min(firstNote, noteRowCount - noteHeight))
    let top = Rect(x: rect.x, y: rect.y, width: rect.width, height: noteHeight)
    notes.draw(into: buffer, top, first: firstNote, context)
    var body = Rect(x: rect.x, y: rect.y + noteHeight, width: rect.width, height: rect.height - noteHeight)
    if noteHeight > 0, body.height > 1 {
      buffer.rule(x: body.x, y: body.y, width: body.width, context.theme[.dialogBorder])
      if noteHeight < noteRowCount {
        let more = " \(noteRowCount - noteHeight) more rows: J, K "
        buffer.write(
          more, x: max(body.x, body.maxX - columns(of: more) - 1), y: body.y, style: DialogBox.dim(context), clip: body)
      }
      body = Rect(x: body.x, y: body.y + 1, width: body.width, height: body.height - 1)
    }
    guard !body.isEmpty else { return }
    if preview.text.isEmpty {
      if preview.faults.isEmpty {
        DialogStatus.write(
          "No function to write. Tab chooses which: the chosen one, those that are on, or all.", into: buffer, body,
          style: DialogBox.dim(context))
      }
      return
    }
    if view.text != preview.text {
      view.text = preview.text
      view.moveCursor(to: .start)
    }
    var inner = context
    inner.isFocused = false
    view.draw(into: buffer, body, inner)
  }
}
