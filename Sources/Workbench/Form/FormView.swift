import Engine
import Terminal

/// Where one is in a form: the row and the cell that are chosen, and the cell that is typed in.
struct FormView: Sendable {
  enum Row: Hashable, Sendable {
    /// The function's own.
    case name, description
    case field(FieldPath)
  }

  /// A cell that is typed in. Every key goes to the text at once; it is one step for undo.
  struct Typing: Sendable {
    var editor: TextEditor
    /// The function's text when it began.
    let before: String
    /// The row as it was called then: a new name gives it another path.
    let row: Row
    var isApplied = false
    /// Why what stands in the cell is not taken.
    var problem: String?
  }

  var row: Row = .name
  /// The column that is kept from row to row; a row that has no such cell has another one chosen.
  var column: FormCell = .name
  var cell: FormCell { Self.cells(of: row).contains(column) ? column : Self.cells(of: row)[0] }
  var typing: Typing?
  private(set) var firstLine = 0
  /// What was drawn last, for the mouse: by line, from the top of the rows.
  private(set) var lines: [Line] = []
  private(set) var columns = Columns()

  /// A line of the form.
  enum Line: Equatable, Sendable {
    case name, description
    /// How probable the function is.
    case choice
    case header
    /// The first line of a field, and the second.
    case field(FieldPath)
    case more(FieldPath)

    var row: Row? {
      switch self {
      case .name: .name
      case .description: .description
      case .field(let path), .more(let path): .field(path)
      case .choice, .header: nil
      }
    }
  }

  /// Where a line's parts begin and how wide they are, from the form's left.
  struct Columns: Sendable {
    var name = 0
    var type = 0
    var cost = 0
    var enforcement = 0
    var pressure = 0
    var limits = 0
    var limitsWidth = 0
  }

  static func cells(of row: Row) -> [FormCell] {
    switch row {
    case .name: [.name]
    case .description: [.description]
    case .field: FormCell.allCases
    }
  }

  // MARK: - Choosing

  /// Keeps to what is there: a field that has gone leaves the choice to its neighbour.
  mutating func settle(in facts: FormFacts, before: [Row]) {
    let rows = facts.form.rows
    if !rows.contains(row) {
      let index = before.firstIndex(of: row) ?? 0
      row = rows[min(index, rows.count - 1)]
    }
  }

  mutating func move(_ motion: Motion, in facts: FormFacts, height: Int) {
    let rows = facts.form.rows
    let index = rows.firstIndex(of: row) ?? 0
    let page = max(1, height / 2 - 1)
    let target =
      switch motion {
      case .up: index - 1
      case .down: index + 1
      case .top: 0
      case .bottom: rows.count - 1
      case .pageUp: index - page
      case .pageDown: index + page
      case .wheel(let step): index + step.signum()
      case .left, .right: index
      }
    row = rows[max(0, min(target, rows.count - 1))]
    guard motion == .left || motion == .right else { return }
    let cells = Self.cells(of: row)
    let place = (cells.firstIndex(of: cell) ?? 0) + (motion == .left ? -1 : 1)
    if cells.count > 1 { column = cells[max(0, min(place, cells.count - 1))] }
  }

  /// The cell at a place that was drawn; nil between them.
  func hit(x: Int, y: Int) -> (row: Row, cell: FormCell)? {
    let index = firstLine + y
    guard y >= 0, lines.indices.contains(index), let row = lines[index].row else { return nil }
    switch lines[index] {
    case .name: return (row, .name)
    case .description: return (row, .description)
    case .field: return (row, x < columns.type ? .name : .type)
    case .more: return (row, x < columns.limits + columns.limitsWidth ? .limits : .description)
    case .choice, .header: return nil
    }
  }

  // MARK: - Laying out

  /// The lines for a width, and the part of them that is in view.
  mutating func layOut(_ facts: FormFacts, width: Int, height: Int) {
    lines = [.name, .description]
    if facts.choice != nil { lines.append(.choice) }
    lines.append(.header)
    for field in facts.form.fields { lines += [.field(field.path), .more(field.path)] }

    var columns = Columns()
    columns.name = 1
    let names = facts.form.fields.map { $0.depth * 2 + Terminal.columns(of: $0.name) + 2 }.max() ?? 0
    let types = facts.form.fields.map { Terminal.columns(of: $0.type.description) }.max() ?? 0
    let costWidth = facts.costs == nil ? 0 : 11
    let enforcementWidth = width >= 56 ? 11 : 3
    let pressureWidth = facts.callCount == 0 ? 0 : width >= 64 ? 12 : 6
    columns.pressure = width - pressureWidth
    columns.enforcement = columns.pressure - enforcementWidth
    columns.cost = columns.enforcement - costWidth
    let nameWidth = max(8, min(names, max(8, (columns.cost - 2) * 3 / 5)))
    columns.type = columns.name + nameWidth + 1
    if columns.type + 4 > columns.cost {
      // Too narrow for everything: what is measured goes first.
      columns.cost = max(columns.type, width)
      columns.enforcement = columns.cost
      columns.pressure = columns.cost
    } else if columns.type + types + 1 < columns.cost {
      columns.cost = max(columns.type + types + 2, columns.cost)
    }
    self.columns = columns

    let selected = lines.firstIndex { $0.row == row } ?? 0
    let last = lines.lastIndex { $0.row == row } ?? selected
    firstLine = max(0, min(firstLine, lines.count - height))
    if selected < firstLine { firstLine = selected }
    if last >= firstLine + height { firstLine = max(0, min(selected, last - height + 1)) }
    if selected <= lines.prefix { $0 != .header }.count { firstLine = 0 }
  }

  mutating func placeLimits(_ x: Int, width: Int) { (columns.limits, columns.limitsWidth) = (x, width) }
}
