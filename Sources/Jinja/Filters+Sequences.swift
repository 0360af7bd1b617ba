extension Filters {
  static let sequences: [String: FilterFunction] = [
    "length": length,
    "count": length,
    "list": { value, arguments, _ throws(Fault) in
      _ = try arguments.bound(to: "do_list", [])
      return .list(try value.elements())
    },
    "first": { value, _, _ throws(Fault) in
      try value.iterator().next() ?? .undefined(Undefined("No first item, sequence was empty."))
    },
    "last": { value, _, _ throws(Fault) in
      try reversed(value).first ?? .undefined(Undefined("No last item, sequence was empty."))
    },
    "random": { value, _, _ throws(Fault) in
      try value.elements().randomElement() ?? .undefined(Undefined("No random item, sequence was empty."))
    },
    "reverse": { value, _, _ throws(Fault) in
      if case .string = value {
        return try Attributes.slice(value, .null, .null, .int(-1))
      }
      let elements: [Value]
      do throws(Fault) { elements = try value.elements() } catch {
        throw error.kind == .type ? Fault(.runtime, "argument must be iterable") : error
      }
      return .object(Generator(ElementIterator(elements.reversed()), name: "list_reverseiterator"))
    },
    "items": { value, _, _ throws(Fault) in
      if value.isUndefined { return .object(Generator(ElementIterator([]))) }
      guard case .dict(let dict) = value else { throw .type("Can only get item pairs from a mapping.") }
      return .object(Generator(ElementIterator(DictView(dict, .items).elements)))
    },
    "join": { value, arguments, interpreter throws(Fault) in
      let given = try arguments.bound(to: "do_join", ["d", "attribute"])
      let separator = try given[0].map { (value) throws(Fault) in try Representation.text(value).utf8 } ?? []
      let path = AttributePath(given[1])
      var output: [UInt8] = []
      for (index, element) in try value.elements().enumerated() {
        if index > 0 { output += separator }
        try Representation.append(try path(element, interpreter), to: &output)
      }
      return .string(Text(output))
    },
    "sum": { value, arguments, interpreter throws(Fault) in
      let given = try arguments.bound(to: "do_sum", ["attribute", "start"])
      let path = AttributePath(given[0])
      var total = given[1] ?? .int(0)
      if case .string = total { throw .type("sum() can't sum strings [use ''.join(seq) instead]") }
      for element in try value.elements() { total = try Operators.add(total, try path(element, interpreter)) }
      return total
    },
    "min": { value, arguments, interpreter throws(Fault) in
      try extreme(value, arguments, interpreter, "do_min", .less)
    },
    "max": { value, arguments, interpreter throws(Fault) in
      try extreme(value, arguments, interpreter, "do_max", .greater)
    },
    "sort": { value, arguments, interpreter throws(Fault) in
      let given = try arguments.bound(to: "do_sort", ["reverse", "case_sensitive", "attribute"])
      let isSensitive = given[1]?.isTrue ?? false
      var paths = [AttributePath(given[2])]
      if case .string(let text)? = given[2] {
        paths = StringMethods.split(text, [UInt8(ascii: ",")], limit: -1).map { AttributePath(.string(Text($0))) }
      }
      let elements = try value.elements()
      var keys: [Value] = []
      for element in elements {
        var key: [Value] = []
        for path in paths { key.append(comparable(try path(element, interpreter), caseSensitive: isSensitive)) }
        keys.append(.list(key))
      }
      return .list(try Operators.sorted(elements, keys: keys, reversed: given[0]?.isTrue ?? false))
    },
    "dictsort": { value, arguments, _ throws(Fault) in
      let given = try arguments.bound(to: "do_dictsort", ["case_sensitive", "by", "reverse"])
      guard case .dict(let dict) = value else {
        if case .undefined(let undefined) = value { throw undefined.fault }
        throw .type("dictsort needs a mapping, not \(value.typeName)")
      }
      let by = try given[1].map { (value) throws(Fault) in try Representation.text(value).string } ?? "key"
      guard by == "key" || by == "value" else {
        throw Fault(.runtime, "You can only sort by either \"key\" or \"value\"")
      }
      let isSensitive = given[0]?.isTrue ?? false
      let keys = (by == "key" ? dict.keys : dict.values).map { comparable($0, caseSensitive: isSensitive) }
      let items = DictView(dict, .items).elements
      return .list(try Operators.sorted(items, keys: keys, reversed: given[2]?.isTrue ?? false))
    },
    "unique": { value, arguments, interpreter throws(Fault) in
      let given = try arguments.bound(to: "do_unique", ["case_sensitive", "attribute"])
      let isSensitive = given[0]?.isTrue ?? false
      let path = AttributePath(given[1])
      let source = try value.iterator()
      var seen: Set<HashKey> = []
      return generator { () throws(Fault) in
        while let element = try source.next() {
          let key = comparable(try path(element, interpreter), caseSensitive: isSensitive)
          if seen.insert(try HashKey(key)).inserted { return element }
        }
        return nil
      }
    },
    "groupby": groupBy,
    "map": map,
    "select": { value, arguments, interpreter throws(Fault) in
      try selected(value, arguments, interpreter, keeping: true, byAttribute: false)
    },
    "reject": { value, arguments, interpreter throws(Fault) in
      try selected(value, arguments, interpreter, keeping: false, byAttribute: false)
    },
    "selectattr": { value, arguments, interpreter throws(Fault) in
      try selected(value, arguments, interpreter, keeping: true, byAttribute: true)
    },
    "rejectattr": { value, arguments, interpreter throws(Fault) in
      try selected(value, arguments, interpreter, keeping: false, byAttribute: true)
    },
    "batch": { value, arguments, _ throws(Fault) in
      let given = try arguments.bound(to: "do_batch", ["linecount", "fill_with"], required: 1)
      let count = try integer(given[0], 0)
      var rows: [Value] = []
      var row: [Value] = []
      for element in try value.elements() {
        if row.count == count {
          rows.append(.list(row))
          row = []
        }
        row.append(element)
      }
      if !row.isEmpty {
        if let fill = filling(given[1]), row.count < count {
          row += Array(repeating: fill, count: min(count - row.count, Range.limit))
        }
        rows.append(.list(row))
      }
      return .object(Generator(ElementIterator(rows)))
    },
    "slice": { value, arguments, _ throws(Fault) in
      let given = try arguments.bound(to: "do_slice", ["slices", "fill_with"], required: 1)
      let count = min(try integer(given[0], 0), Range.limit)
      let elements = try value.elements()
      if count == 0 { throw Fault(.zeroDivision, "integer division or modulo by zero") }
      var columns: [Value] = []
      var start = 0
      for index in 0..<max(count, 0) {
        let isLonger = index < elements.count % count
        let end = start + elements.count / count + (isLonger ? 1 : 0)
        var column = Array(elements[start..<end])
        if let fill = filling(given[1]), !isLonger { column.append(fill) }
        columns.append(.list(column))
        start = end
      }
      return .object(Generator(ElementIterator(columns)))
    },
  ]

  private static let length: FilterFunction = { value, _, _ throws(Fault) in
    guard let length = value.length else { throw .type("object of type '\(value.typeName)' has no len()") }
    return .int(length)
  }

  private static func generator(_ pull: @escaping () throws(Fault) -> Value?) -> Value {
    .object(Generator(ElementIterator(pulling: pull)))
  }

  /// `None` means no filling.
  private static func filling(_ value: Value?) -> Value? {
    if case .null? = value { nil } else { value }
  }

  private static func reversed(_ value: Value) throws(Fault) -> [Value] {
    switch value {
    case .object(let object) where object.length == nil || !(object.isSequence || object is DictView):
      throw .type("'\(value.typeName)' object is not reversible")
    case .null, .bool, .int, .big, .float: throw .type("'\(value.typeName)' object is not reversible")
    default: return try value.elements().reversed()
    }
  }

  private static func extreme(
    _ value: Value, _ arguments: Arguments, _ interpreter: Interpreter, _ name: String,
    _ comparison: Operators.Comparison
  ) throws(Fault) -> Value {
    let given = try arguments.bound(to: name, ["case_sensitive", "attribute"])
    let isSensitive = given[0]?.isTrue ?? false
    let path = AttributePath(given[1])
    var best: (element: Value, key: Value)?
    for element in try value.elements() {
      let key = comparable(try path(element, interpreter), caseSensitive: isSensitive)
      if let current = best, try !Operators.compare(key, comparison, current.key) { continue }
      best = (element, key)
    }
    return best?.element ?? .undefined(Undefined("No aggregated item, sequence was empty."))
  }

  private static let groupBy: FilterFunction = { value, arguments, interpreter throws(Fault) in
    let given = try arguments.bound(to: "do_groupby", ["attribute", "default", "case_sensitive"], required: 1)
    let path = AttributePath(given[0])
    let isSensitive = given[2]?.isTrue ?? false
    let elements = try value.elements()
    var keys: [Value] = []
    for element in elements {
      keys.append(comparable(try path(element, default: filling(given[1]), interpreter), caseSensitive: isSensitive))
    }
    let order = try Operators.sorted(elements.indices.map(Value.int), keys: keys).map { $0.index! }  // ints put in
    var groups: [(key: Value, members: [Value])] = []
    for index in order {
      if let last = groups.last, try Operators.areEqual(last.key, keys[index]) {
        groups[groups.count - 1].members.append(elements[index])
      } else {
        groups.append((keys[index], [elements[index]]))
      }
    }
    var result: [Value] = []
    for group in groups {
      let key = try path(group.members[0], default: filling(given[1]), interpreter)
      result.append(.tuple(List([key, .list(group.members)], fieldNames: ["grouper", "list"])))
    }
    return .list(result)
  }

  private static let map: FilterFunction = { value, arguments, interpreter throws(Fault) in
    var arguments = arguments
    if arguments.positional.isEmpty, let index = arguments.keyword.firstIndex(where: { $0.name == "attribute" }) {
      let path = AttributePath(arguments.keyword.remove(at: index).value)
      var fallback: Value?
      if let index = arguments.keyword.firstIndex(where: { $0.name == "default" }) {
        fallback = filling(arguments.keyword.remove(at: index).value)
      }
      if let extra = arguments.keyword.first {
        throw Fault(.runtime, "Unexpected keyword argument \(Representation.quoted(extra.name))")
      }
      let source = try value.iterator()
      let usedFallback = fallback
      return generator { () throws(Fault) in
        guard let element = try source.next() else { return nil }
        return try path(element, default: usedFallback, interpreter)
      }
    }
    guard let name = arguments.positional.first else { throw Fault(.runtime, "map requires a filter argument") }
    arguments.positional.removeFirst()
    let rest = arguments
    let source = try value.iterator()
    return generator { () throws(Fault) in
      guard let element = try source.next() else { return nil }
      guard case .string(let text) = name, let filter = table[text.string] else { throw try unknown("filter", name) }
      return try filter(element, rest, interpreter)
    }
  }

  private static func selected(
    _ value: Value, _ arguments: Arguments, _ interpreter: Interpreter, keeping: Bool, byAttribute: Bool
  ) throws(Fault) -> Value {
    if !value.isTrue { return .object(Generator(ElementIterator([]))) }
    var arguments = arguments
    var path = AttributePath(nil)
    if byAttribute {
      guard let attribute = arguments.positional.first else {
        throw Fault(.runtime, "Missing parameter for attribute name")
      }
      path = AttributePath(attribute)
      arguments.positional.removeFirst()
    }
    let name = arguments.positional.first
    let rest = Arguments(positional: Array(arguments.positional.dropFirst()), keyword: arguments.keyword)
    let source = try value.iterator()
    let usedPath = path
    return generator { () throws(Fault) in
      while let element = try source.next() {
        let value = try usedPath(element, interpreter)
        var holds = value.isTrue
        if let name {
          guard case .string(let text) = name, let test = Test(rawValue: text.string) else {
            throw try unknown("test", name)
          }
          holds = try test.holds(value, rest)
        }
        if holds == keeping { return element }
      }
      return nil
    }
  }
}
