internal import CKernels
internal import ConstrainedDecoding
internal import Glibc
internal import ModelFiles

/// The tokens that are still in the draw: first the whole vocabulary, then what each stage leaves, always in order of
/// their ids. Nothing is sorted; a stage finds its threshold by radix selection and the rest is dropped in one pass.
///
/// The order of tokens is by logit, largest first, and by id among equals. The arrays are allocated once.
struct Survivors: ~Copyable {
  let vocabularySize: Int
  private(set) var count = 0
  /// The whole vocabulary, so that a token's place is its id.
  private(set) var isWhole = true
  private let ids: UnsafeMutablePointer<TokenID>  // [vocabularySize], unused while `isWhole`
  private let logits: UnsafeMutablePointer<Float>  // [vocabularySize], after bias and penalties
  private let weights: UnsafeMutablePointer<Float>  // [vocabularySize], exp((logit - shift) / temperature)
  private let keys: UnsafeMutablePointer<UInt32>  // [vocabularySize], what the present stage orders by
  private let binCounts: UnsafeMutablePointer<UInt32>  // [binCount]
  private let binMasses: UnsafeMutablePointer<Double>  // [binCount]
  private static let binCount = 2048
  private let top: UnsafeMutablePointer<Int32>  // [scanLimit], places
  /// Up to this many of the most probable are found by one scan, more by radix selection.
  private static let scanLimit = 64

  /// What weights are relative to; near the largest logit.
  private var shift: Float = 0
  private var inverseTemperature: Float = 1
  /// Σ weights.
  private(set) var total: Double = 0
  /// Σ weights * (logit - shift) / temperature.
  private var moment: Double = 0
  private var keysAreLogits = false

  init(vocabularySize: Int) {
    self.vocabularySize = vocabularySize
    ids = .allocate(capacity: vocabularySize)
    logits = .allocate(capacity: vocabularySize)
    weights = .allocate(capacity: vocabularySize)
    keys = .allocate(capacity: vocabularySize)
    binCounts = .allocate(capacity: Self.binCount)
    binMasses = .allocate(capacity: Self.binCount)
    top = .allocate(capacity: Self.scanLimit)
  }

  deinit {
    ids.deallocate()
    logits.deallocate()
    weights.deallocate()
    keys.deallocate()
    binCounts.deallocate()
    binMasses.deallocate()
    top.deallocate()
  }

  /// Starts over with the model's logits, [vocabularySize], at temperature 1.
  mutating func load(_ source: Span<Float>) {
    precondition(source.count == vocabularySize, "a row has as many logits as the vocabulary tokens")
    source.withUnsafeBufferPointer { logits.update(from: $0.baseAddress!, count: vocabularySize) }
    count = vocabularySize
    isWhole = true
    shift = k_max_f32(logits, Int64(count))
    inverseTemperature = 1
    keysAreLogits = false
    weigh()
  }

  /// ln Σ exp(logit / temperature).
  var logPartition: Double { Double(shift * inverseTemperature) + log(total) }
  /// In nats, of the distribution as it stands. Exact after `load` and `setTemperature`.
  var entropy: Double { log(total) - moment / total }

  func id(_ place: Int) -> TokenID { isWhole ? TokenID(place) : ids[place] }
  func logit(_ place: Int) -> Float { logits[place] }
  func weight(_ place: Int) -> Float { weights[place] }

  /// The place of a token, nil if a stage removed it.
  func place(of id: TokenID) -> Int? {
    if isWhole { return Int(id) }
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if ids[middle] < id { low = middle + 1 } else { high = middle }
    }
    return low < count && ids[low] == id ? low : nil
  }

  /// Probability as it stands; 0 for a removed token.
  func probability(of id: TokenID) -> Double {
    guard let place = place(of: id), total > 0 else { return 0 }
    return Double(weights[place]) / total
  }

  // MARK: - Changing logits

  /// Call `changedLogits` after the last one.
  mutating func setLogit(at place: Int, to value: Float) { logits[place] = value }

  mutating func changedLogits() {
    keysAreLogits = false
    shift = k_max_f32(logits, Int64(count))
    weigh()
  }

  mutating func setTemperature(_ temperature: Float) {
    inverseTemperature = 1 / temperature
    shift = k_max_f32(logits, Int64(count))
    weigh()
  }

  private mutating func weigh() {
    k_exp_weights_f32(logits, Int64(count), shift, inverseTemperature, weights, &total, &moment)
  }

  // MARK: - Masks

  /// The share of the distribution that a mask forbids. While the vocabulary is whole, at temperature 1.
  func forbiddenShare(of mask: TokenMask) -> Double {
    precondition(isWhole && mask.tokenCount == vocabularySize, "a mask is as long as the vocabulary")
    var mass = 0.0
    if let few = mask.fewIDs {
      for id in few { mass += Double(weights[Int(id)]) }
      return max(0, 1 - mass / total)
    }
    let sumsAllowed = mask.allowedCount < vocabularySize / 2
    Self.forEachID(mask, allowed: sumsAllowed) { mass += Double(weights[$0]) }
    return sumsAllowed ? max(0, 1 - mass / total) : min(1, mass / total)
  }

  /// The most probable token that a mask forbids, the first of equals. While the vocabulary is whole.
  func bestForbidden(by mask: TokenMask) -> Int? {
    var best: Int?
    var most = -Float.infinity
    Self.forEachID(mask, allowed: false) { id in
      if best == nil || logits[id] > most { (best, most) = (id, logits[id]) }
    }
    return best
  }

  /// Removes what a mask forbids. While the vocabulary is whole.
  mutating func keep(_ mask: TokenMask) {
    precondition(isWhole && mask.tokenCount == vocabularySize, "a mask is as long as the vocabulary")
    let (ids, logits, weights) = (ids, logits, weights)
    var kept = 0
    func keep(_ id: Int) {
      ids[kept] = TokenID(id)
      logits[kept] = logits[id]
      weights[kept] = weights[id]
      kept += 1
    }
    if let few = mask.fewIDs {
      for id in few { keep(Int(id)) }
    } else {
      Self.forEachID(mask, allowed: true) { keep($0) }
    }
    count = kept
    isWhole = kept == vocabularySize
    keysAreLogits = false
    total = k_sum_f32(weights, Int64(count))
    // Where the model thinks little of all that is left, weights relative to the best of the removed would vanish.
    let most = count > 0 ? k_max_f32(logits, Int64(count)) : shift
    if most < shift - 4, most > -.infinity {
      shift = most
      weigh()
    }
  }

  /// Calls `body` with the allowed or the forbidden ids, ascending.
  @inline(__always)
  private static func forEachID(_ mask: TokenMask, allowed: Bool, _ body: (Int) -> Void) {
    mask.words.withUnsafeBufferPointer { words in
      for index in 0..<words.count {
        var rest = allowed ? words[index] : ~words[index]
        let first = index &<< 6
        // The last word has bits beyond the vocabulary.
        if !allowed, mask.tokenCount &- first < 64 { rest &= (1 &<< UInt64(mask.tokenCount &- first)) &- 1 }
        while rest != 0 {
          body(first | rest.trailingZeroBitCount)
          rest &= rest &- 1
        }
      }
    }
  }

  // MARK: - Removing tokens

  /// The k most probable; with `keepingTies` also all that equal the k-th.
  mutating func keepTop(_ k: Int, keepingTies: Bool) {
    guard k < count else { return }
    if k <= Self.scanLimit, keepTopByScan(k, keepingTies: keepingTies) { return }
    useLogitKeys()
    let cut = cutAt(count: k)
    keep(above: cut.key, ties: keepingTies ? count : cut.ties)
  }

  /// One pass instead of several; false if equals of the k-th must be kept beyond k.
  private mutating func keepTopByScan(_ k: Int, keepingTies: Bool) -> Bool {
    k_top_f32(logits, Int64(count), Int32(k), top)
    if keepingTies {
      let least = logits[Int(top[k - 1])]
      var heldEquals = 0
      for index in 0..<k where logits[Int(top[index])] == least { heldEquals += 1 }
      if Int(k_count_equal_f32(logits, Int64(count), least)) > heldEquals { return false }
    }
    var places = UnsafeMutableBufferPointer(start: top, count: k)
    places.sort()
    for index in 0..<k {
      let place = Int(top[index])
      ids[index] = id(place)
      logits[index] = logits[place]
      weights[index] = weights[place]
    }
    count = k
    isWhole = false
    keysAreLogits = false
    total = k_sum_f32(weights, Int64(count))
    return true
  }

  /// The smallest set of the most probable whose mass is at least `share` of the whole; one at least.
  mutating func keepMass(_ share: Float) {
    useLogitKeys()
    let cut = cutAt(mass: Double(share) * total)
    keep(above: cut.key, ties: cut.ties)
  }

  /// Those at least `share` as probable as the most probable one.
  mutating func keepAbove(share: Float) {
    let least = k_max_f32(logits, Int64(count)) + Float(log(Double(share))) / inverseTemperature
    useLogitKeys()
    var bound = least
    var key: UInt32 = 0
    k_order_keys_f32(&bound, 1, &key)
    keep(above: key, ties: count)
  }

  /// The smallest set nearest to the distribution's entropy in surprisal whose mass is at least `share`
  /// (Meister et al., "Locally typical sampling", arXiv 2202.00666, §4).
  /// Returns the share that is kept.
  mutating func keepTypical(_ share: Float) -> Double {
    weigh()
    let massBefore = total
    k_typical_keys_f32(
      logits, weights, Int64(count), shift, inverseTemperature, Float(log(total)), Float(entropy), keys)
    keysAreLogits = false
    let cut = cutAt(mass: Double(share) * total)
    keep(above: cut.key, ties: cut.ties)
    let kept = total / massBefore
    // The most probable token may be among the removed, and the rest too small beside it.
    shift = k_max_f32(logits, Int64(count))
    weigh()
    return kept
  }

  /// The most probable one, the first of equals.
  mutating func keepBest() {
    keepTop(1, keepingTies: false)
  }

  private mutating func useLogitKeys() {
    if keysAreLogits { return }
    k_order_keys_f32(logits, Int64(count), keys)
    keysAreLogits = true
  }

  private mutating func keep(above key: UInt32, ties: Int) {
    count = Int(k_keep_above(keys, logits, weights, isWhole ? nil : ids, ids, Int64(count), key, Int64(ties)))
    isWhole = isWhole && count == vocabularySize
    total = k_sum_f32(weights, Int64(count))
  }

  // MARK: - Finding thresholds

  /// The key of the k-th in order, and how many with that key are among the first k.
  private func cutAt(count k: Int) -> (key: UInt32, ties: Int) {
    let cut = cut { counts, _, taken in
      taken + Double(counts) >= Double(k)
    } size: { counts, _ in
      Double(counts)
    }
    return (cut.key, k - Int(cut.taken))
  }

  /// The key of the token at which the running mass reaches `mass`, and how many with that key it takes.
  private func cutAt(mass: Double) -> (key: UInt32, ties: Int) {
    let cut = cut { _, binMass, taken in
      taken + binMass >= mass
    } size: { _, binMass in
      binMass
    }
    guard cut.tieCount > 1, cut.tieMass > 0 else { return (cut.key, max(cut.tieCount, 1)) }
    let each = cut.tieMass / Double(cut.tieCount)
    let needed = ((mass - cut.taken) / each).rounded(.up)
    return (cut.key, min(max(Int(needed), 1), cut.tieCount))
  }

  /// Radix selection from the top, 11 + 11 + 10 bits: descends into the bin in which `reaches` first holds (the last
  /// one that is not empty, if rounding keeps it from holding anywhere).
  @inline(__always)
  private func cut(
    _ reaches: (_ count: UInt32, _ mass: Double, _ taken: Double) -> Bool, size: (UInt32, Double) -> Double
  ) -> (key: UInt32, taken: Double, tieCount: Int, tieMass: Double) {
    var prefix: UInt32 = 0
    var mask: UInt32 = 0
    var taken = 0.0
    var tieCount = 0
    var tieMass = 0.0
    for level in 0..<3 {
      let shift = level == 0 ? 21 : level == 1 ? 10 : 0
      let bins = level == 2 ? 1 << 10 : 1 << 11
      k_key_histogram(keys, weights, Int64(count), mask, prefix, Int32(shift), UInt32(bins), binCounts, binMasses)
      var chosen = -1
      var takenBefore = taken
      for bin in stride(from: bins - 1, through: 0, by: -1) where binCounts[bin] > 0 {
        chosen = bin
        takenBefore = taken
        if reaches(binCounts[bin], binMasses[bin], taken) { break }
        taken += size(binCounts[bin], binMasses[bin])
      }
      taken = takenBefore
      tieCount = Int(binCounts[chosen])
      tieMass = binMasses[chosen]
      prefix |= UInt32(chosen) << UInt32(shift)
      mask |= UInt32(bins - 1) << UInt32(shift)
    }
    return (prefix, taken, tieCount, tieMass)
  }

  // MARK: - Reading

  /// From 1, in a row of logits; equals with a lower id come first.
  static func rank(of id: TokenID, in logits: Span<Float>) -> Int {
    logits.withUnsafeBufferPointer {
      1 + Int(k_rank_f32($0.baseAddress!, Int64($0.count), $0[Int(id)], Int64(id)))
    }
  }

  /// Draws by inverting the cumulative distribution in order of ids; `unit` in 0..<1.
  func draw(_ unit: Double) -> TokenID? {
    let place = k_draw_f32(weights, Int64(count), unit * total)
    return place < 0 ? nil : id(Int(place))
  }

  /// Places of the `n` most probable, in order.
  mutating func best(_ n: Int) -> [Int] {
    let n = min(n, count)
    if n <= 0 { return [] }
    if n <= Self.scanLimit {
      k_top_f32(logits, Int64(count), Int32(n), top)
      return (0..<n).map { Int(top[$0]) }
    }
    useLogitKeys()
    var cut = cutAt(count: n)
    var places: [Int] = []
    places.reserveCapacity(n)
    for place in 0..<count where keys[place] >= cut.key {
      if keys[place] == cut.key {
        if cut.ties <= 0 { continue }
        cut.ties -= 1
      }
      places.append(place)
    }
    let keys = keys
    places.sort { keys[$0] != keys[$1] ? keys[$0] > keys[$1] : $0 < $1 }
    return places
  }
}
