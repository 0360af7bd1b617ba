import Engine
import Inference

/// How a model is loaded, as a command's options say.
struct LoadingOptions: Sendable {
  /// Positions of a conversation; nil for what the model and the memory allow.
  let context: Int?
  let kv: KVElement
  /// Quantised weights are multiplied with f32 inputs.
  let isExact: Bool
  /// Nil for all cores.
  let threads: Int?

  init(_ arguments: Arguments) throws(CommandError) {
    context = try arguments.integer("--context", in: 1...1 << 24)
    kv = try Self.kvElement(arguments)
    isExact = arguments.has("--exact")
    threads = try arguments.integer("--threads", in: 1...1024)
  }

  func open(_ model: String) async throws(ModelLoadError) -> LocalBackend {
    try await LocalBackend.open(model: model, contextLength: context, kv: kv, isExact: isExact, threads: threads)
  }

  private static func kvElement(_ arguments: Arguments) throws(CommandError) -> KVElement {
    guard let text = arguments.text("--kv") else { return .standard }
    guard let element = KVElement(rawValue: text) else {
      let names = KVElement.allCases.map(\.rawValue).joined(separator: ", ")
      throw .usage("--kv is \"\(text)\"; one of \(names) is expected")
    }
    return element
  }
}
