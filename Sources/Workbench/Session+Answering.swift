import Engine
import ModelFiles
import Terminal

/// From a sent message to a finished answer.
extension Session {
  /// Appends the message and asks for an answer. False, with a notice, if none can be given.
  func send(_ message: Message) -> Bool {
    guard canAnswer() else { return false }
    transcript.append(.init(message))
    answer()
    return true
  }

  /// Whether an answer can be asked for; says why not.
  func canAnswer() -> Bool {
    switch model {
    case .ready:
      if isRunning {
        show(.warning, "\(runningCalls == nil ? "an answer is being written" : "calls are being run"); Ctrl-C stops it")
      }
      return !isRunning
    case .loading: show(.warning, "the model is still loading")
    case .absent: show(.warning, "no model is loaded")
    case .failed(let sentence): show(.error, sentence)
    }
    return false
  }

  /// Asks for an answer to the conversation as it stands.
  func answer() {
    let number = nextAnswerNumber()
    var request = makeRequest(transcript.messages)
    // What had to be called has been; what becomes of the results is the model's choice.
    if transcript.messages.last?.role == .tool, request.toolChoice != .none { request.toolChoice = .auto }
    transcript.append(.init(Message(.assistant, ""), answer: Answer(number: number, request: request, sentAt: now)))
    self.request(.record(RunRecord(request, run: runName(number), engine: model.info)))
    self.request(.generate(answer: number, request))
  }

  func stop() {
    if let running = runningCalls {
      runningCalls?.isStopping = true
      runningCalls?.permissions = []
      runningCalls?.results = []
      request(.stopCalls(batch: running.batch))
      return
    }
    guard let answer = runningAnswer else { return }
    request(.stop(answer: answer.number))
    show(.information, "stopping…")
  }

  /// Puts the message in the place of the entry at `index` and answers from there; what followed can be brought back.
  func replace(_ index: Int, with content: String) {
    guard transcript.entries.indices.contains(index), !isRunning else { return }
    remember()
    var message = transcript.entries[index].message
    message.content = content
    if message.role == .system, index + 1 < transcript.entries.count {
      // The question that follows the instructions is kept, and answered under the new ones.
      transcript.update(index) { $0 = .init(message) }
      let question = transcript.entries[(index + 1)...].firstIndex { $0.message.role == .user }
      transcript.truncate(to: (question ?? index) + 1)
      if question != nil, canAnswer() { answer() }
    } else {
      transcript.truncate(to: index)
      transcript.append(.init(message))
      if message.role != .assistant, message.role != .system, canAnswer() { answer() }
    }
    promptChanged()
  }

  /// Answers anew: the entry at `index` if it is an answer, else the question before it.
  func rerun(from index: Int) {
    guard transcript.entries.indices.contains(index), canAnswer() else { return }
    guard let question = transcript.entries[...index].lastIndex(where: { [.user, .tool].contains($0.message.role) })
    else {
      show(.warning, "there is no message to answer")
      return
    }
    remember()
    transcript.truncate(to: question + 1)
    answer()
    promptChanged()
  }

  func remember() {
    earlierTranscripts.append(transcript)
    if earlierTranscripts.count > 50 { earlierTranscripts.removeFirst() }
  }

  /// Brings back the conversation as it was before the last edit, rerun or clearing.
  func undoConversation() {
    guard !isRunning else {
      show(.warning, "an answer is being written; Ctrl-C stops it")
      return
    }
    guard let earlier = earlierTranscripts.popLast() else {
      show(.warning, "there is no earlier conversation")
      return
    }
    transcript = earlier
    promptChanged()
    show(.success, "the earlier conversation is back")
  }

  func clearConversation() {
    guard !isRunning else {
      show(.warning, "an answer is being written; Ctrl-C stops it")
      return
    }
    remember()
    transcript.truncate(to: transcript.entries.prefix { $0.message.role == .system }.count)
    promptChanged()
    show(.information, "a new conversation; u brings the old one back")
  }

  // MARK: - Events of the engine

  func receive(_ event: GenerationEvent, answer number: Int) {
    guard let index = transcript.entries.lastIndex(where: { $0.answer?.number == number }) else { return }
    if case .accepted(let trace) = event {
      learn(trace)
      self.trace = trace
      traceProblem = nil
    }
    if case .token(let token) = event { learn(token) }
    transcript.update(index) { entry in
      guard var answer = entry.answer else { return }
      entry.answer = nil
      answer.receive(event, message: &entry.message)
      entry.answer = answer
    }
    switch event {
    case .finished(let summary):
      request(.readCacheMap)
      record(index)
      promptChanged()
      goOn(after: summary, at: index)
      if case .contextFull = summary.stopReason { show(.warning, "the context is full; the answer ends here") }
    case .failed(let error):
      request(.readCacheMap)
      show(.error, error.description)
      record(index)
      promptChanged()
    case .accepted, .prefilled: request(.readCacheMap)
    case .token(let token) where token.index % 16 == 0: request(.readCacheMap)
    default: break
    }
  }

  /// A stream that was dropped ends without a last event; the answer keeps what it has.
  func streamEnded(answer number: Int) {
    guard let index = transcript.entries.lastIndex(where: { $0.answer?.number == number }) else { return }
    guard transcript.entries[index].answer?.isRunning == true else { return }
    transcript.update(index) { $0.answer?.state = .finished(.cancelled) }
    record(index)
    request(.readCacheMap)
    promptChanged()
  }

  private func runName(_ number: Int) -> String { "\(runPrefix)-\(number)" }

  private func record(_ index: Int) {
    let entry = transcript.entries[index]
    guard let answer = entry.answer else { return }
    request(.record(RunRecord(answer, message: entry.message, run: runName(answer.number))))
  }

  func painted(took: Duration) {
    guard let index = transcript.latestAnswerIndex else { return }
    guard let answer = transcript.entries[index].answer, answer.firstPaint == nil, !answer.tokens.isEmpty else {
      return
    }
    transcript.update(index) { $0.answer?.firstPaint = took }
  }

  func receive(preview result: Result<PromptTrace, GenerationError>) {
    previewIsUnderWay = false
    switch result {
    case .success(let trace):
      learn(trace)
      if !isRunning { self.trace = trace }
      traceProblem = nil
    case .failure(let error):
      trace = nil
      traceProblem = error
    }
  }

  func wantPreviewIfNeeded() {
    guard previewIsWanted, !previewIsUnderWay, !isRunning, case .ready = model else { return }
    previewIsWanted = false
    var messages = transcript.messages
    if !draft.isEmpty { messages.append(Message(.user, draft)) }
    guard !messages.isEmpty else {
      trace = nil
      traceProblem = nil
      return
    }
    previewIsUnderWay = true
    request(.preview(makeRequest(messages)))
  }

  // MARK: - What tokens say

  private func learn(_ trace: PromptTrace) {
    let bytes = Array(trace.text.utf8)
    var start = 0
    for (token, end) in zip(trace.tokens, trace.tokenEnds) {
      if end > start, end <= bytes.count, tokenBytes[token] == nil { tokenBytes[token] = Array(bytes[start..<end]) }
      start = max(start, end)
    }
  }

  private func learn(_ token: TokenEvent) { tokenBytes[token.id] = token.bytes }
}

extension Answer {
  mutating func receive(_ event: GenerationEvent, message: inout Message) {
    switch event {
    case .accepted(let trace):
      self.trace = trace
      state = .prefilling(done: trace.reuse?.reusedTokens ?? 0, total: trace.tokens.count)
    case .prefilled(let done, let total): state = .prefilling(done: done, total: total)
    case .token(let token):
      state = .generating
      append(token)
      switch token.lane {
      case .thinking: message.reasoning = (message.reasoning ?? "") + token.text
      case .answer: message.content += token.text
      case .toolCall: openToolCall += token.text
      case .control: break
      }
    case .toolCall(let call):
      message.toolCalls.append(call)
      openToolCall = ""
      readCalls()
    case .malformedToolCall(let malformed):
      malformedToolCalls.append(malformed)
      openToolCall = ""
    case .warning(let sentence): warnings.append(sentence)
    case .finished(let summary):
      updateLatencies()
      self.summary = summary
      state = .finished(summary.stopReason)
      message = summary.message
      openToolCall = ""
    case .failed(let error):
      state = .failed(error)
      openToolCall = ""
    }
  }
}
