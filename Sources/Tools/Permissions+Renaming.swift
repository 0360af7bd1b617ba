public import JSON

extension Permissions {
  /// The document of `permissions.json` with functions under other names: in the rules about them and in the examples. All
  /// are renamed at once, so that two may swap their names. What is no rule stays as it is.
  public static func renaming(_ names: [String: String], in document: JSONValue) -> JSONValue {
    guard var object = document.object, let rules = object["rules"]?.array else { return document }
    object["rules"] = .array(
      rules.map { rule in
        guard var members = renamed(rule, names).object else { return rule }
        for key in ["match", "not_match"] {
          if let examples = members[key]?.array { members[key] = .array(examples.map { renamed($0, names) }) }
        }
        return .object(members)
      })
    return .object(object)
  }

  /// A rule or an example with another function's name.
  private static func renamed(_ value: JSONValue, _ names: [String: String]) -> JSONValue {
    guard var object = value.object, let name = object["function"]?.string.flatMap({ names[$0] }) else { return value }
    object["function"] = .string(name)
    return .object(object)
  }
}
