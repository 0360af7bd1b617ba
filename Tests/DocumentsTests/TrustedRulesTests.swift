import Documents
import JSON
import TestSupport
import Testing

@Suite struct TrustedRulesTests {
  @Test func `rules are trusted by their content: a changed rule or command is not`() throws {
    let scratch = try ScratchFolder()
    let home = UserFolders(data: scratch.path, config: scratch.path, state: scratch.path + "/state")
    var workspace = Workspace(
      origin: .folder("/somewhere"), settings: WorkspaceSettings(title: "t"),
      commands: [CommandDocument(name: "f", value: ["argv": ["ls"]])], permissions: ["otherwise": "allow"])
    #expect(!home.trustsRules(workspace.rulesHash))
    try home.trustRules(of: workspace)
    #expect(home.trustsRules(workspace.rulesHash))
    workspace.settings.title = "another"
    #expect(home.trustsRules(workspace.rulesHash))
    workspace.commands[0].value = ["argv": ["rm"]]
    #expect(!home.trustsRules(workspace.rulesHash))
    workspace.commands = []
    workspace.permissions = nil
    #expect(!home.trustsRules(workspace.rulesHash))
  }
}
