import ConstrainedDecoding
import JSON
import Tokenization

extension Command {
  static let lint = Command(
    name: "lint", summary: "function definitions and schemas for what models and providers stumble over",
    operands: "FILE…",
    operandLimit: .max,
    options: [
      Option(
        "--profile", "NAME", "\(LintProfile.allCases.map(\.rawValue).joined(separator: ", ")) (default: qwen3)",
        repeats: true),
      Option("--model", "MODEL", "also count tokens, by this model's tokenizer"),
      Option("--budget", "TOKENS", "what one definition may cost, with --model (default: 500)"),
      Option("--rules", nil, "list the rules instead"),
      .json,
    ],
    details: """
      A file holds a definition in OpenAI's, Anthropic's, Gemini's or MCP's form, a list of them, or a schema alone. All files are
      taken to be offered together. Exit code 1 if there is an error; warnings and remarks do not count.
      With --json each finding has "file", "line", "column", "rule", "severity", "pointer", "sentence" and "fix": null or a title
      and its edits (as in RFC 6902).
      """
  ) { arguments throws(CommandError) in
    if arguments.has("--rules") {
      for rule in SchemaLint.rules {
        let profiles = rule.profiles.map { set in
          LintProfile.allCases.filter(set.contains).map(\.title).joined(separator: ", ")
        }
        StandardOutput.writeLine(
          "\(rule.id)\t\(rule.severity.rawValue)\t\(rule.summary)\(profiles.map { " (\($0))" } ?? "")")
      }
      return .done
    }
    if arguments.operands.isEmpty { throw .usage("lint needs files: lathe lint FILE…") }
    let lint = SchemaLint(profiles: try profiles(arguments), budget: try budget(arguments))
    var files: [LintedFile] = []
    for path in arguments.operands { files.append(try LintedFile(path)) }
    let findings = lint.findings(in: files.map { ($0.path, $0.document.value) })
    for (file, found) in zip(files, findings) {
      for finding in found {
        let place = file.place(of: finding.pointer)
        if arguments.has("--json") {
          StandardOutput.writeLine(json(finding, file.path, place))
        } else {
          let fix = finding.fix.map { "; fix: \($0.title)" } ?? ""
          StandardOutput.writeLine(
            "\(place.place): \(finding.severity.rawValue) \(finding.rule): \(finding.sentence)\(fix)")
        }
      }
    }
    let all = findings.flatMap(\.self)
    let counts = LintSeverity.allCases.reversed().map { severity in
      "\(severity.rawValue) \(all.count { $0.severity == severity })"
    }
    StandardError.write("lathe lint: \(counts.joined(separator: ", "))\n")
    return all.contains { $0.severity == .error } ? .failedChecks : .done
  }

  private static func profiles(_ arguments: Arguments) throws(CommandError) -> [LintProfile] {
    var profiles: [LintProfile] = []
    for name in arguments.texts("--profile") {
      guard let profile = LintProfile(rawValue: name) else {
        throw .usage(
          "--profile is \"\(name)\"; one of \(LintProfile.allCases.map(\.rawValue).joined(separator: ", ")) is expected"
        )
      }
      profiles.append(profile)
    }
    return profiles.isEmpty ? [.qwen3] : profiles
  }

  private static func budget(_ arguments: Arguments) throws(CommandError) -> SchemaLint.Budget? {
    let limit = try arguments.integer("--budget", in: 1 ... .max)
    guard arguments.has("--model") else {
      if limit != nil { throw .usage("--budget needs --model: another tokenizer counts other tokens") }
      return nil
    }
    let tokenizer = try ModelArgument.tokenizer(of: try ModelArgument.checkpoint(arguments))
    return SchemaLint.Budget(tokensPerFunction: limit ?? 500) { tokenizer.encode($0).count }
  }

  private static func json(_ finding: LintFinding, _ file: String, _ place: SourceExcerpt) -> JSONValue {
    let fix = finding.fix.map { fix -> JSONValue in
      let edits = fix.edits.map { edit -> JSONValue in
        switch edit {
        case .set(let pointer, let value): ["op": "add", "path": .string(pointer.text), "value": value]
        case .remove(let pointer): ["op": "remove", "path": .string(pointer.text)]
        case .rename(let pointer, let name):
          ["op": "move", "from": .string(pointer.text), "path": .string(pointer.naming(name).text)]
        }
      }
      return ["title": .string(fix.title), "edits": .array(edits)]
    }
    return [
      "file": .string(file), "line": .number(JSONNumber(place.line)), "column": .number(JSONNumber(place.column)),
      "rule": .string(finding.rule), "severity": .string(finding.severity.rawValue),
      "pointer": .string(finding.pointer.text),
      "sentence": .string(finding.sentence), "fix": fix ?? .null,
    ]
  }
}

/// A file with definitions, and where everything in it stands.
private struct LintedFile {
  let path: String
  let text: String
  let document: JSONDocument

  init(_ path: String) throws(CommandError) {
    self.path = path
    text = try TextFile.read(path)
    do { document = try JSONDocument(parsing: text, name: path) } catch { throw .input(error.description) }
  }

  /// The place of a value, or of the nearest one around it that is written.
  func place(of pointer: JSONPointer) -> SourceExcerpt {
    SourceExcerpt(of: text.utf8, offset: document.range(of: pointer).lowerBound, name: path)
  }
}
