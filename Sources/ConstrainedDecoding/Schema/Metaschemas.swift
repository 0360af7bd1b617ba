internal import CMetaschemas
import JSON

/// The metaschemas of drafts 4 to 2020-12 and their vocabularies, from the program itself.
enum Metaschemas {
  /// The metaschema with this URI, without a fragment.
  static func document(_ uri: String) -> JSONValue? { documents[uri] }

  private static let documents: [String: JSONValue] = {
    var documents: [String: JSONValue] = [:]
    for index in 0..<metaschema_file_count() {
      let file = metaschema_files()[index]
      let bytes = Array(UnsafeBufferPointer(start: file.bytes, count: file.byte_count))
      guard let value = try? JSONValue(parsing: bytes) else {
        preconditionFailure("an embedded metaschema is not JSON")
      }
      documents[String(cString: file.uri)] = value
    }
    return documents
  }()
}
