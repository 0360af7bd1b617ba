import Documents
import Terminal

/// Definitions from a file or pasted: what they are, how they stand to the functions that are there, and which are taken.
/// Nothing is changed before Enter in the list; what was typed is there again when the dialog is opened again.
final class ImportOverlay: Overlay {
  /// A file's name, or the definitions themselves.
  var source = TextEditor(options: .prose)
  /// Whether the keys go to the list, not to the source.
  private(set) var isInList = false
  private(set) var found: [ImportedFunction] = []
  /// What `found` was read from: "pasted text", or the file's name.
  private(set) var origin = ""
  var list = DialogList(count: 0)
  var status: DialogStatus?
  var firstRow = 0
  var rowCount = 0
  var height = 1
  var listRect = Rect(x: 0, y: 0, width: 0, height: 0)

  var place: Command.Place { .dialog(.importing) }
  var mode: InputMode { isInList ? .reading : .typing }

  // MARK: - Reading

  private var isText: Bool { source.text.first { !$0.isWhitespace }.map { "{[".contains($0) } ?? false }
  private var isBlank: Bool { source.text.allSatisfy(\.isWhitespace) }

  /// After every change of the source.
  private func sourceChanged() {
    (found, origin, status) = ([], "", nil)
    list = DialogList(count: 0)
    firstRow = 0
    if isText { read(source.text, from: "pasted text", isSure: false) }
  }

  /// - Parameter isSure: the text is whole; while it is typed a fault is only a remark.
  private func read(_ text: String, from origin: String, isSure: Bool) {
    do throws(DocumentError) {
      found = try ImportedFunction.read(text, path: origin)
      self.origin = origin
      list = DialogList(count: found.count)
      status = nil
    } catch {
      status = DialogStatus(isSure ? .error : .information, error.description)
    }
  }

  /// A file's text has come.
  func receive(_ text: String, from path: String) {
    found = []
    read(text, from: ExchangeFile(path).path, isSure: true)
    isInList = !found.isEmpty
  }

  // MARK: - Keys

  func handle(_ key: KeyPress, _ session: Session) -> OverlayOutcome {
    if isInList {
      if list.handle(key) { firstRow = 0 }
      return .stay
    }
    let before = source.revision
    _ = source.handle(key)
    if source.revision != before { sourceChanged() }
    return .stay
  }

  func paste(_ text: String) {
    isInList = false
    source.insert(text)
    sourceChanged()
  }

  func breakLine() {
    source.insert("\n")
    sourceChanged()
  }

  /// To the list and back.
  func changeFocus() {
    if isInList {
      isInList = false
    } else if found.isEmpty {
      status = status ?? DialogStatus(.information, "a file's name and Enter, or definitions pasted here")
    } else {
      isInList = true
    }
  }

  /// In the source: reads the file, or goes on to the list. In the list: takes what is to be taken.
  /// - Returns: what is taken; nil if there is something to be said first.
  func accept(_ session: Session) -> [ImportedFunction]? {
    if isInList { return chosenOnes(session) }
    if !found.isEmpty {
      isInList = true
    } else if isBlank {
      status = DialogStatus(.information, "a file's name and Enter, or definitions pasted here")
    } else if isText {
      read(source.text, from: "pasted text", isSure: true)
    } else {
      session.request(.documents(.read(path: source.text)))
    }
    return nil
  }

  private func chosenOnes(_ session: Session) -> [ImportedFunction]? {
    for (index, function) in found.enumerated() where function.isTaken == nil {
      guard case .differs = function.standing(among: session.functions) else { continue }
      list.select(index)
      status = DialogStatus(
        .warning,
        "\(function.targetName) is there and says something else: Space takes this one in its place, or leaves it; n gives it another name")
      return nil
    }
    let taken = found.filter { isTaken($0, session) }
    for (index, function) in taken.enumerated()
    where taken[..<index].contains(where: { $0.targetName == function.targetName }) {
      status = DialogStatus(.warning, "two of them would be \(function.targetName); n gives one another name")
      return nil
    }
    if taken.isEmpty { status = DialogStatus(.information, "nothing is chosen to be taken: Space chooses") }
    return taken.isEmpty ? nil : taken
  }

  /// What is new is taken unless it is left out.
  func isTaken(_ function: ImportedFunction, _ session: Session) -> Bool {
    switch function.standing(among: session.functions) {
    case .same: false
    case .new: function.isTaken ?? true
    case .differs: function.isTaken ?? false
    }
  }

  func toggle(_ session: Session) {
    guard found.indices.contains(list.selected) else { return }
    let function = found[list.selected]
    status = nil
    if function.standing(among: session.functions) == .same {
      status = DialogStatus(.information, "\(function.targetName) is there and says the same")
    } else {
      found[list.selected].isTaken = !isTaken(function, session)
    }
  }

  /// Asks for another name to take the chosen one under.
  func namePrompt(_ session: Session) -> LinePrompt? {
    let index = list.selected
    guard found.indices.contains(index) else { return nil }
    let free = session.freeFunctionName(like: found[index].name)
    return LinePrompt(sign: "take it as ", placeholder: "a name", text: free) { [weak self] name, session in
      self?.rename(index, to: name)
      return .close
    }
  }

  private func rename(_ index: Int, to name: String) {
    guard found.indices.contains(index) else { return }
    guard FunctionImport.isName(name) else {
      status = DialogStatus(.warning, "\"\(name)\" cannot be a function's name: letters, digits, _ and -, at most 64")
      return
    }
    found[index].otherName = name == found[index].name ? nil : name
    found[index].isTaken = found[index].otherName == nil ? nil : true
    status = nil
  }

  func move(_ step: Int) {
    list.select(list.selected + step)
    firstRow = 0
    status = nil
  }

  func scroll(by rows: Int) { firstRow = max(0, min(rowCount - height, firstRow + rows)) }

  func click(x: Int, y: Int, _ session: Session) -> OverlayOutcome {
    guard listRect.contains(x: x, y: y) else { return .stay }
    isInList = true
    list.select(list.first + y - listRect.y)
    firstRow = 0
    if x >= listRect.x + 1, x < listRect.x + 4 { toggle(session) }
    return .stay
  }
}
