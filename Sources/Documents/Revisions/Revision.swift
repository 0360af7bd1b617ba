public import JSON

/// One saved state of a document: a line of `revisions/index.jsonl`.
///
///     {"time": "2026-03-01T09:30:00Z", "event": "saved", "path": "functions/get_weather.json", "hash": "9f2c…", "parent": "41d0…"}
public struct Revision: Sendable, Equatable {
  /// How the document came to this state.
  public enum Event: String, Sendable, CaseIterable {
    case saved
    /// Brought back from an earlier revision.
    case restored
    /// On disk without having been saved here: written by another program, or part of a sample.
    case found
    /// The document was deleted; the hash is of what it last was.
    case removed
  }

  /// UTC, as RFC 3339 has it, to the second.
  public var time: String
  public var event: Event
  /// From the workspace's folder: "functions/get_weather.json".
  public var path: String
  /// Of the file's bytes.
  public var hash: ContentHash
  /// What the document was before; nil for the first.
  public var parent: ContentHash?

  public init(time: String, event: Event, path: String, hash: ContentHash, parent: ContentHash? = nil) {
    self.time = time
    self.event = event
    self.path = path
    self.hash = hash
    self.parent = parent
  }

  public var json: JSONValue {
    var object: JSONObject = [
      "time": .string(time), "event": .string(event.rawValue), "path": .string(path),
      "hash": .string(hash.description),
    ]
    if let parent { object["parent"] = .string(parent.description) }
    return .object(object)
  }

  /// Nil if a member is missing or is not what it should be.
  init?(_ value: JSONValue) {
    guard let time = value["time"]?.string, let event = value["event"]?.string.flatMap(Event.init(rawValue:)),
      let path = value["path"]?.string, let hash = value["hash"]?.string.flatMap(ContentHash.init(hexadecimal:))
    else { return nil }
    self.init(time: time, event: event, path: path, hash: hash)
    if let text = value["parent"]?.string {
      guard let parent = ContentHash(hexadecimal: text) else { return nil }
      self.parent = parent
    }
  }
}
