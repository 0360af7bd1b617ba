import JSON

extension LintRule {
  /// S: what OpenAI's strict mode and others refuse (jsonschemaprofiles, OPENAI_202602).
  static let strict: [LintRule] = [
    LintRule("S1", .error, "the root is an object and no alternative", for: [.openAIStrict]) { context in
      guard let schema = context.tool.schema, let root = context.places.first else { return [] }
      if let keyword = [Keyword.anyOf, .oneOf].first(where: { root.members[$0.rawValue] != nil }) {
        return [
          LintRemark(
            schema.pointer.appending(keyword.rawValue),
            "the root of a strict schema must be an object, not \(keyword.rawValue)")
        ]
      }
      return root.types == ["object"]
        ? [] : [LintRemark(schema.pointer, "the root of a strict schema must have the type object")]
    },
    LintRule("S2", .error, "every object is closed and all its properties are required", for: [.openAIStrict]) {
      context in
      context.places.flatMap { place -> [LintRemark] in
        guard place.isOfType("object") || place.members["properties"] != nil else { return [] }
        var remarks: [LintRemark] = []
        if place.members["additionalProperties"]?.bool != false {
          let pointer = place.pointer.appending("additionalProperties")
          remarks.append(
            LintRemark(
              place.pointer, "a strict object must have \"additionalProperties\": false",
              fix: LintFix(title: "add \"additionalProperties\": false", edits: [.set(pointer, false)])))
        }
        let required = place.members["required"]?.array ?? []
        for (name, property) in place.members["properties"]?.object ?? [:] where !required.contains(.string(name)) {
          remarks.append(
            LintRemark(
              place.pointer.appending("properties").appending(name),
              "a strict schema must require \(JSONValue.quoted(name)); make it a union with null if it is optional",
              fix: requiring(name, property, in: place)))
        }
        return remarks
      }
    },
    LintRule("S3", .error, "the schema keeps the limits of size", for: [.openAIStrict]) { context in
      guard context.tool.schema != nil else { return [] }
      let pointer = context.tool.schemaPointer
      var remarks: [LintRemark] = []
      if context.properties.count > 5_000 {
        remarks.append(LintRemark(pointer, "\(context.properties.count) properties; strict mode allows 5,000"))
      }
      if let deepest = context.places.max(by: { $0.depth < $1.depth }), deepest.depth > 10 {
        remarks.append(LintRemark(deepest.pointer, "\(deepest.depth) levels; strict mode allows 10"))
      }
      var values = 0
      var characters = 0
      for place in context.places {
        let enumeration = place.members["enum"]?.array ?? []
        values += enumeration.count
        let length = enumeration.reduce(0) { $0 + ($1.string?.unicodeScalars.count ?? 0) }
        characters += length + (place.members["const"]?.string?.unicodeScalars.count ?? 0)
        if case .property(let name) = place.role { characters += name.unicodeScalars.count }
        if case .definition = place.role { characters += place.pointer.tokens?.last?.unicodeScalars.count ?? 0 }
        if enumeration.count > 250, length > 15_000 {
          remarks.append(
            LintRemark(
              place.pointer.appending("enum"),
              "\(enumeration.count) values with \(length) characters; strict mode allows 15,000 beyond 250 values"))
        }
      }
      if values > 1_000 { remarks.append(LintRemark(pointer, "\(values) enum values; strict mode allows 1,000")) }
      if characters > 120_000 {
        remarks.append(LintRemark(pointer, "\(characters) characters in names and values; strict mode allows 120,000"))
      }
      return remarks
    },
    LintRule("S4", .error, "no keyword is used that strict mode refuses", for: [.openAIStrict]) { context in
      let refused: [Keyword] = [.allOf, .not, .if, .then, .else, .dependentRequired, .dependentSchemas]
      return context.places.flatMap { place in
        refused.filter { place.members[$0.rawValue] != nil }.map { keyword in
          LintRemark(place.pointer.appending(keyword.rawValue), "strict mode refuses \(keyword.rawValue)")
        }
      }
    },
    LintRule("S5", .error, "no schema contains itself", for: [.anthropic, .gemini, .mcp]) { context in
      guard case .success(let schema)? = context.tool.compiled else { return [] }
      return schema.recursiveReferences.map { pointer in
        LintRemark(
          JSONPointer(text: context.tool.schemaPointer.text + pointer.text + "/$ref"),
          "the schema contains itself by this reference, which not every provider accepts")
      }
    },
  ]

  /// Adds a name to `required` and null to the property's type, which together keep the property optional.
  private static func requiring(_ name: String, _ property: JSONValue, in place: LintedSchema) -> LintFix? {
    guard let types = property["type"], property["enum"] == nil, property["const"] == nil else { return nil }
    let list: [JSONValue]
    switch types {
    case .string: list = [types]
    case .array(let elements): list = elements
    default: return nil
    }
    var required = place.members["required"]?.array ?? []
    required.append(.string(name))
    let type = place.pointer.appending("properties").appending(name).appending("type")
    return LintFix(
      title: "require \(JSONValue.quoted(name)) and let it be null",
      edits: [
        .set(place.pointer.appending("required"), .array(required)),
        .set(type, .array(list.contains("null") ? list : list + ["null"])),
      ])
  }
}

extension JSONSchema {
  /// The schemas whose `$ref` leads to one that they are part of.
  var recursiveReferences: [JSONPointer] {
    // Depth first from the root: a reference to a node that is still open closes a circle.
    enum State { case new, open, done }
    var states = Array(repeating: State.new, count: nodes.count)
    var found: [JSONPointer] = []
    var stack: [(id: Int, next: Int)] = [(root.index, 0)]
    states[root.index] = .open
    while let (id, next) = stack.last {
      let children = nodes[id].children
      guard next < children.count else {
        states[id] = .done
        stack.removeLast()
        continue
      }
      stack[stack.count - 1].next += 1
      let child = children[next].index
      switch states[child] {
      case .new:
        states[child] = .open
        stack.append((child, 0))
      case .open:
        if nodes[id].ref?.index == child, !found.contains(nodes[id].pointer) { found.append(nodes[id].pointer) }
      case .done: break
      }
    }
    return found
  }
}

extension SchemaNode {
  /// Every node that this one applies or refers to.
  var children: [NodeID] {
    var ids = allOf + anyOf + oneOf + array.prefixItems
    ids += [not, condition, then, otherwise, ref, dynamicRef?.initial].compactMap(\.self)
    ids += [array.items, array.contains, array.unevaluatedItems].compactMap(\.self)
    ids += object.properties.map(\.node) + object.patternProperties.map(\.node) + object.dependentSchemas.map(\.node)
    ids += [object.additionalProperties, object.propertyNames, object.unevaluatedProperties].compactMap(\.self)
    return ids
  }
}
