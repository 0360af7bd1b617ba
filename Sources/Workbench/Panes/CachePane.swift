import Engine
import Terminal

/// The KV cache page by page: a sign for a page's state, a colour for whose text it holds.
final class CachePane: Pane {
  let id = PaneID.cache
  private var cursor = 0
  /// The row of the map at its top.
  private var firstRow = 0
  private var pagesPerRow = 1
  private var mapRows = 1

  func detail(_ session: Session) -> String {
    guard let map = session.cache else { return "" }
    return "\(bytes(map.pages.count * map.bytesPerPage)), \(map.tokensPerPage) a page"
  }

  func move(_ motion: Motion, _ session: Session) {
    let last = max(0, (session.cache?.pages.count ?? 0) - 1)
    switch motion {
    case .left: cursor -= 1
    case .right: cursor += 1
    case .up: cursor -= cursor >= pagesPerRow ? pagesPerRow : 0
    case .down: cursor += cursor + pagesPerRow <= last ? pagesPerRow : 0
    case .pageUp: cursor -= pagesPerRow * mapRows
    case .pageDown: cursor += pagesPerRow * mapRows
    case .top: cursor = 0
    case .bottom: cursor = session.cache?.pages.lastIndex { $0.state != .free } ?? last
    case .wheel(let rows): cursor += rows.signum() * pagesPerRow
    }
    cursor = max(0, min(last, cursor))
  }

  func click(x: Int, y: Int, _ session: Session) {
    guard let map = session.cache, y < mapRows, x >= 1, x - 1 < pagesPerRow else { return }
    let index = (firstRow + y) * pagesPerRow + x - 1
    if map.pages.indices.contains(index) { cursor = index }
  }

  /// Finds the next page whose tokens hold the text.
  func search(_ text: String, backwards: Bool, fromHere: Bool, _ session: Session) -> Bool {
    guard let pages = session.cache?.pages, !pages.isEmpty else { return false }
    let count = pages.count
    for step in (fromHere ? 0 : 1)...count {
      let index = ((cursor + (backwards ? -step : step)) % count + count) % count
      if !TextEditor.matches(of: text, in: self.text(of: pages[index], session)).isEmpty {
        cursor = index
        return true
      }
    }
    return false
  }

  func copyText(_ session: Session) -> (name: String, text: String)? {
    guard let pages = session.cache?.pages, pages.indices.contains(cursor), !pages[cursor].tokens.isEmpty else {
      return nil
    }
    return ("the page's text", text(of: pages[cursor], session))
  }

  func preferredHeight(width: Int, _ session: Session) -> Int {
    guard let map = session.cache else { return 7 }
    let rows = (map.pages.count + max(1, width - 2) - 1) / max(1, width - 2)
    // The map, two rows of counts, two of reuse, and the page under the cursor.
    return min(8, max(2, rows)) + 9
  }

  private func text(of page: CachePage, _ session: Session) -> String {
    var bytes: [UInt8] = []
    for token in page.tokens { bytes += session.tokenBytes[token] ?? Array("⟨\(token)⟩".utf8) }
    return String(decoding: bytes, as: UTF8.self)
  }

  // MARK: - Drawing

  func draw(into buffer: CellBuffer, _ rect: Rect, _ session: Session, _ context: DrawContext) {
    let area = Rect(x: rect.x + 1, y: rect.y, width: rect.width - 2, height: rect.height)
    guard !area.isEmpty else { return }
    guard let map = session.cache, !map.pages.isEmpty else {
      let why =
        switch session.model {
        case .ready: "this engine does not show its cache"
        case .loading: "the cache is there when the model is"
        default: "no model, no cache"
        }
      buffer.write(why, x: area.x, y: area.y, style: context.theme[.dim], clip: area)
      return
    }
    cursor = min(cursor, map.pages.count - 1)

    // Under the map: the counts, the reuse, and the page under the cursor, as far as there is room for each.
    let counts = countItems(map, context.glyphs)
    let reuse = reuseWords(session)
    let reuseRows = reuse.map { TextWrap.wrap($0, width: area.width).count } ?? 0
    var below = itemRows(counts, width: area.width)
    if area.height - below - reuseRows >= 1 { below += reuseRows }
    let rest = context.isFocused ? 5 : 1
    if area.height - below - rest >= 1 { below += rest }
    drawMap(
      map, into: buffer, Rect(x: area.x, y: area.y, width: area.width, height: max(1, area.height - below)), context)

    var y = area.y + mapRows
    var canvas = MeterCanvas(into: buffer, Rect(x: area.x, y: y, width: area.width, height: area.maxY - y), context)
    canvas.items(counts)
    y += canvas.rows
    if let reuse, area.maxY - y >= reuseRows {
      let wrap = TextWrap(reuse, width: area.width)
      for row in wrap.rows.indices {
        buffer.write(wrap[row], x: area.x, y: y, style: context.theme[.info], clip: area)
        y += 1
      }
    }
    if context.isFocused {
      drawPage(map, into: buffer, Rect(x: area.x, y: y, width: area.width, height: area.maxY - y), session, context)
    } else {
      drawLegend(map, into: buffer, Rect(x: area.x, y: y, width: area.width, height: area.maxY - y), session, context)
    }
  }

  private func drawMap(_ map: CacheMap, into buffer: CellBuffer, _ rect: Rect, _ context: DrawContext) {
    pagesPerRow = max(1, rect.width)
    let rows = (map.pages.count + pagesPerRow - 1) / pagesPerRow
    mapRows = max(1, min(rect.height, rows))
    let cursorRow = cursor / pagesPerRow
    if cursorRow < firstRow { firstRow = cursorRow }
    if cursorRow >= firstRow + mapRows { firstRow = cursorRow - mapRows + 1 }
    firstRow = max(0, min(firstRow, rows - mapRows))
    for row in 0..<mapRows {
      for column in 0..<pagesPerRow {
        let index = (firstRow + row) * pagesPerRow + column
        guard index < map.pages.count else { break }
        let page = map.pages[index]
        var style = context.theme[page.state == .free ? .pageFree : page.owner.role]
        if index == cursor, context.isFocused { style = context.theme[.pageSelected] }
        buffer.write(page.state.glyph(context.glyphs), x: rect.x + column, y: rect.y + row, style: style, clip: rect)
      }
    }
  }

  private func countItems(_ map: CacheMap, _ glyphs: Glyphs) -> [MeterCanvas.Item] {
    var active = 0
    var shared = 0
    var cached = 0
    var free = 0
    var waste = 0
    for page in map.pages {
      switch page.state {
      case .active: active += 1
      case .shared: shared += 1
      case .cached: cached += 1
      case .free: free += 1
      }
      if page.state != .free { waste += map.tokensPerPage - min(map.tokensPerPage, page.tokens.count) }
    }
    return [
      .init("\(glyphs.pageActive) active", grouped(active)), .init("\(glyphs.pageShared) shared", grouped(shared)),
      .init("\(glyphs.pageCached) cached", grouped(cached)), .init("\(glyphs.pageFree) free", grouped(free)),
      .init("in use", bytes((active + shared) * map.bytesPerPage)),
      .init("tail waste", "\(grouped(waste)) tok"), .init("evicted", grouped(map.evictions)),
    ]
  }

  private func itemRows(_ items: [MeterCanvas.Item], width: Int) -> Int {
    var canvas = MeterCanvas(counting: width)
    canvas.items(items)
    return canvas.rows
  }

  private func reuseWords(_ session: Session) -> String? {
    (session.latestAnswer?.trace?.reuse ?? session.trace?.reuse)?.words(session)
  }

  /// Whose colours they are, as many as fit one row.
  private func drawLegend(
    _ map: CacheMap, into buffer: CellBuffer, _ rect: Rect, _ session: Session, _ context: DrawContext
  ) {
    guard !rect.isEmpty else { return }
    var owners: [SegmentOwner] = []
    for page in map.pages where page.state != .free && !owners.contains(page.owner) { owners.append(page.owner) }
    var x = rect.x
    for owner in owners {
      let text = "\(owner.name(session))"
      guard x + columns(of: text) + 2 <= rect.maxX else { break }
      x = buffer.write("\(context.glyphs.swatch) ", x: x, y: rect.y, style: context.theme[owner.role], clip: rect)
      x = buffer.write(text, x: x, y: rect.y, style: context.theme[.dim], clip: rect) + 2
    }
  }

  private func drawPage(
    _ map: CacheMap, into buffer: CellBuffer, _ rect: Rect, _ session: Session, _ context: DrawContext
  ) {
    guard !rect.isEmpty, map.pages.indices.contains(cursor) else { return }
    let page = map.pages[cursor]
    let theme = context.theme
    let separator = " \(context.glyphs.separator) "
    var x = buffer.write("page \(cursor)", x: rect.x, y: rect.y, style: theme[.strong], clip: rect)
    x = buffer.write(separator + page.state.words, x: x, y: rect.y, style: theme[.text], clip: rect)
    guard page.state != .free else { return }
    x = buffer.write(separator, x: x, y: rect.y, style: theme[.text], clip: rect)
    buffer.write(page.owner.name(session), x: x, y: rect.y, style: theme[page.owner.role], clip: rect)
    var facts = [
      "positions \(grouped(page.startPosition))–\(grouped(page.startPosition + max(0, page.tokens.count - 1)))"
    ]
    facts.append(page.age == 0 ? "used now" : "used \(page.age) request\(page.age == 1 ? "" : "s") ago")
    if !page.sequences.isEmpty {
      facts.append(
        "sequence\(page.sequences.count == 1 ? "" : "s") " + page.sequences.map(String.init).joined(separator: ", "))
    }
    buffer.write(facts.joined(separator: separator), x: rect.x, y: rect.y + 1, style: theme[.dim], clip: rect)
    let visible = text(of: page, session).map { $0.isNewline ? "↵" : String($0) }.joined()
    let wrap = TextWrap(visible, width: rect.width)
    for row in wrap.rows.indices {
      guard rect.y + 2 + row < rect.maxY else { break }
      buffer.write(wrap[row], x: rect.x, y: rect.y + 2 + row, style: theme[.text], clip: rect)
    }
  }
}

extension CachePage.State {
  func glyph(_ glyphs: Glyphs) -> String {
    switch self {
    case .active: glyphs.pageActive
    case .shared: glyphs.pageShared
    case .cached: glyphs.pageCached
    case .free: glyphs.pageFree
    }
  }

  var words: String {
    switch self {
    case .active: "active"
    case .shared(let count): "shared by \(count)"
    case .cached: "cached"
    case .free: "free"
    }
  }
}

extension Commands {
  static let cache: [Command] = [
    Command("cache.refresh", [.character("R")], "read the cache anew", .pane(.cache), hint: "refresh") {
      $0.session.request(.readCacheMap)
    }
  ]
}
