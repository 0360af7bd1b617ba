import Documents
import Engine
import JSON

/// One function of the workspace, as text and as what the text means.
struct FunctionEntry: Sendable, Equatable {
  private(set) var document: FunctionDocument
  /// Nil while the text is not a function.
  private(set) var definition: FunctionDefinition?
  /// What it was when it was one last, so that a name and a cost stay in sight while it is typed.
  private(set) var lastDefinition: FunctionDefinition?
  /// Why it is not, with line and column.
  private(set) var problem: String?
  /// As they are on disk; nil for a function that is not.
  private var savedText: String?
  private var savedName: String?

  /// - Parameter isNew: not on disk yet.
  init(_ document: FunctionDocument, isNew: Bool = false) {
    self.document = document
    read()
    savedText = isNew ? nil : document.text
    savedName = isNew ? document.name : definition?.name
  }

  /// Since it was last saved.
  var isChanged: Bool { savedText != document.text }
  /// The function's own name; the file's if the text never had one.
  var name: String { lastDefinition?.name ?? document.name }
  var isOn: Bool {
    get { document.isOn }
    set { document.isOn = newValue }
  }
  /// The file's text, as it is edited.
  var text: String {
    get { document.text }
    set {
      guard newValue != document.text else { return }
      document.text = newValue
      read()
    }
  }

  // MARK: - Saving

  /// A file that is named for its function follows when the function is renamed.
  var documentToSave: FunctionDocument {
    var document = document
    if let definition, let savedName, savedName == document.name { document.name = definition.name }
    return document
  }

  /// The function's name on disk and the one it is to have; nil if they are the same, or one is not known.
  var rename: (old: String, new: String)? {
    guard savedText != nil, let savedName, let definition, definition.name != savedName else { return nil }
    return (savedName, definition.name)
  }

  /// Takes over what the workspace now has on disk.
  mutating func wasSaved(to workspace: Workspace) {
    guard let saved = workspace.functions.first(where: { $0.name == documentToSave.name }) else { return }
    guard saved.text == text else {
      // An earlier state was brought back, or the text went on; what it differs from is what is on disk now.
      if saved.name == document.name { savedText = saved.text }
      return
    }
    document.name = saved.name
    savedName = definition?.name
    savedText = text
  }

  private mutating func read() {
    definition = nil
    problem = nil
    do throws(JSONError) {
      let value = try JSONValue(parsing: document.text, name: document.name + ".json")
      do throws(GenerationError) {
        definition = try FunctionDefinition(value)
        lastDefinition = definition
      } catch {
        problem = error.description
      }
    } catch {
      problem = error.description
    }
  }
}
