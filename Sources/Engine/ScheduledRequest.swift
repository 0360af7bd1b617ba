internal import ModelFiles

/// A request from the moment its prompt is rendered to its last event. Lives on the engine thread.
final class ScheduledRequest {
  let request: GenerationRequest
  let trace: PromptTrace
  /// Of the phases before `readySince`.
  let times: PhaseTimes
  let arrival: ContinuousClock.Instant
  let readySince: ContinuousClock.Instant
  let startsThinking: Bool
  let constraint: AnswerConstraint?
  /// What the user should know, said after `accepted`.
  let warnings: [String]
  /// Set when it begins; stays while it is suspended.
  private(set) var generation: Generation?

  private let stops: [StopSignal]
  private let events: AsyncStream<GenerationEvent>.Continuation
  private var isAccepted = false
  /// Positions of the prompt that the listener knows to be computed.
  private var reportedCount = 0

  init(
    _ request: GenerationRequest, trace: PromptTrace, times: PhaseTimes, arrival: ContinuousClock.Instant,
    readySince: ContinuousClock.Instant, startsThinking: Bool, constraint: AnswerConstraint?, warnings: [String],
    stops: [StopSignal], events: AsyncStream<GenerationEvent>.Continuation
  ) {
    self.request = request
    self.trace = trace
    self.times = times
    self.arrival = arrival
    self.readySince = readySince
    self.startsThinking = startsThinking
    self.constraint = constraint
    self.warnings = warnings
    self.stops = stops
    self.events = events
  }

  var isStopped: Bool { stops.contains { $0.isRaised } }

  /// The generation, made by the first call.
  func begin(_ model: Generation.Model, draftLength: DraftLength) throws(GenerationError) -> Generation {
    if let generation { return generation }
    let made = try Generation(
      request, trace: trace, times: times, arrival: arrival, idleSince: readySince, model: model,
      startsThinking: startsThinking, constraint: constraint, draftLength: draftLength)
    generation = made
    return made
  }

  // MARK: - Events, in their documented order

  /// Once, when the prompt was looked up or will not be any more.
  func reportAccepted() {
    guard !isAccepted else { return }
    isAccepted = true
    events.yield(.accepted(generation?.trace ?? trace))
    for warning in warnings { events.yield(.warning(warning)) }
  }

  /// What of the prompt is computed, if that is more than was reported; not what is computed again after a suspension.
  func reportPrefill() {
    guard let done = generation?.doneTokenCount, done > reportedCount, reportedCount < trace.tokens.count else { return }
    reportedCount = done
    events.yield(.prefilled(done: done, total: trace.tokens.count))
  }

  func report(_ more: [GenerationEvent]) {
    for event in more { events.yield(event) }
  }

  /// The last event.
  func end(_ last: GenerationEvent) {
    events.yield(last)
    events.finish()
  }
}
