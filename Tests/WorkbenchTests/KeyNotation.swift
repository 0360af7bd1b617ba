import Terminal

@testable import Workbench

/// Key presses from a line such as `ab<ret><C-w><S-left><A-z><lt>`.
func keys(_ notation: String) -> [KeyPress] {
  var presses: [KeyPress] = []
  var rest = Substring(notation)
  while let first = rest.first {
    guard first == "<", let close = rest.firstIndex(of: ">") else {
      presses.append(KeyPress(.character(first)))
      rest = rest.dropFirst()
      continue
    }
    var name = rest[rest.index(after: rest.startIndex)..<close]
    rest = rest[rest.index(after: close)...]
    var modifiers: Modifiers = []
    while name.count > 2, name.dropFirst().first == "-" {
      switch name.first {
      case "C": modifiers.insert(.control)
      case "A": modifiers.insert(.alt)
      case "S": modifiers.insert(.shift)
      default: break
      }
      name = name.dropFirst(2)
    }
    presses.append(KeyPress(key(named: String(name)), modifiers))
  }
  return presses
}

private func key(named name: String) -> Key {
  switch name {
  case "ret": .enter
  case "tab": .tab
  case "backspace": .backspace
  case "del": .delete
  case "esc": .escape
  case "up": .up
  case "down": .down
  case "left": .left
  case "right": .right
  case "home": .home
  case "end": .end
  case "pageup": .pageUp
  case "pagedown": .pageDown
  case "space": .character(" ")
  case "lt": .character("<")
  case "gt": .character(">")
  case "F1": .function(1)
  case "F3": .function(3)
  default: .character(name.first!)  // a single character with modifiers
  }
}
