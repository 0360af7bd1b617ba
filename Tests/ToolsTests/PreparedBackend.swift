import Engine
import Synchronization

/// A backend that gives prepared answers and keeps the requests.
final class PreparedBackend: Backend {
  let answers: [Message]
  let stopReason: StopReason
  let requests = Mutex<[GenerationRequest]>([])

  init(_ answers: [Message], stopReason: StopReason = .endOfTurn) {
    self.answers = answers
    self.stopReason = stopReason
  }

  var info: BackendInfo {
    BackendInfo(
      name: "prepared", device: "none", parameterCount: 0, contextLength: 0, vocabularySize: 0, weightByteCount: 0,
      samplingThinking: .greedy, samplingNonThinking: .greedy)
  }

  func preview(_ request: GenerationRequest) async throws(GenerationError) -> PromptTrace {
    throw .emptyConversation
  }

  func cacheMap() async -> CacheMap? { nil }

  func generate(_ request: GenerationRequest) -> AsyncStream<GenerationEvent> {
    let number = requests.withLock { requests in
      requests.append(request)
      return requests.count - 1
    }
    return AsyncStream { continuation in
      if number < answers.count {
        continuation.yield(
          .finished(
            GenerationSummary(
              stopReason: stopReason, message: answers[number], malformedToolCalls: [], counts: TokenCounts(),
              phases: PhaseTimes(), seed: 0, bytesMoved: nil)))
      } else {
        continuation.yield(.failed(.emptyConversation))
      }
      continuation.finish()
    }
  }
}
