@_exported public import Engine
@_exported public import JSON

/// A Qwen3 model in this process that a Swift program talks to: messages and functions in, text or calls out.
///
///     let model = try await ChatModel.open("Qwen3-14B-Q4_K_M.gguf")
///     let reply = try await model.chat(messages: [Message(.user, "上海的天气怎么样？")], functions: [weather])
///
/// It keeps no conversation: each call is given all the messages, and what of them has been computed before is found in
/// the KV cache. A copy is the same model; calls from several tasks are answered one after another.
public struct ChatModel: Sendable {
  /// What answers: the model that `open` loaded, or a program's own.
  public let backend: any Backend

  public init(backend: any Backend) { self.backend = backend }

  /// Loads a model; its weights stay mapped and are read when they are first used.
  /// - Parameters:
  ///   - model: `mini`, the miniature model in the binary; a .gguf file; or a folder from Hugging Face.
  ///   - contextLength: positions that a conversation may have; nil for the model's own, at most 8,192.
  ///   - threads: for the kernels; nil for as many as there are cores.
  /// - Throws: `loading` when the file is damaged, is no Qwen3, or does not fit in memory.
  public static func open(
    _ model: String, contextLength: Int? = nil, threads: Int? = nil
  ) async throws(ChatError) -> ChatModel {
    do throws(ModelLoadError) {
      return ChatModel(
        backend: try await LocalBackend.open(model: model, contextLength: contextLength, threads: threads))
    } catch {
      throw .loading(error)
    }
  }

  /// Its name, device, context length and recommended sampling.
  public var info: BackendInfo { backend.info }

  /// One answer: text, or the functions that the model wants called.
  ///
  /// Nothing is executed. A program calls what it allows, appends the answer's message and one message of the role `tool`
  /// for each call, in the calls' order, and asks again.
  /// - Parameter functionCall: `.auto` leaves it to the model, `.none` forbids a call, `.required` asks for one,
  ///   `.named` for one of that function.
  /// - Throws: `generation` when the request cannot be answered (a schema that nothing satisfies, a prompt that is too
  ///   long), `cancelled` when the task is.
  public func chat(
    messages: [Message], functions: [FunctionDefinition] = [], functionCall: ToolChoice = .auto,
    options: ChatOptions = ChatOptions()
  ) async throws(ChatError) -> ChatReply {
    var last: GenerationEvent?
    for await event in stream(messages: messages, functions: functions, functionCall: functionCall, options: options) {
      last = event
    }
    switch last {
    case .finished(let summary): return ChatReply(summary: summary)
    case .failed(let error): throw .generation(error)
    // A stream ends early for one reason: the task that listens is cancelled.
    default: throw .cancelled
    }
  }

  /// The same as it comes: tokens with their alternatives, calls when they are closed, then `finished` or `failed`.
  /// Dropping the stream stops the generation within a token.
  public func stream(
    messages: [Message], functions: [FunctionDefinition] = [], functionCall: ToolChoice = .auto,
    options: ChatOptions = ChatOptions()
  ) -> AsyncStream<GenerationEvent> {
    backend.generate(
      GenerationRequest(
        messages: messages, functions: functions, toolChoice: functionCall, parallelCalls: options.parallelCalls,
        responseSchema: options.responseSchema, constraint: options.constraint, thinking: options.thinking,
        sampling: options.sampling ?? (options.thinking == .off ? info.samplingNonThinking : info.samplingThinking),
        tokenLimit: options.tokenLimit, stopStrings: options.stopStrings, candidateCount: options.candidateCount))
  }
}

/// How an answer is made, beside what it is about.
public struct ChatOptions: Sendable, Equatable {
  /// Whether the model thinks before it answers.
  public var thinking: ThinkingMode = .template
  /// Nil takes what the checkpoint recommends, or Qwen3's published settings.
  public var sampling: SamplingSettings?
  /// A JSON Schema: text that answers without a call is one JSON value that conforms to it.
  public var responseSchema: JSONValue?
  /// What is done about tokens that a call cannot have by its schema.
  public var constraint: ConstraintMode = .enforce
  /// Whether one answer may call several times.
  public var parallelCalls = true
  /// Generated tokens, at most; nil runs to the end of the context.
  public var tokenLimit: Int?
  /// Generation ends before any of these; they are not part of the answer.
  public var stopStrings: [String] = []
  /// Alternatives reported for each token of a stream.
  public var candidateCount = 0

  public init() {}

  /// The most probable token each time, without thinking: the same answer each time.
  public static var greedy: ChatOptions {
    var options = ChatOptions()
    options.thinking = .off
    options.sampling = .greedy
    return options
  }
}
