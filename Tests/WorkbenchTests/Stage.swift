import Documents
import Engine
import JSON
import ModelFiles
import Terminal
import Tools

@testable import Workbench

/// The workbench without terminal and engine: keys go in, effects come out, and what they would have brought is played by
/// a script.
final class Stage {
  let app: App
  let buffer: CellBuffer
  private(set) var effects: [Effect] = []
  private(set) var now: Duration = .seconds(1)
  /// The calls that are being run, by the runner that the event loop uses.
  private var desk: CallDesk?
  private var events: AsyncStream<AppEvent>.Iterator?
  private var calls: Task<Void, Never>?

  init(_ workspace: Workspace = .support, width: Int = 80, height: Int = 24, isReady: Bool = true) {
    app = App(session: Session(workspace), theme: darkTheme)
    buffer = CellBuffer(width: width, height: height)
    send(.input(.resize(columns: width, rows: height)))
    if isReady { send(.modelReady(.scripted)) }
    draw()
  }

  var session: Session { app.session }

  /// One event and, unless it is a preview's or the cache's, nothing of what it asks for.
  func send(_ event: AppEvent) {
    now += .milliseconds(1)
    let asked = app.update(event, at: now)
    effects += asked
    for effect in asked {
      if case .preview(let request) = effect { send(.previewed(.success(PromptTrace(scripted: request)))) }
      if case .answerPermission(_, let id, let answer) = effect { desk?.answer(id, answer) }
      if case .giveResult(_, let id, let result) = effect { desk?.give(id, result) }
      if case .stopCalls = effect { calls?.cancel() }
      if case .readCacheMap = effect { send(.cacheMap(.scripted(session.trace))) }
    }
  }

  /// Time passes.
  func wait(_ duration: Duration) { now += duration }

  /// Runs the calls that were asked for last, or goes on with them, until they have ended or a person is asked.
  func runCalls() async {
    let asked = effects.compactMap { if case .runCalls(let batch, let calls) = $0 { (batch, calls) } else { nil } }.last
    if let (batch, wanted) = asked, desk?.batch != batch {
      let (stream, continuation) = AsyncStream.makeStream(of: AppEvent.self)
      let desk = CallDesk(batch: batch) { continuation.yield($0) }
      let home = UserFolders(data: "/nonexistent", config: "/nonexistent", state: "/nonexistent")
      let runner = session.callRunner(asking: desk, home: home)
      calls = Task.detached {
        let outcomes = await runner.run(wanted) { continuation.yield(.call(batch: batch, index: $0, $1)) }
        continuation.yield(.callsEnded(batch: batch, outcomes))
        continuation.finish()
      }
      self.desk = desk
      events = stream.makeAsyncIterator()
    }
    while let event = await events?.next(isolation: nil) {
      send(event)
      switch event {
      case .callsEnded, .permissionWanted, .resultWanted: return
      default: break
      }
    }
  }

  func press(_ notation: String) {
    for key in keys(notation) { send(.input(.key(key))) }
  }

  func type(_ text: String) {
    for character in text { send(.input(.key(KeyPress(.character(character))))) }
  }

  func click(_ x: Int, _ y: Int) {
    send(.input(.mouse(MouseEvent(.press, x: x, y: y))))
    send(.input(.mouse(MouseEvent(.release, x: x, y: y))))
  }

  @discardableResult
  func draw() -> String {
    app.draw(into: buffer, now: now)
    return buffer.text()
  }

  func resize(_ width: Int, _ height: Int) {
    buffer.resize(width: width, height: height)
    send(.input(.resize(columns: width, rows: height)))
    draw()
  }

  func takeEffects() -> [Effect] {
    defer { effects = [] }
    return effects
  }

  /// The request that the last `.generate` asked for.
  var lastRequest: (answer: Int, request: GenerationRequest)? {
    for effect in effects.reversed() {
      if case .generate(let answer, let request) = effect { return (answer, request) }
    }
    return nil
  }

  /// Plays an answer to the last request, up to an event.
  func play(_ script: AnswerScript, upTo count: Int = .max) {
    guard let (answer, request) = lastRequest else { return }
    let events = script.events(for: request)
    for event in events.prefix(count) { send(.generation(answer: answer, event)) }
    if count >= events.count { send(.streamEnded(answer: answer)) }
  }
}

/// What a scripted model answers.
struct AnswerScript {
  var thinking = ""
  var answer = ""
  var calls: [ToolCall] = []
  var reused = 0
  var stopReason = StopReason.endOfTurn
  var speculation: SpeculationCounts?

  static let order = order(id: "ORD12345")
  static func order(id: String) -> AnswerScript {
    AnswerScript(
      thinking: "The user asks about an order. I should look it up with get_order_status.",
      calls: [ToolCall(name: "get_order_status", arguments: ["order_id": .string(id)])])
  }
  static let packed = AnswerScript(
    thinking: "The result says that it is packed.",
    answer: "Your order **ORD12345** is packed. It is expected to ship on `2025-04-06`.", reused: 32)
  static let weather = AnswerScript(
    thinking: "用户问北京的天气，应该调用 get_weather。",
    calls: [ToolCall(name: "get_weather", arguments: ["city": "北京"])])
  static let sunny = AnswerScript(answer: "北京今天晴，最高气温 26 摄氏度，适合出门。记得带水！", reused: 32)

  /// Words and single Han characters, so that the streams look like a model's.
  static func pieces(of text: String) -> [String] {
    var pieces: [String] = []
    for character in text {
      let isWord = character.isLetter && character.isASCII
      if isWord, let last = pieces.last, let end = last.last, end.isLetter, end.isASCII {
        pieces[pieces.count - 1].append(character)
      } else if isWord, pieces.last == " " {
        pieces[pieces.count - 1].append(character)
      } else {
        pieces.append(String(character))
      }
    }
    return pieces
  }

  func events(for request: GenerationRequest) -> [GenerationEvent] {
    var trace = PromptTrace(scripted: request)
    let total = trace.tokens.count
    let reused = min(reused, total - 1)
    trace.reuse = PrefixReuse(
      reusedTokens: reused, promptTokens: total,
      ending: reused == 0 ? .neverComputed : .diverged(computed: 7, prompt: trace.tokens[reused], owner: .message(1)))
    var events: [GenerationEvent] = [.accepted(trace)]
    for done in [reused + (total - reused) / 2, total] { events.append(.prefilled(done: done, total: total)) }
    var time = Duration.microseconds(84_200)
    var index = 0
    var counts = TokenCounts()
    func token(_ text: String, _ lane: Lane) {
      let probability = Float([0.97, 0.83, 0.41, 0.12, 0.99][index % 5])
      events.append(
        .token(
          TokenEvent(
            index: index, id: PromptTrace.id(of: text), bytes: Array(text.utf8), text: lane == .control ? "" : text,
            lane: lane,
            logprob: Float([-0.0304592, -0.1863296, -0.8915981, -2.1202635, -0.0100503][index % 5]),
            rank: index % 5 == 3 ? 2 : 1,
            entropy: 0.61,
            candidates: [
              TokenCandidate(
                id: PromptTrace.id(of: text), bytes: Array(text.utf8), probability: probability,
                sampledProbability: min(1, probability * 1.1)),
              TokenCandidate(id: 901, bytes: Array(" perhaps".utf8), probability: 0.02, sampledProbability: 0.015),
              TokenCandidate(id: 902, bytes: Array("\n".utf8), probability: 0.004, sampledProbability: 0),
            ],
            removals: [
              StageRemoval(stage: .topK, removedTokens: 4076, removedMass: 0.012),
              StageRemoval(stage: .topP, removedTokens: 3, removedMass: 0.009),
            ], time: time)))
      index += 1
      time += .microseconds(index % 13 == 0 ? 4_800 : 1_200 + index % 5 * 30)
    }
    if !thinking.isEmpty {
      token("<think>", .control)
      for piece in Self.pieces(of: thinking) {
        token(piece, .thinking)
        counts.thinking += 1
      }
      token("</think>", .control)
      counts.control += 2
    }
    for piece in Self.pieces(of: answer) {
      token(piece, .answer)
      counts.answer += 1
    }
    for call in calls {
      token("<tool_call>", .control)
      let text = JSONValue.object(["name": .string(call.name), "arguments": .object(call.arguments)]).text(.spaced)
      for piece in Self.pieces(of: text) {
        token(piece, .toolCall)
        counts.toolCall += 1
      }
      token("</tool_call>", .control)
      counts.control += 2
      events.append(.toolCall(call))
    }
    token("<|im_end|>", .control)
    counts.control += 1
    counts.prompt = total
    counts.cached = reused
    var phases = PhaseTimes()
    phases.render = .microseconds(310)
    phases.tokenise = .microseconds(820)
    phases.queue = .microseconds(40)
    phases.lookUp = .microseconds(12)
    phases.prefill = .microseconds(82_600)
    phases.firstSample = .microseconds(380)
    phases.detokenise = .microseconds(38)
    phases.firstToken = .microseconds(84_200)
    phases.decode = time - phases.firstToken
    phases.total = time
    events.append(
      .finished(
        GenerationSummary(
          stopReason: stopReason,
          message: Message(.assistant, answer, reasoning: thinking.isEmpty ? nil : thinking, toolCalls: calls),
          malformedToolCalls: [], counts: counts, phases: phases, seed: 42, bytesMoved: 412_000_000,
          speculation: speculation)))
    return events
  }
}

extension PromptTrace {
  static func id(of text: String) -> TokenID {
    TokenID(text.utf8.reduce(UInt32(7)) { ($0 &* 31 &+ UInt32($1)) % 4000 } + 1)
  }

  /// Qwen's form of prompt, with words as tokens.
  init(scripted request: GenerationRequest) {
    var text = ""
    var tokens: [TokenID] = []
    var ends: [Int] = []
    var segments: [PromptSegment] = []
    var specials: [Range<Int>] = []
    func add(_ parts: [String], _ owner: SegmentOwner) {
      let start = text.utf8.count
      let first = tokens.count
      for part in parts {
        let pieces = part.hasPrefix("<|") ? [part] : AnswerScript.pieces(of: part)
        for piece in pieces {
          if piece.hasPrefix("<|") { specials.append(text.utf8.count..<text.utf8.count + piece.utf8.count) }
          text += piece
          tokens.append(Self.id(of: piece))
          ends.append(text.utf8.count)
        }
      }
      segments.append(PromptSegment(owner: owner, bytes: start..<text.utf8.count, tokens: first..<tokens.count))
    }
    if !request.functions.isEmpty {
      add(["<|im_start|>", "system\n# Tools\n\nYou may call one or more functions.\n<tools>\n"], .template)
      for (index, function) in request.functions.enumerated() {
        add([function.definition.text(.spaced) + "\n"], .function(index))
      }
      add(["</tools>", "<|im_end|>", "\n"], .template)
    }
    for (index, message) in request.messages.enumerated() {
      add(["<|im_start|>", "\(message.role.rawValue)\n\(message.content)", "<|im_end|>", "\n"], .message(index))
    }
    add(["<|im_start|>", "assistant\n"], .template)
    self.init(text: text, tokens: tokens, tokenEnds: ends, segments: segments, specialTokens: specials)
  }
}

extension CacheMap {
  /// The prompt's pages, a few that are kept from before, and the rest free.
  static func scripted(_ trace: PromptTrace?) -> CacheMap {
    var pages: [CachePage] = []
    let tokens = trace?.tokens ?? []
    for start in stride(from: 0, to: tokens.count, by: 16) {
      let own = Array(tokens[start..<min(tokens.count, start + 16)])
      let owner = trace?.segments.first { $0.tokens.contains(start) }?.owner ?? .template
      pages.append(
        CachePage(
          state: start < 32 ? .shared(2) : .active, startPosition: start, tokens: own, owner: owner, age: 0,
          sequences: start < 32 ? [1, 2] : [2]))
    }
    for index in 0..<6 {
      pages.append(
        CachePage(
          state: .cached, startPosition: index * 16, tokens: Array(repeating: 5, count: 16), owner: .generated, age: 2,
          sequences: []))
    }
    while pages.count < 256 {
      pages.append(CachePage(state: .free, startPosition: 0, tokens: [], owner: .template, age: 0, sequences: []))
    }
    return CacheMap(tokensPerPage: 16, bytesPerPage: 18_432, pages: pages, evictions: 0)
  }
}

extension BackendInfo {
  static let scripted = BackendInfo(
    name: "mini", device: "CPU, AVX-512, 2 threads", parameterCount: 3_220_000, contextLength: 4096,
    vocabularySize: 4096,
    weightByteCount: 3_600_000, samplingThinking: .qwen3Thinking, samplingNonThinking: .qwen3NonThinking,
    notice: "A miniature Qwen3 of 3.2 million parameters, trained on tool dialogues. It knows nothing of the world.")
}

extension Workspace {
  static let support = Workspace(
    origin: .sample("support"),
    settings: WorkspaceSettings(
      title: "Customer support", description: "An order is looked up and its status told to the customer.",
      examples: ["Where is my order ORD12345?", "帮我查一下订单 ORD98761 的状态"]),
    prompts: [PromptDocument(name: "order", messages: [PromptMessage(.system, "You are a helpful assistant.")])],
    functions: [
      .scripted("get_order_status", "Looks up an order.", "order_id"),
      .scripted("get_weather", "The weather in a city.", "city"),
    ],
    mocks: [
      MockDocument(
        name: "get_order_status",
        value: [
          "results": [
            ["when": ["order_id": "ORD12345"], "result": ["status": "packed", "expected_ship_date": "2025-04-06"]]
          ]
        ])
    ])

  static let weather = Workspace(
    origin: .sample("weather"),
    settings: WorkspaceSettings(
      title: "天气", description: "一个函数、一个参数：看模型怎样从问题里取出城市名称。", examples: ["北京今天天气怎么样？", "上海和深圳的天气怎么样？"]),
    prompts: [PromptDocument(name: "weather", messages: [PromptMessage(.system, "你是一个有用的助手。")])],
    functions: [.scripted("get_weather", "查询城市今天的天气。", "city")],
    mocks: [MockDocument(name: "get_weather", value: ["otherwise": ["result": ["天气": "晴", "最高气温": 26]]])])
}

extension FunctionDocument {
  static func scripted(_ name: String, _ description: String, _ parameter: String) -> FunctionDocument {
    let value: JSONValue = [
      "type": "function",
      "function": [
        "name": .string(name), "description": .string(description),
        "parameters": [
          "type": "object", "properties": .object([parameter: ["type": "string"]]),
          "required": .array([.string(parameter)]),
        ],
      ],
    ]
    return FunctionDocument(name: name, text: value.text(.pretty))
  }
}
