public import JSON

/// Why a model file cannot be used: the file, the field, what was found, what was expected, what to do.
public enum ModelFileError: Error, Sendable, Equatable {
  /// A call to the system failed on this path.
  case system(path: String, action: String, reason: String)
  /// Neither a GGUF file nor a folder.
  case notAModel(file: String, found: String)
  case unsupportedVersion(file: String, found: UInt32)
  case bigEndian(file: String)
  /// The file ends inside this field.
  case truncated(file: String, field: String, needed: UInt64, available: UInt64)
  /// A number of entries, or a length, that the rest of the file cannot hold.
  case count(file: String, field: String, found: UInt64, most: UInt64)
  case invalidUTF8(file: String, field: String)
  case duplicate(file: String, what: String, name: String)
  case missing(file: String, field: String, expected: String)
  case mismatch(file: String, field: String, found: String, expected: String)
  case unsupported(file: String, field: String, found: String, supported: String)
  case missingTensor(file: String, tensor: String, expected: [Int])
  case tensor(file: String, tensor: String, found: String, expected: String)
  case shape(file: String, tensor: String, found: String, expected: [Int])
  /// The tensor's bytes leave the file or fall on another's.
  case tensorBounds(file: String, tensor: String, range: Range<UInt64>, fault: String)
  case missingPart(file: String, part: String, number: Int, count: Int)
  case missingFile(folder: String, file: String, advice: String)
  case noWeights(file: String, expected: String)
  case noTokenizer(file: String, expected: String)
  case json(JSONError)
}

extension ModelFileError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .system(let path, let action, let reason): "\(path): cannot \(action): \(reason)"
    case .notAModel(let file, let found):
      "\(file): the file starts with \(found), expected \"GGUF\"; give a .gguf file or a folder with config.json"
    case .unsupportedVersion(let file, let found):
      "\(file): GGUF version \(found), expected 2 or 3; convert the model again with a current converter"
    case .bigEndian(let file):
      "\(file): a big-endian GGUF, expected little-endian; convert the model again without --bigendian"
    case .truncated(let file, let field, let needed, let available):
      "\(file): the file ends in \(field): \(needed) bytes needed, \(available) left; fetch the file again"
    case .count(let file, let field, let found, let most):
      "\(file): \(field) is \(found), but the rest of the file has room for \(most); fetch the file again"
    case .invalidUTF8(let file, let field): "\(file): \(field) is not UTF-8; convert the model again"
    case .duplicate(let file, let what, let name): "\(file): \(what) \"\(name)\" occurs twice, expected once"
    case .missing(let file, let field, let expected): "\(file): \(field) is missing, expected \(expected)"
    case .mismatch(let file, let field, let found, let expected): "\(file): \(field) is \(found), expected \(expected)"
    case .unsupported(let file, let field, let found, let supported):
      "\(file): \(field) is \(found), which is not supported; supported: \(supported)"
    case .missingTensor(let file, let tensor, let expected):
      "\(file): tensor \"\(tensor)\" is missing; the model's metadata asks for \(expected)"
    case .tensor(let file, let tensor, let found, let expected):
      "\(file): tensor \"\(tensor)\" \(found), expected \(expected)"
    case .shape(let file, let tensor, let found, let expected):
      "\(file): tensor \"\(tensor)\" is \(found); the model's metadata says \(expected)"
    case .tensorBounds(let file, let tensor, let range, let fault):
      "\(file): tensor \"\(tensor)\" occupies bytes \(range.lowerBound)..<\(range.upperBound), which \(fault); fetch the file again"
    case .missingPart(let file, let part, let number, let count):
      "\(file): part \(number) of \(count), \(part), is missing; put all parts into one folder"
    case .missingFile(let folder, let file, let advice): "\(folder): there is no \(file); \(advice)"
    case .noWeights(let file, let expected): "\(file): there are no weights, expected \(expected)"
    case .noTokenizer(let file, let expected): "\(file): there is no tokenizer, expected \(expected)"
    case .json(let error): error.description
    }
  }
}
