import Foundation
import Testing

@testable import Terminal

@Suite struct MailboxTests {
  /// Waits in poll(2), as a screen does.
  private func wait(for waker: Waker, milliseconds: Int32) -> Bool {
    var entry = pollfd(fd: waker.descriptor, events: Int16(POLLIN), revents: 0)
    return poll(&entry, 1, milliseconds) == 1
  }

  @Test func `a post ends the wait, and a drain empties the box`() {
    let mailbox = Mailbox<Int>()
    #expect(!wait(for: mailbox.waker, milliseconds: 0))
    mailbox.post(1)
    mailbox.post(2)
    #expect(wait(for: mailbox.waker, milliseconds: 0))
    mailbox.waker.clear()
    #expect(mailbox.drain() == [1, 2])
    #expect(mailbox.drain() == [])
    #expect(!wait(for: mailbox.waker, milliseconds: 0))
    mailbox.post(3)
    #expect(wait(for: mailbox.waker, milliseconds: 0))
  }

  @Test func `eight threads' messages all arrive, each thread's in order`() {
    let mailbox = Mailbox<(thread: Int, number: Int)>()
    let each = 20_000
    for thread in 0..<8 {
      Thread.detachNewThread {
        for number in 0..<each { mailbox.post((thread, number)) }
      }
    }
    var next = Array(repeating: 0, count: 8)
    var drains = 0
    while next.contains(where: { $0 < each }) {
      guard wait(for: mailbox.waker, milliseconds: 10_000) else {
        Issue.record("nothing came for ten seconds: \(next)")
        return
      }
      mailbox.waker.clear()
      for message in mailbox.drain() {
        guard next[message.thread] == message.number else {
          Issue.record("thread \(message.thread) gave \(message.number) after \(next[message.thread] - 1)")
          return
        }
        next[message.thread] += 1
      }
      drains += 1
    }
    #expect(mailbox.drain().isEmpty)
    #expect(drains <= 8 * each)
  }

  @Test func `two mailboxes can wake the same reader`() {
    let waker = Waker()
    let numbers = Mailbox<Int>(waker: waker)
    let words = Mailbox<String>(waker: waker)
    words.post("one")
    #expect(wait(for: waker, milliseconds: 0))
    waker.clear()
    numbers.post(1)
    #expect(wait(for: waker, milliseconds: 0))
    #expect(numbers.drain() == [1] && words.drain() == ["one"])
  }
}
