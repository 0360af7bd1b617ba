/// The names that the open objects of a text have had, so that none comes twice.
///
/// The machine's states know which declared names are still to come. Of the others there are endlessly many, so they are
/// followed here, beside the states, which stay the same for all texts; names have one spelling, so equal bytes are equal
/// names. A value: a copy is a fork.
struct MemberNames: Sendable {
  /// An object or array that is open. Immutable, so that forks share what they have in common.
  private final class Level: Sendable {
    let outer: Level?
    let isObject: Bool
    let names: Name?
    /// This or an outer object has a name that stands whole in some token.
    let hasTokenName: Bool
    /// This or an outer object has a name that no longer one begins with.
    let hasLongestName: Bool

    init(outer: Level?, isObject: Bool, names: Name? = nil, hasTokenName: Bool, hasLongestName: Bool) {
      self.outer = outer
      self.isObject = isObject
      self.names = names
      self.hasTokenName = hasTokenName
      self.hasLongestName = hasLongestName
    }

    func contains(_ bytes: [UInt8]) -> Bool {
      var name = names
      while let current = name {
        if current.bytes == bytes { return true }
        name = current.earlier
      }
      return false
    }

    /// A name that is there and with which no longer one begins.
    func containsLongest(_ bytes: [UInt8]) -> Bool {
      var name = hasLongestName ? names : nil
      while let current = name {
        if current.isLongest, current.bytes == bytes { return true }
        name = current.earlier
      }
      return false
    }

    func forEachName(_ body: (Name) -> Void) {
      var name = names
      while let current = name {
        body(current)
        name = current.earlier
      }
    }
  }

  private final class Name: Sendable {
    let bytes: [UInt8]
    /// Where it ended nothing could come but its end.
    let isLongest: Bool
    let earlier: Name?

    init(_ bytes: [UInt8], isLongest: Bool, earlier: Name?) {
      self.bytes = bytes
      self.isLongest = isLongest
      self.earlier = earlier
    }
  }

  private enum Place: UInt8 { case between, name, string }

  private var level: Level?
  private var place = Place.between
  private var isEscaped = false
  /// In an object, a string would be a name.
  private var expectsName = false
  /// What there is of the name that is open.
  private var spelled: [UInt8] = []

  /// Goes on behind a byte that the grammar admits; false, for a text that is then no longer followed, if it ends a name
  /// that the object has, or leaves nothing else to come.
  /// - Parameter endsLongest: in a name, nothing could come here but its end.
  mutating func accept(_ byte: UInt8, endsLongest: Bool = false, _ vocabulary: TokenTrie) -> Bool {
    switch place {
    case .between:
      switch byte {
      case 0x22:
        place = expectsName ? .name : .string
        expectsName = false
        spelled.removeAll(keepingCapacity: true)
      case 0x2C: expectsName = level?.isObject == true
      case 0x7B, 0x5B:
        level = Level(
          outer: level, isObject: byte == 0x7B, hasTokenName: level?.hasTokenName == true,
          hasLongestName: level?.hasLongestName == true)
        expectsName = byte == 0x7B
      case 0x7D, 0x5D:
        level = level?.outer
        expectsName = false
      default: break
      }
    case .string:
      if isEscaped {
        isEscaped = false
      } else if byte == 0x5C {
        isEscaped = true
      } else if byte == 0x22 {
        place = .between
      }
    case .name:
      if byte == 0x22, !isEscaped { return closeName(endsLongest, vocabulary) }
      isEscaped = byte == 0x5C && !isEscaped
      spelled.append(byte)
      return level?.containsLongest(spelled) != true
    }
    return true
  }

  private mutating func closeName(_ endsLongest: Bool, _ vocabulary: TokenTrie) -> Bool {
    place = .between
    guard let level else { return true }
    if level.contains(spelled) { return false }
    self.level = Level(
      outer: level.outer, isObject: true, names: Name(spelled, isLongest: endsLongest, earlier: level.names),
      hasTokenName: level.hasTokenName || vocabulary.wholeNames[spelled] != nil,
      hasLongestName: level.hasLongestName || endsLongest)
    return true
  }

  /// A byte here would end a name that the object has, or leave nothing else to come.
  func forbids(_ byte: UInt8) -> Bool {
    guard place == .name, let level else { return false }
    if byte == 0x22, !isEscaped { return level.contains(spelled) }
    return level.hasLongestName && level.containsLongest(spelled + [byte])
  }

  /// A mask of the grammar's without the tokens that end a name for the second time; mostly the same mask.
  func refine(_ mask: TokenMask, _ vocabulary: TokenTrie) -> TokenMask {
    guard let level, level.names != nil || level.hasTokenName else { return mask }
    var forbidden: [Int] = []
    if place == .name {
      level.forEachName { name in
        guard name.bytes.starts(with: spelled) else { return }
        let rest = name.bytes[spelled.count...] + (name.isLongest ? [] : [0x22])
        forbidden += vocabulary.beginning(with: rest[...]).filter(mask.allows)
      }
    }
    if level.hasLongestName {
      // What opens another name and begins it.
      let opening = place == .between ? mask.allowedIDs : vocabulary.strings.leavingTokens.map { Int($0) }
      for token in opening where mask.allows(token) {
        let bytes = vocabulary.bytes(of: token)
        if bytes.contains(0x22), bytes.last != 0x22, !admits(bytes, vocabulary) { forbidden.append(token) }
      }
    }
    var open: Level? = level.hasTokenName ? level : nil
    while let current = open {
      current.forEachName { name in
        for token in vocabulary.wholeNames[name.bytes] ?? []
        where mask.allows(token) && !admits(vocabulary.bytes(of: token), vocabulary) {
          forbidden.append(token)
        }
      }
      open = current.outer
    }
    return forbidden.isEmpty ? mask : mask.removing(forbidden)
  }

  private func admits(_ bytes: ArraySlice<UInt8>, _ vocabulary: TokenTrie) -> Bool {
    var trial = self
    return bytes.allSatisfy { trial.accept($0, vocabulary) }
  }
}
