internal import Glibc
internal import Synchronization

/// One thread that runs an actor's jobs in the order they came: everything a model owns is touched by it alone, and a
/// step may block it without blocking Swift's cooperative pool.
///
/// The thread keeps itself alive until `stop`; the actor calls that when it goes.
final class EngineThread: SerialExecutor {
  private enum Entry {
    case job(UnownedJob)
    /// A job of this thread that stepped behind those that were waiting.
    case continuation(UnsafeContinuation<Void, Never>)
    case stop
  }

  private let queue = Mutex<[Entry]>([])
  /// Counts the entries. Allocated because a semaphore must not move; freed with the thread.
  private nonisolated(unsafe) let available: UnsafeMutablePointer<sem_t>  // written here, then used through sem_* only

  init() {
    available = .allocate(capacity: 1)
    sem_init(available, 0, 0)
    let context = Unmanaged.passRetained(self).toOpaque()
    var thread = pthread_t()
    let status = pthread_create(
      &thread, nil,
      { context in
        Unmanaged<EngineThread>.fromOpaque(context!).takeRetainedValue().run()
        return nil
      }, context)
    precondition(status == 0, "the system has no room for one more thread")
    pthread_detach(thread)
  }

  deinit {
    sem_destroy(available)
    available.deallocate()
  }

  func enqueue(_ job: consuming ExecutorJob) { add(.job(UnownedJob(job))) }

  /// Ends the thread after the jobs that are waiting.
  func stop() { add(.stop) }

  /// Lets the jobs that are waiting go first. Returns at once if there are none.
  nonisolated(nonsending) func yield() async {
    if queue.withLock(\.isEmpty) { return }
    await withUnsafeContinuation { add(.continuation($0)) }
  }

  private func add(_ entry: sending Entry) {
    queue.withLock { $0.append(entry) }
    sem_post(available)
  }

  private func run() {
    let executor = asUnownedSerialExecutor()
    while true {
      while sem_wait(available) != 0 {}  // interrupted by a signal
      switch queue.withLock({ $0.removeFirst() }) {
      case .job(let job): job.runSynchronously(on: executor)
      case .continuation(let continuation): continuation.resume()
      case .stop: return
      }
    }
  }
}
