import CKernels
public import ModelFiles

/// The forward pass on the CPU, in the order of `Qwen3.md`.
///
/// Activations are f32, keys and values as `KVElement` says. Weights stay in the file's format. The inputs of a quantised matrix are
/// rounded to 8 bits, once for all matrices that read them, and multiplied in whole numbers (`kproducts.h`), as llama.cpp
/// does; those of BF16 weights to bfloat16. With `isExact` weights are expanded instead, in registers or in a panel that fits
/// the cache, and a quantised file gives the logits of its dequantised weights. Every sum has an order that depends
/// neither on the instruction set nor on what else is in the batch (`ckernels.h`): logits with and without a reused
/// prefix, in one chunk or several, alone or beside other sequences, are equal bit for bit.
///
/// A step forks and joins once per stage and allocates nothing.
public final class CPUForward: ForwardPass {
  public let config: Qwen3Config
  public let geometry: KVGeometry
  public let contextLength: Int
  public let maxBatchRows: Int
  public private(set) var bytesMoved = BytesMoved()

  private let checkpoint: Checkpoint  // keeps the weights mapped
  private let weights: CPUWeights
  private let rotary: RotaryEmbedding
  private let layout: KVLayout
  private let cache: MemoryRegion<UInt8>  // as KVLayout says
  private let activations: Activations
  private let pool: KernelPool
  /// Owned, at an address of its own: a stored struct would be checked for exclusive access at every kernel.
  private let machine: UnsafeMutablePointer<k_machine>
  private var logitRowCount = 0

  public static let defaultContextLength = 8192
  public static let defaultMaxBatchRows = 256

  /// Binds the weights and allocates pages and activations; nothing is read from the weights yet.
  /// - Parameters:
  ///   - contextLength: positions of one sequence; nil for the checkpoint's own, but at most 8,192.
  ///   - kv: how keys and values are stored.
  ///   - isExact: multiplies weights of every type with f32 inputs, as the float32 reference does; several times slower.
  ///   - pageCount: pages of 16 positions for all sequences; nil for one sequence of full length and a few to spare.
  ///   - threads: nil for the cores this process may use.
  ///   - maxBatchRows: rows of the largest batch.
  ///   - availableMemory: in bytes; nil for what the system says.
  /// - Throws: what is wrong with the model, or `doesNotFit` with the arithmetic.
  public init(
    checkpoint: Checkpoint, contextLength: Int? = nil, kv: KVElement = .standard, isExact: Bool = false,
    pageCount: Int? = nil, threads: Int? = nil, maxBatchRows: Int = CPUForward.defaultMaxBatchRows,
    availableMemory: Int? = nil
  ) throws(InferenceError) {
    precondition(maxBatchRows > 0, "a batch has at least one row")
    let config = try Qwen3Config(checkpoint.hyperparameters)
    let bound = try Qwen3Weights(checkpoint, config: config)
    let plan = Plan(
      config: config, contextLength: contextLength, kv: kv, pageCount: pageCount, threads: threads,
      maxBatchRows: maxBatchRows)
    let estimate = plan.estimate(weightByteCount: bound.byteCount, availableMemory: availableMemory)
    guard estimate.fits else { throw .doesNotFit(estimate) }

    let kernels: UnsafePointer<k_kernels> = k_kernels_best()
    self.config = config
    self.checkpoint = checkpoint
    self.contextLength = plan.contextLength
    self.maxBatchRows = maxBatchRows
    layout = KVLayout(config, element: kv)
    geometry = plan.geometry
    rotary = RotaryEmbedding(headDim: config.headDim, theta: config.ropeTheta, scaling: config.ropeScaling)
    weights = try CPUWeights(bound, config: config, kernels: kernels)
    cache = try MemoryRegion(count: layout.byteCount(pageCount: plan.geometry.pageCount), purpose: "KV cache")
    pool = try KernelPool(size: plan.threads)
    activations = try Activations(
      config: config, rows: maxBatchRows, contextLength: plan.contextLength, pagesPerSequence: plan.pagesPerSequence,
      threads: pool.size)
    machine = .allocate(capacity: 1)
    machine.initialize(
      to: k_machine(
        pool: pool.handle, kernels: kernels, products: isExact ? nil : k_products_best(),
        rounded: activations.rounded.base, roundedStride: activations.roundedStride,
        scratch: activations.scratch.base, scratchStride: activations.scratchStride))
  }

  deinit { machine.deallocate() }

  /// What `init` with the same arguments would need, without loading anything.
  public static func memoryEstimate(
    checkpoint: Checkpoint, contextLength: Int? = nil, kv: KVElement = .standard, isExact: Bool = false,
    pageCount: Int? = nil, threads: Int? = nil, maxBatchRows: Int = CPUForward.defaultMaxBatchRows,
    availableMemory: Int? = nil
  ) throws(InferenceError) -> MemoryEstimate {
    let config = try Qwen3Config(checkpoint.hyperparameters)
    let bound = try Qwen3Weights(checkpoint, config: config)
    let plan = Plan(
      config: config, contextLength: contextLength, kv: kv, pageCount: pageCount, threads: threads,
      maxBatchRows: maxBatchRows)
    return plan.estimate(weightByteCount: checkpoint.weightByteCount, availableMemory: availableMemory)
  }

  /// "avx512", "avxvnni" (AVX2 whose 8-bit products have an instruction), "avx2", "neon" or "scalar".
  public static var instructionSet: String {
    let products = String(cString: k_products_best().pointee.name)
    return products == "avxvnni" ? products : String(cString: k_kernels_best().pointee.name)
  }
  public var threadCount: Int { pool.size }
  /// How keys and values are stored.
  public var kv: KVElement { layout.element }
  /// Most weights are multiplied in whole numbers, with inputs of 8 bits.
  public var multipliesIntegers: Bool {
    let form = weights.layers.first.map { k_input_form($0.gate.type, $0.gate.columns) }
    return machine.pointee.products != nil && (form == Int32(K_INPUT_Q8) || form == Int32(K_INPUT_Q8_256))
  }

  // MARK: - The step

  public func submit(_ batch: borrowing Batch) throws(InferenceError) {
    try check(batch)
    prepare(batch)
    let rows = batch.rowCount
    let a = UnsafeActivations(activations)

    withUnsafePointer(to: weights.tokenEmbedding) { k_embed(machine, $0, a.tokens, Int32(rows), a.x) }
    for (index, layer) in weights.layers.enumerated() {
      // Attention
      norm(a.x, layer.attentionNorm, rows, into: a.normed)
      linear(
        layer.wq.into(a.q, stride: config.queryWidth), layer.wk.into(a.k, stride: config.kvWidth),
        layer.wv.into(a.v, stride: config.kvWidth), a.normed, rows)
      attend(layer, index: index, runCount: batch.runs.count, rows, a)
      linear(layer.wo.into(a.x, stride: config.hiddenSize), K_ACCUMULATE, a.attention, rows)
      // Feed-forward
      norm(a.x, layer.feedForwardNorm, rows, into: a.normed)
      gated(layer.gate.into(a.hidden, stride: config.feedForwardSize), layer.up, a.normed, rows)
      linear(layer.down.into(a.x, stride: config.hiddenSize), K_ACCUMULATE, a.hidden, rows)
    }
    // Head, for the rows that want logits
    logitRowCount = batch.logitRowCount
    if logitRowCount > 0 {
      gatherLogitRows(batch, a)
      norm(a.x, weights.outputNorm, logitRowCount, into: a.normed)
      linear(weights.lmHead.into(a.logits, stride: config.vocabularySize), K_STORE, a.normed, logitRowCount)
    }
    measure(batch)
  }

  public func withLogits<R>(_ body: (inout MutableSpan<Float>) -> R) throws(InferenceError) -> R {
    guard logitRowCount > 0 else { throw .noLogits }
    let logits = UnsafeMutableBufferPointer(
      start: activations.logits.base, count: logitRowCount * config.vocabularySize)
    var span = logits.mutableSpan
    return body(&span)
  }

  public func copyPage(from: PageID, to: PageID) throws(InferenceError) {
    for page in [from, to] where page < 0 || Int(page) >= geometry.pageCount {
      throw .pageOutOfRange(page, pageCount: geometry.pageCount)
    }
    layout.copyPage(cache.base, from: from, to: to)
  }

  // MARK: - Stages

  private func norm(
    _ x: UnsafeMutablePointer<Float>, _ weight: UnsafePointer<Float>, _ rows: Int, into y: UnsafeMutablePointer<Float>
  ) {
    k_norm(machine, x, weight, config.rmsNormEps, Int32(rows), Int32(config.hiddenSize), y)
  }

  private func linear(_ w: k_matrix, _ mode: some BinaryInteger, _ x: UnsafeMutablePointer<Float>, _ rows: Int) {
    withUnsafePointer(to: w) { k_linear(machine, $0, 1, Int32(mode), x, Int32(rows)) }
  }

  /// Three products of one input in one fork.
  private func linear(_ w0: k_matrix, _ w1: k_matrix, _ w2: k_matrix, _ x: UnsafeMutablePointer<Float>, _ rows: Int) {
    withUnsafeTemporaryAllocation(of: k_matrix.self, capacity: 3) { matrices in
      matrices.initializeElement(at: 0, to: w0)
      matrices.initializeElement(at: 1, to: w1)
      matrices.initializeElement(at: 2, to: w2)
      k_linear(machine, matrices.baseAddress, 3, Int32(K_STORE), x, Int32(rows))
    }
  }

  /// silu(gate x) * (up x) in one fork.
  private func gated(_ gate: k_matrix, _ up: k_matrix, _ x: UnsafeMutablePointer<Float>, _ rows: Int) {
    withUnsafeTemporaryAllocation(of: k_matrix.self, capacity: 2) { matrices in
      matrices.initializeElement(at: 0, to: gate)
      matrices.initializeElement(at: 1, to: up)
      k_linear(machine, matrices.baseAddress, 2, Int32(K_GATED), x, Int32(rows))
    }
  }

  /// Norms per head, rotation, keys and values into their pages, attention of every run over its pages.
  private func attend(_ layer: CPUWeights.Layer, index: Int, runCount: Int, _ rows: Int, _ a: UnsafeActivations) {
    var heads = k_head_rows(
      query: a.q, key: a.k, value: a.v, tokenCount: Int32(rows), headCount: Int32(config.headCount),
      kvHeadCount: Int32(config.kvHeadCount), headDim: Int32(config.headDim), queryNorm: layer.qNorm,
      keyNorm: layer.kNorm, epsilon: config.rmsNormEps, cosine: a.cosine, sine: a.sine, page: a.page, slot: a.slot,
      cacheType: layout.element.kernelType, cache: cache.base + index * layout.bytesPerLayer,
      pageStride: layout.pageStride, groupStride: layout.groupStride, keyOffset: 0, valueOffset: layout.valueOffset, headStride: layout.headStride, valueStride: layout.valueStride)
    k_heads(machine, &heads)
    k_attention(machine, &heads, a.runs, Int32(runCount), 1 / Float(config.headDim).squareRoot(), a.attention, a.partials)
  }

  // MARK: - Before and after

  /// Input from outside the step: everything the kernels index with.
  private func check(_ batch: borrowing Batch) throws(InferenceError) {
    guard (1...maxBatchRows).contains(batch.rowCount) else {
      throw .batchSize(rowCount: batch.rowCount, maxRows: maxBatchRows)
    }
    for token in batch.tokens where token < 0 || Int(token) >= config.vocabularySize {
      throw .tokenOutOfRange(token, vocabularySize: config.vocabularySize)
    }
    for run in batch.runs {
      let positions = run.startPosition + run.rows.count
      guard positions <= contextLength else {
        throw .contextExceeded(position: positions - 1, contextLength: contextLength)
      }
      guard geometry.pages(for: positions) <= run.pageTable.count else {
        throw .pageTableTooShort(
          positions: positions, pages: run.pageTable.count, tokensPerPage: geometry.tokensPerPage)
      }
      for page in run.pageTable where page < 0 || Int(page) >= geometry.pageCount {
        throw .pageOutOfRange(page, pageCount: geometry.pageCount)
      }
    }
  }

  /// Tokens, places in the cache, rotations and page tables, as the kernels read them.
  private func prepare(_ batch: borrowing Batch) {
    let a = UnsafeActivations(activations)
    let half = config.headDim / 2
    let pagesPerSequence = geometry.pages(for: contextLength)
    for row in 0..<batch.rowCount { a.tokens[row] = batch.tokens[row] }
    for (index, run) in batch.runs.enumerated() {
      let pageTable = a.pageTables + index * pagesPerSequence
      for page in 0..<geometry.pages(for: run.startPosition + run.rows.count) { pageTable[page] = run.pageTable[page] }
      a.runs[index] = k_run(
        firstRow: Int32(run.rows.lowerBound), tokenCount: Int32(run.rows.count),
        firstPosition: Int32(run.startPosition),
        pageTable: pageTable)
      for row in run.rows {
        let position = run.startPosition + row - run.rows.lowerBound
        a.page[row] = pageTable[position / geometry.tokensPerPage]
        a.slot[row] = Int32(position % geometry.tokensPerPage)
        rotary.inverseFrequency.withUnsafeBufferPointer { frequencies in
          k_rope_angles(
            Int32(position), frequencies.baseAddress, Int32(half), rotary.mscale, a.cosine + row * half,
            a.sine + row * half)
        }
      }
    }
  }

  /// Moves the rows that want logits to the front of the residual stream, in order.
  private func gatherLogitRows(_ batch: borrowing Batch, _ a: UnsafeActivations) {
    let width = config.hiddenSize
    for run in batch.runs {
      for (offset, logitRow) in run.logitRows.enumerated() {
        let row = run.rows.upperBound - run.logitRows.count + offset
        // A row never moves up, so nothing that is still needed is overwritten.
        if row != logitRow { (a.x + logitRow * width).update(from: a.x + row * width, count: width) }
      }
    }
  }

  private func measure(_ batch: borrowing Batch) {
    let embedding = k_row_bytes(weights.tokenEmbedding.type, weights.tokenEmbedding.columns) * batch.rowCount
    let head = k_row_bytes(weights.lmHead.type, weights.lmHead.columns) * Int(weights.lmHead.rows)
    var pages = 0
    for run in batch.runs { pages += geometry.pages(for: run.startPosition + run.rows.count) }
    bytesMoved = BytesMoved(
      weights: weights.layerByteCount + embedding + (logitRowCount > 0 ? head : 0), kv: pages * geometry.bytesPerPage)
  }
}

/// The addresses of the step's buffers, valid while `Activations` lives.
private struct UnsafeActivations {
  let x, normed, q, k, v, attention, partials, hidden, logits, cosine, sine: UnsafeMutablePointer<Float>
  let tokens, page, slot, pageTables: UnsafeMutablePointer<Int32>
  let runs: UnsafeMutablePointer<k_run>

  init(_ activations: Activations) {
    x = activations.x.base
    normed = activations.normed.base
    q = activations.q.base
    k = activations.k.base
    v = activations.v.base
    attention = activations.attention.base
    partials = activations.partials.base
    hidden = activations.hidden.base
    logits = activations.logits.base
    cosine = activations.cosine.base
    sine = activations.sine.base
    tokens = activations.tokens.base
    page = activations.page.base
    slot = activations.slot.base
    pageTables = activations.pageTables.base
    runs = activations.runs.base
  }
}
