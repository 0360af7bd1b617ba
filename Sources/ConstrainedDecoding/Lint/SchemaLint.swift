public import JSON

/// Examines definitions of functions for what models and providers stumble over.
///
///     let findings = SchemaLint(profiles: [.qwen3]).findings(in: document, name: "get_weather.json")
public struct SchemaLint: Sendable {
  /// What a definition may cost, in tokens.
  public struct Budget: Sendable {
    public let tokensPerFunction: Int
    public let tokensPerSet: Int
    /// The tokens of a text, by the model's tokenizer.
    public let count: @Sendable (String) -> Int

    /// The default for a set is the median of 57 published servers (mcplint-cli's survey).
    public init(tokensPerFunction: Int = 500, tokensPerSet: Int = 2_636, count: @escaping @Sendable (String) -> Int) {
      self.tokensPerFunction = tokensPerFunction
      self.tokensPerSet = tokensPerSet
      self.count = count
    }
  }

  /// Whose rules hold, besides those for everyone.
  public let profiles: [LintProfile]
  /// Nil leaves costs out.
  public let budget: Budget?

  public init(profiles: [LintProfile] = [.qwen3], budget: Budget? = nil) {
    self.profiles = profiles
    self.budget = budget
  }

  /// All rules, in the order of their ids.
  public static let rules: [LintRule] =
    LintRule.names + LintRule.descriptions + LintRule.parameters + LintRule.strict + LintRule.protocols

  /// The findings in a document with one definition or a list of them, by place in the rules' table for each definition.
  public func findings(in document: JSONValue, name: String) -> [LintFinding] {
    findings(in: LintedTool.tools(in: document, name: name))
  }

  /// The findings in each of several documents whose functions are offered together.
  public func findings(in documents: [(name: String, value: JSONValue)]) -> [[LintFinding]] {
    let tools = documents.map { LintedTool.tools(in: $0.value, name: $0.name) }
    let all = tools.flatMap(\.self)
    var start = 0
    return tools.map { own in
      defer { start += own.count }
      return own.indices.flatMap { findings(of: start + $0, in: all) }
    }
  }

  /// The findings in one document whose functions are offered together with those of others.
  public func findings(in document: JSONValue, name: String, besides others: [JSONValue]) -> [LintFinding] {
    let known = others.flatMap { LintedTool.tools(in: $0, name: "") }
    let own = LintedTool.tools(in: document, name: name)
    return own.indices.flatMap { findings(of: known.count + $0, in: known + own) }
  }

  private func findings(in tools: [LintedTool]) -> [LintFinding] {
    tools.indices.flatMap { findings(of: $0, in: tools) }
  }

  private func findings(of index: Int, in tools: [LintedTool]) -> [LintFinding] {
    var findings: [LintFinding] = []
    let context = LintContext(tool: tools[index], index: index, tools: tools, profiles: profiles, budget: budget)
    for rule in Self.rules where rule.profiles.map({ !$0.isDisjoint(with: profiles) }) ?? true {
      for remark in rule.check(context) {
        let finding = LintFinding(
          rule: rule.id, severity: remark.severity ?? rule.severity, pointer: remark.pointer, sentence: remark.sentence,
          fix: remark.fix ?? LintCorrection(tool: context.tool, rule: rule.id, pointer: remark.pointer).fix)
        if !findings.contains(finding) { findings.append(finding) }
      }
    }
    return findings
  }
}

/// One thing to look for.
public struct LintRule: Sendable {
  /// As in the table of rules: a letter for the group and a number.
  public let id: String
  public let severity: LintSeverity
  /// What is demanded, in a few words.
  public let summary: String
  /// For whom alone the rule holds; nil for everyone.
  public let profiles: Set<LintProfile>?
  let check: @Sendable (LintContext) -> [LintRemark]

  init(
    _ id: String, _ severity: LintSeverity, _ summary: String, for profiles: Set<LintProfile>? = nil,
    _ check: @escaping @Sendable (LintContext) -> [LintRemark]
  ) {
    self.id = id
    self.severity = severity
    self.summary = summary
    self.profiles = profiles
    self.check = check
  }
}

/// What a rule looks at: one definition among those it is offered with.
struct LintContext {
  let tool: LintedTool
  let index: Int
  let tools: [LintedTool]
  let profiles: [LintProfile]
  let budget: SchemaLint.Budget?

  /// The definitions before this one, with which a pair is reported once.
  var earlier: ArraySlice<LintedTool> { tools[..<index] }
  var places: [LintedSchema] { tool.places }
  var properties: [(name: String, place: LintedSchema)] {
    places.compactMap { place in
      if case .property(let name) = place.role { (name, place) } else { nil }
    }
  }
}

/// A finding before the rule's name is put to it.
struct LintRemark {
  let pointer: JSONPointer
  let sentence: String
  var severity: LintSeverity?
  var fix: LintFix?

  init(_ pointer: JSONPointer, _ sentence: String, severity: LintSeverity? = nil, fix: LintFix? = nil) {
    self.pointer = pointer
    self.sentence = sentence
    self.severity = severity
    self.fix = fix
  }
}
