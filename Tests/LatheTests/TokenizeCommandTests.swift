import Foundation
import TestSupport
import Testing

/// The golden vocabulary of Qwen3.
private let vocabulary = Reference.path("common/qwen3-vocab.gguf")

@Suite("lathe tokenize")
struct TokenizeCommandTests {
  @Test func `text becomes ids and ids become text, a line for each line`() throws {
    let texts = ["深圳天气 <|im_end|>", "", "e\u{301} \\n\\t"]
    let encoded = try Program.run(["tokenize"], input: texts.map { "{\"text\": \"\($0)\"}\n" }.joined())
    #expect(encoded.code == 0)
    #expect(encoded.lines.count == 3)
    let decoded = try Program.run(["tokenize", "--decode"], input: encoded.output)
    #expect(decoded.lines == [#"{"text": "深圳天气 <|im_end|>"}"#, #"{"text": ""}"#, "{\"text\": \"\u{E9} \\n\\t\"}"])
  }

  @Test func `ids that the model does not have are refused with the line`() throws {
    let outcome = try Program.run(["tokenize", "--decode"], input: "{\"ids\": [1]}\n{\"ids\": [4096]}\n")
    #expect(
      outcome.error == "lathe: standard input, line 2: \"ids\" holds 4096; ids from 0 to 4095 are expected\n")
    #expect(outcome.code == 3)
  }

  /// The logits of Qwen3 have columns past its last token, 151668.
  @Test(.enabled(if: FileManager.default.fileExists(atPath: vocabulary), "the golden data is not beside the package"))
  func `ids past the last token that the model may choose stand for nothing`() throws {
    let outcome = try Program.run(
      ["tokenize", "--decode", "--model", vocabulary],
      input: "{\"ids\": [9707, 151669, 151935, 1879]}\n")
    #expect(outcome.lines == [#"{"text": "Hello world"}"#])
  }
}
