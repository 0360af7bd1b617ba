import Documents

/// The workspace's prompts, the sample workspaces, and any folder.
extension PickerOverlay {
  static func open(_ session: Session) -> PickerOverlay {
    let prompts = session.workspace.prompts
    var items: [Item] = []
    var choices: [(Session) -> OverlayOutcome] = []
    for prompt in prompts {
      items.append(Item(title: "prompt \(prompt[header: "title"] ?? prompt.name)", note: "\(prompt.name).md"))
      choices.append { session in
        if session.isRunning {
          session.show(.warning, "an answer is being written; Ctrl-C stops it")
        } else {
          session.openPrompt(prompt)
        }
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
    let current = prompts.firstIndex { $0.name == session.promptName } ?? 0
    return PickerOverlay(title: "Open", placeholder: "a prompt or a workspace", items: items, selected: current) {
      index, session in
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
