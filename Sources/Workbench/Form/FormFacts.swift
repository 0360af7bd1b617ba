import Engine

/// All that a form shows: the definition, and what is known of its fields.
struct FormFacts {
  var form: SchemaForm
  var enforcement: FieldEnforcement
  /// Tokens of each field in the prompt, and what they were when the function was last saved; nil while not known.
  var costs: [FieldPath: Int]?
  var costsBefore: [FieldPath: Int]?
  /// What the mask took in the conversation's calls of the function, and how many they are.
  var pressures: [FieldPath: MaskPressure] = [:]
  var callCount = 0
  /// The function's probability for the question at hand, and what it was at the last save.
  var choice: (now: Double, before: Double)?
  /// What the linter says of a field, the worst first.
  var findings: [FieldPath: TextDiagnostic] = [:]

  func field(_ path: FieldPath) -> SchemaForm.Field? { form.fields.first { $0.path == path } }

  /// Tokens, and what changed since the last save; a field that is new is all change.
  func cost(of field: SchemaForm.Field) -> (now: Int, change: Int)? {
    guard let now = costs?[field.path] else { return nil }
    guard let costsBefore else { return (now, 0) }
    return (now, now - (costsBefore[field.path] ?? 0))
  }

  /// Of the field and the fields within it. The whole has what belongs to no field too.
  func pressure(of field: SchemaForm.Field) -> MaskPressure? {
    guard callCount > 0 else { return nil }
    guard field.path.steps.isEmpty else { return pressures[field.path] ?? MaskPressure() }
    return pressures.reduce(into: MaskPressure()) { sum, entry in
      if entry.key.steps.count <= 1 { sum += entry.value }
    }
  }

  /// The most that any field has, for the bars.
  var greatestMass: Double {
    form.fields.dropFirst().compactMap { pressure(of: $0)?.removedMass }.max() ?? 0
  }

  // MARK: - Words

  /// What is to be said of a row, the most important first; nil for a row that is as it should be.
  func sentence(for row: FormView.Row) -> String? {
    guard case .field(let path) = row, let field = field(path) else { return nil }
    var sentences: [String] = []
    if let finding = findings[path] { sentences.append(finding.message) }
    if let open = enforcement.sentence(for: field) { sentences.append(open) }
    if let pressure = pressure(of: field), pressure.removedMass >= 0.005 {
      var words = "the mask took \(fixed(pressure.removedMass, 2)) in \(callCount == 1 ? "one call" : "\(callCount) calls")"
      if pressure.overruledCount > 0 {
        words += ", the favourite \(pressure.overruledCount == 1 ? "once" : "\(pressure.overruledCount) times")"
      }
      if let worst = pressure.worst {
        let text = String(decoding: worst.forbidden.bytes, as: UTF8.self).replacing("\n", with: "↵")
        words += "; most from \"\(text)\" at \(percent(Double(worst.forbidden.probability)))"
      }
      sentences.append(words)
    }
    return sentences.isEmpty ? nil : sentences.joined(separator: ". ")
  }
}

extension Session {
  /// What the mask took from the model, by field, in the conversation's calls of a function.
  func maskPressures(of name: String) -> (callCount: Int, fields: [FieldPath: MaskPressure]) {
    var sums: [FieldPath: MaskPressure] = [:]
    var count = 0
    for entry in transcript.entries {
      for call in entry.answer?.calls ?? [] where call.name == name && call.pressure.tokenCount > 0 {
        count += 1
        for (path, pressure) in call.fieldPressures { sums[path, default: MaskPressure()] += pressure }
      }
    }
    return (count, sums)
  }

  /// Tokens of each field of a function; nil while they are not known.
  func fieldCosts(of entry: FunctionEntry) -> [FieldPath: Int]? {
    guard let costs = functionCosts, let index = costs.names.firstIndex(of: entry.name), costs.fields.indices.contains(index)
    else { return nil }
    return costs.fields[index]
  }
}

extension SchemaForm {
  /// What can be chosen, from top to bottom.
  var rows: [FormView.Row] { [.name, .description] + fields.map { .field($0.path) } }
}
