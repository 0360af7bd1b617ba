import Glibc
public import JSON

/// A function that is answered by a program: a document of `commands/NAME.json`.
///
///     {
///       "argv": ["/usr/bin/grep", "--count", "--regexp={word:string}", "{file:path}"],
///       "stdin": "arguments",            the call's arguments as JSON (default), or "none"
///       "time_limit_ms": 10000,          then the program and its group are killed
///       "output_limit_bytes": 65536,     of standard output; more is an error
///       "folder": ".",                   where it starts, inside the workspace
///       "environment": {"LANG": "C"},    besides PATH and LANG
///       "inherit": ["HOME"]              names taken over from Lathe's environment
///     }
///
/// There is never a shell: each element of `argv` is one argument of the program, and what the model wrote fills typed
/// placeholders (`CommandTemplate`). The first element is the program: an absolute path, a name that is looked up in
/// /usr/local/bin, /usr/bin and /bin, or a path with a slash from the workspace's folder. The program's standard output
/// is the result, as JSON if it is JSON and else as text; an exit status other than 0 is an error that the model is told,
/// with the end of what was written to standard error.
///
/// The program runs in a process group of its own, with a clean environment and no open files but its three streams.
/// **Not isolated**: it runs as the user who runs Lathe, may read and write what that user may, and may use the network;
/// what it moves out of its process group (setsid) outlives the time limit, and so does all of it if Lathe itself is killed
/// by a signal that cannot be caught; and a link that is swapped between the check
/// of a path and its use is followed.
public struct CommandFunction: Sendable, Equatable {
  public let name: String
  let program: String
  let arguments: [CommandTemplate]
  let givesArguments: Bool
  /// In milliseconds.
  let timeLimit: Int
  let outputLimit: Int
  let folder: String
  let environment: [(name: String, value: String)]

  public static func == (a: CommandFunction, b: CommandFunction) -> Bool {
    a.name == b.name && a.program == b.program && a.arguments == b.arguments && a.givesArguments == b.givesArguments
      && a.timeLimit == b.timeLimit && a.outputLimit == b.outputLimit && a.folder == b.folder
      && a.environment.map(\.name) == b.environment.map(\.name)
      && a.environment.map(\.value) == b.environment.map(\.value)
  }

  /// - Parameter path: what the document is called in an error.
  public init(name: String, _ value: JSONValue, path: String) throws(ToolFileError) {
    let file = try FileObject(
      value, path, what: "a command",
      members: ["argv", "stdin", "time_limit_ms", "output_limit_bytes", "folder", "environment", "inherit"])
    self.name = name
    guard let argv = try file.strings("argv"), !argv.isEmpty else {
      throw file.fault("argv", expected: "an array with the program and its arguments")
    }
    var templates: [CommandTemplate] = []
    for (index, element) in argv.enumerated() {
      templates.append(try CommandTemplate(element, path: "\(file.place("argv"))/\(index)"))
    }
    guard let program = templates[0].literal, !program.isEmpty else {
      throw ToolFileError(
        path: "\(file.place("argv"))/0", sentence: "the program itself cannot have a placeholder; found \"\(argv[0])\"")
    }
    self.program = program
    arguments = Array(templates.dropFirst())
    switch try file.string("stdin") ?? "arguments" {
    case "arguments": givesArguments = true
    case "none": givesArguments = false
    default: throw file.fault("stdin", expected: "\"arguments\" or \"none\"")
    }
    timeLimit = try file.integer("time_limit_ms", "milliseconds", in: 1...3_600_000) ?? 10_000
    outputLimit = try file.integer("output_limit_bytes", "bytes", in: 1...67_108_864) ?? 65_536
    folder = try file.string("folder") ?? "."
    if folder.hasPrefix("/") || folder.split(separator: "/").contains("..") {
      throw file.fault("folder", expected: "a folder inside the workspace")
    }
    var environment = [(name: "PATH", value: Self.searchPath.joined(separator: ":")), (name: "LANG", value: "C.UTF-8")]
    for name in try file.strings("inherit") ?? [] {
      if let value = getenv(name) { environment.append((name, String(cString: value))) }
    }
    if let member = file.object["environment"] {
      guard let object = member.object, object.values.allSatisfy({ $0.string != nil }),
        object.keys.allSatisfy({ !$0.isEmpty && !$0.contains("=") })
      else { throw file.fault("environment", expected: "an object of strings") }
      for (name, value) in object { environment.append((name, value.string ?? "")) }
    }
    self.environment = environment.reversed().reduce(into: []) { kept, entry in
      if !kept.contains(where: { $0.name == entry.name }) { kept.append(entry) }
    }
  }

  /// Where a program without a slash in its name is looked for.
  static let searchPath = ["/usr/local/bin", "/usr/bin", "/bin"]
}
