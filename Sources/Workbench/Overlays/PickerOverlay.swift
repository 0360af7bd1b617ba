import Terminal

/// A list to choose one thing from, narrowed by typing.
final class PickerOverlay: Overlay {
  struct Item: Sendable {
    var title: String
    /// At the right, dim.
    var note: String
  }

  let title: String
  let placeholder: String
  private let items: [Item]
  private let choose: (Int, Session) -> OverlayOutcome
  private var field = TextEditor(options: .field)
  private var list: DialogList
  /// Indices of the items that fit what is typed, best first, with the characters that were met.
  private var found: [(index: Int, positions: [Int])] = []
  private var listRect = Rect(x: 0, y: 0, width: 0, height: 0)

  /// - Parameter choose: gets the index of the item.
  init(
    title: String, placeholder: String, items: [Item], selected: Int = 0,
    choose: @escaping (Int, Session) -> OverlayOutcome
  ) {
    self.title = title
    self.placeholder = placeholder
    self.items = items
    self.choose = choose
    list = DialogList(count: items.count, selected: selected)
    found = items.indices.map { ($0, []) }
  }

  var mode: InputMode { .typing }

  func handle(_ key: KeyPress, _ session: Session) -> OverlayOutcome {
    if key == KeyPress(.enter) { return chooseSelected(session) }
    if list.handle(key) { return .stay }
    if field.handle(key) { narrow() }
    return .stay
  }

  func paste(_ text: String) {
    field.insert(text)
    narrow()
  }

  func scroll(by rows: Int) { list.select(list.selected + rows) }

  func click(x: Int, y: Int, _ session: Session) -> OverlayOutcome {
    guard listRect.contains(x: x, y: y) else { return .stay }
    list.select(list.first + y - listRect.y)
    return chooseSelected(session)
  }

  private func chooseSelected(_ session: Session) -> OverlayOutcome {
    guard found.indices.contains(list.selected) else { return .stay }
    return choose(found[list.selected].index, session)
  }

  private func narrow() {
    let query = field.text
    found = items.indices.compactMap { index in
      FuzzyMatch(query, in: items[index].title).map { (index, $0) }
    }
    .sorted { a, b in a.1.score != b.1.score ? a.1.score > b.1.score : a.0 < b.0 }
    .map { ($0.0, $0.1.positions) }
    list = DialogList(count: found.count)
  }

  func draw(into buffer: CellBuffer, _ session: Session, _ context: DrawContext) {
    let width = min(max(50, buffer.width * 2 / 3), 90)
    let height = min(items.count + 3, max(6, buffer.height - 4))
    let inside = DialogBox.draw(into: buffer, width: width, height: height, title: title, context)
    guard inside.height > 0 else { return }
    let fieldRect = Rect(x: inside.x, y: inside.y, width: inside.width, height: 1)
    DialogBox.drawField(&field, sign: "", into: buffer, fieldRect, context, placeholder: placeholder)
    listRect = Rect(x: inside.x, y: inside.y + 1, width: inside.width, height: inside.height - 1)
    list.layOut(height: listRect.height)
    if found.isEmpty {
      buffer.write("nothing fits", x: listRect.x, y: listRect.y, style: DialogBox.dim(context), clip: listRect)
    }
    for (row, hit) in found.enumerated().dropFirst(list.first).prefix(listRect.height) {
      let line = Rect(x: listRect.x, y: listRect.y + row - list.first, width: listRect.width, height: 1)
      drawItem(
        items[hit.index], positions: hit.positions, isSelected: row == list.selected, into: buffer, line, context)
    }
  }

  private func drawItem(
    _ item: Item, positions: [Int], isSelected: Bool, into buffer: CellBuffer, _ line: Rect, _ context: DrawContext
  ) {
    let ground = context.theme[isSelected ? .menuSelection : .dialog]
    if isSelected { buffer.fill(line, ground) }
    var x = buffer.write(isSelected ? context.glyphs.selected : " ", x: line.x, y: line.y, style: ground, clip: line)
    let noteX = line.maxX - columns(of: item.note)
    let title = Array(truncated(item.title, to: max(1, noteX - x - 1)))
    let met = Set(positions)
    for (index, character) in title.enumerated() {
      let own = met.contains(index) ? context.theme[.key].on(ground) : ground
      x = buffer.write(String(character), x: x, y: line.y, style: own, clip: line)
    }
    if noteX > x {
      buffer.write(item.note, x: noteX, y: line.y, style: isSelected ? ground : DialogBox.dim(context), clip: line)
    }
  }
}
