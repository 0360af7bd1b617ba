import Engine
import JSON
import Synchronization
import TestSupport
import Testing
import Tools

extension FunctionDefinition {
  /// A function of one string, with the schema of its result if one is given.
  static func scripted(_ name: String, _ parameter: String, output: JSONValue? = nil) throws -> FunctionDefinition {
    var function: JSONObject = [
      "name": .string(name),
      "parameters": [
        "type": "object", "properties": .object([parameter: ["type": "string"]]), "required": .array([.string(parameter)]),
      ],
    ]
    function["outputSchema"] = output
    return try FunctionDefinition(.object(function))
  }
  static var weather: FunctionDefinition { get throws { try scripted("get_weather", "city") } }
}

/// Someone with prepared answers, who keeps what was asked.
private final class PreparedSupervisor: CallSupervisor {
  let answers: Mutex<[PermissionAnswer]>
  let asked = Mutex<[PermissionRequest]>([])
  let typed: ToolResult?
  let wanted = Mutex<[ToolCall]>([])

  init(_ answers: [PermissionAnswer] = [], typed: ToolResult? = nil) {
    self.answers = Mutex(answers)
    self.typed = typed
  }

  func permission(for request: PermissionRequest) async -> PermissionAnswer? {
    asked.withLock { $0.append(request) }
    return answers.withLock { $0.isEmpty ? nil : $0.removeFirst() }
  }

  func result(of call: ToolCall) async -> ToolResult? {
    wanted.withLock { $0.append(call) }
    return typed
  }
}

@Suite struct CallRunnerTests {
  static func mail(_ to: String) -> ToolCall { ToolCall(name: "send_email", arguments: ["to": .string(to)]) }

  private static func runner(
    _ supervisor: PreparedSupervisor = PreparedSupervisor(), allowed: Set<String> = []
  ) throws -> CallRunner {
    CallRunner(
      functions: [try .scripted("send_email", "to")],
      mocks: [try MockFunction(name: "send_email", JSONValue(parsing: #"{"otherwise": {"result": "sent"}}"#), path: "m")],
      permissions: try Permissions(JSONValue(parsing: PermissionsTests.mail), path: "permissions.json"), allowed: allowed,
      supervisor: supervisor)
  }

  @Test func `a call that a rule denies is not run, nobody is asked, and the model is told why`() async throws {
    let supervisor = PreparedSupervisor([.allowOnce])
    // Not even what was allowed for the session goes past a rule that denies.
    let outcomes = await (try Self.runner(supervisor, allowed: ["*"])).run([Self.mail("eve@evil.org")])
    #expect(outcomes.map(\.result) == [.error("this call was not allowed: only to our own domain")])
    #expect(supervisor.asked.withLock { $0.isEmpty })
  }

  @Test func `once allows one call, for the session the calls that follow too`() async throws {
    let calls = [Self.mail("a@example.com"), Self.mail("b@example.com"), Self.mail("c@example.com")]
    for (answers, count) in [([PermissionAnswer.allowOnce, .allowOnce, .allowOnce], 3), ([.allowOnce, .allowForSession], 2), ([.allowAsRule], 1)] {
      let supervisor = PreparedSupervisor(answers)
      let outcomes = await (try Self.runner(supervisor)).run(calls)
      #expect(outcomes.map(\.result) == Array(repeating: .value("sent"), count: 3))
      #expect(supervisor.asked.withLock { $0.map(\.call) } == Array(calls.prefix(count)))
      #expect(supervisor.asked.withLock { $0.first?.verdict.rule } == 1)
    }
  }

  @Test(arguments: [
    (PermissionAnswer?.some(.deny(reason: "not on a Sunday")), "this call was not allowed: not on a Sunday"),
    (.deny(reason: nil), "this call was not allowed"),
    (nil, "this call was not allowed: it needs a person's permission, and nobody was there to ask"),
  ])
  func `a person's no is told to the model, with the reason`(answer: PermissionAnswer?, sentence: String) async throws {
    let outcomes = await (try Self.runner(PreparedSupervisor(answer.map { [$0] } ?? []))).run([Self.mail("a@example.com")])
    #expect(outcomes.map(\.result) == [.error(sentence)])
  }

  @Test func `a person is asked for results in the calls' order`() async throws {
    let supervisor = PreparedSupervisor(typed: .value("sent"))
    let calls = (0..<50).map { Self.mail("\($0)@example.com") }
    let runner = CallRunner(
      functions: [try .scripted("send_email", "to")], ways: ["send_email": .manual], supervisor: supervisor)
    let outcomes = await runner.run(calls)
    #expect(outcomes.map(\.result) == Array(repeating: .value("sent"), count: 50))
    #expect(supervisor.wanted.withLock { $0 } == calls)
  }

  @Test func `calls of one turn run at once, and their results are in the calls' order`() async throws {
    let mock = try MockFunction(
      name: "get_weather",
      JSONValue(
        parsing:
          #"{"results": [{"when": {"city": "a"}, "result": "first", "delay_ms": 400}, {"when": {"city": "b"}, "result": "second", "delay_ms": 100}]}"#),
      path: "m")
    let finished = Mutex<[Int]>([])
    let calls = ["a", "b"].map { ToolCall(name: "get_weather", arguments: ["city": .string($0)]) }
    let outcomes = await CallRunner(functions: [try .weather], mocks: [mock]).run(calls) { index, progress in
      if case .finished = progress { finished.withLock { $0.append(index) } }
    }
    #expect(outcomes.map(\.result) == [.value("first"), .value("second")])
    // The second, which takes a quarter of the time, did not wait for the first.
    #expect(finished.withLock { $0 } == [1, 0])
  }

  @Test func `a result that does not conform to the output schema is an error that the model is told`() async throws {
    let function = try FunctionDefinition.scripted(
      "get_weather", "city",
      output: ["type": "object", "properties": ["temperature": ["type": "number"]], "required": ["temperature"]])
    let calls = ["深圳", "Oslo"].map { ToolCall(name: "get_weather", arguments: ["city": .string($0)]) }
    let mock = try MockFunction(
      name: "get_weather",
      JSONValue(
        parsing:
          #"{"results": [{"when": {"city": "深圳"}, "result": {"temperature": 29}}], "otherwise": {"result": {"temperature": "cold"}}}"#),
      path: "m")
    let outcomes = await CallRunner(functions: [function], mocks: [mock]).run(calls)
    #expect(
      outcomes.map(\.result) == [
        .value(["temperature": 29]),
        .error(
          "what get_weather returned does not conform to its output schema: /temperature: \"cold\" is a string, expected number"),
      ])
  }

  @Test func `a manual result is the person's; without one the call stays open`() async throws {
    let call = ToolCall(name: "get_weather", arguments: ["city": "深圳"])
    var runner = CallRunner(
      functions: [try .weather], ways: ["get_weather": .manual], supervisor: PreparedSupervisor(typed: ToolResult(text: "{\"a\": 1}")))
    #expect(await runner.run([call]).map(\.result) == [.value(["a": 1])])
    runner.supervisor = NoSupervisor()
    #expect(
      await runner.run([call]) == [
        .unresolved("get_weather({\"city\": \"深圳\"}) is answered by a person, and nobody is there")
      ])
  }

  @Test func `a command runs only when it is allowed, and not at all without a place to log it`() async throws {
    let scratch = try ScratchFolder()
    var runner = CallRunner(
      functions: [try .scripted("touch", "name")],
      commands: [
        try CommandFunction(name: "touch", JSONValue(parsing: #"{"argv": ["touch", "{name:path}"]}"#), path: "c")
      ],
      ways: ["touch": .command], folder: scratch.path)
    let call = ToolCall(name: "touch", arguments: ["name": "made"])
    #expect(await runner.run([call]).map(\.result?.isError) == [true])
    #expect((try? scratch.text("made")) == nil)

    struct Full: Error, CustomStringConvertible { let description = "the disk is full" }
    runner.allowed = ["touch"]
    runner.audit = { _ in throw Full() }
    #expect(
      await runner.run([call]).map(\.result) == [
        .error("touch is not run: the audit log cannot be written: the disk is full")
      ])
    #expect((try? scratch.text("made")) == nil)

    let records = Mutex<[AuditRecord]>([])
    runner.audit = { record in records.withLock { $0.append(record) } }
    #expect(await runner.run([call]).map(\.result) == [.value("")])
    #expect(try scratch.text("made") == "")
    guard case .decision(let decision)? = records.withLock({ $0.first }),
      case .result(call, .value(""), way: .command, _)? = records.withLock({ $0.last })
    else {
      Issue.record("the log is \(records.withLock { $0 })")
      return
    }
    #expect(decision.isAllowed && decision.source == .session && decision.verdict.permission == .ask)
  }

  @Test func `a rule that allows runs a program only where the rules are the user's own`() async throws {
    let scratch = try ScratchFolder()
    let rules = #"{"rules": [{"decision": "allow", "function": "*", "match": [{"arguments": {}}]}]}"#
    let supervisor = PreparedSupervisor()
    var runner = CallRunner(
      functions: [try .scripted("hello", "name")],
      commands: [try CommandFunction(name: "hello", JSONValue(parsing: #"{"argv": ["echo", "{name:string}"]}"#), path: "c")],
      ways: ["hello": .command], permissions: try PermissionsTests.permissions(rules), trustsRules: false,
      supervisor: supervisor, folder: scratch.path)
    let call = ToolCall(name: "hello", arguments: ["name": "世界"])
    #expect(await runner.run([call]).map(\.result?.isError) == [true])
    #expect(supervisor.asked.withLock { $0.map(\.verdict.permission) } == [.allow])
    runner.trustsRules = true
    #expect(await runner.run([call]).map(\.result) == [.value("世界")])
    #expect(supervisor.asked.withLock { $0.count } == 1)
    // What executes nothing is not asked about.
    runner.trustsRules = false
    runner.ways = [:]
    runner.mocks = [try MockFunction(name: "hello", ["otherwise": ["result": 1]], path: "m")]
    #expect(await runner.run([call]).map(\.result) == [.value(1)])
  }
}
