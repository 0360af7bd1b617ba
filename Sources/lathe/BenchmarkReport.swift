import Glibc
import Inference
import JSON
import ModelFiles

/// How `lathe bench` writes what it measured: a table to read, or rows for programs.
struct BenchmarkReport {
  enum Style {
    case table
    case json
    case csv
  }

  let style: Style
  let checkpoint: Checkpoint
  let peak: MachinePeak
  /// The weights are multiplied in whole numbers, whose peak is another one.
  let multipliesIntegers: Bool

  /// The one-minute load average, nil where the system does not say.
  static var load: Double? {
    var value = 0.0
    return getloadavg(&value, 1) == 1 ? value : nil
  }

  private var operationPeak: Double {
    multipliesIntegers && peak.integerOperationsPerSecond > 0
      ? peak.integerOperationsPerSecond : peak.floatOperationsPerSecond
  }

  private var parameterCount: Int { checkpoint.tensors.reduce(0) { $0 + $1.elementCount } }

  /// Writes what was measured of the model and the machine, when the weights have been touched.
  func begin() {
    switch style {
    case .table:
      let rows = [
        "model    \(checkpoint.name): \(parameterCount / 1_000_000) M parameters, "
          + "\(Self.fixed(Double(checkpoint.weightByteCount) / 1e9, 3)) GB of weights"
          + (checkpoint.largePageShare.map { ", \(percent($0)) in large pages" } ?? ""),
        "machine  \(CPUForward.instructionSet), \(peak.threadCount) \(peak.threadCount == 1 ? "thread" : "threads"), "
          + "load \(Self.load.map { Self.fixed($0, 1) } ?? "unknown")",
        "peak     reads \(Self.fixed(peak.readBytesPerSecond / 1e9, 1)) GB/s, "
          + "f32 \(Self.fixed(peak.floatOperationsPerSecond / 1e9, 0)) GFLOP/s, "
          + "8-bit \(Self.fixed(peak.integerOperationsPerSecond / 1e9, 0)) GOP/s; "
          + "shares are of \(multipliesIntegers ? "the 8-bit one" : "the f32 one")",
        "",
        "phase      depth  batch  tokens  repeats    tokens/s   ms/token    GB/s  of peak    GOP/s  of peak  logits",
      ]
      StandardOutput.write(rows.joined(separator: "\n") + "\n")
    case .json:
      StandardOutput.writeLine([
        "model": .string(checkpoint.name), "parameters": .number(JSONNumber(parameterCount)),
        "weight_bytes": .number(JSONNumber(checkpoint.weightByteCount)),
        "large_page_share": checkpoint.largePageShare.map { .number(JSONNumber($0)) } ?? .null,
        "instruction_set": .string(CPUForward.instructionSet), "threads": .number(JSONNumber(peak.threadCount)),
        "load": Self.load.map { .number(JSONNumber($0)) } ?? .null,
        "peak_read_gb_per_s": .number(JSONNumber(peak.readBytesPerSecond / 1e9)),
        "peak_f32_gflop_per_s": .number(JSONNumber(peak.floatOperationsPerSecond / 1e9)),
        "peak_int8_gop_per_s": .number(JSONNumber(peak.integerOperationsPerSecond / 1e9)),
        "share_is_of": .string(multipliesIntegers ? "int8" : "f32"),
      ])
    case .csv: StandardOutput.writeLine("model,threads," + columnNames.joined(separator: ","))
    }
  }

  func write(_ row: Benchmark.Measurement) {
    switch style {
    case .table:
      let cells: [(String, Int)] = [
        ("\(row.depth)", 9), ("\(row.sequenceCount)", 7), ("\(row.tokenCount)", 8), ("\(row.repeats)", 9),
        (Self.fixed(row.tokensPerSecond, 1), 12), (Self.fixed(row.millisecondsPerToken, 3), 11),
        (Self.fixed(row.bytesPerSecond / 1e9, 1), 8), (percent(row.bytesPerSecond / peak.readBytesPerSecond), 9),
        (Self.fixed(row.operationsPerSecond / 1e9, 0), 9),
        (percent(row.operationsPerSecond / operationPeak), 9), (Self.hexadecimal(row.logitsHash), 18),
      ]
      StandardOutput.writeLine(
        row.phase.rawValue + (row.phase == .decode ? " " : "") + cells.map { Self.padded($0, to: $1) }.joined())
    case .json:
      StandardOutput.writeLine(.object(JSONObject(zip(columnNames, values(row)).map { (key: $0, value: $1) })))
    case .csv:
      let cells = values(row).map { $0.string ?? $0.text() }
      StandardOutput.writeLine(([checkpoint.name, "\(peak.threadCount)"] + cells).joined(separator: ","))
    }
  }

  private var columnNames: [String] {
    [
      "phase", "depth", "batch", "tokens", "repeats", "seconds", "tokens_per_s", "ms_per_token", "bytes", "gb_per_s",
      "share_of_read_peak", "operations", "gop_per_s", "share_of_operation_peak", "logits_hash",
    ]
  }

  private func values(_ row: Benchmark.Measurement) -> [JSONValue] {
    func number(_ value: Double) -> JSONValue { .number(JSONNumber(value)) }
    return [
      .string(row.phase.rawValue), .number(JSONNumber(row.depth)), .number(JSONNumber(row.sequenceCount)),
      .number(JSONNumber(row.tokenCount)), .number(JSONNumber(row.repeats)), number(row.seconds),
      number(row.tokensPerSecond), number(row.millisecondsPerToken), number(row.bytesMoved),
      number(row.bytesPerSecond / 1e9), number(row.bytesPerSecond / peak.readBytesPerSecond), number(row.operations),
      number(row.operationsPerSecond / 1e9), number(row.operationsPerSecond / operationPeak),
      .string(Self.hexadecimal(row.logitsHash)),
    ]
  }

  // MARK: - Text

  private func percent(_ share: Double) -> String { "\(Int((share * 100).rounded())) %" }

  static func padded(_ text: String, to width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.count)) + text
  }

  private static func hexadecimal(_ value: UInt64) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  /// With this many digits after the point.
  static func fixed(_ value: Double, _ digits: Int) -> String {
    let scale = (0..<digits).reduce(1) { power, _ in power * 10 }
    let units = Int((value * Double(scale)).rounded())
    guard digits > 0 else { return "\(units)" }
    let fraction = "\(units % scale)"
    return "\(units / scale)." + String(repeating: "0", count: digits - fraction.count) + fraction
  }
}
