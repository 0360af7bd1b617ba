import JSON
import ModelFiles
import TestSupport
import Testing
import Tokenization

@testable import Engine

/// Drafts in Qwen's vocabulary.
@Suite(.enabled(if: Reference.isPresent, "needs qwen3-vocab.gguf and bfcl-dev.jsonl of the reference data"))
struct DraftTests {
  /// Prompts as Qwen3's template makes them, and the grammars of their functions.
  private struct Setting {
    let tokenizer: Tokenizer
    let template: ChatTemplate
    let grammars: CallGrammars
    let end: TokenID
    let opening: TokenID

    init() throws {
      let data = try Checkpoint.open(Reference.path("common/qwen3-vocab.gguf")).requireTokenizer()
      tokenizer = try Tokenizer(data)
      template = try ChatTemplate(source: try #require(EmbeddedModel.open().chatTemplate), tokenizer: data)
      end = try #require(tokenizer.id(of: "<|im_end|>"))
      opening = try #require(tokenizer.id(of: "<tool_call>"))
      grammars = CallGrammars(
        tokenizer: tokenizer, vocabularySize: tokenizer.vocabularySize, controlTokens: template.addedTokens.map(\.id),
        endTokens: [end])
    }

    func lookup(_ request: GenerationRequest) throws -> PromptLookup {
      var lookup = PromptLookup()
      lookup.append(contentsOf: tokenizer.encode(try template.render(request).text))
      return lookup
    }

    func constraint(_ request: GenerationRequest) throws -> AnswerConstraint {
      AnswerConstraint(try #require(grammars.grammar(for: request).get().grammar), mode: request.constraint, thinking: .none)
    }

    func draft(_ lookup: PromptLookup, _ constraint: AnswerConstraint?, limit: Int = Draft.longest) -> Draft {
      Draft(after: lookup, constraint: constraint, tokenizer: tokenizer, endTokens: [end], limit: limit)
    }

    func text(_ calls: [JSONValue]) -> String {
      calls.map { call in
        let value = JSONValue.object(["name": call["name"] ?? .null, "arguments": call["arguments"] ?? .null])
        return "<tool_call>\n\(value.text(.spaced))\n</tool_call>"
      }.joined(separator: "\n")
    }
  }

  private static let setting = Result { try Setting() }

  private static func order(_ text: String) throws -> GenerationRequest {
    let function = try Mini.function(
      """
      {"name": "get_order", "parameters": {"type": "object", "properties": {"id": {"type": "string"}, "unit": {"enum": \
      ["piece"]}}, "required": ["id", "unit"], "additionalProperties": false}}
      """)
    return GenerationRequest(messages: [Message(.user, text)], functions: [function], thinking: .off)
  }

  @Test func `what is forced comes first, then what the prompt repeats, then what is forced behind it`() throws {
    let setting = try Self.setting.get()
    let request = try Self.order(#"The last one was {"id": "QX-7731-B", "unit": "piece"}. Where is it?"#)
    var lookup = try setting.lookup(request)
    var constraint = try setting.constraint(request)
    let isOpened = constraint.accept(setting.opening)
    #expect(isOpened)
    lookup.append(contentsOf: [setting.opening])
    let draft = setting.draft(lookup, constraint, limit: 64)
    #expect(
      setting.tokenizer.decode(draft.tokens)
        == "\n{\"name\": \"get_order\", \"arguments\": {\"id\": \"QX-7731-B\", \"unit\": \"piece\"}}\n</tool_call><|im_end|>")
    // The end is what has followed a closing tag before; the tag itself is forced.
    #expect(draft.sources.first == .forced && draft.sources.suffix(2) == [.forced, .copied(matched: 1)])
    #expect(draft.sources.dropLast().contains { $0 != .forced })
    // The limit cuts it.
    #expect(setting.draft(lookup, constraint, limit: 5).tokens == Array(draft.tokens.prefix(5)))
    #expect(setting.draft(lookup, constraint, limit: 0).count == 0)
  }

  @Test func `a token that the schema forbids is not drafted, and without a schema it is`() throws {
    let setting = try Self.setting.get()
    // The passage goes on with a number where the schema wants a string.
    let request = try Self.order(#"Before it was {"name": "get_order", "arguments": {"id": 77, "unit": 5}}. Where is it?"#)
    var lookup = try setting.lookup(request)
    var constraint = try setting.constraint(request)
    let opened = setting.tokenizer.encode("<tool_call>\n{\"name\": \"get_order\", \"arguments\": {\"id\":")
    let isAccepted = opened.allSatisfy { constraint.accept($0) }
    #expect(isAccepted)
    lookup.append(contentsOf: opened)
    let free = setting.draft(lookup, nil)
    #expect(setting.tokenizer.decode(free.tokens).hasPrefix(" 77, \"unit\": 5}}"))
    let bound = setting.draft(lookup, constraint)
    #expect(!setting.tokenizer.decode(bound.tokens).hasPrefix(" 7"))
    let isAdmitted = bound.tokens.allSatisfy { constraint.accept($0) }
    #expect(isAdmitted, "\(setting.tokenizer.decode(bound.tokens))")
  }

  @Test func `nothing is drafted behind the end of a turn`() throws {
    let setting = try Self.setting.get()
    var lookup = PromptLookup()
    lookup.append(contentsOf: setting.tokenizer.encode("one two<|im_end|>\n<|im_start|>user\none two"))
    let draft = setting.draft(lookup, nil)
    #expect(draft.tokens == [setting.end])
  }

  /// The expected calls of the Berkeley Function-Calling Leaderboard as if a model wrote them.
  @Test func `on the reference's calls all that is forced comes true and two of three steps are saved`() throws {
    let setting = try Self.setting.get()
    var length = DraftLength()
    var tokens = 0
    var steps = 0
    var missedForced = 0
    let rows = try Reference.lines("bfcl/bfcl-dev.jsonl").filter { $0["calls"]?.array?.isEmpty == false }
    for row in stride(from: 0, to: rows.count, by: 5).map({ rows[$0] }) {
      let messages = (row["messages"]?.array ?? []).map { Message(.user, $0["content"]?.string ?? "") }
      let functions = try (row["tools"]?.array ?? []).map { try FunctionDefinition($0) }
      let request = GenerationRequest(messages: messages, functions: functions, thinking: .off)
      var constraint = try setting.constraint(request)
      var lookup = try setting.lookup(request)
      let answer = setting.tokenizer.encode(setting.text(row["calls"]?.array ?? [])) + [setting.end]
      var place = 0
      // Tokens before `place` are there.
      func take() -> Bool {
        guard constraint.accept(answer[place]) else { return false }
        lookup.append(contentsOf: [answer[place]])
        place += 1
        tokens += 1
        return true
      }
      // A few calls have members in another order than their schema.
      while place < answer.count - 1, take() {
        steps += 1
        let draft = setting.draft(lookup, constraint)
        let count = length.best(for: draft.sources)
        for (token, source) in zip(draft.tokens, draft.sources).prefix(count) where place < answer.count {
          let isHit = token == answer[place]
          length.count(source, isHit: isHit)
          if !isHit, source == .forced { missedForced += 1 }
          guard isHit, place < answer.count - 1, take() else { break }
        }
      }
    }
    #expect(tokens > 2_000)
    #expect(missedForced == 0)
    #expect(steps * 3 < tokens, "\(steps) steps for \(tokens) tokens")
  }
}
