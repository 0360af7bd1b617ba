import JSON
import ModelFiles
import TestSupport
import Tokenization

extension Reference {
  /// Ids as little-endian 32-bit numbers in a compressed file.
  static func compressedIDs(_ relative: String) throws -> [TokenID] {
    let bytes = try output(of: "gunzip", ["-c", path(relative)])
    return bytes.withUnsafeBytes { raw in
      (0..<raw.count / 4).map { TokenID(littleEndian: raw.loadUnaligned(fromByteOffset: $0 * 4, as: TokenID.self)) }
    }
  }

  /// What the vocabulary-only GGUF of Qwen3 says.
  static let qwen3Data = Result { try Checkpoint.open(path("common/qwen3-vocab.gguf")).tokenizer! }
  static let qwen3 = Result { try Tokenizer(qwen3Data.get()) }
}

extension JSONValue {
  /// The elements of an array of ids.
  var ids: [TokenID] { (array ?? []).map { TokenID($0.int!) } }
}
