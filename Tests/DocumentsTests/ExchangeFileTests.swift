import Foundation
import JSON
import TestSupport
import Testing

@testable import Documents

@Suite struct ExchangeFileTests {
  @Test func `a new file is written, one that is there only when it may be replaced`() throws {
    let scratch = try ScratchFolder()
    let file = ExchangeFile(" \(scratch.path)/out.json ")
    #expect(file.path == scratch.path + "/out.json")
    #expect(try file.write("one\n", replaces: false))
    #expect(try !file.write("two\n", replaces: false))
    #expect(try file.read() == "one\n")
    #expect(try file.write("two\n", replaces: true))
    #expect(try scratch.text("out.json") == "two\n")
    // A link that leads nowhere is something, too.
    try FileManager.default.createSymbolicLink(atPath: scratch.path + "/link", withDestinationPath: "/nonexistent/x")
    #expect(try !ExchangeFile(scratch.path + "/link").write("x", replaces: false))
  }

  @Test func `the home folder is what the environment says`() throws {
    let home = try #require(ProcessInfo.processInfo.environment["HOME"])
    #expect(ExchangeFile("~/tools.json").path == home + "/tools.json")
    #expect(ExchangeFile("~other/tools.json").path == "~other/tools.json")
  }

  @Test func `bytes that are no text are refused`() throws {
    let scratch = try ScratchFolder()
    let path = try scratch.write("b", [0xFF, 0xFE])
    #expect {
      try ExchangeFile(path).read()
    } throws: { "\($0)" == "\(path): cannot be read: its bytes are not UTF-8" }
  }

  @Test(arguments: [
    ("{\"a\": 1}", 1), ("[{\"a\": 1}, {\"a\": 2}]", 2), ("{\"a\": 1}\n\n{\"a\": 2}\n{\"a\": 3}\n", 3), ("{\n\"a\": 1\n}", 1), ("[]", 0),
  ])
  func `samples are one value, a list, or one a line`(text: String, count: Int) throws {
    #expect(try ExchangeText.samples(in: text, path: "s").count == count)
  }
}
