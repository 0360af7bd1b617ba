/// The style of every role that the workbench draws, from a text file:
///
///     # Colours: for direct-colour terminals, then for 256 and for 16 colours. The last two may be left out.
///     color paper = #1b1d23, 234, black
///     color blue  = #61afef, 75, bright-blue
///
///     text   = #d7dae0 on paper
///     accent = blue bold
///
/// A colour is one that the file has named above, `#rrggbb`, one of the terminal's 256 by number, an ANSI name (`red`,
/// `bright-red`), or `default`. A role's colour that is left out is that of `text`, which comes first and names both. A
/// role that is left out looks like `text`.
public struct Theme: Sendable {
  /// What a style is for; the raw value is its name in a theme's file.
  public enum Role: String, CaseIterable, Sendable {
    // Text.
    case text, dim, faint, accent, strong, link
    case error, warning, success, info
    // Panes.
    case title, titleFocused, border, borderFocused
    case selection, selectionUnfocused, cursorLine, lineNumber, match, scrollbar, scrollbarThumb
    case header, footer, key, badge, tab, tabActive
    case dialog, dialogTitle, dialogBorder, input, placeholder, menuSelection
    // The conversation.
    case user, assistant, thinking, system, toolCall, toolResult, specialToken
    // Meters.
    case gauge, gaugeHigh, gaugeTrack, sparkline, sparklineHigh, meterLabel, meterValue
    // JSON and comparisons.
    case jsonKey, jsonString, jsonNumber, jsonKeyword, jsonPunctuation, jsonEscape, comment
    case matchingBracket, syntaxError, diffAdded, diffRemoved, diffChanged
    /// From a likely token to an unlikely one.
    case likely0, likely1, likely2, likely3, likely4
    case maskedToken
    // The KV cache: pages, and the owners of what they hold.
    case pageActive, pageShared, pageCached, pageFree, pageSelected
    case segment0, segment1, segment2, segment3, segment4, segment5
    case segment6, segment7, segment8, segment9, segment10, segment11

    /// The colour of the nth owner; they repeat after twelve.
    public static func segment(_ index: Int) -> Role {
      let all: [Role] = [
        .segment0, .segment1, .segment2, .segment3, .segment4, .segment5, .segment6, .segment7, .segment8, .segment9,
        .segment10, .segment11,
      ]
      return all[((index % all.count) + all.count) % all.count]
    }
  }

  public let name: String
  /// For each role, what it looks like in direct colour, 256 and 16 colours.
  var styles: [Role: StyleByDepth]
  /// Which of them `subscript` gives.
  public private(set) var depth: ColorDepth = .direct

  struct StyleByDepth: Sendable, Equatable {
    var direct = Style()
    var palette256 = Style()
    var ansi16 = Style()

    /// Bright black and black are one there: what would vanish is drawn in white, or in black on white.
    var ansi8: Style {
      let background = ansi16.background.reduced(to: .ansi8)
      var foreground = ansi16.foreground.reduced(to: .ansi8)
      if foreground == background, foreground != .terminal { foreground = .palette(background == .palette(7) ? 0 : 7) }
      return Style(foreground, on: background, ansi16.attributes)
    }
  }

  init(name: String, styles: [Role: StyleByDepth]) {
    self.name = name
    self.styles = styles
  }

  public subscript(role: Role) -> Style {
    guard let style = styles[role] ?? styles[.text] else { return Style() }
    switch depth {
    case .direct: return style.direct
    case .palette256: return style.palette256
    case .ansi16: return style.ansi16
    case .ansi8: return style.ansi8
    case .monochrome: return Style(.terminal, on: .terminal, style.direct.attributes.union(role.monochromeAttributes))
    }
  }

  /// The same theme for a terminal with fewer colours.
  public func reduced(to depth: ColorDepth) -> Theme {
    var theme = self
    theme.depth = depth
    return theme
  }

  /// The first role that looks like this.
  public func role(of style: Style) -> Role? {
    Role.allCases.first { self[$0] == style }
  }
}

extension Theme.Role {
  /// What sets a role off where there are no colours.
  var monochromeAttributes: Attributes {
    switch self {
    case .selection, .menuSelection, .tabActive, .badge, .gauge, .gaugeHigh, .matchingBracket, .match, .pageSelected,
      .scrollbarThumb:
      .reverse
    case .titleFocused, .borderFocused, .accent, .strong, .key, .error, .warning, .user, .toolCall, .pageActive,
      .diffAdded:
      .bold
    case .syntaxError, .link, .diffChanged, .selectionUnfocused: .underline
    case .dim, .faint, .placeholder, .thinking, .lineNumber, .diffRemoved, .pageFree, .maskedToken: .dim
    default: []
    }
  }
}

/// How many colours a terminal has.
public enum ColorDepth: Int, Comparable, Sendable {
  case monochrome = 0
  case ansi8 = 8
  case ansi16 = 16
  case palette256 = 256
  case direct = 0x100_0000
  public static func < (a: ColorDepth, b: ColorDepth) -> Bool { a.rawValue < b.rawValue }
}
