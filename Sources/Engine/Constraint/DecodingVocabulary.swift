public import ConstrainedDecoding
public import ModelFiles
public import Tokenization

/// A model's tokens as its grammars need them. Built once per model, which takes about 0.2 s for 151,669 tokens.
public struct DecodingVocabulary: Sendable {
  public let trie: TokenTrie
  public let tokens: ToolCallTokens
  /// `<think>`, if it is one token.
  let thinkingStart: Int?
  /// Tokens that consist of line breaks.
  let lineBreaks: Set<Int>

  /// - Parameters:
  ///   - count: of token ids; the logits may have more columns than the tokenizer has tokens.
  ///   - controlTokens: those that stand for no text of a call, such as `<tool_call>`.
  ///   - endTokens: those that end an answer.
  public init(_ tokenizer: Tokenizer, count: Int, controlTokens: [TokenID], endTokens: Set<TokenID>) {
    func id(_ text: String) -> Int? { tokenizer.id(of: text).map { Int($0) } }
    let controlTokens = Set(controlTokens)
    trie = TokenTrie(count: count) { id in
      controlTokens.contains(TokenID(id)) ? [] : tokenizer.bytes(of: TokenID(id))
    }
    let lineBreaks = (0..<count).filter { id in
      let bytes = tokenizer.bytes(of: TokenID(id))
      return !bytes.isEmpty && bytes.allSatisfy { $0 == UInt8(ascii: "\n") }
    }
    self.lineBreaks = Set(lineBreaks)
    tokens = ToolCallTokens(
      opening: id("<tool_call>"), closing: id("</tool_call>"), thinkingEnd: id("</think>"),
      ends: endTokens.map { Int($0) }.sorted())
    thinkingStart = id("<think>")
  }

  /// What generation_config.json names, the tokenizer's own, and padding: a GGUF file names one end, and for Qwen3 the
  /// other that its generation_config.json has, `<|endoftext|>`, is also what it pads with.
  public static func endTokens(_ defaults: GenerationDefaults, _ tokenizer: TokenizerData) -> Set<TokenID> {
    Set(defaults.eosTokenIDs + [tokenizer.eosTokenID, tokenizer.padTokenID].compactMap { $0 })
  }
}
