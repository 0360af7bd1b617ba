import Glibc

/// The few file operations that documents need. Errors carry the path and the system's own words.
enum FileSystem {
  /// A file's bytes, whole.
  static func read(_ path: String) throws(DocumentError) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .cannotRead(path: path, reason: errorText()) }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = Glibc.read(descriptor, &chunk, chunk.count)
      if count == 0 { return bytes }
      if count < 0 {
        if errno == EINTR { continue }
        throw .cannotRead(path: path, reason: errorText())
      }
      bytes.append(contentsOf: chunk[..<count])
    }
  }

  /// A file's text.
  static func readText(_ path: String) throws(DocumentError) -> String {
    guard let text = String(validating: try read(path), as: UTF8.self) else {
      throw .cannotRead(path: path, reason: "its bytes are not UTF-8")
    }
    return text
  }

  /// Replaces a file so that at every moment either the old or the new contents are on disk: a new file beside it is
  /// written, flushed and renamed over it, then the folder is flushed.
  static func writeAtomically(_ bytes: some Collection<UInt8>, to path: String) throws(DocumentError) {
    try makeFolder(parent(of: path))
    let temporary = path + ".new-\(getpid())"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw .cannotWrite(path: path, reason: errorText()) }
    if let reason = fill(descriptor, of: temporary, with: bytes) { throw .cannotWrite(path: path, reason: reason) }
    guard rename(temporary, path) == 0 else {
      let reason = errorText()
      unlink(temporary)
      throw .cannotWrite(path: path, reason: reason)
    }
    flushFolder(parent(of: path))
  }

  /// Writes a new file, flushed. False, with nothing written, if something has the name already.
  static func create(_ bytes: some Collection<UInt8>, at path: String) throws(DocumentError) -> Bool {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      if errno == EEXIST { return false }
      throw .cannotWrite(path: path, reason: errorText())
    }
    if let reason = fill(descriptor, of: path, with: bytes) { throw .cannotWrite(path: path, reason: reason) }
    return true
  }

  /// Writes, flushes and closes a new file. Returns why it could not; then the file is taken away.
  private static func fill(_ descriptor: Int32, of path: String, with bytes: some Collection<UInt8>) -> String? {
    let isWritten = writeAll(bytes, to: descriptor) && fsync(descriptor) == 0
    var reason = isWritten ? nil : errorText()
    if close(descriptor) != 0, reason == nil { reason = errorText() }
    if reason != nil { unlink(path) }
    return reason
  }

  /// Adds bytes to the end of a file in one write, and flushes it.
  static func append(_ bytes: some Collection<UInt8>, to path: String) throws(DocumentError) {
    try makeFolder(parent(of: path))
    let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw .cannotWrite(path: path, reason: errorText()) }
    defer { close(descriptor) }
    guard writeAll(bytes, to: descriptor), fdatasync(descriptor) == 0 else {
      throw .cannotWrite(path: path, reason: errorText())
    }
  }

  static func remove(_ path: String) throws(DocumentError) {
    guard unlink(path) == 0 || errno == ENOENT else { throw .cannotWrite(path: path, reason: errorText()) }
  }

  static func isFile(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
  }

  static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// Names in a folder with this ending, sorted by their bytes; none if the folder does not exist.
  static func names(in folder: String, ending suffix: String) throws(DocumentError) -> [String] {
    guard let stream = opendir(folder) else {
      if errno == ENOENT { return [] }
      throw .cannotRead(path: folder, reason: errorText())
    }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name.hasSuffix(suffix), !name.hasPrefix(".") { names.append(name) }
    }
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// Makes a folder and those above it.
  static func makeFolder(_ path: String) throws(DocumentError) {
    if path.isEmpty || isFolder(path) { return }
    try makeFolder(parent(of: path))
    guard mkdir(path, 0o755) == 0 || errno == EEXIST else { throw .cannotWrite(path: path, reason: errorText()) }
  }

  static func parent(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "" }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  static func lastComponent(of path: String) -> String {
    let trimmed = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    return trimmed.lastIndex(of: "/").map { String(trimmed[trimmed.index(after: $0)...]) } ?? trimmed
  }

  private static func writeAll(_ bytes: some Collection<UInt8>, to descriptor: Int32) -> Bool {
    Array(bytes).withUnsafeBytes { buffer in
      var done = 0
      while done < buffer.count {
        let count = write(descriptor, buffer.baseAddress! + done, buffer.count - done)
        if count < 0 {
          if errno == EINTR { continue }
          return false
        }
        done += count
      }
      return true
    }
  }

  private static func flushFolder(_ path: String) {
    let descriptor = open(path.isEmpty ? "." : path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    close(descriptor)
  }

  private static func errorText() -> String { String(cString: strerror(errno)) }
}
