import ConstrainedDecoding
public import Engine
public import JSON

extension FunctionDefinition {
  /// The JSON Schema of what the function returns, as `outputSchema` beside its parameters.
  public var outputSchema: JSONValue? {
    definition["function"]?["outputSchema"] ?? definition["function"]?["output_schema"]
  }

  /// Why arguments do not conform to the parameters; nil if they do.
  public func fault(ofArguments arguments: JSONObject) -> String? {
    parameters.flatMap { Self.fault(of: .object(arguments), schema: $0, name: "\(name)'s parameters") }
  }

  /// Why a result does not conform to the output schema; nil if it does, or there is none.
  public func fault(ofResult value: JSONValue) -> String? {
    outputSchema.flatMap { Self.fault(of: value, schema: $0, name: "\(name)'s output") }
  }

  private static func fault(of value: JSONValue, schema: JSONValue, name: String) -> String? {
    do throws(SchemaError) {
      let schema = try JSONSchema(document: schema, name: name)
      do throws(ValidationLimit) {
        let errors = try schema.validate(value)
        return errors.isEmpty ? nil : errors.prefix(3).map(\.description).joined(separator: "; ")
      } catch {
        return error.description
      }
    } catch {
      return error.description
    }
  }
}
