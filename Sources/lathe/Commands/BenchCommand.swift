import Inference
import ModelFiles

extension Command {
  static let bench = Command(
    name: "bench", summary: "speed of prefill and decode, with the share of the machine's measured peak",
    operands: "", operandLimit: 0,
    options: [
      Option("--model", "MODEL", "a GGUF file, a folder, \"mini\" (default), or random:SHAPE:TYPE, made in memory"),
      Option("--prompt-tokens", "N", "tokens of a prefill (default: 512; 0: no prefill)"),
      Option("--generate", "N", "steps of a decode (default: 32; 0: no decode)"),
      Option("--depth", "N", "positions before what is measured (default: 0, 4096, 16384)", repeats: true),
      Option("--batch", "N", "sequences that decode together (default: 1, 8)", repeats: true),
      .kv, .exact, .threads,
      Option("--repeat", "N", "repetitions, of which the median counts (default: 5)"),
      Option("--limit", "SECONDS", "start no repetition of a row later than that (default: 60)"),
      Option("--seed", "N", "of random weights (default: 1)"),
      Option("--json", nil, "the machine, then each row, as one JSON object a line"),
      Option("--csv", nil, "each row as a line of comma-separated values"),
    ],
    details: """
      tokens/s  tokens of all sequences ÷ the median repetition's seconds; ms/token is its inverse. Nothing is sampled.
      GB/s      bytes that the steps must read ÷ seconds: each weight once a step, and the keys and values of each
                sequence; its share is of the read bandwidth over 512 MB, the best of 7 passes.
      GOP/s     operations ÷ seconds: 2 for each weight and row, and 4 · heads · head size · layers for each position that
                a row attends to; its share is of the rate of f32 multiply-adds, the best of 7.
      logits    a hash of the last step's logits: equal on machines and builds that compute the same bits.
      Both peaks are measured first, with as many threads. Positions before what is measured are copies of 64 computed ones;
      sequences of a batch share them. Default depths that the context or the memory does not allow are left out.
      SHAPE is mini or qwen3-0.6b, -1.7b, -4b, -8b, -14b, -32b; TYPE is f32, f16, bf16, q8_0, q4_0, q4_k, q5_k, q6_k, or
      q4_k_m, a mix as llama-quantize makes it.
        lathe bench --model random:qwen3-0.6b:q8_0 --depth 0 --depth 4096 --batch 1
      """
  ) { arguments throws(CommandError) in
    let request = try BenchmarkRequest(arguments)
    do throws(InferenceError) {
      try request.run()
    } catch {
      throw .model("\(request.checkpoint.name): \(error.description)")
    }
    return .done
  }
}

/// What the command line of `lathe bench` asks for, checked against the model and the memory.
private struct BenchmarkRequest {
  let checkpoint: Checkpoint
  private let sizes: Sizes
  private let depths: [Int]
  private let repetition: Benchmark.Repetition
  private let style: BenchmarkReport.Style
  /// Before random weights were written, since these count as needed.
  private let availableMemory = MemoryEstimate.availableMemory()

  private static let defaultDepths = [0, 4096, 16_384]

  init(_ arguments: Arguments) throws(CommandError) {
    if arguments.has("--json"), arguments.has("--csv") {
      throw .usage("--json and --csv are given; they exclude each other")
    }
    style = arguments.has("--json") ? .json : arguments.has("--csv") ? .csv : .table
    sizes = Sizes(
      promptTokens: try arguments.integer("--prompt-tokens", in: 0...1 << 20) ?? 512,
      generate: try arguments.integer("--generate", in: 0...1 << 20) ?? 32,
      batches: try arguments.integers("--batch", in: 1...256) ?? [1, 8],
      loading: try LoadingOptions(arguments))
    repetition = Benchmark.Repetition(
      count: try arguments.integer("--repeat", in: 1...1000) ?? 5,
      limit: .seconds(try arguments.integer("--limit", in: 1...86_400) ?? 60))
    let given = try arguments.integers("--depth", in: 0...1 << 24)
    let seed = try arguments.integer("--seed", in: 0...Int.max) ?? 1
    let random = try ModelArgument.random(arguments)
    if let random { checkpoint = random.checkpoint } else { checkpoint = try ModelArgument.checkpoint(arguments) }

    let context = checkpoint.hyperparameters.contextLength
    let deepest = context - sizes.measuredTokens
    for depth in given ?? [0] where depth > deepest {
      throw .usage(
        "--depth \(depth) and \(sizes.measuredTokens) tokens behind it exceed the context of \(checkpoint.name), \(context)")
    }
    var depths = given ?? Self.defaultDepths.filter { $0 <= deepest }
    var estimate = try sizes.estimate(checkpoint, depths, availableMemory)
    while given == nil, !estimate.fits, depths.count > 1 {
      depths.removeLast()
      estimate = try sizes.estimate(checkpoint, depths, availableMemory)
    }
    guard estimate.fits else {
      throw .model("\(checkpoint.name): \(estimate.arithmetic); try a smaller model or a smaller --depth")
    }
    self.depths = depths
    random?.fill(seed: UInt64(seed))
  }

  func run() throws(InferenceError) {
    let peak = try MachinePeak.measure(threads: sizes.loading.threads)
    let benchmark = Benchmark(
      try CPUForward(
        checkpoint: checkpoint, contextLength: sizes.contextLength(depths), kv: sizes.loading.kv, isExact: sizes.loading.isExact,
        pageCount: sizes.pageCount(depths),
        threads: sizes.loading.threads, maxBatchRows: sizes.maxBatchRows, availableMemory: availableMemory))
    let report = BenchmarkReport(style: style, checkpoint: checkpoint, peak: peak, multipliesIntegers: benchmark.forward.multipliesIntegers)
    try benchmark.warmUp()
    report.begin()
    for depth in depths {
      if sizes.promptTokens > 0 {
        report.write(try benchmark.prefill(depth: depth, tokenCount: sizes.promptTokens, repetition))
      }
      guard sizes.generate > 0 else { continue }
      for batch in sizes.batches {
        report.write(
          try benchmark.decode(depth: depth, stepCount: sizes.generate, sequenceCount: batch, repetition))
      }
    }
  }

  /// What is measured at each depth, and the memory it takes.
  private struct Sizes {
    var promptTokens: Int
    var generate: Int
    var batches: [Int]
    var loading: LoadingOptions

    var measuredTokens: Int { max(promptTokens, generate, 2) }
    var maxBatchRows: Int { max(CPUForward.defaultMaxBatchRows, batches.max() ?? 1) }

    func contextLength(_ depths: [Int]) -> Int { (depths.max() ?? 0) + measuredTokens }

    func pageCount(_ depths: [Int]) -> Int {
      Benchmark.pageCount(
        depth: depths.max() ?? 0, promptTokens: promptTokens, generate: generate, sequences: batches.max() ?? 1)
    }

    func estimate(_ checkpoint: Checkpoint, _ depths: [Int], _ available: Int) throws(CommandError) -> MemoryEstimate {
      do throws(InferenceError) {
        return try CPUForward.memoryEstimate(
          checkpoint: checkpoint, contextLength: contextLength(depths), kv: loading.kv, isExact: loading.isExact,
          pageCount: pageCount(depths), threads: loading.threads, maxBatchRows: maxBatchRows, availableMemory: available)
      } catch {
        throw .model("\(checkpoint.name): \(error.description)")
      }
    }
  }
}
