public import JSON

/// A change to a document.
public struct LintFix: Sendable, Equatable {
  /// One change of a place; `set` also adds a member that is not there.
  public enum Edit: Sendable, Equatable {
    case set(JSONPointer, JSONValue)
    case remove(JSONPointer)
    /// Gives a member another name; its place among the others stays.
    case rename(JSONPointer, to: String)
  }

  /// What it does: `add "additionalProperties": false`.
  public let title: String
  /// In the order in which they are made.
  public let edits: [Edit]

  public init(title: String, edits: [Edit]) {
    self.title = title
    self.edits = edits
  }

  /// The document with the change. Edits of places that are not there change nothing.
  public func applied(to document: JSONValue) -> JSONValue {
    edits.reduce(document) { document, edit in
      switch edit {
      case .set(let pointer, let value): document.changing(pointer.tokens ?? [], .set(value))
      case .remove(let pointer): document.changing(pointer.tokens ?? [], .remove)
      case .rename(let pointer, let name): document.changing(pointer.tokens ?? [], .rename(name))
      }
    }
  }
}

/// What becomes of a place.
private enum Change {
  case set(JSONValue), remove, rename(String)
}

extension JSONValue {
  /// The value with a change at the place that the tokens name.
  fileprivate func changing(_ tokens: [String], _ change: Change) -> JSONValue {
    guard let first = tokens.first else {
      if case .set(let value) = change { return value }
      return self
    }
    let rest = Array(tokens.dropFirst())
    switch self {
    case .object(var object):
      if !rest.isEmpty {
        if let member = object[first] { object[first] = member.changing(rest, change) }
      } else {
        switch change {
        case .set(let value): object[first] = value
        case .remove: object[first] = nil
        case .rename(let name):
          guard object[name] == nil else { break }
          object = JSONObject(object.map { (key: $0.key.utf8.elementsEqual(first.utf8) ? name : $0.key, value: $0.value) })
        }
      }
      return .object(object)
    case .array(var elements):
      guard let index = Int(first), elements.indices.contains(index) else { return self }
      if !rest.isEmpty {
        elements[index] = elements[index].changing(rest, change)
      } else {
        switch change {
        case .set(let value): elements[index] = value
        case .remove: elements.remove(at: index)
        case .rename: break
        }
      }
      return .array(elements)
    default: return self
    }
  }
}
