import Engine

/// Where the time of loading the model went, until there is an answer to measure.
struct LoadMeter: Meter {
  func isShown(_ session: Session) -> Bool { session.latestAnswer == nil && session.model.info?.loadTimes != nil }

  func draw(on canvas: inout MeterCanvas, _ answer: Answer?, _ session: Session) {
    guard let times = session.model.info?.loadTimes else { return }
    canvas.heading("loaded in", times.total.words, note: times.sinceProcessStart.map { "ready \($0.words) after the start" } ?? "")
    canvas.items([
      .init("files", shortMilliseconds(times.files)), .init("weights", shortMilliseconds(times.weights)),
      .init("tokenizer", shortMilliseconds(times.tokenizer)), .init("template", shortMilliseconds(times.template)),
    ])
  }
}
