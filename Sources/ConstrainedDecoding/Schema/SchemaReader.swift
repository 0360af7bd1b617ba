import JSON

/// Turns the reachable part of a schema's documents into nodes.
///
/// A node gets its number when something first leads to it and is read later, so that schemas may refer to themselves.
struct SchemaReader {
  private(set) var nodes: [SchemaNode] = []
  private(set) var resources: [JSONSchema.Resource] = []
  let dialect: Dialect
  private var documents: SchemaDocuments
  private var numbers: [SchemaDocuments.Location: NodeID] = [:]
  private var locations: [SchemaDocuments.Location] = []
  private var patterns: [String: SchemaPattern] = [:]

  init(
    document: JSONValue, name: String, dialect: Dialect?, loader: @escaping (String) -> JSONValue?
  ) throws(SchemaError) {
    documents = SchemaDocuments(loader: loader)
    let root = try documents.add(
      document, name: name, uri: "", dialect: dialect ?? .draft202012, ignoringSchemaKeyword: dialect != nil)
    self.dialect = documents.places[root]?.dialect ?? .draft202012
    _ = node(at: root)
  }

  /// Reads the root and everything that it leads to.
  mutating func readAll() throws(SchemaError) {
    var next = 0
    while next < locations.count {
      try read(next)
      next += 1
    }
  }

  private mutating func node(at location: SchemaDocuments.Location) -> NodeID {
    if let known = numbers[location] { return known }
    guard let place = documents.places[location] else { preconditionFailure("a node at a place that was not indexed") }
    let id = NodeID(index: nodes.count)
    numbers[location] = id
    locations.append(location)
    nodes.append(
      SchemaNode(
        document: documents.names[location.document], pointer: location.pointer, baseURI: place.base.text,
        resource: place.resource, draft: place.dialect.draft))
    // Whoever passes through a resource may meet its dynamic anchors.
    while resources.count <= place.resource {
      let resource = documents.resources[resources.count]
      resources.append(JSONSchema.Resource(uri: resource.uri))
    }
    if resources[place.resource].dynamicAnchors.isEmpty {
      for (name, anchor) in documents.resources[place.resource].dynamicAnchors {
        let target = node(at: anchor)
        resources[place.resource].dynamicAnchors[name] = target
      }
    }
    return id
  }

  private mutating func read(_ index: Int) throws(SchemaError) {
    let location = locations[index]
    guard let place = documents.places[location] else { preconditionFailure("a node at a place that was not indexed") }
    let members: JSONObject
    switch place.value {
    // Draft 4 has these only as additionalProperties and additionalItems; elsewhere their meaning is as plain.
    case .bool(let flag):
      nodes[index].boolean = flag
      return
    case .object(let object): members = object
    default:
      var expectation = "a schema: an object, true or false"
      if case .array = place.value, place.dialect.draft == .draft202012, location.pointer.text.hasSuffix("/items") {
        expectation += "; schemas for single positions are \"prefixItems\" since 2020-12"
      }
      throw SchemaError(
        document: nodes[index].document, pointer: location.pointer,
        fault: .unexpected(found: describe(place.value), expected: expectation))
    }
    var node = nodes[index]
    // Up to draft 7 a reference replaces the schema it stands in.
    let isReplaced = place.dialect.draft <= .draft7 && members["$ref"]?.string != nil
    for (name, value) in members {
      guard let keyword = Keyword(rawValue: name), keyword.isKnown(in: place.dialect) else {
        node.unknownKeywords.append(name)
        continue
      }
      if isReplaced, keyword != .ref, keyword.treatment != .annotation { continue }
      node.keywords.append(keyword)
      if keyword.treatment == .annotation, keyword.isAboutValues { node.annotations[name] = value }
      let source = KeywordSource(
        location: location, document: node.document, keyword: keyword, value: value, dialect: place.dialect)
      try read(source, into: &node, members)
    }
    if node.condition == nil { (node.then, node.otherwise) = (nil, nil) }
    node.string.assertsFormat = place.dialect.vocabularies.contains(.formatAssertion)
    nodes[index] = node
  }

  private mutating func read(
    _ source: KeywordSource, into node: inout SchemaNode, _ members: JSONObject
  ) throws(SchemaError) {
    switch source.keyword {
    case .ref: node.ref = try reference(source).target
    case .dynamicRef, .recursiveRef:
      let (target, anchor) = try reference(source)
      node.dynamicRef = DynamicReference(initial: target, anchor: anchor)
    case .allOf: node.allOf = try schemas(source)
    case .anyOf: node.anyOf = try schemas(source)
    case .oneOf: node.oneOf = try schemas(source)
    case .not: node.not = schema(source)
    case .if: node.condition = schema(source)
    case .then: node.then = schema(source)
    case .else: node.otherwise = schema(source)

    case .type: node.types = try source.types()
    case .enum: node.enumeration = try source.array()
    case .const: node.constant = source.value

    case .multipleOf:
      let number = try source.number()
      guard JSONNumber(0) < number else { throw source.unexpected("a number greater than 0") }
      node.number.multipleOf = number
    case .minimum, .exclusiveMinimum, .maximum, .exclusiveMaximum: try readBound(source, into: &node.number, members)

    case .minLength: node.string.minLength = try source.count()
    case .maxLength: node.string.maxLength = try source.count()
    case .pattern: node.string.pattern = pattern(try source.string())
    case .format: node.string.format = try source.string()

    case .prefixItems: node.array.prefixItems = try schemas(source)
    case .items:
      // The array form ended with 2019-09.
      if source.dialect.draft <= .draft201909, case .array = source.value {
        node.array.prefixItems = try schemas(source, mayBeEmpty: true)
        node.array.prefixKeyword = .items
        if let rest = members["additionalItems"] {
          node.array.items = schema(source.sibling(.additionalItems, rest))
          node.array.itemsKeyword = .additionalItems
        }
      } else {
        node.array.items = schema(source)
      }
    case .contains: node.array.contains = schema(source)
    case .minContains: node.array.minContains = try source.count()
    case .maxContains: node.array.maxContains = try source.count()
    case .minItems: node.array.minItems = try source.count()
    case .maxItems: node.array.maxItems = try source.count()
    case .uniqueItems: node.array.uniqueItems = try source.flag()
    case .unevaluatedItems: node.array.unevaluatedItems = schema(source)

    case .properties:
      node.object.properties = try self.members(of: source).map {
        ObjectKeywords.Property(name: $0.name, node: $0.node)
      }
    case .patternProperties:
      for (name, id) in try self.members(of: source) {
        node.object.patternProperties.append(.init(pattern: pattern(name), node: id))
      }
    case .additionalProperties: node.object.additionalProperties = schema(source)
    case .propertyNames: node.object.propertyNames = schema(source)
    case .required: node.object.required = try source.names()
    case .minProperties: node.object.minProperties = try source.count()
    case .maxProperties: node.object.maxProperties = try source.count()
    case .dependentRequired:
      for (name, value) in try source.object() {
        node.object.dependentRequired.append(
          .init(name: name, required: try source.names(value, name), keyword: .dependentRequired))
      }
    case .dependentSchemas:
      for (name, id) in try self.members(of: source) {
        node.object.dependentSchemas.append(.init(name: name, node: id, keyword: .dependentSchemas))
      }
    case .dependencies: try readDependencies(source, into: &node.object)
    case .unevaluatedProperties: node.object.unevaluatedProperties = schema(source)

    case .additionalItems, .schema, .vocabulary, .id, .draft4ID, .anchor, .dynamicAnchor, .recursiveAnchor, .defs,
      .definitions, .comment, .title, .description, .default, .examples, .deprecated, .readOnly, .writeOnly,
      .contentEncoding,
      .contentMediaType, .contentSchema:
      break
    }
  }

  // MARK: - Keywords whose forms differ between drafts

  private func readBound(
    _ source: KeywordSource, into number: inout NumberKeywords, _ members: JSONObject
  ) throws(SchemaError) {
    let isLower = source.keyword == .minimum || source.keyword == .exclusiveMinimum
    var isExclusive = source.keyword == .exclusiveMinimum || source.keyword == .exclusiveMaximum
    if source.dialect.draft == .draft4 {
      // There the exclusive keywords are flags beside the bound.
      if isExclusive {
        _ = try source.flag()
        return
      }
      isExclusive = members[isLower ? "exclusiveMinimum" : "exclusiveMaximum"]?.bool ?? false
    }
    let bound = NumberBound(value: try source.number(), isExclusive: isExclusive, keyword: source.keyword)
    guard let other = isLower ? number.lower : number.upper else {
      if isLower { number.lower = bound } else { number.upper = bound }
      return
    }
    let isTighter =
      bound.value == other.value ? isExclusive : isLower ? other.value < bound.value : bound.value < other.value
    if isTighter, isLower { number.lower = bound }
    if isTighter, !isLower { number.upper = bound }
  }

  private mutating func readDependencies(_ source: KeywordSource, into object: inout ObjectKeywords) throws(SchemaError)
  {
    for (name, value) in try source.object() {
      if case .array = value {
        object.dependentRequired.append(
          .init(name: name, required: try source.names(value, name), keyword: .dependencies))
      } else {
        object.dependentSchemas.append(
          .init(name: name, node: node(at: source.location(name)), keyword: .dependencies))
      }
    }
  }

  // MARK: - Subschemas and references

  private mutating func schema(_ source: KeywordSource) -> NodeID { node(at: source.location()) }

  private mutating func schemas(_ source: KeywordSource, mayBeEmpty: Bool = false) throws(SchemaError) -> [NodeID] {
    let elements = try source.array()
    if elements.isEmpty, !mayBeEmpty { throw source.unexpected("an array with at least one schema") }
    var ids: [NodeID] = []
    for index in elements.indices { ids.append(node(at: source.location(String(index)))) }
    return ids
  }

  private mutating func members(of source: KeywordSource) throws(SchemaError) -> [(name: String, node: NodeID)] {
    var ids: [(name: String, node: NodeID)] = []
    for (name, _) in try source.object() { ids.append((name, node(at: source.location(name)))) }
    return ids
  }

  private mutating func pattern(_ text: String) -> SchemaPattern {
    if let known = patterns[text], known.source.utf8.elementsEqual(text.utf8) { return known }
    let pattern = SchemaPattern(text)
    patterns[text] = pattern
    return pattern
  }

  private mutating func reference(_ source: KeywordSource) throws(SchemaError) -> (target: NodeID, anchor: String?) {
    let text = try source.string()
    let target = try documents.resolve(text, from: source.origin, keyword: source.keyword)
    let anchor =
      source.keyword == .ref
      ? nil : documents.dynamicAnchor(text, target: target, isRecursive: source.keyword == .recursiveRef)
    return (node(at: target), anchor)
  }
}

extension Keyword {
  /// Of the annotations, those that describe values; the others identify schemas.
  fileprivate var isAboutValues: Bool {
    switch self {
    case .title, .description, .default, .examples, .deprecated, .readOnly, .writeOnly, .contentEncoding,
      .contentMediaType,
      .contentSchema, .comment:
      true
    default: false
    }
  }
}
