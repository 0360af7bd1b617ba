/// Masks: most configurations are one of three shapes for which nearly all of the answer is known beforehand.
///
/// - Inside a string every token that stays inside is allowed, whatever comes later; only the 1,300 or so tokens that
///   close it are looked at, by the 600 different suffixes they have.
/// - Inside a name that may be any, or a string whose pattern may still match whatever comes, the same holds, and the tokens
///   that close it are followed. So it is where one of many alternatives is such a place: tokens that stay inside are
///   allowed by that one, and those that close are followed for all alternatives at once.
/// - Inside a patterned string, what the pattern does with a run of characters decides about whole branches of the trie.
///
/// What is left is a walk of the trie along the states.
extension GrammarMachine {
  /// The tokens a state admits.
  func mask(_ state: Int32, _ vocabulary: TokenTrie, endTokens: [Int]) -> TokenMask {
    if let known = masks.value(state) { return known }
    var mask = computeMask(state, vocabulary)
    if states[Int(state)].isComplete, !endTokens.isEmpty { mask = mask.adding(endTokens) }
    masks.insert(mask, state, byteCount: mask.byteCount)
    return mask
  }

  private func computeMask(_ state: Int32, _ vocabulary: TokenTrie) -> TokenMask {
    let configurations = states[Int(state)].configurations
    if let mask = freeMask(state, configurations, vocabulary) { return mask }
    var walked: [Int32] = []
    var builder = TokenMaskBuilder(tokenCount: vocabulary.tokenCount)
    for configuration in configurations {
      guard let special = specialMask(configuration, vocabulary) else {
        walked.append(configuration)
        continue
      }
      if configurations.count == 1 { return special }
      builder.formUnion(special)
    }
    let rest = walked.count == configurations.count ? state : self.state(walked)
    if rest >= 0 { walk(vocabulary, from: rest, under: 0, &builder) }
    return builder.finish()
  }

  // MARK: - Free places

  /// Where all that stays inside a string is allowed.
  private enum Freedom { case none, canonical, anySpelling }

  private func freedom(_ configuration: Int32, _ vocabulary: TokenTrie) -> Freedom {
    let frame = frames[Int(configuration)]
    switch frame.kind {
    case .string:
      guard frame.a == 0, case .string(_, let maximum) = table.rules[Int(frame.rule)] else { return .none }
      return maximum.map { $0 - Int(frame.b) >= vocabulary.strings.longest } ?? true ? .anySpelling : .none
    case .pattern:
      guard let automaton = table.automata[Int(frame.rule)] as? StringAutomaton else { return .none }
      return automaton.isFree(frame.a) ? .canonical : .none
    case .key:
      guard frame.b >= 0 else { return .none }
      guard let number = table.objects[Int(frame.rule)].nameAutomaton else { return frame.b == 0 ? .canonical : .none }
      guard let automaton = table.automata[Int(number)] as? StringAutomaton else { return .none }
      return automaton.isFree(frame.b) ? .canonical : .none
    default: return .none
    }
  }

  private func freeMask(_ state: Int32, _ configurations: [Int32], _ vocabulary: TokenTrie) -> TokenMask? {
    if configurations.count == 1, case let frame = frames[Int(configurations[0])] {
      // Strings have a shorter way, and so have names while few declared ones are possible.
      if frame.kind == .string { return nil }
      if frame.kind == .key, case let object = table.objects[Int(frame.rule)], object.nameAutomaton == nil {
        let names = object.names
        if frame.a < 0 || names.endInOrder[Int(frame.a)] - names.firstInOrder[Int(frame.a)] <= 24 { return nil }
      }
    }
    var best = Freedom.none
    for configuration in configurations {
      switch freedom(configuration, vocabulary) {
      case .none: break
      case .canonical: best = best == .none ? .canonical : best
      case .anySpelling: best = .anySpelling
      }
    }
    if best == .none { return nil }
    let tokens = best == .anySpelling ? vocabulary.strings : vocabulary.names
    var builder = TokenMaskBuilder(copying: tokens.staying)
    if best == .canonical {
      // A string with an upper length may be spelt in other ways besides.
      for configuration in configurations where frames[Int(configuration)].kind == .string {
        if let mask = specialMask(configuration, vocabulary) { builder.formUnion(mask) }
      }
    }
    walk(tokens.leaving, from: state, under: 0) { builder.insert(Int(tokens.leavingTokens[$0])) }
    return builder.finish()
  }

  private func specialMask(_ configuration: Int32, _ vocabulary: TokenTrie) -> TokenMask? {
    let frame = frames[Int(configuration)]
    switch frame.kind {
    case .string where frame.a == 0, .pattern: break
    case .key where frame.b == 0 || (frame.b > 0 && table.objects[Int(frame.rule)].nameAutomaton != nil): break
    default: return nil
    }
    if let known = partMasks.value(configuration) { return known }
    let mask: TokenMask?
    switch frame.kind {
    case .string: mask = stringMask(frame, vocabulary)
    case .key: mask = keyMask(configuration, frame, vocabulary)
    default: mask = patternMask(configuration, frame, vocabulary)
    }
    if let mask { partMasks.insert(mask, configuration, byteCount: mask.byteCount) }
    return mask
  }

  // MARK: - Strings

  private func stringMask(_ frame: Frame, _ vocabulary: TokenTrie) -> TokenMask? {
    guard case .string(let minimum, let maximum) = table.rules[Int(frame.rule)] else { return nil }
    let tokens = vocabulary.strings
    let left = maximum.map { $0 - Int(frame.b) } ?? Int.max
    let missing = max(0, minimum - Int(frame.b))
    var builder = TokenMaskBuilder(copying: left >= tokens.longest ? tokens.staying : tokens.staying(within: left))
    addExits(tokens, to: state(of: frame.parent), missing: missing, left: left, vocabulary, &builder)
    return builder.finish()
  }

  /// Adds the tokens that close a string, by what follows the quote.
  private func addExits(
    _ tokens: StringTokens, to follower: Int32, missing: Int, left: Int, _ vocabulary: TokenTrie,
    _ builder: inout TokenMaskBuilder
  ) {
    func add(_ exits: [StringTokens.Exit], _ builder: inout TokenMaskBuilder) {
      for exit in exits where Int(exit.characterCount) >= missing && Int(exit.characterCount) <= left {
        builder.insert(Int(exit.token))
      }
    }
    add(tokens.closing, &builder)
    walk(tokens.suffixes, from: follower, under: 0) { group in add(tokens.exits[group], &builder) }
  }

  // MARK: - Names

  private func keyMask(_ configuration: Int32, _ frame: Frame, _ vocabulary: TokenTrie) -> TokenMask? {
    let object = table.objects[Int(frame.rule)]
    var builder: TokenMaskBuilder
    // Any name but the declared ones: what follows does not depend on which, or only on the patterns it matches.
    func closed(_ state: Int32) -> Int32 {
      next(self.state(of: intern(Frame(kind: .key, rule: frame.rule, a: -1, b: state, parent: frame.parent))), 0x22)
    }
    if let number = object.nameAutomaton {
      guard let automaton = table.automata[Int(number)] as? StringAutomaton else { return nil }
      builder = patternTokens(automaton, frame.b, vocabulary, follow: closed)
    } else if frame.a >= 0 {
      // What follows a name that is none of the declared ones is the same wherever the name is.
      let other = intern(Frame(kind: .key, rule: frame.rule, a: -1, b: 0, parent: frame.parent))
      guard let mask = specialMask(other, vocabulary) else { return nil }
      builder = TokenMaskBuilder(copying: mask)
    } else {
      let tokens = vocabulary.names
      builder = TokenMaskBuilder(copying: tokens.staying)
      let following = closed(0)
      if following >= 0 { addExits(tokens, to: following, missing: 0, left: Int.max, vocabulary, &builder) }
    }
    guard frame.a >= 0 else { return builder.finish() }
    // The declared ones: wherever a token spells one to its end and closes it, the walk decides.
    let trie = vocabulary.trie
    var pending: [(node: Int, name: Int32, state: Int32)] = [(0, frame.a, state(of: configuration))]
    while let (node, name, at) = pending.popLast() {
      let endsName = name == 0 ? object.isEmptyNameDeclared != nil : object.names.endingCount[Int(name)] > 0
      if endsName {
        let quote = trie.child(node, 0x22)
        if quote > 0 {
          for place in trie.firstInOrder[quote]..<trie.endInOrder[quote] { builder.remove(Int(trie.order[Int(place)])) }
          let following = next(at, 0x22)
          if following >= 0 {
            insertTokens(trie, quote, &builder)
            walk(vocabulary, from: following, under: quote, &builder)
          }
        }
      }
      for child in object.names.firstChild[Int(name)]..<object.names.firstChild[Int(name) + 1] {
        let byte = object.names.byte[Int(child)]
        let below = trie.child(node, byte)
        guard below > 0 else { continue }
        let following = next(at, byte)
        if following >= 0 {
          insertTokens(trie, below, &builder)
          pending.append((below, Int32(child), following))
        }
      }
    }
    return builder.finish()
  }

  // MARK: - Patterns

  private func patternMask(_ configuration: Int32, _ frame: Frame, _ vocabulary: TokenTrie) -> TokenMask? {
    guard let whole = table.automata[Int(frame.rule)] as? StringAutomaton else { return nil }
    let follower = state(of: frame.parent)
    var (automaton, start) = (whole, frame.a)
    if let other = whole.withoutLimit(frame.a), other.left >= vocabulary.strings.longest + other.reserve {
      (automaton, start) = (whole.unbounded, other.state)
    }
    let key = PatternKey(automaton: ObjectIdentifier(automaton), state: start, follower: follower)
    if let known = patternMasks.value(key) { return known }
    let mask = patternTokens(automaton, start, vocabulary) { _ in follower }.finish()
    patternMasks.insert(mask, key, byteCount: mask.byteCount)
    return mask
  }

  struct PatternKey: Hashable {
    let automaton: ObjectIdentifier
    let state: Int32
    let follower: Int32
  }

  /// What tokens do from a state of a string automaton, whatever comes after the string.
  struct PatternTokens {
    /// Tokens that stay inside.
    var staying: TokenMask
    /// Tokens that close the string: where they go on, and in which state it ended.
    var exits: [(token: Int32, offset: Int32, state: Int32)]
  }

  struct InsideKey: Hashable {
    let automaton: ObjectIdentifier
    let state: Int32
  }

  /// The tokens that a string automaton's state admits.
  /// - Parameter follow: the machine's state after the closing quote, by the automaton's accepting state; dead if there is none.
  private func patternTokens(
    _ automaton: StringAutomaton, _ start: Int32, _ vocabulary: TokenTrie, follow: (Int32) -> Int32
  ) -> TokenMaskBuilder {
    let inside = insideTokens(automaton, start, vocabulary)
    var builder = TokenMaskBuilder(copying: inside.staying)
    var followers: [Int32: Int32] = [:]
    for exit in inside.exits {
      var outside: Int32
      if let known = followers[exit.state] {
        outside = known
      } else {
        outside = follow(exit.state)
        followers[exit.state] = outside
      }
      var at = Int(exit.offset)
      let end = Int(vocabulary.offsets[Int(exit.token) + 1])
      while at < end, outside >= 0 {
        outside = next(outside, vocabulary.bytes[at])
        at += 1
      }
      if outside >= 0 { builder.insert(Int(exit.token)) }
    }
    return builder
  }

  private func insideTokens(
    _ automaton: StringAutomaton, _ start: Int32, _ vocabulary: TokenTrie
  ) -> PatternTokens {
    let key = InsideKey(automaton: ObjectIdentifier(automaton), state: start)
    if let known = insideTokens.value(key) { return known }
    let inside: PatternTokens
    if let other = automaton.withoutLimit(start) {
      inside = limitedTokens(
        automaton, start, insideTokens(automaton.unbounded, other.state, vocabulary), other.left, other.reserve,
        vocabulary)
    } else {
      inside = computeInside(automaton, start, vocabulary)
    }
    insideTokens.insert(inside, key, byteCount: inside.staying.byteCount + 12 * inside.exits.count)
    return inside
  }

  /// Of the tokens that fit without an upper length, those that fit with it: the short ones, and of the others what leads
  /// on when it is followed.
  private func limitedTokens(
    _ automaton: StringAutomaton, _ start: Int32, _ whole: PatternTokens, _ left: Int, _ reserve: Int,
    _ vocabulary: TokenTrie
  ) -> PatternTokens {
    var builder = TokenMaskBuilder(tokenCount: vocabulary.tokenCount)
    var exits: [(token: Int32, offset: Int32, state: Int32)] = []
    let tokens = vocabulary.names
    let fitting = tokens.staying(within: max(0, left))
    let certain: TokenMask? = left > reserve ? tokens.staying(within: left - reserve) : nil
    if let certain { builder.formUnion(whole.staying.intersection(certain)) }
    whole.staying.intersection(fitting).forEach(except: certain) { token in
      followToken(Int32(token), automaton, start, vocabulary, &builder, &exits)
    }
    for exit in whole.exits { followToken(exit.token, automaton, start, vocabulary, &builder, &exits) }
    return PatternTokens(staying: builder.finish(), exits: exits)
  }

  private func computeInside(_ automaton: StringAutomaton, _ start: Int32, _ vocabulary: TokenTrie) -> PatternTokens {
    var exits: [(token: Int32, offset: Int32, state: Int32)] = []
    if automaton.isFree(start) {
      var builder = TokenMaskBuilder(tokenCount: vocabulary.tokenCount)
      for token in vocabulary.names.leavingTokens {
        followToken(token, automaton, start, vocabulary, &builder, &exits)
      }
      return PatternTokens(staying: vocabulary.names.staying, exits: exits)
    }
    // Where most tokens live on those that do not are fewer to note.
    let removes = livingCount(vocabulary.preorder, automaton.row(start)) > vocabulary.preorder.tokenCount / 2
    var words =
      removes ? vocabulary.preorder.all : ContiguousArray(repeating: 0, count: (vocabulary.tokenCount + 63) / 64)
    words.withUnsafeMutableBufferPointer {
      guard let words = $0.baseAddress else { return }
      walkPattern(vocabulary, automaton, start, removes: removes, words, &exits)
    }
    return PatternTokens(staying: TokenMask(words: words, tokenCount: vocabulary.tokenCount), exits: exits)
  }

  /// How many tokens begin with a byte that leads on.
  private func livingCount(_ preorder: TokenPreorder, _ row: UnsafeMutablePointer<Int32>) -> Int {
    var count = 0
    var place = 0
    while place < preorder.nodeCount {
      let node = preorder.nodes[place]
      if row[Int(node.byte)] >= 0 { count += Int(preorder.nodes[Int(node.end)].first - node.first) }
      place = Int(node.end)
    }
    return count
  }

  @inline(__always)
  private func followToken(
    _ token: Int32, _ automaton: StringAutomaton, _ start: Int32, _ vocabulary: TokenTrie,
    _ builder: inout TokenMaskBuilder,
    _ exits: inout [(token: Int32, offset: Int32, state: Int32)]
  ) {
    vocabulary.bytes.withUnsafeBufferPointer { bytes in
      var at = Int(vocabulary.offsets[Int(token)])
      let end = Int(vocabulary.offsets[Int(token) + 1])
      var state = start
      while at < end {
        let byte = bytes[at]
        at += 1
        let next = automaton.next(state, byte)
        if next < 0 {
          if byte == 0x22, automaton.accepts(state) { exits.append((token, Int32(at), state)) }
          return
        }
        state = next
      }
      builder.insert(Int(token))
    }
  }

  /// Sets the bits of the tokens that stay inside, or with `removes` clears those of all others.
  private func walkPattern(
    _ vocabulary: TokenTrie, _ automaton: StringAutomaton, _ start: Int32, removes: Bool,
    _ words: UnsafeMutablePointer<UInt64>, _ exits: inout [(token: Int32, offset: Int32, state: Int32)]
  ) {
    let preorder = vocabulary.preorder
    let (nodes, branches, order) = (preorder.nodes, preorder.branches, preorder.order)
    // By depth: the state before the byte there, and its row.
    let states = UnsafeMutablePointer<Int32>.allocate(capacity: preorder.longest + 1)
    let rows = UnsafeMutablePointer<UnsafeMutablePointer<Int32>>.allocate(capacity: preorder.longest + 1)
    defer {
      states.deallocate()
      rows.deallocate()
    }
    func insert(_ places: Range<Int>) {
      for place in places { words[Int(order[place]) >> 6] |= 1 << UInt64(order[place] & 63) }
    }
    states[0] = start
    rows[0] = automaton.row(start)
    var place = 0
    while place < preorder.nodeCount {
      let node = nodes[place]
      let depth = Int(node.depth)
      let next = rows[depth][Int(node.byte)]
      if next < 0 {
        let tokens = Int(node.first)..<Int(nodes[Int(node.end)].first)
        if removes {
          for place in tokens { words[Int(order[place]) >> 6] &= ~(1 << UInt64(order[place] & 63)) }
        }
        if node.byte == 0x22, automaton.accepts(states[depth]) {
          for index in tokens {
            exits.append(
              (order[index], Int32(vocabulary.offsets[Int(order[index])]) + Int32(depth) + 1, states[depth]))
          }
        }
        place = Int(node.end)
        continue
      }
      let inner = Int(node.first) + Int(node.endingCount)
      if !removes { insert(Int(node.first)..<inner) }
      place += 1
      if place == Int(node.end) { continue }
      if node.branch > 0, case let branch = branches[Int(node.branch)],
        automaton.livesOn(
          branch.depth > depth ? next : states[Int(branch.depth)], with: branch.kinds, count: Int(branch.characterCount))
      {
        if !removes { insert(inner..<Int(nodes[Int(node.end)].first)) }
        place = Int(node.end)
        continue
      }
      states[depth + 1] = next
      rows[depth + 1] = automaton.row(next)
    }
  }

  // MARK: - Walks

  @inline(__always)
  private func insertTokens(_ trie: ByteTrie, _ node: Int, _ builder: inout TokenMaskBuilder) {
    let ending = trie.endingCount[node]
    if ending == 0 { return }
    let first = Int(trie.firstInOrder[node])
    for place in first..<(first + Int(ending)) { builder.insert(Int(trie.order[place])) }
  }

  private func walk(_ vocabulary: TokenTrie, from state: Int32, under node: Int, _ builder: inout TokenMaskBuilder) {
    walk(vocabulary.trie, from: state, under: node) { builder.insert($0) }
  }

  /// Calls `found` with every string below a node along which the states live on.
  @inline(__always)
  private func walk(_ trie: ByteTrie, from start: Int32, under node: Int, _ found: (Int) -> Void) {
    var pending: [(node: UInt32, state: Int32)] = [(UInt32(node), start)]
    while let (node, state) = pending.popLast() {
      let low = trie.firstChild[Int(node)]
      let high = trie.firstChild[Int(node) + 1]
      func visit(_ child: UInt32, _ next: Int32) {
        let ending = trie.endingCount[Int(child)]
        if ending > 0 {
          let first = Int(trie.firstInOrder[Int(child)])
          for place in first..<(first + Int(ending)) { found(Int(trie.order[place])) }
        }
        if trie.firstChild[Int(child)] < trie.firstChild[Int(child) + 1] { pending.append((child, next)) }
      }
      // A narrow state looks its bytes up; a wide one passes along the children.
      let narrow = narrowBytes(state)
      if narrow.count > 0, Int(high - low) > 4 * narrow.count {
        for place in 0..<narrow.count {
          let byte = narrow.bytes[place]
          let child = trie.child(Int(node), byte)
          if child > 0 {
            let next = self.next(state, byte)
            if next >= 0 { visit(UInt32(child), next) }
          }
        }
      } else {
        for child in low..<high {
          let next = self.next(state, trie.byte[Int(child)])
          if next >= 0 { visit(child, next) }
        }
      }
    }
  }
}
