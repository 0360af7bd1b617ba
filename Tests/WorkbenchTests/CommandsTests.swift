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
      for place in [Command.Place.everywhere, .overlay] + PaneID.allCases.map(Command.Place.pane) {
        var owner: [KeyPress: String] = [:]
        for command in Commands.all where command.place == place && command.modes.contains(mode) {
          for key in command.keys {
            #expect(owner[key] == nil, "\(key) is \(owner[key] ?? "") and \(command.id)")
            owner[key] = command.id
          }
        }
      }
    }
  }
}
