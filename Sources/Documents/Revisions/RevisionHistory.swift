/// A workspace's saved states with their texts and what changed in each: a list to choose from, the latest first.
public struct RevisionHistory: Sendable {
  public struct State: Sendable {
    public let revision: Revision
    /// Its text; or why there is none: its bytes are gone, or were changed.
    public let text: Result<String, DocumentError>
    /// From the state before it; everything is added in the first and removed by a deletion. Nil where a text is missing.
    public let change: LineDiff?
  }

  public let states: [State]
  /// Sentences about lines of the index that are none.
  public let notices: [String]

  /// Reads the index and every state's text.
  public init(_ store: RevisionStore) throws(DocumentError) {
    let history = try store.history()
    var texts: [ContentHash: Result<String, DocumentError>] = [:]
    func text(of hash: ContentHash) -> Result<String, DocumentError> {
      if let known = texts[hash] { return known }
      let text = Result { () throws(DocumentError) in String(decoding: try store.contents(of: hash), as: UTF8.self) }
      texts[hash] = text
      return text
    }
    states = history.revisions.reversed().map { revision in
      let own = text(of: revision.hash)
      let before = revision.parent.map { text(of: $0) } ?? .success("")
      let after = revision.event == .removed ? .success("") : own
      var change: LineDiff?
      if case .success(let before) = before, case .success(let after) = after { change = LineDiff(from: before, to: after) }
      return State(revision: revision, text: own, change: change)
    }
    notices = history.notices
  }
}
