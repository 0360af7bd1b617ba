public import JSON

/// A chat template: Jinja2 as transformers sets it up (sandboxed and immutable, `trim_blocks`, `lstrip_blocks`,
/// `break` and `continue`, `tojson` without HTML escapes, `raise_exception`, `strftime_now`, `generation`).
///
///     let template = try Template("{% for m in messages %}<{{ m.role }}>{{ m.content }}\n{% endfor %}")
///     let messages: JSONValue = [
///       ["role": "user", "content": "Hi"],
///       ["role": "assistant", "content": "Hello"],
///     ]
///     let rendered = try template.render(["messages": messages], tracing: ["messages"])
///     // rendered.text:  "<user>Hi\n<assistant>Hello\n"
///     // rendered.spans: messages[0] at 0..<10, messages[1] at 10..<28
///
/// Parsed once, it can be rendered from any number of threads. Output is limited to 64 MiB, loops to two million rounds,
/// `range` to 100,000 elements and calls to what the stack holds; passing a limit is an error.
public final class Template: Sendable {
  public let name: String
  private let tree: SyntaxTree
  /// The source with its line ends made `\n`, in which the offsets of faults count.
  private let source: [UInt8]

  /// - Parameter name: what the template is called in errors.
  /// - Throws: `TemplateError` of kind `.syntax` (or `.recursion`, if nested beyond reason).
  public init(_ source: String, name: String = "chat template") throws(TemplateError) {
    self.name = name
    var lexer = Lexer(source)
    self.source = lexer.source
    do {
      var parser = Parser(try lexer.tokenize())
      let body = try parser.parse()
      tree = try Scoping.resolve(body, parser)
    } catch {
      throw TemplateError(error, in: lexer.source, at: error.offset ?? 0, name: name)
    }
  }

  /// Runs the template.
  /// - Parameters:
  ///   - context: the template's variables.
  ///   - tracing: variables holding arrays, for whose elements the result says which text came from them.
  ///   - now: the time `strftime_now` tells.
  public func render(
    _ context: JSONObject, tracing: [String] = [], now: TemplateClock = .system
  ) throws(TemplateError) -> RenderedTemplate {
    let interpreter = Interpreter(tree, context: context, tracing: tracing, clock: now)
    do {
      try interpreter.run()
    } catch {
      throw TemplateError(error, in: source, at: error.offset ?? interpreter.offset, name: name)
    }
    let output = interpreter.output
    return RenderedTemplate(
      text: String(decoding: output.bytes, as: UTF8.self),
      spans: output.spans.map {
        RenderedSpan(variable: tracing[Int($0.origin.variable)], index: Int($0.origin.index), range: $0.range)
      })
  }
}

/// What a template made of its context.
public struct RenderedTemplate: Sendable, Equatable {
  public let text: String
  /// In the order of the text, without overlap; neighbours differ in their element.
  public let spans: [RenderedSpan]
}

/// A part of the text that came from one element of one of the context's arrays: everything written inside the innermost
/// loop over such elements, and outside of such loops what an output expression made of the element it read first.
public struct RenderedSpan: Sendable, Equatable {
  /// The array: "messages", "tools".
  public let variable: String
  public let index: Int
  /// UTF-8 offsets into the text.
  public let range: Swift.Range<Int>

  public init(variable: String, index: Int, range: Swift.Range<Int>) {
    self.variable = variable
    self.index = index
    self.range = range
  }
}

extension TemplateError {
  init(_ fault: Fault, in source: [UInt8], at offset: Int, name: String) {
    self.init(
      kind: fault.kind, message: fault.message, excerpt: SourceExcerpt(of: source, offset: offset, name: name))
  }
}
