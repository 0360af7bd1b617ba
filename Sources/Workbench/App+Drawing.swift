import Engine
import Terminal

/// The frame around the panes: header, titles, lines, footer.
extension App {
  /// Draws everything anew. The buffer's size is the screen's.
  /// - Parameter now: since the program started.
  func draw(into buffer: CellBuffer, now: Duration) {
    session.now = now
    width = buffer.width
    height = buffer.height
    updateLayout()
    buffer.lines = glyphs == .ascii ? .ascii : .rounded
    buffer.clear(theme[.text])
    drawHeader(into: buffer)
    for slot in layout.slots {
      let isFocused = overlay == nil && slot.shown == focused
      drawTitle(of: slot, into: buffer)
      let context = DrawContext(theme: theme, glyphs: glyphs, isFocused: isFocused, now: now)
      pane(slot.shown).draw(into: buffer, slot.body, session, context)
    }
    for line in layout.separators { drawSeparator(line, into: buffer) }
    drawFooter(into: buffer)
    for shown in covered + [overlay].compactMap(\.self) {
      buffer.cursor = nil
      let isFocused = shown === overlay
      shown.draw(into: buffer, session, DrawContext(theme: theme, glyphs: glyphs, isFocused: isFocused, now: now))
    }
  }

  // MARK: - Header

  private func drawHeader(into buffer: CellBuffer) {
    let row = layout.header
    guard !row.isEmpty else { return }
    let style = theme[.header]
    buffer.fill(row, style)
    let state = stateWords()
    let stateWidth = columns(of: state.text) + 2
    buffer.write(state.text, x: row.maxX - stateWidth + 1, y: row.y, style: theme[state.role].on(style), clip: row)
    var x = buffer.write(" lathe ", x: row.x, y: row.y, style: theme[.accent].on(style), clip: row)

    // As much as fits: first the sampling gets shorter, then the device, then it is left out, then the names are cut.
    let names = [session.workspaceName, session.model.name].filter { !$0.isEmpty }
    let device = session.model.info?.device ?? ""
    let shortDevice = String(device.prefix { $0 != "," })
    let separator = " \(glyphs.separator) "
    let room = row.maxX - stateWidth - x
    let forms: [(device: String, settings: String)] = [
      (device, settingsWords(isShort: false)), (device, settingsWords(isShort: true)),
      (shortDevice, settingsWords(isShort: true)), (device, ""), (shortDevice, ""), ("", ""),
    ]
    func width(_ form: (device: String, settings: String)) -> Int {
      let left = (names + [form.device]).filter { !$0.isEmpty }.joined(separator: separator)
      return columns(of: left) + 1 + (form.settings.isEmpty ? 0 : columns(of: form.settings) + 3)
    }
    let form = forms.first { width($0) <= room } ?? ("", "")
    var right = row.maxX - stateWidth
    if !form.settings.isEmpty {
      right -= columns(of: form.settings) + 2
      buffer.write(form.settings, x: right + 1, y: row.y, style: theme[.dim].on(style), clip: row)
    }
    for (index, name) in (names + [form.device]).enumerated() where !name.isEmpty {
      let left = right - x - 1
      guard left > 3 else { break }
      if index > 0 {
        x = buffer.write(" \(glyphs.separator)", x: x, y: row.y, style: theme[.faint].on(style), clip: row)
      }
      let role: Theme.Role = index == 0 ? .strong : index == names.count ? .dim : .text
      x = buffer.write(" " + truncated(name, to: left - 1), x: x, y: row.y, style: theme[role].on(style), clip: row)
    }
  }

  /// "thinking on · T 0.6 · top-k 20 · top-p 0.95", or the first two of these.
  private func settingsWords(isShort: Bool) -> String {
    let sampling = session.sampling
    var words = ["thinking \(session.thinking == .template ? "auto" : session.thinking.rawValue)"]
    words.append(sampling.temperature == 0 ? "greedy" : "T \(short(sampling.temperature))")
    if sampling.temperature != 0, !isShort {
      if sampling.topK > 0 { words.append("top-k \(sampling.topK)") }
      if sampling.topP < 1 { words.append("top-p \(short(sampling.topP))") }
      if sampling.minP > 0 { words.append("min-p \(short(sampling.minP))") }
    }
    if let seed = sampling.seed, !isShort { words.append("seed \(seed)") }
    return words.joined(separator: " \(glyphs.separator) ")
  }

  /// What the engine is doing.
  private func stateWords() -> (text: String, role: Theme.Role) {
    let spinner = glyphs.spinner[Int(session.now / .milliseconds(100)) % glyphs.spinner.count]
    switch session.model {
    case .absent: return ("no model", .warning)
    case .failed: return ("\(glyphs.cross) no model", .error)
    case .loading(_, let done):
      return ("\(spinner) loading" + (done.map { " \(Int($0 * 100)) %" } ?? ""), .info)
    case .ready: break
    }
    if let running = session.runningCalls {
      if !running.permissions.isEmpty { return ("\(glyphs.warning) a call asks for permission", .warning) }
      if !running.results.isEmpty { return ("\(glyphs.off) a call waits for its result", .warning) }
      return ("\(spinner) running \(running.calls.count == 1 ? "a call" : "\(running.calls.count) calls")", .info)
    }
    guard let answer = session.runningAnswer else { return ("\(glyphs.off) idle", .dim) }
    switch answer.state {
    case .prefilling(let done, let total): return ("\(spinner) prefill \(total > 0 ? done * 100 / total : 0) %", .info)
    case .generating:
      let speed = answer.tokensPerSecond.map { " \(rate($0)) tok/s" } ?? ""
      return ("\(glyphs.on) generating\(speed)", .success)
    default: return ("\(spinner) waiting", .info)
    }
  }

  // MARK: - Titles and lines

  /// The titles of a slot and the columns they take.
  func tabItems(of slot: Layout.Slot) -> [(pane: PaneID, text: String, columns: Range<Int>)] {
    let whole = slot.tabs.map { "\($0.rawValue) \($0.title)" }
    let fits = whole.reduce(0) { $0 + $1.count + 2 } + 2 <= slot.rect.width
    var x = slot.rect.x + 1
    return slot.tabs.enumerated().map { index, pane in
      let text = fits || pane == slot.shown ? whole[index] : "\(pane.rawValue)"
      defer { x += text.count + 2 }
      return (pane, text, x..<x + text.count + 2)
    }
  }

  private func drawTitle(of slot: Layout.Slot, into buffer: CellBuffer) {
    let row = Rect(x: slot.rect.x, y: slot.rect.y, width: slot.rect.width, height: min(1, slot.rect.height))
    guard !row.isEmpty else { return }
    let isFocused = slot.shown == focused
    buffer.rule(x: row.x, y: row.y, width: row.width, theme[isFocused ? .borderFocused : .border])
    var end = row.x
    for item in tabItems(of: slot) {
      let style =
        item.pane == slot.shown ? theme[isFocused ? .titleFocused : .title] : theme[.dim]
      end = buffer.write(" \(item.text) ", x: item.columns.lowerBound, y: row.y, style: style, clip: row)
    }
    let detail = pane(slot.shown).detail(session)
    let room = row.maxX - end - 3
    if !detail.isEmpty, room >= min(12, columns(of: detail)) {
      let shown = " \(truncated(detail, to: room - 1)) "
      buffer.write(shown, x: row.maxX - columns(of: shown) - 1, y: row.y, style: theme[.dim], clip: row)
    }
  }

  private func drawSeparator(_ line: Rect, into buffer: CellBuffer) {
    let rules = layout.slots.filter { $0.rect.y > line.y && ($0.rect.maxX == line.x || $0.rect.x == line.x + 1) }
    for y in line.y..<line.maxY {
      let left = rules.contains { $0.rect.y == y && $0.rect.maxX == line.x }
      let right = rules.contains { $0.rect.y == y && $0.rect.x == line.x + 1 }
      let glyph =
        switch (left, right) {
        case _ where glyphs == .ascii: "|"
        case _ where y == line.y: "┬"
        case (true, true): "┼"
        case (true, false): "┤"
        case (false, true): "├"
        default: "│"
        }
      buffer.write(glyph, x: line.x, y: y, style: theme[.border])
    }
  }

  // MARK: - Footer

  /// The commands shown in the footer, with the columns they take.
  func footerItems() -> [(command: Command, text: String, columns: Range<Int>)] {
    var x = 1
    var items: [(command: Command, text: String, columns: Range<Int>)] = []
    let shown = Commands.all.filter { row in
      row.hint != nil && !row.keys(in: mode).isEmpty && row.isEnabled(self)
        && (row.place == place || row.place == (overlay == nil ? .everywhere : .overlay))
        // What the place uses the key for itself is not said.
        && Commands.command(for: row.keys[0], in: place, mode: mode, self)?.id == row.id
    }
    for command in shown {
      let text = "\(command.keys(in: mode)[0]) \(command.hint ?? "")"
      let range = x..<x + columns(of: text)
      guard range.upperBound < width else { break }
      items.append((command, text, range))
      x = range.upperBound + 2
    }
    return items
  }

  private func drawFooter(into buffer: CellBuffer) {
    let row = layout.footer
    guard !row.isEmpty else { return }
    let style = theme[.footer]
    buffer.fill(row, style)
    if let notice = session.notice?.notice {
      let (sign, role): (String, Theme.Role) =
        switch notice.kind {
        case .information: ("", .info)
        case .success: ("", .success)
        case .warning: ("\(glyphs.warning) ", .warning)
        case .error: ("\(glyphs.cross) ", .error)
        }
      let line = notice.text.split(separator: "\n", maxSplits: 1).first ?? ""
      buffer.write(truncated(sign + line, to: row.width - 2), x: 1, y: row.y, style: theme[role].on(style), clip: row)
      return
    }
    for item in footerItems() {
      let key = item.command.keys(in: mode)[0].description
      let x = buffer.write(key, x: item.columns.lowerBound, y: row.y, style: theme[.key].on(style), clip: row)
      buffer.write(" \(item.command.hint ?? "")", x: x, y: row.y, style: theme[.dim].on(style), clip: row)
    }
  }
}

extension Style {
  /// The same writing on another style's background.
  func on(_ other: Style) -> Style { Style(foreground, on: other.background, attributes) }
}

extension ModelState {
  var name: String {
    switch self {
    case .absent, .failed: ""
    case .loading(let name, _): name
    case .ready(let info): info.name
    }
  }
}
