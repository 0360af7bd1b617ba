import JSON

extension LintRule {
  /// P: the schema of the arguments (ToolSpec TS101 to TS105, mcp-lint, mcplint-cli).
  static let parameters: [LintRule] = [
    LintRule("P1", .error, "each property has a type") { context in
      context.properties.filter { !$0.place.saysWhatItIs }.map { name, place in
        LintRemark(place.pointer, "the property \(JSONValue.quoted(name)) has no type")
      }
    },
    LintRule("P2", .warning, "each property has a description") { context in
      context.properties.filter {
        ($0.place.members["description"]?.string ?? "").isEmpty && $0.place.members["$ref"] == nil
      }
      .map { name, place in LintRemark(place.pointer, "the property \(JSONValue.quoted(name)) has no description") }
    },
    LintRule("P3", .warning, "names of properties say what they hold") { context in
      context.properties.filter { isOpaque($0.name) }.map { name, place in
        LintRemark(place.pointer, "the name \(JSONValue.quoted(name)) does not say what it holds")
      }
    },
    LintRule("P4", .warning, "objects and arrays say what they contain") { context in
      context.places.compactMap { place in
        if place.role != .root, place.isOfType("object"),
          !place.hasAny([.properties, .patternProperties, .additionalProperties, .ref] + alternatives)
        {
          return LintRemark(place.pointer, "the object does not say which properties it has")
        }
        if place.isOfType("array"), !place.hasAny([.items, .prefixItems, .contains, .ref] + alternatives) {
          return LintRemark(place.pointer, "the array does not say what its elements are")
        }
        return nil
      }
    },
    LintRule("P5", .error, "required is a list of names in the object's schema") { context in
      context.places.compactMap { place in
        guard let required = place.members["required"], required.array?.allSatisfy({ $0.string != nil }) != true else {
          return nil
        }
        let pointer = place.pointer.appending("required")
        guard case .bool(let flag) = required else {
          return LintRemark(pointer, "found \(describe(required)), expected an array of property names")
        }
        return LintRemark(
          pointer, "\"required\" is \(flag), expected an array of names in the schema around the property",
          fix: movingRequired(flag, of: place, in: context.places))
      }
    },
    LintRule("P6", .error, "every required name is a property") { context in
      context.places.flatMap { place -> [LintRemark] in
        guard let properties = place.members["properties"]?.object, !place.hasAny([.patternProperties]) else {
          return []
        }
        return (place.members["required"]?.array ?? []).enumerated().compactMap { index, name in
          guard let name = name.string, properties[name] == nil else { return nil }
          return LintRemark(
            place.pointer.appending("required").appending(index),
            "the required \(JSONValue.quoted(name)) is not among the properties")
        }
      }
    },
    LintRule("P7", .error, "an enum has values, of the schema's type") { context in
      context.places.flatMap { place -> [LintRemark] in
        guard let values = place.members["enum"] else { return [] }
        let pointer = place.pointer.appending("enum")
        guard let values = values.array else {
          return [LintRemark(pointer, "found \(describe(values)), expected an array of values")]
        }
        if values.isEmpty { return [LintRemark(pointer, "the enum has no value, so nothing conforms")] }
        let types = place.types.compactMap(TypeSet.init(name:)).reduce(TypeSet()) { $0.union($1) }
        guard !types.isEmpty else { return [] }
        return values.enumerated().filter { !types.contains(TypeSet(of: $1)) }.map { index, value in
          LintRemark(
            pointer.appending(index), "\(describe(value)) is not of the type \(types.names.joined(separator: " or "))")
        }
      }
    },
    LintRule("P8", .error, "defaults and examples are valid") { context in
      guard case .success(let schema)? = context.tool.compiled, let root = context.tool.schema?.pointer else {
        return []
      }
      return context.places.flatMap { place -> [LintRemark] in
        var samples: [(JSONPointer, JSONValue)] = []
        for key in ["default", "example"] {
          if let value = place.members[key] { samples.append((place.pointer.appending(key), value)) }
        }
        for (index, value) in (place.members["examples"]?.array ?? []).enumerated() {
          samples.append((place.pointer.appending("examples").appending(index), value))
        }
        guard !samples.isEmpty else { return [] }
        let below = place.pointer.text.utf8.dropFirst(root.text.utf8.count)
        let inSchema = JSONPointer(text: String(decoding: Array(below), as: UTF8.self))
        guard let node = schema.nodes.firstIndex(where: { $0.pointer == inSchema && $0.document == schema.name }) else {
          return []
        }
        return samples.compactMap { pointer, value in
          guard let error = try? schema.validate(value, at: NodeID(index: node), assertingFormats: true).first else {
            return nil
          }
          return LintRemark(pointer, "the sample is not valid: \(error.description)")
        }
      }
    },
    LintRule("P9", .warning, "the schema is at most five levels deep") { context in
      guard let deepest = context.places.max(by: { $0.depth < $1.depth }), deepest.depth > 5 else { return [] }
      return [LintRemark(deepest.pointer, "the schema is \(deepest.depth) levels deep; models do best with at most 5")]
    },
    LintRule("P10", .warning, "there are at most 15 parameters") { context in
      let found = context.tool.schema?.value["properties"]?.object?.count ?? 0
      guard found > 15 else { return [] }
      return [
        LintRemark(
          context.tool.schemaPointer.appending("properties"),
          "the function has \(found) parameters; models do best with at most 15")
      ]
    },
    LintRule("P11", .warning, "formats are those of JSON Schema") { context in
      context.places.compactMap { place in
        guard let name = place.members["format"]?.string, StringFormat(rawValue: name) == nil else { return nil }
        return LintRemark(
          place.pointer.appending("format"), "\(JSONValue.quoted(name)) is no format of JSON Schema; nothing checks it")
      }
    },
    LintRule("P12", .warning, "what cannot be undone warns of it") { context in
      guard let name = context.tool.name else { return [] }
      let words = LintWords.words(context.tool.nameText)
      guard let word = words.first(where: { destructive.contains($0) }),
        context.tool.annotations?.value["destructiveHint"] == nil
      else { return [] }
      let text = context.tool.descriptionText.lowercased()
      guard !warnings.contains(where: { text.contains($0) }) else { return [] }
      return [
        LintRemark(
          name.pointer,
          "\(JSONValue.quoted(word)) cannot be undone; the description does not say so, or when to ask first")
      ]
    },
  ]

  private static let alternatives: [Keyword] = [.allOf, .anyOf, .oneOf, .if, .enum, .const]

  private static func isOpaque(_ name: String) -> Bool {
    let opaque: Set<String> = [
      "val", "value1", "value2", "arg", "arg1", "arg2", "args", "param", "param1", "param2", "params", "tmp", "temp",
      "foo", "bar", "obj",
      "str", "num", "var", "data1", "input1", "misc", "stuff", "thing",
    ]
    return name.unicodeScalars.count == 1 && name.unicodeScalars.allSatisfy(\.isASCII)
      || opaque.contains(name.lowercased())
  }

  private static let destructive: Set<String> = [
    "delete", "remove", "drop", "destroy", "purge", "erase", "wipe", "truncate", "kill", "terminate", "revoke",
    "refund", "pay", "transfer",
    "uninstall", "overwrite",
  ]

  private static let warnings = [
    "undone", "undo", "irrevers", "permanent", "confirm", "ask ", "careful", "caution", "warning", "destructive",
    "only after", "不可", "永久",
    "确认", "谨慎",
  ]

  /// Takes a property's `required: true` to the list of the schema around it; `required: false` goes.
  private static func movingRequired(_ flag: Bool, of place: LintedSchema, in places: [LintedSchema]) -> LintFix? {
    guard case .property(let name) = place.role else { return nil }
    let removal = LintFix.Edit.remove(place.pointer.appending("required"))
    if !flag { return LintFix(title: "remove \"required\": false", edits: [removal]) }
    guard let pointer = place.pointer.parent?.parent, let outer = places.first(where: { $0.pointer == pointer }) else {
      return nil
    }
    let names = outer.members["required"]
    if names != nil, names?.array == nil { return nil }
    var list = names?.array ?? []
    if !list.contains(.string(name)) { list.append(.string(name)) }
    return LintFix(
      title: "add \(JSONValue.quoted(name)) to the list of the schema around it",
      edits: [removal, .set(pointer.appending("required"), .array(list))])
  }
}

extension LintedSchema {
  func hasAny(_ keywords: [Keyword]) -> Bool { keywords.contains { members[$0.rawValue] != nil } }

  /// Has a type, or a keyword that takes its place.
  fileprivate var saysWhatItIs: Bool {
    value.bool != nil || hasAny([.type, .enum, .const, .ref, .dynamicRef, .allOf, .anyOf, .oneOf, .not, .if])
  }
}
