import ConstrainedDecoding
import Inference
import JSON
import ModelFiles
import TestSupport
import Testing
import Tokenization

@testable import Engine

/// Drafts change when tokens come and nothing else.
@Suite struct SpeculationTests {
  /// All that an answer says, without its times and what drafts did.
  struct Said: Equatable {
    var tokens: [TokenEvent]
    var order: [String]
    var calls: [ToolCall]
    var malformed: [MalformedToolCall]
    var warnings: [String]
    var stop: StopReason?
    var message: Message?
    var counts: [Int]
    var invalid: [InvalidToolCall]
    var faults: [String]
    var seed: UInt64?
    var error: GenerationError?

    init(_ received: Received) {
      tokens = received.tokens.map {
        var token = $0
        token.time = .zero
        token.speculation = nil
        return token
      }
      order = received.order.filter { $0 != "prefilled" }
      calls = received.calls
      malformed = received.malformed
      warnings = received.warnings
      let summary = received.summary
      stop = summary?.stopReason
      message = summary?.message
      counts = summary.map { [$0.counts.thinking, $0.counts.answer, $0.counts.toolCall, $0.counts.control] } ?? []
      invalid = summary?.invalidToolCalls ?? []
      faults = summary?.answerFaults ?? []
      seed = summary?.seed
      error = received.error
    }
  }

  /// A change of the request, by name.
  struct Variant: Sendable, CustomTestStringConvertible {
    var name: String
    var change: @Sendable (inout GenerationRequest) -> Void
    var testDescription: String { name }

    init(_ name: String, _ change: @escaping @Sendable (inout GenerationRequest) -> Void) {
      (self.name, self.change) = (name, change)
    }
  }

  static func request() throws -> GenerationRequest {
    let weather = try Mini.function(
      """
      {"name": "get_weather", "description": "获取指定城市的当前天气", "parameters": {"type": "object", "properties": {"city": \
      {"type": "string", "minLength": 1, "maxLength": 12}, "days": {"type": "integer", "minimum": 1, "maximum": 14}, \
      "unit": {"enum": ["celsius"]}}, "required": ["city", "days", "unit"], "additionalProperties": false}}
      """)
    let time = try Mini.function(
      """
      {"name": "get_time", "description": "Time in a zone", "parameters": {"type": "object", "properties": {"zone": \
      {"type": "string", "pattern": "^[A-Z]{3}$"}}, "required": ["zone"], "additionalProperties": false}}
      """)
    return GenerationRequest(
      messages: [Message(.user, "北京和上海今天天气怎么样？")], functions: [weather, time], thinking: .off, sampling: .greedy,
      tokenLimit: 200)
  }

  static let variants: [Variant] = [
    Variant("greedy") { _ in },
    Variant("required") { $0.toolChoice = .required },
    Variant("named") { $0.toolChoice = .named("get_time") },
    Variant("temperature") {
      $0.toolChoice = .required
      $0.sampling = SamplingSettings(temperature: 1.2, topK: 50, topP: 0.98)
    },
    Variant("hot") {
      $0.toolChoice = .required
      $0.sampling = SamplingSettings(temperature: 2.5)
    },
    Variant("penalties") {
      $0.toolChoice = .required
      $0.sampling = SamplingSettings(
        temperature: 0.8, repetitionPenalty: 1.3, presencePenalty: 0.5, frequencyPenalty: 0.2, penaltyWindow: 40)
    },
    Variant("llama.cpp's order, typical") {
      $0.toolChoice = .required
      $0.sampling = SamplingSettings(temperature: 1, minP: 0.02, typicalP: 0.9, repetitionPenalty: 1.1, order: .llamaCpp)
    },
    Variant("bias") {
      $0.toolChoice = .required
      $0.sampling = SamplingSettings(temperature: 0.7, logitBias: [11: 4, 220: -3, 300: 6, 1000: 8])
    },
    Variant("stop string within a call") {
      $0.toolChoice = .required
      $0.stopStrings = ["\"days\": ", "\"zone"]
    },
    Variant("stop string within what is forced") {
      $0.toolChoice = .required
      $0.stopStrings = ["celsi", "argum"]
    },
    Variant("observed") {
      $0.constraint = .observe
      $0.sampling = SamplingSettings(temperature: 1.2)
    },
    Variant("unconstrained") {
      $0.constraint = .off
      $0.sampling = SamplingSettings(temperature: 1)
    },
    Variant("no alternatives") {
      $0.candidateCount = 0
      $0.toolChoice = .required
    },
    Variant("thinking") {
      $0.thinking = .on
      $0.sampling = SamplingSettings(temperature: 0.6, topK: 20, topP: 0.95)
    },
    Variant("an answer with a schema") {
      $0.functions = []
      $0.responseSchema = [
        "type": "object",
        "properties": ["city": ["type": "string", "maxLength": 12], "unit": ["enum": ["celsius"]]],
        "required": ["city", "unit"], "additionalProperties": false,
      ]
      $0.sampling = SamplingSettings(temperature: 1)
    },
    Variant("text that repeats itself") {
      $0.functions = []
      $0.messages = [Message(.user, "one two three four one two three four one two three four one two")]
      $0.sampling = SamplingSettings(temperature: 0, logitBias: [4089: -.infinity, 4087: -.infinity])
      $0.tokenLimit = 120
    },
  ]

  @Test(arguments: variants)
  func `an answer is the same with drafts and without`(variant: Variant) async throws {
    let backend = try await Mini.open()
    var drafted = 0
    for seed in 0..<4 as Range<UInt64> {
      var request = try Self.request()
      variant.change(&request)
      request.sampling.seed = seed
      request.speculation = .off
      let plain = await Received(backend.generate(request))
      #expect(plain.summary?.speculation == nil)
      for mode in [SpeculationMode.calls, .all] {
        request.speculation = mode
        let received = await Received(backend.generate(request))
        #expect(Said(received) == Said(plain), "seed \(seed), \(mode)")
        let counts = try #require(received.summary?.speculation)
        let generated = received.tokens.count
        #expect(counts.steps + counts.savedSteps == generated - 1)
        // The last token needs no step, drafted or not.
        #expect((0...1).contains(counts.accepted - counts.savedSteps))
        #expect(zip(counts.draftedByPosition, counts.acceptedByPosition).allSatisfy { $0 >= $1 })
        #expect(zip(counts.acceptedByPosition, counts.acceptedByPosition.dropFirst()).allSatisfy { $0 >= $1 })
        drafted += counts.drafted
      }
    }
    #expect(drafted > 0)
  }

  @Test(arguments: KVElement.allCases, [true, false])
  func `it is the same with rounded inputs and with each form of the cache`(kv: KVElement, isExact: Bool) async throws {
    let backend = try await LocalBackend.open(model: Project.mini, kv: kv, isExact: isExact, threads: 2)
    for seed in 0..<3 as Range<UInt64> {
      var request = try Self.request()
      request.toolChoice = .required
      request.sampling = SamplingSettings(temperature: 1.5, seed: seed)
      request.speculation = .off
      let plain = await Received(backend.generate(request))
      request.speculation = .calls
      let received = await Received(backend.generate(request))
      #expect(Said(received) == Said(plain))
      #expect(received.summary?.speculation?.accepted ?? 0 > 0)
    }
  }

  @Test func `every token limit and every full context ends the answer at the same token`() async throws {
    var request = try Self.request()
    request.toolChoice = .required
    request.sampling.seed = 1
    let backend = try await Mini.open()
    let whole = await Received(backend.generate(request))
    for limit in 1...whole.tokens.count {
      request.tokenLimit = limit
      request.speculation = .off
      let plain = await Received(backend.generate(request))
      request.speculation = .calls
      #expect(Said(await Received(backend.generate(request))) == Said(plain), "limit \(limit)")
    }
    request.tokenLimit = nil
    let prompt = try #require(whole.trace).tokens.count
    for room in [1, 2, 5, 11, 16, 20, 24] {
      let small = try await Mini.open(contextLength: prompt + room)
      request.speculation = .off
      let plain = await Received(small.generate(request))
      #expect(plain.summary?.stopReason == .contextFull)
      request.speculation = .calls
      #expect(Said(await Received(small.generate(request))) == Said(plain), "room for \(room)")
    }
  }

  @Test func `a call takes fewer steps than tokens, and plain text as many`() async throws {
    let backend = try await Mini.open()
    var request = try Self.request()
    request.toolChoice = .named("get_weather")
    let call = try #require(await Received(backend.generate(request)).summary)
    let counts = try #require(call.speculation)
    // `\n{"name": "get_weather", "arguments": {"city": "` and `, "unit": "celsius"}}\n</tool_call>` have no choice in them.
    #expect(counts.savedSteps >= 10 && counts.draftedByPosition.count == 15)
    let meters = await backend.meters
    #expect(meters.generatedTokens == call.counts.generated)

    request.functions = []
    request.toolChoice = .auto
    request.messages = [Message(.user, "Who are you?")]
    let text = await Received(backend.generate(request))
    #expect(text.summary?.speculation?.drafted == 0)
    #expect(text.summary?.speculation?.steps == text.tokens.count - 1)
  }

  /// The members' names have no choice in them; what is between is the model's.
  @Test func `an answer with a schema takes fewer steps than tokens, and says the same`() async throws {
    let backend = try await Mini.open()
    var request = GenerationRequest(
      messages: [Message(.user, "Describe the delivery.")], responseSchema: [
        "type": "object",
        "properties": [
          "estimated_delivery_date_of_the_order": ["type": "integer", "minimum": 1, "maximum": 31],
          "carrier_responsible_for_the_delivery": ["type": "string", "maxLength": 6],
          "is_signature_of_the_recipient_required": ["type": "boolean"],
        ],
        "required": [
          "estimated_delivery_date_of_the_order", "carrier_responsible_for_the_delivery",
          "is_signature_of_the_recipient_required",
        ],
        "additionalProperties": false,
      ], thinking: .off, sampling: SamplingSettings(temperature: 1))
    var steps = (drafted: 0, plain: 0)
    for seed in 0..<4 as Range<UInt64> {
      request.sampling.seed = seed
      request.speculation = .off
      let plain = await Received(backend.generate(request))
      request.speculation = .calls
      let received = await Received(backend.generate(request))
      #expect(Said(received) == Said(plain), "seed \(seed)")
      #expect(received.summary?.stopReason == .endOfTurn && received.summary?.answerFaults == [])
      let counts = try #require(received.summary?.speculation)
      #expect(counts.steps + counts.savedSteps == received.tokens.count - 1)
      steps.drafted += counts.steps
      steps.plain += plain.tokens.count - 1
    }
    // How many more depends on what a row costs on this machine.
    #expect(steps.drafted * 10 < steps.plain * 9, "\(steps)")
  }

  @Test func `each token tells what drafts have done up to it`() async throws {
    let backend = try await Mini.open()
    var request = try Self.request()
    request.toolChoice = .named("get_weather")
    let received = await Received(backend.generate(request))
    let counts = received.tokens.compactMap(\.speculation)
    #expect(counts.count == received.tokens.count)
    #expect(counts.first == SpeculationCounts())
    #expect(counts.last == received.summary?.speculation)
    for (before, after) in zip(counts, counts.dropFirst()) {
      // A token needs a step of its own, or was computed with the one before it.
      #expect(after.steps + after.savedSteps == before.steps + before.savedSteps + 1)
      #expect(after.drafted >= before.drafted && after.accepted >= before.accepted)
    }
    request.speculation = .off
    #expect(await Received(backend.generate(request)).tokens.allSatisfy { $0.speculation == nil })
  }

  @Test func `counts are written with the summary`() throws {
    var counts = SpeculationCounts()
    counts.steps = 2
    counts.savedSteps = 3
    counts.add(drafted: 3)
    counts.add(acceptedAt: 0)
    counts.add(acceptedAt: 1)
    counts.add(drafted: 2)
    counts.add(acceptedAt: 0)
    #expect(
      counts.json.text(.spaced)
        == #"{"steps": 2, "saved": 3, "drafted": 5, "accepted": 3, "drafted_by_position": [2, 2, 1], "accepted_by_position": [2, 1, 0]}"#
    )
  }
}
