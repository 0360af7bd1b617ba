import Documents
import JSON
import Terminal

/// A name and samples of arguments become a definition, live. What was typed is there again when the dialog is opened again.
final class DraftOverlay: Overlay {
  var name = TextEditor(options: .field)
  var samples = TextEditor(options: .prose)
  private(set) var isInSamples = false
  var status: DialogStatus?
  /// The definition that the samples make; what they made last while they are no samples.
  private(set) var text = ""
  private(set) var sampleCount = 0
  var view = TextEditor(options: .code)

  init() {
    samples.highlighter = JSONHighlighter()
    view.highlighter = JSONHighlighter()
    view.options.showsLineNumbers = false
  }

  var place: Command.Place { .dialog(.draft) }
  var mode: InputMode { .typing }

  private var isBlank: Bool { samples.text.allSatisfy(\.isWhitespace) }

  /// After every change: the definition, or why there is none.
  private func update(isSure: Bool) {
    status = nil
    guard !isBlank else { return (text, sampleCount) = ("", 0) }
    do throws(DocumentError) {
      let values = try ExchangeText.samples(in: samples.text, path: "samples")
      let draft = try DraftedFunction(name: name.text.isEmpty ? "new_function" : name.text, samples: values, path: "samples")
      text = draft.definition.text(.pretty) + "\n"
      sampleCount = values.count
    } catch {
      status = DialogStatus(isSure ? .error : .information, error.description)
    }
  }

  // MARK: - Keys

  func handle(_ key: KeyPress, _ session: Session) -> OverlayOutcome {
    let before = (name.revision, samples.revision)
    if isInSamples { _ = samples.handle(key) } else { _ = name.handle(key) }
    if before != (name.revision, samples.revision) { update(isSure: false) }
    return .stay
  }

  func paste(_ text: String) {
    if isInSamples { samples.insert(text) } else { name.insert(text) }
    update(isSure: false)
  }

  func breakLine() {
    guard isInSamples else { return }
    samples.insert("\n")
    update(isSure: false)
  }

  func changeField() { isInSamples.toggle() }

  func scroll(by rows: Int) { view.scroll(rows: rows) }

  /// - Returns: the function; nil, with the reason at the lower edge, if there is none yet.
  func accept(_ session: Session) -> FunctionDocument? {
    if !isInSamples, isBlank {
      isInSamples = true
      return nil
    }
    update(isSure: true)
    if status != nil { return nil }
    if isBlank {
      status = DialogStatus(.information, "a sample of the arguments is missing: a JSON object")
    } else if name.isEmpty {
      isInSamples = false
      status = DialogStatus(.information, "the function needs a name")
    } else if !FunctionImport.isName(name.text) {
      isInSamples = false
      status = DialogStatus(.warning, "\"\(name.text)\" cannot be a function's name: letters, digits, _ and -, at most 64")
    } else if session.freeFunctionName(like: name.text) != name.text {
      isInSamples = false
      status = DialogStatus(.warning, "there is a function \(name.text) already; give this one another name")
    } else {
      return FunctionDocument(name: name.text, text: text)
    }
    return nil
  }

  // MARK: - Drawing

  func draw(into buffer: CellBuffer, _ session: Session, _ context: DrawContext) {
    var inside = DialogBox.draw(
      into: buffer, width: min(buffer.width, max(96, buffer.width - 8)), height: buffer.height - 2,
      title: "Draft a function", context)
    guard !inside.isEmpty else { return }
    inside = DialogStatus.draw(status, into: buffer, inside, context)
    let rowCount = samples.rowCount(width: max(1, inside.width), limit: inside.height)
    let split = DialogSplit(
      inside, firstWidth: inside.width / 2, firstHeight: max(5, 3 + rowCount), into: buffer, context)
    drawInput(into: buffer, split.first, context)
    drawDefinition(into: buffer, split.second, context)
  }

  private func drawInput(into buffer: CellBuffer, _ rect: Rect, _ context: DrawContext) {
    guard rect.height > 0 else { return }
    var inner = context
    inner.isFocused = context.isFocused && !isInSamples
    DialogBox.drawField(
      &name, sign: "name ", into: buffer, Rect(x: rect.x, y: rect.y, width: rect.width, height: 1), inner,
      placeholder: "get_weather")
    guard rect.height > 2 else { return }
    let words = "samples of its arguments: JSON objects, one a line or in a list"
    buffer.write(truncated(words, to: rect.width), x: rect.x, y: rect.y + 1, style: DialogBox.dim(context), clip: rect)
    inner.isFocused = context.isFocused && isInSamples
    let body = Rect(x: rect.x, y: rect.y + 2, width: rect.width, height: rect.height - 2)
    samples.draw(into: buffer, body, inner, placeholder: "{\"city\": \"北京\", \"days\": 3}")
  }

  private func drawDefinition(into buffer: CellBuffer, _ rect: Rect, _ context: DrawContext) {
    guard rect.height > 0 else { return }
    guard !text.isEmpty else {
      DialogStatus.write(
        "What the samples have in common becomes the definition: members that all have are required, types and formats are those of all. Descriptions are left to you.",
        into: buffer, rect, style: DialogBox.dim(context))
      return
    }
    let title = "the definition, from \(sampleCount == 1 ? "one sample" : "\(sampleCount) samples")"
    buffer.write(truncated(title, to: rect.width), x: rect.x, y: rect.y, style: context.theme[.dialogTitle], clip: rect)
    let body = Rect(x: rect.x, y: rect.y + 1, width: rect.width, height: rect.height - 1)
    guard !body.isEmpty else { return }
    if view.text != text {
      let top = view.viewport.top
      view.text = text
      view.moveCursor(to: .start)
      view.scroll(rows: top.line)
    }
    var inner = context
    inner.isFocused = false
    view.draw(into: buffer, body, inner)
  }
}
