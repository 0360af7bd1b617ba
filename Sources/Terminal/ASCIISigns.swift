/// What stands for the signs of text where only ASCII is drawn: marks and units that the workbench writes itself. Letters of
/// other scripts are content and stay. Each takes the column of its sign.
enum ASCIISigns {
  private static func standIn(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
    switch scalar {
    case "…": "~"
    case "\u{2010}"..."\u{2015}": "-"
    case "µ", "μ": "u"
    case "·", "•": "."
    case "↵": "$"
    case "⟨", "‹": "<"
    case "⟩", "›", "→": ">"
    case "←": "<"
    case "×", "✗", "✘": "x"
    case "‘", "’": "'"
    case "“", "”": "\""
    default: scalar
    }
  }

  static func replaced(in text: some StringProtocol) -> Substring {
    var scalars = String.UnicodeScalarView()
    scalars.append(contentsOf: text.unicodeScalars.lazy.map(standIn))
    return Substring(String(scalars))
  }
}
