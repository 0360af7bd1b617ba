public import Engine

/// Why there is no model or no answer.
public enum ChatError: Error, Sendable, CustomStringConvertible {
  case loading(ModelLoadError)
  case generation(GenerationError)
  /// The task that waited for the answer was cancelled.
  case cancelled

  public var description: String {
    switch self {
    case .loading(let error): error.description
    case .generation(let error): error.description
    case .cancelled: "the task was cancelled before the answer was complete"
    }
  }
}
