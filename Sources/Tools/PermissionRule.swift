import ConstrainedDecoding
public import Engine
public import JSON

/// Whether a call may be run.
public enum Permission: String, Sendable, CaseIterable { case deny, ask, allow }

/// One rule of `permissions.json`: which calls it is about and what becomes of them.
///
///     {
///       "decision": "deny",                                     "deny", "ask" or "allow"
///       "function": "send_email",                               a name, or "*" for every function
///       "when": {"to": {"not": {"type": "string", "pattern": "@example\\.com$"}}},
///                                                               per argument a JSON Schema; all have to hold
///       "reason": "only to our own domain",                     the model is told, and the dialog shows it
///       "match": [{"arguments": {"to": "eve@evil.org"}}],
///       "not_match": [{"arguments": {"to": "li.wei@example.com"}}]
///     }
///
/// The rule matches a call of its function whose arguments named in `when` are all there and conform. It is evaluated on
/// the parsed arguments, never on text. Its examples are calls, of the rule's own function unless they name another with
/// `"function"`; a rule needs at least one that it matches and one that it does not, and a file with a rule that judges one
/// of its own examples otherwise is refused.
public struct PermissionRule: Sendable {
  public var decision: Permission
  /// "*" for every function.
  public let function: String
  public let reason: String?
  let predicates: [(argument: String, schema: JSONSchema)]
  /// As it stands in the file.
  public private(set) var json: JSONObject

  /// - Parameter path: the rule's place in an error.
  init(_ value: JSONValue, path: String) throws(ToolFileError) {
    let rule = try FileObject(
      value, path, what: "a rule", members: ["decision", "function", "when", "reason", "match", "not_match"])
    guard let decision = try rule.string("decision").flatMap(Permission.init(rawValue:)) else {
      throw rule.fault("decision", expected: "\"deny\", \"ask\" or \"allow\"")
    }
    guard let function = try rule.string("function"), !function.isEmpty else {
      throw rule.fault("function", expected: "the name of a function, or \"*\"")
    }
    self.decision = decision
    self.function = function
    reason = try rule.string("reason")
    json = rule.object
    var predicates: [(argument: String, schema: JSONSchema)] = []
    if let when = rule.object["when"] {
      guard let object = when.object else { throw rule.fault("when", expected: "an object of JSON Schemas") }
      for (argument, schema) in object {
        do throws(SchemaError) {
          predicates.append((argument, try JSONSchema(document: schema, name: "\(rule.place("when"))/\(argument)")))
        } catch {
          throw ToolFileError(path: "\(rule.place("when"))/\(argument)", sentence: error.description)
        }
      }
    }
    self.predicates = predicates
    try checkExamples(rule)
  }

  /// Whether the rule is about a call. Where a predicate cannot be decided (a schema that refers to itself without end),
  /// a rule that forbids or asks holds and one that allows does not.
  public func matches(_ call: ToolCall) -> Bool {
    guard function == "*" || function == call.name else { return false }
    return predicates.allSatisfy { argument, schema in
      guard let value = call.arguments[argument] else { return false }
      do throws(ValidationLimit) {
        return try schema.isValid(value, assertingFormats: true)
      } catch {
        return decision != .allow
      }
    }
  }

  /// The rule without its examples.
  var statement: JSONObject {
    var statement = json
    statement["match"] = nil
    statement["not_match"] = nil
    return statement
  }

  /// The same rule with another decision.
  func deciding(_ decision: Permission) -> PermissionRule {
    var rule = self
    rule.decision = decision
    rule.json["decision"] = .string(decision.rawValue)
    return rule
  }

  private func checkExamples(_ rule: FileObject) throws(ToolFileError) {
    let matchesEverything = function == "*" && predicates.isEmpty
    for (key, expected) in [("match", true), ("not_match", false)] {
      let examples = rule.object[key]?.array ?? []
      guard !examples.isEmpty || (matchesEverything && !expected) else {
        throw ToolFileError(
          path: rule.place(key),
          sentence: "a rule needs at least one example of a call that it \(expected ? "matches" : "does not match")")
      }
      for (index, example) in examples.enumerated() {
        let place = "\(rule.place(key))/\(index)"
        let object = try FileObject(example, place, what: "an example", members: ["function", "arguments"])
        guard let arguments = object.object["arguments"]?.object else {
          throw ToolFileError(path: place, sentence: "\"arguments\", an object, is missing")
        }
        let name = try object.string("function") ?? (function == "*" ? "any" : function)
        let call = ToolCall(name: name, arguments: arguments)
        guard matches(call) == expected else {
          throw ToolFileError(
            path: place,
            sentence:
              "the rule \(expected ? "does not match" : "matches") \(call.text), which is under \"\(key)\"; change the rule or the example, the file is not used as it is"
          )
        }
      }
    }
  }
}

extension ToolCall {
  /// As messages to people name it: `send_email({"to": "li.wei@example.com"})`.
  public var text: String { "\(name)(\(JSONValue.object(arguments).text(.spaced)))" }
}
