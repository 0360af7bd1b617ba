public import ModelFiles

/// Why a model cannot be loaded or a step cannot be computed.
public enum InferenceError: Error, Sendable, Equatable {
  case architecture(found: String)
  case hyperparameter(name: String, found: String, expected: String)
  /// A tensor is missing or has another shape than the hyperparameters say.
  case modelFile(ModelFileError)
  /// A row of the tensor is not a whole number of its type's blocks.
  case partialBlocks(file: String, tensor: String, columns: Int, type: TensorType)
  /// The weights, the pages and the activations need more memory than is free.
  case doesNotFit(MemoryEstimate)
  case allocation(byteCount: Int, purpose: String)
  case threads(requested: Int)
  case emptyPrompt
  case promptExceedsPages(tokenCount: Int, capacity: Int)
  /// Too few pages are free or cached: the others are held by sequences.
  case pagesExhausted(needed: Int, available: Int, pageCount: Int, tokensPerPage: Int)
  case contextExceeded(position: Int, contextLength: Int)
  case batchSize(rowCount: Int, maxRows: Int)
  case tokenOutOfRange(TokenID, vocabularySize: Int)
  case pageOutOfRange(PageID, pageCount: Int)
  case pageTableTooShort(positions: Int, pages: Int, tokensPerPage: Int)
  /// Logits were asked for before any step, or the step computed none.
  case noLogits
}

extension InferenceError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .architecture(let found):
      "the model's architecture is \"\(found)\", expected \"qwen3\"; other architectures are not supported"
    case .hyperparameter(let name, let found, let expected):
      "the model's \(name) is \(found), expected \(expected)"
    case .modelFile(let error): error.description
    case .partialBlocks(let file, let tensor, let columns, let type):
      "\(file): tensor \"\(tensor)\" has rows of \(columns), expected a multiple of \(type.elementsPerBlock), the block of \(type.name)"
    case .doesNotFit(let estimate): estimate.refusal
    case .allocation(let byteCount, let purpose):
      "\(MemoryEstimate.gigabytes(byteCount)) GB for the \(purpose) could not be allocated; try a smaller --context"
    case .threads(let requested): "\(requested) kernel threads could not be started; try a smaller --threads"
    case .emptyPrompt: "the prompt has no tokens, expected at least one"
    case .promptExceedsPages(let tokenCount, let capacity):
      "the prompt has \(tokenCount) tokens, but all pages together hold \(capacity); shorten it or raise --context"
    case .pagesExhausted(let needed, let available, let pageCount, let tokensPerPage):
      "\(needed) more pages of \(tokensPerPage) tokens are needed and \(available) of \(pageCount) are not in use; end another sequence or raise --context"
    case .contextExceeded(let position, let contextLength):
      "position \(position) is past the context of \(contextLength) tokens; shorten the conversation or raise --context"
    case .batchSize(let rowCount, let maxRows): "the batch has \(rowCount) rows, expected 1 to \(maxRows)"
    case .tokenOutOfRange(let token, let vocabularySize):
      "token \(token) is not in the vocabulary of \(vocabularySize) rows"
    case .pageOutOfRange(let page, let pageCount): "page \(page) does not exist; there are \(pageCount)"
    case .pageTableTooShort(let positions, let pages, let tokensPerPage):
      "\(positions) positions do not fit in a page table of \(pages) pages of \(tokensPerPage) tokens"
    case .noLogits: "there are no logits: the last step asked for none"
    }
  }
}
