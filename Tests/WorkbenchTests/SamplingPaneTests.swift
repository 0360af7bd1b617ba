import Documents
import Engine
import JSON
import Terminal
import Testing

@testable import Workbench

struct SamplingPaneTests {
  private func desk(_ presets: [SamplingPreset] = [], preset: String? = nil) -> Desk {
    let workspace = Workspace(
      origin: .folder("weather"), settings: WorkspaceSettings(title: "天气", sampling: preset), samplingPresets: presets)
    let desk = Desk(workspace, focus: .sampling)
    desk.send(.modelReady(sampleBackend))
    return desk
  }

  /// Chooses a field, opens it, types and takes the value.
  private func enter(_ text: String, in field: SamplingField, _ desk: Desk) {
    desk.app.sampling.select(field)
    desk.type("<ret>\(text)<ret>")
  }

  @Test(arguments: [(48, 26), (78, 20), (40, 8), (24, 12)])
  func `settings show their values, defaults and what they do`(width: Int, height: Int) throws {
    let desk = desk()
    desk.session.sampling = SamplingSettings(
      temperature: 0.8, topK: 20, topP: 0.95, penaltyWindow: 64, logitBias: [12: -.infinity, 7: 1.5], seed: 42)
    desk.session.stopStrings = ["结束", "\n"]
    try expectSnapshot(desk.pane(.sampling, width: width, height: height), "sampling-\(width)x\(height)")
  }

  @Test(arguments: [
    (SamplingField.temperature, "0.85", "0.85"), (.temperature, "0,3", "0.3"), (.topK, "off", "0"), (.topP, "1", "1"),
    (.minP, ".05", "0.05"), (.typicalP, "0.9", "0.9"), (.repetitionPenalty, "1.1", "1.1"),
    (.presencePenalty, "1.5", "1.5"),
    (.frequencyPenalty, "-0.5", "-0.5"), (.penaltyWindow, "64", "64"), (.penaltyWindow, "all", "all"),
    (.seed, "18446744073709551615", "18446744073709551615"), (.seed, "random", "random"),
    (.logitBias, "7: 1.5, 12:-inf", "7: 1.5, 12: -inf"), (.logitBias, "none", "none"), (.tokenLimit, "512", "512"),
    (.tokenLimit, "none", "none"), (.stopStrings, "END", "END"), (.stopStrings, "\"END\", \"\\n\"", "\"END\", \"\\n\""),
    (.candidateCount, "5", "5"),
  ])
  func `a typed value is taken`(field: SamplingField, typed: String, shown: String) {
    let desk = desk()
    enter(typed, in: field, desk)
    #expect(desk.app.mode == .reading)
    #expect(field.text(desk.session) == shown)
  }

  @Test(arguments: [
    (SamplingField.temperature, "hot", "temperature is hot; a number is expected"),
    (.temperature, "-1", "temperature is -1.0; 0 or more is expected"),
    (.topK, "", "top-k is empty; 0 (off) or more is expected"),
    (.topP, "1.5", "top-p is 1.5; a share from 0 to 1 is expected"),
    (.repetitionPenalty, "0", "repetition penalty is 0.0; more than 0 is expected"),
    (.penaltyWindow, "x", "penalty window is x; a number of tokens or \"all\" is expected"),
    (.seed, "-1", "seed is -1; a whole number from 0 to 2^64 - 1 or \"random\" is expected"),
    (.logitBias, "7=1", "logit bias is 7=1; a token's id, a colon and a number, such as 1234: -2.5 is expected"),
    (.logitBias, "9999: 1", "logit bias is for token 9999; an id from 0 to 4095 is expected"),
    (.tokenLimit, "0", "token limit is 0; 1 token or more, or \"none\" is expected"),
    (
      .stopStrings, "\"a",
      "stop strings is \"a; strings in quotes with commas between, such as \"END\", \"\\n\\n\" is expected"
    ),
    (.candidateCount, "101", "candidates is 101; 0 to 100 is expected"),
  ])
  func `a wrong value is refused in a sentence and can be mended`(field: SamplingField, typed: String, sentence: String)
  {
    let desk = desk()
    let before = field.text(desk.session)
    enter("<C-u>" + typed, in: field, desk)
    #expect(desk.app.sampling.problem == sentence)
    #expect(desk.app.mode == .typing)
    desk.type("<esc>")
    #expect(desk.app.sampling.problem == nil)
    #expect(field.text(desk.session) == before)
  }

  @Test(arguments: [
    (SamplingField.temperature, "+++", "0.9"), (.temperature, "-------", "0"), (.topK, "<right>", "21"),
    (.topP, "+++", "1"),
    (.minP, "-", "0"), (.minP, "++", "0.02"), (.penaltyWindow, "++", "128"), (.penaltyWindow, "+-", "all"),
    (.seed, "++", "1"), (.seed, "+-", "random"), (.tokenLimit, "+-", "192"), (.order, "+", "llamaCpp"),
    (.order, "-", "vLLM"),
    (.thinking, "<ret>", "on"), (.thinking, "<left>", "off"), (.toolChoice, " ", "none"), (.candidateCount, "-", "9"),
    (.speculation, "<ret>", "all"), (.speculation, "<left>", "off"),
  ])
  func `keys step a value and stop at its ends`(field: SamplingField, typed: String, shown: String) {
    let desk = desk()
    desk.app.sampling.select(field)
    desk.type(typed)
    #expect(field.text(desk.session) == shown)
  }

  @Test func `r resets one setting and R all`() {
    let desk = desk()
    desk.app.sampling.select(.temperature)
    desk.type("++j+")
    #expect(desk.session.chosenSampling == SamplingSettings(temperature: 0.8, topK: 21, topP: 0.95))
    #expect(desk.app.sampling.detail(desk.session) == "2 changed")
    desk.type("r")
    #expect(desk.session.chosenSampling == SamplingSettings(temperature: 0.8, topK: 20, topP: 0.95))
    desk.session.thinking = .on
    desk.type("R")
    #expect(desk.session.chosenSampling == nil)
    #expect(desk.session.thinking == .template)
    #expect(desk.app.sampling.detail(desk.session) == "the checkpoint's own")
  }

  @Test func `temperature 0 while thinking earns a warning, and a stage that the order lacks too`() {
    let desk = desk()
    enter("0", in: .temperature, desk)
    #expect(
      desk.session.samplingWarning
        == "temperature is 0 while the model thinks: Qwen3 then tends to repeat itself without end; 0.6 is recommended")
    desk.session.thinking = .off
    #expect(desk.session.samplingWarning == nil)
    enter("0.9", in: .typicalP, desk)
    desk.app.sampling.select(.order)
    desk.type("-")
    #expect(desk.session.sampling.order == .huggingFace)
    #expect(
      desk.session.notice?.notice.text == "typical-p is 0.9 in vLLM's order, which has no such stage; 1 is expected")
  }

  @Test func `presets are chosen, marked when changed, and saved`() throws {
    let presets = [
      SamplingPreset(name: "creative", settings: ["temperature": 1.2, "top_p": 1]),
      SamplingPreset(name: "faulty", settings: ["temprature": 1]),
    ]
    let desk = desk(presets, preset: "creative")
    #expect(desk.session.sampling.temperature == 1.2)
    #expect(desk.app.sampling.detail(desk.session) == "creative")
    desk.type("+")
    #expect(desk.app.sampling.detail(desk.session) == "creative *")
    desk.type("p")
    try expectSnapshot(
      drawn(width: 70, height: 9) { desk.app.overlay?.draw(into: $0, desk.session, context()) }, "presets-70x9")
    desk.type("fau<ret>")
    #expect(
      desk.session.notice?.notice.text == "sampling/faulty.json: temprature is 1; no member of this name is expected")
    #expect(desk.session.presetName == "creative")
    _ = desk.takeEffects()
    desk.type("swild<ret>")
    let wild = SamplingPreset(name: "wild", settings: ["temperature": 1.3, "top_p": 1])
    #expect(desk.takeEffects() == [.save([.sampling(wild)])])
    desk.type("pcheck<ret>")
    #expect(desk.session.sampling == .qwen3Thinking)
    desk.type("<C-s>")
    #expect(desk.takeEffects().last == .save([.settings(WorkspaceSettings(title: "天气"))]))
  }

  @Test func `the request takes every setting`() {
    let desk = desk()
    enter("7", in: .seed, desk)
    enter("99", in: .tokenLimit, desk)
    enter("END", in: .stopStrings, desk)
    enter("3", in: .candidateCount, desk)
    desk.app.sampling.select(.speculation)
    desk.type("-")
    let request = desk.session.makeRequest([Message(.user, "你好")])
    #expect(request.sampling.seed == 7)
    #expect(request.tokenLimit == 99)
    #expect(request.stopStrings == ["END"])
    #expect(request.candidateCount == 3)
    #expect(request.speculation == .off)
  }
}
