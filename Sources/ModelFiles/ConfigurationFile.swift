internal import JSON

/// A JSON object in a file of a model's folder, whose members are asked for by name and kind.
///
/// A member that is absent or null gives nil; one of another kind throws.
struct ConfigurationFile {
  /// For messages: "Qwen3-0.6B/config.json", with the path to an inner object after "#".
  let name: String
  let object: JSONObject

  init(name: String, object: JSONObject) {
    self.name = name
    self.object = object
  }

  init(name: String, bytes: [UInt8]) throws(ModelFileError) {
    let value: JSONValue
    do { value = try JSONValue(parsing: bytes, name: name) } catch { throw .json(error) }
    guard let object = value.object else {
      throw .mismatch(file: name, field: "the whole", found: value.typeName, expected: "an object")
    }
    self.init(name: name, object: object)
  }

  func string(_ key: String) throws(ModelFileError) -> String? { try read(key, "a string") { $0.string } }
  func bool(_ key: String) throws(ModelFileError) -> Bool? { try read(key, "true or false") { $0.bool } }
  func array(_ key: String) throws(ModelFileError) -> [JSONValue]? { try read(key, "an array") { $0.array } }

  func inner(_ key: String) throws(ModelFileError) -> ConfigurationFile? {
    guard let object = try read(key, "an object", { $0.object }) else { return nil }
    return ConfigurationFile(name: name.contains("#") ? "\(name)/\(key)" : "\(name)#/\(key)", object: object)
  }

  /// A count: from 1 to the largest 32-bit integer, so that products of two stay far from overflow.
  func count(_ key: String) throws(ModelFileError) -> Int? {
    try read(key, "a whole number from 1 to \(Int32.max)") { value in
      value.int.flatMap { (1...Int(Int32.max)).contains($0) ? $0 : nil }
    }
  }

  func wholeNumber(_ key: String) throws(ModelFileError) -> Int? { try read(key, "a whole number") { $0.int } }

  func number(_ key: String) throws(ModelFileError) -> Float? {
    try read(key, "a number") { value in value.double.flatMap { Float($0).isFinite ? Float($0) : nil } }
  }

  func positive(_ key: String) throws(ModelFileError) -> Float? {
    try read(key, "a number above 0") { value in
      value.double.flatMap { Float($0).isFinite && Float($0) > 0 ? Float($0) : nil }
    }
  }

  /// One token id or a list of them.
  func tokenIDs(_ key: String) throws(ModelFileError) -> [TokenID]? {
    try read(key, "a token id or a list of them") { value in
      let values = value.array ?? [value]
      let ids = values.compactMap { $0.int.flatMap { $0 >= 0 ? TokenID(exactly: $0) : nil } }
      return ids.count == values.count ? ids : nil
    }
  }

  /// The member that a model cannot do without.
  func require<T>(_ value: T?, _ key: String, _ expected: String) throws(ModelFileError) -> T {
    guard let value else { throw .missing(file: name, field: "\"\(key)\"", expected: expected) }
    return value
  }

  /// The members as `inspect` prints them.
  var entries: [Checkpoint.MetadataEntry] {
    object.map { Checkpoint.MetadataEntry(key: $0.key, value: $0.value.string.map(shortened) ?? compact($0.value)) }
  }

  private func read<T>(_ key: String, _ expected: String, _ convert: (JSONValue) -> T?) throws(ModelFileError) -> T? {
    guard let value = object[key] else { return nil }
    if case .null = value { return nil }
    guard let converted = convert(value) else {
      throw .mismatch(file: name, field: "\"\(key)\"", found: compact(value), expected: expected)
    }
    return converted
  }

  private func compact(_ value: JSONValue) -> String {
    switch value {
    case .string(let text): return shortened(text)
    case .array(let elements) where elements.count > 16: return "an array of \(elements.count)"
    case .object(let members) where members.count > 16: return "an object of \(members.count) members"
    default:
      let text = value.text(.spaced)
      return text.count > 120 ? "\(text.prefix(120))…" : text
    }
  }
}
