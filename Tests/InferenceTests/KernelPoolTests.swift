import CKernels
import Glibc
import Synchronization
import Testing

@Suite struct KernelPoolTests {
  /// Counts the calls of each task.
  final class Counts: Sendable {
    let calls: [Atomic4]
    init(_ count: Int) { calls = (0..<count).map { _ in Atomic4() } }
  }
  final class Atomic4: Sendable { let value = Atomic<Int>(0) }

  static let count: k_task = { context, task, _ in
    guard let context else { return }
    Unmanaged<Counts>.fromOpaque(context).takeUnretainedValue().calls[Int(task)].value.add(1, ordering: .relaxed)
  }

  @Test(arguments: [1, 2, 3, 8])
  func `ten thousand tiny runs call every task once each`(_ size: Int32) throws {
    let pool = try #require(k_pool_create(size))
    defer { k_pool_destroy(pool) }
    let counts = Counts(7)
    for _ in 0..<10_000 { k_pool_run(pool, Self.count, Unmanaged.passUnretained(counts).toOpaque(), 7) }
    #expect(counts.calls.map { $0.value.load(ordering: .relaxed) } == Array(repeating: 10_000, count: 7))
  }

  @Test func `a run after the threads fell asleep is complete`() throws {
    let pool = try #require(k_pool_create(3))
    defer { k_pool_destroy(pool) }
    let counts = Counts(3)
    for _ in 0..<20 {
      var pause = timespec(tv_sec: 0, tv_nsec: 3_000_000)
      nanosleep(&pause, nil)
      k_pool_run(pool, Self.count, Unmanaged.passUnretained(counts).toOpaque(), 3)
    }
    #expect(counts.calls.map { $0.value.load(ordering: .relaxed) } == [20, 20, 20])
  }

  @Test func `pools come and go`() throws {
    for round in 0..<200 {
      let pool = try #require(k_pool_create(4))
      let counts = Counts(5)
      if round % 2 == 0 { k_pool_run(pool, Self.count, Unmanaged.passUnretained(counts).toOpaque(), 5) }
      k_pool_destroy(pool)
    }
  }

  @Test func `this process may use at least one core`() {
    #expect(k_available_cores() >= 1)
  }
}
