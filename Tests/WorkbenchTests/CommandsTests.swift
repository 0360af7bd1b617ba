import Documents
import Terminal
import Testing

@testable import Workbench

@Suite struct CommandsTests {
  @Test func `ids are unique and titles are said`() {
    #expect(Set(Commands.all.map(\.id)).count == Commands.all.count)
    #expect(Commands.all.allSatisfy { !$0.title.isEmpty && !$0.modes.isEmpty })
  }

  @Test func `in one place and mode a key means one thing`() {
    for mode in InputMode.allCases {
      for place in [Command.Place.everywhere, .overlay, .form] + PaneID.allCases.map(Command.Place.pane) {
        var owner: [KeyPress: String] = [:]
        for command in Commands.all where command.place == place {
          for key in command.keys(in: mode) {
            #expect(owner[key] == nil, "\(key) is \(owner[key] ?? "") and \(command.id)")
            owner[key] = command.id
          }
        }
      }
    }
  }

  @Test func `every command but the answer to a question has a key in one of its modes`() {
    for command in Commands.all where !command.id.hasSuffix(".now") {
      #expect(command.modes.contains { !command.keys(in: $0).isEmpty }, "\(command.id)")
    }
  }

  @Test(arguments: Commands.all.map(\.id)) func `every command can be run at any time`(id: String) {
    for story in 0..<3 {
      let stage = Stage(isReady: story > 0)
      if story == 2 {
        stage.type("Where is it?")
        stage.press("<ret>")
        stage.play(.order, upTo: 12)
      }
      stage.app.run(command: id)
      stage.draw()
      stage.press("<esc><esc>")
      stage.draw()
    }
  }

  @Test func `no command takes a letter away from a text`() {
    for command in Commands.all {
      #expect(command.keys(in: .typing).allSatisfy { !$0.isText }, "\(command.id)")
    }
  }

  @Test(arguments: [
    (KeyPress.control("p"), "Ctrl-P"), (KeyPress(.tab, .shift), "Shift-Tab"), (.character(" "), "Space"),
    (.character("G"), "G"),
    (.alt("e"), "Alt-e"), (KeyPress(.function(3), .shift), "Shift-F3"), (KeyPress(.pageDown), "PgDn"),
  ])
  func `keys are written as help writes them`(key: KeyPress, text: String) {
    #expect(key.description == text)
  }
}
