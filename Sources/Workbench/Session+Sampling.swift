import Documents
import Engine
import JSON

/// Presets: named settings of the workspace, over what the checkpoint recommends.
extension Session {
  static let standardCandidateCount = 10

  /// What the chosen preset makes of the checkpoint's recommendation; nil without a preset, or if it is faulty.
  var presetSampling: SamplingSettings? {
    guard let preset = workspace.samplingPresets.first(where: { $0.name == presetName }) else { return nil }
    return try? SamplingSettings(preset.settings, defaults: recommendedSampling)
  }

  /// Nil goes back to the checkpoint's own settings. False, with a notice, if the preset is faulty.
  @discardableResult
  func usePreset(_ name: String?) -> Bool {
    if let preset = workspace.samplingPresets.first(where: { $0.name == name }) {
      do throws(GenerationError) {
        let settings = try SamplingSettings(preset.settings, defaults: recommendedSampling)
        try settings.check(vocabularySize: model.info?.vocabularySize ?? .max)
      } catch {
        show(.error, "sampling/\(preset.name).json: \(error)")
        return false
      }
    }
    presetName = name
    chosenSampling = nil
    return true
  }

  /// Writes the settings as they are; they are then the chosen preset.
  func savePreset(as name: String) {
    presetName = name
    request(.save([.sampling(SamplingPreset(name: name, settings: sampling.preset(defaults: recommendedSampling)))]))
  }

  /// What is odd about the settings together.
  var samplingWarning: String? {
    do throws(GenerationError) {
      try sampling.check(vocabularySize: model.info?.vocabularySize ?? .max)
    } catch {
      return error.description
    }
    guard sampling.temperature == 0, isThinking else { return nil }
    return
      "temperature is 0 while the model thinks: Qwen3 then tends to repeat itself without end; \(short(recommendedSampling.temperature)) is recommended"
  }
}
