import Terminal

extension Commands {
  /// The conversation: first what works while writing, then what works on the messages.
  static let conversation: [Command] = [
    typing("send", [KeyPress(.enter)], "send what is written", hint: "send") { $0.conversation.send($0.session) },
    typing("newline", [KeyPress(.enter, .alt), .control("j")], "a new line in the message", hint: "new line") {
      $0.conversation.insertLineBreak($0.session)
    },
    typing(
      "result.error", [.alt("x")], "give what is written to the model as the error of the call", hint: "as an error",
      isEnabled: { $0.conversation.isWritingResult }
    ) { $0.conversation.giveResult($0.session, isError: true) },
    typing(
      "result.record", [.alt("k")], "give the result and keep it in the workspace's recordings", hint: "and record",
      isEnabled: { $0.conversation.isWritingResult }
    ) { $0.conversation.giveResult($0.session, isRecorded: true) },
    Command(
      "conversation.permission", [.alt("g")], "open the question again whether a call may be run",
      .pane(.conversation), modes: [.reading, .typing]
    ) { $0.reopenPermissionQuestion() },
    typing("read", [KeyPress(.escape)], "leave the composer: read, choose, edit and rerun messages", hint: "messages") {
      $0.conversation.leave($0.session)
    },
    typing("history", [.control("r")], "bring back what was sent before and holds these words") {
      $0.conversation.searchHistory($0.session)
    },
    typing("editor", [.alt("e")], "write the message in $EDITOR") {
      $0.session.request(.edit(.composer, text: $0.conversation.composer.text, fileExtension: "md"))
    },
    typing("scroll.up", [KeyPress(.pageUp)], "scroll up while writing") { $0.conversation.move(.pageUp, $0.session) },
    typing("scroll.down", [KeyPress(.pageDown)], "scroll down while writing") {
      $0.conversation.move(.pageDown, $0.session)
    },
    Command(
      "conversation.thinking", [.alt("o")], "unfold or fold the last thinking", .pane(.conversation),
      modes: [.reading, .typing]
    ) { $0.conversation.toggleThinking($0.session) },
    Command(
      "conversation.new", [.control("n")], "a new conversation", .pane(.conversation), modes: [.reading, .typing]
    ) { $0.conversation.clear($0.session) },
    Command(
      "conversation.keep", [.alt("s")], "keep the conversation as a prompt of the workspace", .pane(.conversation),
      modes: [.reading, .typing]
    ) { $0.askForPromptName() },

    reading(
      "tokens.leave", [KeyPress(.escape)], "leave the tokens", hint: "back",
      isEnabled: { $0.conversation.tokenEntry != nil }
    ) { $0.conversation.toggleTokens($0.session) },
    reading(
      "compose", [.character("i"), KeyPress(.enter)], "write: a message, or the result a call waits for", hint: "write"
    ) { $0.conversation.compose($0.session) },
    reading("message", [.character("m")], "write a message, even while a call waits for its result") {
      $0.conversation.writeMessage($0.session)
    },
    reading("fold", [.character(" ")], "unfold or fold thinking, instructions, a long result", hint: "unfold") {
      $0.conversation.toggleFold($0.session)
    },
    reading("edit", [.character("e")], "change the message and run again from it", hint: "edit") {
      $0.conversation.editSelected($0.session)
    },
    reading("calls", [.character("x")], "run the calls that have no result") { $0.session.runPendingCalls() },
    reading("regenerate", [.character("r")], "answer the last question again", hint: "again") {
      $0.conversation.regenerate($0.session)
    },
    reading("rerun", [.character("R")], "run again from the chosen message") {
      $0.conversation.rerunSelected($0.session)
    },
    reading(
      "tokens", [.character("t")], "look at the tokens: probability, alternatives, what the sampler removed",
      hint: "tokens"
    ) { $0.conversation.toggleTokens($0.session) },
    reading("undo", [.character("u")], "bring back the conversation before the last edit or rerun") {
      $0.conversation.undo($0.session)
    },
  ]

  private static func typing(
    _ id: String, _ keys: [KeyPress], _ title: String, hint: String? = nil,
    isEnabled: @escaping @Sendable (App) -> Bool = { _ in true }, action: @escaping @Sendable (App) -> Void
  ) -> Command {
    Command(
      "conversation.\(id)", keys, title, .pane(.conversation), modes: [.typing], hint: hint, isEnabled: isEnabled,
      action: action)
  }

  private static func reading(
    _ id: String, _ keys: [KeyPress], _ title: String, hint: String? = nil,
    isEnabled: @escaping @Sendable (App) -> Bool = { _ in true }, action: @escaping @Sendable (App) -> Void
  ) -> Command {
    Command("conversation.\(id)", keys, title, .pane(.conversation), hint: hint, isEnabled: isEnabled, action: action)
  }
}
