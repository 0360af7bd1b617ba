import Engine
import Synchronization
import Tools

/// Asks the person at the workbench while calls are run elsewhere: a question goes out as an event, and the task waits
/// until it is answered or cancelled.
final class CallDesk: CallSupervisor {
  /// The calls that are run together.
  let batch: Int
  private let post: @Sendable (AppEvent) -> Void
  private let waiting = Mutex(Waiting())

  private struct Waiting {
    var count = 0
    var permissions: [Int: CheckedContinuation<PermissionAnswer?, Never>] = [:]
    var results: [Int: CheckedContinuation<ToolResult?, Never>] = [:]
    /// Cancelled before they began to wait.
    var cancelled: Set<Int> = []
  }

  init(batch: Int, post: @escaping @Sendable (AppEvent) -> Void) {
    self.batch = batch
    self.post = post
  }

  /// Nil when it is cancelled.
  func permission(for request: PermissionRequest) async -> PermissionAnswer? {
    let id = nextID()
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isCancelled = waiting.withLock { waiting in
          if waiting.cancelled.contains(id) { return true }
          waiting.permissions[id] = continuation
          return false
        }
        if isCancelled { continuation.resume(returning: nil) } else { post(.permissionWanted(batch: batch, id: id, request)) }
      }
    } onCancel: {
      cancel(id)
    }
  }

  /// Nil when it is cancelled.
  func result(of call: ToolCall) async -> ToolResult? {
    let id = nextID()
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isCancelled = waiting.withLock { waiting in
          if waiting.cancelled.contains(id) { return true }
          waiting.results[id] = continuation
          return false
        }
        if isCancelled { continuation.resume(returning: nil) } else { post(.resultWanted(batch: batch, id: id, call)) }
      }
    } onCancel: {
      cancel(id)
    }
  }

  func answer(_ id: Int, _ answer: PermissionAnswer) {
    waiting.withLock { $0.permissions.removeValue(forKey: id) }?.resume(returning: answer)
  }

  func give(_ id: Int, _ result: ToolResult) {
    waiting.withLock { $0.results.removeValue(forKey: id) }?.resume(returning: result)
  }

  private func nextID() -> Int {
    waiting.withLock { waiting in
      waiting.count += 1
      return waiting.count
    }
  }

  private func cancel(_ id: Int) {
    let (permission, result) = waiting.withLock { waiting in
      waiting.cancelled.insert(id)
      return (waiting.permissions.removeValue(forKey: id), waiting.results.removeValue(forKey: id))
    }
    permission?.resume(returning: nil)
    result?.resume(returning: nil)
  }
}
