import Inference
import JSON
import ModelFiles
import TestSupport
import Testing

@testable import Engine

/// Requests that are answered together: each as if it were alone.
@Suite struct SchedulerTests {
  private typealias Said = SpeculationTests.Said

  /// One of the variants of `SpeculationTests`, with settings of its own.
  private static func request(_ random: inout SeededRandom) throws -> GenerationRequest {
    var request = try SpeculationTests.request()
    SpeculationTests.variants.randomElement(using: &random)?.change(&request)
    request.sampling.seed = random.next()
    request.speculation = SpeculationMode.allCases.randomElement(using: &random) ?? .off
    request.tokenLimit = Int.random(in: 1...60, using: &random)
    if Int.random(in: 0..<3, using: &random) == 0 { request.messages.append(Message(.user, "And tomorrow? " + "\(random.next())")) }
    return request
  }

  private static func alone(_ requests: [GenerationRequest]) async throws -> [Received] {
    let backend = try await Mini.open()
    var answers: [Received] = []
    for request in requests { answers.append(await Received(backend.generate(request))) }
    return answers
  }

  /// All at once, each sent after so many pauses.
  private static func together(
    _ requests: [GenerationRequest], _ backend: LocalBackend, pauses: [Int]? = nil
  ) async -> [Received] {
    await withTaskGroup(of: (Int, Received).self) { group in
      for (index, request) in requests.enumerated() {
        group.addTask {
          for _ in 0..<(pauses?[index] ?? 0) { try? await Task.sleep(for: .milliseconds(1)) }
          return (index, await Received(backend.generate(request)))
        }
      }
      return await group.reduce(into: []) { $0.append($1) }.sorted { $0.0 < $1.0 }.map(\.1)
    }
  }

  @Test(arguments: 0..<3 as Range<UInt64>)
  func `whatever is answered beside it and whenever it comes, an answer is the one it is alone`(seed: UInt64) async throws {
    var random = SeededRandom(seed: seed)
    let requests = try (0..<20).map { _ in try Self.request(&random) }
    let alone = try await Self.alone(requests)
    let (backend, log) = try Mini.recorded()
    let together = await Self.together(requests, backend, pauses: requests.map { _ in Int.random(in: 0...200, using: &random) })
    for (index, (received, expected)) in zip(together, alone).enumerated() {
      #expect(Said(received) == Said(expected), "request \(index)")
    }
    #expect(log.steps.contains { $0.count > 3 })
    #expect(log.steps.allSatisfy { $0.count <= Scheduler.widest })
    let meters = await backend.meters
    #expect(meters.requests == requests.count)
    #expect(meters.bytesMoved == together.compactMap(\.summary?.bytesMoved).reduce(0, +))
    let map = try #require(await backend.cacheMap())
    #expect(map.pages.allSatisfy { $0.state == .cached || $0.state == .free })
  }

  @Test(arguments: KVElement.allCases, [true, false])
  func `it is so with rounded inputs and with each form of the cache`(kv: KVElement, isExact: Bool) async throws {
    let backend = try await LocalBackend.open(model: Project.mini, kv: kv, isExact: isExact, threads: 2)
    var random = SeededRandom(seed: 7)
    let requests = try (0..<6).map { _ in try Self.request(&random) }
    var alone: [Received] = []
    for request in requests { alone.append(await Received(backend.generate(request))) }
    for (received, expected) in zip(await Self.together(requests, backend), alone) {
      #expect(Said(received) == Said(expected))
    }
  }

  /// Attention goes through more than a thousand positions in ranges, and divides them otherwise for one token than for many.
  @Test func `it is so behind a long prompt`() async throws {
    let text = String(repeating: "one two three four five six seven eight nine ten ", count: 70)
    let requests = (0..<4).map { index in
      GenerationRequest(
        messages: [Message(.user, text + "\(index % 3)")], thinking: .off,
        sampling: SamplingSettings(temperature: 1.2, seed: UInt64(index)), tokenLimit: 16,
        speculation: index == 3 ? .all : .off)
    }
    let alone = try await Self.alone(requests)
    try #require(alone.allSatisfy { $0.trace?.tokens.count ?? 0 > 1100 })
    let (backend, log) = try Mini.recorded()
    for (index, (received, expected)) in zip(await Self.together(requests, backend), alone).enumerated() {
      #expect(Said(received) == Said(expected), "request \(index)")
    }
    #expect(log.steps.contains { $0.count > 1 })
  }

  @Test func `an answer that is stopped leaves the others as they are`() async throws {
    var random = SeededRandom(seed: 11)
    let requests = try (0..<9).map { _ in
      var request = try Self.request(&random)
      request.tokenLimit = 40
      return request
    }
    let alone = try await Self.alone(requests)
    let (backend, _) = try Mini.recorded()
    // Every third is stopped after some tokens, every third's stream is dropped.
    let limits = requests.indices.map { $0 % 3 == 0 ? Int.max : Int.random(in: 0..<12, using: &random) }
    let results = await withTaskGroup(of: (Int, [GenerationEvent]).self) { group in
      for (index, request) in requests.enumerated() {
        group.addTask {
          let stop = StopSignal()
          var events: [GenerationEvent] = []
          var tokens = 0
          if limits[index] == 0 { stop.raise() }
          for await event in backend.generate(request, stop: stop) {
            events.append(event)
            if case .token = event { tokens += 1 }
            if tokens >= limits[index] {
              if index % 3 == 1 { break }
              stop.raise()
            }
          }
          return (index, events)
        }
      }
      return await group.reduce(into: []) { $0.append($1) }.sorted { $0.0 < $1.0 }.map(\.1)
    }
    for (index, events) in results.enumerated() {
      let received = await Received(AsyncStream { continuation in
        for event in events { continuation.yield(event) }
        continuation.finish()
      })
      if index % 3 == 0 {
        #expect(Said(received) == Said(alone[index]), "request \(index)")
      } else {
        #expect(received.ids == Array(alone[index].ids.prefix(received.ids.count)), "request \(index)")
        if index % 3 == 2, received.ids.count < alone[index].ids.count {
          #expect(received.summary?.stopReason == .cancelled && received.summary?.counts.generated == received.ids.count)
        }
      }
    }
    // The dropped ones have ended too, or do so before the next step.
    _ = await Received(backend.generate(requests[0]))
    let map = try #require(await backend.cacheMap())
    #expect(map.pages.allSatisfy { $0.state == .cached || $0.state == .free })
  }

  @Test func `a request that fails in a step fails alone`() async throws {
    // Only the second says this word, and the model then refuses it.
    let word: TokenID = 1000
    var requests: [GenerationRequest] = []
    for index in 0..<4 {
      var request = GenerationRequest(
        messages: [Message(.user, "Who are you? \(index)")], thinking: .off,
        sampling: SamplingSettings(temperature: 1, logitBias: [word: -.infinity], seed: UInt64(index)), tokenLimit: 30)
      if index == 1 { request.sampling.logitBias = [word: 30] }
      requests.append(request)
    }
    let alone = try await Self.alone(requests)
    let (backend, log) = try Mini.recorded(refused: word)
    try #require(alone[1].ids.dropLast().contains(Int(word)))
    let together = await Self.together(requests, backend)
    for index in [0, 2, 3] { #expect(Said(together[index]) == Said(alone[index]), "request \(index)") }
    #expect(together[1].error == .inference("token 1000 is not in the vocabulary of 1000 rows"))
    #expect(together[1].order.last == "failed")
    #expect(together[1].ids == Array(alone[1].ids.prefix(together[1].ids.count)))
    #expect(together[1].ids.last == Int(word))
    #expect(log.steps.contains { $0.count == 3 })
  }

  /// The pages hold one of the answers and a half.
  @Test func `where pages lack the latest wait or are computed anew, and say the same`() async throws {
    var requests: [GenerationRequest] = []
    for index in 0..<5 {
      requests.append(
        GenerationRequest(
          messages: [Message(.user, String(repeating: "one two three \(index) four five ", count: 6 + index))],
          thinking: .off,
          sampling: SamplingSettings(temperature: 1, logitBias: [4089: -.infinity, 4087: -.infinity], seed: UInt64(index)),
          tokenLimit: 150, speculation: index % 2 == 0 ? .all : .off))
    }
    let alone = try await Self.alone(requests)
    let longest = try #require(alone.compactMap { $0.trace.map { trace in trace.tokens.count } }.max()) + 150
    let (backend, log) = try Mini.recorded(contextLength: longest + 8, pageCount: longest * 3 / 2 / 16)
    let together = await Self.together(requests, backend)
    for (index, (received, expected)) in zip(together, alone).enumerated() {
      #expect(Said(received) == Said(expected), "request \(index)")
      // What is computed again is no news.
      #expect(zip(received.prefilled, received.prefilled.dropFirst()).allSatisfy { $0 < $1 })
      #expect(received.prefilled.last == received.trace?.tokens.count)
    }
    let sequences = Set(log.steps.flatMap { $0 }.map(\.sequence))
    #expect(sequences.count > requests.count, "none was suspended")
    #expect(log.steps.contains { $0.count > 1 })
  }

  @Test func `a prompt that no page is left for is refused, and the others are answered`() async throws {
    let short = GenerationRequest(
      messages: [Message(.user, "Who are you?")], sampling: SamplingSettings(temperature: 0, seed: 1), tokenLimit: 20)
    var long = short
    long.messages = [Message(.user, String(repeating: "one two three ", count: 60))]
    let alone = try await Self.alone([short])
    // More positions than pages: only a pool that was made too small has fewer.
    let (backend, _) = try Mini.recorded(contextLength: 1024, pageCount: 8)
    let together = await Self.together([short, long, short], backend)
    #expect(Said(together[0]) == Said(alone[0]) && Said(together[2]) == Said(alone[0]))
    let count = try await backend.preview(long).tokens.count
    #expect(together[1].error == .inference("the prompt has \(count) tokens, but all pages together hold 128; shorten it or raise --context"))
  }

  @Test func `variants of a prompt compute it once, and share its pages`() async throws {
    let (backend, log) = try Mini.recorded()
    let requests = try (0..<4).map { index in
      var request = try Mini.weather([Mini.question])
      request.sampling = SamplingSettings(temperature: 1, seed: UInt64(index))
      request.speculation = .off
      return request
    }
    let together = await Self.together(requests, backend)
    let count = try #require(together[0].trace).tokens.count
    #expect(together.compactMap { $0.trace?.reuse?.reusedTokens }.sorted() == [0, count - 1, count - 1, count - 1])
    let rows = log.steps.flatMap { $0 }.filter { $0.startPosition < count }.map(\.rows).reduce(0, +)
    #expect(rows == count + 3)
    #expect(log.steps.contains { $0.count == 4 && $0.allSatisfy { $0.rows == 1 } })
  }

  @Test func `pages that answers share are shown as shared while they run`() async throws {
    let (backend, _) = try Mini.recorded()
    var request = try Mini.weather([Mini.question])
    request.tokenLimit = nil
    request.sampling = SamplingSettings(temperature: 0, logitBias: [4089: -.infinity, 4087: -.infinity])
    let stop = StopSignal()
    let others = (0..<2).map { _ in backend.generate(request, stop: stop) }
    var shown: CacheMap?
    for await event in backend.generate(request, stop: stop) {
      guard case .token(let token) = event, token.index == 40 else { continue }
      shown = await backend.cacheMap()
      stop.raise()
    }
    for other in others { _ = await Received(other) }
    let shared = try #require(shown).pages.filter { $0.state == .shared(3) }
    #expect(shared.count >= 10)
    #expect(shared.allSatisfy { $0.sequences.count == 3 && $0.age == 0 })
  }

  @Test func `while a long prompt is computed, the answers under way get a token with every chunk`() async throws {
    let (backend, log) = try Mini.recorded(maxBatchRows: 24)
    let first = GenerationRequest(
      messages: [Message(.user, "Who are you?")], thinking: .off,
      sampling: SamplingSettings(temperature: 0, logitBias: [4089: -.infinity, 4087: -.infinity]), speculation: .off)
    let second = GenerationRequest(
      messages: [Message(.user, String(repeating: "one two three ", count: 60))], sampling: .greedy, tokenLimit: 2)
    let stop = StopSignal()
    var received: Received?
    for await event in backend.generate(first, stop: stop) {
      guard case .token(let token) = event, token.index == 0 else { continue }
      log.clear()
      received = await Received(backend.generate(second))
      stop.raise()
    }
    let steps = log.steps.filter { $0.contains { $0.rows > 1 } }
    #expect(steps.count > 5)
    #expect(steps.allSatisfy { $0.count == 2 && $0[0].rows == 1 && $0[0].hasLogits })
    #expect(steps.allSatisfy { $0.map(\.rows).reduce(0, +) <= 24 })
    #expect(received?.prefilled.last == received?.trace?.tokens.count)
  }

  @Test func `the time to the first token is the sum of its phases, waiting included`() async throws {
    let (backend, _) = try Mini.recorded()
    let requests = (0..<5).map { index in
      GenerationRequest(
        messages: [Message(.user, "\(index) " + String(repeating: "one two three four ", count: 20))], sampling: .greedy,
        tokenLimit: 3)
    }
    let phases = await Self.together(requests, backend).compactMap(\.summary?.phases)
    #expect(phases.count == requests.count)
    for times in phases {
      let sum =
        times.render + times.tokenise + times.queue + times.lookUp + times.prefill + times.firstSample + times.detokenise
      #expect(sum <= times.firstToken)
      #expect(times.prefill > .zero && times.total == times.firstToken + times.decode)
    }
  }

  @Test func `a choice of a function between answers has the model for itself and changes nothing`() async throws {
    let (backend, log) = try Mini.recorded()
    var request = try Mini.weather([Mini.question])
    request.sampling.seed = 1
    let alone = try await Mini.open().choose(request)
    let expected = try await Self.alone([request])[0]
    async let first = Received(backend.generate(request))
    async let choice = backend.choose(request)
    async let second = Received(backend.generate(request))
    #expect(try await choice.options == alone.options)
    #expect(Said(await first) == Said(expected))
    #expect(Said(await second) == Said(expected))
    // An answer is at most beside the other answer, and a choice's steps have one function's rows: there is but one.
    #expect(log.steps.allSatisfy { $0.count <= 2 })
  }
}
