import CKernels
import ModelFiles

/// Every buffer that a step writes, allocated once for the largest batch.
final class Activations {
  let x: MemoryRegion<Float>  // [rows, hiddenSize], the residual stream
  let normed: MemoryRegion<Float>  // [rows, hiddenSize]
  let q: MemoryRegion<Float>  // [rows, headCount * headDim]
  let k: MemoryRegion<Float>  // [rows, kvHeadCount * headDim]
  let v: MemoryRegion<Float>  // [rows, kvHeadCount * headDim]
  let attention: MemoryRegion<Float>  // [rows, headCount * headDim]
  let partials: MemoryRegion<Float>  // results of ranges of pages, touched where few tokens have many (k_partial_floats)
  let hidden: MemoryRegion<Float>  // [rows, feedForwardSize], silu(gate) * up
  let logits: MemoryRegion<Float>  // [rows, vocabularySize], touched as far as rows want logits
  let cosine: MemoryRegion<Float>  // [rows, headDim / 2]
  let sine: MemoryRegion<Float>  // [rows, headDim / 2]
  let tokens: MemoryRegion<Int32>  // [rows]
  let page: MemoryRegion<Int32>  // [rows], where the row's key and value go
  let slot: MemoryRegion<Int32>  // [rows]
  let runs: MemoryRegion<k_run>  // [rows]
  let pageTables: MemoryRegion<Int32>  // [rows, pagesPerSequence]
  let rounded: MemoryRegion<UInt8>  // [K_INPUT_FORMS, roundedStride], inputs of products, touched as the weights' types want
  let roundedStride: Int
  let scratch: MemoryRegion<Float>  // [threads, scratchStride]
  let scratchStride: Int

  init(config: Qwen3Config, rows: Int, contextLength: Int, pagesPerSequence: Int, threads: Int) throws(InferenceError) {
    let purpose = "activations"
    x = try MemoryRegion(count: rows * config.hiddenSize, purpose: purpose)
    normed = try MemoryRegion(count: rows * config.hiddenSize, purpose: purpose)
    q = try MemoryRegion(count: rows * config.queryWidth, purpose: purpose)
    k = try MemoryRegion(count: rows * config.kvWidth, purpose: purpose)
    v = try MemoryRegion(count: rows * config.kvWidth, purpose: purpose)
    attention = try MemoryRegion(count: rows * config.queryWidth, purpose: purpose)
    partials = try MemoryRegion(count: Self.partialFloats(config, contextLength), purpose: purpose)
    hidden = try MemoryRegion(count: rows * config.feedForwardSize, purpose: purpose)
    logits = try MemoryRegion(count: rows * config.vocabularySize, purpose: purpose)
    cosine = try MemoryRegion(count: rows * config.headDim / 2, purpose: purpose)
    sine = try MemoryRegion(count: rows * config.headDim / 2, purpose: purpose)
    tokens = try MemoryRegion(count: rows, purpose: purpose)
    page = try MemoryRegion(count: rows, purpose: purpose)
    slot = try MemoryRegion(count: rows, purpose: purpose)
    runs = try MemoryRegion(count: rows, purpose: purpose)
    pageTables = try MemoryRegion(count: rows * pagesPerSequence, purpose: purpose)
    roundedStride = Self.roundedBytes(config, rows: rows)
    rounded = try MemoryRegion(count: Int(K_INPUT_FORMS) * roundedStride, purpose: purpose)
    scratchStride = Self.scratchFloats(config, rows: rows)
    scratch = try MemoryRegion(count: threads * scratchStride, purpose: purpose)
  }

  private static func widestInput(_ config: Qwen3Config) -> Int {
    max(config.hiddenSize, config.queryWidth, config.feedForwardSize)
  }

  private static func scratchFloats(_ config: Qwen3Config, rows: Int) -> Int {
    k_scratch_floats(Int32(widestInput(config)), Int32(rows), Int32(config.headDim))
  }

  private static func roundedBytes(_ config: Qwen3Config, rows: Int) -> Int {
    k_inputs_bytes(Int32(widestInput(config)), Int32(rows))
  }

  private static func partialFloats(_ config: Qwen3Config, _ contextLength: Int) -> Int {
    k_partial_floats(Int32(config.headCount), Int32(config.headDim), Int32(contextLength))
  }

  /// Bytes of all buffers for these sizes, before any is allocated.
  static func byteCount(config: Qwen3Config, rows: Int, contextLength: Int, pagesPerSequence: Int, threads: Int) -> Int {
    let floatsPerRow =
      2 * config.hiddenSize + 2 * config.queryWidth + 2 * config.kvWidth + config.feedForwardSize
      + config.vocabularySize + config.headDim
    let bytesPerRow = 4 * floatsPerRow + 3 * 4 + MemoryLayout<k_run>.stride + 4 * pagesPerSequence
    return rows * bytesPerRow + 4 * partialFloats(config, contextLength) + Int(K_INPUT_FORMS) * roundedBytes(config, rows: rows)
      + threads * 4 * scratchFloats(config, rows: rows)
  }
}
