import Terminal

/// A horizontal bar, filled to an eighth of a column where the terminal has the glyphs.
enum Bar {
  private static let eighths = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]

  /// - Parameters:
  ///   - share: 0…1; what is outside is cut off.
  ///   - track: the role of the rest of the bar; nil leaves it blank.
  static func draw(
    _ share: Double, into buffer: CellBuffer, _ rect: Rect, _ context: DrawContext, role: Theme.Role,
    track: Theme.Role? = .gaugeTrack
  ) {
    guard rect.width > 0 else { return }
    if let track {
      buffer.write(
        String(repeating: context.glyphs.unfilled, count: rect.width), x: rect.x, y: rect.y, style: context.theme[track],
        clip: rect)
    }
    let steps = Int((min(1, max(0, share.isFinite ? share : 0)) * Double(rect.width * 8)).rounded())
    let style = context.theme[role]
    let whole = String(repeating: context.glyphs.filled, count: steps / 8)
    let end = buffer.write(whole, x: rect.x, y: rect.y, style: style, clip: rect)
    if steps % 8 > 0, context.glyphs.filled == "█" {
      buffer.write(eighths[steps % 8], x: end, y: rect.y, style: style, clip: rect)
    } else if steps == 0, share > 0, context.glyphs.filled == "█" {
      buffer.write(eighths[1], x: rect.x, y: rect.y, style: style, clip: rect)
    }
  }
}
