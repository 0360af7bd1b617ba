import Engine
import Terminal

/// Where the time to the first token went, from the key press that sent the prompt to the frame that showed the token.
///
/// Arrival is the moment of the request, before the template is rendered; TTFT is the engine's, the paint comes on top.
struct FirstTokenMeter: Meter {
  static func phases(_ times: PhaseTimes, paint: Duration?) -> [(name: String, time: Duration)] {
    [
      ("render", times.render), ("tokenise", times.tokenise), ("queue", times.queue), ("look up", times.lookUp),
      ("prefill", times.prefill), ("sample", times.firstSample), ("detok", times.detokenise), ("paint", paint ?? .zero),
    ]
  }

  func draw(on canvas: inout MeterCanvas, _ answer: Answer?, _ session: Session) {
    let times = answer?.summary?.phases
    let first = times?.firstToken ?? answer?.tokens.first?.time
    var note = ""
    if let reuse = answer?.trace?.reuse, first != nil { note = reuse.reusedTokens > 0 ? "warm" : "cold" }
    canvas.heading("first token", first.map(\.words) ?? "–", note: note)
    let phases = Self.phases(times ?? PhaseTimes(), paint: answer?.firstPaint)
    let total = max(phases.reduce(0) { $0 + $1.time.seconds }, 1e-12)
    canvas.bar(phases.enumerated().map { ($1.time.seconds / total, Theme.Role.segment($0)) })
    canvas.items(
      phases.enumerated().map { index, phase in
        .init(phase.name, times == nil ? "–" : shortMilliseconds(phase.time), swatch: .segment(index))
      })
  }
}
