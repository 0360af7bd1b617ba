import Documents
import JSON

extension Command {
  static let revisions = Command(
    name: "revisions", summary: "every saved state of a workspace's functions and prompts: list, show, compare, bring back",
    operands: "[list | show HASH | diff HASH [HASH] | restore HASH]", operandLimit: 3,
    options: [
      Option("--workspace", "WORKSPACE", "a folder or a sample's name (default: as for the workbench)"),
      Option("--of", "NAME", "only this function or prompt; with restore, the one to bring back"),
      .json,
    ],
    details: """
      Each save in the workbench keeps the state by the SHA-256 of its bytes; a state that another program wrote is kept when it
      is first replaced. A hash is given by its first digits, four at least. The definitions that runs/*.jsonl name under
      "definitions" are kept too: show and diff find them.
      diff with one hash compares it with the document as it is now. restore writes an old state back, which is a new revision:
      nothing is lost by it.
        lathe revisions --of get_weather
        lathe revisions diff 9f2c 41d0
        lathe revisions restore 41d0
      """
  ) { arguments throws(CommandError) in
    let action = try RevisionsAction(arguments.operands)
    do throws(DocumentError) {
      let workspace = try Workspace.open(arguments.text("--workspace"))
      try action.run(in: workspace, of: arguments.text("--of"), asJSON: arguments.has("--json"))
    } catch {
      throw .input(error.description)
    }
    return .done
  }
}

/// What `lathe revisions` is asked to do. Hashes are the digits that the user gave.
private enum RevisionsAction {
  case list
  case show(String)
  /// Nil compares with the document as it is.
  case compare(String, String?)
  case restore(String)

  init(_ operands: [String]) throws(CommandError) {
    switch (operands.first ?? "list", operands.count) {
    case ("list", 0...1): self = .list
    case ("show", 2): self = .show(operands[1])
    case ("diff", 2): self = .compare(operands[1], nil)
    case ("diff", 3): self = .compare(operands[1], operands[2])
    case ("restore", 2): self = .restore(operands[1])
    default:
      throw .usage("\"\(operands.joined(separator: " "))\" is not list, show HASH, diff HASH [HASH] or restore HASH")
    }
  }

  func run(in workspace: Workspace, of name: String?, asJSON: Bool) throws(DocumentError) {
    let history = try workspace.revisions.history()
    for notice in history.notices { StandardError.write("lathe: \(notice)\n") }
    let revisions = history.revisions.filter { name == nil || $0.documentName == name }
    switch self {
    case .list:
      if revisions.isEmpty {
        StandardError.write("lathe: nothing has been saved yet\(name.map { " under the name \($0)" } ?? "")\n")
      }
      for revision in revisions {
        let event = revision.event.rawValue.padding(toColumn: 8)
        StandardOutput.writeLine(
          asJSON ? revision.json.text(.spaced) : "\(revision.hash.short)  \(revision.time)  \(event)  \(revision.path)")
      }
    case .show(let digits): StandardOutput.write(try workspace.text(of: digits))
    case .compare(let old, let new?):
      write(LineDiff(from: try workspace.text(of: old), to: try workspace.text(of: new)), old, new)
    case .compare(let old, nil):
      let path = try Self.path(of: try workspace.revisions.hash(beginning: old), in: revisions)
      write(LineDiff(from: try workspace.text(of: old), to: try workspace.currentText(at: path) ?? ""), old, path)
    case .restore(let digits):
      let hash = try workspace.revisions.hash(beginning: digits)
      let path = try Self.path(of: hash, in: revisions)
      var workspace = workspace
      try workspace.restore(path, to: hash)
      StandardError.write("lathe: \(path) is again as it was in \(hash.short)\n")
    }
  }

  private func write(_ diff: LineDiff, _ old: String, _ new: String) {
    if diff.isEmpty { return StandardError.write("lathe: \(old) and \(new) are equal\n") }
    StandardOutput.write("--- \(old)\n+++ \(new)\n\(diff.unified)")
  }

  /// The one document that had this state.
  private static func path(of hash: ContentHash, in revisions: [Revision]) throws(DocumentError) -> String {
    let paths = Set(revisions.filter { $0.hash == hash }.map(\.path)).sorted()
    guard let path = paths.first else {
      throw .badDocument(path: hash.short, sentence: "no saved document had these contents; \"show\" writes them out")
    }
    guard paths.count == 1 else {
      throw .badDocument(
        path: hash.short, sentence: "\(paths.joined(separator: " and ")) had these contents; name one with --of")
    }
    return path
  }
}

extension String {
  fileprivate func padding(toColumn width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
