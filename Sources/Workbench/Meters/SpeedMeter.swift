import Engine

/// Tokens a second while decoding: generated tokens after the first, over the time since the first. The bytes are those
/// of weights and KV that prefill and decode read, over the time they took.
struct SpeedMeter: Meter {
  func draw(on canvas: inout MeterCanvas, _ answer: Answer?, _ session: Session) {
    canvas.heading("speed", answer?.tokensPerSecond.map { "\(rate($0)) tok/s" } ?? "–")
    let summary = answer?.summary
    var moved = "–"
    var prefill = "–"
    if let summary {
      let busy = (summary.phases.prefill + summary.phases.decode).seconds
      if let bytes = summary.bytesMoved, busy > 0 { moved = "\(rate(Double(bytes) / busy / 1e9)) GB/s" }
      let seconds = summary.phases.prefill.seconds
      if seconds > 0, summary.counts.prefilled > 0 {
        prefill = "\(rate(Double(summary.counts.prefilled) / seconds)) tok/s"
      }
    }
    canvas.items([
      .init("prefill", prefill), .init("memory", moved), .init("total", summary?.phases.total.words ?? "–"),
    ])
  }
}
