import ConstrainedDecoding
import JSON

extension Command {
  static let validate = Command(
    name: "validate", summary: "values against a JSON Schema, by validation or with --decode by its grammar",
    operands: "[FILE…]", operandLimit: .max,
    options: [
      Option("--schema", "FILE", "the schema for all values; its draft is the one of $schema, else 2020-12"),
      Option("--instances", "FILE", "the values, one a line (default: standard input)"),
      Option(
        "--draft", "NAME",
        "\(Dialect.Draft.allCases.map(\.name).joined(separator: ", ")): instead of what $schema says"),
      Option("--formats", nil, "check \"format\" too; by the drafts it is an annotation"),
      Option(
        "--documents", "PREFIX=FOLDER", "where documents are whose URIs start with PREFIX; nothing is ever fetched",
        repeats: true),
      Option("--decode", nil, "follow each value through the schema's grammar as a decoder would; FILEs hold the rows"),
      Option("--model", "MODEL", "with --decode, by this model's tokens (default: byte by byte)"),
      Option("--key-order", "ORDER", "with --decode: schema (default) or any"),
      Option("--then-check", nil, "with --decode, \"results\" are those of the grammar and the validation behind it"),
      Option("--walks", "N", "with --decode, also N random texts under each grammar's masks, which must be valid"),
      Option("--seed", "N", "of the random texts (default: 1)"),
      Option("--timings", nil, "with --decode, processor time of the thread for compiling and for masks"),
      Option("--json", nil, "with --decode, one JSON object a row, then one with the totals"),
    ],
    details: """
      With --schema, lines in are values; lines out are {"valid": true, "errors": []}, where an error has "instance" and
      "schema" (JSON Pointers), "keyword" and "sentence". Exit code 1 if a value is not valid.
      Without --schema, lines in are {"schema": {…}, "instances": […]}; lines out are {"compiled": true, "results": [true]} or
      {"compiled": false, "reason": "…", "results": []}.
      What can be called neither valid nor invalid is null, with a "reason": a schema that applies itself for ever, a pattern
      that is none.
      With --decode, rows are {"schema": {…}, "tests": [{"data": …, "valid": true}]}, or with "instances", whose validity the
      validator decides, or {"tools": […], "calls": [{"name", "arguments"}]}; an "id" names the row. Values are written with one
      space after commas and colons. A row is right if its schema compiles, and every valid value is admitted and every invalid
      one refused by the grammar or found by the validation that follows. Exit code 1 if a row is not right, an order of
      members that the grammar does not admit apart. Without FILE, rows come from standard input and are answered with JSON.
        lathe validate --decode --model qwen3-0.6b.gguf --timings rows.jsonl
      """
  ) { arguments throws(CommandError) in
    let settings = try ValidationSettings(arguments)
    if arguments.has("--decode") { return try DecodingCommand(arguments, dialect: settings.dialect).run() }
    for option in ["--model", "--key-order", "--then-check", "--walks", "--seed", "--timings", "--json"]
    where arguments.has(option) {
      throw .usage("\(option) needs --decode")
    }
    if let operand = arguments.operands.first {
      throw .usage("\"\(operand)\" is given without --decode; values come from --instances FILE or standard input")
    }
    guard let path = arguments.text("--schema") else {
      if arguments.has("--instances") { throw .usage("--instances needs --schema FILE") }
      try StandardInput.forEachJSONLine { row, line throws(CommandError) in
        StandardOutput.writeLine(try results(row, line, settings))
      }
      return .done
    }
    let schema = try schema(at: path, settings)
    var failed = false
    let check = { (value: JSONValue, _: String) throws(CommandError) in
      let (line, isValid) = verdict(schema, value, settings)
      failed = failed || !isValid
      StandardOutput.writeLine(line)
    }
    if let instances = arguments.text("--instances") {
      try forEachJSONLine(in: instances, check)
    } else {
      try StandardInput.forEachJSONLine(check)
    }
    return failed ? .failedChecks : .done
  }

  private static func schema(at path: String, _ settings: ValidationSettings) throws(CommandError) -> JSONSchema {
    let text = try TextFile.read(path)
    let document: JSONValue
    do { document = try JSONValue(parsing: text, name: path) } catch { throw .input(error.description) }
    do { return try settings.schema(document, name: path) } catch { throw .input(error.description) }
  }

  private static func verdict(
    _ schema: JSONSchema, _ value: JSONValue, _ settings: ValidationSettings
  ) -> (JSONValue, isValid: Bool) {
    do throws(ValidationLimit) {
      let errors = try schema.validate(value, assertingFormats: settings.assertsFormats)
      let list = errors.map { error -> JSONValue in
        [
          "instance": .string(error.instance.text), "schema": .string(error.schema.text),
          "keyword": error.keyword.map { .string($0.rawValue) } ?? .null, "sentence": .string(error.sentence),
        ]
      }
      return (["valid": .bool(errors.isEmpty), "errors": .array(list)], errors.isEmpty)
    } catch {
      return (["valid": nil, "errors": [], "reason": .string(error.description)], false)
    }
  }

  /// One line of the mode without `--schema`.
  private static func results(
    _ row: JSONValue, _ line: String, _ settings: ValidationSettings
  ) throws(CommandError) -> JSONValue {
    guard let document = row["schema"], let instances = row["instances"]?.array else {
      throw .input("\(line): {\"schema\": …, \"instances\": […]} is expected")
    }
    let schema: JSONSchema
    do { schema = try settings.schema(document, name: "schema") } catch {
      return ["compiled": false, "reason": .string(error.description), "results": []]
    }
    var results: [JSONValue] = []
    var reason: JSONValue = nil
    for instance in instances {
      do throws(ValidationLimit) {
        results.append(.bool(try schema.isValid(instance, assertingFormats: settings.assertsFormats)))
      } catch {
        results.append(nil)
        reason = .string(error.description)
      }
    }
    return ["compiled": true, "reason": reason, "results": .array(results)]
  }

  static func forEachJSONLine(
    in path: String, _ body: (JSONValue, String) throws(CommandError) -> Void
  ) throws(CommandError) {
    let lines = try TextFile.read(path).utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    for (index, line) in lines.enumerated() where !line.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) {
      let name = "\(path), line \(index + 1)"
      let value: JSONValue
      do { value = try JSONValue(parsing: Array(line), name: name) } catch { throw .input(error.description) }
      try body(value, name)
    }
  }
}

/// What the options say of every schema and value.
private struct ValidationSettings: Sendable {
  /// Instead of the one that `$schema` names.
  let dialect: Dialect?
  let assertsFormats: Bool
  private let documents: DocumentFolders

  init(_ arguments: Arguments) throws(CommandError) {
    assertsFormats = arguments.has("--formats")
    documents = try DocumentFolders(arguments.texts("--documents"))
    guard let name = arguments.text("--draft") else {
      dialect = nil
      return
    }
    let drafts = Dialect.Draft.allCases
    guard let draft = drafts.first(where: { $0.name == name }) else {
      throw .usage("--draft is \"\(name)\"; one of \(drafts.map(\.name).joined(separator: ", ")) is expected")
    }
    dialect = Dialect(draft)
  }

  func schema(_ document: JSONValue, name: String) throws(SchemaError) -> JSONSchema {
    try JSONSchema(document: document, name: name, dialect: dialect, loader: documents.load)
  }
}

/// Folders that stand for the documents below a URI: `http://localhost:1234/=remotes`.
private struct DocumentFolders: Sendable {
  private let rows: [(prefix: String, folder: String)]

  init(_ texts: [String]) throws(CommandError) {
    var rows: [(prefix: String, folder: String)] = []
    for text in texts {
      guard let sign = text.lastIndex(of: "="), sign != text.startIndex else {
        throw .usage(
          "--documents is \"\(text)\"; PREFIX=FOLDER is expected, such as https://example.com/schemas/=schemas")
      }
      rows.append((String(text[..<sign]), String(text[text.index(after: sign)...])))
    }
    self.rows = rows
  }

  /// The document with a URI; nil where no folder has it or what it has is not JSON.
  func load(_ uri: String) -> JSONValue? {
    for (prefix, folder) in rows where uri.hasPrefix(prefix) {
      let path = uri.dropFirst(prefix.count)
      guard !path.split(separator: "/").contains("..") else { continue }
      if let text = try? TextFile.read("\(folder)/\(path)"), let value = try? JSONValue(parsing: text) { return value }
    }
    return nil
  }
}
