public import JSON

/// A schema that has been read: every subschema that can be reached from the root, checked, typed and with its
/// references resolved.
///
///     let schema = try JSONSchema(document: ["type": "object", "required": ["city"]], name: "weather.json")
///     schema[schema.root].object.required  // ["city"]
public struct JSONSchema: Sendable {
  /// A document, or a part of it with its own `$id`.
  public struct Resource: Sendable {
    /// Without a fragment; empty for a document of unknown origin.
    public let uri: String
    /// Targets of `$dynamicRef` by name. The name of 2019-09's `$recursiveAnchor` is empty.
    public internal(set) var dynamicAnchors: [String: NodeID] = [:]
  }

  /// The file's name, as errors give it.
  public let name: String
  /// Of the document; a part with its own `$schema` may have another.
  public let dialect: Dialect
  /// The root first, then in the order in which they were reached.
  public let nodes: [SchemaNode]
  public let root: NodeID
  /// What `SchemaNode.resource` counts.
  public let resources: [Resource]

  /// Reads a schema.
  /// - Parameters:
  ///   - document: an object, or true or false.
  ///   - name: what the document is called in errors.
  ///   - dialect: instead of the one that `$schema` names, else 2020-12.
  ///   - loader: gives the document that a reference names by its URI, without a fragment, or nil. The metaschemas of
  ///     drafts 4 to 2020-12 are at hand without it, and nothing is ever fetched.
  /// - Throws: what was found, what was expected and where, for the first keyword with a value of the wrong form and the
  ///   first reference that leads nowhere. Parts that cannot be reached from the root are not looked at.
  public init(
    document: JSONValue, name: String = "schema", dialect: Dialect? = nil,
    loader: @escaping (String) -> JSONValue? = { _ in nil }
  ) throws(SchemaError) {
    var reader = try SchemaReader(document: document, name: name, dialect: dialect, loader: loader)
    try reader.readAll()
    self.name = name
    self.dialect = reader.dialect
    nodes = reader.nodes
    root = NodeID(index: 0)
    resources = reader.resources
  }

  public subscript(_ id: NodeID) -> SchemaNode { nodes[id.index] }
}
