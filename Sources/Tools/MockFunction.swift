public import JSON

/// A function that answers from a table and from what was recorded instead of running anything.
///
///     {
///       "results": [
///         {"when": {"order_id": "ORD12345"}, "result": {"status": "packed"}, "delay_ms": 200},
///         {"when": {"order_id": "ORD99999"}, "error": "no order has this id"}
///       ],
///       "otherwise": {"error": "no order has this id"}
///     }
///
/// The first row whose `when` members all equal the call's arguments answers; then the latest recording of a call with
/// just these arguments; then `otherwise`.
public struct MockFunction: Sendable, Equatable {
  /// What a call gets, and after how long.
  public struct Answer: Sendable, Equatable {
    public var result: ToolResult
    public var delay: Duration
  }
  struct Row: Sendable, Equatable {
    var when: JSONObject
    var answer: Answer
  }

  public let name: String
  let rows: [Row]
  let otherwise: Answer?
  let recordings: [Recording]

  /// - Parameters:
  ///   - table: the document of `mocks/NAME.json`; nil for a function that has only recordings.
  ///   - path: what the document is called in an error.
  public init(
    name: String, _ table: JSONValue?, path: String, recordings: [Recording] = []
  ) throws(ToolFileError) {
    var rows: [Row] = []
    var otherwise: Answer?
    if let table {
      let mock = try FileObject(table, path, what: "a mock", members: ["results", "otherwise"])
      if let results = mock.object["results"] {
        guard let elements = results.array else {
          throw ToolFileError(path: mock.place("results"), sentence: "found \(results.typeName); an array is expected")
        }
        for (index, element) in elements.enumerated() {
          rows.append(try Self.row(element, "\(mock.place("results"))/\(index)"))
        }
      }
      if let answer = mock.object["otherwise"] {
        let place = mock.place("otherwise")
        otherwise = try Self.answer(
          FileObject(answer, place, what: "an answer", members: ["result", "error", "delay_ms"]))
      }
    }
    self.name = name
    self.rows = rows
    self.otherwise = otherwise
    self.recordings = recordings
  }

  /// The answer to a call with these arguments; nil if nothing has one.
  public func answer(_ arguments: JSONObject) -> Answer? {
    if let row = rows.first(where: { $0.when.allSatisfy { key, value in arguments[key] == value } }) {
      return row.answer
    }
    if let recording = recordings.last(where: { $0.arguments == arguments }) {
      return Answer(result: recording.result, delay: .zero)
    }
    return otherwise
  }

  private static func row(_ value: JSONValue, _ place: String) throws(ToolFileError) -> Row {
    let row = try FileObject(value, place, what: "a row", members: ["when", "result", "error", "delay_ms"])
    guard let when = row.object["when"]?.object else {
      throw ToolFileError(path: place, sentence: "\"when\", an object of arguments, is missing")
    }
    return Row(when: when, answer: try answer(row))
  }

  private static func answer(_ row: FileObject) throws(ToolFileError) -> Answer {
    let delay = try row.integer("delay_ms", "milliseconds", in: 0...600_000) ?? 0
    return Answer(result: try ToolResult(row), delay: .milliseconds(delay))
  }
}

/// A result that a function really gave, to be replayed: a line of `recordings/NAME.jsonl`.
///
///     {"arguments": {"city": "Tokyo"}, "result": {"temperature": 21}}
public struct Recording: Sendable, Equatable {
  public var arguments: JSONObject
  public var result: ToolResult

  public init(arguments: JSONObject, result: ToolResult) {
    self.arguments = arguments
    self.result = result
  }

  /// - Parameter path: what the line is called in an error.
  public init(_ line: JSONValue, path: String) throws(ToolFileError) {
    let line = try FileObject(line, path, what: "a recording", members: ["arguments", "result", "error"])
    guard let arguments = line.object["arguments"]?.object else {
      throw ToolFileError(path: path, sentence: "\"arguments\", an object, is missing")
    }
    self.arguments = arguments
    result = try ToolResult(line)
  }

  public var json: JSONValue {
    switch result {
    case .value(let value): .object(["arguments": .object(arguments), "result": value])
    case .error(let sentence): .object(["arguments": .object(arguments), "error": .string(sentence)])
    }
  }
}

extension ToolResult {
  /// The members `result` and `error`, of which there is one.
  fileprivate init(_ row: FileObject) throws(ToolFileError) {
    switch (row.object["result"], row.object["error"]) {
    case (let result?, nil): self = .value(result)
    case (nil, .string(let sentence)?): self = .error(sentence)
    default:
      throw ToolFileError(
        path: row.path, sentence: "exactly one of \"result\" and \"error\" (a string) is expected")
    }
  }
}
