internal import Inference
internal import ModelFiles

/// Answers several requests at once: each step of the model computes a row for every answer that is under way and, beside
/// them, some of the next prompt, so that the weights are read once for all. An answer joins when its prompt is computed and
/// leaves with its last token (Yu et al., "Orca", OSDI 2022, §3; the prompt in pieces as Agrawal et al., "Sarathi",
/// arXiv 2308.16369).
///
///     step     1    2    3    4    5    6    7
///     A      PPPP  PP   a1   a2   a3   a4              P: some rows of the prompt, a1: the row of a token
///     B       ·    ·    PP   b1   b2   b3   b4         waits for A's prompt, then finds in its pages what both begin with
///     C       ·    ·    ·    ·    PPP  PP   c1
///
/// The bits of a row depend neither on the rows beside it nor on when it is computed, so each answer is the one that it
/// would have been alone. When pages run out, the request that came last gives its own back and is computed anew later:
/// that costs time and nothing else. Lives on the engine thread.
final class Scheduler {
  /// What waits for its turn. Nothing overtakes what came before it.
  private enum Waiting {
    case request(ScheduledRequest)
    /// Work that has the model for itself.
    case alone(() -> Void)
  }

  /// What was done since the model was loaded.
  private(set) var meters = EngineMeters()

  private let model: Generation.Model
  private let clock = ContinuousClock()
  private var waiting: [Waiting] = []
  /// In the order they came. Only the last may have some of its prompt to compute.
  private var running: [ScheduledRequest] = []
  /// There was no room for one more; there may be when one has ended.
  private var isFull = false
  private var batch = Batch()
  /// Of a prompt, in one step.
  private var chunkRows = 32
  /// What was learnt of drafts, for the next answer.
  private var draftLength = DraftLength()
  private var ledger: PageLedger
  private var requestCount = 0

  /// Answers in one step. With their drafts they have as many rows as one answer with its.
  static let widest = Draft.longest + 1

  init(_ model: Generation.Model) {
    self.model = model
    ledger = PageLedger(pageCount: model.forward.geometry.pageCount)
  }

  var isIdle: Bool { waiting.isEmpty && running.isEmpty }

  func add(_ request: ScheduledRequest) { waiting.append(.request(request)) }

  /// Runs the work when all that came before has ended.
  func addAlone(_ work: @escaping () -> Void) { waiting.append(.alone(work)) }

  /// The KV cache between two steps.
  func cacheMap() -> CacheMap {
    for request in running { notePages(of: request) }
    return ledger.map(model.pool.snapshot(), request: requestCount)
  }

  /// One step for all that can take part in it, and the tokens that it gives.
  func step() {
    endStopped()
    admit()
    compute(plan()[...])
  }

  // MARK: - Who takes part

  /// A stop is heard before each chunk of a prompt and before each token, and while waiting.
  private func endStopped() {
    for request in running where request.isStopped { cancel(request) }
    for case .request(let request) in waiting where request.isStopped { cancel(request) }
  }

  /// Lets the first of those who wait take part, if no prompt is being computed and there is room.
  private func admit() {
    let limit = min(Self.widest, model.forward.maxBatchRows)
    while let next = waiting.first {
      switch next {
      case .alone(let work):
        guard running.isEmpty else { return }
        waiting.removeFirst()
        work()
      case .request(let request):
        guard running.isEmpty || !isFull && running.count < limit && running.allSatisfy(isPrefilled) else { return }
        do throws(GenerationError) {
          guard try begin(request) else { return }
          waiting.removeFirst()
          running.append(request)
          request.reportAccepted()
          return
        } catch {
          fail(request, error)
        }
      }
    }
  }

  /// False if there is no room now.
  private func begin(_ request: ScheduledRequest) throws(GenerationError) -> Bool {
    let isNew = request.generation == nil
    let generation = try request.begin(model, draftLength: draftLength)
    if isNew { requestCount += 1 }
    do throws(InferenceError) {
      try generation.lookUp()
      return true
    } catch {
      guard case .pagesExhausted = error, !running.isEmpty else { throw .inference(error.description) }
      isFull = true
      return false
    }
  }

  private func isPrefilled(_ request: ScheduledRequest) -> Bool { request.generation?.isPrefilled == true }

  // MARK: - A step

  /// Those whose rows are chosen and have their pages. Where pages lack, those who came last give theirs to those before.
  private func plan() -> [ScheduledRequest] {
    let answerCount = running.count { isPrefilled($0) }
    // The rows that one answer with a long draft would have, divided among all.
    let room = min(Self.widest, model.forward.maxBatchRows - (answerCount < running.count ? 1 : 0))
    let draftLimit = answerCount > 0 ? max(0, room / answerCount - 1) : 0
    var rows = 0
    var index = 0
    while index < running.count {
      let request = running[index]
      guard let generation = request.generation else { preconditionFailure("what runs has begun") }
      do throws(InferenceError) {
        try generation.plan(promptRows: min(chunkRows, model.forward.maxBatchRows - rows), draftLimit: draftLimit)
        rows += generation.plannedRows
        index += 1
      } catch {
        if case .pagesExhausted = error, let last = running.last, running.count > 1 {
          suspend(last)
        } else {
          fail(request, .inference(error.description))
        }
      }
    }
    return running
  }

  private func suspend(_ request: ScheduledRequest) {
    notePages(of: request)
    request.generation?.suspend()
    running.removeAll { $0 === request }
    waiting.insert(.request(request), at: 0)
    isFull = true
  }

  private func compute(_ members: ArraySlice<ScheduledRequest>) {
    guard !members.isEmpty else { return }
    batch.removeAll()
    for member in members { member.generation?.add(to: &batch) }
    let start = clock.now
    do throws(InferenceError) {
      try model.forward.submit(batch)
    } catch {
      // Nothing was computed. Whose fault it is shows when each has a step of its own.
      if members.count > 1 {
        for index in members.indices { compute(members[index...index]) }
      } else if let member = members.first {
        fail(member, .inference(error.description))
      }
      return
    }
    let end = clock.now
    let isPrefill = !members.allSatisfy(isPrefilled)
    note(end - start, isPrefill: isPrefill, answerCount: members.count - (isPrefill ? 1 : 0))
    let shares = sharesOfBytes()
    for (index, member) in members.enumerated() {
      member.generation?.computed(
        firstLogitRow: batch.runs[index].logitRows.lowerBound, from: start, to: end, bytesMoved: shares[index],
        isAlone: members.count == 1)
      member.reportPrefill()
    }
    for member in members where member.generation?.hasLogits == true { draw(member) }
  }

  /// By run: the bytes of its own pages, and an equal part of the weights.
  private func sharesOfBytes() -> [Int] {
    let moved = model.forward.bytesMoved
    let pages = batch.runs.map { model.forward.geometry.pages(for: $0.startPosition + $0.rows.count) }
    let allPages = pages.reduce(0, +)
    var seenPages = 0
    return batch.runs.indices.map { index in
      let before = seenPages
      seenPages += pages[index]
      let weights = moved.weights * (index + 1) / pages.count - moved.weights * index / pages.count
      return weights + moved.kv * seenPages / allPages - moved.kv * before / allPages
    }
  }

  /// The time of a step, and how much of a prompt the next should have: as much as takes about a tenth of a second, so that a
  /// stop is heard soon, and half of that beside answers, which wait for it.
  private func note(_ elapsed: Duration, isPrefill: Bool, answerCount: Int) {
    meters.bytesMoved += model.forward.bytesMoved.total
    guard isPrefill else {
      meters.decode += elapsed
      return
    }
    meters.prefill += elapsed
    let goal = Duration.milliseconds(answerCount > 0 ? 50 : 100)
    if elapsed < goal * 3 / 5 { chunkRows = min(chunkRows * 2, model.forward.maxBatchRows) }
    if elapsed > goal * 2 { chunkRows = max(chunkRows / 2, 8) }
  }

  /// The token that the step gives, and those behind it that were foretold.
  private func draw(_ request: ScheduledRequest) {
    guard let generation = request.generation else { return }
    do throws(GenerationError) {
      repeat {
        if request.isStopped { return cancel(request) }
        request.report(try generation.nextToken())
        if let reason = generation.stopReason {
          return end(request, .finished(generation.summary(stopReason: reason)))
        }
      } while generation.keepDraft()
    } catch {
      fail(request, error)
    }
  }

  // MARK: - Ends

  private func cancel(_ request: ScheduledRequest) {
    do throws(GenerationError) {
      let generation = try request.begin(model, draftLength: draftLength)
      request.reportAccepted()
      request.report(generation.cancel())
      end(request, .finished(generation.summary(stopReason: .cancelled)))
    } catch {
      fail(request, error)
    }
  }

  private func fail(_ request: ScheduledRequest, _ error: GenerationError) { end(request, .failed(error)) }

  /// Gives the pages back, adds what was done to the meters, and says the last word.
  private func end(_ request: ScheduledRequest, _ last: GenerationEvent) {
    running.removeAll { $0 === request }
    waiting.removeAll { if case .request(let other) = $0 { other === request } else { false } }
    isFull = false
    if let generation = request.generation {
      notePages(of: request)
      generation.release()
      draftLength = generation.speculation.length
      meters.requests += 1
      meters.promptTokens += generation.counts.prompt
      meters.cachedTokens += generation.counts.cached
      meters.generatedTokens += generation.counts.generated
    }
    request.end(last)
  }

  private func notePages(of request: ScheduledRequest) {
    guard let generation = request.generation, let sequence = generation.sequence else { return }
    ledger.note(
      sequence, generation.trace, request: requestCount, tokensPerPage: model.forward.geometry.tokensPerPage)
  }
}
