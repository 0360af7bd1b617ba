/// A tensor in a mapped file: its name, type, shape, and the bytes, which live as long as the `Checkpoint`.
public struct TensorView: Sendable {
  /// As the file has it (`blk.0.attn_q.weight`, `model.layers.0.self_attn.q_proj.weight`).
  public let name: String
  public let type: TensorType
  /// Row-major, the slowest axis first: a matrix that maps `columns` inputs to `rows` outputs is [rows, columns].
  public let shape: [Int]
  /// Rows of blocks, without padding between rows. Borrowed from the checkpoint's mapping.
  public nonisolated(unsafe) let bytes: UnsafeRawBufferPointer  // read-only and outlived by its checkpoint

  public init(name: String, type: TensorType, shape: [Int], bytes: UnsafeRawBufferPointer) {
    self.name = name
    self.type = type
    self.shape = shape
    self.bytes = bytes
  }

  public var elementCount: Int { shape.reduce(1, *) }
  /// Numbers in a row: the last axis.
  public var columnCount: Int { shape.last ?? 1 }
  /// Rows of all axes but the last.
  public var rowCount: Int { elementCount / columnCount }
  public var bytesPerRow: Int { columnCount / type.elementsPerBlock * type.bytesPerBlock }
  /// `f16 [1024, 2048]`.
  public var typeAndShape: String { "\(type.name) \(shape)" }
}
