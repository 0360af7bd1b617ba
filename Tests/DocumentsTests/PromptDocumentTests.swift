import Documents
import JSON
import Testing

@Suite struct PromptDocumentTests {
  static let whole = PromptDocument(
    name: "order", header: [("title", "Where is my order?"), ("thinking", "off")],
    messages: [
      PromptMessage(.system, "You help.\n"),
      PromptMessage(.user, "@user said: \"hi\"\n@user\n@@system\n@username"),
      PromptMessage(
        .assistant, "", thinking: "Look it up.\n\nThen answer.",
        calls: [.init(name: "get_order_status", arguments: ["order_id": "ORD12345", "note": "a\nb"])]),
      PromptMessage(.tool, "{\"status\": \"packed\"}", toolName: "get_order_status"),
      PromptMessage(.assistant, "\n\n深圳 🙂\n\n"),
    ])

  @Test func `a document that was written reads back the same`() throws {
    let text = Self.whole.text
    #expect(try PromptDocument(name: "order", parsing: text, path: "order.md") == Self.whole)
  }

  @Test func `the file looks as its documentation draws it`() throws {
    let document = PromptDocument(
      name: "order", header: [("title", "Where is my order?")],
      messages: [
        PromptMessage(.user, "Where is order ORD12345?"),
        PromptMessage(.assistant, "", calls: [.init(name: "get_order_status", arguments: ["order_id": "ORD12345"])]),
        PromptMessage(.tool, "{\"status\": \"packed\"}", toolName: "get_order_status"),
      ])
    #expect(
      document.text == """
        title: Where is my order?

        @user
        Where is order ORD12345?

        @assistant


        @call get_order_status
        {"order_id": "ORD12345"}

        @tool get_order_status
        {"status": "packed"}

        """)
  }

  @Test(arguments: [
    (
      "hello\n@user\nhi\n",
      "p.md:1:1: the header has \"key: value\" lines, then the first message starts with a line such as \"@user\"\n  hello\n  ^"
    ),
    ("@call f\n{}\n", "p.md:1:1: \"@call\" belongs under an \"@assistant\"\n  @call f\n  ^"),
    (
      "@assistant\n\n@call\n{}\n", "p.md:3:1: \"@call\" needs the function's name: \"@call get_weather\"\n  @call\n  ^"
    ),
    ("@assistant\n\n@call f\n[1]\n", "p.md:4:1: the arguments of a call are a JSON object\n  [1]\n  ^"),
  ])
  func `a fault is told with its place`(text: String, sentence: String) {
    #expect {
      try PromptDocument(name: "p", parsing: text, path: "p.md")
    } throws: { error in
      String(describing: error) == sentence
    }
  }
}
