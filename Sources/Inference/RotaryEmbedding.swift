import Glibc
import ModelFiles

/// The frequencies of rotary positions, with YaRN's stretching (Su et al., arXiv 2104.09864; Peng et al., arXiv 2309.00071).
///
/// Pair i of a head turns by `position * inverseFrequency[i]`. Computed in f32, as transformers' `modeling_rope_utils` does:
/// at a large position the rounding of the frequency decides the angle.
struct RotaryEmbedding {
  var inverseFrequency: [Float]  // [headDim / 2]
  /// YaRN's attention temperature, on cosine and sine: 1 without YaRN.
  var mscale: Float

  init(headDim: Int, theta: Float, scaling: RopeScaling) {
    let half = headDim / 2
    let plain = (0..<half).map { 1 / powf(theta, Float(2 * $0) / Float(headDim)) }
    switch scaling {
    case .none:
      inverseFrequency = plain
      mscale = 1
    case .yarn(let factor, let originalContextLength, let betaFast, let betaSlow, let attentionFactor):
      // The dimension that turns `rotations` times over the original context (YaRN, section 3.2).
      func dimension(_ rotations: Float) -> Double {
        Double(headDim) * log(Double(originalContextLength) / (Double(rotations) * 2 * Double.pi))
          / (2 * log(Double(theta)))
      }
      let low = max(floor(dimension(betaFast)), 0)
      let high = min(ceil(dimension(betaSlow)), Double(headDim - 1))
      let span = Float(high - low == 0 ? 0.001 : high - low)
      inverseFrequency = (0..<half).map { index in
        let ramp = min(max((Float(index) - Float(low)) / span, 0), 1)
        let keep = 1 - ramp
        return plain[index] / factor * (1 - keep) + plain[index] * keep
      }
      mscale = attentionFactor ?? (factor <= 1 ? 1 : 0.1 * logf(factor) + 1)
    }
  }
}
