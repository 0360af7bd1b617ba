import JSON

extension Validator {
  /// `type`, `enum` and `const`.
  mutating func checkAnyType(_ node: SchemaNode, _ value: JSONValue) -> Bool {
    var isValid = true
    if let types = node.types, types != .all, !types.contains(TypeSet(of: value, draft: node.draft)) {
      isValid = fail(
        node, .type,
        "\(found(value)), expected \(types.names.joined(separator: " or "))")
    }
    if let values = node.enumeration, !node.lists(value) {
      isValid = fail(node, .enum, "\(describe(value)) is not one of \(list(values.map(describe)))")
    }
    if let constant = node.constant, constant != value {
      isValid = fail(node, .const, "\(describe(value)) is not \(describe(constant))")
    }
    return isValid
  }

  mutating func checkNumber(_ node: SchemaNode, _ number: JSONNumber) -> Bool {
    var isValid = true
    if let bound = node.number.lower {
      if bound.isExclusive, !(bound.value < number) {
        isValid = fail(node, bound.keyword, "\(number.literal) is not greater than \(bound.value.literal)")
      } else if number < bound.value {
        isValid = fail(node, bound.keyword, "\(number.literal) is less than \(bound.value.literal)")
      }
    }
    if let bound = node.number.upper {
      if bound.isExclusive, !(number < bound.value) {
        isValid = fail(node, bound.keyword, "\(number.literal) is not less than \(bound.value.literal)")
      } else if bound.value < number {
        isValid = fail(node, bound.keyword, "\(number.literal) is greater than \(bound.value.literal)")
      }
    }
    if let divisor = node.number.multipleOf, !number.isMultiple(of: divisor) {
      isValid = fail(node, .multipleOf, "\(number.literal) is not a multiple of \(divisor.literal)")
    }
    return isValid
  }

  mutating func checkString(_ node: SchemaNode, _ text: String) throws(ValidationLimit) -> Bool {
    var isValid = true
    let keywords = node.string
    if keywords.minLength > 0 || keywords.maxLength != nil {
      let length = text.unicodeScalars.count
      if length < keywords.minLength {
        isValid = fail(
          node, .minLength,
          "\(describe(.string(text))) has \(count(length, "character")), at least \(keywords.minLength) expected")
      }
      if let limit = keywords.maxLength, length > limit {
        isValid = fail(
          node, .maxLength, "\(describe(.string(text))) has \(count(length, "character")), at most \(limit) expected")
      }
    }
    if let pattern = keywords.pattern, try !matches(pattern, text, node, .pattern) {
      isValid = fail(
        node, .pattern, "\(describe(.string(text))) does not match the pattern \(JSONValue.quoted(pattern.source))")
    }
    if let name = keywords.format, assertsFormats || keywords.assertsFormat, let format = StringFormat(rawValue: name),
      !format.accepts(text)
    {
      isValid = fail(node, .format, "\(describe(.string(text))) does not have the format \(name)")
    }
    return isValid
  }

  func matches(
    _ pattern: SchemaPattern, _ text: String, _ node: SchemaNode, _ keyword: Keyword
  ) throws(ValidationLimit) -> Bool {
    func limit(_ reason: String) -> ValidationLimit {
      .unusablePattern(document: node.document, schema: node.pointer.appending(keyword.rawValue), reason: reason)
    }
    let program: RegularExpressionProgram
    switch pattern.program {
    case .success(let compiled): program = compiled
    case .failure(let reason): throw limit(reason.sentence)
    }
    do { return try program.matches(text) } catch { throw limit(error.description) }
  }
}

/// A value and its type: `"5" is a string`.
private func found(_ value: JSONValue) -> String {
  switch value {
  case .null: "found null"
  case .array(let elements) where elements.isEmpty: "found an empty array"
  case .object(let members) where members.isEmpty: "found an empty object"
  case .array, .object: "\(describe(value)) is an \(value.typeName)"
  case .bool, .number, .string: "\(describe(value)) is a \(value.typeName)"
  }
}

/// "1 element", "2 elements".
func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }

/// A list that does not grow beyond a line.
func list(_ items: [String]) -> String {
  guard items.count > 12 else { return items.joined(separator: ", ") }
  return items.prefix(10).joined(separator: ", ") + " and \(items.count - 10) more"
}
