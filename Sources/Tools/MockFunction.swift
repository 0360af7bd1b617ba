public import JSON

/// What a function call came to: a JSON value for the model, or an error that it is told of.
public enum ToolResult: Sendable, Equatable {
  case value(JSONValue)
  case error(String)

  /// The text of the tool's message: the value as the model's own training writes it, an error as an object.
  public var content: String {
    switch self {
    case .value(.string(let text)): text
    case .value(let value): value.text(.spaced)
    case .error(let sentence): JSONValue.object(["error": .string(sentence)]).text(.spaced)
    }
  }
}

/// A function that answers from a table instead of running anything.
///
///     {
///       "results": [
///         {"when": {"order_id": "ORD12345"}, "result": {"status": "packed"}, "delay_ms": 200},
///         {"when": {"order_id": "ORD99999"}, "error": "no order has this id"}
///       ],
///       "otherwise": {"error": "no order has this id"}
///     }
///
/// The first row whose `when` members all equal the call's arguments answers; `otherwise` answers the rest.
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

  /// - Parameter path: what the document is called in an error.
  public init(name: String, _ value: JSONValue, path: String) throws(MockError) {
    guard case .object(let object) = value else {
      throw MockError(
        path: path, sentence: "found \(value.typeName); an object with \"results\" and \"otherwise\" is expected")
    }
    var rows: [Row] = []
    var otherwise: Answer?
    for (key, member) in object {
      switch key {
      case "results":
        guard let elements = member.array else {
          throw MockError(path: "\(path)#/results", sentence: "found \(member.typeName); an array is expected")
        }
        for (index, element) in elements.enumerated() {
          let place = "\(path)#/results/\(index)"
          guard let when = element["when"]?.object else {
            throw MockError(path: place, sentence: "\"when\", an object of arguments, is missing")
          }
          rows.append(Row(when: when, answer: try Self.answer(element, place)))
        }
      case "otherwise": otherwise = try Self.answer(member, "\(path)#/otherwise")
      default:
        throw MockError(path: "\(path)#/\(key)", sentence: "not a member of a mock; \"results\" and \"otherwise\" are")
      }
    }
    self.name = name
    self.rows = rows
    self.otherwise = otherwise
  }

  /// The answer to a call with these arguments; nil if no row has one.
  public func answer(_ arguments: JSONObject) -> Answer? {
    rows.first { row in row.when.allSatisfy { key, value in arguments[key] == value } }?.answer ?? otherwise
  }

  private static func answer(_ value: JSONValue, _ place: String) throws(MockError) -> Answer {
    guard case .object(let object) = value else {
      throw MockError(path: place, sentence: "found \(value.typeName); an object is expected")
    }
    for key in object.keys where !["when", "result", "error", "delay_ms"].contains(key) {
      throw MockError(
        path: "\(place)/\(key)", sentence: "not a member of a row; \"when\", \"result\", \"error\" and \"delay_ms\" are"
      )
    }
    var delay = Duration.zero
    if let member = object["delay_ms"] {
      guard let milliseconds = member.int, (0...600_000).contains(milliseconds) else {
        throw MockError(
          path: "\(place)/delay_ms", sentence: "found \(member.text()); milliseconds from 0 to 600000 are expected")
      }
      delay = .milliseconds(milliseconds)
    }
    switch (object["result"], object["error"]) {
    case (let result?, nil): return Answer(result: .value(result), delay: delay)
    case (nil, .string(let sentence)?): return Answer(result: .error(sentence), delay: delay)
    default: throw MockError(path: place, sentence: "exactly one of \"result\" and \"error\" (a string) is expected")
    }
  }
}

/// Why a file of mocked results is not one.
public struct MockError: Error, Sendable, Equatable, CustomStringConvertible {
  public let path: String
  public let sentence: String
  public var description: String { "\(path): \(sentence)" }
}
