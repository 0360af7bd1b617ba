extension CellBuffer {
  /// The rows, trailing blanks cut.
  public func text() -> String {
    (0..<height).map { y in
      var row = ""
      for x in 0..<width { row += text(of: self[x, y]) }
      return row.withoutTrailing(" ")
    }.joined(separator: "\n")
  }

  /// The rows, then the same grid with a letter for each cell's style, then what the letters mean:
  ///
  ///     ╭ Title ╮
  ///     │ text  │
  ///     --
  ///     aabbbbbaa
  ///     a.......a
  ///     --
  ///     a border
  ///     b titleFocused
  ///
  /// A dot is the terminal's own style, and those at the end of a row are cut.
  /// - Parameter theme: its role's name stands for a style; colours and attributes do otherwise.
  public func snapshot(theme: Theme? = nil) -> String {
    let letters = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
    var letterOf: [Style: Character] = [Style(): "."]
    var legend: [String] = []
    let rows = (0..<height).map { y in
      let row = (0..<width).map { x -> Character in
        let style = self[x, y].style
        if let known = letterOf[style] { return known }
        let letter = legend.count < letters.count ? letters[legend.count] : "?"
        letterOf[style] = letter
        legend.append("\(letter) \(theme?.role(of: style)?.rawValue ?? style.description)")
        return letter
      }
      return String(row).withoutTrailing(".")
    }
    var parts = [text(), rows.joined(separator: "\n")]
    if !legend.isEmpty { parts.append(legend.joined(separator: "\n")) }
    return parts.joined(separator: "\n--\n")
  }
}

extension String {
  fileprivate func withoutTrailing(_ character: Character) -> String {
    var end = endIndex
    while end > startIndex, self[index(before: end)] == character { formIndex(before: &end) }
    return String(self[..<end])
  }
}
