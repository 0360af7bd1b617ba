import Foundation
import JSON
import ModelFiles
import TestSupport
import Testing

@Suite struct DequantizationTests {
  /// Floats of gguf-py for blocks that were quantised from numbers and for blocks of random bytes. One rounding of one
  /// operation more or less would show: the comparison is by bits, but for NaN, whose payload ggml does not define.
  @Test(
    .enabled(if: Reference.isPresent, "the reference data is not beside the package"),
    arguments: TensorType.allCases.filter { $0 != .f32 }, ["quantized", "random"])
  func `every type is decoded to the floats of the reference`(type: TensorType, kind: String) throws {
    let stem = "quants/\(type.name.uppercased()).\(kind)"
    let raw = try Reference.bytes("\(stem).raw")
    let expected = try Reference.floats("\(stem).f32")
    let actual = raw.withUnsafeBytes { bytes in
      let blocks = bytes.count / type.bytesPerBlock
      let tensor = TensorView(name: stem, type: type, shape: [blocks, type.elementsPerBlock], bytes: bytes)
      return decoded(tensor, rows: 0..<blocks)
    }
    #expect(actual.count == expected.count)
    let firstDifference = zip(actual, expected).enumerated().first { !same($1.0, $1.1) }
    #expect(firstDifference == nil, "at \(String(describing: firstDifference))")
  }

  @Test func `rows are taken from the middle of a matrix`() {
    let numbers: [Float] = [0, 1, 2, 3, 4, 5, 6, 7]
    numbers.withUnsafeBytes { bytes in
      let tensor = TensorView(name: "t", type: .f32, shape: [4, 2], bytes: bytes)
      #expect(decoded(tensor, rows: 1..<3) == [2, 3, 4, 5])
      #expect(decoded(tensor, rows: 4..<4) == [])
    }
  }

  @Test(
    arguments: [
      (0x0000, 0), (0x8000, -0.0), (0x3C00, 1), (0xC000, -2), (0x7BFF, 65504), (0x0001, 0x1p-24), (0x03FF, 0x1.FF8p-15),
      (0x0400, 0x1p-14), (0x7C00, .infinity), (0xFC00, -.infinity),
    ] as [(UInt16, Float)])
  func `binary16 is widened exactly`(bits: UInt16, expected: Float) {
    #expect(float(fromF16: bits).bitPattern == expected.bitPattern)
  }

  /// SHA-256 of all 65,536 values as little-endian floats, NaN written as 0, from the reference's manifest.
  @Test(
    .enabled(if: Reference.isPresent, "the reference data is not beside the package"),
    arguments: [("f16", float(fromF16:)), ("bf16", float(fromBF16:))] as [(String, @Sendable (UInt16) -> Float)])
  func `all values of a 16-bit type have the digest of the reference`(
    name: String, convert: @Sendable (UInt16) -> Float
  ) throws {
    var bytes: [UInt8] = []
    for bits in UInt16.min...UInt16.max {
      let value = convert(bits)
      withUnsafeBytes(of: (value.isNaN ? 0 : value).bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
    }
    let manifest = try Reference.value("quants/manifest.json")
    #expect(try sha256(bytes) == manifest["all_65536_\(name)_to_f32_sha256_nan_as_0"]?.string)
  }

  private func same(_ a: Float, _ b: Float) -> Bool { a.bitPattern == b.bitPattern || (a.isNaN && b.isNaN) }
}

func decoded(_ tensor: TensorView, rows: Range<Int>) -> [Float] {
  Array(unsafeUninitializedCapacity: rows.count * tensor.columnCount) { buffer, count in
    count = rows.count * tensor.columnCount
    dequantize(tensor, rows: rows, into: UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
  }
}
