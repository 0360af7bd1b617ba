import Glibc

/// A model on disk or in memory: its numbers, its tokenizer, its chat template, and its tensors, mapped and not copied.
///
/// The same model gives the same values whether it was opened from a GGUF file or from a Hugging Face folder; only the
/// tensors' names differ, and `naming` tells those.
public final class Checkpoint: Sendable {
  /// What the model was read from.
  public enum Format: Sendable, Equatable {
    case gguf(version: UInt32)
    /// config.json, safetensors and tokenizer files in one folder.
    case huggingFace
    /// Made in memory (`RandomModel`).
    case random
  }

  /// One line of what the model's files say of it.
  public struct MetadataEntry: Sendable, Equatable {
    public let key: String
    /// One line, cut to about 100 characters.
    public let value: String
  }

  /// The file's or folder's name, for messages; what the model calls itself is in `metadata`.
  public let name: String
  public let format: Format
  public let hyperparameters: Hyperparameters
  /// Nil where the files have none; `requireTokenizer()` says what was looked for.
  public let tokenizer: TokenizerData?
  /// The template's source, as the model's files have it.
  public let chatTemplate: String?
  public let generationDefaults: GenerationDefaults
  /// In the order of the file, or of the files by name. Empty where only a vocabulary was stored.
  public let tensors: [TensorView]
  /// In the order of the file.
  public let metadata: [MetadataEntry]
  private let positions: [String: Int]
  /// The tensors' bytes.
  private let files: [MappedFile]

  /// Opens a .gguf file (any part of a split one) or a folder with config.json.
  public static func open(_ path: String) throws(ModelFileError) -> Checkpoint {
    var status = stat()
    guard stat(path, &status) == 0 else {
      throw .system(path: path, action: "open", reason: MappedFile.reason(errno))
    }
    if status.st_mode & S_IFMT == S_IFDIR { return Checkpoint(try HuggingFaceFolder(path: path).contents()) }
    return Checkpoint(try GGUFModel(path: path).contents())
  }

  /// Opens a GGUF file in memory.
  /// - Parameter bytes: must outlive the process, as the embedded model's do.
  public static func open(embedded bytes: UnsafeRawBufferPointer, name: String) throws(ModelFileError) -> Checkpoint {
    Checkpoint(try GGUFModel(embedded: MappedFile(embedded: bytes, name: name)).contents())
  }

  /// What a reader of one format has found.
  struct Contents {
    var name: String
    var format: Format
    var hyperparameters: Hyperparameters
    var tokenizer: TokenizerData?
    var chatTemplate: String?
    var generationDefaults: GenerationDefaults
    var tensors: [TensorView]
    var metadata: [MetadataEntry]
    var files: [MappedFile]
  }

  init(_ contents: Contents) {
    name = contents.name
    format = contents.format
    hyperparameters = contents.hyperparameters
    tokenizer = contents.tokenizer
    chatTemplate = contents.chatTemplate
    generationDefaults = contents.generationDefaults
    tensors = contents.tensors
    metadata = contents.metadata
    files = contents.files
    positions = Dictionary(uniqueKeysWithValues: contents.tensors.enumerated().map { ($1.name, $0) })
  }

  /// How the tensors are named.
  public var naming: TensorNaming {
    switch format {
    case .gguf, .random: .gguf
    case .huggingFace: .huggingFace
    }
  }

  /// Bytes of all tensors.
  public var weightByteCount: Int { tensors.reduce(0) { $0 + $1.bytes.count } }

  /// The share of the mapped files that lies in pages of 2 MiB, where the system says it; what was not touched yet does not.
  public var largePageShare: Double? {
    var large = 0
    for file in files {
      guard let byteCount = file.largePageByteCount else { return nil }
      large += byteCount
    }
    let all = files.reduce(0) { $0 + $1.bytes.count }
    return all > 0 ? Double(large) / Double(all) : nil
  }

  /// The tensor that the files call so. Its bytes live as long as this checkpoint.
  public func tensor(_ name: String) -> TensorView? { positions[name].map { tensors[$0] } }

  /// The tensor of this name and shape, which the hyperparameters ask for.
  public func require(_ name: String, shape: [Int]) throws(ModelFileError) -> TensorView {
    if tensors.isEmpty { throw .noWeights(file: self.name, expected: weightFiles) }
    guard let tensor = tensor(name) else { throw .missingTensor(file: self.name, tensor: name, expected: shape) }
    guard tensor.shape == shape else {
      throw .shape(file: self.name, tensor: name, found: tensor.typeAndShape, expected: shape)
    }
    return tensor
  }

  private var weightFiles: String {
    switch format {
    case .gguf, .random: "tensors; this file holds a vocabulary alone"
    case .huggingFace: "model.safetensors or model.safetensors.index.json"
    }
  }

  /// The tokenizer, or an error that says what was looked for.
  public func requireTokenizer() throws(ModelFileError) -> TokenizerData {
    if let tokenizer { return tokenizer }
    switch format {
    case .gguf: throw .noTokenizer(file: name, expected: "metadata \"tokenizer.ggml.model\"")
    case .huggingFace: throw .noTokenizer(file: name, expected: "tokenizer.json, or vocab.json and merges.txt")
    case .random: throw .noTokenizer(file: name, expected: "a model in a file; random weights are for measuring alone")
    }
  }
}
