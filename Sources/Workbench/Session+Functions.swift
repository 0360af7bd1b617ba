import Documents
import Engine

/// Whether the functions' costs have to be asked for.
struct FunctionMeasuring {
  var isWanted = true
  var isUnderWay = false
  /// What was measured last.
  var measured: [FunctionDefinition] = []
}

/// The list of functions: what is in it, in which order, and what each costs.
extension Session {
  /// Tokens that a function takes in the prompt when it is on; nil while that is not known.
  func tokenCost(of entry: FunctionEntry) -> Int? {
    guard let costs = functionCosts, let index = costs.names.firstIndex(of: entry.name) else { return nil }
    return costs.tokenCounts[index]
  }

  /// Tokens of all functions that are on, and of the words about them that the template adds.
  var contextTax: (functions: Int, instructions: Int)? {
    guard let costs = functionCosts else { return nil }
    let on = functions.filter { $0.isOn && $0.definition != nil }
    return (on.reduce(0) { $0 + (tokenCost(of: $1) ?? 0) }, on.isEmpty ? 0 : costs.overheadTokens)
  }

  /// Asks for the costs if the functions have changed since. All are measured together, those that are off too.
  func measureFunctionsIfNeeded() {
    guard measuring.isWanted, !measuring.isUnderWay, !isRunning, case .ready = model else { return }
    measuring.isWanted = false
    let definitions = functions.compactMap(\.lastDefinition)
    guard definitions != measuring.measured else { return }
    measuring.measured = definitions
    guard !definitions.isEmpty else {
      functionCosts = nil
      return
    }
    measuring.isUnderWay = true
    request(
      .measureFunctions(GenerationRequest(messages: [Message(.user, "")], functions: definitions, thinking: thinking)))
  }

  func receive(_ costs: FunctionCosts?) {
    measuring.isUnderWay = false
    functionCosts = costs
  }

  // MARK: - Changing the list

  func setFunction(at index: Int, text: String) {
    guard functions.indices.contains(index), functions[index].text != text else { return }
    functions[index].text = text
    promptChanged()
  }

  func insertFunction(_ document: FunctionDocument, at index: Int) {
    functions.insert(FunctionEntry(document, isNew: true), at: index)
    promptChanged()
  }

  func removeFunction(at index: Int) {
    functions.remove(at: index)
    promptChanged()
  }

  func swapFunctions(_ a: Int, _ b: Int) {
    functions.swapAt(a, b)
    promptChanged()
  }

  /// The name, or the name with a number that no function and no file has.
  func freeFunctionName(like name: String) -> String {
    let taken = Set(functions.flatMap { [$0.name, $0.document.name] })
    guard taken.contains(name) else { return name }
    return "\(name)_\((2...).first { !taken.contains("\(name)_\($0)") } ?? 2)"
  }
}
