import Engine

/// A conversation as it stands on the screen: the messages, and for each answer what is known of its making.
struct Transcript: Sendable {
  struct Entry: Sendable {
    var message: Message
    /// Of an assistant's message that was generated here.
    var answer: Answer?
    /// Of the message's calls, by their index, as far as they have been run here.
    var callStates: [Int: CallState] = [:]
    init(_ message: Message, answer: Answer? = nil) {
      self.message = message
      self.answer = answer
    }
  }

  private(set) var entries: [Entry] = []
  /// Index of the last entry that was generated here.
  private(set) var latestAnswerIndex: Int?

  init(_ messages: [Message] = []) {
    entries = messages.map { Entry($0) }
  }

  /// What the model is to read: an answer at the end that failed or was stopped before it said anything is left out.
  var messages: [Message] { (endsInNothing ? entries.dropLast() : entries[...]).map(\.message) }

  private var endsInNothing: Bool {
    guard let last = entries.last, let answer = last.answer else { return false }
    return !answer.isRunning && answer.tokens.isEmpty && last.message == Message(.assistant, "")
  }

  var isEmpty: Bool { entries.isEmpty }

  /// In the place of an answer at the end that says nothing.
  mutating func append(_ entry: Entry) {
    if endsInNothing { truncate(to: entries.count - 1) }
    entries.append(entry)
    if entry.answer != nil { latestAnswerIndex = entries.count - 1 }
  }

  /// Keeps the first `count` entries.
  mutating func truncate(to count: Int) {
    guard count < entries.count else { return }
    entries.removeSubrange(count...)
    latestAnswerIndex = entries.indices.last { entries[$0].answer != nil }
  }

  /// Whether it has one stays as it is.
  mutating func update<R>(_ index: Int, _ body: (inout Entry) -> R) -> R { body(&entries[index]) }

  /// The calls whose results are missing: those of the last assistant's message, less the results that follow it.
  var pendingCalls: [ToolCall] {
    guard let last = entries.lastIndex(where: { $0.message.role == .assistant }) else { return [] }
    let results = entries[(last + 1)...]
    guard results.allSatisfy({ $0.message.role == .tool }) else { return [] }
    return Array(entries[last].message.toolCalls.dropFirst(results.count))
  }

  /// The result of a call of the entry at `index`, if it has been given.
  func result(ofCall call: Int, at index: Int) -> Message? {
    let place = index + 1 + call
    guard place < entries.count, entries[(index + 1)...place].allSatisfy({ $0.message.role == .tool }) else {
      return nil
    }
    return entries[place].message
  }
}

/// One answer, under way or done.
struct Answer: Sendable {
  enum State: Sendable, Equatable {
    /// Sent; nothing has come back.
    case waiting
    case prefilling(done: Int, total: Int)
    case generating
    case finished(StopReason)
    case failed(GenerationError)
  }

  let number: Int
  let request: GenerationRequest
  var state: State = .waiting
  var trace: PromptTrace?
  var tokens: [TokenEvent] = []
  /// When they came.
  var timeline = TokenTimeline()
  /// Of the gaps between them; brought up to date now and then, so that a long answer costs no more a token than a short.
  private(set) var latencies: Latencies?
  private var laneCounts: [Lane: Int] = [:]
  /// From the token before a lane's first to its last.
  private var laneSpans: [Lane: (start: Duration, end: Duration)] = [:]
  var warnings: [String] = []
  var malformedToolCalls: [MalformedToolCall] = []
  /// What the tokens say of the calls that are complete, in the order of the message's.
  private(set) var calls: [CallReading] = []
  /// The call being written, as far as it goes; empty outside a call.
  var openToolCall = ""
  var summary: GenerationSummary?
  /// When it was sent, on the workbench's clock.
  let sentAt: Duration
  /// From arrival of the first token in the workbench to the end of the frame that showed it.
  var firstPaint: Duration?

  init(number: Int, request: GenerationRequest, sentAt: Duration) {
    self.number = number
    self.request = request
    self.sentAt = sentAt
  }

  var isRunning: Bool {
    switch state {
    case .waiting, .prefilling, .generating: true
    case .finished, .failed: false
    }
  }

  func tokenCount(in lane: Lane) -> Int { laneCounts[lane] ?? 0 }

  /// What drafts have done so far.
  var speculation: SpeculationCounts? { summary?.speculation ?? tokens.last?.speculation }

  /// Generated tokens after the first, over the time since the first; nil before the second.
  var tokensPerSecond: Double? { timeline.tokensPerSecond }

  /// First to last token of a lane, on the request's clock; zero while there is none.
  func elapsed(in lane: Lane) -> Duration { laneSpans[lane].map { $0.end - $0.start } ?? .zero }

  mutating func append(_ token: TokenEvent) {
    let start = laneSpans[token.lane]?.start ?? timeline.times.last ?? token.time
    laneSpans[token.lane] = (start, token.time)
    laneCounts[token.lane, default: 0] += 1
    tokens.append(token)
    timeline.append(token.time)
    let isDue = latencies.map { tokens.count >= $0.tokenCount + max(8, $0.tokenCount / 16) } ?? true
    if isDue { updateLatencies() }
  }

  /// To be called when a call is complete.
  mutating func readCalls() { calls = CallReading.all(in: tokens) }

  mutating func updateLatencies() { latencies = Latencies(timeline) ?? latencies }
}

/// The distribution of an answer's token gaps (ITL).
struct Latencies: Sendable, Equatable {
  /// Tokens it was taken from.
  var tokenCount: Int
  var p50: Duration
  var p95: Duration
  var p99: Duration
  var worst: Duration
  /// Index of the token that ended the worst gap.
  var worstTokenIndex: Int

  /// Nil before there is a gap.
  init?(_ timeline: TokenTimeline) {
    guard let ranks = timeline.gaps(atPercentiles: [0.5, 0.95, 0.99]), let worst = timeline.worstGap else { return nil }
    tokenCount = timeline.count
    (p50, p95, p99) = (ranks[0], ranks[1], ranks[2])
    self.worst = worst.gap
    worstTokenIndex = worst.tokenIndex
  }
}
