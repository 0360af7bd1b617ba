import CKernels
import Inference
import ModelFiles
import TestSupport
import Testing

/// Products of rounded inputs: every vector version against the scalar one, for equality, and the scalar one against sums in
/// double precision.
@Suite struct ProductTests {
  static let names: [String] = ["avx2", "avxvnni", "avx512", "neon"].filter { k_products_named($0) != nil }
  static let types: [TensorType] = [.q8_0, .q4_0, .q4_k, .q5_k, .q6_k, .bf16]
  static var scalar: k_products { k_products_named("scalar")!.pointee }

  /// Weights of a type, inputs, and what the products of both are by a version.
  struct Case {
    let type: TensorType
    let rows: Int, columns: Int, tokens: Int
    let weights: [UInt8]
    let inputs: [Float]

    init(_ type: TensorType, rows: Int, columns: Int, tokens: Int) {
      self.type = type
      (self.rows, self.columns, self.tokens) = (rows, columns, tokens)
      var noise = KernelTests.Noise(state: UInt64(rows * 31 + columns * 7 + tokens))
      weights = KernelTests.blocks(type, elements: rows * columns, &noise)
      // Some outliers and a row of zeros, which has no scale.
      inputs = (0..<tokens * columns).map { index in
        index < columns / 4 && tokens > 1 ? 0 : noise.float() * (index % 97 == 0 ? 30 : 1)
      }
    }

    /// Blocks whose every byte is the same but for halves of 1, and inputs of the largest code with alternating signs or with
    /// one: sums of neighbouring products are as large as they can be.
    init(_ type: TensorType, byte: UInt8, alternating: Bool, tokens: Int) {
      self.type = type
      (self.rows, self.columns, self.tokens) = (17, 512, tokens)
      var bytes = [UInt8](repeating: byte, count: 17 * 512 / type.elementsPerBlock * type.bytesPerBlock)
      for block in stride(from: 0, to: bytes.count, by: type.bytesPerBlock) {
        for offset in KernelTests.halfOffsets(type) { bytes.replaceSubrange(block + offset..<block + offset + 2, with: [0, 0x3C]) }
      }
      weights = bytes
      inputs = (0..<tokens * 512).map { alternating && $0 % 2 == 1 ? -1 : 1 }
    }

    func products(_ version: k_products) -> [Float] {
      let kernelType = Int32(type.rawValue)
      let form = k_input_form(kernelType, Int32(columns))
      let memory = UnsafeMutableRawPointer.allocate(
        byteCount: k_inputs_bytes(Int32(columns), Int32(tokens)), alignment: 64)
      let panel = UnsafeMutableRawPointer.allocate(byteCount: k_panel_bytes(), alignment: 64)
      defer {
        memory.deallocate()
        panel.deallocate()
      }
      var rounded = k_inputs_in(memory, form, Int32(columns), Int32(tokens))
      for t in 0..<tokens {
        inputs[(t * columns)...].withUnsafeBufferPointer { version.round_inputs($0.baseAddress, &rounded, Int32(t)) }
      }
      var out = [Float](repeating: .nan, count: tokens * rows)
      let rowBytes = k_row_bytes(kernelType, Int32(columns))
      if form == Int32(K_INPUT_BF16) {
        version.multiply_bf16(weights, rowBytes, Int32(rows), &rounded, Int32(tokens), panel, &out, rows)
      } else {
        version.multiply(kernelType, weights, rowBytes, Int32(rows), &rounded, Int32(tokens), panel, &out, rows)
      }
      return out
    }
  }

  @Test(arguments: names, types)
  func `products equal the scalar version's`(_ name: String, _ type: TensorType) {
    let version = k_products_named(name)!.pointee
    let block = type == .q8_0 || type == .q4_0 || type == .bf16 ? 32 : 256
    for (rows, blocks, tokens) in [
      (1, 1, 1), (15, 3, 2), (16, 2, 3), (17, 1, 5), (33, 5, 6), (48, 1, 7), (64, 3, 8), (31, 2, 13), (64, 17, 1),
      (15, 3, 1), (17, 2, 1), (31, 5, 1), (3, 33, 1),
    ] {
      let sample = Case(type, rows: rows, columns: block * blocks, tokens: tokens)
      #expect(
        sample.products(version) == sample.products(Self.scalar), "\(rows) x \(block * blocks), \(tokens) tokens")
    }
  }

  @Test(arguments: names, types.filter { $0 != .bf16 })
  func `the largest codes and inputs give the scalar version's products`(_ name: String, _ type: TensorType) {
    let version = k_products_named(name)!.pointee
    for byte in [0x00, 0x7F, 0x80, 0x81, 0xFF] as [UInt8] {
      for (tokens, alternating) in [(1, false), (1, true), (3, false), (3, true)] {
        let sample = Case(type, byte: byte, alternating: alternating, tokens: tokens)
        #expect(
          sample.products(version) == sample.products(Self.scalar), "bytes of \(byte), \(tokens) tokens, \(alternating)")
      }
    }
  }

  /// What rounding costs: an input is off by half a step of its block, 1/254 of the block's largest; the sum of many such
  /// errors of either sign grows with the root of their number.
  @Test(arguments: types)
  func `rounded products stay near sums in double precision`(_ type: TensorType) {
    let sample = Case(type, rows: 16, columns: 1024, tokens: 2)
    let found = sample.products(Self.scalar)
    var expanded = [Float](repeating: 0, count: 16 * 1024)
    let rowBytes = k_row_bytes(Int32(type.rawValue), 1024)
    sample.weights.withUnsafeBytes { bytes in
      for row in 0..<16 {
        expanded.withUnsafeMutableBufferPointer {
          KernelTests.scalar.pointee.dequantise(
            Int32(type.rawValue), bytes.baseAddress! + row * rowBytes, $0.baseAddress! + row * 1024, 1024)
        }
      }
    }
    for t in 0..<2 {
      for row in 0..<16 {
        var exact = 0.0
        var squares = 0.0
        for i in 0..<1024 {
          let product = Double(expanded[row * 1024 + i]) * Double(sample.inputs[t * 1024 + i])
          exact += product
          squares += Double(expanded[row * 1024 + i]) * Double(expanded[row * 1024 + i])
        }
        // The largest input is 30: a step of 30/127, an error of its uniform distribution's deviation, five times that.
        let step = type == .bf16 ? 30 / 256.0 : 30 / 127.0
        let bound = 5 * step / 12.0.squareRoot() * squares.squareRoot()
        #expect(abs(Double(found[t * 16 + row]) - exact) < bound, "token \(t), row \(row)")
      }
    }
  }

  @Test func `an input that is no number gives a product that is none`() {
    var inputs = [Float](repeating: 1, count: 64)
    inputs[40] = .nan
    let memory = UnsafeMutableRawPointer.allocate(byteCount: k_inputs_bytes(64, 1), alignment: 64)
    defer { memory.deallocate() }
    for name in Self.names + ["scalar"] {
      var rounded = k_inputs_in(memory, Int32(K_INPUT_Q8), 64, 1)
      k_products_named(name)!.pointee.round_inputs(inputs, &rounded, 0)
      #expect(rounded.scales[0].isFinite && rounded.scales[1].isNaN, "\(name)")
    }
  }
}
