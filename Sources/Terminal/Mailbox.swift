internal import Glibc
internal import Synchronization

/// Ends another thread's wait. A file descriptor that is readable from `wake` until `clear`.
public final class Waker: Sendable {
  /// The reading end of a pipe, owned; neither end blocks nor outlives an exec.
  let descriptor: Int32
  private let writingEnd: Int32

  public init() {
    var ends: [Int32] = [-1, -1]
    let result = pipe(&ends)
    precondition(result == 0, "no file descriptor left for a pipe")
    for end in ends {
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
    }
    (descriptor, writingEnd) = (ends[0], ends[1])
  }

  deinit {
    Glibc.close(descriptor)
    Glibc.close(writingEnd)
  }

  /// From any thread. Several calls before a `clear` count as one.
  public func wake() {
    var byte: UInt8 = 1
    // EAGAIN means that the pipe is full, and so already readable.
    while write(writingEnd, &byte, 1) < 0, errno == EINTR {}
  }

  /// Forgets the calls of `wake` so far. From the reader's thread.
  public func clear() {
    var bytes = [UInt8](repeating: 0, count: 256)
    while true {
      let count = read(descriptor, &bytes, bytes.count)
      if count < 0, errno != EINTR { return }
      if count >= 0, count < bytes.count { return }
    }
  }
}

/// Messages from many threads to the one that waits for them.
///
/// Only the post that finds it empty wakes the reader, so a burst costs one system call. Messages of one thread come in
/// the order of its posts.
public final class Mailbox<Message: Sendable>: Sendable {
  private let messages = Mutex<[Message]>([])
  /// What a screen has to wait for.
  public let waker: Waker

  /// - Parameter waker: shared with other mailboxes of the same reader.
  public init(waker: Waker = Waker()) { self.waker = waker }

  /// Hands a message over. From any thread.
  public func post(_ message: Message) {
    let wasEmpty = messages.withLock { messages in
      messages.append(message)
      return messages.count == 1
    }
    if wasEmpty { waker.wake() }
  }

  /// Everything posted so far, oldest first.
  public func drain() -> [Message] {
    messages.withLock { messages in
      let taken = messages
      messages = []
      return taken
    }
  }
}
