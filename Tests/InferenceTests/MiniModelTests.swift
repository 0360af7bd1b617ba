import Foundation
import Inference
import ModelFiles
import TestSupport
import Testing

/// The embedded model against transformers in float32 (`shared/mini/reference_logits.json`).
@Suite(.enabled(if: Reference.hasMini, "shared/mini is not beside the package; set LATHE_REFERENCE"))
struct MiniModelTests {
  struct Prompt: Decodable {
    var ids: [TokenID]
    var lastLogits: [Float]
    var argmaxPerPosition: [TokenID]
    enum CodingKeys: String, CodingKey {
      case ids
      case lastLogits = "last_logits"
      case argmaxPerPosition = "argmax_per_position"
    }
  }

  static func prompts() throws -> [Prompt] {
    struct File: Decodable { var prompts: [Prompt] }
    return try JSONDecoder().decode(
      File.self, from: Data(contentsOf: Reference.mini.appending(path: "reference_logits.json"))
    ).prompts
  }

  /// The folder holds the weights the reference was computed from. Rounding them to Q8_0 moves logits by under 0.6 % of the
  /// largest, which is the file's error and not the arithmetic's; and positions decided by less may change.
  @Test(
    arguments: [("hf", 1e-4, 0), ("mini-f16.gguf", 3e-4, 0), ("mini-q8_0.gguf", 6e-3, 2)] as [(String, Float, Int)])
  func `last logits and every position's best token equal the reference`(
    _ file: String, _ tolerance: Float, _ allowedChanges: Int
  ) throws {
    for prompt in try Self.prompts() {
      let stepper = try Stepper(path: Reference.mini.appending(path: file).path, kv: .float32, isExact: true)
      let width = stepper.forward.config.vocabularySize
      let logits = try stepper.computePending(stepper.pool.makeSequence(prompt: prompt.ids))
      let largest = prompt.lastLogits.reduce(0) { max($0, abs($1)) }
      let difference = zip(logits.suffix(width), prompt.lastLogits).reduce(0) { max($0, abs($1.0 - $1.1)) } / largest
      #expect(difference < tolerance, "\(file)")
      let changes = prompt.ids.indices.count {
        argmax(logits[$0 * width..<($0 + 1) * width]) != prompt.argmaxPerPosition[$0]
      }
      #expect(changes <= allowedChanges, "\(file): of \(prompt.ids.count) positions")
    }
  }
}
