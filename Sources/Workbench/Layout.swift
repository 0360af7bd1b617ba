import Terminal

/// Where everything is on a screen of a given size.
///
/// | columns | panes |
/// |---|---|
/// | under 72, or under 12 rows | the focused one |
/// | 72–109 | conversation, and beside it the other one used last |
/// | 110–159 | conversation; meters and cache over each other, the rest as tabs |
/// | 160 and more | functions over sampling; conversation; meters, cache, prompt |
///
/// Columns are parted by a line one cell wide; each slot begins with a row that holds the titles.
struct Layout: Equatable, Sendable {
  /// A place that shows one pane of those in its tabs.
  struct Slot: Equatable, Sendable {
    var rect: Rect
    var tabs: [PaneID]
    var shown: PaneID
    /// Under the row of titles.
    var body: Rect { Rect(x: rect.x, y: rect.y + 1, width: rect.width, height: rect.height - 1) }
  }

  var header: Rect
  var footer: Rect
  var slots: [Slot]
  /// Columns of the lines between slots, with the rows they cover.
  var separators: [Rect]

  func slot(of pane: PaneID) -> Slot? { slots.first { $0.shown == pane } }

  /// - Parameters:
  ///   - side: the pane other than the conversation that was focused last.
  ///   - preferredHeight: rows a pane would fill at a width.
  init(
    width: Int, height: Int, focus: PaneID, side: PaneID, isZoomed: Bool,
    preferredHeight: (PaneID, Int) -> Int
  ) {
    let hasHeader = height >= 6
    let hasFooter = height >= 4
    header = Rect(x: 0, y: 0, width: width, height: hasHeader ? 1 : 0)
    footer = Rect(x: 0, y: height - 1, width: width, height: hasFooter ? 1 : 0)
    let area = Rect(
      x: 0, y: header.height, width: width, height: height - header.height - footer.height)
    slots = []
    separators = []

    if isZoomed || width < 72 || height < 12 {
      slots = [Slot(rect: area, tabs: PaneID.allCases, shown: focus)]
    } else if width < 110 {
      // The side pane is for glancing at until it has the focus; a text needs more room than numbers do.
      let wanted =
        switch side {
        case _ where focus == .conversation: 33
        case .functions, .prompt: width * 6 / 10
        default: max(34, width * 45 / 100)
        }
      let columns = Self.split(area, [width - wanted - 1, wanted])
      slots = [
        Slot(rect: columns[0], tabs: [.conversation], shown: .conversation),
        Slot(rect: columns[1], tabs: PaneID.allCases.filter { $0 != .conversation }, shown: side),
      ]
    } else if width < 160 {
      let sideWidth = max(48, width * 42 / 100)
      let columns = Self.split(area, [width - sideWidth - 1, sideWidth])
      slots = [Slot(rect: columns[0], tabs: [.conversation], shown: .conversation)]
      // Meters and cache stay in sight; the other three take turns below.
      let rows: [[PaneID]] = [[.meters], [.cache], [.functions, .sampling, .prompt]]
      slots += Self.stack(columns[1], rows, flexible: 2, focus: focus, side: side, preferredHeight)
    } else {
      let left = max(44, width * 24 / 100)
      let right = max(56, width * 30 / 100)
      let columns = Self.split(area, [left, width - left - right - 2, right])
      slots = Self.stack(
        columns[0], [[.functions], [.sampling]], flexible: 0, focus: focus, side: side, preferredHeight)
      slots.append(Slot(rect: columns[1], tabs: [.conversation], shown: .conversation))
      slots += Self.stack(
        columns[2], [[.meters], [.cache], [.prompt]], flexible: 2, focus: focus, side: side, preferredHeight)
    }

    let edges = Set(slots.map(\.rect.maxX)).subtracting([width])
    separators = edges.sorted().map { Rect(x: $0, y: area.y, width: 1, height: area.height) }
  }

  /// Columns beside each other, one cell between them.
  private static func split(_ area: Rect, _ widths: [Int]) -> [Rect] {
    var x = area.x
    return widths.map { width in
      defer { x += width + 1 }
      return Rect(x: x, y: area.y, width: width, height: area.height)
    }
  }

  /// Slots over each other, each as high as its pane likes; the flexible one takes what is left. What would get too few rows
  /// becomes a tab of the flexible one.
  private static func stack(
    _ column: Rect, _ wanted: [[PaneID]], flexible: Int, focus: PaneID, side: PaneID,
    _ preferredHeight: (PaneID, Int) -> Int
  ) -> [Slot] {
    let least = 7
    var rows = wanted
    var flexible = flexible
    while rows.count > 1, column.height < rows.count * least {
      let folded = flexible > 0 ? flexible - 1 : 1
      rows[flexible] = (rows[flexible] + rows[folded]).sorted { $0.rawValue < $1.rawValue }
      rows.remove(at: folded)
      flexible = min(flexible, rows.count - 1)
    }
    let shown = rows.map { $0.contains(side) ? side : $0[0] }
    var heights = rows.map { _ in least }
    // A text that is being worked on gets room; the meters beside it scroll.
    let tenths = rows[flexible].contains(focus) ? 6 : rows.contains { $0.contains(focus) } ? 0 : 3
    heights[flexible] = max(least, column.height * tenths / 10)
    if heights.reduce(0, +) > column.height { heights[flexible] = column.height - least * (rows.count - 1) }
    var spare = column.height - heights.reduce(0, +)
    // Who has the focus is served first.
    let order = rows.indices.filter { rows[$0].contains(focus) } + rows.indices.filter { !rows[$0].contains(focus) }
    for index in order where index != flexible {
      let more = min(spare, max(0, preferredHeight(shown[index], column.width) + 1 - least))
      heights[index] += more
      spare -= more
    }
    heights[flexible] += spare
    var y = column.y
    return rows.indices.map { index in
      defer { y += heights[index] }
      return Slot(
        rect: Rect(x: column.x, y: y, width: column.width, height: heights[index]), tabs: rows[index],
        shown: shown[index])
    }
  }
}
