import JSON

extension WorkspaceSettings {
  /// Reads `workspace.json`. Members it does not know are refused, so that a typo is not silently ignored.
  init(_ value: JSONValue, path: String, folderName: String) throws(DocumentError) {
    guard case .object(let object) = value else {
      throw .badDocument(path: path, sentence: "found \(value.typeName); an object is expected")
    }
    self.init(title: folderName)
    for (key, member) in object {
      switch key {
      case "title": title = try Self.string(member, key, path)
      case "description": description = try Self.string(member, key, path)
      case "prompt": prompt = try Self.string(member, key, path)
      case "sampling": sampling = try Self.string(member, key, path)
      case "thinking":
        thinking = try Self.string(member, key, path)
        guard thinking == "on" || thinking == "off" else {
          throw .badDocument(
            path: "\(path)#/thinking", sentence: "found \(member.text()); \"on\" or \"off\" is expected")
        }
      case "function_order": functionOrder = try Self.strings(member, key, path)
      case "functions_off": functionsOff = try Self.strings(member, key, path)
      case "runners": runners = try Self.runners(member, "\(path)#/\(key)")
      case "examples": examples = try Self.strings(member, key, path)
      default:
        throw .badDocument(
          path: "\(path)#/\(key)",
          sentence:
            "not a member of workspace.json; title, description, prompt, sampling, thinking, function_order, functions_off, runners and examples are"
        )
      }
    }
  }

  var json: JSONValue {
    var object: JSONObject = ["title": .string(title)]
    if !description.isEmpty { object["description"] = .string(description) }
    if let prompt { object["prompt"] = .string(prompt) }
    if let sampling { object["sampling"] = .string(sampling) }
    if let thinking { object["thinking"] = .string(thinking) }
    if !functionOrder.isEmpty { object["function_order"] = .array(functionOrder.map { .string($0) }) }
    if !functionsOff.isEmpty { object["functions_off"] = .array(functionsOff.map { .string($0) }) }
    if !runners.isEmpty {
      let sorted = runners.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
      object["runners"] = .object(JSONObject(sorted.map { ($0.key, JSONValue.string($0.value)) }))
    }
    if !examples.isEmpty { object["examples"] = .array(examples.map { .string($0) }) }
    return .object(object)
  }

  private static func runners(_ value: JSONValue, _ place: String) throws(DocumentError) -> [String: String] {
    guard let object = value.object else {
      throw .badDocument(path: place, sentence: "found \(value.typeName); an object of functions is expected")
    }
    var runners: [String: String] = [:]
    for (name, member) in object {
      guard let way = member.string, ["mock", "manual", "command"].contains(way) else {
        throw .badDocument(
          path: "\(place)/\(name)", sentence: "found \(member.text()); \"mock\", \"manual\" or \"command\" is expected")
      }
      if way != "mock" { runners[name] = way }
    }
    return runners
  }

  private static func string(_ value: JSONValue, _ key: String, _ path: String) throws(DocumentError) -> String {
    guard let string = value.string else {
      throw .badDocument(path: "\(path)#/\(key)", sentence: "found \(value.typeName); a string is expected")
    }
    return string
  }

  private static func strings(_ value: JSONValue, _ key: String, _ path: String) throws(DocumentError) -> [String] {
    guard let elements = value.array, elements.allSatisfy({ $0.string != nil }) else {
      throw .badDocument(path: "\(path)#/\(key)", sentence: "found \(value.typeName); an array of strings is expected")
    }
    return elements.compactMap(\.string)
  }
}
