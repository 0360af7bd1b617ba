public import JSON

/// JSON that comes from elsewhere: typed, pasted, or a file's.
public enum ExchangeText {
  /// The one value of a text. A key that comes twice in an object is refused: which of the two counts is not for us to say.
  /// - Parameter path: what the text is called in an error.
  public static func value(in text: String, path: String) throws(DocumentError) -> JSONValue {
    let document: JSONDocument
    do throws(JSONError) { document = try JSONDocument(parsing: text, name: path) } catch { throw .badJSON(error) }
    if let duplicate = document.duplicateKeys.first {
      throw .badDocument(path: path, sentence: "the key \"\(duplicate.key)\" comes twice in one object; remove one")
    }
    return document.value
  }

  /// Samples of arguments: one value, a list of them, or one a line.
  public static func samples(in text: String, path: String) throws(DocumentError) -> [JSONValue] {
    if let value = try? value(in: text, path: path) { return value.array ?? [value] }
    let lines = text.split(separator: "\n").filter { !$0.allSatisfy(\.isWhitespace) }
    // What is neither is reported as the whole that it was meant to be.
    if lines.count < 2 || lines.first?.first(where: { !$0.isWhitespace }) == "[" { return [try value(in: text, path: path)] }
    var samples: [JSONValue] = []
    for (number, line) in lines.enumerated() {
      samples.append(try value(in: String(line), path: "\(path), sample \(number + 1)"))
    }
    return samples
  }
}
