import Engine
import JSON
import ModelFiles
import Testing

/// The whole path on the embedded model.
@Suite struct LocalBackendTests {
  @Test func `events come in their documented order`() async throws {
    let backend = try await Mini.open()
    let received = await Received(backend.generate(try Mini.weather([Mini.question])))
    #expect(received.order == ["accepted", "prefilled", "token", "toolCall", "token", "finished"])
    let trace = try #require(received.trace)
    #expect(trace.reuse == PrefixReuse(reusedTokens: 0, promptTokens: trace.tokens.count, ending: .neverComputed))
    #expect(received.prefilled.last == trace.tokens.count)
    #expect(received.prefilled == received.prefilled.sorted())
    #expect(received.tokens.map(\.index) == Array(received.tokens.indices))
    let times = received.tokens.map(\.time)
    #expect(times == times.sorted())

    let summary = try #require(received.summary)
    #expect(summary.stopReason == .endOfTurn)
    #expect(summary.counts.generated == received.tokens.count)
    #expect(summary.counts.prompt == trace.tokens.count)
    #expect(summary.message == Message(.assistant, "", toolCalls: received.calls))
    #expect(summary.phases.firstToken == times.first)
    #expect(summary.phases.total == times.last)
    let parts = summary.phases
    let sum =
      parts.queue + parts.render + parts.tokenise + parts.lookUp + parts.prefill + parts.firstSample + parts.detokenise
    #expect(sum <= parts.firstToken)
    #expect(parts.firstToken + parts.decode == parts.total)
    #expect(try #require(summary.bytesMoved) > 0)
    let meters = await backend.meters
    #expect(meters.requests == 1)
    #expect(meters.generatedTokens == received.tokens.count)
  }

  @Test func `the Chinese weather story runs from question to answer`() async throws {
    let backend = try await Mini.open()
    let first = await Received(backend.generate(try Mini.weather([Mini.question])))
    let call = ToolCall(name: "get_weather", arguments: ["city": "北京"])
    #expect(first.calls == [call])
    #expect(first.text(.toolCall) == #"{"name": "get_weather", "arguments": {"city": "北京"}}"#)
    #expect(first.text(.answer) == "")

    let answer = try #require(first.summary).message
    let result = Message(.tool, #"{"temperature": 25, "condition": "晴"}"#, toolName: "get_weather")
    let second = await Received(backend.generate(try Mini.weather([Mini.question, answer, result])))
    #expect(second.calls == [])
    #expect(second.text(.answer).contains("25"))
    #expect(second.text(.answer).contains("晴"))
    #expect(second.summary?.stopReason == .endOfTurn)
    // The first turn's prompt is all found again.
    let prompt = try #require(first.trace).tokens.count
    #expect(try #require(second.trace?.reuse).reusedTokens >= prompt - 8)
  }

  @Test func `the same seed gives the same tokens and another seed others`() async throws {
    let backend = try await Mini.open()
    var request = GenerationRequest(
      messages: [Message(.user, "Who are you?")], sampling: SamplingSettings(temperature: 3, seed: 7), tokenLimit: 40)
    let first = await Received(backend.generate(request))
    let second = await Received(backend.generate(request))
    #expect(first.ids == second.ids)
    #expect(first.tokens.map(\.logprob) == second.tokens.map(\.logprob))
    #expect(first.summary?.seed == 7)
    request.sampling.seed = 8
    let third = await Received(backend.generate(request))
    #expect(third.ids != first.ids)

    request.sampling.seed = nil
    let fresh = await Received(backend.generate(request))
    request.sampling.seed = fresh.summary?.seed
    let again = await Received(backend.generate(request))
    #expect(again.ids == fresh.ids)
  }

  @Test func `a prefix that was computed is reused and changes nothing`() async throws {
    let backend = try await Mini.open()
    let request = try Mini.weather([Mini.question])
    let first = await Received(backend.generate(request))
    let second = await Received(backend.generate(request))
    let count = try #require(first.trace).tokens.count
    #expect(second.trace?.reuse == PrefixReuse(reusedTokens: count - 1, promptTokens: count, ending: .whole))
    #expect(second.summary?.counts.cached == count - 1)
    #expect(second.ids == first.ids)
    #expect(second.tokens.map(\.logprob) == first.tokens.map(\.logprob))
  }

  /// While thinking, Qwen3's template writes a turn's thought again before a tool's result, so all that was generated is
  /// found; only the end of the turn was drawn and not computed.
  @Test func `the next turn finds the answer of the one before`() async throws {
    let backend = try await Mini.open()
    var request = try Mini.weather([Mini.question])
    request.thinking = .on
    let first = await Received(backend.generate(request))
    #expect(first.text(.thinking).isEmpty == false)
    let answer = try #require(first.summary)
    #expect(answer.stopReason == .endOfTurn)
    request.messages += [answer.message, Message(.tool, #"{"temperature": 25, "condition": "晴"}"#)]
    let second = await Received(backend.generate(request))
    let reuse = try #require(second.trace?.reuse)
    #expect(reuse.reusedTokens == answer.counts.prompt + answer.counts.generated - 1)
    #expect(reuse.ending == .neverComputed)
  }

  @Test func `a long prompt is computed in chunks that are reported`() async throws {
    let backend = try await Mini.open()
    let text = String(repeating: "one two three four five six seven eight ", count: 30)
    let received = await Received(
      backend.generate(GenerationRequest(messages: [Message(.user, text)], sampling: .greedy, tokenLimit: 1)))
    #expect(received.prefilled.count > 2)
    #expect(received.prefilled.last == received.trace?.tokens.count)
    #expect(zip(received.prefilled, received.prefilled.dropFirst()).allSatisfy { $0 < $1 })
  }

  @Test func `an edited prompt tells which message ended the reuse`() async throws {
    let backend = try await Mini.open()
    let system = Message(.system, "You are a helpful assistant.")
    _ = await Received(backend.generate(try Mini.weather([system, Mini.question])))
    var edited = try Mini.weather([system, Message(.user, "上海今天天气怎么样？")])
    edited.tokenLimit = 1
    let received = await Received(backend.generate(edited))
    let reuse = try #require(received.trace?.reuse)
    guard case .diverged(let computed, let prompt, let owner) = reuse.ending else {
      Issue.record("\(reuse)")
      return
    }
    #expect(computed != prompt)
    #expect(prompt == received.trace?.tokens[reuse.reusedTokens])
    #expect(owner == .message(1))

    var renamed = edited
    renamed.functions = [try Mini.function(#"{"name": "weather", "description": "查询城市的当前天气"}"#)]
    let other = await Received(backend.generate(renamed))
    guard case .diverged(_, _, .function(0)) = try #require(other.trace?.reuse).ending else {
      Issue.record("\(String(describing: other.trace?.reuse))")
      return
    }
  }

  @Test func `a token limit and a full context are told apart`() async throws {
    let backend = try await Mini.open(contextLength: 512)
    var request = GenerationRequest(
      messages: [Message(.user, "Tell me a story")],
      sampling: SamplingSettings(temperature: 0, logitBias: [4089: -.infinity, 4087: -.infinity]), tokenLimit: 5)
    let limited = await Received(backend.generate(request))
    #expect(limited.summary?.stopReason == .tokenLimit)
    #expect(limited.tokens.count == 5)

    request.tokenLimit = nil
    let full = await Received(backend.generate(request))
    #expect(full.summary?.stopReason == .contextFull)
    #expect(try #require(full.trace).tokens.count + full.tokens.count == backend.info.contextLength)

    request.messages = [Message(.user, String(repeating: "very ", count: 600) + "long")]
    let long = await Received(backend.generate(request))
    #expect(long.order == ["failed"])
    guard case .promptTooLong(_, 512) = long.error else {
      Issue.record("\(String(describing: long.error))")
      return
    }
  }

  /// Every place at which the answer can be cut in two by a stop string.
  @Test func `a stop string ends the answer wherever tokens part it`() async throws {
    let backend = try await Mini.open()
    var request = GenerationRequest(messages: [Message(.user, "Who are you?")], thinking: .off, sampling: .greedy)
    let whole = await Received(backend.generate(request))
    let answer = Array(whole.text(.answer))
    #expect(answer.count > 20)
    for start in stride(from: 1, to: answer.count - 6, by: 3) {
      let stop = String(answer[start..<start + 6])
      request.stopStrings = [stop]
      let received = await Received(backend.generate(request))
      let expected = String(answer).prefix(upTo: try #require(String(answer).firstRange(of: stop)).lowerBound)
      #expect(received.text(.answer) == expected)
      #expect(received.summary?.message.content == String(expected))
      #expect(received.summary?.stopReason == .stopString(stop))
    }
  }

  /// Ends only when the context is full, thousands of tokens later.
  private static let endless = GenerationRequest(
    messages: [Message(.user, "Hello")], thinking: .off,
    sampling: SamplingSettings(temperature: 0, logitBias: [4089: -.infinity, 4087: -.infinity]),
    // Slows the engine down: it must not fill the context before a listener that waits for a processor has heard it.
    candidateCount: 1500)

  /// The cache map is answered between two steps, so the second one after the drop comes after the step that heard it.
  @Test func `dropping the stream stops the generation within a token`() async throws {
    let backend = try await Mini.open()
    func listen(to count: Int) async {
      var seen = 0
      for await event in backend.generate(Self.endless) {
        if case .token = event { seen += 1 }
        if seen == count { return }
      }
    }
    await listen(to: 3)
    _ = await backend.cacheMap()
    let map = try #require(await backend.cacheMap())
    #expect(map.pages.allSatisfy { $0.state == .cached || $0.state == .free })
    // What had been computed is found by the next request.
    let next = await Received(backend.generate(Self.endless.limited(to: 1)))
    #expect(next.trace?.reuse?.ending == .whole)
  }

  @Test func `a stop keeps what was produced and says so`() async throws {
    let backend = try await Mini.open()
    let stop = StopSignal()
    var tokens = 0
    var summary: GenerationSummary?
    for await event in backend.generate(Self.endless, stop: stop) {
      if case .token = event { tokens += 1 }
      if tokens == 4 { stop.raise() }
      if case .finished(let last) = event { summary = last }
    }
    #expect(summary?.stopReason == .cancelled)
    #expect(summary?.counts.generated == tokens)
    #expect(summary?.message.content.isEmpty == false)
    // Its pages are found by the next request.
    let next = await Received(backend.generate(Self.endless.limited(to: 1)))
    #expect(next.trace?.reuse?.ending == .whole)

    let early = StopSignal()
    early.raise()
    let nothing = await Received(backend.generate(Self.endless, stop: early))
    #expect(nothing.order == ["accepted", "finished"])
    #expect(nothing.summary?.stopReason == .cancelled)
  }

  @Test func `the cache map shows whose text a page holds, also while tokens stream`() async throws {
    let backend = try await Mini.open()
    var endless = try Mini.weather([Mini.question])
    endless.tokenLimit = nil
    endless.sampling = Self.endless.sampling
    endless.candidateCount = Self.endless.candidateCount
    let stop = StopSignal()
    var during: CacheMap?
    var traced: PromptTrace?
    for await event in backend.generate(endless, stop: stop) {
      if case .accepted(let trace) = event { traced = trace }
      if case .token(let token) = event, token.index == 2 {
        during = await backend.cacheMap()
        stop.raise()
      }
    }
    let live = try #require(during).pages.filter { $0.state == .active }
    let trace = try #require(traced)
    #expect(live.count >= trace.tokens.count / 16)
    let after = try #require(await backend.cacheMap())
    let cached = after.pages.filter { $0.state == .cached }.sorted { $0.startPosition < $1.startPosition }
    #expect(Array(cached.flatMap(\.tokens).prefix(trace.tokens.count)) == trace.tokens)
    #expect(cached.first?.owner == .template)
    #expect(cached.contains { $0.owner == .function(0) })
    #expect(cached.last?.owner == .generated)
    #expect(cached.allSatisfy { $0.age == 0 })
    _ = await Received(backend.generate(GenerationRequest(messages: [Message(.user, "Hi")], tokenLimit: 1)))
    let later = try #require(await backend.cacheMap())
    #expect(later.pages.contains { $0.age == 1 })
  }

  @Test func `a preview has the same tokens as the request and computes nothing`() async throws {
    let backend = try await Mini.open()
    let request = try Mini.weather([Mini.question])
    let trace = try await backend.preview(request)
    #expect(trace.reuse?.reusedTokens == 0)
    let received = await Received(backend.generate(request))
    #expect(received.trace == trace)
    let bytes = trace.text.utf8.count
    #expect(trace.segments.first?.bytes.lowerBound == 0)
    #expect(trace.segments.last?.bytes.upperBound == bytes)
    #expect(zip(trace.segments, trace.segments.dropFirst()).allSatisfy { $0.bytes.upperBound == $1.bytes.lowerBound })
    #expect(trace.segments.map(\.tokens.count).reduce(0, +) == trace.tokens.count)
    #expect(trace.segments.map(\.owner) == [.template, .function(0), .template, .message(0), .template])
    let special = trace.specialTokens.map { String(decoding: Array(trace.text.utf8)[$0], as: UTF8.self) }
    #expect(special.first == "<|im_start|>")
    #expect(special.contains("<tool_call>"))
    #expect(special.suffix(3) == ["<|im_start|>", "<think>", "</think>"])
    let meters = await backend.meters
    #expect(meters.requests == 1)
  }

  @Test(arguments: [
    (GenerationRequest(messages: []), "there is no message to answer; write one first"),
    (
      GenerationRequest(messages: [Message(.user, "a")], sampling: SamplingSettings(topP: 2)),
      "top-p is 2.0; a share from 0 to 1 is expected"
    ),
    (
      GenerationRequest(messages: [Message(.user, "a")], tokenLimit: 0),
      "token limit is 0; 1 or more, or none is expected"
    ),
  ])
  func `a request that cannot be answered fails with one sentence`(
    request: GenerationRequest, sentence: String
  ) async throws {
    let backend = try await Mini.open()
    let received = await Received(backend.generate(request))
    #expect(received.order == ["failed"])
    #expect(received.error?.description == sentence)
  }

  @Test func `greedy thinking and control tokens in a message earn a warning`() async throws {
    let backend = try await Mini.open()
    let request = GenerationRequest(
      messages: [Message(.user, "what is <|im_end|>?")], sampling: .greedy, tokenLimit: 1)
    let received = await Received(backend.generate(request))
    #expect(
      received.warnings == [
        "temperature 0 while thinking: Qwen3's authors advise against it, thoughts may repeat without end; they use 0.6",
        "message 1 (user) contains \"<|im_end|>\", which the model reads as a control token, not as text",
      ])
    #expect(received.order.prefix(2) == ["accepted", "warning"])
    for quiet in [
      GenerationRequest(messages: [Message(.user, "hello /no_think")], sampling: .greedy, tokenLimit: 1),
      GenerationRequest(messages: [Message(.user, "hello")], thinking: .off, sampling: .greedy, tokenLimit: 1),
      GenerationRequest(messages: [Message(.user, "hello")], tokenLimit: 1),
    ] {
      #expect(await Received(backend.generate(quiet)).warnings == [])
    }
  }
}

extension GenerationRequest {
  fileprivate func limited(to tokenLimit: Int) -> GenerationRequest {
    var request = self
    request.tokenLimit = tokenLimit
    return request
  }
}
