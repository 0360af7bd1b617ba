import Engine
import Terminal

/// How full the context is: prompt and output, of the positions the model has.
struct ContextMeter: Meter {
  func draw(on canvas: inout MeterCanvas, _ answer: Answer?, _ session: Session) {
    let used =
      session.isRunning
      ? (answer?.trace?.tokens.count ?? 0) + (answer?.tokens.count ?? 0) : session.trace?.tokens.count ?? 0
    guard let length = session.model.info?.contextLength, length > 0 else {
      canvas.heading("context", grouped(used))
      canvas.bar([(0, .gauge)])
      return
    }
    let share = Double(used) / Double(length)
    canvas.heading("context", "\(grouped(used)) of \(grouped(length))", note: percent(share))
    canvas.bar([(share, share > 0.85 ? .gaugeHigh : .gauge)])
  }
}
