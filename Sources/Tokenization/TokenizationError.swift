public import ModelFiles

/// Why a checkpoint's tokenizer cannot be used.
public enum TokenizationError: Error, Sendable, Equatable {
  case unsupportedPreTokenizer(String)
  case missingByte(UInt8)
  case malformedMerge(rank: Int, text: String)
  case mergeOfUnknownToken(rank: Int, text: String, token: String)
  case addedTokenOutOfRange(content: String, id: TokenID, vocabularySize: Int)
}

extension TokenizationError: CustomStringConvertible {
  /// One sentence: what was found, and what was expected.
  public var description: String {
    switch self {
    case .unsupportedPreTokenizer(let name):
      """
      tokenizer: the pre-tokenizer is "\(name)"; "qwen2", the one of Qwen2 and Qwen3, was expected, and no other is \
      supported
      """
    case .missingByte(let byte):
      "tokenizer: no token stands for byte \(byte); a byte-level vocabulary has one for each of the 256 bytes"
    case .malformedMerge(let rank, let text):
      "tokenizer: merge \(rank) is \"\(text)\"; two tokens with one space between were expected"
    case .mergeOfUnknownToken(let rank, let text, let token):
      "tokenizer: merge \(rank), \"\(text)\", needs the token \"\(token)\", which is not in the vocabulary"
    case .addedTokenOutOfRange(let content, let id, let vocabularySize):
      "tokenizer: the added token \"\(content)\" has id \(id); the vocabulary ends at \(vocabularySize - 1)"
    }
  }
}
