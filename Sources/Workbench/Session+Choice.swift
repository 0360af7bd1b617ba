import Engine

/// How probable each function is for the question at hand, and what it was before the functions were edited.
struct ChoiceMeasuring {
  /// What a choice is about.
  struct Subject: Equatable {
    var messages: [Message]
    var functions: [FunctionDefinition]
  }

  /// The latest measurement; nil before the first, or where there is no question.
  var choice: FunctionChoice?
  /// The same question's when the functions were last saved: what the bars moved from.
  var baseline: FunctionChoice?
  /// What `choice` is of.
  var measured: Subject?
  fileprivate(set) var underWay: Subject?
  fileprivate var isAsked = false
  /// The shorter one of the two latest measurements: the first computes the whole prompt, later ones what was changed.
  private var took: Duration { min(durations.0, durations.1) }
  fileprivate var durations: (Duration, Duration) = (.zero, .zero)

  /// Longer than this is not measured at every key press, but when it is asked for.
  static let automaticLimit: Duration = .seconds(1)
  var isAutomatic: Bool { took <= Self.automaticLimit }
}

extension Session {
  /// The conversation up to its last question or result, the draft included: where a function is chosen or was chosen.
  /// Nil where nothing is asked.
  var choiceSubject: ChoiceMeasuring.Subject? {
    var messages = transcript.messages
    if draft.contains(where: { !$0.isWhitespace }) {
      messages.append(Message(.user, draft))
    } else {
      guard let question = messages.lastIndex(where: { $0.role == .user }) else { return nil }
      messages.removeSubrange((question + 1)...)
    }
    let functions = offeredFunctions
    return functions.isEmpty ? nil : ChoiceMeasuring.Subject(messages: messages, functions: functions)
  }

  /// Asks for the probabilities if they are of something else by now. At most one measurement is under way; what changes
  /// meanwhile is measured next.
  /// - Parameter isShown: somebody sees them.
  func measureChoiceIfNeeded(isShown: Bool) {
    guard choosing.underWay == nil, !isRunning, case .ready = model else { return }
    guard let subject = choiceSubject else {
      choosing.choice = nil
      choosing.baseline = nil
      choosing.measured = nil
      return
    }
    guard subject != choosing.measured, choosing.isAsked || isShown && choosing.isAutomatic else { return }
    choosing.isAsked = false
    choosing.underWay = subject
    request(.choose(makeRequest(subject.messages)))
  }

  /// Measures also where that takes long.
  func askForChoice() {
    if choiceSubject == nil {
      show(.information, "write a question, and switch a function on: then its probability can be measured")
    } else {
      choosing.isAsked = true
    }
  }

  /// - Parameter choice: nil if the model cannot tell.
  func receive(_ choice: FunctionChoice?, took: Duration) {
    guard let subject = choosing.underWay else { return }
    choosing.underWay = nil
    choosing.durations = (choosing.durations.1, took)
    if choosing.measured?.messages != subject.messages || !functions.contains(where: \.isChanged) {
      choosing.baseline = choice
    }
    choosing.choice = choice
    choosing.measured = subject
  }

  /// What is saved is what later edits move away from.
  func choiceWasSaved() { choosing.baseline = choosing.choice }

  /// The probability of a function that is on, and how much of it came since the last save.
  func probability(of entry: FunctionEntry) -> (now: Double, before: Double)? {
    guard entry.isOn, let choice = choosing.choice, let now = choice.probability(of: entry.name) else { return nil }
    return (now, choosing.baseline?.probability(of: entry.name) ?? now)
  }

  /// The same of an answer without a call, and of calls of no function or in another spelling where they count.
  var otherChoices: [(name: String, now: Double, before: Double)] {
    guard let choice = choosing.choice else { return [] }
    let before = choosing.baseline ?? choice
    let noCall = ("no call", choice.noCall, before.noCall)
    let other = ("other calls", choice.otherCalls, before.otherCalls)
    return max(other.1, other.2) < 0.005 ? [noCall] : [noCall, other]
  }
}

extension FunctionChoice {
  func probability(of name: String) -> Double? { options.first { $0.name == name }?.probability }
}
