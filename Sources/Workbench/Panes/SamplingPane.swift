import Documents
import Engine
import JSON
import Terminal

/// Every setting of the next request: its value, the checkpoint's default, and what it does.
final class SamplingPane: Pane {
  let id = PaneID.sampling
  private(set) var selected = SamplingField.temperature
  /// What is being typed; nil while nothing is.
  var field: TextEditor?
  /// Why the typed value is not taken.
  var problem: String?
  var firstRow = 0
  /// The field of each row that was drawn last.
  var rows: [SamplingField?] = []

  func detail(_ session: Session) -> String {
    if let name = session.presetName { return name + (session.chosenSampling == nil ? "" : " *") }
    let changed = SamplingField.allCases.count { $0.text(session) != $0.standard(session) }
    return changed == 0 ? "the checkpoint's own" : "\(changed) changed"
  }

  func mode(_ session: Session) -> InputMode { field == nil ? .reading : .typing }

  // MARK: - Changing

  func select(_ field: SamplingField) {
    guard self.field == nil else { return }
    selected = field
  }

  /// Goes to the next word of a choice; anything else is typed.
  func startEditing(_ session: Session) {
    if selected.isChoice {
      _ = selected.step(1, session)
    } else {
      field = TextEditor(text: selected.text(session), options: .field)
      field?.selectAll()
      problem = nil
    }
  }

  func stopEditing() {
    field = nil
    problem = nil
  }

  /// Takes what was typed, or says why not and goes on.
  func accept(_ session: Session) {
    guard let field else { return }
    do throws(GenerationError) {
      try selected.set(field.text, session)
      stopEditing()
    } catch {
      problem = error.description
    }
  }

  func step(_ direction: Int, _ session: Session) {
    if !selected.step(direction, session) { session.show(.information, "Enter opens the \(selected.title) for typing") }
  }

  func reset(_ session: Session) { reset([selected], session) }

  func resetAll(_ session: Session) {
    session.usePreset(nil)
    reset(SamplingField.allCases, session)
    session.show(.success, "all settings are the checkpoint's own again")
  }

  private func reset(_ fields: [SamplingField], _ session: Session) {
    for field in fields {
      do throws(GenerationError) {
        try field.set(field.standard(session), session)
      } catch {
        session.show(.warning, error.description)
      }
    }
  }

  func handle(_ key: KeyPress, _ session: Session) -> Bool {
    let isTaken = field?.handle(key) ?? false
    if isTaken { problem = nil }
    return isTaken
  }

  func paste(_ text: String, _ session: Session) { field?.insert(text) }

  // MARK: - Presets

  func choosePreset(_ session: Session) -> PickerOverlay {
    let presets = session.workspace.samplingPresets
    let items =
      [PickerOverlay.Item(title: "the checkpoint's own", note: "")]
      + presets.map { preset in
        let words = preset.settings.map { "\($0.key) \($0.value.text())" }.joined(separator: ", ")
        return PickerOverlay.Item(title: preset.name, note: truncated(words, to: 50))
      }
    let selected = presets.firstIndex { $0.name == session.presetName }.map { $0 + 1 } ?? 0
    return PickerOverlay(title: "Sampling presets", placeholder: "type to narrow", items: items, selected: selected) {
      index, session in
      session.usePreset(index == 0 ? nil : presets[index - 1].name)
      return .close
    }
  }

  func savePreset(_ session: Session) -> LinePrompt {
    LinePrompt(
      sign: "save as sampling/", placeholder: "a name", text: session.presetName ?? ""
    ) { name, session in
      guard !name.isEmpty else { return .stay }
      session.savePreset(as: name)
      return .close
    }
  }

  // MARK: - Moving

  func move(_ motion: Motion, _ session: Session) {
    let all = SamplingField.allCases
    let index = all.firstIndex(of: selected) ?? 0
    switch motion {
    case .up: select(all[max(0, index - 1)])
    case .down: select(all[min(all.count - 1, index + 1)])
    case .pageUp, .top: select(all[0])
    case .pageDown, .bottom: select(all[all.count - 1])
    case .left: step(-1, session)
    case .right: step(1, session)
    case .wheel(let rows): select(all[max(0, min(all.count - 1, index + rows.signum()))])
    }
  }

  func click(x: Int, y: Int, _ session: Session) {
    guard rows.indices.contains(y), let field = rows[y], self.field == nil else { return }
    if field == selected { startEditing(session) } else { select(field) }
  }

  func drag(x: Int, y: Int, _ session: Session) {}

  func search(_ text: String, backwards: Bool, fromHere: Bool, _ session: Session) -> Bool {
    let all = SamplingField.allCases
    let start = all.firstIndex(of: selected) ?? 0
    for step in 0...all.count where step > 0 || fromHere {
      let field = all[((start + (backwards ? -step : step)) % all.count + all.count) % all.count]
      guard (field.title + " " + field.explanation).lowercased().contains(text.lowercased()) else { continue }
      select(field)
      return true
    }
    return false
  }

  func copyText(_ session: Session) -> (name: String, text: String)? {
    let settings = session.sampling.preset(defaults: SamplingSettings())
    return ("the settings", JSONValue.object(settings).text(.pretty))
  }

  func preferredHeight(width: Int, _ session: Session) -> Int { SamplingField.allCases.count + 6 }
}

extension Commands {
  static let sampling: [Command] = {
    let place = Command.Place.pane(.sampling)
    let isEditing: @Sendable (App) -> Bool = { $0.sampling.field != nil }
    return [
      Command(
        "sampling.edit", [KeyPress(.enter), .character("e"), .character("i")], "type a value, or take the next choice",
        place, hint: "edit"
      ) {
        $0.sampling.startEditing($0.session)
      },
      Command(
        "sampling.accept", [KeyPress(.enter)], "take the value", place, modes: [.typing], hint: "take",
        isEnabled: isEditing
      ) { $0.sampling.accept($0.session) },
      Command(
        "sampling.cancel", [KeyPress(.escape)], "leave the value as it was", place, modes: [.typing], hint: "cancel",
        isEnabled: isEditing
      ) { $0.sampling.stopEditing() },
      Command(
        "sampling.more", [.character("+"), .character("="), .character(" ")],
        "a step up, or the next choice; right does it too", place, hint: "more"
      ) {
        $0.sampling.step(1, $0.session)
      },
      Command(
        "sampling.less", [.character("-")], "a step down, or the choice before; left does it too", place, hint: "less"
      ) {
        $0.sampling.step(-1, $0.session)
      },
      Command("sampling.reset", [.character("r")], "back to the checkpoint's default", place, hint: "reset") {
        $0.sampling.reset($0.session)
      },
      Command("sampling.reset.all", [.character("R")], "all settings back to the checkpoint's defaults", place) {
        $0.sampling.resetAll($0.session)
      },
      Command("sampling.preset", [.character("p")], "choose a sampling preset", place, hint: "presets") {
        $0.overlay = $0.sampling.choosePreset($0.session)
      },
      Command("sampling.save", [.character("s")], "save the settings as a preset", place, hint: "save as") {
        $0.overlay = $0.sampling.savePreset($0.session)
      },
    ]
  }()
}
