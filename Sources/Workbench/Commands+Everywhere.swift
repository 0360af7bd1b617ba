import Terminal

extension Commands {
  /// What works in every pane.
  static let everywhere: [Command] =
    [
      Command(
        "help", [.character("?"), KeyPress(.function(1))], "help: every key, and what the numbers mean",
        modes: [.reading, .typing], hint: "help"
      ) { $0.openHelp() },
      Command(
        "palette", [.control("p"), .character(":")], "find a command by name", modes: [.reading, .typing],
        hint: "commands"
      ) { $0.openPalette() },
      Command("focus.next", [KeyPress(.tab)], "next pane", modes: [.reading, .typing], hint: "next pane") {
        $0.focusNext(1)
      },
      Command("focus.previous", [KeyPress(.tab, .shift)], "previous pane", modes: [.reading, .typing]) {
        $0.focusNext(-1)
      },
    ]
    + PaneID.allCases.map { pane in
      let digit = Character(String(pane.rawValue))
      return Command(
        "focus.\(pane)", [.character(digit), .alt(digit)], "go to \(pane.title)", modes: [.reading, .typing]
      ) { $0.focus(pane) }
    }
    + [
      Command(
        "zoom", [.character("z"), .character("+")], "give the pane the whole screen, or take it back", hint: "zoom"
      ) { $0.toggleZoom() },
      Command("unzoom", [.character("_")], "show all panes again") { $0.isZoomed = false },
      Command("down", [.character("j"), KeyPress(.down)], "down") { $0.move(.down) },
      Command("up", [.character("k"), KeyPress(.up)], "up") { $0.move(.up) },
      Command("left", [.character("h"), KeyPress(.left)], "left") { $0.move(.left) },
      Command("right", [.character("l"), KeyPress(.right)], "right") { $0.move(.right) },
      Command("page.down", [KeyPress(.pageDown), .control("f"), .character(".")], "a page down") { $0.move(.pageDown) },
      Command("page.up", [KeyPress(.pageUp), .control("b"), .character(",")], "a page up") { $0.move(.pageUp) },
      Command("top", [.character("g"), KeyPress(.home), .character("<")], "to the top") { $0.move(.top) },
      Command("bottom", [.character("G"), KeyPress(.end), .character(">")], "to the bottom") { $0.move(.bottom) },
      Command("search", [.character("/")], "search in the pane", hint: "search") { $0.startSearch() },
      Command("search.next", [.character("n")], "next match") { $0.repeatSearch(backwards: false) },
      Command("search.previous", [.character("N")], "previous match") { $0.repeatSearch(backwards: true) },
      Command("copy", [.character("y")], "copy what is selected", hint: "copy") { $0.copy() },
      Command("thinking", [.alt("t")], "thinking: as the template says, on, off", modes: [.reading, .typing]) {
        $0.cycleThinking()
      },
      Command("open", [.control("o")], "open a prompt or another workspace", modes: [.reading, .typing]) {
        $0.openPicker()
      },
      Command("open.folder", [KeyPress(.function(2))], "open the workspace in a folder", modes: [.reading, .typing]) {
        $0.openFolder()
      },
      Command("save", [.control("s")], "save the workspace", modes: [.reading, .typing]) { $0.save() },
      Command(
        "interrupt", [.control("c")], "stop the generation; when nothing runs, ask to quit", modes: [.reading, .typing]
      ) { $0.interrupt() },
      Command("suspend", [.control("z")], "suspend; fg comes back", modes: [.reading, .typing]) {
        $0.session.request(.suspend)
      },
      Command("redraw", [.control("l")], "draw the screen anew", modes: [.reading, .typing]) {
        $0.session.request(.redraw)
      },
      Command("quit", [.character("q")], "quit", hint: "quit") { $0.askToQuit() },
      Command("quit.now", [], "quit without asking") { $0.session.request(.quit) },
    ]

  /// What works while help, the palette or a dialog is open.
  static let overlay: [Command] = [
    Command(
      "overlay.close", [KeyPress(.escape), .control("g")], "close", .overlay, modes: [.reading, .typing], hint: "close"
    ) { $0.closeOverlay() },
    Command(
      "overlay.help", [KeyPress(.function(1)), .character("?")], "the keys of the dialog", .overlay,
      modes: [.reading, .typing], hint: "help", isEnabled: { $0.isInDialog }
    ) { $0.cover(with: HelpOverlay(place: $0.place)) },
    Command(
      "overlay.interrupt", [.control("c")], "close; in the question whether to quit: quit", .overlay,
      modes: [.reading, .typing]
    ) { $0.interrupt() },
    Command("overlay.suspend", [.control("z")], "suspend; fg comes back", .overlay, modes: [.reading, .typing]) {
      $0.session.request(.suspend)
    },
    Command("overlay.redraw", [.control("l")], "draw the screen anew", .overlay, modes: [.reading, .typing]) {
      $0.session.request(.redraw)
    },
  ]
}
