import Documents
import Engine
import Workbench

extension Command {
  static let workbench = Command(
    name: "workbench", summary: "opens the workbench: the conversation, functions, sampling, meters, KV cache, prompt",
    operands: "[WORKSPACE]", operandLimit: 1,
    options: [
      .model, .context, .kv, .exact, .threads,
      Option("--theme", "NAME", "dark (default), light, high-contrast, sixteen, one of your own, or a file"),
      Option("--ascii", nil, "draw with ASCII only"),
    ],
    details: """
      WORKSPACE is a folder with workspace.json, or a sample: weather, support, planner. Without it the current folder is
      opened if it is a workspace, else the one used last, else the weather sample. "?" in the workbench shows the keys.
      NO_COLOR is honoured; LATHE_COLORS sets the number of colours (16, 256, truecolor).
      """
  ) { arguments throws(CommandError) in
    let workspace: Workspace
    do throws(DocumentError) { workspace = try Workspace.open(arguments.operands.first) } catch {
      throw .input(error.description)
    }
    let model = try ModelArgument.name(arguments)
    let loading = try LoadingOptions(arguments)
    var options = WorkbenchOptions(
      workspace: workspace, modelName: model, themeName: arguments.text("--theme") ?? "dark"
    ) { _ throws(ModelLoadingError) in
      do throws(ModelLoadError) {
        return try await loading.open(model)
      } catch {
        throw ModelLoadingError(error.description)
      }
    }
    options.isASCII = arguments.has("--ascii")
    let status: Int32
    do throws(WorkbenchError) { status = try await WorkbenchProgram.run(options) } catch {
      throw .usage(error.description)
    }
    if status > 128 { throw CommandError(code: .interrupted, sentence: "ended by signal \(status - 128)") }
    return .done
  }
}
