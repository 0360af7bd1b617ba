import CKernels

/// What this machine does at most with this many threads, measured: the denominators of shares of the peak.
///
/// On a shared or virtual machine the figures move within minutes, so measure them in the run whose results they divide.
public struct MachinePeak: Sendable, Equatable {
  /// Bytes that are read from memory in a second, from a buffer far larger than the caches.
  public var readBytesPerSecond: Double
  /// f32 operations of fused multiply–adds in a second, two each.
  public var floatOperationsPerSecond: Double
  /// 8-bit operations of the dot products that quantised weights are multiplied by, two for each product and its addition;
  /// 0 where that is not measured.
  public var integerOperationsPerSecond: Double
  public var threadCount: Int

  private static let bufferByteCount = 512 << 20
  private static let passes = 7

  /// Takes about half a second and half a gigabyte, and gives the memory back. The best of seven passes each.
  /// - Parameter threads: nil for the cores this process may use.
  public static func measure(threads: Int?) throws(InferenceError) -> MachinePeak {
    let pool = try KernelPool(size: threads)
    let buffer = try MemoryRegion<UInt8>(count: bufferByteCount, purpose: "bandwidth probe")
    // Untouched memory is one page of zeros, read from the cache.
    buffer.base.update(repeating: 1, count: buffer.count)
    let handle = pool.handle
    let address = buffer.base
    let read = best {
      _ = k_probe_read(handle, address, bufferByteCount)
      return Double(bufferByteCount)
    }
    let operations = best { k_probe_fma(handle, k_kernels_best(), 500_000) }
    let integers = best { k_probe_dot8(handle, k_products_best(), 500_000) }
    return MachinePeak(
      readBytesPerSecond: read, floatOperationsPerSecond: operations, integerOperationsPerSecond: integers, threadCount: pool.size)
  }

  /// The largest rate of what `body` says it did.
  private static func best(_ body: () -> Double) -> Double {
    let clock = ContinuousClock()
    var best = 0.0
    for _ in 0..<passes {
      let start = clock.now
      let count = body()
      best = max(best, count / ((clock.now - start) / .seconds(1)))
    }
    return best
  }
}
