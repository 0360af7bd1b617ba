import Foundation
import TestSupport
import Testing

@testable import ModelFiles

@Suite struct MappedFileTests {
  @Test func `what lies in large pages is counted as proc says it`() throws {
    let file = try MappedFile(zeroedByteCount: 8 << 20, name: "zeros")
    let memory = UnsafeMutableRawPointer(mutating: try #require(file.bytes.baseAddress))
    #expect(try #require(file.largePageByteCount) == 0, "nothing was touched")
    memset(memory, 1, file.bytes.count)
    let setting = try String(contentsOfFile: "/sys/kernel/mm/transparent_hugepage/enabled", encoding: .utf8)
    // The kernel may have no large page left, but not a half one.
    let count = try #require(file.largePageByteCount)
    #expect(count % (2 << 20) == 0 && count <= 8 << 20)
    if setting.contains("[never]") { #expect(count == 0) }
  }

  @Test func `bytes that are no mapping have no pages`() {
    let bytes: [UInt8] = [1, 2, 3]
    bytes.withUnsafeBytes { #expect(MappedFile(embedded: $0, name: "test").largePageByteCount == nil) }
  }
}
