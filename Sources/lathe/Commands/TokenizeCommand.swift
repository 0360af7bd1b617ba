import JSON
import ModelFiles
import Tokenization

extension Command {
  static let tokenize = Command(
    name: "tokenize", summary: "text to token ids, or with --decode ids to text, one JSON object a line", operands: "",
    operandLimit: 0,
    options: [.model, Option("--decode", nil, "ids in, text out")],
    details: """
      Lines in: {"text": "…", "special": true}; out: {"ids": [1, 2]}. With "special": false, text such as <|im_end|> is
      plain text. With --decode, in: {"ids": [1, 2], "skip_special": false}; out: {"text": "…"}.
        echo '{"text": "深圳天气"}' | lathe tokenize --model mini
      """
  ) { arguments throws(CommandError) in
    let checkpoint = try ModelArgument.checkpoint(arguments)
    let tokenizer = try ModelArgument.tokenizer(of: checkpoint)
    let decodes = arguments.has("--decode")
    // The logits have columns past the last token; a model may choose one, and it stands for no text.
    let idCount = max(tokenizer.vocabularySize, checkpoint.hyperparameters.vocabularySize)
    try StandardInput.forEachJSONLine { value, line throws(CommandError) in
      StandardOutput.writeLine(
        decodes ? try decode(value, line, tokenizer, idCount: idCount) : try encode(value, line, tokenizer))
    }
    return .done
  }

  private static func encode(_ value: JSONValue, _ line: String, _ tokenizer: Tokenizer) throws(CommandError)
    -> JSONValue
  {
    guard let text = value["text"]?.string else { throw .input("\(line): a member \"text\" with a string is expected") }
    let recognizesSpecial = try flag("special", in: value, line) ?? true
    let ids = tokenizer.encode(text, specialTokens: recognizesSpecial ? .recognized : .asText)
    return ["ids": .array(ids.map { .number(JSONNumber(Int($0))) })]
  }

  private static func decode(
    _ value: JSONValue, _ line: String, _ tokenizer: Tokenizer, idCount: Int
  ) throws(CommandError) -> JSONValue {
    let ids = try tokenIDs("ids", in: value, line, vocabularySize: idCount)
    let skipsSpecial = try flag("skip_special", in: value, line) ?? false
    return ["text": .string(tokenizer.decode(ids, skippingSpecialTokens: skipsSpecial))]
  }

  private static func flag(_ name: String, in value: JSONValue, _ line: String) throws(CommandError) -> Bool? {
    guard let member = value[name] else { return nil }
    guard let flag = member.bool else {
      throw .input("\(line): \"\(name)\" is \(member.text()); true or false is expected")
    }
    return flag
  }

  /// An array of ids that the model has.
  static func tokenIDs(
    _ name: String, in value: JSONValue, _ line: String, vocabularySize: Int
  ) throws(CommandError) -> [TokenID] {
    guard let elements = value[name]?.array else {
      throw .input("\(line): a member \"\(name)\" with an array of token ids is expected")
    }
    var ids: [TokenID] = []
    ids.reserveCapacity(elements.count)
    for element in elements {
      guard let id = element.int, (0..<vocabularySize).contains(id) else {
        throw .input("\(line): \"\(name)\" holds \(element.text()); ids from 0 to \(vocabularySize - 1) are expected")
      }
      ids.append(TokenID(id))
    }
    return ids
  }
}
