import Engine
import ModelFiles
import Tokenization

/// What `--model` names.
enum ModelArgument {
  static func name(_ arguments: Arguments) throws(CommandError) -> String {
    let name = arguments.text("--model") ?? EmbeddedModel.name
    if name.hasPrefix("http://") || name.hasPrefix("https://") {
      throw .usage("--model \(name): remote endpoints are not supported; name a GGUF file, a folder or \"mini\"")
    }
    return name
  }

  /// Opens the files; no weight is read yet.
  static func checkpoint(_ arguments: Arguments) throws(CommandError) -> Checkpoint {
    let name = try name(arguments)
    do {
      return name == EmbeddedModel.name ? try EmbeddedModel.open() : try Checkpoint.open(name)
    } catch {
      throw .input(error.description)
    }
  }

  /// The random weights that the name asks for, not yet written; nil for any other name.
  static func random(_ arguments: Arguments) throws(CommandError) -> RandomModel? {
    let name = try name(arguments)
    guard name.hasPrefix(RandomModel.prefix) else { return nil }
    do { return try RandomModel(name) } catch {
      if case .unsupported = error { throw .usage("--model \(error.description)") }
      if case .mismatch = error { throw .usage("--model \(error.description)") }
      throw .model(error.description)
    }
  }

  static func tokenizer(of checkpoint: Checkpoint) throws(CommandError) -> Tokenizer {
    let data: TokenizerData
    do { data = try checkpoint.requireTokenizer() } catch { throw .input(error.description) }
    do { return try Tokenizer(data) } catch { throw .input("\(checkpoint.name): \(error.description)") }
  }
}
