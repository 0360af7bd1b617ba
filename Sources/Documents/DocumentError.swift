public import JSON

/// Why something could not be read from or written to a workspace.
public enum DocumentError: Error, Sendable, CustomStringConvertible {
  case cannotRead(path: String, reason: String)
  case cannotWrite(path: String, reason: String)
  case notAWorkspace(path: String)
  case noSuchSample(String, known: [String])
  case badJSON(JSONError)
  case badPrompt(SourceExcerpt, sentence: String)
  /// A file is JSON, but not the document it should be.
  case badDocument(path: String, sentence: String)
  case badName(String, reason: String)

  public var description: String {
    switch self {
    case .cannotRead(let path, let reason): "\(path): cannot be read: \(reason)"
    case .cannotWrite(let path, let reason):
      "\(path): not saved: \(reason); the file on disk is as it was"
    case .notAWorkspace(let path):
      "\(path): no workspace.json here; name a folder that has one, or run without a folder for the samples"
    case .noSuchSample(let name, let known):
      "there is no sample workspace \"\(name)\"; the samples are \(known.joined(separator: ", "))"
    case .badJSON(let error): error.description
    case .badPrompt(let excerpt, let sentence): excerpt.description(sentence)
    case .badDocument(let path, let sentence): "\(path): \(sentence)"
    case .badName(let name, let reason): "\"\(name)\" cannot be a file's name: \(reason)"
    }
  }
}
