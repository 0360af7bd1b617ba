import JSON
import Jinja
import TestSupport
import Testing

@Suite struct TracingTests {
  private let messages: JSONValue = [
    ["role": "system", "content": "Be brief."], ["role": "user", "content": "Hi"],
    ["role": "assistant", "content": "你好"],
  ]

  /// The parts of the text with their element; text of no element stands alone.
  private func parts(_ source: String, _ context: JSONObject) throws -> [String] {
    let rendered = try Template(source).render(context, tracing: ["messages", "tools"])
    let bytes = Array(rendered.text.utf8)
    var parts: [String] = []
    var end = 0
    for span in rendered.spans {
      #expect(span.range.lowerBound >= end)
      if span.range.lowerBound > end {
        parts.append(String(decoding: bytes[end..<span.range.lowerBound], as: UTF8.self))
      }
      parts.append("\(span.variable)[\(span.index)]: " + String(decoding: bytes[span.range], as: UTF8.self))
      end = span.range.upperBound
    }
    if end < bytes.count { parts.append(String(decoding: bytes[end...], as: UTF8.self)) }
    return parts
  }

  @Test(arguments: [
    (
      "{% for m in messages %}<{{ m.role }}>{% endfor %}!",
      ["messages[0]: <system>", "messages[1]: <user>", "messages[2]: <assistant>", "!"]
    ),
    ("a{{ messages[0].content + '\\n' }}b", ["a", "messages[0]: Be brief.\n", "b"]),
    (
      "{% for m in messages[::-1] %}{{ loop.index }}{% endfor %}",
      ["messages[2]: 1", "messages[1]: 2", "messages[0]: 3"]
    ),
    ("{% for m in messages|reverse|list %}x{% endfor %}", ["messages[2]: x", "messages[1]: x", "messages[0]: x"]),
    ("{% for m in messages|selectattr('role', 'ne', 'user') %}x{% endfor %}", ["messages[0]: x", "messages[2]: x"]),
    (
      "{% for i in range(messages|length) %}{{ messages[i].role }},{% endfor %}",
      ["messages[0]: system", ",", "messages[1]: user", ",", "messages[2]: assistant", ","]
    ),
    (
      "{% for m in messages[1:] %}{% for i in [1, 2] %}{{ messages[0].role }}{% endfor %}{% endfor %}",
      ["messages[1]: systemsystem", "messages[2]: systemsystem"]
    ),
    ("{% set first = messages[0].content | trim %}[{{ first }}]", ["[", "messages[0]: Be brief.", "]"]),
    ("{{ 'none' if messages[0].role == 'user' else 'some' }}", ["some"]),
    (
      "{% macro show(m) %}({{ m.content }}){% endmacro %}{{ show(messages[2]) }}{% for m in messages[:1] %}{{ show(m) }}{% endfor %}",
      ["messages[2]: (你好)", "messages[0]: (Be brief.)"]
    ),
  ])
  func `text belongs to the element it came from`(source: String, expected: [String]) throws {
    #expect(try parts(source, ["messages": messages]) == expected)
  }

  @Test(.enabled(if: Reference.isPresent, "the reference data is not there"))
  func `a Qwen3 prompt is divided among its messages and functions`() throws {
    let context: JSONObject = [
      "messages": [
        ["role": "system", "content": "Be brief."], ["role": "user", "content": "Weather in 北京?"],
        [
          "role": "assistant", "content": "",
          "tool_calls": [
            ["function": ["name": "weather", "arguments": ["city": "北京"]]],
            ["function": ["name": "time", "arguments": [:]]],
          ],
        ], ["role": "tool", "content": "sunny"], ["role": "tool", "content": "12:00"],
      ],
      "tools": [["name": "weather"], ["name": "time"]], "add_generation_prompt": true,
    ]
    #expect(
      try parts(Reference.text("common/templates/qwen3/Qwen3.jinja"), context) == [
        "<|im_start|>system\n", "messages[0]: Be brief.\n\n",
        "# Tools\n\nYou may call one or more functions to assist with the user query.\n\nYou are provided with function signatures within <tools></tools> XML tags:\n<tools>",
        "tools[0]: \n{\"name\": \"weather\"}", "tools[1]: \n{\"name\": \"time\"}",
        "\n</tools>\n\nFor each function call, return a json object with function name and arguments within <tool_call></tool_call> XML tags:\n<tool_call>\n{\"name\": <function-name>, \"arguments\": <args-json-object>}\n</tool_call><|im_end|>\n",
        "messages[1]: <|im_start|>user\nWeather in 北京?<|im_end|>\n",
        "messages[2]: <|im_start|>assistant\n<tool_call>\n{\"name\": \"weather\", \"arguments\": {\"city\": \"北京\"}}\n</tool_call>\n<tool_call>\n{\"name\": \"time\", \"arguments\": {}}\n</tool_call><|im_end|>\n",
        "messages[3]: <|im_start|>user\n<tool_response>\nsunny\n</tool_response>",
        "messages[4]: \n<tool_response>\n12:00\n</tool_response><|im_end|>\n", "<|im_start|>assistant\n",
      ])
  }
}
