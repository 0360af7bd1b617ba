/// Why a rule may admit nothing.
enum UnsatisfiableCause {
  case sentence(String)
  /// The keywords of these nodes together; which of them the rule tells.
  case keywords([Int])
}

/// From the root of a schema that nothing satisfies to the keywords that say so.
extension SchemaCompiler {
  /// - Parameter rules: as they were before those that admit nothing were found.
  func reason(of root: RuleID, in rules: [Rule]) -> String? {
    var visited: Set<RuleID> = []
    return reason(root, rules, &visited)
  }

  private func reason(_ rule: RuleID, _ rules: [Rule], _ visited: inout Set<RuleID>) -> String? {
    guard visited.insert(rule).inserted else { return nil }
    var nodes: [Int] = []
    switch causes[rule] {
    case .sentence(let reason): return reason
    case .keywords(let own): nodes = own
    case nil: break
    }
    switch rules[Int(rule)] {
    case .never, .automaton: return nil
    case .choice(let choices):
      for choice in choices { if let reason = reason(choice, rules, &visited) { return reason } }
      return nil
    case .string(let minimum, let maximum):
      guard let maximum else { return nil }
      return "\(self.place(of: nodes) { $0.string.minLength == minimum }): minLength is \(minimum), and maxLength \(maximum)"
    case .pattern:
      var keywords: [Keyword] = []
      for keyword in [Keyword.pattern, .format, .minLength, .maxLength, .not]
      where nodes.contains(where: { schema.nodes[$0].keywords.contains(keyword) }) {
        keywords.append(keyword)
      }
      let names = keywords.map(\.rawValue).joined(separator: ", ")
      return "\(place(of: nodes) { $0.string.pattern != nil }): no string satisfies \(names)\(keywords.count > 1 ? " together" : "")"
    case .object(let number): return reason(table.objects[Int(number)], nodes, rules, &visited)
    case .array(let number): return reason(table.arrays[Int(number)], nodes, rules, &visited)
    }
  }

  private func isSatisfiable(_ rule: RuleID) -> Bool {
    if case .never = table.rules[Int(rule)] { false } else { true }
  }

  /// The first of the nodes with some keyword, else the first of them.
  private func place(of nodes: [Int], where holds: (SchemaNode) -> Bool) -> String {
    let index = nodes.first { holds(schema.nodes[$0]) } ?? nodes.first ?? schema.root.index
    return place(schema.nodes[index])
  }

  private func reason(
    _ object: ObjectRule, _ nodes: [Int], _ rules: [Rule], _ visited: inout Set<RuleID>
  ) -> String? {
    for property in object.properties where property.isRequired && !isSatisfiable(property.rule) {
      if let reason = reason(property.rule, rules, &visited) { return reason }
      // Recursion without end has no place.
      guard case .never = rules[Int(property.rule)] else { return nil }
      let name = String(decoding: property.name, as: UTF8.self)
      return "\(place(of: nodes) { !$0.object.required.isEmpty }): \"\(name)\" is required, and no value is possible for it"
    }
    let minimum = object.minimumCount
    let place = place(of: nodes) { $0.object.minProperties == minimum && minimum > 0 }
    if let maximum = object.maximumCount {
      if minimum > maximum { return "\(place): minProperties is \(minimum), and maxProperties \(maximum)" }
      let required = object.properties.count(where: \.isRequired)
      if required > maximum {
        let place = self.place(of: nodes) { $0.object.maxProperties == maximum }
        return "\(place): \(Self.count(required, "member is", "members are")) required, and maxProperties is \(maximum)"
      }
    }
    let possible = object.properties.count { !$0.isForbidden && isSatisfiable($0.rule) }
    guard minimum > possible else { return nil }
    return "\(place): minProperties is \(minimum), and no more than \(Self.count(possible, "member", "members")) can be there"
  }

  private func reason(
    _ array: ArrayRule, _ nodes: [Int], _ rules: [Rule], _ visited: inout Set<RuleID>
  ) -> String? {
    let minimum = array.minimumCount
    let end = array.end(isSatisfiable)
    if minimum > end {
      let lister = nodes.first { schema.nodes[$0].array.minItems == minimum }
      let keyword = lister == nil ? "minContains" : "minItems"
      let place = place(of: nodes) { $0.array.minItems == minimum || $0.array.minContains == minimum }
      if array.maximumCount == end {
        let isContained = nodes.contains { schema.nodes[$0].array.maxItems == end }
        return "\(place): \(keyword) is \(minimum), and \(isContained ? "maxItems" : "maxContains") \(end)"
      }
      if array.isUnique, end == array.uniqueLimit || end == array.distinctCount {
        return
          "\(place): \(keyword) is \(minimum), and uniqueItems leaves no more than \(Self.count(end, "element", "elements"))"
      }
      let inner = reason(array.rule(at: end), rules, &visited)
      return
        "\(place): \(keyword) is \(minimum), and no more than \(Self.count(end, "element", "elements")) can be there"
        + (inner.map { "; \($0)" } ?? "")
    }
    let place = place(of: nodes) { $0.array.contains != nil }
    return "\(place): contains demands an element that no other keyword forbids, and there is none"
  }

  private static func count(_ count: Int, _ one: String, _ several: String) -> String {
    "\(count) \(count == 1 ? one : several)"
  }
}
