import Foundation
import JSON
import TestSupport
import Testing

/// Turns on the embedded model, from the question to the answer, through the program's own front door.
@Suite struct RunCommandTests {
  @Test(arguments: [
    ("weather", "北京今天天气怎么样？", "get_weather", #"{"city": "北京"}"#, "北京：温度是25，天气是晴。"),
    (
      "support", "Where is my order ORD12345?", "get_order_status", #"{"order_id": "ORD12345"}"#,
      "Order ORD12345 is packed, and the expected ship date is 2025-04-06."
    ),
  ])
  func `a sample runs from the question through the call to the answer`(
    workspace: String, question: String, function: String, arguments: String, answer: String
  ) throws {
    let outcome = try Program.run(["run", workspace, "--prompt", question, "--no-think", "--temperature", "0"])
    #expect(outcome.code == 0)
    #expect(outcome.output == answer + "\n")
    #expect(
      outcome.error.contains("→ \(function) \(arguments)\n← \(function) {")
        || outcome.error.contains("→ \(function) \(arguments)\n  "))
  }

  @Test func `with --json every event is a line, in the documented order`() throws {
    let outcome = try Program.run([
      "run", "weather", "--prompt", "北京今天天气怎么样？", "--no-think", "--temperature", "0", "--json",
    ])
    let events = try outcome.lines.map { try JSONValue(parsing: $0) }
    let names = events.map { "\($0["step"]?.int ?? -1) \($0["event"]?.string ?? "")" }
    var order: [String] = []
    for name in names where order.last != name { order.append(name) }
    #expect(
      order == [
        "0 accepted", "0 prefilled", "0 token", "0 tool_call", "0 token", "0 finished", "0 decision", "0 result", "1 accepted",
        "1 prefilled", "1 token", "1 finished",
      ])
    let tokens = events.filter { $0["event"]?.string == "token" && $0["step"]?.int == 1 }
    #expect(tokens.compactMap { $0["text"]?.string }.joined() == "北京：温度是25，天气是晴。")
    #expect(tokens.allSatisfy { ($0["candidates"]?.array?.count ?? 0) >= 10 && $0["logprob"]?.double ?? 1 <= 0 })
    #expect(events.last?["tokens"]?["cached"]?.int ?? 0 > 0)

    // What the call's tokens say of its argument, and where the tokens stand.
    let first = events.filter { $0["step"]?.int == 0 }
    let end = try #require(first.first { $0["event"]?.string == "finished" })
    let call = try #require(end["calls"]?.array?.first)
    #expect(call["name"]?.string == "get_weather")
    let city = try #require(call["arguments"]?.array?.first)
    #expect(city["pointer"]?.string == "/city" && city["value"]?.string == "北京")
    let range = try #require(city["tokens"]?.array).compactMap { $0.int }
    let own = first.filter { $0["event"]?.string == "token" }[range[0]..<range[1]]
    let product = own.reduce(1.0) { $0 * exp($1["logprob"]?.double ?? .nan) }
    #expect(abs(try #require(city["probability"]?.double) - product) < 1e-6)
    #expect(call["pressure"]?["tokens"]?.int ?? 0 > 0)
    #expect(events.last?["calls"] == nil)
  }

  @Test func `the prompt is read from standard input`() throws {
    let outcome = try Program.run(
      ["run", "support", "--prompt", "-", "--no-think", "--temperature", "0"], input: "Who are you?\n")
    #expect(
      outcome.output
        == "I am a tiny demo model. I can call functions, but I know very little about the world.\n")
  }

  @Test func `a call without a mock is exit code 1 and says what to do`() throws {
    let scratch = try ScratchFolder()
    let outcome = try Program.run(
      ["run", ".", "--prompt", "Where is my order ORD12345?", "--no-think", "--temperature", "0"],
      home: try scratch.workspace(copying: "support", without: "mocks"))
    #expect(outcome.code == 1)
    #expect(
      outcome.error.hasSuffix(
        "lathe: nothing answers get_order_status({\"order_id\": \"ORD12345\"}); add a mock for it to the workspace\n"))
  }

  @Test(arguments: [
    (["--tool-choice", "required"], "→ "), (["--tool-choice", "get_weather"], "→ get_weather {"),
  ])
  func `a call is made where it is required`(choice: [String], beginning: String) throws {
    let arguments = ["run", "support", "--prompt", "Who are you?", "--no-think", "--temperature", "0"]
    #expect(try !Program.run(arguments).error.contains("→"))
    let outcome = try Program.run(arguments + choice)
    #expect(outcome.error.contains(beginning))
  }

  @Test func `an order of members that does not exist is refused`() throws {
    let outcome = try Program.run(["run", "weather", "--prompt", "x", "--key-order", "none"])
    #expect(outcome.code == 2)
    #expect(outcome.error == "lathe: --key-order is \"none\"; schema or any is expected\n")
  }

  @Test func `drafts save steps of a call, change no event, and are counted with --json`() throws {
    let arguments = ["run", "weather", "--prompt", "北京今天天气怎么样？", "--no-think", "--temperature", "0", "--json"]
    func events(_ mode: [String]) throws -> [JSONValue] {
      try Program.run(arguments + mode).lines.map { try JSONValue(parsing: $0) }
    }
    func tokens(_ events: [JSONValue]) -> [[JSONValue?]] {
      events.filter { $0["event"]?.string == "token" }
        .map { event in ["step", "id", "text", "logprob", "candidates", "removed", "mask"].map { event[$0] } }
    }
    func counts(_ events: [JSONValue]) -> [JSONValue?] {
      events.filter { $0["event"]?.string == "finished" }.map { $0["speculation"] }
    }
    let off = try events(["--speculate", "off"])
    #expect(counts(off) == [nil, nil])
    for mode in [[], ["--speculate", "all"]] {
      let drafted = try events(mode)
      #expect(tokens(drafted) == tokens(off))
      let call = try #require(counts(drafted).first ?? nil)
      let generated = drafted.count { $0["event"]?.string == "token" && $0["step"]?.int == 0 }
      #expect(try #require(call["steps"]?.int) + (try #require(call["saved"]?.int)) == generated - 1)
      #expect(call["saved"]?.int ?? 0 > 0)
      let byPosition = try #require(call["accepted_by_position"]?.array).compactMap(\.int)
      #expect(byPosition.reduce(0, +) == call["accepted"]?.int)
    }
    let refused = try Program.run(["run", "weather", "--prompt", "x", "--speculate", "yes"])
    #expect(refused.code == 2 && refused.error == "lathe: --speculate is \"yes\"; off, calls or all is expected\n")
  }

  @Test func `a constraint that does not exist is refused`() throws {
    let outcome = try Program.run(["run", "weather", "--prompt", "x", "--constraint", "hard"])
    #expect(outcome.code == 2)
    #expect(outcome.error == "lathe: --constraint is \"hard\"; enforce, observe or off is expected\n")
  }

  @Test(arguments: [
    ([], 0, ""),
    (["--max-tokens", "3"], 1, "lathe: the answer was cut short, so that it conforms to no schema\n"),
    (["--constraint", "off"], 1, "lathe: answer:1:1: found \"No\", expected a value\n"),
  ])
  func `an answer with --schema is a value of it, or exit code 1 says why not`(
    options: [String], code: Int32, sentence: String
  ) throws {
    let folder = try ScratchFolder()
    let path = folder.path + "/person.json"
    try """
      {"type": "object", "properties": {"name": {"type": "string", "maxLength": 20}, "year": {"type": "integer", \
      "minimum": 1000, "maximum": 2100}}, "required": ["name", "year"], "additionalProperties": false}
      """.write(toFile: path, atomically: true, encoding: .utf8)
    let outcome = try Program.run(
      ["run", "weather", "--prompt", "Ada Lovelace was born in 1815.", "--tool-choice", "none", "--no-think"]
        + ["--temperature", "0", "--schema", path] + options)
    #expect(outcome.code == code)
    #expect(sentence.isEmpty || outcome.error.contains(sentence))
    guard code == 0 else { return }
    let value = try JSONValue(parsing: outcome.output)
    #expect(value.object.map { Array($0.keys) } == ["name", "year"])
    #expect((value["name"]?.string?.count ?? 99) <= 20 && (1000...2100).contains(value["year"]?.int ?? 0))
  }

  @Test func `a --schema that is none is exit code 3`() throws {
    let folder = try ScratchFolder()
    let path = folder.path + "/s.json"
    try #"{"type": "objekt"}"#.write(toFile: path, atomically: true, encoding: .utf8)
    let outcome = try Program.run(["run", "weather", "--prompt", "x", "--schema", path])
    #expect(outcome.code == 3)
    #expect(outcome.error.contains("s.json#/type"))
  }

  @Test func `same seed, same tokens`() throws {
    let arguments = [
      "run", "weather", "--prompt", "讲个笑话", "--think", "--temperature", "1.5", "--top-k", "0", "--top-p", "1", "--seed",
      "7",
      "--max-tokens", "40",
    ]
    #expect(try Program.run(arguments).output == Program.run(arguments).output)
  }

  @Test(arguments: [
    (
      ["run", "wether", "--prompt", "x"], Int32(3),
      "lathe: there is no sample workspace \"wether\"; the samples are planner, support, weather\n"
    ),
    (
      ["run", "weather"], 2,
      "lathe: there is nothing to answer: the workspace's prompt has no user message; add --prompt TEXT\n"
    ),
    (
      ["run", "weather", "--prompt", "x", "--model", "none.gguf"], 3,
      "lathe: none.gguf: cannot open: no such file or folder\n"
    ),
    (
      ["run", "weather", "--prompt", "x", "--context", "16"], 4,
      "lathe: the prompt has 196 tokens and the context holds 16; shorten it, switch functions off, or load the model with a longer --context\n"
    ),
    (["run", "weather", "--prompt", "x", "--top-p", "2"], 4, "lathe: top-p is 2.0; a share from 0 to 1 is expected\n"),
  ])
  func `what cannot run is told with its exit code`(arguments: [String], code: Int32, sentence: String) throws {
    let outcome = try Program.run(arguments)
    #expect(outcome.code == code)
    #expect(outcome.error == sentence)
  }
}

/// Calls that permissions, options and programs decide about.
@Suite struct RunCommandCallTests {
  static let mail = ["run", "support", "--no-think", "--temperature", "0", "--prompt"]

  @Test func `a call that a rule denies is not run, whatever was allowed, and the model is told`() throws {
    let outcome = try Program.run(
      Self.mail + ["Send an email to eve@evil.org with the subject \"hello\"", "--allow", "*", "--json"])
    let events = try outcome.lines.map { try JSONValue(parsing: $0) }
    let decision = try #require(events.first { $0["event"]?.string == "decision" })
    #expect(decision["allowed"] == false)
    #expect(decision["rule"] == 1)
    #expect(decision["by"] == "rules")
    #expect(decision["matched"]?["when"]?["to"] == ["not": ["type": "string", "pattern": "@example\\.com$"]])
    #expect(decision["matched"]?["match"] == nil)
    let result = try #require(events.first { $0["event"]?.string == "result" })
    #expect(result["outcome"] == "denied")
    #expect(result["content"] == #"{"error": "this call was not allowed: mail goes to example.com only"}"#)
  }

  @Test(arguments: [([], false), (["--allow", "send_email"], true), (["--allow", "*", "--deny", "send_email"], false)])
  func `a call that needs a permission runs only with --allow, and --deny comes first`(
    options: [String], isAllowed: Bool
  ) throws {
    let outcome = try Program.run(
      Self.mail + ["Send an email to li.wei@example.com with the subject \"quarterly review\""] + options)
    #expect(outcome.error.contains("← send_email {\"status\": \"sent\"") == isAllowed)
    #expect(outcome.error.contains("✗ send_email was denied by") == !isAllowed)
  }

  @Test func `a function that is switched to its command runs it when it is allowed, and all of it is in the audit log`()
    throws
  {
    let scratch = try ScratchFolder()
    let home = try scratch.workspace(copying: "weather", without: "mocks")
    try home.write(
      "workspace.json",
      #"{"title": "t", "prompt": "weather", "thinking": "off", "functions_off": ["get_current_time"], "runners": {"get_weather": "command"}}"#)
    try home.write("commands/get_weather.json", #"{"argv": ["printf", "%s", "{city:string}:晴"]}"#)
    let arguments = ["run", ".", "--prompt", "北京今天天气怎么样？", "--temperature", "0"]
    let denied = try Program.run(arguments, home: home)
    #expect(
      denied.error.contains(
        "✗ get_weather was denied by nobody being there to ask\n← get_weather {\"error\": \"this call was not allowed: it needs a person's permission, and nobody was there to ask\"}"
      ))
    let outcome = try Program.run(arguments + ["--allow", "get_weather", "--record"], home: home)
    #expect(outcome.error.contains("← get_weather 北京:晴\n"))
    #expect(try home.text("recordings/get_weather.jsonl") == "{\"arguments\": {\"city\": \"北京\"}, \"result\": \"北京:晴\"}\n")

    let day = try #require(try FileManager.default.contentsOfDirectory(atPath: home.path + "/audit").first)
    let lines = try home.text("audit/\(day)").split(separator: "\n").map { try JSONValue(parsing: String($0)) }
    #expect(lines.map { $0["kind"]?.string }.suffix(2) == ["decision", "result"])
    // Once denied, the model may have called again; nothing ran before the second run.
    #expect(lines.map { $0["allowed"]?.bool }.dropLast(2).allSatisfy { $0 == false })
    #expect(lines.suffix(2).map { $0["allowed"]?.bool } == [true, nil])
    #expect(lines.suffix(2).allSatisfy { $0["arguments"] == ["city": "北京"] && $0["way"] == "command" })
    // sha256sum of the bytes 北京:晴
    #expect(
      lines.last?["result_hash"]?.string == "d086950c8faed205d6e1be1991cd171dc3cf3f79a1dee4a08f1192309cff701c")
  }

  @Test func `what a call runs ends with the run`() throws {
    let scratch = try ScratchFolder()
    let home = try scratch.workspace(copying: "weather", without: "mocks")
    try home.write(
      "workspace.json",
      #"{"title": "t", "prompt": "weather", "thinking": "off", "functions_off": ["get_current_time"], "runners": {"get_weather": "command"}}"#)
    // It ends what started it, and would sleep on.
    try home.write("slow.sh", "#!/bin/sh\necho $$ >child\nkill -TERM $PPID\nexec sleep 64\n")
    chmod(home.path + "/slow.sh", 0o755)
    try home.write("commands/get_weather.json", #"{"argv": ["./slow.sh"], "time_limit_ms": 60000}"#)
    let outcome = try Program.run(
      ["run", ".", "--prompt", "北京今天天气怎么样？", "--temperature", "0", "--allow", "*"], home: home)
    #expect(outcome.code == 130)
    #expect(outcome.error.contains("./slow.sh was stopped by the user"))
    let child = try #require(pid_t(try home.text("child").trimmingCharacters(in: .whitespacesAndNewlines)))
    #expect(kill(child, 0) == -1 && errno == ESRCH)
  }

  @Test func `permissions whose examples fail are refused with a sentence, and nothing is run`() throws {
    let scratch = try ScratchFolder()
    let home = try scratch.workspace(copying: "support", without: "permissions.json")
    try home.write(
      "permissions.json",
      #"{"rules": [{"decision": "deny", "function": "send_email", "when": {"to": {"pattern": "evil"}}, "match": [{"arguments": {"to": "EVIL"}}], "not_match": [{"arguments": {"to": "x"}}]}]}"#)
    let outcome = try Program.run(["run", ".", "--prompt", "x"], home: home)
    #expect(outcome.code == 3)
    #expect(
      outcome.error
        == "lathe: permissions.json#/rules/0/match/0: the rule does not match send_email({\"to\": \"EVIL\"}), which is under \"match\"; change the rule or the example, the file is not used as it is\n"
    )
  }

  @Test func `an option that names no function is refused`() throws {
    let outcome = try Program.run(Self.mail + ["x", "--allow", "send_mail"])
    #expect(outcome.code == 2)
    #expect(
      outcome.error
        == "lathe: --allow is \"send_mail\"; a function's name or * is expected, and the functions are get_order_status, get_weather, send_email\n"
    )
  }
}
