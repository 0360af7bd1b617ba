import JSON

// MARK: - Arrays

extension Validator {
  mutating func checkArray(
    _ node: SchemaNode, _ elements: [JSONValue], _ evaluated: inout Evaluated
  ) throws(ValidationLimit) -> Bool {
    let keywords = node.array
    var isValid = true
    if elements.count < keywords.minItems {
      isValid = fail(
        node, .minItems, "the array has \(count(elements.count, "element")), at least \(keywords.minItems) expected")
    }
    if let limit = keywords.maxItems, elements.count > limit {
      isValid = fail(node, .maxItems, "the array has \(count(elements.count, "element")), at most \(limit) expected")
    }
    if keywords.uniqueItems, let (first, second) = equalElements(elements) {
      isValid = fail(node, .uniqueItems, "elements \(first) and \(second) are both \(describe(elements[first]))")
    }
    if !isValid, !reports { return false }
    for (index, element) in elements.enumerated() {
      guard let id = index < keywords.prefixItems.count ? keywords.prefixItems[index] : keywords.items else { break }
      isValid = try check(id, element: index, element) && isValid
      if !isValid, !reports { return false }
      if tracksEvaluated { evaluated.insert(index, of: elements.count) }
    }
    if let id = keywords.contains { isValid = try checkContains(id, node, elements, &evaluated) && isValid }
    return isValid
  }

  private mutating func checkContains(
    _ id: NodeID, _ node: SchemaNode, _ elements: [JSONValue], _ evaluated: inout Evaluated
  ) throws(ValidationLimit) -> Bool {
    var found = 0
    for (index, element) in elements.enumerated() where try conformsApart(id, element) {
      found += 1
      if tracksEvaluated { evaluated.insert(index, of: elements.count) }
    }
    if found < node.array.minContains {
      let keyword: Keyword = node.keywords.contains(.minContains) ? .minContains : .contains
      return fail(
        node, keyword,
        "\(count(found, "element")) of the array conform\(found == 1 ? "s" : "") to \"contains\", at least \(node.array.minContains) expected"
      )
    }
    if let limit = node.array.maxContains, found > limit {
      return fail(
        node, .maxContains,
        "\(count(found, "element")) of the array conform\(found == 1 ? "s" : "") to \"contains\", at most \(limit) expected"
      )
    }
    return true
  }

  mutating func checkUnevaluatedItems(
    _ node: SchemaNode, _ elements: [JSONValue], _ evaluated: inout Evaluated
  ) throws(ValidationLimit) -> Bool {
    guard let id = node.array.unevaluatedItems else { return true }
    var isValid = true
    for (index, element) in elements.enumerated() where !evaluated.contains(index) {
      isValid = try check(id, element: index, element) && isValid
      if !isValid, !reports { return false }
    }
    evaluated.insertAll(elements.count)
    return isValid
  }

  /// The first two equal elements, compared by value.
  private func equalElements(_ elements: [JSONValue]) -> (Int, Int)? {
    if elements.count < 8 {
      for second in elements.indices {
        for first in 0..<second where elements[first] == elements[second] { return (first, second) }
      }
      return nil
    }
    var places: [Int: [Int]] = [:]
    for (second, element) in elements.enumerated() {
      var hasher = Hasher()
      element.hashByValue(into: &hasher)
      let hash = hasher.finalize()
      for first in places[hash] ?? [] where elements[first] == element { return (first, second) }
      places[hash, default: []].append(second)
    }
    return nil
  }
}

extension JSONValue {
  /// Equal values feed the hasher alike, however numbers are written and members ordered.
  fileprivate func hashByValue(into hasher: inout Hasher) {
    switch self {
    case .null: hasher.combine(0)
    case .bool(let flag): hasher.combine(flag)
    case .number(let number): hasher.combine(number)
    case .string(let text): for byte in text.utf8 { hasher.combine(byte) }
    case .array(let elements):
      hasher.combine(elements.count)
      for element in elements { element.hashByValue(into: &hasher) }
    case .object(let object):
      var sum = 0
      for (name, value) in object {
        var member = Hasher()
        for byte in name.utf8 { member.combine(byte) }
        value.hashByValue(into: &member)
        sum &+= member.finalize()
      }
      hasher.combine(sum)
    }
  }
}

// MARK: - Objects

extension Validator {
  mutating func checkObject(
    _ node: SchemaNode, _ object: JSONObject, _ value: JSONValue, _ evaluated: inout Evaluated
  ) throws(ValidationLimit) -> Bool {
    let keywords = node.object
    var isValid = true
    if object.count < keywords.minProperties {
      isValid = fail(
        node, .minProperties,
        "the object has \(count(object.count, "member")), at least \(keywords.minProperties) expected")
    }
    if let limit = keywords.maxProperties, object.count > limit {
      isValid = fail(node, .maxProperties, "the object has \(count(object.count, "member")), at most \(limit) expected")
    }
    for name in keywords.required where object.position(of: name) == nil {
      isValid = fail(node, .required, "the property \(JSONValue.quoted(name)) is missing")
    }
    for dependency in keywords.dependentRequired where object.position(of: dependency.name) != nil {
      for name in dependency.required where object.position(of: name) == nil {
        isValid = fail(
          node, dependency.keyword,
          "with \(JSONValue.quoted(dependency.name)) the property \(JSONValue.quoted(name)) is expected too")
      }
    }
    if !isValid, !reports { return false }
    for dependency in keywords.dependentSchemas where object.position(of: dependency.name) != nil {
      isValid = try check(dependency.node, value, &evaluated) && isValid
      if !isValid, !reports { return false }
    }
    if let id = keywords.propertyNames {
      for name in object.keys {
        let known = errorCount
        isValid = try checkApart(id, .string(name)) && isValid
        if !isValid, !reports { return false }
        prefixErrors(from: known, "property name: ")
      }
    }
    return try checkMembers(node, object, &evaluated) && isValid
  }

  /// `properties`, `patternProperties` and `additionalProperties`.
  private mutating func checkMembers(
    _ node: SchemaNode, _ object: JSONObject, _ evaluated: inout Evaluated
  ) throws(ValidationLimit) -> Bool {
    let keywords = node.object
    if keywords.properties.isEmpty, keywords.patternProperties.isEmpty, keywords.additionalProperties == nil {
      return true
    }
    var isValid = true
    var named = Evaluated()
    for property in keywords.properties {
      guard let position = object.position(of: property.name) else { continue }
      named.insert(position, of: object.count)
      isValid = try check(property.node, member: property.name, object.values[position]) && isValid
      if !isValid, !reports { return false }
    }
    for property in keywords.patternProperties {
      for (position, name) in object.keys.enumerated()
      where try matches(property.pattern, name, node, .patternProperties) {
        named.insert(position, of: object.count)
        isValid = try check(property.node, member: name, object.values[position]) && isValid
        if !isValid, !reports { return false }
      }
    }
    if let id = keywords.additionalProperties {
      for (position, name) in object.keys.enumerated() where !named.contains(position) {
        if schema.nodes[id.index].boolean == false {
          let known = list(keywords.properties.map { JSONValue.quoted($0.name) })
          isValid = fail(
            node, .additionalProperties,
            "the property \(JSONValue.quoted(name)) is not allowed\(known.isEmpty ? "" : "; known are \(known)")")
        } else {
          isValid = try check(id, member: name, object.values[position]) && isValid
        }
        if !isValid, !reports { return false }
      }
      if tracksEvaluated { evaluated.insertAll(object.count) }
    } else if tracksEvaluated {
      evaluated.formUnion(named)
    }
    return isValid
  }

  mutating func checkUnevaluatedProperties(
    _ node: SchemaNode, _ object: JSONObject, _ evaluated: inout Evaluated
  ) throws(ValidationLimit) -> Bool {
    guard let id = node.object.unevaluatedProperties else { return true }
    var isValid = true
    for (position, name) in object.keys.enumerated() where !evaluated.contains(position) {
      if schema.nodes[id.index].boolean == false {
        isValid = fail(node, .unevaluatedProperties, "the property \(JSONValue.quoted(name)) is not allowed")
      } else {
        isValid = try check(id, member: name, object.values[position]) && isValid
      }
      if !isValid, !reports { return false }
    }
    evaluated.insertAll(object.count)
    return isValid
  }
}
