import Engine

/// Exact tokens of each function, in the order the functions were sent, each measured with every function on.
struct FunctionCosts: Sendable, Equatable {
  var names: [String]
  var tokenCounts: [Int]
  /// By function, the tokens of each field of its parameters; nil where the template does not write functions as JSON.
  var fields: [[FieldPath: Int]?]
  /// Words of the template that are there only because functions are.
  var overheadTokens: Int
  init(names: [String], tokenCounts: [Int], overheadTokens: Int, fields: [[FieldPath: Int]?] = []) {
    self.names = names
    self.tokenCounts = tokenCounts
    self.fields = fields
    self.overheadTokens = overheadTokens
  }
}

extension FunctionCosts {
  /// Renders the request with and without its functions and counts.
  init(of request: GenerationRequest, by backend: any Backend) async throws(GenerationError) {
    let whole = try await backend.preview(request)
    var bare = request
    bare.functions = []
    let without = try await backend.preview(bare)
    var counts = Array(repeating: 0, count: request.functions.count)
    for segment in whole.segments {
      if case .function(let index) = segment.owner, counts.indices.contains(index) {
        counts[index] += segment.tokens.count
      }
    }
    let overhead = whole.tokens.count - without.tokens.count - counts.reduce(0, +)
    self.init(
      names: request.functions.map(\.name), tokenCounts: counts, overheadTokens: max(0, overhead),
      fields: counts.indices.map { whole.fieldTokenCounts(ofFunction: $0) })
  }
}
