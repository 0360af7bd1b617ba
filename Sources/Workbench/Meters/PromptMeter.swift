import Engine
import Terminal

/// Prompt tokens: how many were found computed, and how far the rest is.
struct PromptMeter: Meter {
  func draw(on canvas: inout MeterCanvas, _ answer: Answer?, _ session: Session) {
    let total = answer?.trace?.tokens.count ?? session.trace?.tokens.count ?? 0
    let cached = answer?.summary?.counts.cached ?? answer?.trace?.reuse?.reusedTokens ?? 0
    var done = answer?.tokens.isEmpty == false ? total : cached
    var note = ""
    if case .prefilling(let computed, let whole)? = answer?.state {
      done = computed
      if whole > 0 { note = "prefill \(computed * 100 / whole) %" }
    }
    canvas.heading("prompt", "\(grouped(total)) tokens", note: note)
    let whole = Double(max(1, total))
    canvas.bar([
      (Double(cached) / whole, .pageCached), (Double(max(0, done - cached)) / whole, .gauge),
    ])
    canvas.items([
      .init("cached", grouped(cached), swatch: .pageCached),
      .init("new", grouped(max(0, total - cached)), swatch: .gauge),
    ])
  }
}
