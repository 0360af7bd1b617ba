import struct ConstrainedDecoding.JSONSchema
import Engine
import JSON
import Testing

/// Function calls under their schemas, on the embedded model.
@Suite struct ConstraintTests {
  /// Every call is short, so that a token limit cuts none.
  private static func boundedFunctions() throws -> [FunctionDefinition] {
    [
      try Mini.function(
        """
        {"name": "get_weather", "description": "获取指定城市的当前天气", "parameters": {"type": "object", "properties": {"city": \
        {"type": "string", "minLength": 1, "maxLength": 12}, "days": {"type": "integer", "minimum": 1, "maximum": 14}, \
        "unit": {"enum": ["celsius", "fahrenheit"]}}, "required": ["city", "days"], "additionalProperties": false}}
        """),
      try Mini.function(
        """
        {"name": "get_time", "description": "Time in a zone", "parameters": {"type": "object", "properties": {"zone": \
        {"type": "string", "pattern": "^[A-Z]{3}$"}}, "required": ["zone"], "additionalProperties": false}}
        """),
    ]
  }

  private static func request(_ text: String, _ choice: ToolChoice) throws -> GenerationRequest {
    GenerationRequest(
      messages: [Message(.user, text)], functions: try boundedFunctions(), toolChoice: choice, parallelCalls: false,
      thinking: .off, sampling: .greedy, tokenLimit: 400)
  }

  private static func isValid(_ call: ToolCall, _ functions: [FunctionDefinition]) throws -> Bool {
    let function = try #require(functions.first { $0.name == call.name })
    let schema = try JSONSchema(document: try #require(function.parameters))
    return try schema.validate(.object(call.arguments)).isEmpty
  }

  @Test func `required calls where the model would not have`() async throws {
    let backend = try await Mini.open()
    let free = await Received(backend.generate(try Self.request("Who are you?", .auto)))
    #expect(free.calls.isEmpty)
    #expect(free.tokens.allSatisfy { $0.mask == nil })
    let received = await Received(backend.generate(try Self.request("Who are you?", .required)))
    #expect(received.calls.count == 1)
    #expect(received.malformed.isEmpty)
    #expect(try Self.isValid(try #require(received.calls.first), Self.boundedFunctions()))
    #expect(received.summary?.stopReason == .endOfTurn)
    #expect(received.summary?.message.content == "")
  }

  @Test(arguments: ["get_weather", "get_time"])
  func `a named function is the one that is called`(name: String) async throws {
    let backend = try await Mini.open()
    let received = await Received(backend.generate(try Self.request("北京今天天气怎么样？", .named(name))))
    #expect(received.calls.map(\.name) == [name])
    #expect(try Self.isValid(try #require(received.calls.first), Self.boundedFunctions()))
  }

  @Test func `required holds also where the model may think first`() async throws {
    let backend = try await Mini.open()
    for seed in 0..<4 as Range<UInt64> {
      var request = try Self.request("Who are you?", .required)
      request.thinking = .on
      request.sampling = SamplingSettings(temperature: 0.8, seed: seed)
      request.tokenLimit = 2_000
      let received = await Received(backend.generate(request))
      #expect(received.summary?.stopReason == .endOfTurn)
      #expect(received.calls.count == 1)
    }
  }

  @Test func `none bans the opening of a call`() async throws {
    let backend = try await Mini.open()
    var request = try Mini.weather([Mini.question])
    #expect(await Received(backend.generate(request)).calls.count == 1)
    request.toolChoice = .none
    let opening = try #require(
      await Received(backend.generate(try Mini.weather([Mini.question]))).tokens.first?.id)
    request.sampling.logitBias = [opening: 50]
    let received = await Received(backend.generate(request.limited(to: 40)))
    #expect(received.calls.isEmpty)
    #expect(!received.ids.contains(Int(opening)))
    #expect(received.tokens.first?.mask?.forbiddenCount == 1)
  }

  @Test func `an answer that has a schema is one value of it, thinking or not`() async throws {
    let backend = try await Mini.open()
    let document = try JSONValue(
      parsing: """
        {"type": "object", "properties": {"city": {"type": "string", "minLength": 1, "maxLength": 12}, "days": {"type": \
        "array", "items": {"type": "integer", "minimum": 1, "maximum": 31}, "maxItems": 3}}, "required": ["city", "days"], \
        "additionalProperties": false}
        """)
    let schema = try JSONSchema(document: document)
    for (seed, thinking) in [(1, ThinkingMode.off), (2, .off), (3, .on), (4, .on)] as [(UInt64, ThinkingMode)] {
      var request = GenerationRequest(
        messages: [Mini.question], responseSchema: document, thinking: thinking,
        sampling: SamplingSettings(temperature: 1.5, seed: seed), tokenLimit: 3_000)
      let received = await Received(backend.generate(request))
      #expect(received.error == nil)
      #expect(received.summary?.stopReason == .endOfTurn, "seed \(seed)")
      let answer = try #require(received.summary?.message.content)
      #expect(try schema.validate(JSONValue(parsing: answer)).isEmpty, "\(answer)")
      #expect(received.tokens.filter { $0.lane == .answer && !$0.text.allSatisfy(\.isNewline) }.allSatisfy { $0.mask?.isEnforced == true })
      request.constraint = .observe
      let observed = await Received(backend.generate(request))
      request.constraint = .off
      let off = await Received(backend.generate(request))
      #expect(observed.ids == off.ids)
      #expect(off.warnings.contains("the constraint is off, so the answer may violate its schema"))
    }
  }

  @Test func `a response schema that nothing satisfies is refused before generation`() async throws {
    let backend = try await Mini.open()
    let request = GenerationRequest(
      messages: [Mini.question], responseSchema: ["type": "string", "enum": [1]], thinking: .off, sampling: .greedy)
    guard case .unusableResponseSchema? = await Received(backend.generate(request)).error else {
      Issue.record("not refused")
      return
    }
  }

  @Test func `an enforced mask is the first stage of the funnel, an observed one is none`() async throws {
    let backend = try await Mini.open()
    var request = try Self.request("Who are you?", .required)
    request.sampling = SamplingSettings(temperature: 0.8, topK: 20, seed: 1)
    let received = await Received(backend.generate(request))
    let masked = received.tokens.filter { $0.mask != nil }
    #expect(!masked.isEmpty)
    for token in masked {
      let first = try #require(token.removals.first)
      #expect(first.stage == .mask)
      #expect(first.removedTokens == token.mask?.forbiddenCount && first.removedMass == token.mask?.removedMass)
    }
    request.constraint = .observe
    let observed = await Received(backend.generate(request))
    #expect(observed.tokens.allSatisfy { !$0.removals.contains { $0.stage == .mask } })
  }

  @Test func `no draw at temperature 2 ends in a call that violates its schema`() async throws {
    let backend = try await Mini.open()
    let functions = try Self.boundedFunctions()
    var names: [String: Int] = [:]
    for seed in 0..<50 as Range<UInt64> {
      var request = try Self.request("北京今天天气怎么样？", .required)
      request.sampling = SamplingSettings(temperature: 2, seed: seed)
      let received = await Received(backend.generate(request))
      #expect(received.malformed.isEmpty, "seed \(seed)")
      #expect(received.calls.count == 1, "seed \(seed)")
      for call in received.calls {
        #expect(try Self.isValid(call, functions), "seed \(seed): \(call)")
        names[call.name, default: 0] += 1
      }
      #expect(received.tokens.allSatisfy { $0.mask?.isEnforced != false && $0.mask?.forbidsToken != true })
    }
    #expect(names.values.reduce(0, +) == 50)
  }

  @Test func `observing changes no token and reports what would have been masked`() async throws {
    let backend = try await Mini.open()
    var violations = 0
    for seed in 0..<6 as Range<UInt64> {
      var request = try Mini.weather([Mini.question])
      request.functions = try Self.boundedFunctions()
      request.sampling = SamplingSettings(temperature: 1.2, seed: seed)
      request.constraint = .off
      let off = await Received(backend.generate(request))
      request.constraint = .observe
      let observed = await Received(backend.generate(request))
      #expect(observed.ids == off.ids)
      #expect(off.tokens.allSatisfy { $0.mask == nil })
      let masks = observed.tokens.compactMap(\.mask)
      #expect(masks.allSatisfy { !$0.isEnforced })
      #expect(masks.allSatisfy { $0.allowedCount + $0.forbiddenCount == backend.info.vocabularySize })
      violations += masks.count(where: \.forbidsToken)
    }
    #expect(violations > 0)
  }

  @Test func `what the mask leaves open is checked when a call is closed, and told`() async throws {
    let backend = try await Mini.open()
    // Elements of any kind are compared at the end; the model is all but made to repeat one by an array of five of five values.
    var request = try Mini.weather([Mini.question])
    request.functions = [
      try Mini.function(
        """
        {"name": "get_weather", "description": "获取指定城市的当前天气", "parameters": {"type": "object", "properties": {"days": \
        {"type": "array", "items": {"type": "integer", "minimum": 1, "maximum": 5}, "minItems": 5, "maxItems": 5, \
        "uniqueItems": true}}, "required": ["days"], "additionalProperties": false}}
        """)
    ]
    request.toolChoice = .required
    request.parallelCalls = false
    let received = await Received(backend.generate(request))
    let call = try #require(received.calls.first)
    let invalid = try #require(received.summary?.invalidToolCalls)
    #expect(received.calls.count == 1 && invalid.map(\.name) == ["get_weather"] && invalid.map(\.index) == [0])
    let days = try #require(call.arguments["days"]?.array?.map { $0.text() })
    let fault = try #require(invalid.first?.faults.first)
    #expect(days.count == 5 && Set(days).count < 5 && fault.contains("/days"), "\(fault)")
    #expect(received.warnings.contains("the call of get_weather violates its schema: \(fault)"))
    // A call that conforms is not told of.
    let conforming = await Received(backend.generate(try Self.request("北京今天天气怎么样？", .required)))
    #expect(conforming.summary?.invalidToolCalls == [])
  }

  @Test func `an observed call that violates its schema is told too`() async throws {
    let backend = try await Mini.open()
    var request = try Mini.weather([Mini.question])
    request.functions = [
      try Mini.function(
        """
        {"name": "get_weather", "description": "获取指定城市的当前天气", "parameters": {"type": "object", "properties": {"city": \
        {"type": "string", "description": "城市名称", "maxLength": 1}}, "required": ["city"]}}
        """)
    ]
    request.constraint = .observe
    let received = await Received(backend.generate(request))
    #expect(received.calls.first?.arguments["city"] == "北京")
    #expect(received.summary?.invalidToolCalls.first?.faults.count == 1)
    request.constraint = .off
    #expect(await Received(backend.generate(request)).summary?.invalidToolCalls == [])
  }

  @Test func `a mask tells what it removed of the model's own distribution`() async throws {
    let backend = try await Mini.open()
    let received = await Received(backend.generate(try Self.request("Who are you?", .required)))
    let first = try #require(received.tokens.first)
    let mask = try #require(first.mask)
    let best = try #require(mask.bestForbidden)
    // What the model would have said stays visible among the candidates, with nothing left of it.
    #expect(first.candidates.first?.id == best.id)
    #expect(first.candidates.first?.probability == best.probability)
    #expect(first.candidates.first?.sampledProbability == 0)
    #expect(best.probability <= mask.removedMass && mask.removedMass <= 1)
    #expect(abs(mask.removedMass + received.allowedMass(of: first) - 1) < 1e-3)
    let json = try #require(GenerationEvent.token(first).json["mask"])
    #expect(json["allowed"]?.int == mask.allowedCount)
    #expect(json["best_forbidden"]?["id"]?.int == Int(best.id))
  }

  @Test(arguments: [
    (
      #"{"type": "object", "properties": {"n": {"type": "integer", "minimum": 5, "maximum": 2}}, "required": ["n"]}"#,
      "function f cannot be called: no arguments satisfy its schema: "
    ),
    (#"{"type": "string"}"#, "function f cannot be called: its parameters have the type \"string\"; arguments are an object"),
    (#"{"type": "object", "properties": 5}"#, "function f cannot be called: its parameters are no schema: "),
  ])
  func `a function that cannot be called is refused before anything is computed`(
    parameters: String, beginning: String
  ) async throws {
    let backend = try await Mini.open()
    var request = GenerationRequest(
      messages: [Mini.question], functions: [try Mini.function(#"{"name": "f", "parameters": \#(parameters)}"#)],
      thinking: .off, sampling: .greedy, tokenLimit: 1)
    let refused = await Received(backend.generate(request))
    #expect(refused.order == ["failed"])
    #expect(refused.error?.description.hasPrefix(beginning) == true, "\(refused.error?.description ?? "")")
    request.constraint = .observe
    let observed = await Received(backend.generate(request))
    #expect(observed.warnings.count == 1)
    #expect(observed.summary != nil)
  }

  @Test(arguments: [
    (ToolChoice.named("get_wether"), #"tool choice is "get_wether"; "get_weather" or "get_time" is expected"#, true),
    (.required, "tool choice is required, and there is no function; one function at least is expected", false),
  ])
  func `a choice that the functions do not allow is refused`(
    choice: ToolChoice, sentence: String, hasFunctions: Bool
  ) async throws {
    let backend = try await Mini.open()
    var request = try Self.request("Hi", choice)
    if !hasFunctions { request.functions = [] }
    let received = await Received(backend.generate(request))
    #expect(received.order == ["failed"])
    #expect(received.error?.description == sentence)
  }
}

extension GenerationRequest {
  fileprivate func limited(to tokenLimit: Int) -> GenerationRequest {
    var request = self
    request.tokenLimit = tokenLimit
    return request
  }
}

extension Received {
  /// Probability, before the mask, of the tokens that it allows: where so few are allowed that all are candidates or
  /// the drawn one.
  fileprivate func allowedMass(of token: TokenEvent) -> Float {
    token.candidates.filter { $0.sampledProbability > 0 || $0.id == token.id }.map(\.probability).reduce(0, +)
  }
}
