import ConstrainedDecoding
import Documents
import Engine
import Foundation
import JSON
import Terminal
import Testing

@testable import Workbench

/// A function as a form: what it shows of the text, and what its changes make of the text.
@Suite struct FormTests {
  private static let text = """
    {
      "type": "function",
      "function": {
        "name": "plan_trip",
        "description": "计划一次旅行",
        "parameters": {
          "type": "object",
          "properties": {
            "city": { "type": "string",  "description": "城市名称", "minLength": 1 },
            "days": {"type": "integer", "minimum": 1, "maximum": 7},
            "stops": {
              "type": "array",
              "items": {
                "type": "object",
                "properties": {"name": {"type": ["string", "null"]}, "tags": {"type": "array", "items": {"type": "string"}}},
                "required": ["name"]
              }
            },
            "mode": {"enum": ["fast", "cheap"]}
          },
          "required": ["city", "days"],
          "additionalProperties": false
        }
      }
    }

    """

  private func form(_ text: String = text) throws -> SchemaForm {
    let tool = try JSONValue(parsing: text)
    return try #require(SchemaForm(tool))
  }

  private func desk(width: Int = 160, height: Int = 40, text: String = text) -> Desk {
    let workspace = Workspace(
      origin: .folder("trips"), settings: WorkspaceSettings(title: "旅行"),
      functions: [FunctionDocument(name: "plan_trip", text: text), function("get_weather")])
    let desk = Desk(workspace, width: width, height: height)
    desk.send(.modelReady(sampleBackend))
    desk.send(.functionCosts(Self.costs))
    return desk
  }

  private static func path(_ text: String) -> FieldPath {
    FieldPath(
      text.split(separator: ".").flatMap { part -> [FieldPath.Step] in
        part.hasSuffix("[]") ? [.member(String(part.dropLast(2))), .element] : [.member(String(part))]
      })
  }

  private static let costs = FunctionCosts(
    names: ["plan_trip", "get_weather"], tokenCounts: [160, 60], overheadTokens: 100,
    fields: [
      [
        path("city"): 22, path("days"): 17, path("stops"): 58, path("stops[]"): 47, path("stops[].name"): 12,
        path("stops[].tags"): 15, path("mode"): 14,
      ], [path("city"): 8],
    ])

  // MARK: - Reading

  @Test func `every field has a row, in the order of the text`() throws {
    let form = try form()
    #expect(form.name == "plan_trip")
    let rows = form.fields.map { "\($0.depth) \($0.name)\($0.isRequired ? "*" : ""): \($0.type) [\(SchemaLimitWords.words($0.limits))] \($0.description)" }
    #expect(
      rows == [
        "0 arguments*: object [no others] ", "1 city*: string [at least 1 character] 城市名称", "1 days*: integer [1…7] ",
        "1 stops: array [] ", "2 each of stops*: object [] ", "3 name*: string or null [] ", "3 tags: array of string [] ",
        "1 mode: 2 values [fast | cheap] ",
      ])
    #expect(form.fields.map(\.path.description) == ["", "city", "days", "stops", "stops[]", "stops[].name", "stops[].tags", "mode"])
    #expect(form.fields[5].pointer.text == "/function/parameters/properties/stops/items/properties/name")
    #expect(form.fields[5].schemaPointer == "/properties/stops/items/properties/name")
  }

  @Test(arguments: [
    (#"{"anyOf": [{"type": "string"}, {"type": "null"}]}"#, "any of 2"), ("{\"$ref\": \"#/$defs/Place\"}", "→ Place"),
    ("true", "anything"), ("false", "nothing"), (#"{"const": 3}"#, "constant"), ("{}", "anything"),
    (#"{"type": "array", "items": {"type": "string", "minLength": 2}}"#, "array"),
    (#"{"type": ["array", "null"], "items": {"type": "integer"}}"#, "array of integer or null"),
  ])
  func `types are said in words`(schema: String, words: String) throws {
    #expect(SchemaTypeWords(try JSONValue(parsing: schema)).description == words)
  }

  @Test func `what is no function has no form, and a function without parameters has no fields`() throws {
    #expect(SchemaForm([1, 2]) == nil)
    #expect(SchemaForm(["function": "f"]) == nil)
    #expect(try form(#"{"name": "f"}"#).fields.isEmpty)
    #expect(try form(#"{"name": "f", "parameters": true}"#).fields.isEmpty)
  }

  // MARK: - Changing

  /// The line of the text that has these words.
  private func line(_ words: String, _ desk: Desk) -> String {
    let line = desk.session.functions[0].text.split(separator: "\n").first { $0.contains(words) } ?? ""
    return line.trimmingPrefix { $0 == " " }.description
  }

  @Test func `what is typed in a cell is in the text at once, and is one step for undo`() {
    let desk = desk()
    desk.type("fjjj<ret>")
    #expect(desk.app.mode == .typing)
    desk.type("town")
    #expect(line("minLength", desk) == #""town": { "type": "string",  "description": "城市名称", "minLength": 1 },"#)
    #expect(line("required\": [\"t", desk) == #""required": ["town", "days"],"#)
    desk.type("<ret>")
    #expect(desk.app.functions.form.row == .field(Self.path("town")))
    desk.type("u")
    #expect(desk.session.functions[0].text == Self.text)
    desk.type("U")
    #expect(line("minLength", desk).hasPrefix("\"town\""))
    desk.type("u")
    #expect(!desk.session.functions[0].isChanged)
  }

  @Test func `what is typed in the text is in the form at once`() {
    let desk = desk()
    desk.type("<ret><down><down><down><down><end><left><left>，按天")
    #expect(desk.app.functions.formFacts(desk.session)?.form.description == "计划一次旅行，按天")
    desk.type("<end><C-k><backspace><backspace>")
    #expect(desk.app.functions.formFacts(desk.session) == nil)
    #expect(desk.pane(.functions, width: 160, height: 30).text().contains("The text is not a function"))
    desk.type("<esc>f")
    #expect(desk.app.functions.part == .list)
    #expect(desk.session.notice?.notice.text == "the text is not a function yet; the form comes back when it is")
  }

  @Test func `Esc leaves a cell as it was, also its name`() {
    let desk = desk()
    desk.type("fjjj<ret>town<esc>")
    #expect(desk.session.functions[0].text == Self.text)
    #expect(desk.app.functions.form.row == .field(Self.path("city")))
    desk.type("jlll<ret>How long<esc>")
    #expect(desk.session.functions[0].text == Self.text)
  }

  @Test func `limits, descriptions, types and required are changed where they stand`() {
    let desk = desk()
    desk.type("fjjjjll<ret>")
    desk.type("\"minimum\": 2, \"maximum\": 7<ret>")
    #expect(line("days\": {", desk) == #""days": {"type": "integer", "minimum": 2, "maximum": 7},"#)
    desk.type("l<ret>天数<ret>")
    #expect(line("days\": {", desk) == #""days": {"type": "integer", "minimum": 2, "maximum": 7, "description": "天数"},"#)
    desk.type("<space>")
    #expect(line("required\": [\"c", desk) == #""required": ["city"],"#)
    desk.type("<space>")
    #expect(line("required\": [\"c", desk) == #""required": ["city", "days"],"#)
    desk.type("hh<ret>number<ret>")
    #expect(line("days\": {", desk).hasPrefix(#""days": {"type": "number","#))
    desk.type("ll<ret><C-u><ret>")
    #expect(line("days\": {", desk) == #""days": {"type": "number", "minimum": 2, "maximum": 7},"#)
  }

  @Test func `fields are added, moved and taken out`() {
    let desk = desk()
    desk.type("fjjjj")
    desk.type("ahotel<ret>")
    #expect(line("hotel", desk) == #""hotel": {"type": "string", "description": ""}"#)
    #expect(desk.app.functions.form.row == .field(Self.path("hotel")))
    desk.type("KK")
    let keys = desk.session.functions[0].definition?.parameters?["properties"]?.object?.keys
    #expect(keys == ["city", "days", "hotel", "stops", "mode"])
    desk.type("d")
    #expect(desk.session.functions[0].definition?.parameters?["properties"]?.object?.keys == ["city", "days", "stops", "mode"])
    // The one that took its place is chosen.
    #expect(desk.app.functions.form.row == .field(Self.path("stops")))
    desk.type("kd")
    #expect(line("required\": [\"c", desk) == #""required": ["city"],"#)
    desk.type("uuuuuu")
    #expect(desk.session.functions[0].text == Self.text)
    // Within the elements of an array.
    desk.type("jAstreet<ret>")
    #expect(desk.app.functions.form.row == .field(Self.path("stops[].street")))
  }

  @Test func `a move changes nothing but the order`() throws {
    let form = try form()
    let moved = try #require(form.moving(form.fields[1], by: 1, in: Self.text))
    let city = #""city": { "type": "string",  "description": "城市名称", "minLength": 1 }"#
    let days = #""days": {"type": "integer", "minimum": 1, "maximum": 7}"#
    #expect(moved == Self.text.replacing(city, with: "@").replacing(days, with: city).replacing("@", with: days))
    #expect(form.moving(form.fields[1], by: -1, in: Self.text) == nil)
    #expect(form.moving(form.fields[0], by: 1, in: Self.text) == nil)
  }

  @Test func `what cannot be is refused in a sentence, and nothing is changed`() throws {
    let form = try form()
    let (root, city, stops, each) = (form.fields[0], form.fields[1], form.fields[3], form.fields[4])
    #expect(throws: FormRefusal(sentence: "there is a field \"days\" already")) { try form.changing(.name, of: city, to: "days") }
    #expect(throws: FormRefusal(sentence: "a field needs a name")) { try form.changing(.name, of: city, to: "") }
    #expect(throws: FormRefusal(sentence: "\"type\" has a place of its own in the form")) {
      try form.changing(.limits, of: city, to: #""type": "integer""#)
    }
    #expect(throws: FormRefusal.self) { try form.changing(.limits, of: city, to: "minLength 1") }
    #expect(throws: FormRefusal(sentence: "only a named field is required or not")) { try form.togglingRequired(each) }
    #expect(throws: FormRefusal(sentence: "only a named field can be taken out")) { try form.removing(root) }
    #expect(throws: FormRefusal(sentence: "a function's arguments are an object")) { try form.changingType(of: root, to: "string") }
    #expect(throws: FormRefusal(sentence: "only an object has fields within it; city is string")) { try form.adding(inside: city) }
    #expect(throws: FormRefusal.self) { try form.adding(inside: stops) }

    let desk = desk()
    desk.type("fjjjll<ret>minLength<ret>")
    #expect(desk.session.functions[0].text == Self.text)
    #expect(desk.app.mode == .typing)
    #expect(desk.pane(.functions, width: 160, height: 30).text().contains("limits are members such as"))
    desk.type("<esc><esc>")
    #expect(desk.app.functions.part == .list)
  }

  // MARK: - What is measured

  @Test func `a field's tokens show what changed since the save, a new field all of them`() {
    let desk = desk()
    desk.type("fjjjlll<ret><end>，不能为空<ret>")
    var costs = Self.costs
    costs.fields[0]?[Self.path("city")] = 28
    costs.fields[0]?[Self.path("hotel")] = 11
    costs.tokenCounts[0] = 177
    desk.send(.functionCosts(costs))
    desk.type("ahotel<ret>")
    desk.send(.functionCosts(costs))
    let text = desk.pane(.functions, width: 160, height: 30).text()
    #expect(text.contains("28 +6"))
    #expect(text.contains("11 +11"))
    #expect(text.contains("177 tokens +17"))
  }

  /// An answer whose call of plan_trip had its mask against it.
  private func answer() -> Answer {
    var answer = Answer(number: 1, request: GenerationRequest(messages: []), sentAt: .zero)
    let pieces: [(String, Float, Float)] = [
      ("{\"name\": \"plan_trip\", \"arguments\": {", 1, 0), ("\"city\": \"", 1, 0), ("上海", 0.5, 0.3), ("\"", 1, 0),
      (", \"days\": ", 1, 0), ("7", 0.2, 0.6), ("}}", 1, 0),
    ]
    for (index, piece) in pieces.enumerated() {
      answer.append(
        TokenEvent(
          index: index, id: 0, bytes: Array(piece.0.utf8), text: piece.0, lane: .toolCall, logprob: log(piece.1), time: .zero,
          mask: MaskSummary(
            allowedCount: 9, forbiddenCount: 1, removedMass: piece.2,
            bestForbidden: .init(id: 1, bytes: Array("14".utf8), probability: piece.2), isEnforced: true, forbidsToken: false)))
    }
    answer.readCalls()
    return answer
  }

  @Test func `the mask's pressure stands beside the fields it was on`() throws {
    let desk = desk()
    desk.session.transcript.append(.init(Message(.assistant, "", toolCalls: [ToolCall(name: "plan_trip", arguments: ["city": "上海", "days": 7])]), answer: answer()))
    let facts = try #require(desk.app.functions.formFacts(desk.session))
    #expect(facts.callCount == 1)
    #expect(abs(try #require(facts.pressures[Self.path("days")]).removedMass - 0.6) < 1e-6)
    #expect(facts.pressures[Self.path("days")]?.overruledCount == 1)
    #expect(abs(try #require(facts.pressure(of: facts.form.fields[0])).removedMass - 0.9) < 1e-6)
    #expect(facts.sentence(for: .field(Self.path("days")))?.contains("the mask took 0.60 in one call, the favourite once; most from \"14\" at 60 %") == true)
    #expect(desk.session.maskPressures(of: "get_weather").callCount == 0)
    desk.type("fjjjj")
    try expectSnapshot(desk.pane(.functions, width: 180, height: 30), "form-180x30")
    try expectSnapshot(desk.pane(.functions, width: 110, height: 22), "form-110x22")
    try expectSnapshot(desk.pane(.functions, width: 70, height: 24), "form-70x24")
    try expectSnapshot(desk.pane(.functions, width: 30, height: 20), "form-30x20")
  }

  @Test func `what the mask leaves open is said beside its field`() throws {
    let text = Self.text.replacing(#""mode": {"enum""#, with: #""list": {"type": "array", "contains": {"type": "string"}, "maxContains": 1}, "mode": {"enum""#)
    let desk = self.desk(text: text)
    let facts = try #require(desk.app.functions.formFacts(desk.session))
    let list = try #require(facts.field(Self.path("list")))
    #expect(facts.enforcement.word(for: list) == ("in part", false))
    let sentence = try #require(facts.enforcement.sentence(for: list))
    #expect(sentence.contains("maxContains") && sentence.contains("checked when the call is complete, not by the mask"))
    #expect(facts.enforcement.word(for: facts.form.fields[1]) == ("enforced", true))
    // Nothing fits: there is no mask for any of it.
    let impossible = self.desk(text: Self.text.replacing(#""minLength": 1"#, with: #""minLength": 3, "maxLength": 2"#))
    let refused = try #require(impossible.app.functions.formFacts(impossible.session))
    #expect(refused.enforcement.word(for: refused.form.fields[1]) == ("refused", false))
    #expect(refused.enforcement.sentence(for: refused.form.fields[1])?.contains("no value satisfies the schema") == true)
  }

  // MARK: - The mouse

  @Test func `clicks choose a cell, and open the one that is chosen`() {
    let desk = desk()
    let buffer = desk.pane(.functions, width: 110, height: 22)
    desk.type("f")
    _ = desk.pane(.functions, width: 110, height: 22)
    let rect = desk.app.functions.formRect
    #expect(rect.width > 40 && buffer.width == 110)
    // Name, description, header, arguments over two lines, then city.
    desk.app.functions.click(x: rect.x + 2, y: rect.y + 5, desk.session)
    #expect(desk.app.functions.form.row == .field(Self.path("city")))
    #expect(desk.app.functions.form.cell == .name)
    #expect(desk.app.functions.form.typing == nil)
    desk.app.functions.click(x: rect.x + 2, y: rect.y + 5, desk.session)
    #expect(desk.app.functions.form.typing != nil)
    desk.app.functions.click(x: 5, y: 1, desk.session)
    #expect(desk.app.functions.part == .list)
    #expect(desk.app.functions.form.typing == nil)
  }
}

private func log(_ value: Float) -> Float { Float(Foundation.log(Double(value))) }
