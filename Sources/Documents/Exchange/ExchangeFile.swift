import Glibc

/// A file outside the workspace that a person names: definitions to read, or a place to write them to.
public struct ExchangeFile: Sendable {
  /// With the user's home folder in the place of "~".
  public let path: String

  /// - Parameter name: as it was typed; blanks around it do not count.
  public init(_ name: String) {
    var path = name[...]
    while path.first?.isWhitespace == true { path.removeFirst() }
    while path.last?.isWhitespace == true { path.removeLast() }
    if path == "~" || path.hasPrefix("~/"), let home = getenv("HOME") {
      self.path = String(cString: home) + path.dropFirst()
    } else {
      self.path = String(path)
    }
  }

  /// The whole text. Throws what is no regular file: a pipe would never end.
  public func read() throws(DocumentError) -> String {
    if FileSystem.isFolder(path) { throw .cannotRead(path: path, reason: "it is a folder; a file is expected") }
    guard access(path, F_OK) == 0 else { throw .cannotRead(path: path, reason: String(cString: strerror(errno))) }
    guard FileSystem.isFile(path) else { throw .cannotRead(path: path, reason: "it is no regular file") }
    return try FileSystem.readText(path)
  }

  /// Writes the text as the whole file, atomically. False, with nothing written, if the file is there already and may not be
  /// replaced.
  public func write(_ text: String, replaces: Bool) throws(DocumentError) -> Bool {
    if FileSystem.isFolder(path) { throw .cannotWrite(path: path, reason: "it is a folder; a file's name is expected") }
    let folder = FileSystem.parent(of: path)
    guard folder.isEmpty || FileSystem.isFolder(folder) else {
      throw .cannotWrite(path: path, reason: "there is no folder \(folder)")
    }
    if replaces {
      try FileSystem.writeAtomically(Array(text.utf8), to: path)
      return true
    }
    return try FileSystem.create(Array(text.utf8), at: path)
  }
}
