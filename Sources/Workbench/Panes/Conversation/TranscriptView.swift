import Engine
import Terminal

/// The part of a transcript that is in view. Only the entries in view are laid out, so a conversation may be as long as it
/// likes: the view is held by an entry and a row of it, never by a count of rows from the top.
struct TranscriptView {
  /// A row of an entry's layout.
  struct Place: Equatable {
    var entry: Int
    var row: Int
  }

  /// The first row in view, unless the end is followed.
  private(set) var top = Place(entry: 0, row: 0)
  /// The view moves with the end of the transcript as it grows.
  private(set) var followsEnd = true
  private(set) var width = 80
  private(set) var height = 24
  var glyphs = Glyphs.unicode
  /// Entries whose folding differs from the usual: thinking, instructions and long results are folded.
  private var unfolded: Set<Int> = []
  /// The entry that is shown token by token.
  var tokenEntry: Int?
  private var layouts: [Int: (key: EntryLayoutKey, layout: EntryLayout)] = [:]

  // MARK: - Layouts

  mutating func layout(of index: Int, _ transcript: Transcript) -> EntryLayout {
    let key = EntryLayoutKey(
      index, transcript, width: width, isFolded: !unfolded.contains(index), showsTokens: tokenEntry == index)
    let known = layouts[index]
    if let known, known.key == key { return known.layout }
    if layouts.count > 400 { layouts = [:] }
    let layout = EntryLayout(key, transcript.entries[index], glyphs, old: known?.layout)
    layouts[index] = (key, layout)
    return layout
  }

  mutating func toggleFold(_ index: Int) {
    if unfolded.remove(index) == nil { unfolded.insert(index) }
  }

  /// Forgets what belonged to entries that are no more.
  mutating func prune(to count: Int) {
    guard layouts.keys.contains(where: { $0 >= count }) || unfolded.contains(where: { $0 >= count }) else { return }
    layouts = layouts.filter { $0.key < count }
    unfolded = unfolded.filter { $0 < count }
  }

  // MARK: - Scrolling

  /// Takes the size of the view and puts its top where it belongs.
  mutating func layOut(width: Int, height: Int, _ transcript: Transcript) {
    self.width = max(1, width)
    self.height = max(1, height)
    prune(to: transcript.entries.count)
    if let tokenEntry, tokenEntry >= transcript.entries.count { self.tokenEntry = nil }
    let end = endTop(transcript)
    if followsEnd || isAfter(top, end) {
      top = end
    } else if top.entry < transcript.entries.count {
      top.row = min(top.row, max(0, layout(of: top.entry, transcript).height - 1))
    }
  }

  private func isAfter(_ a: Place, _ b: Place) -> Bool { a.entry != b.entry ? a.entry > b.entry : a.row > b.row }

  /// The top at which the last row is at the bottom.
  private mutating func endTop(_ transcript: Transcript) -> Place {
    var left = height
    var index = transcript.entries.count - 1
    while index >= 0 {
      // The blank row after the last entry need not be seen.
      let rows = layout(of: index, transcript).height - (index == transcript.entries.count - 1 ? 1 : 0)
      if rows >= left { return Place(entry: index, row: rows - left) }
      left -= rows
      index -= 1
    }
    return Place(entry: 0, row: 0)
  }

  mutating func scroll(by rows: Int, _ transcript: Transcript) {
    guard !transcript.isEmpty else { return }
    top.entry = min(top.entry, transcript.entries.count - 1)
    var left = abs(rows)
    while left > 0 {
      if rows > 0 {
        let below = layout(of: top.entry, transcript).height - top.row
        guard left >= below, top.entry + 1 < transcript.entries.count else {
          top.row += min(left, max(0, below - 1))
          break
        }
        left -= below
        top = Place(entry: top.entry + 1, row: 0)
      } else if left <= top.row {
        top.row -= left
        break
      } else {
        left -= top.row + 1
        guard top.entry > 0 else {
          top.row = 0
          break
        }
        let above = layout(of: top.entry - 1, transcript).height
        top = Place(entry: top.entry - 1, row: above - 1)
      }
    }
    let end = endTop(transcript)
    followsEnd = !isAfter(end, top)
    if followsEnd { top = end }
  }

  mutating func goToTop() {
    top = Place(entry: 0, row: 0)
    followsEnd = false
  }

  mutating func goToEnd() { followsEnd = true }

  /// Scrolls as little as brings a row of an entry into view.
  mutating func reveal(_ index: Int, row: Int = 0, _ transcript: Transcript) {
    guard index < transcript.entries.count else { return }
    if index < top.entry || (index == top.entry && row < top.row) || index > top.entry + height {
      top = Place(entry: index, row: row)
    } else {
      var rows = row - (index == top.entry ? top.row : 0)
      if index > top.entry {
        rows += layout(of: top.entry, transcript).height - top.row
        for between in (top.entry + 1)..<index { rows += layout(of: between, transcript).height }
      }
      if rows >= height { scroll(by: rows - height + 1, transcript) }
      return
    }
    followsEnd = false
    let end = endTop(transcript)
    if !isAfter(end, top) {
      top = end
      followsEnd = true
    }
  }

  /// What is drawn at a row of the view.
  mutating func place(atRow y: Int, _ transcript: Transcript) -> Place? {
    var index = top.entry
    var row = top.row + max(0, y)
    while index < transcript.entries.count {
      let height = layout(of: index, transcript).height
      if row < height { return Place(entry: index, row: row) }
      row -= height
      index += 1
    }
    return nil
  }

  /// Rows of an entry that the view shows at present; nil if none.
  mutating func visibleRows(of index: Int, _ transcript: Transcript) -> Range<Int>? {
    guard index >= top.entry, index < transcript.entries.count else { return nil }
    var y = -top.row
    for above in top.entry..<index {
      y += layout(of: above, transcript).height
      if y >= height { return nil }
    }
    let rows = layout(of: index, transcript).height
    let visible = max(0, -y)..<min(rows, height - y)
    return visible.isEmpty ? nil : visible
  }

  // MARK: - Drawing

  /// - Parameter selected: gets the mark of the selection beside it.
  mutating func draw(into buffer: CellBuffer, _ rect: Rect, _ transcript: Transcript, selected: Int?, _ style: RowStyle)
  {
    var y = rect.y
    var place = top
    while place.entry < transcript.entries.count, y < rect.maxY {
      let layout = layout(of: place.entry, transcript)
      let area = Rect(x: rect.x, y: y, width: rect.width, height: rect.maxY - y)
      var entryStyle = style
      if place.entry != tokenEntry { entryStyle.selectedToken = nil }
      let drawn = layout.draw(from: place.row, into: buffer, area, entryStyle)
      if place.entry == selected {
        let rows = min(drawn, layout.height - 1 - place.row)
        for row in 0..<max(0, rows) {
          buffer.write(style.glyphs.selected, x: rect.x, y: y + row, style: style.theme[.accent], clip: rect)
        }
      }
      y += drawn
      place = Place(entry: place.entry + 1, row: 0)
    }
  }
}
