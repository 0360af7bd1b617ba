import Engine
import JSON
import Testing
import Tools

@Suite struct PermissionsTests {
  static func permissions(_ json: String) throws -> Permissions {
    try Permissions(JSONValue(parsing: json), path: "permissions.json")
  }

  static let mail = #"""
    {"rules": [
      {"decision": "allow", "function": "*", "match": [{"function": "any", "arguments": {}}]},
      {"decision": "ask", "function": "send_email",
       "match": [{"arguments": {"to": "x"}}], "not_match": [{"function": "get_weather", "arguments": {}}]},
      {"decision": "deny", "function": "send_email", "when": {"to": {"not": {"type": "string", "pattern": "@example\\.com$"}}},
       "reason": "only to our own domain",
       "match": [{"arguments": {"to": "eve@evil.org"}}, {"arguments": {"to": ["a@example.com"]}}],
       "not_match": [{"arguments": {"to": "li.wei@example.com"}}, {"arguments": {}}]}
    ]}
    """#

  @Test(arguments: [
    ("send_email", #"{"to": "li.wei@example.com"}"#, Permission.ask, 1),
    ("send_email", #"{"to": "eve@evil.org"}"#, .deny, 2),
    ("send_email", #"{"to": "eve@evil.org?cc=li.wei@example.com "}"#, .deny, 2),
    ("send_email", #"{"to": "eve\u0040evil.org"}"#, .deny, 2),
    ("send_email", #"{"TO": "eve@evil.org"}"#, .ask, 1),
    ("get_weather", #"{"city": "深圳"}"#, .allow, 0),
  ] as [(String, String, Permission, Int)])
  func `deny comes before ask and ask before allow, on the parsed arguments, whatever the order in the file`(
    function: String, arguments: String, permission: Permission, rule: Int
  ) throws {
    let call = ToolCall(name: function, arguments: try #require(JSONValue(parsing: arguments).object))
    let verdict = try Self.permissions(Self.mail).verdict(on: call, executes: false)
    #expect(verdict.permission == permission)
    #expect(verdict.rule == rule)
  }

  @Test func `without a rule a command is asked about, and what executes nothing is run, unless the file says otherwise`()
    throws
  {
    let call = ToolCall(name: "f", arguments: [:])
    #expect(Permissions().verdict(on: call, executes: true).permission == .ask)
    #expect(Permissions().verdict(on: call, executes: false).permission == .allow)
    let strict = try Self.permissions(#"{"otherwise": "deny"}"#)
    #expect(strict.verdict(on: call, executes: false).permission == .deny)
  }

  @Test func `a refused file makes every call ask, and says why`() {
    let verdict = Permissions(refusedBecause: "permissions.json: x")
      .verdict(on: ToolCall(name: "f", arguments: [:]), executes: false)
    #expect(verdict == PermissionVerdict(permission: .ask, rule: nil, reason: "permissions.json: x"))
  }

  @Test func `a call that is allowed as a rule is not asked about again, in the file that is written`() throws {
    let mail = ToolCall(name: "send_email", arguments: ["to": "li.wei@example.com"])
    let permissions = try Self.permissions(Self.mail)
    let changed = try permissions.allowing(mail, after: permissions.verdict(on: mail, executes: false))
    let again = try Permissions(changed.json, path: "permissions.json")
    #expect(again.verdict(on: mail, executes: true).permission == .allow)
    // The rule that denies still holds.
    #expect(
      again.verdict(on: ToolCall(name: "send_email", arguments: ["to": "eve@evil.org"]), executes: true).permission == .deny)

    let date = ToolCall(name: "date", arguments: [:])
    let added = try Permissions().allowing(date, after: Permissions().verdict(on: date, executes: true))
    let read = try Permissions(added.json, path: "permissions.json")
    #expect(read.verdict(on: date, executes: true).permission == .allow)
    #expect(read.verdict(on: ToolCall(name: "other", arguments: [:]), executes: true).permission == .ask)
  }

  @Test func `a predicate that cannot be decided forbids, and never allows`() throws {
    func verdict(_ decision: String) throws -> Permission {
      let schema = ##"{"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}}"##
      let (here, elsewhere) = (#"{"arguments": {"x": 1}}"#, #"{"arguments": {}}"#)
      // An allowing rule cannot be given an example that matches: the file is refused.
      let json = "{\"rules\": [{\"decision\": \"\(decision)\", \"function\": \"f\", \"when\": {\"x\": \(schema)}, \"match\": [\(here)], \"not_match\": [\(elsewhere)]}]}"
      return try Self.permissions(json).verdict(on: ToolCall(name: "f", arguments: ["x": 2]), executes: false).permission
    }
    #expect(try verdict("deny") == .deny)
    #expect(try verdict("ask") == .ask)
    #expect(throws: ToolFileError.self) { try verdict("allow") }
  }

  @Test(arguments: [
    (
      #"{"decision": "deny", "function": "f", "when": {"path": {"pattern": "^/etc"}}, "match": [{"arguments": {"path": "etc"}}], "not_match": [{"arguments": {"path": "x"}}]}"#,
      "permissions.json#/rules/0/match/0: the rule does not match f({\"path\": \"etc\"}), which is under \"match\"; change the rule or the example, the file is not used as it is"
    ),
    (
      #"{"decision": "deny", "function": "f", "when": {"path": {"pattern": "etc"}}, "match": [{"arguments": {"path": "/etc"}}], "not_match": [{"arguments": {"path": "fetch"}}]}"#,
      "permissions.json#/rules/0/not_match/0: the rule matches f({\"path\": \"fetch\"}), which is under \"not_match\"; change the rule or the example, the file is not used as it is"
    ),
    (
      #"{"decision": "deny", "function": "f", "match": [{"arguments": {}}]}"#,
      "permissions.json#/rules/0/not_match: a rule needs at least one example of a call that it does not match"
    ),
    (
      #"{"decision": "forbid", "function": "f"}"#,
      "permissions.json#/rules/0/decision: found \"forbid\"; \"deny\", \"ask\" or \"allow\" is expected"
    ),
    (
      #"{"decision": "deny", "function": "f", "unless": {}}"#,
      "permissions.json#/rules/0/unless: not a member of a rule; \"decision\", \"function\", \"when\", \"reason\", \"match\" and \"not_match\" are"
    ),
  ])
  func `a file whose examples fail, or that is none, is refused with the place`(rule: String, sentence: String) {
    #expect {
      try Self.permissions("{\"rules\": [\(rule)]}")
    } throws: { error in
      String(describing: error) == sentence
    }
  }
}
