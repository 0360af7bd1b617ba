import Foundation
import Inference
import ModelFiles
import TestSupport
import Testing

/// What the forward pass promises beyond the numbers themselves, on the embedded model.
@Suite struct CPUForwardTests {
  static let prompt: [TokenID] = (0..<75).map { TokenID(($0 * 37 + 11) % 4000) }

  /// Logits of every row of the prompt, computed in one batch.
  static func whole(_ tokens: [TokenID], threads: Int = 1) throws -> [Float] {
    let stepper = try Stepper(path: Project.mini, threads: threads)
    return try stepper.computePending(stepper.pool.makeSequence(prompt: tokens))
  }

  @Test(arguments: [1, 2, 3, 4, 7, 16, 33, 74])
  func `logits do not depend on how a prompt is divided into chunks`(_ chunk: Int) throws {
    let stepper = try Stepper(path: Project.mini)
    let logits = try stepper.computePending(stepper.pool.makeSequence(prompt: Self.prompt), chunk: chunk)
    #expect(try logits == Self.whole(Self.prompt))
  }

  @Test(arguments: [2, 3, 5])
  func `logits do not depend on the number of threads`(_ threads: Int) throws {
    #expect(try Self.whole(Self.prompt, threads: threads) == Self.whole(Self.prompt))
  }

  /// Behind 1,024 positions the pages are divided among threads where heads do not suffice, and the parts joined.
  @Test(arguments: KVElement.allCases)
  func `logits behind a long prefix do not depend on threads, chunks or the batch`(_ kv: KVElement) throws {
    let tokens: [TokenID] = (0..<2_345).map { index in TokenID((index * 131 + index / 7) % 4000) }
    func decoded(threads: Int, chunk: Int) throws -> [[Float]] {
      let stepper = try Stepper(path: Project.mini, contextLength: 2_500, kv: kv, pageCount: 200, threads: threads)
      let sequence = try stepper.pool.makeSequence(prompt: tokens)
      var steps = [try stepper.computePending(sequence, chunk: chunk, logits: .last)]
      // Beside a short sequence, then alone, then several tokens at once.
      let short = try stepper.pool.makeSequence(prompt: [5])
      stepper.pool.append([7], to: sequence)
      let width = stepper.forward.config.vocabularySize
      steps.append(Array(try stepper.step([(short, 1, .last), (sequence, 1, .last)])[width...]))
      stepper.pool.append([8], to: sequence)
      steps.append(try stepper.computePending(sequence))
      stepper.pool.append([9, 10, 11], to: sequence)
      steps.append(try stepper.computePending(sequence))
      return steps
    }
    let expected = try decoded(threads: 1, chunk: 256)
    #expect(try decoded(threads: 3, chunk: 100) == expected)
    #expect(try decoded(threads: 8, chunk: 256) == expected)
  }

  @Test func `a page has two keys and values a position and, as whole numbers, their scales`() throws {
    func bytes(_ kv: KVElement) throws -> Int { try Stepper(path: Project.mini, kv: kv).forward.geometry.bytesPerPage }
    let config = try Stepper(path: Project.mini).forward.config
    let heads = config.layerCount * config.kvHeadCount
    try #require(config.headDim % 32 == 0)
    #expect(try bytes(.float32) == heads * 16 * 2 * config.headDim * 4)
    #expect(try bytes(.float16) == heads * 16 * 2 * config.headDim * 2)
    // A float for each key and value.
    #expect(try bytes(.int16) == heads * 16 * (2 * config.headDim * 2 + 2 * 4))
    // A float for each 32 dimensions of a key, and one for each value.
    #expect(try bytes(.int8) == heads * 16 * (2 * config.headDim + 4 * config.headDim / 32 + 4))
  }

  @Test func `keys and values are whole numbers of 16 bits unless another form is asked for`() throws {
    let checkpoint = try RandomModel("random:mini:q8_0").checkpoint
    #expect(try CPUForward(checkpoint: checkpoint, contextLength: 64, threads: 1).kv == .int16)
    #expect(try CPUForward(checkpoint: checkpoint, contextLength: 64, kv: .int8, threads: 1).kv == .int8)
  }

  @Test(arguments: [1, 9, 16, 40, 74])
  func `logits with a reused prefix equal those without`(_ shared: Int) throws {
    let stepper = try Stepper(path: Project.mini)
    let other = Self.prompt[..<shared] + [3999, 5, 6]
    let first = try stepper.pool.makeSequence(prompt: Array(other))
    _ = try stepper.computePending(first)
    let second = try stepper.pool.makeSequence(prompt: Self.prompt)
    #expect(second.reusedTokenCount == shared)
    let logits = try stepper.computePending(second)
    let width = stepper.forward.config.vocabularySize
    #expect(try logits == Array(Self.whole(Self.prompt)[(shared * width)...]))
    // The first sequence's pages are untouched by the copy: it goes on as if alone.
    stepper.pool.append([77], to: first)
    let next = try stepper.computePending(first)
    #expect(try next == Array(Self.whole(Array(other) + [77]).suffix(width)))
  }

  @Test func `several sequences in one batch equal each alone`() throws {
    let stepper = try Stepper(path: Project.mini)
    let width = stepper.forward.config.vocabularySize
    let prompts = [Array(Self.prompt[..<20]), Array(Self.prompt[30..<31]), Array(Self.prompt[40..<75])]
    let sequences = try prompts.map { try stepper.pool.makeSequence(prompt: $0) }
    let logits = try stepper.step([(sequences[0], 20, .last), (sequences[1], 1, .all), (sequences[2], 35, .all)])
    let alone = try prompts.map { try Self.whole($0) }
    #expect(Array(logits[..<width]) == Array(alone[0].suffix(width)))
    #expect(Array(logits[width..<2 * width]) == alone[1])
    #expect(Array(logits[(2 * width)...]) == alone[2])
    // And one decode step of all three.
    for sequence in sequences { stepper.pool.append([9], to: sequence) }
    let next = try stepper.step(sequences.map { ($0, 1, .last) })
    for index in prompts.indices {
      let expected = try Self.whole(prompts[index] + [9]).suffix(width)
      #expect(Array(next[index * width..<(index + 1) * width]) == Array(expected))
    }
  }

  @Test func `a fork goes its own way`() throws {
    let stepper = try Stepper(path: Project.mini)
    let width = stepper.forward.config.vocabularySize
    let first = try stepper.pool.makeSequence(prompt: Array(Self.prompt[..<21]))
    _ = try stepper.computePending(first)
    let second = stepper.pool.fork(first)
    stepper.pool.append([1, 2], to: first)
    stepper.pool.append([3, 4], to: second)
    let one = try stepper.computePending(first)
    let two = try stepper.computePending(second)
    #expect(try one.suffix(width) == Self.whole(Self.prompt[..<21] + [1, 2]).suffix(width))
    #expect(try two.suffix(width) == Self.whole(Self.prompt[..<21] + [3, 4]).suffix(width))
  }

  @Test func `an edited sequence equals a new one, in a pool that has to evict`() throws {
    let stepper = try Stepper(path: Project.mini, contextLength: 96, pageCount: 6)
    let width = stepper.forward.config.vocabularySize
    let sequence = try stepper.pool.makeSequence(prompt: Array(Self.prompt[..<70]))
    _ = try stepper.computePending(sequence)
    for round in 0..<6 {
      stepper.pool.truncate(sequence, to: 35)
      let edited = (0..<30).map { TokenID($0 * 3 + round) }
      stepper.pool.append(edited, to: sequence)
      let logits = try stepper.computePending(sequence)
      #expect(try logits.suffix(width) == Self.whole(Self.prompt[..<35] + edited).suffix(width))
    }
    #expect(stepper.pool.evictionCount > 0)
  }

  @Test func `a step that cannot be computed is refused with its reason`() throws {
    let stepper = try Stepper(path: Project.mini, contextLength: 32, pageCount: 8, maxBatchRows: 16)
    let forward = stepper.forward
    #expect(throws: InferenceError.noLogits) { try forward.withLogits { _ in } }
    #expect(throws: InferenceError.batchSize(rowCount: 0, maxRows: 16)) { try forward.submit(Batch()) }
    let long = try stepper.pool.makeSequence(prompt: Array(Self.prompt[..<40]))
    #expect(throws: InferenceError.batchSize(rowCount: 17, maxRows: 16)) { try stepper.step([(long, 17, .none)]) }
    _ = try stepper.step([(long, 16, .none)])
    _ = try stepper.step([(long, 16, .none)])
    #expect(throws: InferenceError.contextExceeded(position: 32, contextLength: 32)) {
      try stepper.step([(long, 1, .last)])
    }
    let foreign = try stepper.pool.makeSequence(prompt: [4096])
    #expect(throws: InferenceError.tokenOutOfRange(4096, vocabularySize: 4096)) {
      try stepper.step([(foreign, 1, .last)])
    }
    #expect(throws: InferenceError.pageOutOfRange(8, pageCount: 8)) { try forward.copyPage(from: 0, to: 8) }
  }

  @Test func `a step says which bytes it read`() throws {
    let stepper = try Stepper(path: Project.mini)
    let sequence = try stepper.pool.makeSequence(prompt: Array(Self.prompt[..<33]))
    _ = try stepper.computePending(sequence, logits: .none)
    let withoutHead = stepper.forward.bytesMoved
    #expect(withoutHead.kv == 3 * stepper.forward.geometry.bytesPerPage)
    stepper.pool.append([1], to: sequence)
    _ = try stepper.computePending(sequence, logits: .last)
    // One row of the embedding instead of 33, and the head: 4,096 rows of 192 in Q8_0.
    #expect(stepper.forward.bytesMoved.weights - withoutHead.weights == 4096 * 204 - 32 * 204)
  }

  @Test func `what does not fit is refused before anything is allocated, with the arithmetic`() throws {
    let checkpoint = try Checkpoint.open(Project.mini)
    let estimate = try CPUForward.memoryEstimate(
      checkpoint: checkpoint, contextLength: 1 << 20, kv: .float16, threads: 1, maxBatchRows: 1, availableMemory: 1_000_000_000)
    #expect(
      estimate.refusal
        == "needs 4.9 GB: weights 0.0, KV 4.8 at 1,048,576 positions; 1.0 GB free; try --context 131072")
    #expect(throws: InferenceError.doesNotFit(estimate)) {
      try CPUForward(
        checkpoint: checkpoint, contextLength: 1 << 20, kv: .float16, threads: 1, maxBatchRows: 1, availableMemory: 1_000_000_000)
    }
  }

  @Test(
    arguments: [
      (
        .partialBlocks(file: "m.gguf", tensor: "blk.0.ffn_down.weight", columns: 160, type: .q4_k),
        "m.gguf: tensor \"blk.0.ffn_down.weight\" has rows of 160, expected a multiple of 256, the block of q4_k"
      ),
      (
        .allocation(byteCount: 5_400_000_000, purpose: "KV cache"),
        "5.4 GB for the KV cache could not be allocated; try a smaller --context"
      ),
      (
        .contextExceeded(position: 8192, contextLength: 8192),
        "position 8192 is past the context of 8192 tokens; shorten the conversation or raise --context"
      ),
      (.batchSize(rowCount: 300, maxRows: 256), "the batch has 300 rows, expected 1 to 256"),
      (
        .pagesExhausted(needed: 2, available: 1, pageCount: 8, tokensPerPage: 16),
        "2 more pages of 16 tokens are needed and 1 of 8 are not in use; end another sequence or raise --context"
      ),
    ] as [(InferenceError, String)])
  func `an error is one sentence with what was found and what to do`(_ error: InferenceError, _ sentence: String) {
    #expect(error.description == sentence)
  }
}
