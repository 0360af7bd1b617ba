import Documents
import Engine
import Foundation
import Terminal
import TestSupport
import Testing

@testable import Workbench

/// Earlier states, on a workspace whose files are real and whose times are written down.
@Suite struct RevisionsOverlayTests {
  private static let first = function("get_weather", "获取天气")
  private static let second = function("get_weather", "获取指定城市的当前天气和最高气温")

  private let scratch: ScratchFolder
  private let desk: Desk

  init() throws {
    scratch = try ScratchFolder()
    let folder = scratch.path + "/w"
    try scratch.write("w/workspace.json", #"{"title": "天气"}"#)
    let store = RevisionStore(folder: folder)
    let prompt = "@system\n你是一个有用的助手。\n"
    let states: [(String, String, String)] = [
      ("functions/get_weather.json", Self.first.text, "2026-03-01T09:30:00Z"),
      ("prompts/weather.md", prompt, "2026-03-01T09:31:10Z"),
      ("functions/get_weather.json", Self.second.text, "2026-03-02T18:05:59Z"),
      ("prompts/weather.md", prompt.replacing("有用", with: "简短"), "2026-03-02T18:07:00Z"),
      ("functions/send_email.json", function("send_email").text, "2026-03-03T07:00:00Z"),
    ]
    for (path, text, time) in states {
      try store.note(Array(text.utf8), at: path, time: time)
      try scratch.write("w/" + path, text)
    }
    desk = Desk(try Workspace.open(folder: folder))
    desk.home = UserFolders(data: scratch.path + "/data", config: scratch.path + "/config", state: scratch.path + "/state")
    desk.send(.modelReady(sampleBackend))
  }

  private var dialog: RevisionsOverlay? { desk.app.overlay as? RevisionsOverlay }
  private var text: String { desk.screen(width: 120, height: 40).text() }
  private func file(_ name: String) throws -> String { try scratch.text("w/" + name) }

  @Test(arguments: ScreenTests.sizes)
  func `the states of a function stand beside what changed, or above it`(width: Int, height: Int) throws {
    desk.type("<A-r>")
    try expectSnapshot(
      desk.dialog(width: width, height: height), "revisions-\(width)x\(height)", withStyles: width == 80)
  }

  @Test(arguments: ScreenTests.sizes)
  func `any two of all documents are compared, edits that are not saved among them`(width: Int, height: Int) throws {
    desk.type("<ret><down><down><down><down><end><left><left>！<esc><A-r><tab><space>Gk")
    try expectSnapshot(
      desk.dialog(width: width, height: height), "revisions-compare-\(width)x\(height)", withStyles: width == 80)
  }

  @Test func `a state is gone back to, which is a new state, and undo brings the text back`() throws {
    desk.type("<A-r>j<ret>")
    #expect(desk.app.overlay == nil && desk.app.focused == .functions)
    #expect(try file("functions/get_weather.json") == Self.first.text)
    #expect(desk.session.functions[0].text == Self.first.text)
    #expect(desk.session.changes.isEmpty)
    let hash = ContentHash(of: Array(Self.first.text.utf8))
    #expect(
      desk.session.notice?.notice.text
        == "get_weather is as it was in \(hash.short); Alt-z in its text takes that back")
    let history = try RevisionStore(folder: scratch.path + "/w").history().revisions
    #expect(history.last?.event == .restored && history.last?.hash == hash)
    desk.type("<ret><A-z><esc>")
    #expect(desk.session.functions[0].text == Self.second.text)
    #expect(desk.session.functions[0].isChanged)
  }

  @Test func `edits that are not saved are asked about, and are kept for undo or saved first`() throws {
    desk.type("<ret>X<esc>")
    let edited = desk.session.functions[0].text
    desk.type("<A-r>jj<ret>")
    #expect((desk.app.overlay as? Question)?.text.hasPrefix("get_weather has edits that are not saved.") == true)
    #expect(text.contains("y yes   n no"))
    // No goes back to the list, where they can be saved.
    desk.type("n")
    #expect(dialog != nil)
    #expect(try file("functions/get_weather.json") == Self.second.text)
    desk.type("<C-s>")
    #expect(try file("functions/get_weather.json") == edited)
    #expect(dialog?.history?.states.count == 6)
    desk.type("G<ret>")
    #expect(try file("functions/get_weather.json") == Self.first.text)
    // Yes goes back at once, and the edits can be undone to.
    desk.type("<ret>Y<esc>")
    let more = desk.session.functions[0].text
    desk.type("<A-r>G<ret>y")
    #expect(desk.app.overlay == nil)
    #expect(desk.session.functions[0].text == Self.first.text && desk.session.changes.isEmpty)
    desk.type("<ret><A-z><esc>")
    #expect(desk.session.functions[0].text == more)
  }

  @Test func `a deleted function comes back`() throws {
    desk.type("dy<C-s>")
    #expect(desk.session.functions.map(\.name) == ["send_email"])
    desk.type("<A-r><tab>g")
    #expect(text.contains("get_weather removed"))
    desk.type("<ret>")
    #expect(desk.session.functions.map(\.name) == ["send_email", "get_weather"])
    #expect(try file("functions/get_weather.json") == Self.second.text)
  }

  @Test func `a prompt goes back with its messages, and the ones before it are kept`() throws {
    desk.app.focus(.conversation)
    desk.type("<A-r>/prompt<ret>G")
    desk.type("<ret>")
    #expect(desk.app.overlay == nil)
    #expect(try file("prompts/weather.md") == "@system\n你是一个有用的助手。\n")
    #expect(desk.session.transcript.messages.map(\.content) == ["你是一个有用的助手。"])
    #expect(desk.session.earlierTranscripts.last?.messages.map(\.content) == ["你是一个简短的助手。"])
    #expect(desk.session.changes.isEmpty)
  }

  @Test func `the list is narrowed by name, hash and day, Tab shows one document or all`() {
    desk.type("<A-r>")
    #expect(dialog?.rows(desk.session).count == 2)
    desk.type("<tab>")
    #expect(dialog?.rows(desk.session).count == 5)
    desk.type("/03-02 weather")
    #expect(dialog?.rows(desk.session).count == 2)
    desk.type("<C-u>nothing like it")
    #expect(text.contains("no state fits \"nothing like it\""))
    desk.type("<esc>")
    #expect(dialog?.rows(desk.session).count == 5)
    desk.type("<esc>")
    #expect(desk.app.overlay == nil)
  }

  @Test func `y copies the hash, the present state says so, help shows the keys and comes back`() {
    desk.type("<A-r>")
    _ = desk.takeEffects()
    desk.type("y")
    #expect(desk.takeEffects() == [.copy(ContentHash(of: Array(Self.second.text.utf8)).description)])
    desk.type("<ret>")
    #expect(dialog?.status?.text.hasPrefix("get_weather is as in ") == true)
    desk.type("?")
    #expect(text.contains("In the revisions"))
    #expect(text.contains("mark a state to compare the others with"))
    desk.type("<esc>")
    #expect(dialog != nil)
  }

  @Test func `a workspace without a saved state says what to do`() {
    let desk = Desk(Workspace(origin: .folder("/nonexistent"), settings: WorkspaceSettings(title: "t")))
    desk.home = self.desk.home
    desk.type("<A-r>")
    #expect(desk.screen(width: 80, height: 24).text().contains("Nothing has been saved yet. Ctrl-S saves"))
    desk.type("<ret><space>yjkgG<tab>")
    #expect(desk.app.overlay is RevisionsOverlay)
  }

  @Test func `bytes that are gone are said in the dialog, and nothing is gone back to`() throws {
    let hash = ContentHash(of: Array(Self.first.text.utf8))
    try FileManager.default.removeItem(atPath: "\(scratch.path)/w/revisions/objects/\(hash).json")
    desk.type("<A-r>j")
    #expect(text.contains("no contents with the hash"))
    desk.type("<ret>")
    #expect(dialog?.status?.kind == .error)
    #expect(try file("functions/get_weather.json") == Self.second.text)
  }
}

/// Keys, pastes, clicks and sizes in the dialogs, on files that are real.
@Suite struct RandomDialogsTests {
  @Test(arguments: [1, 2, 3] as [UInt64]) func `1,500 random events leave the workspace whole`(seed: UInt64) throws {
    let scratch = try ScratchFolder()
    try scratch.write("w/workspace.json", #"{"title": "天气", "prompt": "weather"}"#)
    try scratch.write("w/functions/get_weather.json", function("get_weather", "获取天气").text)
    try scratch.write("w/functions/send_email.json", function("send_email").text)
    try scratch.write("w/prompts/weather.md", "@system\n你是一个有用的助手。\n")
    let desk = Desk(try Workspace.open(folder: scratch.path + "/w"))
    desk.home = UserFolders(data: scratch.path + "/data", config: scratch.path + "/config", state: scratch.path + "/state")
    var random = SeededRandom(seed: seed)
    let presses = [
      "<A-r>", "x", "I", "A", "j", "k", "J", "K", "n", "s", "y", "Y", "g", "G", "/", "?", "<space>", "<ret>", "<ret>", "<tab>",
      "<esc>", "<up>", "<down>", "<pagedown>", "<pageup>", "<backspace>", "<A-ret>", "<C-s>", "<C-u>", "<A-z>", "天", "{", "1",
      "2", "d",
    ]
    let pastes = [
      #"{"tools": [{"name": "get_weather", "inputSchema": {"type": "object"}}, {"name": "f", "inputSchema": {}}]}"#,
      "{\"city\": \"北京\"}\n{\"days\": 3}", "[", "/nonexistent/x.json", scratch.path + "/w/functions/send_email.json",
    ]
    for _ in 0..<1500 {
      switch Int.random(in: 0..<20, using: &random) {
      case 0: desk.send(.input(.paste(try #require(pastes.randomElement(using: &random)))))
      case 1:
        let (x, y) = (Int.random(in: 0..<120, using: &random), Int.random(in: 0..<40, using: &random))
        desk.send(.input(.mouse(MouseEvent([.press, .scrollUp, .scrollDown].randomElement(using: &random)!, x: x, y: y))))
      case 2:
        _ = desk.screen(width: Int.random(in: 1...160, using: &random), height: Int.random(in: 1...50, using: &random))
      default: desk.type(try #require(presses.randomElement(using: &random)))
      }
    }
    // What is on disk can be opened, and every state that is listed can be read.
    let opened = try Workspace.open(folder: scratch.path + "/w")
    func texts(_ workspace: Workspace) -> [String: String] {
      // A file ends in a line break.
      Dictionary(
        uniqueKeysWithValues: workspace.functions.map { ($0.name, $0.text.hasSuffix("\n") ? $0.text : $0.text + "\n") })
    }
    #expect(texts(opened) == texts(desk.session.workspace))
    let history = try RevisionHistory(opened.revisions)
    #expect(history.notices == [] && history.states.allSatisfy { (try? $0.text.get()) != nil && $0.change != nil })
  }
}

@Suite struct DiffRowsTests {
  @Test func `a changed line has its change marked, and a replaced one is two lines`() {
    let diff = LineDiff(from: "a: 获取天气\nsame\nold words\n", to: "a: 获取今天的天气\nsame\n全新\n")
    #expect(
      DiffRows(diff, width: 40).rows == [
        .text(.removed, "a: 获取天气", changed: nil), .text(.added, "a: 获取今天的天气", changed: 9..<18),
        .text(.same, "same", changed: nil), .text(.removed, "old words", changed: nil), .text(.added, "全新", changed: nil),
      ])
  }

  @Test func `long lines go on under their sign, and hunks name their lines`() {
    let old = (1...20).map { "a b c d \($0)\n" }.joined()
    let diff = LineDiff(from: old, to: old.replacing("d 12\n", with: "d twelve and more\n"))
    let rows = DiffRows(diff, width: 16).rows
    #expect(rows.first == .place(9))
    #expect(rows.contains(.text(.added, "a b c d twelve", changed: 8..<14)))
    #expect(rows.contains(.text(.added, "and more", changed: 0..<8)))
    let picture = drawn(width: 16, height: 12) { DiffRows(diff, width: 16).draw(into: $0, $0.bounds, first: 0, context()) }
    #expect(picture.text().contains("- a b c d 12\n+ a b c d twelve\n+ and more"))
  }
}
