import JSON

/// Why a file that says how functions are answered is not one: a mock, a recording, a command or the permissions.
public struct ToolFileError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The file, and after a `#` the JSON Pointer of the place in it.
  public let path: String
  /// What was found and what is expected.
  public let sentence: String
  public var description: String { "\(path): \(sentence)" }
}

/// The members of one object of such a file, taken one by one; the faults name their places.
struct FileObject {
  let path: String
  let object: JSONObject

  /// - Parameter what: "a mock"; said when a member is none of its own.
  init(_ value: JSONValue, _ path: String, what: String, members: [String]) throws(ToolFileError) {
    guard case .object(let object) = value else {
      throw ToolFileError(
        path: path, sentence: "found \(value.typeName); an object with \(Self.list(members)) is expected")
    }
    for key in object.keys where !members.contains(key) {
      throw ToolFileError(
        path: Self.place(path, key), sentence: "not a member of \(what); \(Self.list(members)) are")
    }
    self.path = path
    self.object = object
  }

  func place(_ key: String) -> String { Self.place(path, key) }

  func fault(_ key: String, expected: String) -> ToolFileError {
    ToolFileError(
      path: place(key), sentence: "found \(object[key].map { $0.text(.spaced) } ?? "nothing"); \(expected) is expected")
  }

  func string(_ key: String) throws(ToolFileError) -> String? {
    guard let member = object[key] else { return nil }
    guard let text = member.string else { throw fault(key, expected: "a string") }
    return text
  }

  func strings(_ key: String) throws(ToolFileError) -> [String]? {
    guard let member = object[key] else { return nil }
    guard let elements = member.array, elements.allSatisfy({ $0.string != nil }) else {
      throw fault(key, expected: "an array of strings")
    }
    return elements.compactMap(\.string)
  }

  func integer(_ key: String, _ unit: String, in range: ClosedRange<Int>) throws(ToolFileError) -> Int? {
    guard let member = object[key] else { return nil }
    guard let number = member.int, range.contains(number) else {
      throw ToolFileError(
        path: place(key),
        sentence: "found \(member.text()); \(unit) from \(range.lowerBound) to \(range.upperBound) are expected")
    }
    return number
  }

  private static func place(_ path: String, _ key: String) -> String {
    path.contains("#") ? "\(path)/\(key)" : "\(path)#/\(key)"
  }

  private static func list(_ names: [String]) -> String {
    let quoted = names.map { "\"\($0)\"" }
    guard quoted.count > 1 else { return quoted.joined() }
    return quoted.dropLast().joined(separator: ", ") + " and " + quoted[quoted.count - 1]
  }
}
