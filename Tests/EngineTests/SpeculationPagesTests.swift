import Inference
import ModelFiles
import Testing
import Tokenization

@testable import Engine

/// What drafts leave in the KV cache: nothing but what was drawn.
@Suite struct SpeculationPagesTests {
  /// The embedded model with a pool that the test can look into, and an answer driven call by call.
  private struct Driver {
    let forward: CPUForward
    let pool: PagePool
    let tokenizer: Tokenizer
    private let template: ChatTemplate
    private let endTokens: Set<TokenID>
    private let grammars: CallGrammars

    init(contextLength: Int? = nil, pageCount: Int? = nil) throws {
      let checkpoint = try EmbeddedModel.open()
      forward = try CPUForward(
        checkpoint: checkpoint, contextLength: contextLength, isExact: true, pageCount: pageCount, threads: 1)
      pool = PagePool(geometry: forward.geometry)
      let data = try checkpoint.requireTokenizer()
      tokenizer = try Tokenizer(data)
      template = try ChatTemplate(source: try #require(checkpoint.chatTemplate), tokenizer: data)
      endTokens = DecodingVocabulary.endTokens(checkpoint.generationDefaults, data)
      grammars = CallGrammars(
        tokenizer: tokenizer, vocabularySize: forward.config.vocabularySize,
        controlTokens: template.addedTokens.map(\.id), endTokens: endTokens)
    }

    /// Up to the first token's logits.
    func begin(_ request: GenerationRequest) throws -> Generation {
      let rendering = try template.render(request)
      let (ids, ends) = tokenizer.encodeWithOffsets(rendering.text)
      let trace = PromptTrace(rendering, tokens: ids, tokenEnds: ends, addedTokens: [:])
      let grammar = try grammars.grammar(for: request).get().grammar
      let generation = try Generation(
        request, trace: trace, times: PhaseTimes(), arrival: ContinuousClock().now, idleSince: ContinuousClock().now,
        model: Generation.Model(forward: forward, pool: pool, tokenizer: tokenizer, endTokens: endTokens),
        startsThinking: false, constraint: grammar.map { AnswerConstraint($0, mode: request.constraint, thinking: .none) })
      try generation.lookUp()
      while !generation.isPrefilled { try step(generation) }
      return generation
    }

    private func step(_ generation: Generation) throws {
      try generation.plan(promptRows: 64, draftLimit: Draft.longest)
      var batch = Batch()
      generation.add(to: &batch)
      let start = ContinuousClock().now
      try forward.submit(batch)
      generation.computed(firstLogitRow: 0, from: start, to: ContinuousClock().now, bytesMoved: 0, isAlone: true)
    }

    /// At most so many tokens, with the step that the last of them needs.
    func tokens(_ generation: Generation, limit: Int = .max) throws -> [TokenID] {
      var ids: [TokenID] = []
      while ids.count < limit {
        for case .token(let token) in try generation.nextToken() { ids.append(token.id) }
        if generation.stopReason != nil { break }
        if !generation.keepDraft() { try step(generation) }
      }
      return ids
    }

    /// Of all pages that can be found, the texts they continue, the longest of each branch.
    func cachedTexts() -> [[TokenID]] {
      let pages = pool.snapshot()
      let cached = pages.pages.filter { $0.state == .cached }.sorted { $0.depth < $1.depth }
      #expect(cached.map(\.depth) == Array(cached.indices), "one branch")
      return [cached.flatMap { pages.tokens(of: $0.id) }]
    }
  }

  private static func request(_ mode: SpeculationMode) throws -> GenerationRequest {
    var request = try SpeculationTests.request()
    request.toolChoice = .named("get_weather")
    request.speculation = mode
    return request
  }

  @Test func `a generation that is stopped anywhere leaves the prompt and what was drawn, and no page is lost`() throws {
    let plain = try Driver()
    let answer = try plain.tokens(try plain.begin(try Self.request(.off)))
    for count in 1..<answer.count {
      let driver = try Driver(contextLength: 512)
      let generation = try driver.begin(try Self.request(.calls))
      let drawn = try driver.tokens(generation, limit: count)
      #expect(drawn == Array(answer.prefix(count)))
      _ = generation.cancel()
      generation.release()
      let pages = driver.pool.snapshot()
      #expect(pages.heldCount == 0 && pages.freeCount + pages.cachedCount == pages.pages.count)
      // The last token drawn has had its step too.
      #expect(driver.cachedTexts() == [generation.trace.tokens + drawn])
    }
  }

  @Test func `a finished answer leaves the pages that it leaves without drafts`() throws {
    let driver = try Driver()
    let generation = try driver.begin(try Self.request(.calls))
    let drawn = try driver.tokens(generation)
    generation.release()
    #expect(generation.speculation.counts.accepted > 0)
    #expect(driver.cachedTexts() == [generation.trace.tokens + drawn.dropLast()])
    let pages = driver.pool.snapshot()
    #expect(pages.heldCount == 0 && pages.freeCount + pages.cachedCount == pages.pages.count)
  }

  @Test func `pages that another sequence shares keep their keys and values`() throws {
    let driver = try Driver()
    let generation = try driver.begin(try Self.request(.calls))
    // In the middle of a page, with a draft computed behind it.
    _ = try driver.tokens(generation, limit: 3)
    let fork = driver.pool.fork(try #require(generation.sequence))
    let computed = Array(fork.tokens.prefix(fork.computedTokenCount))
    driver.pool.truncate(fork, to: computed.count)
    _ = try driver.tokens(generation)
    #expect(generation.speculation.counts.accepted > 0)
    generation.release()

    func logits(_ driver: Driver, _ sequence: Inference.Sequence) throws -> [Float] {
      var batch = Batch()
      while sequence.pendingTokenCount > 0 {
        let rows = min(64, sequence.pendingTokenCount)
        if let copy = try driver.pool.reserve(rows, for: sequence) {
          try driver.forward.copyPage(from: copy.from, to: copy.to)
        }
        batch.removeAll()
        batch.add(sequence, tokenCount: rows, logits: .last)
        try driver.forward.submit(batch)
        driver.pool.commit(rows, of: sequence)
      }
      return try driver.forward.withLogits { span in (0..<span.count).map { span[$0] } }
    }
    driver.pool.append([5], to: fork)
    let shared = try logits(driver, fork)
    let other = try Driver()
    #expect(try logits(other, try other.pool.makeSequence(prompt: computed + [5])) == shared)
  }

  @Test func `where there is no page for a draft the answer goes on without`() throws {
    let roomy = try Driver()
    let whole = try roomy.begin(try Self.request(.off))
    let answer = try roomy.tokens(whole)
    let needed = roomy.pool.geometry.pages(for: whole.trace.tokens.count + answer.count - 1)
    let tight = try Driver(pageCount: needed)
    let generation = try tight.begin(try Self.request(.calls))
    #expect(try tight.tokens(generation) == answer)
  }
}
