/// What each byte does to a configuration.
extension GrammarMachine {
  private static let space = ByteSet(" \t\n\r")

  /// Appends the configurations that follow a byte; none if it is not admitted.
  func step(_ configuration: Int32, _ byte: UInt8, _ following: inout [Int32]) {
    let frame = frames[Int(configuration)]
    if frame.space > 0, Self.space.contains(byte) {
      var next = frame
      next.space -= 1
      following.append(intern(next))
      return
    }
    switch frame.kind {
    case .end: break
    case .start: enter(frame.rule, frame.parent, byte, &following)
    case .automaton:
      let automaton = table.automata[Int(frame.rule)]
      settle(automaton.next(frame.a, byte), frame, &following)
      if automaton.accepts(frame.a), let parent = finish(automaton, frame.a, frame.parent) {
        step(parent, byte, &following)
      }
    case .pattern:
      let automaton = table.automata[Int(frame.rule)]
      if byte == 0x22, automaton.accepts(frame.a) {
        following.append(frame.parent)
      } else {
        let next = automaton.next(frame.a, byte)
        guard next >= 0 else { break }
        following.append(intern(Frame(kind: .pattern, rule: frame.rule, a: next, parent: frame.parent)))
      }
    case .string: stepString(frame, byte, &following)
    case .literal:
      let text = table.dispatches[Int(frame.rule)].closing
      guard text[Int(frame.a)] == byte else { break }
      if Int(frame.a) + 1 == text.count {
        following.append(frame.parent)
      } else {
        following.append(intern(Frame(kind: .literal, rule: frame.rule, a: frame.a + 1, parent: frame.parent)))
      }
    case .dispatch:
      let dispatch = table.dispatches[Int(frame.rule)]
      let node = dispatch.openings.next(frame.a, byte)
      guard node >= 0 else { break }
      if dispatch.openings.isAccepting(node) {
        let rule = dispatch.rules[Int(dispatch.openings.label(node))]
        following.append(intern(Frame(kind: .start, space: spaceLimit, rule: rule, parent: frame.parent)))
      } else {
        following.append(intern(Frame(kind: .dispatch, rule: frame.rule, a: node, parent: frame.parent)))
      }
    case .objectOpen, .objectNext, .objectComma: stepObject(frame, byte, &following)
    case .key: stepKey(frame, byte, &following)
    case .colon: stepColon(frame, byte, &following)
    case .arrayOpen, .arrayNext, .arrayComma: stepArray(frame, byte, &following)
    }
  }

  /// A superset of the bytes a configuration admits, cheap to know.
  func candidates(_ configuration: Int32) -> ByteSet {
    let frame = frames[Int(configuration)]
    var set = frame.space > 0 ? Self.space : ByteSet()
    switch frame.kind {
    case .end: break
    case .start: addFirst(frame.rule, &set)
    case .automaton:
      let automaton = table.automata[Int(frame.rule)]
      set.formUnion(automaton.allowed(frame.a))
      if automaton.accepts(frame.a) { set.formUnion(candidates(frame.parent)) }
    case .pattern:
      set.formUnion(table.automata[Int(frame.rule)].allowed(frame.a))
      set.insert(0x22)
    case .string:
      set.formUnion(lexerSet(frame.a))
      if frame.a == 0 { set.insert(0x22) }
    case .literal: set.insert(table.dispatches[Int(frame.rule)].closing[Int(frame.a)])
    case .dispatch: set.formUnion(table.dispatches[Int(frame.rule)].openings.allowed(frame.a))
    case .objectOpen: set.formUnion(ByteSet("\"}"))
    case .objectNext: set.formUnion(ByteSet(",}"))
    case .objectComma: set.formUnion(ByteSet(" \""))
    case .key:
      let object = table.objects[Int(frame.rule)]
      set.insert(0x22)
      if frame.a >= 0 {
        for child in object.names.firstChild[Int(frame.a)]..<object.names.firstChild[Int(frame.a) + 1] {
          set.insert(object.names.byte[Int(child)])
        }
      }
      if frame.b >= 0 {
        if let automaton = object.nameAutomaton {
          set.formUnion(table.automata[Int(automaton)].allowed(frame.b))
        } else {
          set.formUnion(keyLexerSet(frame.b))
        }
      }
    case .colon: set.insert(frame.a == 0 ? 0x3A : 0x20)
    case .arrayOpen:
      set.insert(0x5D)
      for rule in nextRules(table.arrays[Int(frame.rule)], 0) { addFirst(rule, &set) }
    case .arrayNext: set.formUnion(ByteSet(",]"))
    case .arrayComma:
      if style == .qwen {
        set.insert(0x20)
      } else {
        for rule in nextRules(table.arrays[Int(frame.rule)], Int(frame.a)) { addFirst(rule, &set) }
      }
    }
    return set
  }

  func isComplete(_ configuration: Int32) -> Bool {
    let frame = frames[Int(configuration)]
    switch frame.kind {
    case .end: return true
    case .automaton: return table.automata[Int(frame.rule)].accepts(frame.a) && isComplete(frame.parent)
    default: return false
    }
  }

  // MARK: - Values

  private func addFirst(_ rule: RuleID, _ set: inout ByteSet) {
    switch table.rules[Int(rule)] {
    case .never: break
    case .choice(let choices): for choice in choices { addFirst(choice, &set) }
    case .automaton(let number): set.formUnion(table.automata[Int(number)].allowed(0))
    case .string, .pattern: set.insert(0x22)
    case .object: set.insert(0x7B)
    case .array: set.insert(0x5B)
    }
  }

  /// The first byte of a value.
  private func enter(_ rule: RuleID, _ parent: Int32, _ byte: UInt8, _ following: inout [Int32]) {
    switch table.rules[Int(rule)] {
    case .never: break
    case .choice(let choices): for choice in choices { enter(choice, parent, byte, &following) }
    case .automaton(let number):
      let automaton = table.automata[Int(number)]
      settle(automaton.next(0, byte), Frame(kind: .automaton, rule: number, parent: parent), &following)
    case .string:
      if byte == 0x22 { following.append(intern(Frame(kind: .string, rule: rule, parent: parent))) }
    case .pattern(let number):
      if byte == 0x22 {
        following.append(intern(Frame(kind: .pattern, rule: number, a: StringAutomaton.initial, parent: parent)))
      }
    case .object(let number):
      if byte == 0x7B, depth(parent) < Self.depthLimit {
        following.append(intern(Frame(kind: .objectOpen, space: spaceLimit, rule: number, parent: parent)))
      }
    case .array(let number):
      if byte == 0x5B, depth(parent) < Self.depthLimit {
        following.append(intern(Frame(kind: .arrayOpen, space: spaceLimit, rule: number, parent: parent)))
      }
    }
  }

  /// An automaton's next state; one that can only end is left at once.
  private func settle(_ next: Int32, _ frame: Frame, _ following: inout [Int32]) {
    guard next >= 0 else { return }
    let automaton = table.automata[Int(frame.rule)]
    if automaton.accepts(next), automaton.allowed(next).isEmpty {
      if let parent = finish(automaton, next, frame.parent) { following.append(parent) }
      return
    }
    if let literals = automaton as? LiteralAutomaton, let used = usedTexts(frame.parent),
      literals.reachable(next).allSatisfy({ contains(used, Int($0)) })
    {
      return
    }
    following.append(intern(Frame(kind: .automaton, rule: frame.rule, a: next, parent: frame.parent)))
  }

  /// The set of texts an array of distinct elements has used.
  private func usedTexts(_ parent: Int32) -> Int32? {
    let frame = frames[Int(parent)]
    guard frame.kind == .arrayNext, table.arrays[Int(frame.rule)].distinctCount != nil else { return nil }
    return frame.b
  }

  /// Where to go on after an automaton's text; nil if the text is already used.
  private func finish(_ automaton: ByteAutomaton, _ state: Int32, _ parent: Int32) -> Int32? {
    guard let used = usedTexts(parent), automaton is LiteralAutomaton else { return parent }
    let label = Int(automaton.label(state))
    if contains(used, label) { return nil }
    var frame = frames[Int(parent)]
    frame.b = inserting(label, into: used)
    return intern(frame)
  }

  private func stepString(_ frame: Frame, _ byte: UInt8, _ following: inout [Int32]) {
    guard case .string(let minimum, let maximum) = table.rules[Int(frame.rule)] else { return }
    if byte == 0x22, frame.a == 0 {
      if Int(frame.b) >= minimum { following.append(frame.parent) }
      return
    }
    let next = lexer.next[Int(frame.a) << 8 | Int(byte)]
    guard next != StringLexer.dead else { return }
    var count = Int(frame.b)
    if frame.a == 0 {
      if let maximum {
        guard count < maximum else { return }
        count += 1
      } else if count < minimum {
        count += 1
      }
    }
    following.append(
      intern(Frame(kind: .string, rule: frame.rule, a: Int32(next), b: Int32(count), parent: frame.parent)))
  }

  // MARK: - Objects

  private func stepObject(_ frame: Frame, _ byte: UInt8, _ following: inout [Int32]) {
    let object = table.objects[Int(frame.rule)]
    switch (byte, frame.kind) {
    case (0x7D, .objectOpen), (0x7D, .objectNext):
      if canClose(object, frame) { following.append(frame.parent) }
    case (0x2C, .objectNext):
      guard canTakeAny(object, frame) else { return }
      var next = frame
      next.kind = .objectComma
      next.space = spaceLimit
      following.append(intern(next))
    case (0x20, .objectComma) where style == .qwen && frame.space == 0:
      // The space is taken; the quote must follow.
      var next = frame
      next.space = 0
      next.kind = .objectOpen
      next.c = frame.c | Self.quoteOnly
      following.append(intern(next))
    case (0x22, .objectOpen), (0x22, .objectComma):
      if frame.kind == .objectComma, style == .qwen { return }
      var own = frame
      own.c &= ~Self.quoteOnly
      guard canTakeAny(object, own) else { return }
      own.kind = .objectNext
      own.space = spaceLimit
      let hasNames = object.allowsUndeclared && canTakeUndeclared(object, own)
      following.append(
        intern(Frame(kind: .key, rule: frame.rule, a: 0, b: hasNames ? 0 : -1, parent: intern(own))))
    default: break
    }
  }

  /// Set in `c` after Qwen's comma and space.
  static let quoteOnly: Int32 = 1 << 30

  private func canClose(_ object: ObjectRule, _ frame: Frame) -> Bool {
    frame.c & Self.quoteOnly == 0 && Int(frame.c) >= object.minimumCount
      && object.nextRequired[Int(frame.a)] == object.properties.count
      && object.unorderedRequired.allSatisfy { contains(frame.b, $0) }
  }

  /// How many members must still come after taking another, which may itself be one of them.
  private func missingCount(_ object: ObjectRule, _ frame: Frame, without taken: Int?) -> Int {
    var missing = 0
    var at = object.nextRequired[Int(frame.a)]
    while at < object.properties.count {
      if at != taken { missing += 1 }
      at = object.nextRequired[at + 1]
    }
    for index in object.unorderedRequired where index != taken && !contains(frame.b, index) { missing += 1 }
    return missing
  }

  private func canTakeUndeclared(_ object: ObjectRule, _ frame: Frame) -> Bool {
    guard object.allowsUndeclared else { return false }
    guard let maximum = object.maximumCount else { return true }
    return Int(frame.c) + 1 + missingCount(object, frame, without: nil) <= maximum
  }

  func canTake(_ object: ObjectRule, _ frame: Frame, _ index: Int) -> Bool {
    let property = object.properties[index]
    if property.isForbidden { return false }
    if property.isOrdered {
      guard index >= Int(frame.a), index <= object.nextRequired[Int(frame.a)] else { return false }
    } else if contains(frame.b, index) {
      return false
    }
    if let maximum = object.maximumCount {
      guard Int(frame.c) + 1 + missingCount(object, frame, without: index) <= maximum else { return false }
    }
    if object.minimumCount > 0, !object.allowsUndeclared {
      var left = 0
      for other in object.properties.indices where other != index && !object.properties[other].isForbidden {
        let isOpen =
          object.properties[other].isOrdered
          ? other >= max(Int(frame.a), property.isOrdered ? index + 1 : 0) : !contains(frame.b, other)
        if isOpen { left += 1 }
      }
      guard Int(frame.c) + 1 + left >= object.minimumCount else { return false }
    }
    return true
  }

  private func canTakeAny(_ object: ObjectRule, _ frame: Frame) -> Bool {
    canTakeUndeclared(object, frame) || object.properties.indices.contains { canTake(object, frame, $0) }
  }

  private func stepKey(_ frame: Frame, _ byte: UInt8, _ following: inout [Int32]) {
    let object = table.objects[Int(frame.rule)]
    let owner = frames[Int(frame.parent)]
    var node: Int32 = -1
    if frame.a >= 0 {
      let child = object.names.child(Int(frame.a), byte)
      if child > 0 { node = Int32(child) }
    }
    var lexed: Int32 = -1
    if frame.b >= 0 {
      if let automaton = object.nameAutomaton {
        lexed = table.automata[Int(automaton)].next(frame.b, byte)
      } else {
        let next = keyLexer.next[Int(frame.b) << 8 | Int(byte)]
        if next != StringLexer.dead { lexed = Int32(next) }
      }
    }
    // A quote inside a name is escaped and so continues the spelling; any other ends the name.
    if byte == 0x22, node < 0, lexed < 0 {
      closeKey(object, frame, owner, &following)
      return
    }
    if lexed < 0 {
      guard node >= 0 else { return }
      let names = object.names
      let open = names.firstInOrder[Int(node)]..<names.endInOrder[Int(node)]
      guard open.contains(where: { canTake(object, owner, Int(names.order[Int($0)])) }) else { return }
    }
    following.append(intern(Frame(kind: .key, rule: frame.rule, a: node, b: lexed, parent: frame.parent)))
  }

  /// Whether a state is in a name that the schema does not list and of which nothing can come but its end.
  func nameMustEnd(_ state: Int32) -> Bool {
    states[Int(state)].configurations.allSatisfy { configuration in
      let frame = frames[Int(configuration)]
      guard frame.kind == .key, frame.b >= 0 else { return false }
      let object = table.objects[Int(frame.rule)]
      if frame.a >= 0, object.names.firstChild[Int(frame.a)] < object.names.firstChild[Int(frame.a) + 1] { return false }
      guard let number = object.nameAutomaton else { return false }
      return table.automata[Int(number)].allowed(frame.b).isEmpty
    }
  }

  /// The declared names that a state within a name may become: what is missing of each, the quote with it.
  func declaredNames(_ state: Int32) -> [(rest: [UInt8], isRequired: Bool)] {
    var found: [(rest: [UInt8], isRequired: Bool)] = []
    for configuration in states[Int(state)].configurations {
      let frame = frames[Int(configuration)]
      guard frame.kind == .key, frame.a >= 0 else { continue }
      let object = table.objects[Int(frame.rule)]
      let names = object.names
      for place in Int(names.firstInOrder[Int(frame.a)])..<Int(names.endInOrder[Int(frame.a)]) {
        let property = object.properties[Int(names.order[place])]
        guard canTake(object, frames[Int(frame.parent)], Int(names.order[place])) else { continue }
        var (node, depth) = (0, 0)
        while node != Int(frame.a) {
          node = names.child(node, property.name[depth])
          depth += 1
        }
        found.append((property.name[depth...] + [0x22], property.isRequired))
      }
    }
    return found
  }

  private func closeKey(_ object: ObjectRule, _ frame: Frame, _ owner: Frame, _ following: inout [Int32]) {
    if frame.a >= 0, frame.a == 0 ? object.isEmptyNameDeclared != nil : object.names.endingCount[Int(frame.a)] > 0 {
      let index =
        frame.a == 0
        ? object.isEmptyNameDeclared ?? 0 : Int(object.names.order[Int(object.names.firstInOrder[Int(frame.a)])])
      guard canTake(object, owner, index) else { return }
      take(object.properties[index].rule, index, frame.rule, owner, &following)
    } else if let rule = undeclaredRule(object, frame.b), case let known = table.rules[Int(rule)] {
      if case .never = known { return }
      take(rule, nil, frame.rule, owner, &following)
    }
  }

  /// The rule of an undeclared member whose name ends here; nil if the name is not admitted.
  func undeclaredRule(_ object: ObjectRule, _ state: Int32) -> RuleID? {
    guard state >= 0 else { return nil }
    guard let number = object.nameAutomaton else {
      return state == Int32(StringLexer.boundary) && object.allowsUndeclared ? object.undeclared : nil
    }
    guard let automaton = table.automata[Int(number)] as? StringAutomaton, automaton.accepts(state) else { return nil }
    return object.undeclaredByMatch[automaton.matches(state)]
  }

  /// The member's name is closed.
  private func take(_ rule: RuleID, _ index: Int?, _ objectNumber: Int32, _ owner: Frame, _ following: inout [Int32]) {
    let object = table.objects[Int(objectNumber)]
    var next = owner
    if Int(next.c) < object.countLimit { next.c += 1 }
    if let index {
      if object.properties[index].isOrdered {
        next.a = Int32(index + 1)
      } else {
        next.b = inserting(index, into: next.b)
      }
    }
    let start = intern(Frame(kind: .start, space: spaceLimit, rule: rule, parent: intern(next)))
    following.append(intern(Frame(kind: .colon, space: spaceLimit, parent: start)))
  }

  private func stepColon(_ frame: Frame, _ byte: UInt8, _ following: inout [Int32]) {
    if frame.a == 0, byte == 0x3A {
      following.append(style == .qwen ? intern(Frame(kind: .colon, a: 1, parent: frame.parent)) : frame.parent)
    } else if frame.a == 1, byte == 0x20 {
      following.append(frame.parent)
    }
  }

  // MARK: - Arrays

  private func nextRules(_ array: ArrayRule, _ count: Int) -> [RuleID] {
    if let end = array.end, count >= end { return [] }
    if array.containing.isEmpty { return [array.rule(at: count)] }
    return [array.rule(at: count), array.containing[min(count, array.containing.count - 1)]]
  }

  private func stepArray(_ frame: Frame, _ byte: UInt8, _ following: inout [Int32]) {
    let array = table.arrays[Int(frame.rule)]
    switch (byte, frame.kind) {
    case (0x5D, .arrayOpen), (0x5D, .arrayNext):
      if Int(frame.a) >= array.minimumCount, array.containing.isEmpty || frame.b == 1 { following.append(frame.parent) }
    case (0x2C, .arrayNext):
      guard !nextRules(array, Int(frame.a)).isEmpty else { return }
      var next = frame
      next.kind = .arrayComma
      next.space = spaceLimit
      following.append(intern(next))
    case (0x20, .arrayComma) where style == .qwen: enterElement(array, frame, nil, &following)
    case (_, .arrayOpen): enterElement(array, frame, byte, &following)
    case (_, .arrayComma) where style != .qwen: enterElement(array, frame, byte, &following)
    default: break
    }
  }

  /// The next element, with its first byte or before it.
  private func enterElement(_ array: ArrayRule, _ frame: Frame, _ byte: UInt8?, _ following: inout [Int32]) {
    for (place, rule) in nextRules(array, Int(frame.a)).enumerated() {
      var next = frame
      next.kind = .arrayNext
      next.space = spaceLimit
      if Int(next.a) < array.countLimit { next.a += 1 }
      if place == 1 { next.b = 1 }
      // With its last place taken an array must have what it must contain.
      if !array.containing.isEmpty, next.b == 0, let end = array.end, Int(next.a) >= end { continue }
      let parent = intern(next)
      if let byte {
        enter(rule, parent, byte, &following)
      } else {
        following.append(intern(Frame(kind: .start, rule: rule, parent: parent)))
      }
    }
  }
}
