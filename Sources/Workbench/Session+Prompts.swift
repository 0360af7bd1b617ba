import Documents
import Engine

/// The conversation as a prompt of the workspace.
extension Session {
  /// The prompt's instructions, if they are no longer those of the file. What was said since belongs to the conversation;
  /// `keepConversation` saves it.
  var promptChange: WorkspaceChange? {
    guard let name = promptName, var document = workspace.prompts.first(where: { $0.name == name }) else { return nil }
    let instructions = transcript.entries.prefix { $0.message.role == .system }.map { PromptMessage($0.message) }
    let saved = document.messages.prefix { $0.role == .system }
    guard instructions != Array(saved) else { return nil }
    document.messages.replaceSubrange(0..<saved.count, with: instructions)
    return .prompt(document)
  }

  /// Saves the conversation as a prompt, with its results and thinking.
  func keepConversation(as name: String) {
    let name = name.filter { !$0.isNewline }
    guard !name.isEmpty else { return }
    let header = workspace.prompts.first { $0.name == name }?.header ?? []
    request(
      .save([
        .prompt(PromptDocument(name: name, header: header, messages: transcript.messages.map { PromptMessage($0) }))
      ]))
    promptName = name
  }
}

extension App {
  func askForPromptName() {
    guard !session.transcript.isEmpty else {
      session.show(.warning, "there is no message to keep")
      return
    }
    let taken = Set(session.workspace.prompts.map(\.name))
    let base = session.promptName ?? "conversation"
    let free = (2...).lazy.map { "\(base)-\($0)" }.first { !taken.contains($0) } ?? base
    overlay = LinePrompt(sign: "keep as prompts/", placeholder: "a name", text: free) { name, session in
      session.keepConversation(as: name)
      return .close
    }
  }
}
