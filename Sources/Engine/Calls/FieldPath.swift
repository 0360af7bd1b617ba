import JSON

/// A field of a function's arguments, the same in its schema and in every call: `days[].high` is the member `high` of each
/// element of the member `days`. The empty path is the arguments as a whole.
public struct FieldPath: Sendable, Hashable, CustomStringConvertible {
  public enum Step: Sendable, Hashable {
    case member(String)
    /// Each element of an array.
    case element
  }

  public var steps: [Step]

  public init(_ steps: [Step] = []) { self.steps = steps }

  public func appending(_ step: Step) -> FieldPath { FieldPath(steps + [step]) }

  public var description: String {
    steps.reduce(into: "") { text, step in
      switch step {
      case .member(let name): text += (text.isEmpty ? "" : ".") + name
      case .element: text += "[]"
      }
    }
  }
}

/// A value of a parsed text with the bytes that belong to it, for counting what falls to whom.
struct FieldExtent {
  let path: FieldPath
  /// RFC 6901, from the value the walk began with.
  let pointer: String
  let value: JSONValue
  /// The value alone.
  let valueBytes: Range<Int>
  /// With its key and what parts it from the member or element before: neighbours' extents meet, and what is left of a
  /// container behind the last one, its bracket, is the container's own.
  let bytes: Range<Int>
  let depth: Int
}

extension FieldExtent {
  /// All values within a value, containers before what is in them, in the order of the text.
  static func all(in value: JSONValue, _ positions: JSONPositions) -> [FieldExtent] {
    var extents: [FieldExtent] = []
    collect(value, positions, FieldPath(), "", 0, &extents)
    return extents
  }

  private static func collect(
    _ value: JSONValue, _ positions: JSONPositions, _ path: FieldPath, _ pointer: String, _ depth: Int,
    _ extents: inout [FieldExtent]
  ) {
    var start = positions.range.lowerBound + 1
    func add(_ child: JSONValue, _ place: JSONPositions, _ step: FieldPath.Step, _ token: String) {
      let inner = path.appending(step)
      let escaped = token.replacing("~", with: "~0").replacing("/", with: "~1")
      extents.append(
        FieldExtent(
          path: inner, pointer: "\(pointer)/\(escaped)", value: child, valueBytes: place.range,
          bytes: start..<place.range.upperBound, depth: depth))
      collect(child, place, inner, "\(pointer)/\(escaped)", depth + 1, &extents)
      start = place.range.upperBound
    }
    switch value {
    case .object(let object):
      // A key that is written twice has its first place in the object and its last one in the text.
      let members = zip(object, positions.children).sorted { $0.1.range.lowerBound < $1.1.range.lowerBound }
      for (member, place) in members { add(member.value, place, .member(member.key), member.key) }
    case .array(let elements):
      for (index, element) in elements.enumerated() { add(element, positions.children[index], .element, "\(index)") }
    case .null, .bool, .number, .string: break
    }
  }
}
