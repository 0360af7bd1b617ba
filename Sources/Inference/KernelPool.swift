import CKernels

/// Owns the kernel threads; ends and joins them when it goes.
struct KernelPool: ~Copyable {
  let handle: OpaquePointer

  /// - Parameter size: threads, the caller being one of them; nil for the cores this process may use.
  init(size: Int?) throws(InferenceError) {
    let size = size ?? Int(k_available_cores())
    guard size > 0, size <= 1024, let handle = k_pool_create(Int32(size)) else { throw .threads(requested: size) }
    self.handle = handle
  }

  var size: Int { Int(k_pool_size(handle)) }

  deinit { k_pool_destroy(handle) }
}
