import ConstrainedDecoding
import Engine
import JSON
import Terminal

/// What a form shows of a text, kept while text and rules are the same.
struct FormCache {
  let text: String
  let form: SchemaForm
  let enforcement: FieldEnforcement
}

/// The chosen function as a form beside its text. Each is made from the other: the form reads the text, and what is typed
/// in the form is written to the text at once.
extension FunctionsPane {
  /// Nil while the text is not a function.
  func formFacts(_ session: Session) -> FormFacts? {
    guard let entry = entry(session) else { return nil }
    if formCache?.text != entry.text {
      let before = formCache
      guard let value = try? JSONValue(parsing: entry.text), let form = SchemaForm(value) else {
        formCache = nil
        return nil
      }
      let parameters = form.parameters ?? ["type": "object", "properties": [:]]
      formCache = FormCache(text: entry.text, form: form, enforcement: FieldEnforcement(parameters, form.fields))
      if let facts = formFacts(session) {
        self.form.settle(in: facts, before: before?.form.rows ?? [])
      }
    }
    guard let cache = formCache else { return nil }
    var facts = FormFacts(form: cache.form, enforcement: cache.enforcement)
    facts.costs = session.fieldCosts(of: entry)
    facts.costsBefore = fieldCostsBefore(of: entry)
    (facts.callCount, facts.pressures) = session.maskPressures(of: entry.name)
    facts.choice = session.probability(of: entry)
    facts.findings = findings(cache.form, session)
    return facts
  }

  /// The worst that the linter says of each field's own lines.
  private func findings(_ form: SchemaForm, _ session: Session) -> [FieldPath: TextDiagnostic] {
    let checked = withSchema(session) { schema in
      schema.check()
      return (schema.editor.buffer, schema.diagnostics)
    }
    guard let (buffer, diagnostics) = checked, let document = try? JSONDocument(parsing: buffer.text) else { return [:] }
    let places = form.fields.map { field -> (FieldPath, Range<TextPosition>) in
      let range = document.range(of: field.pointer)
      return (field.path, buffer.position(atByte: range.lowerBound)..<buffer.position(atByte: range.upperBound))
    }
    var findings: [FieldPath: TextDiagnostic] = [:]
    for finding in diagnostics where finding.severity != .remark {
      // The innermost field that holds the place: those within come behind those around.
      guard let owner = places.last(where: { $0.1.contains(finding.place) })?.0 else { continue }
      if let known = findings[owner], known.severity == .error || finding.severity != .error { continue }
      findings[owner] = finding
    }
    return findings
  }

  // MARK: - Going there

  func enterForm(_ session: Session) {
    guard entry(session) != nil else { return session.show(.warning, "there is no function yet; a adds one") }
    guard formFacts(session) != nil else {
      return session.show(.warning, "the text is not a function yet; the form comes back when it is")
    }
    withSchema(session) { $0.editor.searchText = "" }
    part = .form
  }

  func leaveForm(_ session: Session) {
    acceptForm(session)
    part = .list
  }

  func moveInForm(_ motion: Motion, _ session: Session) {
    guard form.typing == nil, let facts = formFacts(session) else { return }
    form.move(motion, in: facts, height: formRect.height)
  }

  func clickForm(x: Int, y: Int, _ session: Session) {
    acceptForm(session)
    guard formFacts(session) != nil else { return }
    part = .form
    guard let (row, cell) = form.hit(x: x, y: y) else { return }
    let isChosen = form.row == row && form.cell == cell
    (form.row, form.column) = (row, cell)
    if isChosen, cell != .type { editCell(session) }
  }

  // MARK: - Typing

  private var chosenField: SchemaForm.Field? {
    guard case .field(let path) = form.row else { return nil }
    return formCache?.form.fields.first { $0.path == path }
  }

  /// Opens the chosen cell for typing. The type is chosen from a list, which is returned.
  @discardableResult
  func editCell(_ session: Session) -> PickerOverlay? {
    guard let facts = formFacts(session), let entry = entry(session) else { return nil }
    let text: String?
    switch form.row {
    case .name: text = facts.form.name
    case .description: text = facts.form.description
    case .field:
      guard let field = chosenField else { return nil }
      if form.cell == .type { return typePicker(field, session) }
      text = facts.form.text(of: form.cell, in: field)
    }
    guard let text else {
      session.show(.information, "only a named field has a name to change")
      return nil
    }
    var editor = TextEditor(text: text, options: .field)
    if form.cell != .description { editor.selectAll() }
    form.typing = FormView.Typing(editor: editor, before: entry.text, row: form.row)
    return nil
  }

  /// A key or a paste in the cell; what the cell then says is written to the function's text at once.
  @discardableResult
  func typeInForm(_ session: Session, _ body: (inout TextEditor) -> Bool) -> Bool {
    guard var typing = form.typing else { return false }
    let revision = typing.editor.revision
    let isTaken = body(&typing.editor)
    form.typing = typing
    if typing.editor.revision != revision { applyTyping(session) }
    return isTaken
  }

  private func applyTyping(_ session: Session) {
    guard var typing = form.typing, let value = try? JSONValue(parsing: typing.before), let before = SchemaForm(value) else {
      return
    }
    let text = typing.editor.text
    do throws(FormRefusal) {
      var row = typing.row
      let edits: [LintFix.Edit]
      switch row {
      case .name: edits = try before.renamingFunction(to: text)
      case .description: edits = before.describingFunction(text)
      case .field(let path):
        guard let field = before.fields.first(where: { $0.path == path }) else { return }
        edits = try before.changing(form.cell, of: field, to: text)
        if form.cell == .name { row = .field(FieldPath(path.steps.dropLast() + [.member(text)])) }
      }
      typing.problem = nil
      write(edits, to: typing.before, replacing: typing.isApplied, session)
      typing.isApplied = entry(session)?.text != typing.before
      form.row = row
    } catch {
      typing.problem = error.sentence
    }
    form.typing = typing
  }

  /// Puts the changed text in the place of the one that was typed before, so that all of it is one step for undo.
  private func write(_ edits: [LintFix.Edit], to text: String, replacing isApplied: Bool, _ session: Session) {
    guard let changed = try? LintFix(title: "", edits: edits).applied(toText: text) else { return }
    withSchema(session) { schema in
      if isApplied { schema.editor.undo() }
      schema.editor.replaceAll(with: changed)
    }
  }

  /// Takes what is typed, because the keys go elsewhere now: of what cannot be taken, what could be last, and the notice
  /// tells why.
  func acceptForm(_ session: Session) {
    guard let typing = form.typing else { return }
    if let problem = typing.problem { session.show(.warning, problem) }
    form.typing = nil
  }

  /// Enter: goes on typing where the cell is not taken.
  func finishTyping(_ session: Session) {
    if form.typing?.problem == nil { form.typing = nil }
  }

  func cancelTyping(_ session: Session) {
    guard let typing = form.typing else { return }
    if typing.isApplied { withSchema(session) { _ = $0.editor.undo() } }
    form.row = typing.row
    form.typing = nil
  }

  // MARK: - Changing

  private func typePicker(_ field: SchemaForm.Field, _ session: Session) -> PickerOverlay {
    let types = SchemaForm.types + SchemaForm.types.dropLast().map { $0 + " or null" }
    let selected = types.firstIndex(of: field.type.description) ?? 0
    return PickerOverlay(
      title: "Type of \(field.name)", placeholder: "type to narrow",
      items: types.map { PickerOverlay.Item(title: $0, note: "") }, selected: selected
    ) { [self] index, session in
      change(session) { form, field throws(FormRefusal) in try form.changingType(of: field, to: types[index]) }
      return .close
    }
  }

  func toggleRequired(_ session: Session) {
    change(session) { form, field throws(FormRefusal) in try form.togglingRequired(field) }
  }

  func removeField(_ session: Session) {
    change(session) { form, field throws(FormRefusal) in try form.removing(field) }
  }

  /// - Parameter inside: of the chosen field, not beside it.
  func addField(inside: Bool, _ session: Session) {
    guard let facts = formFacts(session) else { return }
    guard let field = chosenField ?? facts.form.fields.first else {
      return session.show(.information, "the function has no parameters yet: Alt-. in its text adds them")
    }
    do throws(FormRefusal) {
      let (edits, path) = inside ? try facts.form.adding(inside: field) : try facts.form.adding(beside: field)
      apply(edits, session)
      (form.row, form.column) = (.field(path), .name)
      editCell(session)
    } catch {
      session.show(.information, error.sentence)
    }
  }

  func moveField(by step: Int, _ session: Session) {
    guard let facts = formFacts(session), let field = chosenField, let entry = entry(session) else { return }
    guard let moved = facts.form.moving(field, by: step, in: entry.text) else {
      return session.show(.information, "there is no field to change places with")
    }
    withSchema(session) { $0.editor.replaceAll(with: moved) }
  }

  func undoInForm(_ session: Session) {
    if withSchema(session, { $0.editor.undo() }) != true { session.show(.information, "there is nothing to undo") }
  }

  func redoInForm(_ session: Session) {
    if withSchema(session, { $0.editor.redo() }) != true { session.show(.information, "there is nothing to redo") }
  }

  private func change(
    _ session: Session, _ edits: (SchemaForm, SchemaForm.Field) throws(FormRefusal) -> [LintFix.Edit]
  ) {
    guard let facts = formFacts(session) else { return }
    guard let field = chosenField else {
      return session.show(.information, "this is the function's own; j goes to its fields")
    }
    do throws(FormRefusal) {
      apply(try edits(facts.form, field), session)
    } catch {
      session.show(.information, error.sentence)
    }
  }

  private func apply(_ edits: [LintFix.Edit], _ session: Session) {
    guard let entry = entry(session), let changed = try? LintFix(title: "", edits: edits).applied(toText: entry.text) else {
      return
    }
    withSchema(session) { $0.editor.replaceAll(with: changed) }
    _ = formFacts(session)
  }
}
