import ConstrainedDecoding
import Engine
import Glibc
import JSON
import ModelFiles
import Tokenization

/// `lathe validate --decode`: rows of schemas with values, or of functions with calls, through their grammars.
struct DecodingCommand {
  private let check: DecodingCheck
  private let walk: RandomWalk
  private let vocabulary: DecodingVocabulary?
  private let keyOrder: KeyOrder
  private let dialect: Dialect?
  private let paths: [String]
  private let schemaPath: String?
  private let instancesPath: String?
  private let writesJSON: Bool
  private let thenChecks: Bool
  private let hasTimings: Bool
  private let walkCount: Int
  private let seed: UInt64

  init(_ arguments: Arguments, dialect: Dialect?) throws(CommandError) {
    self.dialect = dialect
    switch arguments.text("--key-order") {
    case nil, "schema": keyOrder = .schema
    case "any": keyOrder = .any
    case let order?: throw .usage("--key-order is \"\(order)\"; schema or any is expected")
    }
    schemaPath = arguments.text("--schema")
    instancesPath = arguments.text("--instances")
    paths = arguments.operands
    if schemaPath == nil, instancesPath != nil { throw .usage("--instances needs --schema FILE") }
    if schemaPath != nil, let path = paths.first {
      throw .usage("\"\(path)\" is given beside --schema; rows have their own")
    }
    writesJSON = arguments.has("--json")
    thenChecks = arguments.has("--then-check")
    hasTimings = arguments.has("--timings")
    walkCount = try arguments.integer("--walks", in: 0...1_000_000) ?? 0
    seed = UInt64(try arguments.integer("--seed", in: 0...Int.max) ?? 1)
    guard arguments.has("--model") else {
      vocabulary = nil
      check = .bytes(keyOrder: keyOrder)
      walk = RandomWalk(check.vocabulary)
      return
    }
    let checkpoint = try ModelArgument.checkpoint(arguments)
    let tokenizer = try ModelArgument.tokenizer(of: checkpoint)
    let data: TokenizerData
    do { data = try checkpoint.requireTokenizer() } catch { throw .input(error.description) }
    let vocabulary = DecodingVocabulary(
      tokenizer, count: max(tokenizer.vocabularySize, checkpoint.hyperparameters.vocabularySize),
      controlTokens: data.addedTokens.map(\.id),
      endTokens: DecodingVocabulary.endTokens(checkpoint.generationDefaults, data))
    self.vocabulary = vocabulary
    check = DecodingCheck(vocabulary: vocabulary.trie, tokens: vocabulary.tokens, keyOrder: keyOrder) { text in
      tokenizer.encode(text).map { Int($0) }
    }
    walk = RandomWalk(vocabulary.trie)
  }

  func run() throws(CommandError) -> ExitCode {
    var report = DecodingReport(writesJSON: writesJSON, thenChecks: thenChecks, hasTimings: hasTimings)
    if let schemaPath {
      let text = try TextFile.read(schemaPath)
      let document: JSONValue
      do { document = try JSONValue(parsing: text, name: schemaPath) } catch { throw .input(error.description) }
      var instances: [(value: JSONValue, isValid: Bool?)] = []
      if let instancesPath {
        try Command.forEachJSONLine(in: instancesPath) { value, _ in instances.append((value, nil)) }
      } else if walkCount == 0 {
        try StandardInput.forEachJSONLine { value, _ in instances.append((value, nil)) }
      }
      report.add(
        schemaPath, check.check(document, name: schemaPath, dialect: dialect, instances: instances), walks(document))
    } else if paths.isEmpty {
      report.writesJSON = true
      try StandardInput.forEachJSONLine { row, line throws(CommandError) in try add(row, line, &report) }
    } else {
      for path in paths {
        try Command.forEachJSONLine(in: path) { row, line throws(CommandError) in try add(row, line, &report) }
      }
    }
    if !(paths.isEmpty && schemaPath == nil) {
      report.finish(vocabulary: vocabulary == nil ? nil : check.vocabulary.tokenCount)
    }
    return report.failureCount == 0 ? .done : .failedChecks
  }

  private func add(_ row: JSONValue, _ line: String, _ report: inout DecodingReport) throws(CommandError) {
    let id = row["id"]?.string ?? line
    if let tools = row["tools"]?.array {
      var functions: [(name: String, parameters: JSONValue)] = []
      for tool in tools {
        let definition = tool["function"] ?? tool
        guard let name = definition["name"]?.string else { throw .input("\(line): a tool has no \"name\"") }
        functions.append((name, definition["parameters"] ?? true))
      }
      let calls = (row["calls"]?.array ?? []).map { ($0["name"]?.string ?? "", $0["arguments"] ?? [:]) }
      if functions.isEmpty || calls.isEmpty { return }
      report.add(id, check.check(functions: functions, calls: calls), [])
      return
    }
    guard let document = row["schema"] else {
      throw .input("\(line): {\"schema\": …, \"tests\": […]} or {\"tools\": […], \"calls\": […]} is expected")
    }
    var instances: [(value: JSONValue, isValid: Bool?)] = []
    for value in row["instances"]?.array ?? [] { instances.append((value, nil)) }
    for test in row["tests"]?.array ?? [] {
      guard let data = test["data"] else { throw .input("\(line): a test has no \"data\"") }
      instances.append((data, test["valid"]?.bool))
    }
    report.add(
      id, check.check(document, name: id, dialect: dialect, instances: instances), walks(document, row: report.rowCount)
    )
  }

  /// Each row's texts are others, and the same each time.
  private func walks(_ document: JSONValue, row: Int = 0) -> [DecodingCheck.WalkOutcome] {
    if walkCount == 0 { return [] }
    var random = SplitMix64(state: seed &+ UInt64(row) << 32)
    return check.walks(document, dialect: dialect, count: walkCount, walk, using: &random)
  }
}
