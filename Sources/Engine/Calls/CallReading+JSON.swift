internal import Glibc
public import JSON

extension CallReading {
  /// What `lathe run --json` prints of a call: probabilities from 0 to 1, tokens as indices among the answer's.
  public var json: JSONValue {
    var object: JSONObject = ["name": .string(name), "tokens": .indices(tokens)]
    if let nameProbability { object["name_probability"] = .number(JSONNumber(nameProbability)) }
    object["arguments"] = .array(arguments.map { $0.json(fieldPressures[$0.path]) })
    object["pressure"] = pressure.json
    return .object(object)
  }
}

extension CallReading.Argument {
  fileprivate func json(_ pressure: MaskPressure?) -> JSONValue {
    var object: JSONObject = ["pointer": .string(pointer), "value": value, "tokens": .indices(tokens)]
    if let probability { object["probability"] = .number(JSONNumber(probability)) }
    if let doubt {
      var least: JSONObject = [
        "token": .number(JSONNumber(doubt.token)), "probability": .number(JSONNumber(doubt.probability)),
      ]
      if let rival = doubt.rival {
        least["rival"] = .string(String(decoding: rival.bytes, as: UTF8.self))
        least["rival_probability"] = .number(JSONNumber(Double(rival.probability)))
      }
      object["least_certain"] = .object(least)
    }
    if let pressure { object["pressure"] = pressure.json }
    return .object(object)
  }
}

extension MaskPressure {
  public var json: JSONValue {
    var object: JSONObject = [
      "tokens": .number(JSONNumber(tokenCount)), "mass": .number(JSONNumber(removedMass)),
      "overruled": .number(JSONNumber(overruledCount)),
    ]
    if let worst {
      object["best_forbidden"] = [
        "token": .number(JSONNumber(worst.token)),
        "text": .string(String(decoding: worst.forbidden.bytes, as: UTF8.self)),
        "probability": .number(JSONNumber(Double(worst.forbidden.probability))),
      ]
    }
    return .object(object)
  }
}

extension JSONValue {
  fileprivate static func indices(_ range: Range<Int>) -> JSONValue {
    [.number(JSONNumber(range.lowerBound)), .number(JSONNumber(range.upperBound))]
  }
}

extension Double {
  var exponential: Double { exp(self) }
}

extension Float {
  var exponential: Float { exp(self) }
}
