import Terminal

/// A horizontal bar, thin, filled to half a column where the terminal has the glyphs.
enum Bar {
  /// - Parameters:
  ///   - share: 0…1; what is outside is cut off. What is not nothing shows at least its beginning.
  ///   - track: the role of the rest of the bar; nil leaves it blank.
  static func draw(
    _ share: Double, into buffer: CellBuffer, _ rect: Rect, _ context: DrawContext, role: Theme.Role,
    track: Theme.Role? = .gaugeTrack
  ) {
    guard rect.width > 0 else { return }
    if let track {
      let empty = String(repeating: context.glyphs.unfilled, count: rect.width)
      buffer.write(empty, x: rect.x, y: rect.y, style: context.theme[track], clip: rect)
    }
    let share = min(1, max(0, share.isFinite ? share : 0))
    let halves = max(share > 0 ? 1 : 0, Int((share * Double(rect.width * 2)).rounded()))
    let style = context.theme[role]
    let whole = String(repeating: context.glyphs.filled, count: halves / 2)
    let end = buffer.write(whole, x: rect.x, y: rect.y, style: style, clip: rect)
    if halves % 2 > 0 { buffer.write(context.glyphs.halfFilled, x: end, y: rect.y, style: style, clip: rect) }
  }
}
