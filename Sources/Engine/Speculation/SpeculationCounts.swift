/// When tokens are drafted and checked several in a step. It never changes what is said, only the time it takes.
public enum SpeculationMode: String, Sendable, CaseIterable {
  case off
  /// In function calls and answers that have a schema, where much is forced by the schema or copied from the prompt.
  case calls
  /// Thoughts and text too.
  case all
}

/// What drafts have done for one answer.
public struct SpeculationCounts: Sendable, Equatable {
  /// Steps of the model behind the prompt's.
  public var steps = 0
  /// Steps that were not needed: the logits of their token had been computed with a draft. Without drafts there would have
  /// been `steps + savedSteps`.
  public var savedSteps = 0
  /// By place in the draft: how often a step computed a drafted token there.
  public private(set) var draftedByPosition: [Int] = []
  /// By place in the draft: how often it was the token that was drawn.
  public private(set) var acceptedByPosition: [Int] = []

  public init() {}

  public var drafted: Int { draftedByPosition.reduce(0, +) }
  public var accepted: Int { acceptedByPosition.reduce(0, +) }

  /// Counts a step that computed so many drafted tokens.
  public mutating func add(drafted count: Int) {
    while draftedByPosition.count < count {
      draftedByPosition.append(0)
      acceptedByPosition.append(0)
    }
    for position in 0..<count { draftedByPosition[position] += 1 }
  }

  /// Counts a drafted token that was drawn.
  /// - Precondition: it was drafted.
  public mutating func add(acceptedAt position: Int) { acceptedByPosition[position] += 1 }
}
