import ConstrainedDecoding
import Documents
import JSON
import Terminal

/// Functions as other programs read them: the forms, what each of them loses, and the text, before anything is written.
final class ExportOverlay: Overlay {
  /// Which functions are written.
  enum Scope: CaseIterable { case chosen, on, all }

  /// What one form makes of the functions.
  struct Preview {
    var notes: [ExchangeNote] = []
    /// Sentences about functions that are no definitions, and are left out.
    var faults: [String] = []
    var text = ""
    var functionCount = 0
  }

  private(set) var scope: Scope
  let forms = FunctionForm.allCases
  var list: DialogList
  var status: DialogStatus?
  /// The text of the chosen form, to be scrolled.
  var view = TextEditor(options: .code)
  var firstNote = 0
  var noteHeight = 0
  var noteRowCount = 0
  var listRect = Rect(x: 0, y: 0, width: 0, height: 0)
  /// The name of the function that was chosen in the pane.
  private let chosen: String?
  private var kept: (key: [String], previews: [Preview])?
  /// What is to be written over a file, while that is asked about.
  private var overwriting: (path: String, text: String)?

  /// - Parameter chosen: of the function's file.
  init(chosen: String?) {
    self.chosen = chosen
    scope = chosen == nil ? .on : .chosen
    list = DialogList(count: FunctionForm.allCases.count)
    view.highlighter = JSONHighlighter()
    view.options.showsLineNumbers = false
  }

  var place: Command.Place { .dialog(.export) }
  var form: FunctionForm { forms[list.selected] }

  // MARK: - What is written

  func entries(_ session: Session) -> [FunctionEntry] {
    switch scope {
    case .chosen: session.functions.filter { $0.document.name == chosen }
    case .on: session.functions.filter(\.isOn)
    case .all: session.functions
    }
  }

  /// By the forms' order; made anew when a function or the scope has changed.
  func previews(_ session: Session) -> [Preview] {
    let entries = entries(session)
    let key = entries.map(\.text)
    if let kept, kept.key == key { return kept.previews }
    var functions: [JSONValue] = []
    var faults: [String] = []
    for entry in entries {
      guard entry.definition != nil else {
        faults.append("\(entry.name) is left out: \(entry.problem ?? "it is no function yet")")
        continue
      }
      do throws(DocumentError) {
        functions.append(try ExchangeText.value(in: entry.text, path: "functions/\(entry.documentToSave.name).json"))
      } catch {
        faults.append("\(entry.name) is left out: \(error.description)")
      }
    }
    let previews = forms.map { Self.preview(of: functions, as: $0, faults) }
    kept = (key, previews)
    return previews
  }

  private static func preview(of functions: [JSONValue], as form: FunctionForm, _ faults: [String]) -> Preview {
    var preview = Preview(faults: faults, functionCount: functions.count)
    guard !functions.isEmpty else { return preview }
    do throws(DocumentError) {
      let export = try FunctionExport(functions, as: form)
      preview.notes = export.notes
      preview.text = export.document.text(.pretty) + "\n"
    } catch {
      preview.faults.append(error.description)
    }
    return preview
  }

  func preview(_ session: Session) -> Preview { previews(session)[list.selected] }

  // MARK: - Keys

  func handle(_ key: KeyPress, _ session: Session) -> OverlayOutcome {
    if list.handle(key) { changed() }
    return .stay
  }

  func move(_ step: Int) {
    list.select(list.selected + step)
    changed()
  }

  func changeScope() {
    let all = Scope.allCases.filter { $0 != .chosen || chosen != nil }
    scope = all[((all.firstIndex(of: scope) ?? 0) + 1) % all.count]
    changed()
  }

  private func changed() {
    firstNote = 0
    status = nil
    view.text = ""
  }

  func scroll(by rows: Int) { view.scroll(rows: rows) }

  func scrollNotes(by rows: Int) { firstNote = max(0, min(noteRowCount - noteHeight, firstNote + rows)) }

  func click(x: Int, y: Int, _ session: Session) -> OverlayOutcome {
    guard listRect.contains(x: x, y: y) else { return .stay }
    list.select(list.first + y - listRect.y)
    changed()
    return .stay
  }

  /// "; 2 things are lost: see above" for what was written all the same.
  private func losses(_ preview: Preview) -> String {
    let count = preview.notes.count { $0.effect == .dropped || $0.effect == .refused }
    if count == 0 { return "" }
    return "; \(count == 1 ? "one thing in it is" : "\(count) things in it are") lost or refused, as listed"
  }

  func copy(_ session: Session) {
    let preview = preview(session)
    guard !preview.text.isEmpty else { return status = nothing }
    session.request(.copy(preview.text))
    let isComplete = losses(preview).isEmpty
    status = DialogStatus(isComplete ? .success : .warning, "copied \(form.title)\(losses(preview))")
  }

  private var nothing: DialogStatus { DialogStatus(.warning, "there is no function to write; Tab chooses others") }

  /// Asks for the file's name. Nil, with the reason at the lower edge, if there is nothing to write.
  func namePrompt(_ session: Session) -> LinePrompt? {
    let preview = preview(session)
    guard !preview.text.isEmpty else {
      status = nothing
      return nil
    }
    let names = entries(session).map(\.name)
    let name = "\(names.count == 1 ? names[0] : "functions").\(form.rawValue).json"
    return LinePrompt(sign: "write to ", placeholder: "a file", text: name) { path, session in
      guard !path.allSatisfy(\.isWhitespace) else { return .stay }
      session.request(.documents(.write(path: path, text: preview.text, replaces: false)))
      return .close
    }
  }

  // MARK: - What came of it

  func wasWritten(_ path: String, _ session: Session) {
    let losses = losses(preview(session))
    status = DialogStatus(losses.isEmpty ? .success : .warning, "written to \(ExchangeFile(path).path)\(losses)")
  }

  /// The file is there already.
  func question(_ path: String, _ text: String) -> Question {
    overwriting = (path, text)
    return Question("\(ExchangeFile(path).path) is there already. Write over it?", yes: "export.overwrite.now")
  }

  func overwrite(_ session: Session) {
    guard let (path, text) = overwriting else { return }
    overwriting = nil
    session.request(.documents(.write(path: path, text: text, replaces: true)))
  }
}
