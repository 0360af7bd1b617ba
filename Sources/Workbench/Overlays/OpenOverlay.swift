import Documents

/// The workspace's prompts, the sample workspaces, and any folder.
extension PickerOverlay {
  static func open(_ session: Session) -> PickerOverlay {
    var items: [Item] = []
    var choices: [(Session) -> OverlayOutcome] = []
    for prompt in session.workspace.prompts {
      items.append(
        Item(
          title: "prompt \(prompt.name)",
          note: prompt.messages.count == 1 ? "1 message" : "\(prompt.messages.count) messages"))
      choices.append { session in
        session.openPrompt(prompt)
        return .close
      }
    }
    for name in Workspace.samples {
      items.append(Item(title: "workspace \(name)", note: "sample"))
      choices.append { session in
        session.openWorkspace(name)
        return .close
      }
    }
    items.append(Item(title: "workspace in another folder…", note: ""))
    choices.append { _ in .run(command: "open.folder") }
    return PickerOverlay(title: "Open", placeholder: "a prompt or a workspace", items: items) { index, session in
      choices[index](session)
    }
  }
}

extension LinePrompt {
  static var folder: LinePrompt {
    LinePrompt(sign: "open the workspace in ", placeholder: "a folder") { path, session in
      guard !path.isEmpty else { return .stay }
      session.openWorkspace(path.contains("/") ? path : "./" + path)
      return .close
    }
  }
}

extension Session {
  /// Asks for another workspace, unless something would be lost by it.
  func openWorkspace(_ name: String) {
    if isRunning {
      show(.warning, "an answer is being written; Ctrl-C stops it")
    } else if !changes.isEmpty {
      show(.warning, "what was changed since the last save would be lost; Ctrl-S saves it")
    } else {
      request(.open(workspace: name))
    }
  }
}
