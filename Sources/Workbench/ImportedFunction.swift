import Documents
import JSON

/// A definition that was read from elsewhere, and what is to become of it.
struct ImportedFunction: Sendable {
  let name: String
  let form: FunctionForm
  /// As the workspace keeps it, pretty-printed.
  let text: String
  /// What the workspace's form says in other words, or cannot say.
  let notes: [ExchangeNote]
  /// The name it is taken under, if not its own.
  var otherName: String?
  /// Nil until someone has said whether it is to be taken in the place of a function of its name.
  var isTaken: Bool?

  var targetName: String { otherName ?? name }
  var targetText: String { otherName.map { FunctionText.renaming(text, to: $0) } ?? text }

  /// How it stands to the functions that are there.
  enum Standing: Equatable {
    case new
    /// The one of this name says the same; layout and key order do not count.
    case same
    /// The one at this place has the name and says something else.
    case differs(Int)
  }

  func standing(among functions: [FunctionEntry]) -> Standing {
    guard let index = functions.firstIndex(where: { $0.name == targetName || $0.document.name == targetName }) else {
      return .new
    }
    let here = try? JSONValue(parsing: functions[index].text)
    return here != nil && here == (try? JSONValue(parsing: targetText)) ? .same : .differs(index)
  }

  /// All definitions of a text.
  static func read(_ text: String, path: String) throws(DocumentError) -> [ImportedFunction] {
    let imported = try FunctionImport(try ExchangeText.value(in: text, path: path), path: path)
    return zip(imported.functions, imported.forms).map { value, form in
      let name = value["function"]?["name"]?.string ?? ""
      return ImportedFunction(
        name: name, form: form, text: value.text(.pretty) + "\n", notes: imported.notes.filter { $0.function == name })
    }
  }
}

extension Session {
  /// Takes definitions into the list: new ones at its end, others in the place of the one that has the name. Nothing is
  /// written to disk.
  /// - Returns: the place of the first.
  func take(_ imported: [ImportedFunction]) -> Int? {
    var first: Int?
    var (added, replaced) = (0, 0)
    for function in imported {
      switch function.standing(among: functions) {
      case .same: continue
      case .new:
        insertFunction(FunctionDocument(name: function.targetName, text: function.targetText), at: functions.count)
        first = first ?? functions.count - 1
        added += 1
      case .differs(let index):
        setFunction(at: index, text: function.targetText)
        first = first ?? index
        replaced += 1
      }
    }
    let parts = [(added, "taken in"), (replaced, "replaced")].filter { $0.0 > 0 }
      .map { "\($0.0) function\($0.0 == 1 ? "" : "s") \($0.1)" }
    let undo = replaced > 0 ? "; Alt-z in a text takes its replacement back" : ""
    show(.success, "\(parts.joined(separator: ", ")), not saved yet: Ctrl-S saves\(undo)")
    return first
  }
}
