import Glibc
import ModelFiles

/// What a model will need in memory, and what is free, before anything is loaded.
public struct MemoryEstimate: Sendable, Equatable {
  public var weightByteCount: Int
  /// All pages.
  public var kvByteCount: Int
  public var activationByteCount: Int
  /// Positions that the pages hold.
  public var contextLength: Int
  public var availableByteCount: Int

  public init(
    weightByteCount: Int, kvByteCount: Int, activationByteCount: Int, contextLength: Int, availableByteCount: Int
  ) {
    self.weightByteCount = weightByteCount
    self.kvByteCount = kvByteCount
    self.activationByteCount = activationByteCount
    self.contextLength = contextLength
    self.availableByteCount = availableByteCount
  }

  public var neededByteCount: Int { weightByteCount + kvByteCount + activationByteCount }
  public var fits: Bool { neededByteCount <= availableByteCount }

  /// The largest context that fits, a power of two of at least 512; nil when not even that does.
  public var fittingContextLength: Int? {
    let free = availableByteCount - weightByteCount - activationByteCount
    guard contextLength > 0 else { return nil }
    var candidate = 1 << 27
    while candidate >= 512 {
      if candidate < contextLength, Double(kvByteCount) * Double(candidate) / Double(contextLength) <= Double(free) {
        return candidate
      }
      candidate /= 2
    }
    return nil
  }

  /// `needs 21.1 GB: weights 15.7, KV 5.4 at 32,768 positions; 14.2 GB free; try --context 8192`, in units of 10^9 bytes.
  /// Activations are named where they show in the first decimal.
  public var refusal: String {
    "\(arithmetic); " + (fittingContextLength.map { "try --context \($0)" } ?? "try a smaller model or a stronger quantisation")
  }

  /// The refusal's facts, without the advice.
  public var arithmetic: String {
    var sentence = "needs \(Self.gigabytes(neededByteCount)) GB: weights \(Self.gigabytes(weightByteCount))"
    sentence += ", KV \(Self.gigabytes(kvByteCount)) at \(contextLength.grouped) positions"
    if activationByteCount >= 50_000_000 { sentence += ", activations \(Self.gigabytes(activationByteCount))" }
    return sentence + "; \(Self.gigabytes(availableByteCount)) GB free"
  }

  static func gigabytes(_ byteCount: Int) -> String {
    let tenths = (max(0, byteCount) + 50_000_000) / 100_000_000
    return "\(tenths / 10).\(tenths % 10)"
  }

  // MARK: - Free memory

  /// Memory that can be had without swapping: the smaller of the system's MemAvailable and what the control group leaves.
  public static func availableMemory() -> Int {
    let system =
      read("/proc/meminfo").flatMap(memAvailable) ?? Int(sysconf(Int32(_SC_AVPHYS_PAGES))) * Int(getpagesize())
    guard
      let limit = controlGroupHeadroom(
        maximum: read("/sys/fs/cgroup/memory.max"), statistics: read("/sys/fs/cgroup/memory.stat"),
        current: read("/sys/fs/cgroup/memory.current"))
    else { return system }
    return min(system, limit)
  }

  /// The `MemAvailable` line of /proc/meminfo, in bytes.
  static func memAvailable(_ meminfo: String) -> Int? { field("MemAvailable:", of: meminfo).map { $0 * 1024 } }

  /// Limit less what is in use and cannot be dropped: cached file pages, such as mapped weights, do not count (cgroup v2,
  /// memory.max, memory.current and memory.stat). Nil without a limit.
  static func controlGroupHeadroom(maximum: String?, statistics: String?, current: String?) -> Int? {
    guard let maximum = maximum.flatMap(firstNumber), let current = current.flatMap(firstNumber) else { return nil }
    let droppable = statistics.flatMap { field("inactive_file", of: $0) } ?? 0
    return max(0, maximum - max(0, current - droppable))
  }

  private static func firstNumber(_ text: String) -> Int? {
    text.split(whereSeparator: \.isWhitespace).first.flatMap { Int($0) }
  }

  private static func field(_ name: String, of text: String) -> Int? {
    for line in text.split(separator: "\n") {
      let words = line.split(separator: " ")
      if words.count >= 2, words[0] == name { return Int(words[1]) }
    }
    return nil
  }

  private static func read(_ path: String) -> String? {
    guard let file = fopen(path, "r") else { return nil }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 16_384)
    let count = fread(&bytes, 1, bytes.count, file)
    return String(decoding: bytes.prefix(count), as: UTF8.self)
  }
}
