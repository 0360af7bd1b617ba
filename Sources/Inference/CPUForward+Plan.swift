import CKernels
import ModelFiles

extension CPUForward {
  /// The sizes that follow from what the caller asks for.
  struct Plan {
    let config: Qwen3Config
    let contextLength: Int
    let geometry: KVGeometry
    let threads: Int
    let maxBatchRows: Int

    init(config: Qwen3Config, contextLength: Int?, kv: KVElement, pageCount: Int?, threads: Int?, maxBatchRows: Int) {
      self.config = config
      self.contextLength = max(1, contextLength ?? min(config.contextLength, CPUForward.defaultContextLength))
      self.threads = threads ?? Int(k_available_cores())
      self.maxBatchRows = maxBatchRows
      let tokensPerPage = KVLayout.tokensPerPage
      let forOneSequence = (self.contextLength + tokensPerPage - 1) / tokensPerPage
      // A few to spare for the copies that follow a fork or a reused partial page.
      geometry = KVGeometry(
        tokensPerPage: tokensPerPage, pageCount: max(1, pageCount ?? forOneSequence + 4),
        bytesPerPage: KVLayout(config, element: kv).bytesPerPage)
    }

    var pagesPerSequence: Int { geometry.pages(for: contextLength) }

    func estimate(weightByteCount: Int, availableMemory: Int?) -> MemoryEstimate {
      MemoryEstimate(
        weightByteCount: weightByteCount,
        kvByteCount: geometry.pageCount * geometry.bytesPerPage,
        activationByteCount: Activations.byteCount(
          config: config, rows: maxBatchRows, contextLength: contextLength, pagesPerSequence: pagesPerSequence, threads: max(1, threads)),
        contextLength: contextLength,
        availableByteCount: availableMemory ?? MemoryEstimate.availableMemory())
    }
  }
}
