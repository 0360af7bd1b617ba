import Documents
import JSON

extension Command {
  static let importFunctions = Command(
    name: "import", summary: "function definitions of other programs as a workspace's files", operands: "FILE…",
    operandLimit: .max,
    options: [
      Option("--into", "WORKSPACE", "writes functions/NAME.json there; without it the definitions go to standard output"),
      Option("--from", "FORM", "\(FunctionForm.list) (default: what the file looks like)"),
      Option("--replace", nil, "write over functions of the same name; their old state stays among the revisions"),
      .json,
    ],
    details: """
      A file holds one definition, a list of them, a request with "tools", or a server's answer to tools/list. Key order and
      numbers stay as they are written. What changes its words on the way is said on standard error, with --json as objects.
        lathe import tools.json --into weather
      """
  ) { arguments throws(CommandError) in
    if arguments.operands.isEmpty { throw .usage("import needs files: lathe import FILE…") }
    let form = try FunctionForm.named(arguments.text("--from"), option: "--from")
    var found: [JSONValue] = []
    for path in arguments.operands {
      let text = try TextFile.read(path)
      let imported = try documents { () throws(DocumentError) in
        try FunctionImport(try ExchangeText.value(in: text, path: path), path: path, form: form)
      }
      report(imported.notes, asJSON: arguments.has("--json"))
      found += imported.functions
    }
    guard let name = arguments.text("--into") else {
      StandardOutput.writeLine(JSONValue.array(found).text(.pretty))
      return .done
    }
    var workspace = try documents { () throws(DocumentError) in try Workspace.open(name) }
    let functions = found.map {
      FunctionDocument(name: $0["function"]?["name"]?.string ?? "", text: $0.text(.pretty) + "\n")
    }
    for (place, function) in functions.enumerated() where functions[..<place].contains(where: { $0.name == function.name }) {
      throw .input("two of the files define \(function.name); nothing was changed")
    }
    for function in functions where !arguments.has("--replace") {
      if workspace.functions.contains(where: { $0.name == function.name }) {
        throw .input(
          "\(name): it has a function \(function.name) already; --replace writes over it, nothing was changed")
      }
    }
    for function in functions {
      try documents { () throws(DocumentError) in try workspace.save(.function(function)) }
      StandardError.write("lathe: functions/\(function.name).json\n")
    }
    return .done
  }

  static let exportFunctions = Command(
    name: "export", summary: "a workspace's functions in the form of a provider or protocol", operands: "[WORKSPACE]",
    operandLimit: 1,
    options: [
      Option("--to", "FORM", FunctionForm.list),
      Option("--function", "NAME", "only this one", repeats: true),
      Option("--lossy", nil, "write also if something is lost by it, or refused"),
      .json,
    ],
    details: """
      The document goes to standard output. What the form cannot express is said on standard error, with function, place and
      what becomes of it: kept in other words, moved into the description, dropped, or refused: what breaks the rules of
      OpenAI's strict mode in a definition with "strict": true. If something is dropped or refused, nothing is written without
      --lossy, and the exit code is 1.
        lathe export weather --to anthropic
      """
  ) { arguments throws(CommandError) in
    guard let form = try FunctionForm.named(arguments.text("--to"), option: "--to") else {
      throw .usage("export needs --to FORM: \(FunctionForm.list)")
    }
    let workspace = try documents { () throws(DocumentError) in try Workspace.open(arguments.operands.first) }
    let wanted = arguments.texts("--function")
    for name in wanted where !workspace.functions.contains(where: { $0.name == name }) {
      let names = workspace.functions.map(\.name).joined(separator: ", ")
      throw .usage("--function \(name): no such function; there are \(names)")
    }
    var functions: [JSONValue] = []
    for document in workspace.functions where wanted.isEmpty ? document.isOn : wanted.contains(document.name) {
      functions.append(
        try documents { () throws(DocumentError) in
          try ExchangeText.value(in: document.text, path: "functions/\(document.name).json")
        })
    }
    let export = try documents { () throws(DocumentError) in try FunctionExport(functions, as: form) }
    report(export.notes, asJSON: arguments.has("--json"))
    guard export.isComplete || arguments.has("--lossy") else {
      StandardError.write("lathe: nothing is written, since something would be dropped or refused; --lossy writes it all the same\n")
      return .failedChecks
    }
    StandardOutput.writeLine(export.document.text(.pretty))
    return .done
  }

  static let draft = Command(
    name: "draft", summary: "a function's definition from samples of its arguments", operands: "NAME [FILE…]",
    operandLimit: .max, options: [],
    details: """
      A sample is a JSON object of arguments; a file, or standard input, holds one, a list of them, or one a line. Members that
      all samples have are required. The definition goes to standard output; its descriptions are left to its author.
        echo '{"city": "Oslo", "days": 3}' | lathe draft get_forecast
      """
  ) { arguments throws(CommandError) in
    guard let name = arguments.operands.first else { throw .usage("draft needs a name: lathe draft NAME [FILE…]") }
    let paths = Array(arguments.operands.dropFirst())
    var samples: [JSONValue] = []
    var texts = paths.isEmpty ? [(path: "standard input", text: try StandardInput.readAll())] : []
    for path in paths { texts.append((path, try TextFile.read(path))) }
    for (path, text) in texts {
      samples += try documents { () throws(DocumentError) in try ExchangeText.samples(in: text, path: path) }
    }
    let all = samples
    let drafted = try documents { () throws(DocumentError) in
      try DraftedFunction(name: name, samples: all, path: paths.first ?? "standard input")
    }
    StandardOutput.writeLine(drafted.definition.text(.pretty))
    return .done
  }

  private static func documents<Result>(_ body: () throws(DocumentError) -> Result) throws(CommandError) -> Result {
    do throws(DocumentError) { return try body() } catch { throw .input(error.description) }
  }

  private static func report(_ notes: [ExchangeNote], asJSON: Bool) {
    for note in notes { StandardError.write((asJSON ? note.json.text(.spaced) : "lathe: \(note)") + "\n") }
  }
}

extension FunctionForm {
  /// What an option names; nil without the option.
  fileprivate static func named(_ name: String?, option: String) throws(CommandError) -> FunctionForm? {
    guard let name else { return nil }
    guard let form = FunctionForm(rawValue: name) else { throw .usage("\(option) is \"\(name)\"; \(list) is expected") }
    return form
  }
}
