import ConstrainedDecoding
import JSON
import TestSupport
import Testing

/// Real schemas with instances whose validity another validator has confirmed.
@Suite(.enabled(if: Reference.isPresent, "needs schemas-dev.jsonl of the reference data"))
struct DevSchemasTests {
  @Test func `every instance is judged as the reference judges it`() throws {
    var judged = 0
    var differing: [String] = []
    for row in try Reference.lines("schemas/schemas-dev.jsonl") {
      let id = row["id"]?.string ?? ""
      let dialects: [String: Dialect] = [
        "Draft4": .draft4, "Draft6": .draft6, "Draft7": .draft7, "Draft202012": .draft202012,
      ]
      do {
        let schema = try JSONSchema(document: row["schema"] ?? .null, name: id)
        #expect(schema.dialect == dialects[row["draft"]?.string ?? ""], "\(id)")
        for (index, test) in (row["tests"]?.array ?? []).enumerated() {
          let errors = try schema.validate(test["data"] ?? .null, assertingFormats: true)
          judged += 1
          if errors.isEmpty != test["valid"]?.bool {
            differing.append("\(id) \(index): \(test["why"]?.text() ?? "valid"), \(errors.prefix(3))")
          }
        }
      } catch {
        differing.append("\(id): \(error)")
      }
    }
    #expect(differing == [])
    #expect(judged == 3_874)
  }
}
