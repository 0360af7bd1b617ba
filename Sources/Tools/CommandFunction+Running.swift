import CProcess
import Dispatch
import Glibc
public import JSON

extension CommandFunction {
  /// Bytes of standard error that an error quotes.
  private static let quotedErrorLimit = 2_000

  /// Runs the program for a call and waits. What goes wrong is an error that the model is told. Cancelling the task ends
  /// the program and its group.
  /// - Parameter workspace: the workspace's folder; nil if it has none yet.
  public func run(_ arguments: JSONObject, workspace: String?) async -> ToolResult {
    guard let workspace, let root = CommandTemplate.resolved(workspace) else {
      return .error("\(name) runs a command, and this workspace has no folder yet; save it first")
    }
    let launch: Launch
    do throws(CommandRefusal) { launch = try self.launch(arguments, root) } catch { return .error(error.sentence) }
    let cancel = CancelPipe()
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        // A thread of its own: the tasks' threads never wait.
        Self.queue.async { continuation.resume(returning: self.result(launch, cancel)) }
      }
    } onCancel: {
      cancel.raise()
    }
  }

  private static let queue = DispatchQueue(label: "lathe.commands", attributes: .concurrent)

  /// What is started.
  private struct Launch: Sendable {
    var path: String
    var arguments: [String]
    var folder: String
    var input: [UInt8]
  }

  private func launch(_ arguments: JSONObject, _ root: String) throws(CommandRefusal) -> Launch {
    guard let start = CommandTemplate.resolved("\(root)/\(folder)"), start == root || start.hasPrefix(root + "/") else {
      throw CommandRefusal("the command's folder \"\(folder)\" is not inside the workspace's folder")
    }
    var words = [program]
    for template in self.arguments {
      if let text = try template.filled(arguments, folder: root) { words.append(text) }
    }
    let candidates =
      program.hasPrefix("/")
      ? [program] : program.contains("/") ? ["\(root)/\(program)"] : Self.searchPath.map { "\($0)/\(program)" }
    guard let path = candidates.first(where: { access($0, X_OK) == 0 }) else {
      throw CommandRefusal("the program \(program) was not found, or may not be run")
    }
    let input = givesArguments ? Array((JSONValue.object(arguments).text() + "\n").utf8) : []
    return Launch(path: path, arguments: words, folder: start, input: input)
  }

  private func result(_ launch: Launch, _ cancel: CancelPipe) -> ToolResult {
    var outcome = withCStrings(launch.arguments) { arguments in
      withCStrings(environment.map { "\($0.name)=\($0.value)" }) { environment in
        launch.path.withCString { path in
          launch.folder.withCString { folder in
            launch.input.withUnsafeBufferPointer { input in
              var request = process_request(
                path: path, arguments: arguments, environment: environment, folder: folder, input: input.baseAddress,
                input_count: input.count, output_limit: outputLimit, error_limit: 1 << 20,
                time_limit_ms: Int64(timeLimit), cancel: cancel.descriptor)
              return process_run(&request)
            }
          }
        }
      }
    }
    defer { process_release(&outcome) }
    let output = Array(UnsafeBufferPointer(start: outcome.output, count: outcome.output_count))
    let written = String(
      decoding: UnsafeBufferPointer(start: outcome.error, count: outcome.error_count).suffix(Self.quotedErrorLimit),
      as: UTF8.self)
    let quoted = written.isEmpty ? "" : ": \(written.hasSuffix("\n") ? String(written.dropLast()) : written)"
    switch outcome.ending {
    case PROCESS_EXITED where outcome.code == 0:
      guard var text = String(validating: output, as: UTF8.self) else {
        return .error("\(program) wrote something that is not UTF-8")
      }
      if let value = try? JSONValue(parsing: text) { return .value(value) }
      if text.hasSuffix("\n") { text.removeLast() }
      return .value(.string(text))
    case PROCESS_EXITED: return .error("\(program) ended with exit status \(outcome.code)\(quoted)")
    case PROCESS_SIGNALLED: return .error("\(program) was ended by signal \(outcome.code)\(quoted)")
    case PROCESS_OUT_OF_TIME:
      return .error("\(program) took longer than \(timeLimit) ms and was killed\(quoted)")
    case PROCESS_TOO_MUCH_OUTPUT: return .error("\(program) wrote more than \(outputLimit) bytes and was killed")
    case PROCESS_CANCELLED: return .error("\(program) was stopped by the user")
    default: return .error("\(program) could not be started: \(String(cString: strerror(outcome.code)))")
    }
  }
}

/// Lends the strings as C wants them: an array of pointers that ends with NULL.
private func withCStrings<R>(_ strings: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> R) -> R {
  var pointers = strings.map { strdup($0) } + [nil]
  defer { for pointer in pointers { free(pointer) } }
  return pointers.withUnsafeMutableBufferPointer { body($0.baseAddress!) }
}

/// Ends a running program from another thread: closing one end makes the other readable.
private final class CancelPipe: Sendable {
  let descriptor: Int32
  private let other: Int32

  init() {
    var ends: [Int32] = [-1, -1]
    // Without descriptors the program cannot be started either, and that is said.
    if process_pipe(&ends) != 0 { ends = [-1, -1] }
    descriptor = ends[0]
    other = ends[1]
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
    if other >= 0 { close(other) }
  }

  func raise() {
    var byte: UInt8 = 1
    if other >= 0 { _ = write(other, &byte, 1) }
  }
}
