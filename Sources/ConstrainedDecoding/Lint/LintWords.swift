/// The words of a text or a name, for rules that compare them.
enum LintWords {
  /// Lower case; names are cut at `_`, `-`, `.` and capitals, and each ideograph is a word.
  static func words(_ text: String) -> [String] {
    var words: [String] = []
    var word = ""
    var previousIsLower = false
    func end() {
      if !word.isEmpty { words.append(word.lowercased()) }
      word = ""
    }
    for scalar in text.unicodeScalars {
      let isIdeograph = (0x3040...0x9FFF).contains(scalar.value) || (0x20000...0x3FFFF).contains(scalar.value)
      if isIdeograph {
        end()
        words.append(String(scalar))
      } else if scalar.properties.isAlphabetic || scalar.isASCIIDigit {
        if previousIsLower, scalar.properties.isUppercase { end() }
        word.unicodeScalars.append(scalar)
      } else if scalar != "'" {
        end()
      }
      previousIsLower = scalar.properties.isLowercase
    }
    end()
    return words
  }

  static func sentenceCount(_ text: String) -> Int {
    text.split { ".!?。！？\n".contains($0) }.count { part in part.contains { $0.isLetter } }
  }

  /// The share of words that two texts have in common.
  static func likeness(_ a: Set<String>, _ b: Set<String>) -> Double {
    a.isEmpty || b.isEmpty ? 0 : Double(a.intersection(b).count) / Double(a.union(b).count)
  }

  /// Insertions, deletions, replacements and swaps of neighbours between two texts (optimal string alignment).
  static func distance(_ a: String, _ b: String) -> Int {
    let (a, b) = (Array(a.unicodeScalars), Array(b.unicodeScalars))
    var (earlier, row) = (Array(0...b.count), Array(0...b.count))
    for (i, x) in a.enumerated() {
      var next = row
      next[0] = i + 1
      for (j, y) in b.enumerated() {
        next[j + 1] = min(row[j] + (x == y ? 0 : 1), min(row[j + 1], next[j]) + 1)
        if i > 0, j > 0, x == b[j - 1], y == a[i - 1] { next[j + 1] = min(next[j + 1], earlier[j - 1] + 1) }
      }
      (earlier, row) = (row, next)
    }
    return row[b.count]
  }

  /// Says nothing of its own in a description.
  static let fillers: Set<String> = [
    "a", "an", "the", "this", "that", "is", "of", "for", "to", "in", "on", "and", "or", "it", "tool", "function",
    "method", "used",
    "use", "does", "do", "will", "can", "的", "函", "数", "工", "具",
  ]

  /// Verbs that descriptions of functions are written with.
  static let verbs: Set<String> = [
    "add", "analyze", "answer", "apply", "ask", "assign", "book", "browse", "build", "buy", "calculate", "call",
    "cancel", "change",
    "check", "choose", "clear", "close", "compare", "compile", "compute", "configure", "convert", "copy", "count",
    "create", "cut",
    "debug", "define", "delete", "deploy", "describe", "detect", "determine", "disable", "display", "download", "draw",
    "edit",
    "enable", "encode", "estimate", "evaluate", "execute", "export", "extract", "fetch", "filter", "find", "format",
    "generate",
    "get", "give", "import", "insert", "install", "invoke", "list", "load", "log", "look", "make", "manage", "map",
    "measure",
    "merge", "modify", "monitor", "move", "notify", "obtain", "open", "order", "parse", "pause", "pay", "perform",
    "place", "play",
    "plan", "post", "predict", "print", "process", "provide", "publish", "pull", "push", "put", "query", "read",
    "receive",
    "recommend", "record", "refund", "register", "remove", "rename", "render", "replace", "reply", "report", "request",
    "reserve",
    "reset", "resolve", "restart", "retrieve", "return", "revoke", "run", "save", "schedule", "search", "select",
    "send", "set",
    "share", "show", "simulate", "solve", "sort", "split", "start", "stop", "store", "submit", "subscribe", "summarize",
    "sync",
    "take", "tell", "test", "track", "transfer", "translate", "trigger", "turn", "update", "upload", "validate",
    "verify", "view",
    "wait", "write",
  ]

  /// Whether a word is one of the verbs, in the base form or with an ending.
  static func isVerb(_ word: String) -> Bool {
    if verbs.contains(word) { return true }
    for ending in ["s", "es", "ing", "ed", "d"] where word.hasSuffix(ending) {
      let stem = String(word.dropLast(ending.count))
      if verbs.contains(stem) || verbs.contains(stem + "e") || stem.count > 2 && verbs.contains(String(stem.dropLast()))
      {
        return true
      }
    }
    return word.hasSuffix("ies") && verbs.contains(word.dropLast(3) + "y")
  }
}
