import JSON

/// Which elements and members of one value some schema has looked at, for the `unevaluated` keywords.
struct Evaluated {
  /// One flag per element or member; empty while none is evaluated.
  var flags: [Bool] = []

  mutating func insert(_ index: Int, of count: Int) {
    if flags.isEmpty { flags = Array(repeating: false, count: count) }
    flags[index] = true
  }

  mutating func insertAll(_ count: Int) { flags = Array(repeating: true, count: count) }

  mutating func formUnion(_ other: Evaluated) {
    if flags.isEmpty {
      flags = other.flags
    } else {
      for index in other.flags.indices where other.flags[index] { flags[index] = true }
    }
  }

  func contains(_ index: Int) -> Bool { !flags.isEmpty && flags[index] }
}

/// One validation: walks the schema's nodes and the value together.
struct Validator {
  /// Schemas applied within each other, at most: what fits a thread's stack in an unoptimised build.
  static let depthLimit = 1_000

  let schema: JSONSchema
  let assertsFormats: Bool
  /// Some node asks which members were evaluated.
  let tracksEvaluated: Bool
  private(set) var errors: [ValidationError] = []
  /// Without reports the first failure ends the matter.
  private(set) var reports: Bool
  /// The errors found now are to explain another.
  private var isGivingReasons = false

  private enum Step {
    case member(String)
    case element(Int)
  }
  /// From the root of the instance to the value.
  private var path: [Step] = []
  /// Resources entered, from the outside: the dynamic scope.
  private var scope: [Int] = []
  /// Nodes being applied; from `activeStart` on to the value at hand.
  private var active: [NodeID] = []
  private var activeStart = 0

  init(schema: JSONSchema, assertsFormats: Bool, reports: Bool) {
    self.schema = schema
    self.assertsFormats = assertsFormats
    self.reports = reports
    tracksEvaluated = schema.nodes.contains {
      $0.array.unevaluatedItems != nil || $0.object.unevaluatedProperties != nil
    }
  }

  /// Applies a schema to a value. What it evaluated of the value is added to `outer`, if the value conforms.
  mutating func check(_ id: NodeID, _ value: JSONValue, _ outer: inout Evaluated) throws(ValidationLimit) -> Bool {
    let node = schema.nodes[id.index]
    if let boolean = node.boolean {
      return boolean || fail(node, nil, "no value is allowed here")
    }
    if active[activeStart...].contains(id) {
      throw .endlessReference(document: node.document, schema: node.pointer)
    }
    if active.count >= Self.depthLimit { throw .tooDeep(instance: pointer, limit: Self.depthLimit) }
    active.append(id)
    defer { active.removeLast() }
    let entersResource = scope.last != node.resource
    if entersResource { scope.append(node.resource) }
    defer { if entersResource { scope.removeLast() } }

    var evaluated = Evaluated()
    var isValid = checkAnyType(node, value)
    if !isValid, !reports { return false }
    isValid = try checkReferences(node, value, &evaluated) && isValid
    if !isValid, !reports { return false }
    isValid = try checkCombinations(node, value, &evaluated) && isValid
    if !isValid, !reports { return false }
    switch value {
    case .number(let number): isValid = checkNumber(node, number) && isValid
    case .string(let text): isValid = try checkString(node, text) && isValid
    case .array(let elements):
      isValid = try checkArray(node, elements, &evaluated) && isValid
      // A part that failed evaluated nothing; to list its members as unevaluated would only hide the cause.
      if isValid { isValid = try checkUnevaluatedItems(node, elements, &evaluated) }
    case .object(let object):
      isValid = try checkObject(node, object, value, &evaluated) && isValid
      if isValid { isValid = try checkUnevaluatedProperties(node, object, &evaluated) }
    case .null, .bool: break
    }
    if isValid, tracksEvaluated { outer.formUnion(evaluated) }
    return isValid
  }

  /// Applies a schema to a member of the value.
  mutating func check(_ id: NodeID, member name: String, _ value: JSONValue) throws(ValidationLimit) -> Bool {
    path.append(.member(name))
    return try checkChild(id, value)
  }

  /// Applies a schema to an element of the value.
  mutating func check(_ id: NodeID, element index: Int, _ value: JSONValue) throws(ValidationLimit) -> Bool {
    path.append(.element(index))
    return try checkChild(id, value)
  }

  private mutating func checkChild(_ id: NodeID, _ value: JSONValue) throws(ValidationLimit) -> Bool {
    let outerStart = activeStart
    activeStart = active.count
    defer {
      path.removeLast()
      activeStart = outerStart
    }
    var evaluated = Evaluated()
    return try check(id, value, &evaluated)
  }

  /// Applies a schema to another value than that of the document, such as a member's name.
  mutating func checkApart(_ id: NodeID, _ value: JSONValue) throws(ValidationLimit) -> Bool {
    let outerStart = activeStart
    activeStart = active.count
    defer { activeStart = outerStart }
    var evaluated = Evaluated()
    return try check(id, value, &evaluated)
  }

  // MARK: - Schemas applied in place

  private mutating func checkReferences(
    _ node: SchemaNode, _ value: JSONValue, _ evaluated: inout Evaluated
  ) throws(ValidationLimit) -> Bool {
    var isValid = true
    if let target = node.ref { isValid = try check(target, value, &evaluated) }
    if let reference = node.dynamicRef {
      isValid = try check(target(of: reference), value, &evaluated) && isValid
    }
    return isValid
  }

  /// The first resource of the dynamic scope, from the outside, that has the anchor.
  private func target(of reference: DynamicReference) -> NodeID {
    guard let anchor = reference.anchor else { return reference.initial }
    for resource in scope {
      if let target = schema.resources[resource].dynamicAnchors[anchor] { return target }
    }
    return reference.initial
  }

  private mutating func checkCombinations(
    _ node: SchemaNode, _ value: JSONValue, _ evaluated: inout Evaluated
  ) throws(ValidationLimit) -> Bool {
    var isValid = true
    for id in node.allOf {
      isValid = try check(id, value, &evaluated) && isValid
      if !isValid, !reports { return false }
    }
    if !node.anyOf.isEmpty {
      var conforms = false
      for id in node.anyOf where tracksEvaluated || !conforms {
        let branch = try conformsQuietly(id, value, &evaluated)
        conforms = conforms || branch
      }
      if !conforms { isValid = try failAlternatives(node, .anyOf, value, node.anyOf) }
    }
    if !node.oneOf.isEmpty {
      var matching: [Int] = []
      for (index, id) in node.oneOf.enumerated() {
        if try conformsQuietly(id, value, &evaluated) { matching.append(index) }
      }
      if matching.isEmpty {
        isValid = try failAlternatives(node, .oneOf, value, node.oneOf)
      } else if matching.count > 1 {
        let places = matching.map(String.init).joined(separator: ", ")
        isValid = fail(
          node, .oneOf,
          "\(describe(value)) conforms to \(matching.count) schemas of oneOf (\(places)), exactly one is expected")
      }
    }
    if let id = node.not {
      var ignored = Evaluated()
      if try conformsQuietly(id, value, &ignored) {
        isValid = fail(node, .not, "\(describe(value)) conforms to the schema of \"not\", which it must not")
      }
    }
    if let id = node.condition {
      let holds = try conformsQuietly(id, value, &evaluated)
      if let branch = holds ? node.then : node.otherwise { isValid = try check(branch, value, &evaluated) && isValid }
    }
    return isValid
  }

  /// Applies a schema whose failure is not yet an error.
  mutating func conformsQuietly(
    _ id: NodeID, _ value: JSONValue, _ evaluated: inout Evaluated
  ) throws(ValidationLimit) -> Bool {
    let reported = reports
    reports = false
    defer { reports = reported }
    return try check(id, value, &evaluated)
  }

  /// The same for an element, of which nothing is remembered.
  mutating func conformsApart(_ id: NodeID, _ value: JSONValue) throws(ValidationLimit) -> Bool {
    let reported = reports
    reports = false
    defer { reports = reported }
    return try checkApart(id, value)
  }

  // MARK: - Errors

  /// Where the value stands in the instance.
  var pointer: JSONPointer {
    var pointer = JSONPointer()
    for step in path {
      switch step {
      case .member(let name): pointer = pointer.appending(name)
      case .element(let index): pointer = pointer.appending(index)
      }
    }
    return pointer
  }

  /// Notes an error, if errors are asked for.
  /// - Returns: false, for the caller to pass on.
  mutating func fail(_ node: SchemaNode, _ keyword: Keyword?, _ sentence: @autoclosure () -> String) -> Bool {
    guard reports else { return false }
    errors.append(
      ValidationError(
        instance: pointer, document: node.document,
        schema: keyword.map { node.pointer.appending($0.rawValue) } ?? node.pointer, keyword: keyword,
        sentence: sentence()))
    return false
  }

  /// Notes that a value conforms to none of several schemas, with the first reason against each if they are few.
  private mutating func failAlternatives(
    _ node: SchemaNode, _ keyword: Keyword, _ value: JSONValue, _ alternatives: [NodeID]
  ) throws(ValidationLimit) -> Bool {
    guard reports else { return false }
    // Reasons within reasons would grow with every level.
    let reasons = !isGivingReasons && alternatives.count <= 4 ? try reasons(alternatives, value) : []
    let list = reasons.isEmpty ? "" : ": " + reasons.joined(separator: "; or ")
    return fail(
      node, keyword,
      "\(describe(value)) conforms to none of the \(alternatives.count) schemas of \(keyword.rawValue)\(list)")
  }

  private mutating func reasons(_ alternatives: [NodeID], _ value: JSONValue) throws(ValidationLimit) -> [String] {
    isGivingReasons = true
    defer { isGivingReasons = false }
    var reasons: [String] = []
    let known = errors.count
    for id in alternatives {
      var ignored = Evaluated()
      _ = try check(id, value, &ignored)
      if let first = errors.dropFirst(known).first {
        let below = first.instance.text.utf8.dropFirst(pointer.text.utf8.count)
        reasons.append(
          below.isEmpty ? first.sentence : "\(String(decoding: Array(below), as: UTF8.self)): \(first.sentence)")
      }
      errors.removeLast(errors.count - known)
    }
    return reasons
  }

  /// The places of errors found so far, to change those that follow.
  var errorCount: Int { errors.count }

  /// Puts a remark before the errors that were noted after a place.
  mutating func prefixErrors(from start: Int, _ remark: String) {
    for index in errors.indices.dropFirst(start) {
      let error = errors[index]
      errors[index] = ValidationError(
        instance: error.instance, document: error.document, schema: error.schema, keyword: error.keyword,
        sentence: remark + error.sentence)
    }
  }
}
