public import JSON

/// Why a template could not be parsed or rendered, and where.
///
///     chat template:3:12: 'messages' is undefined
///       {%- for message in messages.history %}
///                                  ^
///
/// The sentences are those of Jinja2 and Python, so that they can be looked up.
public struct TemplateError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What went wrong, in the classes that Jinja2 and Python distinguish.
  public enum Kind: Sendable, Hashable {
    /// The template is not Jinja, or names a filter or a test that does not exist.
    case syntax
    /// The template called `raise_exception`; the message is the template's own.
    case raised
    /// Something undefined was used for more than printing, testing or looping.
    case undefined
    /// An operation got a value of a type it does not take.
    case type
    /// A value of the right type that the operation cannot use.
    case value
    /// A key or an index that is not there.
    case lookup
    /// Division by zero.
    case zeroDivision
    /// A number beyond its range, or a `range` beyond 100,000 elements.
    case overflow
    /// An attribute or method that the sandbox forbids, such as `list.append`.
    case security
    /// Macros or loops called each other too deeply.
    case recursion
    /// Anything else that only shows when the template runs.
    case runtime
    /// The rendering went beyond what a prompt can need: output, memory or steps.
    case limit
  }

  public let kind: Kind
  public let message: String
  public let excerpt: SourceExcerpt

  /// From 1.
  public var line: Int { excerpt.line }
  /// In Unicode scalars from 1.
  public var column: Int { excerpt.column }
  /// Place, sentence, line and caret.
  public var description: String { excerpt.description(message) }
}

/// A fault before the place has been looked up: the offset is into the normalised source, nil means "where the
/// interpreter stands".
struct Fault: Error {
  let kind: TemplateError.Kind
  let message: String
  var offset: Int?

  init(_ kind: TemplateError.Kind, _ message: String, at offset: Int? = nil) {
    self.kind = kind
    self.message = message
    self.offset = offset
  }

  static func type(_ message: String) -> Fault { Fault(.type, message) }
  static func value(_ message: String) -> Fault { Fault(.value, message) }
  static func syntax(_ message: String, at offset: Int) -> Fault { Fault(.syntax, message, at: offset) }
}
