import Engine
import JSON
import Terminal
import Tools

/// Asks whether a call may be run: its arguments and what is other than in the last call of the function, the rule that
/// asks, and what can be answered.
final class PermissionDialog: Overlay {
  /// Keys that come sooner were typed before the dialog could be read, and mean something else.
  static let readingTime: Duration = .milliseconds(300)

  let question: PermissionQuestion
  /// The reason that the model is told, while it is typed.
  private var reason: TextEditor?
  private var first = 0
  private var rowCount = 0
  private var height = 1
  private var buttons: [(columns: Range<Int>, row: Int, key: Character)] = []

  init(_ question: PermissionQuestion) { self.question = question }

  var mode: InputMode { reason == nil ? .reading : .typing }

  func handle(_ key: KeyPress, _ session: Session) -> OverlayOutcome {
    guard session.now - question.askedAt >= Self.readingTime else { return .stay }
    if reason != nil {
      if key == KeyPress(.enter) { return answer(.deny(reason: reason?.isEmpty == true ? nil : reason?.text), session) }
      if key == KeyPress(.backspace), reason?.isEmpty == true {
        reason = nil
      } else {
        _ = reason?.handle(key)
      }
      return .stay
    }
    switch key.key {
    case .up, .character("k"): scroll(by: -1)
    case .down, .character("j"): scroll(by: 1)
    case .pageUp: scroll(by: -height)
    case .pageDown: scroll(by: height)
    case .character(let character) where key.modifiers.isEmpty: return press(character, session)
    default: break
    }
    return .stay
  }

  private func press(_ key: Character, _ session: Session) -> OverlayOutcome {
    switch key {
    case "y": return answer(.allowOnce, session)
    case "s": return answer(.allowForSession, session)
    case "w": return answer(.allowAsRule, session)
    case "n": return answer(.deny(reason: nil), session)
    case "r":
      reason = TextEditor(options: .field)
      return .stay
    default: return .stay
    }
  }

  private func answer(_ answer: PermissionAnswer, _ session: Session) -> OverlayOutcome {
    session.answerPermission(answer)
    return .close
  }

  func paste(_ text: String) { reason?.insert(text) }

  func scroll(by rows: Int) { first = max(0, min(rowCount - height, first + rows)) }

  func click(x: Int, y: Int, _ session: Session) -> OverlayOutcome {
    guard reason == nil, session.now - question.askedAt >= Self.readingTime,
      let button = buttons.first(where: { $0.row == y && $0.columns.contains(x) })
    else { return .stay }
    return press(button.key, session)
  }

  // MARK: - Drawing

  private struct Row {
    var text: String
    var role: Theme.Role
  }

  private var answers: [(key: Character, words: String)] {
    let verdict = question.request.verdict
    let rule = verdict.permission == .allow
      ? "trust this workspace's rules" : verdict.rule.map { "make rule \($0 + 1) of permissions.json allow" }
    return [
      ("y", "run it once"), ("s", "for this session"),
      ("w", rule ?? "always: a rule in permissions.json"),
      ("n", "deny"), ("r", "deny, with a reason that the model is told"),
    ]
  }

  func draw(into buffer: CellBuffer, _ session: Session, _ context: DrawContext) {
    let width = min(buffer.width, 84)
    let body = rows(width: max(1, width - 4), context.glyphs)
    let buttonRows = laidOutAnswers(width: max(1, width - 4))
    let foot = reason == nil ? buttonRows.count : 2
    let inside = DialogBox.draw(
      into: buffer, width: width, height: body.count + foot + 3, title: "Run \(question.request.call.name)?", context,
      footer: "Esc answers later, Ctrl-C stops the turn")
    guard inside.height > 0 else { return }
    rowCount = body.count
    height = max(0, inside.height - foot - 1)
    first = max(0, min(first, rowCount - height))
    for (index, row) in body.dropFirst(first).prefix(height).enumerated() {
      let style = context.theme[row.role].on(context.theme[.dialog])
      buffer.write(row.text, x: inside.x, y: inside.y + index, style: style, clip: inside)
    }
    let y = inside.y + height
    if first + height < rowCount {
      let more = "\(context.glyphs.unfolded) \(rowCount - first - height) more rows"
      buffer.write(more, x: inside.x, y: y, style: DialogBox.dim(context), clip: inside)
    }
    buttons = []
    if reason != nil {
      buffer.write(
        "Why not? Enter denies.", x: inside.x, y: y + 1, style: DialogBox.dim(context), clip: inside)
      let field = Rect(x: inside.x, y: y + 2, width: inside.width, height: 1).intersection(inside)
      if !field.isEmpty {
        DialogBox.drawField(&reason!, sign: "", into: buffer, field, context, placeholder: "the reason, for the model")
      }
      return
    }
    for (row, answers) in buttonRows.enumerated() {
      var x = inside.x
      for (key, words) in answers {
        let start = x
        let style = context.theme[.key].on(context.theme[.dialog])
        x = buffer.write(String(key), x: x, y: y + 1 + row, style: style, clip: inside)
        x = buffer.write(" \(words)", x: x, y: y + 1 + row, style: context.theme[.dialog], clip: inside)
        buttons.append((start..<x, y + 1 + row, key))
        x += 3
      }
    }
  }

  /// As many in a row as fit.
  private func laidOutAnswers(width: Int) -> [[(key: Character, words: String)]] {
    var rows: [[(key: Character, words: String)]] = [[]]
    var x = 0
    for answer in answers {
      let length = columns(of: answer.words) + 2
      if x > 0, x + length > width {
        rows.append([])
        x = 0
      }
      rows[rows.count - 1].append(answer)
      x += length + 3
    }
    return rows
  }

  private func rows(width: Int, _ glyphs: Glyphs) -> [Row] {
    let request = question.request
    var rows: [Row] = []
    func add(_ text: String, _ role: Theme.Role, indent: Int = 0) {
      let space = String(repeating: " ", count: indent)
      for range in TextWrap.wrap(text, width: max(1, width - indent)) {
        rows.append(Row(text: space + String(text[text.at(range.lowerBound)..<text.at(range.upperBound)]), role: role))
      }
    }
    switch request.way {
    case .mock: add("A mock answers it; nothing is executed.", .dim)
    case .manual: add("A person answers it; nothing is executed.", .dim)
    case .command: add("It runs the program of commands/\(request.call.name).json.", .warning)
    }
    let reason = request.verdict.reason.map { ": \($0)" } ?? ""
    if request.verdict.permission == .allow {
      let rule = request.verdict.rule.map { "Rule \($0 + 1) of permissions.json" } ?? "What permissions.json says otherwise"
      add("\(rule) allows it, but the rules of this workspace are not yours yet\(reason)", .warning)
    } else if let rule = request.verdict.rule {
      add("Rule \(rule + 1) of permissions.json asks\(reason)", .dim)
    } else {
      add(reason.isEmpty ? "No rule is about it." : "No rule holds\(reason)", .dim)
    }
    for (argument, schema) in request.verdict.matched?["when"]?.object ?? [:] {
      add("where \(argument) is \(schema.text(.spaced))", .dim, indent: 2)
    }
    rows.append(Row(text: "", role: .dialog))
    addArguments(add, glyphs)
    rows.append(Row(text: "", role: .dialog))
    return rows
  }

  /// The arguments, one after the other, with a sign before what is other than in the last call.
  private func addArguments(_ add: (String, Theme.Role, Int) -> Void, _ glyphs: Glyphs) {
    let arguments = question.request.call.arguments
    guard let last = question.lastArguments else {
      let width = arguments.keys.map { columns(of: $0) }.max() ?? 0
      for (name, value) in arguments {
        let space = String(repeating: " ", count: width - columns(of: name))
        add("  \(name)\(space)  \(value.text(.spaced))", .text, 0)
      }
      if arguments.isEmpty { add("  no arguments", .dim, 0) }
      add("The first call of this function in the conversation.", .dim, 0)
      return
    }
    for (name, value) in arguments {
      let text = "\(name)  \(value.text(.spaced))"
      switch last[name] {
      case value?: add("  \(text)", .text, 0)
      case let before?:
        add("- \(name)  \(before.text(.spaced))", .diffRemoved, 0)
        add("+ \(text)", .diffAdded, 0)
      case nil: add("+ \(text)", .diffAdded, 0)
      }
    }
    for (name, value) in last where arguments[name] == nil { add("- \(name)  \(value.text(.spaced))", .diffRemoved, 0) }
    add(last == arguments ? "The same as in the last call." : "- and + show what is other than in the last call.", .dim, 0)
  }
}
