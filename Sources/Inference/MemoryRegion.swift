import Glibc

/// Zeroed memory from the system, returned by `deinit`. Pages that are never touched cost nothing.
///
/// For buffers that live as long as the forward pass; the address is that of a memory page, so every vector load is aligned.
struct MemoryRegion<Element: BitwiseCopyable>: ~Copyable {
  let base: UnsafeMutablePointer<Element>
  let count: Int
  private let byteCount: Int

  /// - Parameter purpose: for the message when the system has no room, such as "KV cache".
  init(count: Int, purpose: String) throws(InferenceError) {
    precondition(count > 0, "a region has at least one element")
    byteCount = count * MemoryLayout<Element>.stride
    let address = mmap(
      nil, byteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
    guard let address, address != MAP_FAILED else { throw .allocation(byteCount: byteCount, purpose: purpose) }
    // Large pages spare address translations; without them everything works the same.
    if byteCount >= 4 << 20 { madvise(address, byteCount, MADV_HUGEPAGE) }
    base = address.bindMemory(to: Element.self, capacity: count)
    self.count = count
  }

  deinit { munmap(base, byteCount) }

  var buffer: UnsafeMutableBufferPointer<Element> { UnsafeMutableBufferPointer(start: base, count: count) }
}
