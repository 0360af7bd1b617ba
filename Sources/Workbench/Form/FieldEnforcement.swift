import ConstrainedDecoding
import JSON

/// What the mask keeps of each field's schema, and what is left to the check that follows.
enum FieldEnforcement: Sendable, Equatable {
  /// By the field's place in the parameters: what is not kept by the mask, the field's own keywords only.
  case compiled(checkedAfter: [String: [SchemaEnforcement.Entry]])
  /// Why there is no grammar.
  case refused(String)

  /// - Parameter fields: of the form; what no field is the owner of belongs to the nearest one around it.
  init(_ parameters: JSONValue, _ fields: [SchemaForm.Field]) {
    let enforcement: SchemaEnforcement
    do {
      let schema = try JSONSchema(document: parameters, name: "parameters")
      enforcement = try SchemaEnforcement(of: schema)
    } catch let error as GrammarError {
      self = .refused(error.description)
      return
    } catch {
      self = .refused("\(error)")
      return
    }
    var entries: [String: [SchemaEnforcement.Entry]] = [:]
    for entry in enforcement.checkedAfter {
      let owner = fields.filter { Self.holds($0.schemaPointer, entry.pointer) }.max {
        $0.schemaPointer.utf8.count < $1.schemaPointer.utf8.count
      }
      entries[owner?.schemaPointer ?? "", default: []].append(entry)
    }
    self = .compiled(checkedAfter: entries)
  }

  private static func holds(_ outer: String, _ inner: String) -> Bool {
    inner == outer || inner.hasPrefix(outer + "/")
  }

  /// One word for the column, and whether it is good news.
  func word(for field: SchemaForm.Field) -> (text: String, isComplete: Bool) {
    switch self {
    case .compiled(let entries): entries[field.schemaPointer] == nil ? ("enforced", true) : ("in part", false)
    case .refused: ("refused", false)
    }
  }

  /// What the mask does not keep of the field, in a sentence; nil if nothing is left open.
  func sentence(for field: SchemaForm.Field) -> String? {
    switch self {
    case .refused(let sentence): return "no mask: \(sentence)"
    case .compiled(let entries):
      guard let own = entries[field.schemaPointer], let first = own.first else { return nil }
      let keywords = Set(own.map(\.keyword)).sorted().joined(separator: ", ")
      return "\(keywords): checked when the call is complete, not by the mask; \(first.reason)"
    }
  }
}
