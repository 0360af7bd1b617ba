extension InputParser {
  /// A byte of ASCII as the keyboard sends it.
  static func key(of byte: UInt8, _ modifiers: Modifiers) -> InputEvent? {
    let letter = { (value: UInt8) in Key.character(Character(Unicode.Scalar(value))) }
    let press =
      switch byte {
      case 0x0D: KeyPress(.enter, modifiers)
      case 0x09: KeyPress(.tab, modifiers)
      case 0x1B: KeyPress(.escape, modifiers)
      case 0x7F: KeyPress(.backspace, modifiers)
      case 0x08: KeyPress(.backspace, modifiers.union(.control))
      case 0x00: KeyPress(.character(" "), modifiers.union(.control))
      case 0x01...0x1A: KeyPress(letter(byte + 0x60), modifiers.union(.control))
      case 0x1C...0x1F: KeyPress(letter(byte + 0x40), modifiers.union(.control))
      default: KeyPress(letter(byte), modifiers)
      }
    return .key(press)
  }

  /// SS3: arrows and function keys in application mode, and the keypad.
  static func applicationKey(_ final: UInt8) -> InputEvent? {
    if final == UInt8(ascii: "M") { return .key(KeyPress(.enter)) }
    if (UInt8(ascii: "a")...UInt8(ascii: "d")).contains(final), let key = cursorKey(final - 0x20) {
      return .key(KeyPress(key, .control))  // rxvt
    }
    if (UInt8(ascii: "j")...UInt8(ascii: "y")).contains(final) {
      return .key(KeyPress(.character(Character(Unicode.Scalar(final - 0x40)))))
    }
    return cursorKey(final).map { .key(KeyPress($0)) }
  }

  /// The keys that are a letter after CSI or SS3.
  private static func cursorKey(_ letter: UInt8) -> Key? {
    switch letter {
    case UInt8(ascii: "A"): .up
    case UInt8(ascii: "B"): .down
    case UInt8(ascii: "C"): .right
    case UInt8(ascii: "D"): .left
    case UInt8(ascii: "H"): .home
    case UInt8(ascii: "F"): .end
    case UInt8(ascii: "P"): .function(1)
    case UInt8(ascii: "Q"): .function(2)
    case UInt8(ascii: "R"): .function(3)
    case UInt8(ascii: "S"): .function(4)
    default: nil
    }
  }

  /// The keys that are a number before "~".
  private static func numberedKey(_ number: Int) -> Key? {
    switch number {
    case 1, 7: .home
    case 2: .insert
    case 3: .delete
    case 4, 8: .end
    case 5: .pageUp
    case 6: .pageDown
    case 11...15: .function(number - 10)
    case 17...21: .function(number - 11)
    case 23...26: .function(number - 12)
    case 28, 29: .function(number - 13)
    case 31...34: .function(number - 14)
    default: nil
    }
  }

  /// - Parameter parameters: the bytes between CSI and the final one, intermediates included.
  static func event(parameters: ArraySlice<UInt8>, final: UInt8) -> InputEvent? {
    if parameters.first == UInt8(ascii: "<") {
      guard final == UInt8(ascii: "M") || final == UInt8(ascii: "m") else { return nil }
      let report = numbers(in: parameters.dropFirst()).map { $0[0] }
      return mouse(report, isRelease: final == UInt8(ascii: "m"))
    }
    // Private parameters and intermediates: answers to queries.
    guard parameters.allSatisfy({ (0x30...0x3B).contains($0) }) else { return nil }
    let numbers = numbers(in: parameters)
    let first = numbers[0][0]
    let mask = numbers.count > 1 ? numbers[1] : [1]
    // The kitty protocol's third kind of event is a release.
    if mask.count > 1, mask[1] == 3 { return nil }
    let modifiers = Modifiers(xterm: mask[0])

    switch final {
    case UInt8(ascii: "~") where first == 27 && numbers.count == 3:
      return key(ofCodepoint: numbers[2][0], shifted: nil, modifiers)
    case UInt8(ascii: "~"): return numberedKey(first).map { .key(KeyPress($0, modifiers)) }
    case UInt8(ascii: "^"): return numberedKey(first).map { .key(KeyPress($0, .control)) }
    case UInt8(ascii: "@"): return numberedKey(first).map { .key(KeyPress($0, [.control, .shift])) }
    case UInt8(ascii: "u"):
      return key(ofCodepoint: first, shifted: numbers[0].count > 1 ? numbers[0][1] : nil, modifiers)
    case UInt8(ascii: "Z"): return .key(KeyPress(.tab, modifiers.union(.shift)))
    case UInt8(ascii: "I") where parameters.isEmpty: return .focus(true)
    case UInt8(ascii: "O") where parameters.isEmpty: return .focus(false)
    case UInt8(ascii: "a")...UInt8(ascii: "d") where parameters.isEmpty:
      return cursorKey(final - 0x20).map { .key(KeyPress($0, .shift)) }  // rxvt
    // Without "1;" it is the cursor's position, an answer.
    case UInt8(ascii: "R") where !parameters.isEmpty && first != 1: return nil
    default: return cursorKey(final).map { .key(KeyPress($0, modifiers)) }
    }
  }

  /// Parameters between ";", each with its parts between ":". What is left out is 0; never empty.
  private static func numbers(in bytes: ArraySlice<UInt8>) -> [[Int]] {
    bytes.split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false).map { parameter in
      parameter.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false).map { digits in
        digits.reduce(0) { min($0 * 10 + Int($1) - 0x30, 0x11_0000) }
      }
    }
  }

  /// A key given as a Unicode scalar: modifyOtherKeys and CSI u.
  private static func key(ofCodepoint code: Int, shifted: Int?, _ modifiers: Modifiers) -> InputEvent? {
    switch code {
    case 13: return .key(KeyPress(.enter, modifiers))
    case 9: return .key(KeyPress(.tab, modifiers))
    case 27: return .key(KeyPress(.escape, modifiers))
    case 8, 127: return .key(KeyPress(.backspace, modifiers))
    // Function keys of the kitty protocol, which is never asked for.
    case ..<32, 0x80..<0xA0, 0xE000...0xF8FF: return nil
    default:
      let isShifted = modifiers.contains(.shift)
      guard let scalar = Unicode.Scalar(UInt32(isShifted ? shifted ?? code : code)) else { return nil }
      let plain = Character(scalar)
      let upper = plain.uppercased()
      let character = isShifted && upper.count == 1 ? Character(upper) : plain
      return .key(KeyPress(.character(character), modifiers.subtracting(.shift)))
    }
  }

  /// - Parameter report: buttons and modifiers, then column and row from 1.
  static func mouse(_ report: [Int], isRelease: Bool) -> InputEvent? {
    guard report.count == 3 else { return nil }
    let code = report[0]
    var modifiers: Modifiers = []
    if code & 4 != 0 { modifiers.insert(.shift) }
    if code & 8 != 0 { modifiers.insert(.alt) }
    if code & 16 != 0 { modifiers.insert(.control) }
    let x = max(0, report[1] - 1)
    let y = max(0, report[2] - 1)
    let button: MouseEvent.Button = [.left, .middle, .right, .none][code & 3]

    // 64: wheel, whose third and fourth button are sideways. 128: buttons 8 to 11.
    if code & 128 != 0 { return nil }
    if code & 64 != 0 {
      guard code & 3 < 2 else { return nil }
      let action: MouseEvent.Action = code & 3 == 0 ? .scrollUp : .scrollDown
      return .mouse(MouseEvent(action, button: .none, x: x, y: y, modifiers: modifiers))
    }
    if code & 32 != 0 {
      // Motion without a button is not asked for.
      return button == .none ? nil : .mouse(MouseEvent(.drag, button: button, x: x, y: y, modifiers: modifiers))
    }
    return .mouse(MouseEvent(isRelease ? .release : .press, button: button, x: x, y: y, modifiers: modifiers))
  }
}

extension Modifiers {
  /// xterm's parameter: 1 plus a bit each for shift, alt and control.
  fileprivate init(xterm parameter: Int) {
    self.init(rawValue: UInt8(max(0, parameter - 1) & 7))
  }
}
