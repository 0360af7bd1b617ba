import ConstrainedDecoding
import Engine
import JSON
import Tools

/// The schema that `lathe run --schema` asks an answer to conform to.
struct ResponseSchema {
  let document: JSONValue
  private let schema: JSONSchema

  init(_ path: String) throws(CommandError) {
    let text = try TextFile.read(path)
    do { document = try JSONValue(parsing: text, name: path) } catch { throw .input(error.description) }
    do throws(SchemaError) {
      schema = try JSONSchema(document: document, name: path)
    } catch {
      throw .input(error.description)
    }
  }

  /// Fails with exit code 1 if the turn's answer does not conform, whatever was enforced while it was generated.
  func check(_ outcome: (ending: ToolLoopEnding, messages: [Message])) throws(CommandError) {
    guard case .answered = outcome.ending, let answer = outcome.messages.last else {
      throw CommandError(code: .failedChecks, sentence: "the answer was cut short, so that it conforms to no schema")
    }
    let value: JSONValue
    do throws(JSONError) {
      value = try JSONValue(parsing: answer.content, name: "answer")
    } catch {
      throw CommandError(code: .failedChecks, sentence: error.description)
    }
    let errors: [ValidationError]
    do { errors = try schema.validate(value) } catch { throw .input(error.description) }
    guard let first = errors.first else { return }
    let more = errors.count > 1 ? " (and \(errors.count - 1) more)" : ""
    throw CommandError(code: .failedChecks, sentence: "the answer violates its schema: \(first)\(more)")
  }
}
