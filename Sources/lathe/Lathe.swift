import Engine
import Glibc

/// The program: without a subcommand it opens the workbench, with one it works without a terminal.
@main
enum Lathe {
  static let version = "0.1.0"

  static let commands: [Command] = [
    .workbench, .run, .compare, .choose, .inspect, .tokenize, .render, .logits, .validate, .lint, .importFunctions,
    .exportFunctions, .draft, .revisions, .bench,
  ]

  static func main() async {
    let code = await run(Array(CommandLine.arguments.dropFirst()))
    exit(code.rawValue)
  }

  static func run(_ arguments: [String]) async -> ExitCode {
    do throws(CommandError) {
      switch arguments.first {
      case "--version": return print("lathe \(version)")
      case "--help", "-h": return print(Help.overview)
      case "help":
        guard let name = arguments.dropFirst().first else { return print(Help.overview) }
        return print(Help.page(for: try command(named: name)))
      default: break
      }
      let named = commands.first { $0.name == arguments.first && $0.name != Command.workbench.name }
      let command = named ?? .workbench
      let rest = named == nil ? arguments : Array(arguments.dropFirst())
      if rest.contains("--help") || rest.contains("-h") { return print(Help.page(for: command)) }
      return try await command.run(try Arguments(rest, for: command))
    } catch {
      StandardError.write("lathe: \(error.sentence)\n")
      return error.code
    }
  }

  private static func command(named name: String) throws(CommandError) -> Command {
    guard let command = commands.first(where: { $0.name == name }) else {
      throw .usage("there is no command \"\(name)\"; \"lathe help\" lists them")
    }
    return command
  }

  private static func print(_ text: String) -> ExitCode {
    StandardOutput.writeLine(text)
    return .done
  }
}

/// What the program ends with; the numbers are part of its contract.
enum ExitCode: Int32 {
  case done = 0
  case failedChecks = 1
  case badUsage = 2
  case badInput = 3
  case modelTrouble = 4
  case interrupted = 130
}

/// Why a command ended early: a sentence for standard error and the exit code.
struct CommandError: Error {
  let code: ExitCode
  let sentence: String

  static func usage(_ sentence: String) -> CommandError { CommandError(code: .badUsage, sentence: sentence) }
  static func input(_ sentence: String) -> CommandError { CommandError(code: .badInput, sentence: sentence) }
  /// A damaged file is the input's fault, a device or too little memory the machine's.
  static func loading(_ error: ModelLoadError) -> CommandError {
    if case .inference = error { .model(error.description) } else { .input(error.description) }
  }

  static func model(_ sentence: String) -> CommandError { CommandError(code: .modelTrouble, sentence: sentence) }
}
