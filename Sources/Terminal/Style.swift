/// A colour as a theme names it; the screen reduces it to what the terminal has.
public struct Color: Hashable, Sendable {
  /// 0x00RRGGBB, or one of the marked forms below.
  public let rawValue: UInt32
  private init(rawValue: UInt32) { self.rawValue = rawValue }
  /// The terminal's own foreground or background.
  public static let terminal = Color(rawValue: 0x0200_0000)
  /// One of the 256 palette colours; 0–15 are the ANSI ones.
  public static func palette(_ index: UInt8) -> Color { Color(rawValue: 0x0100_0000 | UInt32(index)) }
  /// A colour as 0xRRGGBB.
  public static func rgb(_ value: UInt32) -> Color { Color(rawValue: value & 0xFF_FFFF) }
}

/// How a cell's character is drawn besides its colours; a terminal may lack some.
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

/// Colours and attributes of a cell.
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
  /// Smaller by this many cells on each side.
  public func inset(by cells: Int) -> Rect {
    Rect(x: x + cells, y: y + cells, width: width - 2 * cells, height: height - 2 * cells)
  }
  /// What both cover; empty when they do not meet.
  public func intersection(_ other: Rect) -> Rect {
    let left = max(x, other.x)
    let top = max(y, other.y)
    return Rect(x: left, y: top, width: min(maxX, other.maxX) - left, height: min(maxY, other.maxY) - top)
  }
}

extension Color: CustomStringConvertible {
  /// The three forms a colour has.
  public enum Kind: Equatable, Sendable {
    case terminal
    case palette(UInt8)
    case rgb(red: UInt8, green: UInt8, blue: UInt8)
  }

  public var kind: Kind {
    if rawValue & 0x0200_0000 != 0 { return .terminal }
    if rawValue & 0x0100_0000 != 0 { return .palette(UInt8(rawValue & 0xFF)) }
    return .rgb(red: UInt8(rawValue >> 16 & 0xFF), green: UInt8(rawValue >> 8 & 0xFF), blue: UInt8(rawValue & 0xFF))
  }

  static let ansiNames = [
    "black", "red", "green", "yellow", "blue", "magenta", "cyan", "white",
    "bright-black", "bright-red", "bright-green", "bright-yellow",
    "bright-blue", "bright-magenta", "bright-cyan", "bright-white",
  ]

  /// As a theme file writes it.
  public var description: String {
    switch kind {
    case .terminal: return "default"
    case .palette(let index): return index < 16 ? Color.ansiNames[Int(index)] : String(index)
    case .rgb:
      let digits = String(rawValue, radix: 16)
      return "#" + String(repeating: "0", count: 6 - digits.count) + digits
    }
  }
}

extension Attributes {
  static let names: [(String, Attributes)] = [
    ("bold", .bold), ("dim", .dim), ("italic", .italic), ("underline", .underline), ("reverse", .reverse),
    ("strike", .strike),
  ]
}

extension Style: CustomStringConvertible {
  /// As a theme file writes it: `#d7dae0 on default bold`.
  public var description: String {
    let words = Attributes.names.filter { attributes.contains($0.1) }.map(\.0)
    return (["\(foreground) on \(background)"] + words).joined(separator: " ")
  }
}
