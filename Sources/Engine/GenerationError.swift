/// Why a request could not be answered.
public enum GenerationError: Error, Sendable, Equatable, CustomStringConvertible {
  case badFunction(String)
  /// No call of it can be made: its schema is unsatisfiable, too large or not a schema.
  case unusableFunction(name: String, reason: String)
  /// No answer conforms to the response schema, or it is too large or not a schema.
  case unusableResponseSchema(reason: String)
  /// The template's message, with line, column and caret.
  case template(String)
  case promptTooLong(promptTokens: Int, contextLength: Int)
  case emptyConversation
  case badSetting(name: String, found: String, expected: String)
  /// A fault of the forward pass, in its own words.
  case inference(String)

  public var description: String {
    switch self {
    case .badFunction(let sentence): sentence
    case .unusableFunction(let name, let reason): "function \(name) cannot be called: \(reason)"
    case .unusableResponseSchema(let reason): "no answer can conform to the response schema: \(reason)"
    case .template(let sentence): sentence
    case .promptTooLong(let promptTokens, let contextLength):
      "the prompt has \(promptTokens) tokens and the context holds \(contextLength); shorten it, switch functions off, or load the model with a longer --context"
    case .emptyConversation: "there is no message to answer; write one first"
    case .badSetting(let name, let found, let expected): "\(name) is \(found); \(expected) is expected"
    case .inference(let sentence): sentence
    }
  }
}
