import Testing

@Suite struct CommandLineTests {
  @Test(arguments: [
    (["--frobnicate"], "lathe: workbench has no option \"--frobnicate\"; \"lathe help workbench\" lists them\n"),
    (
      ["run", "--tool-choice", "wether", "--prompt", "x"],
      "lathe: --tool-choice is \"wether\"; auto, none, required or a function's name is expected, and the functions "
        + "are get_weather\n"
    ),
    (["run", "--temperature", "hot", "--prompt", "x"], "lathe: --temperature is \"hot\"; a number is expected\n"),
    (["help", "frobnicate"], "lathe: there is no command \"frobnicate\"; \"lathe help\" lists them\n"),
    (["inspect", "--model"], "lathe: --model needs a value: --model MODEL\n"),
    (["inspect", "--model=mini", "--model=mini"], "lathe: --model is given twice\n"),
    (["inspect", "--json=1"], "lathe: --json takes no value; found \"1\"\n"),
    (["inspect", "a"], "lathe: inspect does not take \"a\"; \"lathe help inspect\" shows how it is used\n"),
  ])
  func `bad usage is exit code 2 and one sentence`(arguments: [String], sentence: String) throws {
    let outcome = try Program.run(arguments)
    #expect(outcome.error == sentence)
    #expect(outcome.output == "")
    #expect(outcome.code == 2)
  }

  @Test func `the version is one line`() throws {
    let outcome = try Program.run(["--version"])
    #expect(outcome.output.hasPrefix("lathe ") && outcome.lines.count == 1)
    #expect(outcome.code == 0)
  }

  @Test(arguments: ["workbench", "run", "compare", "inspect", "tokenize", "render"])
  func `every command is in the overview and has a page with its options`(name: String) throws {
    let overview = try Program.run(["help"])
    #expect(overview.output.contains(name == "workbench" ? "lathe [WORKSPACE]" : "lathe \(name)"))
    let page = try Program.run(["help", name])
    #expect(page.code == 0)
    #expect(page.output.contains("--"))
    #expect(page.output.split(separator: "\n").allSatisfy { $0.count <= 120 }, "\(page.output)")
  }
}
