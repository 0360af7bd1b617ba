import Documents
import Foundation
import JSON
import TestSupport
import Testing
import Tools

@testable import Workbench

/// A renamed function on disk: what answers it, what may be done by it and what was recorded of it go with it.
@Suite struct RenamingTests {
  private let scratch: ScratchFolder
  private let desk: Desk

  init() throws {
    scratch = try ScratchFolder()
    try scratch.write("w/workspace.json", #"{"title": "t", "runners": {"send": "command"}}"#)
    try scratch.write("w/functions/get.json", function("get").text)
    try scratch.write("w/functions/send.json", function("send").text)
    try scratch.write("w/mocks/get.json", #"{"otherwise": {"result": "晴"}}"#)
    try scratch.write("w/mocks/send.json", #"{"otherwise": {"result": "sent"}}"#)
    try scratch.write("w/commands/send.json", #"{"argv": ["true"]}"#)
    try scratch.write("w/recordings/get.jsonl", "{\"arguments\": {\"city\": \"北京\"}, \"result\": 1}\n{\"arguments\": {}, \"result\": 2}\n")
    try scratch.write(
      "w/permissions.json",
      #"""
      {"rules": [{"decision": "deny", "function": "send", "when": {"city": {"const": "x"}},
        "match": [{"arguments": {"city": "x"}}], "not_match": [{"function": "get", "arguments": {"city": "x"}}]},
        {"decision": "ask", "function": "*", "when": {"city": {"const": "y"}},
        "match": [{"function": "send", "arguments": {"city": "y"}}], "not_match": [{"arguments": {}}]}], "otherwise": "allow"}
      """#)
    desk = Desk(try Workspace.open(folder: scratch.path + "/w"))
    desk.home = UserFolders(data: scratch.path + "/data", config: scratch.path + "/config", state: scratch.path + "/state")
  }

  private func rename(_ old: String, to new: String) {
    guard let index = desk.session.functions.firstIndex(where: { $0.document.name == old }) else { return }
    desk.session.setFunction(at: index, text: function(new).text)
  }

  private func files(_ folder: String) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: "\(scratch.path)/w/\(folder)")) ?? []).sorted()
  }

  private func rules() throws -> [JSONValue] {
    try JSONValue(parsing: try scratch.text("w/permissions.json"))["rules"]?.array ?? []
  }

  @Test func `nothing stays behind under the old name`() throws {
    let before = try ["mocks/get.json", "recordings/get.jsonl"].map { try scratch.text("w/" + $0) }
    rename("get", to: "get_weather")
    rename("send", to: "post")
    desk.session.allowedFunctions = ["send"]
    desk.type("<C-s>")
    #expect(desk.session.notice?.notice.text == "saved")
    #expect(files("functions") == ["get_weather.json", "post.json"])
    #expect(files("mocks") == ["get_weather.json", "post.json"])
    #expect(files("commands") == ["post.json"])
    #expect(files("recordings") == ["get_weather.jsonl"])
    #expect(try JSONValue(parsing: try scratch.text("w/mocks/get_weather.json")) == JSONValue(parsing: before[0]))
    #expect(try scratch.text("w/recordings/get_weather.jsonl") == before[1])
    let rules = try rules()
    #expect(rules[0]["function"] == "post" && rules[0]["not_match"]?[0]?["function"] == "get_weather")
    #expect(rules[1]["function"] == "*" && rules[1]["match"]?[0]?["function"] == "post")
    #expect(desk.session.workspace.settings.runners == ["post": "command"])
    #expect(desk.session.tools.way(of: "post") == .command)
    #expect(desk.session.tools.faults.isEmpty)
    #expect(desk.session.allowedFunctions == ["post"])
    #expect(desk.session.changes.isEmpty)
    // As a folder that is opened anew has it.
    let opened = try Workspace.open(folder: scratch.path + "/w")
    #expect(WorkspaceTools(opened).warnings(functions: opened.functions.map(\.name)) == [])
    #expect(WorkspaceTools(opened).faults.isEmpty)
  }

  @Test func `two that swap their names swap what answers them`() throws {
    rename("get", to: "send")
    rename("send", to: "get")
    desk.type("<C-s>")
    #expect(files("mocks") == ["get.json", "send.json"])
    #expect(try scratch.text("w/mocks/send.json").contains("晴"))
    #expect(try scratch.text("w/mocks/get.json").contains("sent"))
    // Only one had a command and recordings; they moved.
    #expect(files("commands") == ["get.json"])
    #expect(files("recordings") == ["send.jsonl"])
    #expect(try rules()[0]["function"] == "get")
  }

  @Test func `a file under the new name is not written over, and that is said`() throws {
    try scratch.write("w/mocks/old.json", #"{"otherwise": {"result": "kept"}}"#)
    desk.session.open(try Workspace.open(folder: scratch.path + "/w"))
    rename("get", to: "old")
    desk.type("<C-s>")
    #expect(desk.session.notice?.notice.text == "saved; mocks has a file for old already; that of get stays where it is")
    #expect(try scratch.text("w/mocks/old.json").contains("kept"))
    #expect(try scratch.text("w/mocks/get.json").contains("晴"))
    #expect(files("recordings") == ["old.jsonl"])
  }

  @Test func `two functions of one name are not saved over one another`() throws {
    rename("get", to: "send")
    desk.type("<C-s>")
    #expect(desk.session.notice?.notice.text == "two functions would be functions/send.json; rename one, nothing is saved")
    #expect(files("functions") == ["get.json", "send.json"])
    #expect(try scratch.text("w/functions/get.json").contains("\"get\""))
  }

  @Test func `a rename that is not saved changes nothing when something else is`() {
    rename("send", to: "post")
    desk.session.request(.save([.mock(MockDocument(name: "get", value: ["otherwise": ["result": 1]]))]))
    desk.send(.tick)
    #expect(files("commands") == ["send.json"])
    #expect(desk.session.tools.way(of: "send") == .command)
    #expect(desk.session.functions.contains { $0.rename?.new == "post" })
  }
}
