import CKernels
import Glibc
import ModelFiles
import Testing

/// Every vector version against the scalar one, for equality: all compute the same sums in the same order.
///
/// A version that this processor lacks is not among the arguments; the last test says which were compared.
@Suite struct KernelTests {
  static let names: [String] = ["avx2", "avx512", "neon"].filter { k_kernels_named($0) != nil }
  static var scalar: UnsafePointer<k_kernels> { k_kernels_named("scalar") }

  static func kernels(_ name: String) -> k_kernels { k_kernels_named(name)!.pointee }

  /// Numbers in -1…1 by a linear congruence (Knuth, MMIX).
  struct Noise {
    var state: UInt64
    mutating func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state >> 33
    }
    mutating func float() -> Float { Float(next() % 20_001) / 10_000 - 1 }
    mutating func floats(_ count: Int) -> [Float] { (0..<count).map { _ in float() } }
  }

  /// Where a block keeps its half-precision scales.
  static func halfOffsets(_ type: TensorType) -> [Int] {
    switch type {
    case .q4_0, .q5_0, .q8_0, .iq4_nl, .iq4_xs: [0]
    case .q4_1, .q5_1, .q4_k, .q5_k: [0, 2]
    case .q2_k: [80, 82]
    case .q3_k: [108]
    case .q6_k: [208]
    case .f32, .f16, .bf16: []
    }
  }

  /// Random blocks with finite scales, both signs among them.
  static func blocks(_ type: TensorType, elements: Int, _ noise: inout Noise) -> [UInt8] {
    switch type {
    case .f32: return noise.floats(elements).flatMap { withUnsafeBytes(of: $0) { Array($0) } }
    case .f16: return noise.floats(elements).flatMap { value in withUnsafeBytes(of: Float16(value)) { Array($0) } }
    case .bf16:
      return noise.floats(elements).flatMap { value in
        withUnsafeBytes(of: UInt16(value.bitPattern >> 16)) { Array($0) }
      }
    default:
      let count = elements / type.elementsPerBlock
      var bytes = (0..<count * type.bytesPerBlock).map { _ in UInt8(truncatingIfNeeded: noise.next()) }
      for block in 0..<count {
        for offset in halfOffsets(type) {
          let half = 0x2000 | UInt16(noise.next() % 1024) | (noise.next() % 2 == 0 ? 0x8000 : 0)
          bytes[block * type.bytesPerBlock + offset] = UInt8(half & 255)
          bytes[block * type.bytesPerBlock + offset + 1] = UInt8(half >> 8)
        }
      }
      return bytes
    }
  }

  static func widths(_ type: TensorType) -> [Int] {
    switch type.elementsPerBlock {
    case 1: [1, 7, 16, 31, 32, 33, 100, 256]
    case 32: [32, 64, 160]
    default: [256, 768]
    }
  }

  @Test(arguments: names, TensorType.allCases)
  func `unpacked rows equal the scalar version's`(_ name: String, _ type: TensorType) {
    var noise = Noise(state: 1)
    for count in Self.widths(type) {
      let row = Self.blocks(type, elements: count, &noise)
      var found = [Float](repeating: .nan, count: count)
      var expected = found
      Self.kernels(name).dequantise(Int32(type.rawValue), row, &found, Int32(count))
      Self.scalar.pointee.dequantise(Int32(type.rawValue), row, &expected, Int32(count))
      #expect(found.map(\.bitPattern) == expected.map(\.bitPattern), "\(count) elements")
    }
  }

  @Test(arguments: names, TensorType.allCases)
  func `products of rows equal the scalar version's`(_ name: String, _ type: TensorType) {
    var noise = Noise(state: 2)
    for columns in Self.widths(type) {
      for rows in [1, 3, 4, 5, 8] {
        let matrix = Self.blocks(type, elements: rows * columns, &noise)
        let x = noise.floats(columns)
        var found = [Float](repeating: .nan, count: rows)
        var expected = found
        let rowBytes = k_row_bytes(Int32(type.rawValue), Int32(columns))
        Self.kernels(name).matvec(Int32(type.rawValue), matrix, rowBytes, Int32(rows), Int32(columns), x, &found)
        Self.scalar.pointee.matvec(Int32(type.rawValue), matrix, rowBytes, Int32(rows), Int32(columns), x, &expected)
        #expect(found == expected, "\(rows) rows of \(columns)")
      }
    }
  }

  @Test(arguments: names)
  func `tiles of odd sizes equal the scalar version's, and those of one token`(_ name: String) {
    var noise = Noise(state: 3)
    for (rows, columns, tokens) in [
      (1, 1, 1), (4, 16, 6), (5, 33, 7), (9, 100, 13), (3, 15, 5), (8, 64, 4), (2, 48, 3),
    ] {
      let w = noise.floats(rows * columns)
      let x = noise.floats(tokens * columns)
      var found = [Float](repeating: .nan, count: rows * tokens)
      var expected = found
      Self.kernels(name).matmul(w, Int32(rows), Int32(columns), x, columns, Int32(tokens), &found, rows)
      Self.scalar.pointee.matmul(w, Int32(rows), Int32(columns), x, columns, Int32(tokens), &expected, rows)
      #expect(found == expected, "\(rows) rows of \(columns), \(tokens) tokens")
      var alone = [Float](repeating: .nan, count: rows)
      Self.kernels(name).matvec(0, w, columns * 4, Int32(rows), Int32(columns), Array(x.suffix(columns)), &alone)
      #expect(alone == Array(found.suffix(rows)))
    }
  }

  @Test(arguments: names)
  func `norms, rotations, gates and sums equal the scalar version's`(_ name: String) {
    var noise = Noise(state: 4)
    let vector = Self.kernels(name)
    let scalar = Self.scalar.pointee
    for count in [2, 6, 16, 30, 32, 34, 64, 130, 192] {
      let x = noise.floats(count).map { $0 * 20 }
      let weight = noise.floats(count)
      var found = x
      var expected = x
      vector.rmsnorm(&found, x, weight, Int32(count), 1e-6)
      scalar.rmsnorm(&expected, x, weight, Int32(count), 1e-6)
      #expect(found == expected, "rmsnorm \(count)")
      let angles = noise.floats(count / 2)
      vector.rope(&found, angles.map { cosf($0) }, angles.map { sinf($0) }, Int32(count))
      scalar.rope(&expected, angles.map { cosf($0) }, angles.map { sinf($0) }, Int32(count))
      #expect(found == expected, "rope \(count)")
      (found, expected) = (x, x)
      vector.silu_mul(&found, weight, Int32(count))
      scalar.silu_mul(&expected, weight, Int32(count))
      #expect(found == expected, "silu_mul \(count)")
      vector.add(&found, x, Int32(count))
      scalar.add(&expected, x, Int32(count))
      #expect(found == expected, "add \(count)")
    }
  }

  /// What `attend` makes of one head's pages, in descending order; each query's sums divided by its sum of weights.
  /// - Parameters:
  ///   - constant: what keys and values are filled with, and thrice queries; nil for noise.
  ///   - isSparse: every other token's key and value are 0.
  ///   - range: of the pages; nil for all.
  static func attention(
    _ kernels: k_kernels, headDim: Int, groupSize: Int, tokens: Int, firstPosition: Int, seed: UInt64,
    type: Int32 = Int32(K_F32), constant: Float? = nil, isSparse: Bool = false,
    pages range: Range<Int>? = nil
  ) -> [Float] {
    var noise = Noise(state: seed)
    let stride = (headDim + 15) / 16 * 16
    let pages = (firstPosition + tokens + 15) / 16
    let pageElements = 16 * (headDim + stride)
    func floats(_ count: Int) -> [Float] { constant.map { [Float](repeating: $0, count: count) } ?? noise.floats(count) }
    var cache = floats(pages * pageElements)
    for page in 0..<pages {
      for token in 0..<16 {
        for d in headDim..<stride { cache[page * pageElements + 16 * headDim + token * stride + d] = 0 }
        guard isSparse, token % 2 == 1 else { continue }
        for d in 0..<headDim {
          cache[page * pageElements + d * 16 + token] = 0
          cache[page * pageElements + 16 * headDim + token * stride + d] = 0
        }
      }
    }
    var halves = [UInt16](repeating: 0, count: cache.count)
    kernels.narrow(cache, &halves, Int32(cache.count))
    let isBytes = type == Int32(K_I8)
    let keyBytes = k_key_bytes8(Int32(headDim))
    let bytesPerPage = keyBytes + k_value_bytes8(stride)
    var bytes = isBytes ? (0..<pages * bytesPerPage).map { _ in UInt8(truncatingIfNeeded: Int(noise.float() * 1000)) } : [0]
    if isBytes {
      bytes.withUnsafeMutableBytes { raw in
        for page in 0..<pages {
          let keyScales = keyBytes - 64 * ((headDim + 31) / 32)
          for place in [keyScales..<keyBytes, bytesPerPage - 64..<bytesPerPage].joined() where place % 4 == 0 {
            raw.storeBytes(of: 0.01 + abs(noise.float()) / 50, toByteOffset: page * bytesPerPage + place, as: Float.self)
          }
        }
      }
    }
    // Dimensions of keys and tokens' values in pairs; the scales behind the last token of a sequence are no numbers.
    let isPaired = type == Int32(K_I16)
    let pairedKeys = k_key_elements16(Int32(headDim))
    let pairedPage = pairedKeys + k_value_elements16(stride)
    var paired = [UInt16](repeating: 0, count: isPaired ? pages * pairedPage : 0)
    func store(_ scale: Float, at place: Int) {
      (paired[place], paired[place + 1]) = (UInt16(scale.bitPattern & 0xFFFF), UInt16(scale.bitPattern >> 16))
    }
    for page in 0..<(isPaired ? pages : 0) {
      for token in 0..<16 {
        let isBehind = (pages - 1 - page) * 16 + token >= firstPosition + tokens
        let key = (0..<headDim).map { cache[page * pageElements + $0 * 16 + token] }
        let value = (0..<headDim).map { cache[page * pageElements + 16 * headDim + token * stride + $0] }
        // The product of two keys so long fits 31 bits.
        let length = key.reduce(0) { $0 + $1 * $1 }.squareRoot()
        let keyStep = max(length / (46339 - Float(headDim).squareRoot() / 2), key.reduce(0) { max($0, abs($1)) } / 32767)
        let valueStep = value.reduce(0) { max($0, abs($1)) } / 8191
        let (keys, values) = (page * pairedPage, page * pairedPage + pairedKeys)
        for d in 0..<headDim {
          let code = keyStep == 0 ? 0 : Int16((key[d] / keyStep).rounded(.toNearestOrEven))
          let other = valueStep == 0 ? 0 : Int16((value[d] / valueStep).rounded(.toNearestOrEven))
          paired[keys + d / 2 * 32 + token * 2 + d % 2] = UInt16(bitPattern: code)
          paired[values + token / 2 * 2 * stride + 2 * d + token % 2] = UInt16(bitPattern: other)
        }
        store(isBehind ? .nan : keyStep, at: keys + pairedKeys - 32 + 2 * token)
        store(isBehind ? .nan : valueStep, at: values + 16 * stride + 2 * token)
      }
    }
    let strides =
      isBytes
      ? (page: bytesPerPage, value: keyBytes)
      : isPaired ? (page: pairedPage, value: pairedKeys) : (page: pageElements, value: 16 * headDim)
    let table = (0..<pages).map { Int32((pages - 1) - $0) }
    let query = floats(tokens * groupSize * headDim).map { $0 * 3 }
    var sums = [Float](repeating: .nan, count: tokens * groupSize * stride)
    var states = [k_softmax](repeating: k_softmax(maximum: .nan, sum: .nan), count: tokens * groupSize)
    let range = range ?? 0..<pages
    let stored =
      switch type {
      case Int32(K_I8): bytes
      case Int32(K_F16): halves.withUnsafeBytes { Array($0) }
      case Int32(K_I16): paired.withUnsafeBytes { Array($0) }
      default: cache.withUnsafeBytes { Array($0) }
      }
    stored.withUnsafeBytes { stored in
      query.withUnsafeBufferPointer { q in
        table.withUnsafeBufferPointer { t in
          sums.withUnsafeMutableBufferPointer { s in
            states.withUnsafeMutableBufferPointer { states in
              var arguments = k_attend(
                query: q.baseAddress, rowStride: groupSize * headDim, tokenCount: Int32(tokens),
                groupSize: Int32(groupSize), headDim: Int32(headDim), firstPosition: Int32(firstPosition),
                pageTable: t.baseAddress, firstPage: Int32(range.lowerBound), endPage: Int32(range.upperBound),
                cacheType: type, cache: stored.baseAddress, pageStride: strides.page, groupStride: 16 * strides.page,
                keyOffset: 0, valueOffset: strides.value, valueStride: stride, scale: 1 / Float(headDim).squareRoot(),
                sums: s.baseAddress, states: states.baseAddress)
              if isPaired { kernels.attend16(&arguments) } else { kernels.attend(&arguments) }
            }
          }
        }
      }
    }
    return states.indices.flatMap { q in
      (0..<headDim).map { states[q].sum == 0 ? 0 : sums[q * stride + $0] / states[q].sum }
    }
  }

  /// Head size, heads of a group, tokens, first position, pages: some end in the middle of a vector, a page or a tile.
  private static let shapes: [(Int, Int, Int, Int, Range<Int>?)] = [
    (32, 1, 1, 0, nil), (32, 2, 3, 14, nil), (64, 4, 4, 29, nil), (128, 5, 3, 40, nil), (6, 3, 5, 17, nil),
    (18, 16, 2, 60, nil), (32, 8, 4, 100, nil), (48, 2, 1, 200, 3..<9), (128, 2, 6, 90, 5..<6), (64, 1, 20, 30, 2..<4),
    (80, 2, 12, 150, nil), (96, 3, 8, 63, nil), (128, 2, 12, 1, nil), (128, 1, 24, 250, nil), (7, 3, 5, 17, nil),
    (128, 4, 6, 500, 2..<30), (128, 2, 16, 47, nil),
  ]

  @Test(arguments: names, [Int32(K_F32), Int32(K_F16), Int32(K_I16), Int32(K_I8)])
  func `attention equals the scalar version's`(_ name: String, _ type: Int32) {
    for (headDim, group, tokens, first, pages) in Self.shapes {
      let found = Self.attention(
        Self.kernels(name), headDim: headDim, groupSize: group, tokens: tokens, firstPosition: first, seed: 5,
        type: type, pages: pages)
      let expected = Self.attention(
        Self.scalar.pointee, headDim: headDim, groupSize: group, tokens: tokens, firstPosition: first, seed: 5,
        type: type, pages: pages)
      #expect(found == expected, "head size \(headDim), group \(group), \(tokens) tokens from \(first)")
    }
  }

  /// A value is off by up to 1/16,382 of its largest element, the weights of a block by 1/32,768 of the most that a lane has, a
  /// key and a query by less.
  @Test func `attention in 16 bits is within 0.05 % of that in f32`() {
    for (headDim, group, tokens, first, pages) in Self.shapes {
      func attention(_ type: Int) -> [Float] {
        Self.attention(
          Self.scalar.pointee, headDim: headDim, groupSize: group, tokens: tokens, firstPosition: first, seed: 5,
          type: Int32(type), pages: pages)
      }
      let (found, expected) = (attention(Int(K_I16)), attention(Int(K_F32)))
      let largest = expected.reduce(0) { max($0, abs($1)) }
      let difference = zip(found, expected).reduce(0) { max($0, abs($1.0 - $1.1)) }
      #expect(difference < 5e-4 * largest, "head size \(headDim), group \(group), \(tokens) tokens from \(first)")
      #expect(difference > 1e-6 * largest, "the products were not rounded")
    }
  }

  /// Keys that point where the query does, in every dimension alike; equal weights of values that are all as large as they can be:
  /// a little more and the sums would not fit 32 bits. A key's would then be negative, and the empty ones weigh more.
  @Test(arguments: names + ["scalar"], [false, true])
  func `sums in 16 bits do not overflow at their bound`(_ name: String, _ isSparse: Bool) {
    for (headDim, constant) in [(1, 2.5), (7, -2.5), (32, 2.5), (64, -2.5), (128, 2.5), (256, -2.5)] as [(Int, Float)] {
      let found = Self.attention(
        name == "scalar" ? Self.scalar.pointee : Self.kernels(name), headDim: headDim, groupSize: 2, tokens: 1,
        firstPosition: 191, seed: 5, type: Int32(K_I16), constant: constant, isSparse: isSparse)
      // The mean of equal values is that value.
      #expect(found.allSatisfy { abs($0 / constant - 1) < 1e-4 }, "head size \(headDim): \(found[0])")
    }
  }

  @Test(arguments: names + ["scalar"])
  func `halves are rounded as IEEE 754 says`(_ name: String) {
    // Swift's own conversion rounds to the nearest, ties to even.
    let kernels = name == "scalar" ? Self.scalar.pointee : Self.kernels(name)
    var floats: [Float] = [0, -0, 1, -1, 65_504, 65_519.99, 65_520, 1e9, -.infinity, 5.96e-8, 2.98e-8, 2.9802326e-8, 6.1e-5, 1e-9]
    for bits in stride(from: UInt32(0), to: 0x7F80_0000, by: 65_537 * 3) { floats.append(Float(bitPattern: bits)) }
    for half in stride(from: UInt16(0), to: 0x7C00, by: 7) {
      let below = Float(Float16(bitPattern: half))
      let above = Float(Float16(bitPattern: half + 1))
      if above.isFinite { floats += [below, (below + above) / 2, ((below + above) / 2).nextUp, -((below + above) / 2).nextDown] }
    }
    var found = [UInt16](repeating: 0, count: floats.count)
    kernels.narrow(floats, &found, Int32(floats.count))
    let wrong = floats.indices.first { found[$0] != Float16(floats[$0]).bitPattern }
    #expect(wrong == nil, "\(wrong.map { "\(floats[$0]) became \(found[$0])" } ?? "")")
  }

  @Test func `attention of one head is softmax of the scaled products times the values`() {
    // The same numbers with plain loops in double precision, over the whole length at once.
    let (headDim, positions) = (8, 37)
    let found = Self.attention(
      Self.scalar.pointee, headDim: headDim, groupSize: 1, tokens: 1, firstPosition: positions - 1, seed: 6)
    var noise = Noise(state: 6)
    let cache = noise.floats(3 * 16 * (headDim + 16)).map(Double.init)
    let query = noise.floats(headDim).map { Double($0) * 3 }
    func page(_ position: Int) -> Int { (2 - position / 16) * 16 * (headDim + 16) }
    let scores = (0..<positions).map { position in
      (0..<headDim).reduce(0.0) { $0 + query[$1] * cache[page(position) + $1 * 16 + position % 16] }
        / Double(headDim).squareRoot()
    }
    let weights = scores.map { exp($0) }
    let total = weights.reduce(0, +)
    for d in 0..<headDim {
      let value = (0..<positions).reduce(0.0) {
        $0 + weights[$1] / total * cache[page($1) + 16 * headDim + $1 % 16 * 16 + d]
      }
      #expect(abs(Double(found[d]) - value) < 1e-6, "dimension \(d)")
    }
  }

  @Test(.enabled(if: names.count == 2, "this processor has \(names); the other versions were not compared"))
  func `both vector versions were compared`() {
    #expect(String(cString: k_kernels_best().pointee.name) == "avx512")
  }
}
