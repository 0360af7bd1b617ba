public import JSON
import ModelFiles

/// What the tokens of a call tell of the model's mind: how probable each argument's value was, and where the schema's mask
/// stood against the model.
///
/// Let a value stand at bytes `a ..< b` of the call. Its probability is the product, over the tokens that hold one of these
/// bytes, of the token's probability given all before it, by the model's own distribution (temperature 1, no sampler stage,
/// no mask). A token at the edge, such as `"}`, counts whole. It is the probability of this value in this spelling at this
/// place, everything before it given.
public struct CallReading: Sendable, Equatable {
  public var name: String
  /// The tokens between the tags, as indices among the answer's.
  public var tokens: Range<Int>
  /// Of the function's name between its quotes, given that there is a call; nil where the backend does not tell.
  public var nameProbability: Double?
  /// Every value in the arguments: containers before what is in them, in the order of the text.
  public var arguments: [Argument]
  /// Of all tokens of the call.
  public var pressure: MaskPressure
  /// By field: of the tokens whose first byte is the field's, with those of the fields within it. A field has its key and
  /// what parts it from the field before; the bracket that closes an object is the object's own. The empty path has what is
  /// left: the name, and the brackets around the arguments.
  public var fieldPressures: [FieldPath: MaskPressure]

  public struct Argument: Sendable, Equatable {
    /// RFC 6901, within the arguments.
    public var pointer: String
    public var path: FieldPath
    public var value: JSONValue
    /// Those that hold a byte of the value, as indices among the answer's tokens.
    public var tokens: Range<Int>
    public var probability: Double?
    /// The value's least certain token.
    public var doubt: Doubt?
  }

  /// A token that might have been another one.
  public struct Doubt: Sendable, Equatable {
    /// Index among the answer's tokens.
    public var token: Int
    public var probability: Double
    /// The most probable other token; nil if its candidates were not asked for.
    public var rival: TokenCandidate?
  }
}

/// What a mask took from the model, added up over some tokens.
public struct MaskPressure: Sendable, Equatable {
  /// Tokens that were drawn under a mask.
  public var tokenCount = 0
  /// Probability that lay on forbidden tokens, before the sampler's stages: the sum of `MaskSummary.removedMass`.
  public var removedMass = 0.0
  /// Tokens in whose place a forbidden one was more probable.
  public var overruledCount = 0
  /// The forbidden token that was most probable, and the index of the token that came in its place.
  public var worst: Worst?

  public struct Worst: Sendable, Equatable {
    public var token: Int
    public var forbidden: MaskSummary.Forbidden
  }

  public init() {}

  public mutating func add(_ token: TokenEvent) {
    guard let mask = token.mask else { return }
    tokenCount += 1
    removedMass += Double(mask.removedMass)
    guard let best = mask.bestForbidden else { return }
    if let logprob = token.logprob, best.probability > logprob.exponential { overruledCount += 1 }
    if best.probability > worst?.forbidden.probability ?? 0 { worst = Worst(token: token.index, forbidden: best) }
  }

  public static func += (sum: inout MaskPressure, other: MaskPressure) {
    sum.tokenCount += other.tokenCount
    sum.removedMass += other.removedMass
    sum.overruledCount += other.overruledCount
    if let worst = other.worst, worst.forbidden.probability > sum.worst?.forbidden.probability ?? 0 {
      sum.worst = worst
    }
  }
}

// MARK: - From tokens

extension CallReading {
  /// The calls of an answer, complete or still being written, in the order of its message's; what is not a call is left out.
  public static func all(in tokens: [TokenEvent]) -> [CallReading] {
    var readings: [CallReading] = []
    var place = tokens.startIndex
    while let start = tokens[place...].firstIndex(where: { $0.lane == .toolCall }) {
      let end = tokens[start...].firstIndex { $0.lane != .toolCall } ?? tokens.endIndex
      if let reading = CallReading(tokens[start..<end]) { readings.append(reading) }
      place = end
    }
    return readings
  }

  /// - Parameter stretch: the tokens between two tags.
  private init?(_ stretch: ArraySlice<TokenEvent>) {
    let text = stretch.flatMap(\.bytes)
    // Tags that are spelt have some of their characters in the call's lane.
    guard let first = text.firstIndex(of: UInt8(ascii: "{")), let last = text.lastIndex(of: UInt8(ascii: "}")),
      first < last
    else { return nil }
    let body = String(decoding: text[first...last], as: UTF8.self)
    guard case .call(let call, _) = ToolCallReading(body), let document = try? JSONDocument(parsing: body),
      let object = document.value.object, let nameIndex = object.position(of: "name")
    else { return nil }

    let spelling = Spelling(stretch, start: first)
    name = call.name
    tokens = stretch.indices
    nameProbability = spelling.probability(of: spelling.tokens(in: document.positions.children[nameIndex].range))
    var extents: [FieldExtent] = []
    if let index = object.position(of: "arguments"), object.values[index].object != nil {
      extents = FieldExtent.all(in: object.values[index], document.positions.children[index])
    }
    arguments = extents.map { extent in
      let held = spelling.tokens(in: extent.valueBytes)
      return Argument(
        pointer: extent.pointer, path: extent.path, value: extent.value, tokens: held,
        probability: spelling.probability(of: held), doubt: spelling.doubt(in: held))
    }
    pressure = MaskPressure()
    fieldPressures = [:]
    for (token, end) in zip(stretch, spelling.ends) {
      pressure.add(token)
      let start = end - token.bytes.count
      let owners = Set(extents.lazy.filter { $0.bytes.contains(start) }.map(\.path))
      for path in owners.isEmpty ? [FieldPath()] : owners { fieldPressures[path, default: MaskPressure()].add(token) }
    }
    fieldPressures = fieldPressures.filter { $0.value.tokenCount > 0 }
  }

  /// Some tokens and where their bytes stand in the text of a call.
  private struct Spelling {
    let stretch: ArraySlice<TokenEvent>
    /// Offset after each token's last byte, from the text's first.
    let ends: [Int]

    init(_ stretch: ArraySlice<TokenEvent>, start: Int) {
      self.stretch = stretch
      var end = -start
      ends = stretch.map { token in
        end += token.bytes.count
        return end
      }
    }

    /// The tokens that hold a byte of the range.
    func tokens(in bytes: Range<Int>) -> Range<Int> {
      let first = ends.firstIndex { $0 > bytes.lowerBound } ?? ends.count
      let last = ends.firstIndex { $0 >= bytes.upperBound } ?? ends.count - 1
      return stretch.startIndex + first..<stretch.startIndex + max(first, last + 1)
    }

    func probability(of tokens: Range<Int>) -> Double? {
      var sum = 0.0
      for token in stretch[tokens] {
        guard let logprob = token.logprob else { return nil }
        sum += Double(logprob)
      }
      return sum.exponential
    }

    func doubt(in tokens: Range<Int>) -> Doubt? {
      let known = stretch[tokens].compactMap { token in token.logprob.map { (token, $0) } }
      guard let (token, logprob) = known.min(by: { $0.1 < $1.1 }) else { return nil }
      return Doubt(
        token: token.index, probability: Double(logprob).exponential,
        rival: token.candidates.first { $0.id != token.id })
    }
  }
}
