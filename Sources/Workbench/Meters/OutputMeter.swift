import Engine

/// Generated tokens, lane by lane.
struct OutputMeter: Meter {
  func draw(on canvas: inout MeterCanvas, _ answer: Answer?, _ session: Session) {
    canvas.heading("output", "\(grouped(answer?.tokens.count ?? 0)) tokens")
    canvas.items([
      .init("think", grouped(answer?.tokenCount(in: .thinking) ?? 0)),
      .init("answer", grouped(answer?.tokenCount(in: .answer) ?? 0)),
      .init("call", grouped(answer?.tokenCount(in: .toolCall) ?? 0)),
      .init("tags", grouped(answer?.tokenCount(in: .control) ?? 0)),
    ])
  }
}
