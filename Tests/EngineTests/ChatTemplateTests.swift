import Engine
import Foundation
import JSON
import ModelFiles
import TestSupport
import Testing
import Tokenization

@Suite struct ChatTemplateTests {
  /// transformers' `apply_chat_template` over the templates of Qwen3 (reference/chat, README there): text, errors, and the
  /// number of tokens.
  @Test(.enabled(if: Reference.isPresent, "reference data is absent"))
  func `every chat of the reference is rendered to the byte`() throws {
    let data = try Checkpoint.open(Reference.folder.appending(path: "common/qwen3-vocab.gguf").path).requireTokenizer()
    let tokenizer = try Tokenizer(data)
    var templates: [String: ChatTemplate] = [:]
    var compared = 0
    for row in try Reference.lines("chat/qwen3.jsonl") {
      let name = try #require(row["template"]?.string)
      if templates[name] == nil {
        let file = Reference.folder.appending(path: "common/templates/qwen3/\(name).jinja")
        templates[name] = try ChatTemplate(source: String(contentsOf: file, encoding: .utf8), tokenizer: data)
      }
      let id = "\(row["id"]?.string ?? "?") \(name)"
      let rendering = Result { () throws(GenerationError) in
        try templates[name]!.render(
          messages: row["messages"]?.array ?? [], tools: row["tools"]?.array, options: row["options"]?.object ?? [:])
      }
      if let expected = row["rendered"]?.string {
        let rendering = try rendering.get()
        #expect(rendering.text == expected, "\(id)")
        #expect(tokenizer.encode(rendering.text).count == row["n_ids"]?.int, "\(id)")
        #expect(
          zip(rendering.spans, rendering.spans.dropFirst()).allSatisfy { $0.bytes.upperBound <= $1.bytes.lowerBound })
      } else {
        #expect(throws: GenerationError.self, "\(id)") { try rendering.get() }
      }
      compared += 1
    }
    #expect(compared == 659)
  }

  private static let source = """
    {%- for tool in tools or [] %}{{ tool | tojson }}{% endfor %}
    {%- for message in messages %}<{{ message.role }}>{{ message.content }}
    {%- if message.reasoning_content %}({{ message.reasoning_content }}){% endif %}
    {%- for call in message.tool_calls or [] %}[{{ call.function.name }} {{ call.function.arguments | tojson }}]{% endfor %}
    {%- endfor %}
    {%- if add_generation_prompt %}<go{{ '' if enable_thinking is not defined else enable_thinking }}{{ mood or '' }}>{% endif %}
    """
  private static let data = TokenizerData(
    preTokenizer: "qwen2", tokens: ByteStringTable(), merges: ByteStringTable(), addedTokens: [])

  @Test(arguments: [
    (ThinkingMode.template, "<user>q<go>"), (.on, "<user>q<goTrue>"), (.off, "<user>q<goFalse>"),
  ])
  func `the thinking mode becomes enable_thinking`(thinking: ThinkingMode, expected: String) throws {
    let template = try ChatTemplate(source: Self.source, tokenizer: Self.data)
    let request = GenerationRequest(messages: [Message(.user, "q")], thinking: thinking)
    #expect(try template.render(request).text == expected)
  }

  @Test func `reasoning, calls, functions and options reach the template, each with its span`() throws {
    let template = try ChatTemplate(source: Self.source, tokenizer: Self.data)
    var request = GenerationRequest(
      messages: [
        Message(.user, "q"),
        Message(.assistant, "a", reasoning: "r", toolCalls: [ToolCall(name: "f", arguments: ["x": 1])]),
      ],
      functions: [try FunctionDefinition(["name": "f"])], templateOptions: ["mood": "!"])
    let rendering = try template.render(request)
    let tool = #"{"type": "function", "function": {"name": "f"}}"#
    #expect(rendering.text == tool + #"<user>q<assistant>a(r)[f {"x": 1}]<go!>"#)
    let bytes = Array(rendering.text.utf8)
    let spans = rendering.spans.map { ($0.owner, String(decoding: bytes[$0.bytes], as: UTF8.self)) }
    #expect(spans.map(\.0).contains(.function(0)))
    #expect(spans.first { $0.0 == .function(0) }?.1 == tool)
    let ofAnswer = spans.filter { $0.0 == .message(1) }.map(\.1).joined()
    #expect(ofAnswer == #"<assistant>a(r)[f {"x": 1}]"#)

    request.toolChoice = .none
    #expect(try template.render(request).text == #"<user>q<assistant>a(r)[f {"x": 1}]<go!>"#)
  }

  @Test func `a template's fault is told with its place`() throws {
    let error = #expect(throws: GenerationError.self) {
      _ = try ChatTemplate(source: "{% for m in messages %}", tokenizer: Self.data)
    }
    #expect(error?.description.hasPrefix("chat template:1:") == true)
    let template = try ChatTemplate(source: "a\n{{ raise_exception('no system') }}", tokenizer: Self.data)
    let raised = #expect(throws: GenerationError.self) {
      _ = try template.render(GenerationRequest(messages: [Message(.user, "q")]))
    }
    #expect(
      raised?.description == """
        chat template:2:19: no system
          {{ raise_exception('no system') }}
                            ^
        """)
  }
}
