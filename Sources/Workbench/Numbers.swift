/// Numbers as the workbench writes them.

/// "1,432".
func grouped(_ number: Int) -> String {
  var digits = String(number.magnitude)
  var groups: [String] = []
  while digits.count > 3 {
    groups.insert(String(digits.suffix(3)), at: 0)
    digits.removeLast(3)
  }
  return (number < 0 ? "-" : "") + ([digits] + groups).joined(separator: ",")
}

/// With a fixed number of decimals.
func fixed(_ number: Double, _ decimals: Int) -> String {
  guard number.isFinite else { return "–" }
  var scale = 1.0
  for _ in 0..<decimals { scale *= 10 }
  guard abs(number * scale) < 1e15 else { return String(number) }
  let scaled = Int((abs(number) * scale).rounded())
  let sign = number < 0 && scaled > 0 ? "-" : ""
  guard decimals > 0 else { return sign + String(scaled) }
  let fraction = String(scaled % Int(scale))
  return sign + String(scaled / Int(scale)) + "." + String(repeating: "0", count: decimals - fraction.count) + fraction
}

/// As few decimals as say it: "0.6", "0.95", "1".
func short(_ number: Float) -> String {
  var text = fixed(Double(number), 3)
  while text.hasSuffix("0") { text.removeLast() }
  if text.hasSuffix(".") { text.removeLast() }
  return text
}

/// Three digits or so: "8.41", "45.2", "812", "3,111".
func rate(_ number: Double) -> String {
  guard number.isFinite, abs(number) < 1e15 else { return "–" }
  return number < 9.995 ? fixed(number, 2) : number < 99.95 ? fixed(number, 1) : grouped(Int(number.rounded()))
}

/// A share as percent: "3.2 %", "<0.01 %" for what is next to nothing.
func percent(_ share: Double) -> String {
  let value = share * 100
  if value > 0, value < 0.005 { return "<0.01 %" }
  return fixed(value, value >= 9.95 || value == 0 ? 0 : value >= 0.95 ? 1 : 2) + " %"
}

extension Duration {
  var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
  var milliseconds: Double { seconds * 1000 }

  /// With the unit that suits it: "84 µs", "1.23 ms", "45.6 ms", "1.32 s", "2 m 05 s".
  var words: String {
    let ms = milliseconds
    switch ms {
    case ..<0: return "–"
    case ..<0.9995: return fixed(ms * 1000, 0) + " µs"
    case ..<999.5: return rate(ms) + " ms"
    case ..<59_950: return fixed(ms / 1000, ms < 9995 ? 2 : 1) + " s"
    default:
      let total = Int(seconds.rounded())
      return "\(total / 60) m \(total % 60 < 10 ? "0" : "")\(total % 60) s"
    }
  }
}

/// Milliseconds without the unit, for a column of them: "0.31", "82.6".
func shortMilliseconds(_ time: Duration) -> String { rate(time.milliseconds) }

/// "3.6 MiB".
func bytes(_ count: Int) -> String {
  var value = Double(count)
  for unit in ["B", "KiB", "MiB", "GiB"] {
    if value < 999.5 || unit == "GiB" {
      return fixed(value, unit == "B" ? 0 : value < 9.995 ? 2 : value < 99.95 ? 1 : 0) + " " + unit
    }
    value /= 1024
  }
  return "\(count) B"
}
