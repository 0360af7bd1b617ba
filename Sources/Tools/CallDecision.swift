public import Engine

/// What a person is asked before a call is run.
public struct PermissionRequest: Sendable, Equatable {
  public var call: ToolCall
  /// It allows the call where the rules are not the user's own.
  public var verdict: PermissionVerdict
  /// How the call would be answered.
  public var way: AnsweringWay

  public init(call: ToolCall, verdict: PermissionVerdict, way: AnsweringWay) {
    self.call = call
    self.verdict = verdict
    self.way = way
  }
}

/// What a person says to it.
public enum PermissionAnswer: Sendable, Equatable {
  case allowOnce
  /// This function, until the session ends; a rule that denies still holds.
  case allowForSession
  /// From now on, by a rule in the file.
  case allowAsRule
  /// The model is told the reason.
  case deny(reason: String?)
}

/// What became of the question whether a call may be run.
public struct CallDecision: Sendable, Equatable {
  /// Who decided.
  public enum Source: String, Sendable {
    /// A rule of the file, or what holds where none matches.
    case rules
    case person
    /// What a person or an option allowed earlier for the session.
    case session
    /// Nobody could be asked.
    case nobody
  }

  public var call: ToolCall
  public var isAllowed: Bool
  public var verdict: PermissionVerdict
  public var source: Source
  public var way: AnsweringWay
  /// Told to the model when the call is denied.
  public var reason: String?
  /// What a person said, if one was asked.
  public var answer: PermissionAnswer?
  /// From the proposal to the decision.
  public var waited: Duration = .zero
}

/// Three ways to answer a call.
public enum AnsweringWay: String, Sendable, CaseIterable {
  /// From a table and recordings; nothing is executed.
  case mock
  /// A person types or pastes the result.
  case manual
  /// A program is run.
  case command
}

/// Someone who can be asked while calls are run.
public protocol CallSupervisor: Sendable {
  /// Whether a call may be run that a rule asks about; nil if nobody can be asked.
  func permission(for request: PermissionRequest) async -> PermissionAnswer?
  /// The result of a call that a person answers; nil if nobody does.
  func result(of call: ToolCall) async -> ToolResult?
}

/// Nobody: what asks is denied, what a person would answer stays open.
public struct NoSupervisor: CallSupervisor {
  public init() {}
  public func permission(for request: PermissionRequest) async -> PermissionAnswer? { nil }
  public func result(of call: ToolCall) async -> ToolResult? { nil }
}
