import Glibc
import JSON

/// Every saved state of a workspace's functions and prompts, by content.
///
///     revisions/index.jsonl          one line a saved state, only ever appended to
///     revisions/objects/9f2c….json   the state's bytes, named by their SHA-256
///
/// Equal states share a file, so that a run log that names a definition by its hash costs nothing more. Nothing here is
/// ever changed or deleted by the program.
public struct RevisionStore: Sendable {
  /// The workspace's folder.
  public let folder: String

  public init(folder: String) { self.folder = folder }

  private var index: String { folder + "/revisions/index.jsonl" }
  private var objects: String { folder + "/revisions/objects" }

  // MARK: - Writing

  /// Keeps some bytes. Costs a look at the folder if they are there already.
  /// - Parameter ending: of the file's name, ".json" or ".md", so that editors know what it is.
  @discardableResult
  public func keep(_ bytes: [UInt8], ending: String) throws(DocumentError) -> ContentHash {
    let hash = ContentHash(of: bytes)
    if try objectName(hash) == nil {
      try FileSystem.writeAtomically(bytes, to: "\(objects)/\(hash)\(ending)")
    }
    return hash
  }

  /// Notes that a document is about to have these contents, before its file is written. What the file holds now is noted
  /// first if it is no known state, so that nothing another program wrote is lost.
  ///
  /// Saving the latest state again notes nothing.
  public func note(
    _ bytes: [UInt8], at path: String, event: Revision.Event = .saved, time: String = Self.now()
  ) throws(DocumentError) {
    let parent = try noteFound(at: path, time: time)
    let hash = try keep(bytes, ending: Self.ending(of: path))
    guard parent != hash else { return }
    try append(Revision(time: time, event: event, path: path, hash: hash, parent: parent))
  }

  /// Notes that a document is about to be deleted.
  public func noteRemoval(at path: String, time: String = Self.now()) throws(DocumentError) {
    guard let last = try noteFound(at: path, time: time) else { return }
    try append(Revision(time: time, event: .removed, path: path, hash: last, parent: last))
  }

  /// What the document is now, noted if it was not. Nil if there is no file.
  private func noteFound(at path: String, time: String) throws(DocumentError) -> ContentHash? {
    guard FileSystem.isFile("\(folder)/\(path)") else { return nil }
    let bytes = try FileSystem.read("\(folder)/\(path)")
    let hash = ContentHash(of: bytes)
    let last = try history().revisions.last { $0.path == path }
    if let last, last.event != .removed, last.hash == hash { return hash }
    try keep(bytes, ending: Self.ending(of: path))
    try append(Revision(time: time, event: .found, path: path, hash: hash, parent: last?.hash))
    return hash
  }

  private static func ending(of path: String) -> String { path.lastIndex(of: ".").map { String(path[$0...]) } ?? "" }

  private func append(_ revision: Revision) throws(DocumentError) {
    var line = Array((revision.json.text(.spaced) + "\n").utf8)
    // A line that a crash cut short is closed, not continued.
    if FileSystem.isFile(index), let last = try FileSystem.read(index).last, last != 0x0A { line.insert(0x0A, at: 0) }
    try FileSystem.append(line, to: index)
  }

  // MARK: - Reading

  /// The saved states in the order they were saved, and a sentence for each line of the index that is none.
  public func history() throws(DocumentError) -> (revisions: [Revision], notices: [String]) {
    guard FileSystem.isFile(index) else { return ([], []) }
    var revisions: [Revision] = []
    var notices: [String] = []
    let lines = try FileSystem.read(index).split(separator: 0x0A, omittingEmptySubsequences: false)
    for (number, line) in lines.enumerated() where !line.isEmpty {
      if let value = try? JSONValue(parsing: Array(line)), let revision = Revision(value) {
        revisions.append(revision)
      } else {
        notices.append(
          "\(index):\(number + 1): not a revision (time, event, path and hash are expected); the line is passed over, and the others stand"
        )
      }
    }
    return (revisions, notices)
  }

  /// The bytes with this hash. Throws if there are none, or if the file no longer has that hash.
  public func contents(of hash: ContentHash) throws(DocumentError) -> [UInt8] {
    guard let name = try objectName(hash) else {
      throw .badDocument(path: objects, sentence: "no contents with the hash \(hash.short) are kept here")
    }
    let bytes = try FileSystem.read("\(objects)/\(name)")
    guard ContentHash(of: bytes) == hash else {
      throw .badDocument(
        path: "\(objects)/\(name)", sentence: "its contents have another hash than its name: it was changed or damaged")
    }
    return bytes
  }

  /// The one hash that begins with these digits, at least four.
  public func hash(beginning digits: String) throws(DocumentError) -> ContentHash {
    let digits = digits.lowercased()
    guard digits.utf8.count >= 4, digits.allSatisfy(\.isHexDigit) else {
      throw .badDocument(
        path: objects, sentence: "\"\(digits)\" is no hash; at least four hexadecimal digits of one are expected")
    }
    let matches = try FileSystem.names(in: objects, ending: "").filter { $0.hasPrefix(digits) }
      .compactMap { ContentHash(hexadecimal: String($0.prefix(64))) }
    guard let first = matches.first else {
      throw .badDocument(path: objects, sentence: "no hash begins with \(digits)")
    }
    guard matches.count == 1 else {
      throw .badDocument(
        path: objects,
        sentence: "\(matches.count) hashes begin with \(digits): \(matches.map(\.short).joined(separator: ", "))")
    }
    return first
  }

  private func objectName(_ hash: ContentHash) throws(DocumentError) -> String? {
    let text = hash.description
    for ending in [".json", ".md", ""] where FileSystem.isFile("\(objects)/\(text)\(ending)") { return text + ending }
    return nil
  }

  // MARK: - Time

  /// The time of day in UTC: "2026-03-01T09:30:00Z".
  public static func now() -> String {
    var now = time(nil)
    var parts = tm()
    gmtime_r(&now, &parts)
    func digits(_ number: Int32) -> String { (number < 10 ? "0" : "") + String(number) }
    return
      "\(parts.tm_year + 1900)-\(digits(parts.tm_mon + 1))-\(digits(parts.tm_mday))T\(digits(parts.tm_hour)):\(digits(parts.tm_min)):\(digits(parts.tm_sec))Z"
  }
}
