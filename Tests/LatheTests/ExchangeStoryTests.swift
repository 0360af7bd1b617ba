import Foundation
import JSON
import TestSupport
import Testing

/// A definition's life in a real terminal: drafted, saved, changed and gone back to, exported, and another one imported.
@Suite(.serialized, .enabled(if: Tmux.isInstalled, "tmux is not installed"))
struct ExchangeStoryTests {
  @Test func `draft, save, go back, export and import`() throws {
    let terminal = try Tmux(columns: 120, rows: 40, ["weather"])
    let folder = terminal.scratch.path + "/data/lathe/workspaces/weather"
    func file(_ name: String) -> String { (try? String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)) ?? "" }
    try terminal.wait(for: "idle")
    try terminal.press("Escape")

    // From samples to a function with a description.
    try terminal.press("2", "A")
    try terminal.wait(for: "Draft a function")
    try terminal.type("get_forecast")
    try terminal.press("Tab")
    try terminal.paste("{\"city\": \"北京\", \"days\": 3}\n{\"city\": \"上海\"}")
    let drafted = try terminal.wait(for: "the definition, from 2 samples")
    #expect(drafted.contains("{\"city\": \"上海\"}"))
    try terminal.press("Enter")
    try terminal.wait(for: "get_forecast is drafted, not saved yet")
    try terminal.type("查询天气预报")
    try terminal.press("Escape")
    try terminal.press("C-s")
    try terminal.wait("the first state on disk") { _ in file("functions/get_forecast.json").contains("查询天气预报") }
    let first = file("functions/get_forecast.json")
    #expect(try JSONValue(parsing: first)["function"]?["parameters"]?["required"] == ["city"])
    #expect(first.contains("\"description\": \"查询天气预报\""))

    // A second state, the difference from the first, and back.
    try terminal.press("Enter")
    try terminal.type("按城市")
    try terminal.press("Escape")
    try terminal.press("C-s")
    try terminal.wait("the second state on disk") { _ in file("functions/get_forecast.json").contains("查询天气预报按城市") }
    try terminal.press("M-r")
    let compared = try terminal.wait("the two states") {
      $0.contains("Revisions of get_forecast") && $0.contains("+     \"description\": \"查询天气预报按城市\"")
    }
    #expect(compared.contains("-     \"description\": \"查询天气预报\""))
    try terminal.press("j", "Enter")
    try terminal.wait(for: "get_forecast is as it was in")
    #expect(file("functions/get_forecast.json") == first)

    // Out: the file is what the command writes.
    try terminal.press("x")
    try terminal.wait(for: "Export get_forecast")
    try terminal.press("j", "j", "s")
    try terminal.wait(for: "write to get_forecast.anthropic.json")
    try terminal.press("Enter")
    try terminal.wait(for: "written to get_forecast.anthropic.json")
    let exported = try String(contentsOfFile: terminal.scratch.path + "/get_forecast.anthropic.json", encoding: .utf8)
    let command = try Program.run(["export", folder, "--to", "anthropic", "--function", "get_forecast"])
    #expect(command.code == 0 && command.output == exported)
    try terminal.press("Escape")

    // In: one that is there and differs is asked about, a new one is taken.
    let tools = #"{"tools": [{"name": "get_weather", "inputSchema": {"type": "object"}}, {"name": "send_postcard", "description": "寄明信片", "inputSchema": {"type": "object", "properties": {"to": {"type": "string"}}}}]}"#
    try tools.write(toFile: terminal.scratch.path + "/tools.json", atomically: true, encoding: .utf8)
    try terminal.press("I")
    try terminal.wait(for: "Import functions")
    try terminal.type("tools.json")
    try terminal.press("Enter")
    try terminal.wait(for: "2 functions in tools.json: MCP tools/list")
    try terminal.press("Enter")
    try terminal.wait(for: "get_weather is there and says something else")
    // Chosen and left again: said to be left.
    try terminal.press("Space", "Space", "Enter")
    try terminal.wait(for: "1 function taken in, not saved yet")
    try terminal.press("C-s")
    try terminal.wait("the imported function on disk") { _ in file("functions/send_postcard.json").contains("寄明信片") }
    #expect(!file("functions/get_weather.json").contains("\"inputSchema\""))
    try terminal.press("C-c")
    try terminal.press("C-c")
    try terminal.wait(for: "exit code 0")
  }
}
