/// A colour as a theme names it; the screen reduces it to what the terminal has.
public struct Color: Hashable, Sendable {
  /// 0x00RRGGBB, or one of the marked forms below.
  public let rawValue: UInt32
  private init(rawValue: UInt32) { self.rawValue = rawValue }
  /// The terminal's own foreground or background.
  public static let terminal = Color(rawValue: 0x0200_0000)
  /// One of the 256 palette colours; 0–15 are the ANSI ones.
  public static func palette(_ index: UInt8) -> Color { Color(rawValue: 0x0100_0000 | UInt32(index)) }
  public static func rgb(_ value: UInt32) -> Color { Color(rawValue: value & 0xFF_FFFF) }
}

public struct Attributes: OptionSet, Hashable, Sendable {
  public let rawValue: UInt16
  public init(rawValue: UInt16) { self.rawValue = rawValue }
  public static let bold = Attributes(rawValue: 1)
  public static let dim = Attributes(rawValue: 2)
  public static let italic = Attributes(rawValue: 4)
  public static let underline = Attributes(rawValue: 8)
  public static let reverse = Attributes(rawValue: 16)
  public static let strike = Attributes(rawValue: 32)
}

public struct Style: Hashable, Sendable {
  public var foreground: Color
  public var background: Color
  public var attributes: Attributes
  public init(_ foreground: Color = .terminal, on background: Color = .terminal, _ attributes: Attributes = []) {
    self.foreground = foreground
    self.background = background
    self.attributes = attributes
  }
}

/// A rectangle of cells. Never of negative size.
public struct Rect: Hashable, Sendable {
  public var x: Int
  public var y: Int
  public var width: Int
  public var height: Int
  public init(x: Int, y: Int, width: Int, height: Int) {
    self.x = x
    self.y = y
    self.width = max(0, width)
    self.height = max(0, height)
  }
  public var maxX: Int { x + width }
  public var maxY: Int { y + height }
  public var isEmpty: Bool { width == 0 || height == 0 }
  public func contains(x: Int, y: Int) -> Bool { x >= self.x && x < maxX && y >= self.y && y < maxY }
  public func inset(by cells: Int) -> Rect {
    Rect(x: x + cells, y: y + cells, width: width - 2 * cells, height: height - 2 * cells)
  }
}
