public import ConstrainedDecoding
public import JSON

/// Something in a definition that the form it is taken to, or from, does not write in the same way, or does not take.
public struct ExchangeNote: Sendable, Equatable, CustomStringConvertible {
  /// What becomes of it.
  public enum Effect: String, Sendable {
    /// It says the same in other words.
    case kept
    /// The model can read it; nothing else does.
    case movedIntoDescription = "moved into description"
    case dropped
    /// It is written, and the service that it is for refuses it.
    case refused
  }

  public var function: String
  /// In the definition as it was.
  public var pointer: JSONPointer
  public var keyword: String
  public var effect: Effect
  public var reason: String

  public init(function: String, pointer: JSONPointer, keyword: String, effect: Effect, reason: String) {
    self.function = function
    self.pointer = pointer
    self.keyword = keyword
    self.effect = effect
    self.reason = reason
  }

  public var description: String { "\(place): \(sentence)" }
  /// The function and the pointer into it.
  public var place: String { "\(function)#\(pointer)" }
  public var sentence: String { "\"\(keyword)\" is \(effect.rawValue): \(reason)" }

  public var json: JSONValue {
    [
      "function": .string(function), "pointer": .string(pointer.text), "keyword": .string(keyword),
      "effect": .string(effect.rawValue), "reason": .string(reason),
    ]
  }
}

extension JSONValue {
  /// The object with a sentence added to its description, which is put last if there was none.
  func describing(_ sentence: String) -> JSONValue {
    var object = self.object ?? [:]
    let old = object["description"]?.string ?? ""
    object["description"] = .string(old.isEmpty ? sentence : old + "\n" + sentence)
    return .object(object)
  }
}
