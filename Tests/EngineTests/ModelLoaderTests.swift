import Engine
import Foundation
import Inference
import ModelFiles
import TestSupport
import Testing

@Suite struct ModelLoaderTests {
  @Test func `the embedded model says what it is`() async throws {
    let backend = try await Mini.open()
    let info = backend.info
    #expect(info.name == "mini")
    #expect(info.device.hasPrefix("CPU, ") && info.device.hasSuffix(", 1 thread"))
    #expect(info.contextLength == 4096)
    #expect(info.vocabularySize == 4096)
    #expect((5_600_000...5_700_000).contains(info.parameterCount))
    #expect(info.notice.contains("knows nothing of the world"))
    #expect(info.samplingThinking == .qwen3Thinking)
    #expect(info.samplingNonThinking == .qwen3NonThinking)
    let times = try #require(backend.info.loadTimes)
    #expect(try #require(times.sinceProcessStart) >= times.total - .milliseconds(10))
    #expect(times.files + times.tokenizer + times.template + times.weights <= times.total)
  }

  @Test func `a file that is not there is refused in one sentence`() async {
    let error = await #expect(throws: ModelLoadError.self) {
      _ = try await LocalBackend.open(model: "no-such-folder/qwen3.gguf")
    }
    #expect(error?.description.contains("no-such-folder/qwen3.gguf") == true)
  }

  @Test func `what does not fit in memory is refused with the arithmetic`() async throws {
    let error = await #expect(throws: ModelLoadError.self) {
      _ = try await Mini.open(contextLength: 1 << 30)
    }
    guard case .inference(.doesNotFit(let estimate)) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(error?.description.hasPrefix("needs ") == true)
    #expect(estimate.neededByteCount > estimate.availableByteCount)
  }

  /// The weights in sixteen bits, stored in two ways.
  @Test(.enabled(if: Reference.hasMini, "the miniature model's files are absent"))
  func `a Hugging Face folder answers as the GGUF file of the same model`() async throws {
    var answers: [[Int]] = []
    for name in ["hf", "mini-f16.gguf"] {
      let backend = try await LocalBackend.open(model: Reference.mini.appending(path: name).path, threads: 1)
      #expect(backend.info.notice == "")
      let received = await Received(backend.generate(try Mini.weather([Mini.question])))
      #expect(received.summary?.stopReason == .endOfTurn)
      answers.append(received.ids)
    }
    #expect(answers[0] == answers[1])
  }

  /// The reference's vocabulary of Qwen3 has a tokenizer and a template and no weights.
  @Test(.enabled(if: Reference.isPresent, "reference data is absent"))
  func `a file without weights is refused`() async {
    let path = Reference.folder.appending(path: "common/qwen3-vocab.gguf").path
    let error = await #expect(throws: ModelLoadError.self) { _ = try await LocalBackend.open(model: path) }
    #expect(
      error?.description
        == "qwen3-vocab.gguf: there are no weights, expected tensors; this file holds a vocabulary alone")
  }
}
