/// Help, made from the table of commands.
enum Help {
  static var overview: String {
    let width = Lathe.commands.map { heading($0).count }.max() ?? 0
    let rows = Lathe.commands.map { command in
      let title = heading(command)
      return "  \(title)\(String(repeating: " ", count: width - title.count + 2))\(command.summary)"
    }
    return """
      lathe: a workbench for prompts and function schemas, with the model in the same process

      \(rows.joined(separator: "\n"))
        lathe help COMMAND\(String(repeating: " ", count: max(2, width - 16)))a command's options and formats
        lathe --version

      Standard output carries the result, standard error the rest. Exit codes: 0 done, 1 failed checks, 2 bad usage,
      3 bad input file, 4 model or device trouble, 130 interrupted.
      """
  }

  static func page(for command: Command) -> String {
    var text = "\(heading(command))\(command.options.isEmpty ? "" : " [options]")\n\n\(command.summary)\n"
    if !command.options.isEmpty {
      let titles = command.options.map { [$0.name, $0.value].compactMap(\.self).joined(separator: " ") }
      let width = titles.map(\.count).max() ?? 0
      text += "\n"
      for (title, option) in zip(titles, command.options) {
        text +=
          "  \(title)\(String(repeating: " ", count: width - title.count + 2))\(option.summary)\(option.repeats ? " (may be repeated)" : "")\n"
      }
    }
    if !command.details.isEmpty { text += "\n\(command.details)\n" }
    return String(text.dropLast())
  }

  private static func heading(_ command: Command) -> String {
    let words = command.name == Command.workbench.name ? ["lathe"] : ["lathe", command.name]
    return (words + (command.operands.isEmpty ? [] : [command.operands])).joined(separator: " ")
  }
}
