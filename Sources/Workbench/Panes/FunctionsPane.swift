import ConstrainedDecoding
import Documents
import Engine
import JSON
import Terminal

/// The workspace's functions: which are on, what each costs in tokens, and the one that is chosen as text and as a form.
final class FunctionsPane: Pane {
  /// What of the pane the keys go to.
  enum Part { case list, text, form }

  let id = PaneID.functions
  private(set) var selected = 0
  var part = Part.list {
    didSet { if part != .list { showsForm = part == .form } }
  }
  /// Which of text and form is shown where there is no room for both.
  private(set) var showsForm = false
  var form = FormView()
  /// What the form is made of, and of which text and rules.
  var formCache: FormCache?
  var isEditing: Bool { part == .text }
  /// The first function of the list in view.
  var firstRow = 0
  /// By the name of the function's file; each keeps its own history.
  private var editors: [String: SchemaEditor] = [:]
  /// Whose rules the functions are checked by.
  private(set) var profile: LintProfile = .qwen3
  /// What a function and its fields cost before it was changed.
  private var costsBefore: [String: (whole: Int?, fields: [FieldPath: Int]?)] = [:]
  /// Where things were drawn last, from the pane's top left.
  var listRect = Rect(x: 0, y: 0, width: 0, height: 0)
  var editorRect = Rect(x: 0, y: 0, width: 0, height: 0)
  var formRect = Rect(x: 0, y: 0, width: 0, height: 0)

  func detail(_ session: Session) -> String {
    guard !session.functions.isEmpty else { return "" }
    let on = "\(session.functions.count { $0.isOn }) of \(session.functions.count) on"
    guard let tax = session.contextTax else { return on }
    return "\(on), \(grouped(tax.functions + tax.instructions)) tokens"
  }

  func mode(_ session: Session) -> InputMode { isEditing || form.typing != nil ? .typing : .reading }

  // MARK: - The chosen function

  func entry(_ session: Session) -> FunctionEntry? {
    session.functions.indices.contains(selected) ? session.functions[selected] : nil
  }

  func select(_ index: Int, _ session: Session) {
    selected = max(0, min(index, session.functions.count - 1))
  }

  /// The chosen function's editor, with the text the session has.
  func schema(_ session: Session) -> SchemaEditor? {
    guard let entry = entry(session) else { return nil }
    var schema = editors[entry.document.name] ?? renamedEditor(of: entry, session) ?? SchemaEditor(text: entry.text)
    if schema.text != entry.text { schema.editor.replaceAll(with: entry.text) }
    schema.others = session.functions.indices.filter { $0 != selected }.compactMap {
      session.functions[$0].lastDefinition?.definition
    }
    schema.profile = profile
    return schema
  }

  /// The editor of a function whose file has got another name by a save.
  private func renamedEditor(of entry: FunctionEntry, _ session: Session) -> SchemaEditor? {
    let files = Set(session.functions.map(\.document.name))
    return editors.first { !files.contains($0.key) && $0.value.text == entry.text }?.value
  }

  /// Changes the chosen function's editor and takes its text over to the session.
  @discardableResult
  func withSchema<Result>(_ session: Session, _ body: (inout SchemaEditor) -> Result) -> Result? {
    guard var schema = schema(session), let entry = entry(session) else { return nil }
    if !entry.isChanged {
      costsBefore[entry.document.name] = (session.tokenCost(of: entry), session.fieldCosts(of: entry))
    }
    // The dictionary must not hold a second copy of the lines while they change.
    editors[entry.document.name] = nil
    let result = body(&schema)
    editors[entry.document.name] = schema
    session.setFunction(at: selected, text: schema.text)
    return result
  }

  /// Tokens the changes since the last save have cost.
  func costChange(of entry: FunctionEntry, _ session: Session) -> Int? {
    guard entry.isChanged, let now = session.tokenCost(of: entry), let before = costsBefore[entry.document.name]?.whole
    else { return nil }
    return now - before
  }

  /// What the fields cost at the last save; nil where nothing has changed since.
  func fieldCostsBefore(of entry: FunctionEntry) -> [FieldPath: Int]? {
    entry.isChanged ? costsBefore[entry.document.name]?.fields : nil
  }

  /// Another workspace has come: nothing that was edited is left.
  func forget() {
    editors = [:]
    costsBefore = [:]
    selected = 0
    firstRow = 0
    part = .list
    form = FormView()
    formCache = nil
  }

  // MARK: - Checking

  /// Goes on to the next profile.
  func chooseProfile(_ session: Session) {
    let all = LintProfile.allCases
    profile = all[((all.firstIndex(of: profile) ?? 0) + 1) % all.count]
    session.show(.information, "functions are checked by the rules of \(profile.title)")
  }

  /// Makes the next fix that the linter offers.
  func fix(_ session: Session) {
    guard let fix = withSchema(session, { $0.fix() }).flatMap(\.self) else {
      return session.show(.information, "nothing here has a fix that is plain")
    }
    session.show(.success, "fixed: \(fix.title)")
  }

  // MARK: - Editing

  func startEditing(_ session: Session) {
    guard entry(session) != nil else { return session.show(.warning, "there is no function yet; a adds one") }
    part = .text
  }

  /// Marks of a search go with it.
  func stopEditing(_ session: Session) {
    withSchema(session) { $0.editor.searchText = "" }
    part = .list
  }

  func handle(_ key: KeyPress, _ session: Session) -> Bool {
    if form.typing != nil { return typeInForm(session) { $0.handle(key) } }
    guard isEditing else { return false }
    return withSchema(session) { $0.editor.handle(key) } ?? false
  }

  func paste(_ text: String, _ session: Session) {
    if form.typing != nil {
      typeInForm(session) { editor in
        editor.insert(text)
        return true
      }
      return
    }
    guard isEditing else {
      return session.show(.information, "Enter opens the function; then its text can be pasted to")
    }
    withSchema(session) { $0.editor.insert(text) }
  }

  /// What came back from $EDITOR, as one step that can be undone.
  func edited(_ name: String, _ text: String, _ session: Session) {
    guard let index = session.functions.firstIndex(where: { $0.document.name == name }) else { return }
    selected = index
    // Editors differ about the line break at the end; the file keeps its own.
    let lines = text.hasSuffix("\n") ? String(text.dropLast()) : text
    let text = session.functions[index].text.hasSuffix("\n") ? lines + "\n" : lines
    withSchema(session) { $0.editor.replaceAll(with: text) }
  }

  func search(_ text: String, backwards: Bool, fromHere: Bool, _ session: Session) -> Bool {
    if isEditing {
      return withSchema(session) { $0.editor.find(text, backwards: backwards, fromHere: fromHere) } ?? false
    }
    let count = session.functions.count
    for step in (fromHere ? 0 : 1)..<max(1, count + (fromHere ? 0 : 1)) where count > 0 {
      let index = ((selected + (backwards ? -step : step)) % count + count) % count
      let entry = session.functions[index]
      guard (entry.name + "\n" + entry.text).lowercased().contains(text.lowercased()) else { continue }
      selected = index
      withSchema(session) { _ = $0.editor.find(text, fromHere: true) }
      return true
    }
    return false
  }

  func copyText(_ session: Session) -> (name: String, text: String)? {
    guard let schema = schema(session), let entry = entry(session) else { return nil }
    let chosen = schema.editor.selectedText
    return isEditing && !chosen.isEmpty ? ("the selection", chosen) : ("the function \(entry.name)", schema.text)
  }

  // MARK: - Moving

  func move(_ motion: Motion, _ session: Session) {
    if part == .form { return moveInForm(motion, session) }
    switch motion {
    case .up: select(selected - 1, session)
    case .down: select(selected + 1, session)
    case .top: select(0, session)
    case .bottom: select(session.functions.count - 1, session)
    case .pageUp: scrollText(-max(1, editorRect.height / 2), session)
    case .pageDown: scrollText(max(1, editorRect.height / 2), session)
    case .wheel(let rows): scrollText(rows, session)
    case .left, .right: break
    }
  }

  private func scrollText(_ rows: Int, _ session: Session) {
    withSchema(session) { $0.editor.scroll(rows: rows) }
  }

  func click(x: Int, y: Int, _ session: Session) {
    if listRect.contains(x: x, y: y) {
      let index = firstRow + y - listRect.y
      guard session.functions.indices.contains(index) else { return }
      if x <= listRect.x + 2 { toggle(index, session) }
      acceptForm(session)
      selected = index
      part = .list
    } else if formRect.contains(x: x, y: y), entry(session) != nil {
      clickForm(x: x - formRect.x, y: y - formRect.y, session)
    } else if editorRect.contains(x: x, y: y), entry(session) != nil {
      acceptForm(session)
      part = .text
      withSchema(session) { $0.editor.click(x: x - editorRect.x, y: y - editorRect.y) }
    }
  }

  /// Selects in the text.
  func drag(x: Int, y: Int, _ session: Session) {
    guard isEditing, editorRect.contains(x: x, y: y) else { return }
    withSchema(session) { $0.editor.click(x: x - editorRect.x, y: y - editorRect.y, extending: true) }
  }

  // MARK: - The list

  func toggle(_ session: Session) { toggle(selected, session) }

  private func toggle(_ index: Int, _ session: Session) {
    guard session.functions.indices.contains(index) else { return }
    session.functions[index].isOn.toggle()
    session.promptChanged()
  }

  /// All on, or all off if all are on.
  func toggleAll(_ session: Session) {
    let isOn = !session.functions.allSatisfy(\.isOn)
    for index in session.functions.indices { session.functions[index].isOn = isOn }
    session.promptChanged()
  }

  /// Order matters: the model reads the functions in it, and a change there ends a shared prefix.
  func reorder(by step: Int, _ session: Session) {
    let target = selected + step
    guard session.functions.indices.contains(selected), session.functions.indices.contains(target) else { return }
    session.swapFunctions(selected, target)
    selected = target
  }

  /// A new function after the chosen one, open at its name.
  func add(_ session: Session) {
    let name = session.freeFunctionName(like: "new_function")
    let text = """
      {
        "type": "function",
        "function": {
          "name": "\(name)",
          "description": "",
          "parameters": {
            "type": "object",
            "properties": {},
            "required": []
          }
        }
      }
      """
    insert(FunctionDocument(name: name, text: text), session)
  }

  /// A copy after the chosen one, under a name of its own.
  func duplicate(_ session: Session) {
    guard let entry = entry(session), entry.definition != nil else {
      return session.show(.warning, "only a function whose text is whole can be copied")
    }
    let name = session.freeFunctionName(like: entry.name)
    insert(FunctionDocument(name: name, text: FunctionText.renaming(entry.text, to: name), isOn: entry.isOn), session)
  }

  private func insert(_ document: FunctionDocument, _ session: Session) {
    let index = min(selected + 1, session.functions.count)
    session.insertFunction(document, at: index)
    selected = index
    part = .text
    withSchema(session) { schema in
      if let range = FunctionText.nameRange(in: schema.text) {
        let buffer = schema.editor.buffer
        schema.editor.selectRange(buffer.position(atByte: range.lowerBound)..<buffer.position(atByte: range.upperBound))
      }
    }
  }

  func remove(_ session: Session) {
    guard let entry = entry(session) else { return }
    session.removeFunction(at: selected)
    editors[entry.document.name] = nil
    costsBefore[entry.document.name] = nil
    part = .list
    select(selected, session)
    session.show(.information, "\(entry.name) is deleted; Ctrl-S takes it off the disk too")
  }
}

/// The name inside a function's text.
enum FunctionText {
  /// UTF-8 range of the name between its quotes; nil if the text is not a function.
  static func nameRange(in text: String) -> Range<Int>? {
    guard let document = try? JSONDocument(parsing: text), var object = document.value.object else { return nil }
    var positions = document.positions
    if let index = object.position(of: "function"), let inner = object.values[index].object {
      object = inner
      positions = positions.children[index]
    }
    guard let index = object.position(of: "name"), object.values[index].string != nil else { return nil }
    let range = positions.children[index].range
    return range.lowerBound + 1..<range.upperBound - 1
  }

  static func renaming(_ text: String, to name: String) -> String {
    guard let range = nameRange(in: text) else { return text }
    var buffer = TextBuffer(text)
    buffer.replace(
      buffer.position(atByte: range.lowerBound)..<buffer.position(atByte: range.upperBound),
      with: String(JSONValue.quoted(name).dropFirst().dropLast()))
    return buffer.text
  }
}
