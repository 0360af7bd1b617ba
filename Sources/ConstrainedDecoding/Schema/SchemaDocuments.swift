import JSON

/// The documents of a schema: where each subschema stands, by which rules it is read, and what every identifier names.
struct SchemaDocuments {
  /// A place in a document.
  struct Location: Hashable {
    let document: Int
    let pointer: JSONPointer
  }

  /// A subschema and what it inherits from those around it.
  struct Place {
    let value: JSONValue
    let base: URIReference
    let dialect: Dialect
    let resource: Int
  }

  /// A document, or a part of it with its own `$id`.
  struct Resource {
    let uri: String
    let root: Location
    var anchors: [String: Location] = [:]
    /// In the order they were found; the empty name stands for `$recursiveAnchor`.
    var dynamicAnchors: [(name: String, location: Location)] = []
  }

  private(set) var names: [String] = []
  private(set) var places: [Location: Place] = [:]
  private(set) var resources: [Resource] = []
  private var values: [JSONValue] = []
  private var resourcesByURI: [String: Int] = [:]
  private var dialects: [String: Dialect] = [:]
  private let loader: (String) -> JSONValue?

  init(loader: @escaping (String) -> JSONValue?) { self.loader = loader }

  /// Adds a document and finds its identifiers.
  /// - Parameters:
  ///   - uri: where it was loaded from; empty if that is unknown.
  ///   - dialect: what holds without `$schema`.
  /// - Returns: the place of its root.
  mutating func add(
    _ value: JSONValue, name: String, uri: String, dialect: Dialect, ignoringSchemaKeyword: Bool = false
  ) throws(SchemaError) -> Location {
    let location = Location(document: names.count, pointer: JSONPointer())
    names.append(name)
    values.append(value)
    var dialect = dialect
    if !ignoringSchemaKeyword, let text = value["$schema"]?.string { dialect = try self.dialect(text, at: location) }
    let base = URIReference(uri).withoutFragment
    let resource = addResource(base.text, root: location)
    try index(value, at: location, Place(value: value, base: base, dialect: dialect, resource: resource))
    return location
  }

  /// What a reference written at a place names.
  mutating func resolve(_ reference: String, from origin: Location, keyword: Keyword) throws(SchemaError) -> Location {
    guard let place = places[origin] else { preconditionFailure("a reference from a place that was not indexed") }
    let target = URIReference(reference).resolved(against: place.base)
    let uri = target.withoutFragment.text
    func fail(_ fault: SchemaError.Fault) -> SchemaError {
      SchemaError(document: names[origin.document], pointer: origin.pointer.appending(keyword.rawValue), fault: fault)
    }
    if resourcesByURI[uri] == nil {
      guard let value = Metaschemas.document(uri) ?? loader(uri) else {
        throw fail(.unknownDocument(reference: reference, uri: uri.isEmpty ? "the schema's own file" : uri))
      }
      _ = try add(value, name: uri, uri: uri, dialect: place.dialect)
    }
    guard let resource = resourcesByURI[uri].map({ resources[$0] }) else {
      preconditionFailure("a document without a resource")
    }
    let fragment = target.decodedFragment ?? ""
    if fragment.isEmpty { return resource.root }
    if let location = resource.anchors[fragment] { return location }
    guard fragment.hasPrefix("/"), let location = try locate(fragment, below: resource.root) else {
      let name = names[resource.root.document]
      throw fail(.unknownPlace(reference: reference, document: resource.root.pointer.text.isEmpty ? name : uri))
    }
    return location
  }

  /// The name by which a reference takes part in dynamic resolution, if its target has a dynamic anchor of that name.
  func dynamicAnchor(_ reference: String, target: Location, isRecursive: Bool) -> String? {
    guard let place = places[target] else { return nil }
    let name = isRecursive ? "" : URIReference(reference).decodedFragment ?? "#"
    return resources[place.resource].dynamicAnchors.contains { $0.name == name && $0.location == target } ? name : nil
  }

  /// The place of a pointer below a resource's root, as a schema even where no keyword says that it is one.
  private mutating func locate(_ fragment: String, below root: Location) throws(SchemaError) -> Location? {
    let location = Location(document: root.document, pointer: JSONPointer(text: root.pointer.text + fragment))
    if places[location] != nil { return location }
    guard let tokens = location.pointer.tokens else { return nil }
    var value = values[location.document]
    for token in tokens {
      switch value {
      case .object(let object):
        guard let member = object[token] else { return nil }
        value = member
      case .array(let elements):
        guard let index = Int(token), elements.indices.contains(index), String(index) == token else { return nil }
        value = elements[index]
      default: return nil
      }
    }
    // It inherits from the nearest schema around it.
    var outer = location.pointer
    while let parent = outer.parent {
      outer = parent
      guard let place = places[Location(document: location.document, pointer: outer)] else { continue }
      try index(
        value, at: location, Place(value: value, base: place.base, dialect: place.dialect, resource: place.resource))
      return location
    }
    return nil
  }

  // MARK: - Identifiers

  private mutating func addResource(_ uri: String, root: Location) -> Int {
    resources.append(Resource(uri: uri, root: root))
    if resourcesByURI[uri] == nil { resourcesByURI[uri] = resources.count - 1 }
    return resources.count - 1
  }

  private mutating func index(_ value: JSONValue, at location: Location, _ inherited: Place) throws(SchemaError) {
    guard case .object(let object) = value else {
      places[location] = Place(
        value: value, base: inherited.base, dialect: inherited.dialect, resource: inherited.resource)
      return
    }
    var (base, dialect, resource) = (inherited.base, inherited.dialect, inherited.resource)
    let hasID = object["$id"]?.string != nil || object["id"]?.string != nil
    if hasID, !location.pointer.text.isEmpty, let text = object["$schema"]?.string {
      dialect = try self.dialect(text, at: location)
    }
    let isMaskedByRef = dialect.draft <= .draft7 && object["$ref"]?.string != nil
    if !isMaskedByRef, let id = object[dialect.draft == .draft4 ? "id" : "$id"]?.string {
      let uri = URIReference(id).resolved(against: base)
      if !id.hasPrefix("#") {
        base = uri.withoutFragment
        if base.text != resources[resource].uri || resources[resource].root != location {
          resource = addResource(base.text, root: location)
        }
      }
      if let anchor = uri.decodedFragment, !anchor.isEmpty, dialect.draft <= .draft7 {
        resources[resource].anchors[anchor] = location
      }
    }
    if dialect.draft >= .draft201909, let anchor = object["$anchor"]?.string {
      resources[resource].anchors[anchor] = location
    }
    if dialect.draft == .draft202012, let anchor = object["$dynamicAnchor"]?.string {
      resources[resource].anchors[anchor] = location
      resources[resource].dynamicAnchors.append((anchor, location))
    }
    if dialect.draft == .draft201909, object["$recursiveAnchor"]?.bool == true {
      resources[resource].dynamicAnchors.append(("", location))
    }
    let place = Place(value: value, base: base, dialect: dialect, resource: resource)
    places[location] = place
    for (name, member) in object {
      guard let keyword = Keyword(rawValue: name), keyword.isKnown(in: dialect) else { continue }
      let pointer = location.pointer.appending(name)
      if keyword.subschemas == .one || keyword.subschemas == .oneOrArray {
        try index(member, at: Location(document: location.document, pointer: pointer), place)
      }
      switch (keyword.subschemas, member) {
      case (.array, .array(let elements)), (.oneOrArray, .array(let elements)):
        for (position, element) in elements.enumerated() {
          try index(element, at: Location(document: location.document, pointer: pointer.appending(position)), place)
        }
      case (.members, .object(let members)), (.membersOrNames, .object(let members)):
        for (key, schema) in members {
          if keyword.subschemas == .membersOrNames, case .array = schema { continue }
          try index(schema, at: Location(document: location.document, pointer: pointer.appending(key)), place)
        }
      default: break
      }
    }
  }

  // MARK: - Dialects

  /// The dialect that a `$schema` names: a published draft, or a metaschema of one's own with its `$vocabulary`.
  private mutating func dialect(_ uri: String, at location: Location) throws(SchemaError) -> Dialect {
    if let dialect = Dialect(metaschemaURI: uri) ?? dialects[uri] { return dialect }
    func fail(_ fault: SchemaError.Fault) -> SchemaError {
      SchemaError(document: names[location.document], pointer: location.pointer.appending("$schema"), fault: fault)
    }
    var metaschemaURI = uri
    var visited: Set<String> = []
    var vocabularies: Set<Dialect.Vocabulary>?
    // A metaschema's own $schema may again be someone's own.
    while visited.insert(metaschemaURI).inserted,
      let metaschema = loader(URIReference(metaschemaURI).withoutFragment.text)
    {
      if vocabularies == nil, let members = metaschema["$vocabulary"]?.object {
        var found: Set<Dialect.Vocabulary> = [.core]
        for (name, isRequired) in members {
          if let vocabulary = Dialect.vocabulary(name) {
            found.insert(vocabulary)
          } else if isRequired.bool == true {
            throw fail(.unknownVocabulary(uri: name, metaschema: uri))
          }
        }
        vocabularies = found
      }
      guard let next = metaschema["$schema"]?.string else { break }
      if var dialect = Dialect(metaschemaURI: next) {
        if dialect.draft >= .draft201909, let vocabularies {
          dialect.vocabularies = vocabularies
          // 2019-09 has no vocabulary for the unevaluated keywords alone.
          if dialect.draft == .draft201909, vocabularies.contains(.applicator) {
            dialect.vocabularies.insert(.unevaluated)
          }
        }
        dialects[uri] = dialect
        return dialect
      }
      metaschemaURI = next
    }
    throw fail(.unknownDialect(uri: uri))
  }
}
