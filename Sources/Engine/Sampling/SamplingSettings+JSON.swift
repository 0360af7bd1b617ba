public import JSON
internal import ModelFiles

/// Sampling settings as a workspace's preset and a run's record write them: a JSON object with the names that inference
/// servers use, members that equal the defaults left out.
extension SamplingSettings {
  /// Takes over the members of a preset, the others keep the values of `defaults`. Throws `badSetting` with the member's
  /// name for an unknown member, a wrong type or a value that `check` refuses.
  public init(_ preset: JSONObject, defaults: SamplingSettings) throws(GenerationError) {
    self = defaults
    for (name, value) in preset {
      switch name {
      case "temperature": temperature = try Self.number(name, value)
      case "top_k": topK = try Self.integer(name, value)
      case "top_p": topP = try Self.number(name, value)
      case "min_p": minP = try Self.number(name, value)
      case "typical_p": typicalP = try Self.number(name, value)
      case "repetition_penalty": repetitionPenalty = try Self.number(name, value)
      case "presence_penalty": presencePenalty = try Self.number(name, value)
      case "frequency_penalty": frequencyPenalty = try Self.number(name, value)
      case "penalty_window": penaltyWindow = value == .null ? nil : try Self.integer(name, value)
      case "logit_bias": logitBias = try Self.bias(name, value)
      case "seed":
        guard value == .null || value.number.flatMap({ UInt64($0.literal) }) != nil else {
          throw .badSetting(name: name, found: value.text(), expected: "a whole number from 0 to 2^64 - 1, or null")
        }
        seed = value.number.flatMap { UInt64($0.literal) }
      case "order":
        guard let order = value.string.flatMap(SamplerOrder.init(rawValue:)) else {
          let names = SamplerOrder.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
          throw .badSetting(name: name, found: value.text(), expected: "one of \(names)")
        }
        self.order = order
      default:
        throw .badSetting(name: name, found: value.text(), expected: "no member of this name")
      }
    }
  }

  /// The members that differ from `defaults`.
  public func preset(defaults: SamplingSettings) -> JSONObject {
    var preset: JSONObject = [:]
    func add(_ name: String, _ value: JSONValue, _ standard: JSONValue) {
      if value != standard { preset[name] = value }
    }
    func number(_ value: Float) -> JSONValue { .number(JSONNumber(value)) }
    func integer(_ value: Int?) -> JSONValue { value.map { .number(JSONNumber($0)) } ?? .null }
    add("temperature", number(temperature), number(defaults.temperature))
    add("top_k", integer(topK), integer(defaults.topK))
    add("top_p", number(topP), number(defaults.topP))
    add("min_p", number(minP), number(defaults.minP))
    add("typical_p", number(typicalP), number(defaults.typicalP))
    add("repetition_penalty", number(repetitionPenalty), number(defaults.repetitionPenalty))
    add("presence_penalty", number(presencePenalty), number(defaults.presencePenalty))
    add("frequency_penalty", number(frequencyPenalty), number(defaults.frequencyPenalty))
    add("penalty_window", integer(penaltyWindow), integer(defaults.penaltyWindow))
    if logitBias != defaults.logitBias {
      let sorted = logitBias.sorted { $0.key < $1.key }
      // An infinite bias, which forbids a token, has no JSON number: -100 is what the field writes for it.
      preset["logit_bias"] = .object(
        JSONObject(sorted.map { (key: String($0.key), value: number(max(-100, min(100, $0.value)))) }))
    }
    if seed != defaults.seed { preset["seed"] = seed.flatMap { try? JSONValue(parsing: String($0)) } ?? .null }
    add("order", .string(order.rawValue), .string(defaults.order.rawValue))
    return preset
  }

  private static func number(_ name: String, _ value: JSONValue) throws(GenerationError) -> Float {
    guard let number = value.double, number.isFinite else {
      throw .badSetting(name: name, found: value.text(), expected: "a number")
    }
    return Float(number)
  }

  private static func integer(_ name: String, _ value: JSONValue) throws(GenerationError) -> Int {
    guard let integer = value.int else {
      throw .badSetting(name: name, found: value.text(), expected: "a whole number")
    }
    return integer
  }

  /// `{"1234": -2.5}`: token ids to what is added to their logits.
  private static func bias(_ name: String, _ value: JSONValue) throws(GenerationError) -> [TokenID: Float] {
    var bias: [TokenID: Float] = [:]
    guard let object = value.object else {
      throw .badSetting(name: name, found: value.text(), expected: "an object of token ids and numbers")
    }
    for (key, member) in object {
      guard let id = TokenID(key), id >= 0 else {
        throw .badSetting(name: name, found: "the key \"\(key)\"", expected: "a token id")
      }
      bias[id] = try number("\(name)/\(key)", member)
    }
    return bias
  }
}
