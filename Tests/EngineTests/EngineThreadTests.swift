import Glibc
import Testing

@testable import Engine

@Suite struct EngineThreadTests {
  private actor Counter {
    private nonisolated let thread = EngineThread()
    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }
    private(set) var order: [Int] = []
    private(set) var threads: Set<pthread_t> = []

    deinit { thread.stop() }

    func add(_ number: Int) {
      order.append(number)
      threads.insert(pthread_self())
    }

    /// Works in steps and lets others in between.
    func work(_ steps: Int) async {
      for _ in 0..<steps {
        add(0)
        usleep(2000)
        await thread.yield()
      }
    }
  }

  @Test func `all of an actor's work runs on one thread`() async {
    let counter = Counter()
    await withTaskGroup { group in
      for number in 0..<100 { group.addTask { await counter.add(number) } }
    }
    #expect(await counter.threads.count == 1)
    #expect(await counter.order.sorted() == Array(0..<100))
  }

  @Test func `a job that comes during long work runs between two of its steps`() async {
    let counter = Counter()
    async let work: Void = counter.work(50)
    await counter.add(1)
    while await counter.order.isEmpty { await Task.yield() }
    await counter.add(2)
    await work
    let order = await counter.order
    #expect(order.filter { $0 == 0 }.count == 50)
    #expect(order.last == 0, "the additions came before the work was done")
    #expect(await counter.threads.count == 1)
  }
}
