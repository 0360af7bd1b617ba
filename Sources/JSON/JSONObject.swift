/// The members of a JSON object in the order they were written.
///
/// Keys are compared by their UTF-8 bytes, as RFC 8259 §8.3 has it: Swift's `==` would unite canonically equivalent
/// keys. Lookup is a scan up to 12 members and a hash table beyond.
public struct JSONObject: Sendable {
  public private(set) var keys: [String] = []
  public private(set) var values: [JSONValue] = []
  private var positions: [ByteKey: Int] = [:]
  private static let scanLimit = 12

  public init() {}

  public init(_ members: some Sequence<(key: String, value: JSONValue)>) {
    for (key, value) in members { self[key] = value }
  }

  public var count: Int { keys.count }
  public var isEmpty: Bool { keys.isEmpty }

  /// Setting an existing key keeps its place; setting nil removes the member.
  public subscript(key: String) -> JSONValue? {
    get { position(of: key).map { values[$0] } }
    set {
      switch (position(of: key), newValue) {
      case (let position?, let value?): values[position] = value
      case (let position?, nil):
        keys.remove(at: position)
        values.remove(at: position)
        positions = [:]
        if keys.count > Self.scanLimit { index() }
      case (nil, let value?): append(key, value)
      case (nil, nil): break
      }
    }
  }

  /// The place of a key in `keys` and `values`.
  public func position(of key: String) -> Int? {
    if keys.count > Self.scanLimit { return positions[ByteKey(text: key)] }
    return keys.firstIndex { $0.utf8.elementsEqual(key.utf8) }
  }

  /// Adds a member whose key is known to be new.
  mutating func append(_ key: String, _ value: JSONValue) {
    keys.append(key)
    values.append(value)
    if keys.count == Self.scanLimit + 1 { index() }
    if keys.count > Self.scanLimit + 1 { positions[ByteKey(text: key)] = keys.count - 1 }
  }

  private mutating func index() {
    positions.reserveCapacity(keys.count * 2)
    for (position, key) in keys.enumerated() { positions[ByteKey(text: key)] = position }
  }

  /// A string that is equal only to the same bytes.
  private struct ByteKey: Hashable, Sendable {
    let text: String
    static func == (a: ByteKey, b: ByteKey) -> Bool { a.text.utf8.elementsEqual(b.text.utf8) }
    func hash(into hasher: inout Hasher) {
      var text = text
      text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
  }
}

extension JSONObject: Sequence {
  public func makeIterator() -> some IteratorProtocol<(key: String, value: JSONValue)> {
    zip(keys, values).lazy.map { (key: $0, value: $1) }.makeIterator()
  }
}

/// Equal without regard to the order of the members.
extension JSONObject: Equatable {
  public static func == (a: JSONObject, b: JSONObject) -> Bool {
    a.count == b.count && zip(a.keys, a.values).allSatisfy { key, value in b[key] == value }
  }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
  public init(dictionaryLiteral elements: (String, JSONValue)...) {
    for (key, value) in elements { self[key] = value }
  }
}
