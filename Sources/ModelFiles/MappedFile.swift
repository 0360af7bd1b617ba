import Glibc

/// A file's bytes, mapped read-only: pages are read when they are touched and shared with other processes.
///
/// Views into `bytes` are good for as long as this object lives. A file that another process shortens while it is mapped
/// raises SIGBUS on access, as with every mapping.
public final class MappedFile: Sendable {
  /// The last component of the path, for messages.
  public let name: String
  public nonisolated(unsafe) let bytes: UnsafeRawBufferPointer  // read-only; unmapped by deinit only
  let isMapped: Bool

  /// Maps the whole file (open(2), mmap(2)). An empty file has no bytes and no mapping.
  public init(path: String) throws(ModelFileError) {
    name = Self.lastComponent(of: path)
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .system(path: path, action: "open", reason: Self.reason(errno)) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw .system(path: path, action: "read", reason: Self.reason(errno)) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw .system(path: path, action: "read", reason: "not a regular file")
    }
    guard status.st_size > 0 else {
      bytes = UnsafeRawBufferPointer(start: nil, count: 0)
      isMapped = false
      return
    }
    let address = mmap(nil, Int(status.st_size), PROT_READ, MAP_PRIVATE, descriptor, 0)
    guard let address, address != MAP_FAILED else {
      throw .system(path: path, action: "map", reason: Self.reason(errno))
    }
    Self.preferLargePages(address, byteCount: Int(status.st_size))
    bytes = UnsafeRawBufferPointer(start: address, count: Int(status.st_size))
    isMapped = true
  }

  /// Wraps bytes that outlive the process, such as the embedded model's.
  public init(embedded bytes: UnsafeRawBufferPointer, name: String) {
    self.name = name
    self.bytes = bytes
    isMapped = false
  }

  /// Zeroed memory in a file's place, for weights that are made and not read; pages that are never touched cost nothing.
  init(zeroedByteCount byteCount: Int, name: String) throws(ModelFileError) {
    let address = mmap(nil, byteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
    guard let address, address != MAP_FAILED else {
      throw .system(path: name, action: "map", reason: Self.reason(errno))
    }
    Self.preferLargePages(address, byteCount: byteCount)
    self.name = name
    bytes = UnsafeRawBufferPointer(start: address, count: byteCount)
    isMapped = true
  }

  /// Large pages spare address translations, about 7 % of the rate of a step that streams all weights, and page faults, 0.15 s
  /// for each gigabyte that one thread touches first (0.6B Q8_0 on a Zen 4). A file is read into large pages where its file
  /// system has them (Linux 6 with ext4, XFS or Btrfs) and the page cache does not hold it yet; otherwise all works the same.
  private static func preferLargePages(_ address: UnsafeMutableRawPointer, byteCount: Int) {
    if byteCount >= 4 << 20 { madvise(address, byteCount, MADV_HUGEPAGE) }
  }

  /// A file's bytes in memory of our own, for what is parsed at once and let go.
  static func contents(of path: String) throws(ModelFileError) -> [UInt8] {
    let file = try MappedFile(path: path)
    return withExtendedLifetime(file) { Array(file.bytes) }
  }

  deinit {
    if isMapped { munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count) }
  }

  /// What errno means, in our words where strerror(3) is terse.
  static func reason(_ code: Int32) -> String {
    switch code {
    case ENOENT: "no such file or folder"
    case EACCES: "permission denied"
    default: String(cString: strerror(code))
    }
  }

  static func lastComponent(of path: String) -> String {
    let trimmed = path.utf8.reversed().drop { $0 == UInt8(ascii: "/") }.prefix { $0 != UInt8(ascii: "/") }
    return trimmed.isEmpty ? path : String(decoding: trimmed.reversed(), as: UTF8.self)
  }
}
