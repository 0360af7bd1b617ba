public import Engine
public import JSON

/// Which calls may be run: the document of `permissions.json`.
///
///     {
///       "rules": [ … ],          see PermissionRule
///       "otherwise": "ask"       for a call that no rule matches
///     }
///
/// The rules that deny are looked at first, then those that ask, then those that allow, whatever their order in the file;
/// the first that matches decides. Without `otherwise`, a call that no rule matches is run if nothing is executed by it
/// (a mock, or a result typed by a person) and asked about if it runs a command.
public struct Permissions: Sendable {
  public private(set) var rules: [PermissionRule] = []
  public var otherwise: Permission?
  /// Why the file is not used; then every call is asked about.
  public private(set) var problem: String?

  /// Without rules.
  public init() {}

  /// - Parameter path: what the document is called in an error.
  public init(_ value: JSONValue, path: String) throws(ToolFileError) {
    let file = try FileObject(value, path, what: "permissions", members: ["rules", "otherwise"])
    if let member = file.object["rules"] {
      guard let elements = member.array else { throw file.fault("rules", expected: "an array of rules") }
      for (index, element) in elements.enumerated() {
        rules.append(try PermissionRule(element, path: "\(file.place("rules"))/\(index)"))
      }
    }
    if let word = try file.string("otherwise") {
      guard let permission = Permission(rawValue: word) else {
        throw file.fault("otherwise", expected: "\"deny\", \"ask\" or \"allow\"")
      }
      otherwise = permission
    }
  }

  /// What holds while the file is refused for this reason: every call is asked about.
  public init(refusedBecause problem: String) {
    otherwise = .ask
    self.problem = problem
  }

  /// What the rules say of a call.
  /// - Parameter executes: whether running it starts a program.
  public func verdict(on call: ToolCall, executes: Bool) -> PermissionVerdict {
    for decision in Permission.allCases {
      if let index = rules.firstIndex(where: { $0.decision == decision && $0.matches(call) }) {
        let rule = rules[index]
        return PermissionVerdict(permission: decision, rule: index, reason: rule.reason, matched: rule.statement)
      }
    }
    return PermissionVerdict(permission: otherwise ?? (executes ? .ask : .allow), rule: nil, reason: problem)
  }

  /// The same with a rule by which this call is run from now on without being asked about: the rule that asks allows
  /// instead, or where none matched, a rule that allows the function is added.
  public func allowing(_ call: ToolCall, after verdict: PermissionVerdict) throws(ToolFileError) -> Permissions {
    var permissions = self
    if let index = verdict.rule, rules.indices.contains(index) {
      permissions.rules[index] = rules[index].deciding(.allow)
    } else {
      let rule: JSONValue = [
        "decision": "allow", "function": .string(call.name),
        "match": [["arguments": .object(call.arguments)]],
        "not_match": [["function": .string("not_" + call.name), "arguments": [:]]],
      ]
      permissions.rules.append(try PermissionRule(rule, path: "permissions.json#/rules/\(rules.count)"))
    }
    return permissions
  }

  /// The same with rules in front that deny these functions.
  public func denying(_ functions: [String], reason: String) throws(ToolFileError) -> Permissions {
    var permissions = self
    for function in functions {
      let rule: JSONValue = [
        "decision": "deny", "function": .string(function), "reason": .string(reason),
        "match": [["arguments": [:]]],
        "not_match": function == "*" ? [] : [["function": .string("not_" + function), "arguments": [:]]],
      ]
      permissions.rules.insert(try PermissionRule(rule, path: "--deny \(function)"), at: 0)
    }
    return permissions
  }

  /// As the file has it.
  public var json: JSONValue {
    var object: JSONObject = ["rules": .array(rules.map { .object($0.json) })]
    if let otherwise, problem == nil { object["otherwise"] = .string(otherwise.rawValue) }
    return .object(object)
  }
}

/// What the rules say of a call.
public struct PermissionVerdict: Sendable, Equatable {
  public var permission: Permission
  /// Index of the rule that decided; nil if none matched.
  public var rule: Int?
  /// The rule's.
  public var reason: String?
  /// The rule as it stands in the file, without its examples.
  public var matched: JSONObject?

  public init(permission: Permission, rule: Int?, reason: String?, matched: JSONObject? = nil) {
    self.permission = permission
    self.rule = rule
    self.reason = reason
    self.matched = matched
  }
}
