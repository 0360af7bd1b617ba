import Glibc
public import JSON

/// The record of what was asked and answered: `runs/DATE.jsonl`, one JSON object a line, only ever appended to.
///
/// A request is written before it is sent and its answer when it is complete, each line flushed; a crash loses at most
/// the line being written, and the next opening of the workspace says so.
public struct RunLog: Sendable {
  /// The workspace's folder.
  public let folder: String

  public init(folder: String) { self.folder = folder }

  /// Appends one record. `kind` is "request" or "answer"; both carry the run's identifier.
  /// - Parameter day: the local date as YYYY-MM-DD, which names the file.
  public func append(kind: String, run: String, day: String, _ members: JSONObject) throws(DocumentError) {
    var record: JSONObject = ["kind": .string(kind), "run": .string(run)]
    for (key, value) in members { record[key] = value }
    let line = JSONValue.object(record).text(.spaced) + "\n"
    try FileSystem.append(Array(line.utf8), to: "\(folder)/runs/\(day).jsonl")
  }

  /// Today, for `append`.
  public static func today() -> String {
    var now = time(nil)
    var parts = tm()
    localtime_r(&now, &parts)
    func digits(_ number: Int32, _ width: Int) -> String {
      let text = String(number)
      return String(repeating: "0", count: max(0, width - text.count)) + text
    }
    return "\(digits(parts.tm_year + 1900, 4))-\(digits(parts.tm_mon + 1, 2))-\(digits(parts.tm_mday, 2))"
  }

  /// Looks at the newest file for what a crash left: a line cut short is moved to `DATE.partial`, and requests without
  /// an answer are counted. Returns a sentence for each.
  static func recover(in folder: String) throws(DocumentError) -> [String] {
    guard let newest = try FileSystem.names(in: folder + "/runs", ending: ".jsonl").last else { return [] }
    let path = "\(folder)/runs/\(newest)"
    var bytes = try FileSystem.read(path)
    var notices: [String] = []
    if let last = bytes.last, last != 0x0A {
      let lineStart = (bytes.lastIndex(of: 0x0A) ?? -1) + 1
      let partial = Array(bytes[lineStart...])
      try FileSystem.append(partial + [0x0A], to: String(path.dropLast(5)) + "partial")
      bytes.removeSubrange(lineStart...)
      try FileSystem.writeAtomically(bytes, to: path)
      notices.append(
        "runs/\(newest): the last line was cut short (\(partial.count) bytes) and is set aside in \(newest.dropLast(5))partial; nothing before it is lost"
      )
    }
    var unanswered: Set<String> = []
    for line in bytes.split(separator: 0x0A) {
      guard let record = try? JSONValue(parsing: Array(line)), let run = record["run"]?.string else { continue }
      if record["kind"]?.string == "request" { unanswered.insert(run) } else { unanswered.remove(run) }
    }
    if !unanswered.isEmpty {
      // Answered on record, so that the sentence is said once.
      let day = String(newest.dropLast(6))
      for run in unanswered.sorted() {
        try RunLog(folder: folder).append(kind: "answer", run: run, day: day, ["stop": "interrupted"])
      }
      notices.append(
        "runs/\(newest): \(unanswered.count == 1 ? "one request has" : "\(unanswered.count) requests have") no answer: the program ended before it came"
      )
    }
    return notices
  }
}
