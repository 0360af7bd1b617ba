extension Color {
  /// The nearest colour that a terminal of this depth has.
  ///
  /// 256 colours: the nearest of the 6 × 6 × 6 cube and of the 24 greys. 16 and 8: the nearest of xterm's ANSI colours,
  /// green weighing most and blue more than red, as the eye does roughly.
  public func reduced(to depth: ColorDepth) -> Color {
    switch (kind, depth) {
    case (.terminal, _), (_, .direct): return self
    case (_, .monochrome): return .terminal
    case (.palette(let index), .palette256): return .palette(index)
    case (.palette(let index), .ansi16) where index < 16: return .palette(index)
    case (.palette(let index), .ansi8) where index < 16: return .palette(index % 8)
    case (.palette(let index), .ansi16), (.palette(let index), .ansi8):
      return Color.paletteRGB(index).reduced(to: depth)
    case (.rgb(let red, let green, let blue), .palette256):
      return .palette(Color.nearestOfCubeAndGreys(Int(red), Int(green), Int(blue)))
    case (.rgb(let red, let green, let blue), .ansi16):
      return .palette(Color.nearestAnsi(Int(red), Int(green), Int(blue), count: 16))
    case (.rgb(let red, let green, let blue), .ansi8):
      return .palette(Color.nearestAnsi(Int(red), Int(green), Int(blue), count: 8))
    }
  }

  /// What xterm shows for one of its 256 colours.
  public static func paletteRGB(_ index: UInt8) -> Color {
    let index = Int(index)
    if index < 16 { return .rgb(ansi[index]) }
    if index >= 232 {
      let grey = UInt32(8 + 10 * (index - 232))
      return .rgb(grey << 16 | grey << 8 | grey)
    }
    let cube = index - 16
    return .rgb(
      UInt32(cubeLevels[cube / 36]) << 16 | UInt32(cubeLevels[cube / 6 % 6]) << 8 | UInt32(cubeLevels[cube % 6]))
  }

  private static let cubeLevels = [0, 95, 135, 175, 215, 255]

  private static let ansi: [UInt32] = [
    0x000000, 0xCD0000, 0x00CD00, 0xCDCD00, 0x0000EE, 0xCD00CD, 0x00CDCD, 0xE5E5E5,
    0x7F7F7F, 0xFF0000, 0x00FF00, 0xFFFF00, 0x5C5CFF, 0xFF00FF, 0x00FFFF, 0xFFFFFF,
  ]

  private static func nearestOfCubeAndGreys(_ red: Int, _ green: Int, _ blue: Int) -> UInt8 {
    func level(_ value: Int) -> Int { value < 48 ? 0 : value < 115 ? 1 : (value - 35) / 40 }
    func square(_ value: Int) -> Int { value * value }
    let (r, g, b) = (level(red), level(green), level(blue))
    let cubeDistance = square(cubeLevels[r] - red) + square(cubeLevels[g] - green) + square(cubeLevels[b] - blue)
    let mean = (red + green + blue) / 3
    let step = mean > 238 ? 23 : mean < 3 ? 0 : (mean - 3) / 10
    let grey = 8 + 10 * step
    let greyDistance = square(grey - red) + square(grey - green) + square(grey - blue)
    return UInt8(greyDistance < cubeDistance ? 232 + step : 16 + 36 * r + 6 * g + b)
  }

  private static func nearestAnsi(_ red: Int, _ green: Int, _ blue: Int, count: Int) -> UInt8 {
    func distance(_ color: UInt32) -> Int {
      let r = red - Int(color >> 16 & 0xFF)
      let g = green - Int(color >> 8 & 0xFF)
      let b = blue - Int(color & 0xFF)
      return 2 * r * r + 4 * g * g + 3 * b * b
    }
    let best = ansi[..<count].indices.min { distance(ansi[$0]) < distance(ansi[$1]) }
    return UInt8(best ?? 7)
  }
}
