extension RegularExpression {
  /// Why a string could not be judged.
  public struct MatchingLimit: Error, Sendable, CustomStringConvertible {
    public let pattern: String
    public let sentence: String
    public var description: String { "pattern \"\(pattern)\": \(sentence)" }
  }

  /// Whether the pattern matches somewhere in the string. To match many strings, keep a `RegularExpressionProgram`.
  public func matches(_ string: String) throws(MatchingLimit) -> Bool {
    try RegularExpressionProgram(self).matches(string)
  }
}

/// A pattern compiled for matching by backtracking.
///
/// Without backreferences no state is tried twice at a place, so the time is linear in the string; with them the steps
/// are limited.
public struct RegularExpressionProgram: Sendable {
  private let source: String
  private let instructions: [Instruction]
  private let groupCount: Int
  private let isAnchored: Bool
  private let hasBackreference: Bool

  /// Throws if the bounded repetitions, written out, are too large.
  public init(_ expression: RegularExpression) throws(RegularExpression.MatchingLimit) {
    var compiler = ProgramCompiler(pattern: expression.source)
    try compiler.emit(expression.root)
    compiler.instructions.append(.match)
    source = expression.source
    instructions = compiler.instructions
    groupCount = expression.groupCount
    isAnchored = expression.root.isAnchoredAtStart
    hasBackreference = expression.root.hasBackreference
  }

  /// Whether the pattern matches somewhere in the string.
  public func matches(_ string: String) throws(RegularExpression.MatchingLimit) -> Bool {
    let scalars = Array(string.unicodeScalars)
    var matcher = BacktrackingMatcher(
      program: instructions, scalars: scalars, groupCount: groupCount, remembersStates: !hasBackreference)
    for start in 0...scalars.count {
      switch matcher.run(from: start) {
      case .matched: return true
      case .failed: if isAnchored { return false }
      case .exhausted:
        throw RegularExpression.MatchingLimit(
          pattern: source, sentence: "gave no answer within \(BacktrackingMatcher.stepLimit) steps")
      }
    }
    return false
  }
}

extension RegularExpression.Node {
  /// Every match begins at the string's start.
  var isAnchoredAtStart: Bool {
    switch self {
    case .start: true
    case .sequence(let nodes): nodes.first?.isAnchoredAtStart ?? false
    case .alternatives(let nodes): nodes.allSatisfy(\.isAnchoredAtStart)
    case .group(let node, _): node.isAnchoredAtStart
    default: false
    }
  }

  var hasBackreference: Bool {
    switch self {
    case .backreference: true
    case .sequence(let nodes), .alternatives(let nodes): nodes.contains(where: \.hasBackreference)
    case .repetition(let node, _, _), .group(let node, _), .look(let node, _, _): node.hasBackreference
    default: false
    }
  }
}

private enum Instruction: Sendable {
  case scalars(ScalarSet)
  /// Tries the next instruction, then this one.
  case split(alternative: Int)
  case jump(Int)
  case start, end
  case wordBoundary(isNegated: Bool)
  /// Remembers the place: 2 × group at its start, one more at its end.
  case save(Int)
  case backreference(Int)
  /// Runs the program that follows up to its `match`; goes on at `next`.
  case look(isAhead: Bool, isNegated: Bool, next: Int)
  /// Leaves a repetition whose body matched nothing, which would go on for ever.
  case progress(slot: Int)
  case match
}

/// From the syntax tree to instructions; bounded repetitions are written out.
private struct ProgramCompiler {
  static let sizeLimit = 200_000
  let pattern: String
  var instructions: [Instruction] = []
  var loopCount = 0

  mutating func emit(_ node: RegularExpression.Node) throws(RegularExpression.MatchingLimit) {
    guard instructions.count < Self.sizeLimit else {
      throw RegularExpression.MatchingLimit(
        pattern: pattern, sentence: "its repetitions are too large to be written out")
    }
    switch node {
    case .empty: break
    case .scalars(let set): instructions.append(.scalars(set))
    case .sequence(let nodes): for node in nodes { try emit(node) }
    case .alternatives(let nodes):
      var ends: [Int] = []
      for (index, node) in nodes.enumerated() {
        if index == nodes.count - 1 {
          try emit(node)
        } else {
          let split = reserveInstruction()
          try emit(node)
          ends.append(reserveInstruction())
          instructions[split] = .split(alternative: instructions.count)
        }
      }
      for end in ends { instructions[end] = .jump(instructions.count) }
    case .repetition(let body, let minimum, let maximum):
      for _ in 0..<minimum { try emit(body) }
      if let maximum {
        var splits: [Int] = []
        for _ in minimum..<max(minimum, maximum) {
          splits.append(reserveInstruction())
          try emit(body)
        }
        for split in splits { instructions[split] = .split(alternative: instructions.count) }
      } else {
        loopCount += 1
        let slot = loopCount
        let split = reserveInstruction()
        instructions.append(.progress(slot: slot))
        try emit(body)
        instructions.append(.jump(split))
        instructions[split] = .split(alternative: instructions.count)
      }
    case .group(let body, let number):
      guard let number else { return try emit(body) }
      instructions.append(.save(2 * number))
      try emit(body)
      instructions.append(.save(2 * number + 1))
    case .start: instructions.append(.start)
    case .end: instructions.append(.end)
    case .wordBoundary(let isNegated): instructions.append(.wordBoundary(isNegated: isNegated))
    case .look(let body, let isAhead, let isNegated):
      let look = reserveInstruction()
      try emit(body)
      instructions.append(.match)
      instructions[look] = .look(isAhead: isAhead, isNegated: isNegated, next: instructions.count)
    case .backreference(let number): instructions.append(.backreference(number))
    }
  }

  /// Keeps a place for an instruction whose target is known only after what follows has been emitted.
  /// - Returns: its index; the caller writes the instruction there.
  private mutating func reserveInstruction() -> Int {
    instructions.append(.match)
    return instructions.count - 1
  }
}

private struct BacktrackingMatcher {
  enum Outcome { case matched, failed, exhausted }
  static let stepLimit = 5_000_000

  let program: [Instruction]
  let scalars: [Unicode.Scalar]
  let groupCount: Int
  /// No state is worth trying a second time at the same place.
  let remembersStates: Bool
  /// Of the program, or of the look that is being run.
  private var visited: Set<Int> = []
  private var steps = 0
  /// Of the last match, where states are not remembered.
  private var matchedCaptures: [Int] = []

  init(program: [Instruction], scalars: [Unicode.Scalar], groupCount: Int, remembersStates: Bool) {
    self.program = program
    self.scalars = scalars
    self.groupCount = groupCount
    self.remembersStates = remembersStates
  }

  /// A place to come back to: instruction, place in the string, captures.
  private struct Choice {
    var instruction: Int
    var place: Int
    var captures: [Int]
    var loopPlaces: [Int: Int]
  }

  /// Whether the program matches at exactly this place.
  mutating func run(from start: Int) -> Outcome {
    run(
      instruction: 0, place: start, end: nil,
      captures: Array(repeating: -1, count: remembersStates ? 0 : 2 * groupCount + 2))
  }

  /// - Parameter end: where a look behind must end; nil anywhere.
  private mutating func run(instruction: Int, place: Int, end: Int?, captures: [Int]) -> Outcome {
    var choices = [Choice(instruction: instruction, place: place, captures: captures, loopPlaces: [:])]
    while var state = choices.popLast() {
      thread: while true {
        steps += 1
        if steps > Self.stepLimit { return .exhausted }
        if remembersStates, case .split = program[state.instruction],
          !visited.insert(state.instruction &* (scalars.count + 1) &+ state.place).inserted
        {
          break thread
        }
        switch program[state.instruction] {
        case .scalars(let set):
          guard state.place < scalars.count, set.contains(scalars[state.place]) else { break thread }
          state.place += 1
          state.instruction += 1
        case .split(let alternative):
          var other = state
          other.instruction = alternative
          choices.append(other)
          state.instruction += 1
        case .jump(let target): state.instruction = target
        case .progress(let slot):
          // A remembered split ends such a loop by itself.
          if !remembersStates {
            if state.loopPlaces[slot] == state.place { break thread }
            state.loopPlaces[slot] = state.place
          }
          state.instruction += 1
        case .start:
          guard state.place == 0 else { break thread }
          state.instruction += 1
        case .end:
          guard state.place == scalars.count else { break thread }
          state.instruction += 1
        case .wordBoundary(let isNegated):
          guard isWordBoundary(state.place) != isNegated else { break thread }
          state.instruction += 1
        case .save(let slot):
          if !remembersStates { state.captures[slot] = state.place }
          state.instruction += 1
        case .backreference(let number):
          let (from, to) = (state.captures[2 * number], state.captures[2 * number + 1])
          if from >= 0, to >= from {
            guard scalars[state.place...].starts(with: scalars[from..<to]) else { break thread }
            state.place += to - from
          }
          state.instruction += 1
        case .look(let isAhead, let isNegated, let next):
          var outcome = Outcome.failed
          let starts = isAhead ? state.place...state.place : 0...state.place
          // Within a look other states lead to success than outside, and for another end others again.
          let outerVisited = visited
          visited = []
          defer { visited = outerVisited }
          for start in starts {
            outcome = run(
              instruction: state.instruction + 1, place: start, end: isAhead ? -1 : state.place,
              captures: state.captures)
            if outcome != .failed { break }
          }
          if outcome == .exhausted { return .exhausted }
          guard (outcome == .matched) != isNegated else { break thread }
          if !isNegated { state.captures = matchedCaptures }
          state.instruction = next
        case .match:
          if let end, end >= 0, state.place != end { break thread }
          matchedCaptures = state.captures
          return .matched
        }
      }
    }
    return .failed
  }

  private func isWordBoundary(_ place: Int) -> Bool {
    let before = place > 0 && ScalarSet.word.contains(scalars[place - 1])
    let after = place < scalars.count && ScalarSet.word.contains(scalars[place])
    return before != after
  }
}
