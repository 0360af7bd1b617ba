import Foundation
import JSON
import TestSupport
import Testing
import Tools

/// Programs of the base system, run as functions. What they print is known from their manuals.
@Suite struct CommandFunctionTests {
  static func command(_ json: String) throws -> CommandFunction {
    try CommandFunction(name: "f", JSONValue(parsing: json), path: "commands/f.json")
  }

  static func run(
    _ json: String, _ arguments: JSONObject = [:], in scratch: ScratchFolder? = nil
  ) async throws -> ToolResult {
    let folder = try scratch ?? ScratchFolder()
    return try await command(json).run(arguments, workspace: folder.path)
  }

  @Test func `placeholders are filled with the arguments, each one word whatever is in it`() async throws {
    let result = try await Self.run(
      #"{"argv": ["printf", "%s|%s|%s|{{%s}}", "{city:string}", "n={days:integer}", "{exact?:boolean}", "x{n:number}"]}"#,
      ["city": "深圳; rm -rf $HOME `id`\n'\"", "days": 3.0, "exact": true, "n": -1.50])
    #expect(result == .value("深圳; rm -rf $HOME `id`\n'\"|n=3|true|{x-1.5}"))
  }

  @Test func `an optional argument that is not there takes its element away`() async throws {
    let result = try await Self.run(#"{"argv": ["printf", "<%s>", "a", "--days={days?:integer}", "b"]}"#)
    #expect(result == .value("<a><b>"))
  }

  @Test func `the arguments are on standard input as JSON, and JSON that comes back is a value`() async throws {
    let result = try await Self.run(#"{"argv": ["cat"]}"#, ["city": "北京", "n": [1, 2.50]])
    #expect(result.content == #"{"city": "北京", "n": [1, 2.5]}"#)
    #expect(try await Self.run(#"{"argv": ["cat"], "stdin": "none"}"#, ["city": "北京"]) == .value(""))
  }

  @Test func `a program that does not read its input, and a large input, are no trouble`() async throws {
    let long = String(repeating: "天", count: 300_000)
    #expect(try await Self.run(#"{"argv": ["echo", "ok"]}"#, ["text": .string(long)]) == .value("ok"))
    let echoed = try await Self.run(#"{"argv": ["cat"], "output_limit_bytes": 1000000}"#, ["text": .string(long)])
    #expect(echoed == .value(.object(["text": .string(long)])))
  }

  @Test func `the environment is clean, and the folder is the workspace's`() async throws {
    let scratch = try ScratchFolder()
    setenv("LATHE_TEST_SECRET", "hunter2", 1)
    setenv("LATHE_TEST_SHARED", "yes", 1)
    let result = try await Self.run(
      #"{"argv": ["env"], "environment": {"MODE": "a b", "LANG": "C"}, "inherit": ["LATHE_TEST_SHARED"]}"#, in: scratch)
    #expect(
      Set(result.content.split(separator: "\n")) == [
        "PATH=/usr/local/bin:/usr/bin:/bin", "LANG=C", "MODE=a b", "LATHE_TEST_SHARED=yes",
      ])
    try scratch.write("data/sub/note.txt", "x")
    let folder = try await Self.run(#"{"argv": ["pwd"], "folder": "data/sub"}"#, in: scratch)
    #expect(folder.content.hasSuffix("/\(scratch.name)/data/sub"))
  }

  @Test func `no file that is open here is open there`() async throws {
    let scratch = try ScratchFolder()
    let file = open(try scratch.write("secret", "x"), O_RDONLY)
    defer { close(file) }
    let result = try await Self.run(#"{"argv": ["ls", "/proc/self/fd"]}"#, in: scratch)
    // 3 is the folder that ls itself reads.
    #expect(result.content == "0\n1\n2\n3")
  }

  @Test func `what takes too long is killed with everything it started in its group`() async throws {
    let scratch = try ScratchFolder()
    try scratch.write("slow.sh", "#!/bin/sh\nsleep 61 & echo $! >child\nwait\n")
    chmod(scratch.path + "/slow.sh", 0o755)
    let result = try await Self.run(#"{"argv": ["./slow.sh"], "time_limit_ms": 300}"#, in: scratch)
    #expect(result == .error("./slow.sh took longer than 300 ms and was killed"))
    let child = try #require(pid_t(try scratch.text("child").trimmingCharacters(in: .whitespacesAndNewlines)))
    try await expectGone(child)
  }

  @Test func `what a program leaves behind in its group ends with it`() async throws {
    let scratch = try ScratchFolder()
    try scratch.write("leave.sh", "#!/bin/sh\nsleep 62 & echo $! >child\necho done\n")
    chmod(scratch.path + "/leave.sh", 0o755)
    #expect(try await Self.run(#"{"argv": ["./leave.sh"]}"#, in: scratch) == .value("done"))
    let child = try #require(pid_t(try scratch.text("child").trimmingCharacters(in: .whitespacesAndNewlines)))
    try await expectGone(child)
  }

  @Test func `cancelling the task ends the program`() async throws {
    let scratch = try ScratchFolder()
    let command = try Self.command(#"{"argv": ["sleep", "63"], "time_limit_ms": 60000}"#)
    let task = Task { await command.run([:], workspace: scratch.path) }
    try await Task.sleep(for: .milliseconds(100))
    task.cancel()
    #expect(await task.value == .error("sleep was stopped by the user"))
  }

  /// Killed, and reaped by whoever inherited it.
  private func expectGone(_ process: pid_t) async throws {
    for _ in 0..<200 {
      let state = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)
      if state == nil || state?.contains(") Z ") == true { return }
      try await Task.sleep(for: .milliseconds(10))
    }
    Issue.record("process \(process) is still there")
  }

  @Test(arguments: [
    (#"{"argv": ["sh", "-c", "echo one; echo two >&2; exit 3"]}"#, "sh ended with exit status 3: two"),
    (#"{"argv": ["sh", "-c", "kill -9 $$"]}"#, "sh was ended by signal 9"),
    (#"{"argv": ["yes"], "output_limit_bytes": 5000}"#, "yes wrote more than 5000 bytes and was killed"),
    (#"{"argv": ["printf", "\\377"]}"#, "printf wrote something that is not UTF-8"),
    (#"{"argv": ["no-such-program"]}"#, "the program no-such-program was not found, or may not be run"),
    (#"{"argv": ["echo", "{n:integer}"]}"#, "the argument \"n\" is \"five\"; the command takes integer there"),
    (#"{"argv": ["echo", "{option:string}"]}"#,
      "the argument \"option\" begins with \"-\", which the program would take for an option"),
    (#"{"argv": ["echo", "{missing:string}"]}"#, "the command needs the argument \"missing\""),
    (#"{"argv": ["cat", "{up:path}"]}"#,
      "the argument \"up\" names \"../etc/passwd\", which is not inside the workspace's folder"),
    (#"{"argv": ["cat", "{root:path}"]}"#,
      "the argument \"root\" names \"/etc/passwd\", which is not inside the workspace's folder"),
    (#"{"argv": ["cat", "{link:path}"]}"#,
      "the argument \"link\" names \"out/passwd\", which is not inside the workspace's folder"),
    (#"{"argv": ["cat", "{new:path}"]}"#,
      "the argument \"new\" names \"none/../../etc/passwd\", which is not inside the workspace's folder"),
  ])
  func `what goes wrong is an error that the model is told`(json: String, sentence: String) async throws {
    let scratch = try ScratchFolder()
    symlink("/etc", scratch.path + "/out")
    let arguments: JSONObject = [
      "n": "five", "option": "--help", "up": "../etc/passwd", "root": "/etc/passwd", "link": "out/passwd",
      "new": "none/../../etc/passwd",
    ]
    #expect(try await Self.run(json, arguments, in: scratch) == .error(sentence))
  }

  @Test func `a path inside the workspace is made absolute, whether or not it exists`() async throws {
    let scratch = try ScratchFolder()
    try scratch.write("notes/a b.txt", "北京")
    #expect(try await Self.run(#"{"argv": ["cat", "{p:path}"]}"#, ["p": "notes/a b.txt"], in: scratch) == .value("北京"))
    let made = try await Self.run(#"{"argv": ["echo", "{p:path}"]}"#, ["p": "new/-x"], in: scratch)
    #expect(made.content.hasPrefix("/") && made.content.hasSuffix("/\(scratch.name)/new/-x"))
  }

  @Test func `without a folder nothing is run`() async throws {
    #expect(
      try await Self.command(#"{"argv": ["date"]}"#).run([:], workspace: nil)
        == .error("f runs a command, and this workspace has no folder yet; save it first"))
  }

  @Test(arguments: [
    ("{}", "commands/f.json#/argv: found nothing; an array with the program and its arguments is expected"),
    (#"{"argv": "date; ls"}"#, "commands/f.json#/argv: found \"date; ls\"; an array of strings is expected"),
    (#"{"argv": ["{program:string}"]}"#,
      "commands/f.json#/argv/0: the program itself cannot have a placeholder; found \"{program:string}\""),
    (#"{"argv": ["echo", "{city}"]}"#,
      "commands/f.json#/argv/1: found \"{city}\"; {name:type} or {name?:type} with one of the types string, integer, number, boolean, path is expected"
    ),
    (#"{"argv": ["echo", "{city:string"]}"#,
      "commands/f.json#/argv/1: the placeholder that begins with \"{city:string\" has no end; a brace itself is \"{{\""),
    (#"{"argv": ["echo", "a}"]}"#, "commands/f.json#/argv/1: found a single \"}\"; a brace itself is \"}}\""),
    (#"{"argv": ["ls"], "folder": "a/../.."}"#,
      "commands/f.json#/folder: found \"a/../..\"; a folder inside the workspace is expected"),
    (#"{"argv": ["ls"], "time_limit_ms": 0}"#,
      "commands/f.json#/time_limit_ms: found 0; milliseconds from 1 to 3600000 are expected"),
    (#"{"argv": ["ls"], "shell": true}"#,
      "commands/f.json#/shell: not a member of a command; \"argv\", \"stdin\", \"time_limit_ms\", \"output_limit_bytes\", \"folder\", \"environment\" and \"inherit\" are"
    ),
  ])
  func `a faulty command is refused with the place`(json: String, sentence: String) {
    #expect {
      try Self.command(json)
    } throws: { error in
      String(describing: error) == sentence
    }
  }
}
