import Foundation
import Inference
import ModelFiles
import TestSupport

extension Reference {
  /// One file of a reference model and one prompt, with what transformers computed.
  struct Case: CustomStringConvertible, Sendable {
    var model: String
    var file: String
    var prompt: String
    var ids: [TokenID]
    var logits: String
    var positions: Range<Int>
    /// Of each position; nil where the reference does not say.
    var argmax: [TokenID]?
    var greedy: [TokenID]
    var firstCloseStep: Int?
    var isQuantised: Bool
    /// Mean difference of llama.cpp's logits from the reference, with its usual kernels, which round activations too; nil
    /// where it was not recorded.
    var peerMeanDifference: Float?

    var path: String { Reference.path("models/\(model)/\(file)") }
    var description: String { "\(file) \(prompt)" }
  }

  static let cases: [Case] = {
    guard isPresent else { return [] }
    return ["a-gqa1-untied", "b-gqa2-quants", "c-gqa4-yarn-sharded"].flatMap { model in
      (try? modelCases(model)) ?? []
    }
  }()

  private static func modelCases(_ model: String) throws -> [Case] {
    struct Manifest: Decodable {
      struct Prompt: Decodable {
        var name: String
        var ids: [TokenID]
      }
      struct Result: Decodable {
        var logits: String
        var positions: [Int]
        var argmax: [TokenID]?
        var greedy64: [TokenID]
        var firstGap: Int?
        enum CodingKeys: String, CodingKey {
          case logits, positions, argmax, greedy64
          case firstGap = "first_gap_below_0.02"
        }
      }
      struct Comparison: Decodable {
        var meanDifference: Float
        enum CodingKeys: String, CodingKey { case meanDifference = "mean_abs_diff" }
      }
      struct Entry: Decodable {
        var file: String
        var tensorTypes: [String: Int]
        var reference: [String: Result]
        var peer: [String: Comparison]?
        enum CodingKeys: String, CodingKey {
          case file, reference
          case peer = "llama_cpp"
          case tensorTypes = "tensor_types"
        }
      }
      var prompts: [Prompt]
      var entries: [Entry]
    }
    let manifest = try JSONDecoder().decode(
      Manifest.self, from: Data(contentsOf: folder.appending(path: "models/\(model)/manifest.json")))
    var cases: [Case] = []
    for entry in manifest.entries {
      for prompt in manifest.prompts {
        guard let result = entry.reference[prompt.name] else { continue }
        cases.append(
          Case(
            model: model, file: entry.file, prompt: prompt.name, ids: prompt.ids,
            logits: "models/\(model)/\(result.logits)",
            positions: result.positions[0]..<result.positions[1], argmax: result.argmax, greedy: result.greedy64,
            firstCloseStep: result.firstGap,
            isQuantised: !entry.tensorTypes.keys.allSatisfy { ["F32", "F16", "BF16"].contains($0) },
            peerMeanDifference: entry.peer?[prompt.name]?.meanDifference))
      }
    }
    return cases
  }
}
