import Foundation
import JSON
import TestSupport
import Testing

@Suite struct RevisionsCommandTests {
  /// By sha256sum, of `{"a": 1}` and `{"a": 2}` with their line breaks.
  private static let one = "e8c628edc9968ef0c668f54e0ba2636b35503357eb1aca0ddc828aeace432f67"
  private static let two = "4356524800e99cb1d0f41e9376cc484ece80e8ccef54d6152ea3a7a89a160c33"

  /// A workspace whose one function was saved twice.
  private static func workspace() throws -> ScratchFolder {
    let scratch = try ScratchFolder()
    func write(_ text: String, _ path: String) throws {
      let url = URL(fileURLWithPath: "\(scratch.path)/w/\(path)")
      try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try text.write(to: url, atomically: true, encoding: .utf8)
    }
    try write(#"{"title": "w"}"#, "workspace.json")
    try write("{\"a\": 2}\n", "functions/f.json")
    try write("{\"a\": 1}\n", "revisions/objects/\(one).json")
    try write("{\"a\": 2}\n", "revisions/objects/\(two).json")
    try write(
      """
      {"time": "2026-03-01T09:30:00Z", "event": "saved", "path": "functions/f.json", "hash": "\(one)"}
      {"time": "2026-03-02T09:30:00Z", "event": "saved", "path": "functions/f.json", "hash": "\(two)", "parent": "\(one)"}

      """, "revisions/index.jsonl")
    return scratch
  }

  private static func run(_ words: String..., in scratch: ScratchFolder) throws -> Program.Outcome {
    try Program.run(["revisions", "--workspace", scratch.path + "/w"] + words, home: scratch)
  }

  @Test func `the list has each saved state, with --json as it stands in the index`() throws {
    let scratch = try Self.workspace()
    #expect(
      try Self.run(in: scratch).output == """
        e8c628edc996  2026-03-01T09:30:00Z  saved     functions/f.json
        4356524800e9  2026-03-02T09:30:00Z  saved     functions/f.json

        """)
    let lines = try Self.run("list", "--json", in: scratch).lines
    #expect(try lines.map { try JSONValue(parsing: $0)["hash"]?.string } == [Self.one, Self.two])
    #expect(try Self.run("--of", "g", in: scratch).error == "lathe: nothing has been saved yet under the name g\n")
  }

  @Test func `states are shown, compared and brought back by the beginning of their hashes`() throws {
    let scratch = try Self.workspace()
    #expect(try Self.run("show", "e8c6", in: scratch).output == "{\"a\": 1}\n")
    let difference = "@@ -1 +1 @@\n-{\"a\": 1}\n+{\"a\": 2}\n"
    #expect(try Self.run("diff", "e8c6", "4356", in: scratch).output == "--- e8c6\n+++ 4356\n\(difference)")
    #expect(try Self.run("diff", "e8c6", in: scratch).output == "--- e8c6\n+++ functions/f.json\n\(difference)")
    #expect(try Self.run("restore", "e8c6", in: scratch).code == 0)
    #expect(try String(contentsOfFile: scratch.path + "/w/functions/f.json", encoding: .utf8) == "{\"a\": 1}\n")
    #expect(try Self.run("list", in: scratch).lines.last?.contains("restored  functions/f.json") == true)
    #expect(try Self.run("diff", "e8c6", in: scratch).error == "lathe: e8c6 and functions/f.json are equal\n")
  }

  @Test(arguments: [
    (["show", "ffff"], 3, "no hash begins with ffff"),
    (["show", "e8"], 3, "at least four hexadecimal digits"),
    (["restore"], 2, "\"restore\" is not list, show HASH, diff HASH [HASH] or restore HASH"),
  ] as [([String], Int32, String)])
  func `a hash or a word that is none is refused`(words: [String], code: Int32, sentence: String) throws {
    let scratch = try Self.workspace()
    let outcome = try Program.run(["revisions", "--workspace", scratch.path + "/w"] + words, home: scratch)
    #expect(outcome.code == code)
    #expect(outcome.error.contains(sentence))
  }
}
