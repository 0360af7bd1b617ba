import Terminal

/// A probability as a bar and a number, with what it was before: what was lost stays as a ghost, what was gained has a
/// colour of its own, and the difference is written behind the number.
///
///     ━━━━━━━╍╍╍───  52.1 % -18.3
enum ChoiceBar {
  /// Columns of the number with a space before it, and of the difference behind it, for which narrow rows have no room.
  private static let numberWidth = 8
  private static let differenceWidth = 6
  static func numbersWidth(inRowOf width: Int) -> Int { width < 40 ? numberWidth : numberWidth + differenceWidth }

  /// Draws from the right end of `rect`; the number comes first, then as much of the bar as there is room for.
  static func draw(
    now: Double, before: Double, into buffer: CellBuffer, _ rect: Rect, _ context: DrawContext, numbersWidth: Int, ground: Style? = nil,
    role: Theme.Role = .accent
  ) {
    let theme = context.theme
    func style(_ role: Theme.Role) -> Style { ground.map { theme[role].on($0) } ?? theme[role] }
    let numberX = rect.maxX - numbersWidth
    guard numberX >= rect.x else { return }
    let number = fixed(now * 100, 1) + " %"
    let difference = numbersWidth > numberWidth ? fixed((now - before) * 100, 1) : "0.0"
    buffer.write(
      number, x: numberX + max(0, numberWidth - columns(of: number)), y: rect.y, style: style(.meterValue), clip: rect)
    if difference != "0.0" {
      let isGain = now > before
      buffer.write(
        (isGain ? " +" : " ") + difference, x: numberX + numberWidth, y: rect.y, style: style(isGain ? .success : .warning),
        clip: rect)
    }
    let width = numberX - rect.x
    guard width >= 3 else { return }
    let cells = { (share: Double) in Int((min(1, max(0, share)) * Double(width)).rounded()) }
    let (filled, ghost) = (now > 0 ? cells(now) : 0, before > 0 ? cells(before) : 0)
    let glyphs = context.glyphs
    for column in 0..<width {
      let (glyph, role): (String, Theme.Role) =
        if column < filled {
          (glyphs.filled, column < ghost ? role : .success)
        } else if column < ghost {
          (glyphs.ghost, .faint)
        } else {
          (glyphs.unfilled, .gaugeTrack)
        }
      buffer.write(glyph, x: rect.x + column, y: rect.y, style: style(role), clip: rect)
    }
  }
}
