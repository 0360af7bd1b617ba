import ConstrainedDecoding
import JSON

/// How `lathe validate --decode` writes what it found: what is not right, and the totals; or all of it for programs.
struct DecodingReport {
  var writesJSON: Bool
  let thenChecks: Bool
  let hasTimings: Bool
  /// Rows that are not right, an order of members apart, and random texts that should not be.
  private(set) var failureCount = 0

  private(set) var rowCount = 0
  private var refusedCount = 0
  private var rightCount = 0
  private var incompleteCount = 0
  private var verdicts: [DecodingCheck.Verdict: Int] = [:]
  private var walks: [String: Int] = [:]
  private var compile: [Int] = []
  private var firstMask: [Int] = []
  private var compileAndFirstMask: [Int] = []
  private var masks: [Int] = []
  private var warmMasks: [Int] = []

  init(writesJSON: Bool, thenChecks: Bool, hasTimings: Bool) {
    self.writesJSON = writesJSON
    self.thenChecks = thenChecks
    self.hasTimings = hasTimings
  }

  mutating func add(_ id: String, _ outcome: DecodingCheck.Outcome, _ walked: [DecodingCheck.WalkOutcome]) {
    rowCount += 1
    if outcome.isRight { rightCount += 1 }
    if outcome.refusal != nil { refusedCount += 1 }
    if !outcome.checkedAfter.isEmpty { incompleteCount += 1 }
    for verdict in outcome.verdicts { verdicts[verdict, default: 0] += 1 }
    for walk in walked { walks[walk.name, default: 0] += 1 }
    let broken = walked.compactMap { if case .broken(let text) = $0 { text } else { nil as String? } }
    let isWrong =
      outcome.refusal != nil || !outcome.disagreements.isEmpty || !broken.isEmpty
      || outcome.verdicts.contains { !$0.isRight && $0 != .order }
    if isWrong { failureCount += 1 }
    if outcome.refusal == nil {
      let timings = outcome.timings
      compile.append(timings.compile)
      if !timings.masks.isEmpty {
        firstMask.append(timings.firstMask)
        compileAndFirstMask.append(timings.compile + timings.firstMask)
      }
      masks += timings.masks
      warmMasks += timings.warmMasks
    }
    if writesJSON { writeLine(id, outcome, walked) } else { writeProblems(id, outcome, broken) }
  }

  // MARK: - For people

  private func writeProblems(_ id: String, _ outcome: DecodingCheck.Outcome, _ broken: [String]) {
    if let refusal = outcome.refusal { StandardOutput.writeLine("\(id): refused: \(refusal)") }
    for (index, verdict) in outcome.verdicts.enumerated() where !verdict.isRight {
      let what =
        switch verdict {
        case .order: "admitted only with its members in another order, refused"
        case .validRefused: "valid and refused"
        default: "invalid and admitted"
        }
      StandardOutput.writeLine("\(id): value \(index + 1): \(what) after \(outcome.admittedBytes[index]) bytes")
    }
    for text in outcome.disagreements + broken { StandardOutput.writeLine("\(id): \(text)") }
  }

  /// - Parameter vocabulary: how many tokens the model has; nil without one.
  func finish(vocabulary: Int?) {
    if writesJSON {
      StandardOutput.writeLine(totals(vocabulary))
      return
    }
    func count(_ verdict: DecodingCheck.Verdict) -> Int { verdicts[verdict] ?? 0 }
    StandardOutput.writeLine(
      "rows: \(rowCount), \(rowCount - refusedCount) compiled (\(incompleteCount) leave a keyword to the check that follows), \(refusedCount) refused, \(rightCount) right (\(Self.percent(rightCount, of: rowCount)))"
    )
    StandardOutput.writeLine(
      "valid: \(count(.accepted)) admitted, \(count(.order)) in another order only, \(count(.validRefused)) refused"
    )
    StandardOutput.writeLine(
      "invalid: \(count(.refused)) refused by the grammar, \(count(.caught)) by the check that follows, \(count(.invalidAdmitted)) by nothing"
    )
    if !walks.isEmpty {
      StandardOutput.writeLine(
        "random texts: \(walks["valid"] ?? 0) valid, \(walks["caught"] ?? 0) left to the check that follows, \(walks["open"] ?? 0) without an end, \(walks["broken"] ?? 0) wrong"
      )
    }
    guard hasTimings else { return }
    StandardOutput.writeLine(
      "\nprocessor time of one thread, µs, \(vocabulary.map { "\($0) tokens" } ?? "byte by byte"); cold: each grammar just compiled; warm: the same values again"
    )
    StandardOutput.writeLine("                            n       p50       p95       p99       max")
    for (name, times) in timings where !times.isEmpty {
      let cells = Self.quantiles(times).map { BenchmarkReport.padded(BenchmarkReport.fixed($0, 2), to: 10) }.joined()
      let count = BenchmarkReport.padded("\(times.count)", to: 29 - name.count)
      StandardOutput.writeLine(name + count + cells)
    }
  }

  private var timings: [(name: String, times: [Int])] {
    [
      ("compile", compile), ("first mask", firstMask), ("compile + first mask", compileAndFirstMask),
      ("mask, cold", masks), ("mask, warm", warmMasks),
    ]
  }

  // MARK: - For programs

  private func writeLine(
    _ id: String, _ outcome: DecodingCheck.Outcome, _ walked: [DecodingCheck.WalkOutcome]
  ) {
    let results = outcome.verdicts.map { verdict -> JSONValue in
      switch verdict {
      case .accepted: true
      case .caught: .bool(!thenChecks)
      case .invalidAdmitted: true
      case .refused, .order, .validRefused: false
      }
    }
    var line: JSONObject = [
      "id": .string(id), "compiled": .bool(outcome.refusal == nil),
      "reason": outcome.refusal.map { .string($0) } ?? .null, "results": .array(results),
      "verdicts": .array(outcome.verdicts.map { .string($0.rawValue) }),
      "checked_after": .array(
        outcome.checkedAfter.map {
          ["keyword": .string($0.keyword), "pointer": .string($0.pointer), "reason": .string($0.reason)]
        }),
    ]
    if !outcome.disagreements.isEmpty { line["disagreements"] = .array(outcome.disagreements.map { .string($0) }) }
    if !walked.isEmpty { line["walks"] = .array(walked.map { .string($0.name) }) }
    if hasTimings {
      let timings = outcome.timings
      line["compile_us"] = Self.microseconds(timings.compile)
      line["first_mask_us"] = Self.microseconds(timings.firstMask)
      line["mask_us"] = .array(timings.masks.map(Self.microseconds))
      line["warm_mask_us"] = .array(timings.warmMasks.map(Self.microseconds))
    }
    StandardOutput.writeLine(.object(line))
  }

  private func totals(_ vocabulary: Int?) -> JSONValue {
    func number(_ value: Int) -> JSONValue { .number(JSONNumber(value)) }
    var totals: JSONObject = [
      "rows": number(rowCount), "compiled": number(rowCount - refusedCount), "right": number(rightCount),
      "vocabulary": vocabulary.map(number) ?? .null,
    ]
    for verdict in DecodingCheck.Verdict.allCases { totals[verdict.rawValue] = number(verdicts[verdict] ?? 0) }
    if !walks.isEmpty {
      for name in ["valid", "caught", "open", "broken"] { totals["walks_\(name)"] = number(walks[name] ?? 0) }
    }
    if hasTimings {
      for (name, times) in timings where !times.isEmpty {
        let values = Self.quantiles(times).map { JSONValue.number(JSONNumber($0)) }
        totals[name] = ["p50": values[0], "p95": values[1], "p99": values[2], "max": values[3]]
      }
    }
    return ["totals": .object(totals)]
  }

  // MARK: - Numbers

  /// In microseconds: p50, p95, p99 and the largest.
  private static func quantiles(_ times: [Int]) -> [Double] {
    let sorted = times.sorted()
    return [0.5, 0.95, 0.99, 1].map { Double(sorted[min(sorted.count - 1, Int(Double(sorted.count) * $0))]) / 1000 }
  }

  private static func microseconds(_ nanoseconds: Int) -> JSONValue {
    .number(JSONNumber((Double(nanoseconds) / 1000 * 100).rounded() / 100))
  }

  private static func percent(_ part: Int, of whole: Int) -> String {
    whole == 0 ? "–" : "\(BenchmarkReport.fixed(100 * Double(part) / Double(whole), 1)) %"
  }
}

extension DecodingCheck.WalkOutcome {
  fileprivate var name: String {
    switch self {
    case .valid: "valid"
    case .caught: "caught"
    case .open: "open"
    case .broken: "broken"
    }
  }
}
