public import Inference
public import ModelFiles
public import Tokenization

/// Why a model could not be loaded, in the words of the stage that refused it.
public enum ModelLoadError: Error, Sendable, Equatable, CustomStringConvertible {
  case file(ModelFileError)
  case tokenizer(TokenizationError)
  /// The checkpoint has no chat template.
  case noTemplate(file: String)
  /// The template's message, with line, column and caret.
  case template(String)
  case inference(InferenceError)

  public var description: String {
    switch self {
    case .file(let error): error.description
    case .tokenizer(let error): error.description
    case .noTemplate(let file):
      "\(file): no chat template; a GGUF file with \"tokenizer.chat_template\", or a folder with chat_template.jinja, is expected"
    case .template(let sentence): sentence
    case .inference(let error): error.description
    }
  }
}

/// Where the time of loading went.
public struct LoadTimes: Sendable, Equatable {
  /// Opening the files and reading their metadata.
  public var files: Duration = .zero
  public var tokenizer: Duration = .zero
  public var template: Duration = .zero
  /// Binding the weights, allocating pages and activations.
  public var weights: Duration = .zero
  public var total: Duration = .zero
  /// From the start of the process to the loaded model, to a hundredth of a second; nil where the system does not tell.
  public var sinceProcessStart: Duration?

  public init() {}
}
