import Engine

/// Drafted tokens that were computed several in a step, how many of them were then drawn, and the steps that saved. Each
/// place in the draft has its own share, drawn of drafted: a draft ends where it fails, so later places are reached less often.
struct SpeculationMeter: Meter {
  func draw(on canvas: inout MeterCanvas, _ answer: Answer?, _ session: Session) {
    guard let counts = answer?.speculation, counts.drafted > 0 else {
      canvas.heading("speculation", "–")
      return
    }
    let steps = counts.steps + counts.savedSteps
    canvas.heading("speculation", "\(grouped(counts.savedSteps)) of \(grouped(steps))", note: "steps saved")
    canvas.items([.init("drafted", grouped(counts.drafted)), .init("accepted", grouped(counts.accepted))] + places(counts))
  }

  /// The first places by themselves, and all that follow together.
  private func places(_ counts: SpeculationCounts) -> [MeterCanvas.Item] {
    let drafted = counts.draftedByPosition
    let accepted = counts.acceptedByPosition
    func item(_ label: String, _ places: Range<Int>) -> MeterCanvas.Item {
      .init(label, "\(accepted[places].reduce(0, +))/\(drafted[places].reduce(0, +))")
    }
    let shown = drafted.count > Self.shownCount ? Self.shownCount - 1 : drafted.count
    var items = (0..<shown).map { item("\($0 + 1)", $0..<$0 + 1) }
    if shown < drafted.count { items.append(item("\(shown + 1)+", shown..<drafted.count)) }
    return items
  }

  private static let shownCount = 8
}
