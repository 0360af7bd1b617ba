import ConstrainedDecoding
import Foundation
import JSON
import TestSupport
import Testing

/// The JSON-Schema-Test-Suite, with its remote documents and nothing else.
enum TestSuite {
  struct Outcome {
    var passed = 0
    var failures: [String] = []
    var total: Int { passed + failures.count }
  }

  private static let remotes: [String: JSONValue] = {
    var remotes: [String: JSONValue] = [:]
    let root = Reference.folder.appending(path: "json-schema-test-suite/remotes")
    let paths = FileManager.default.enumerator(atPath: root.path)?.compactMap { $0 as? String } ?? []
    for path in paths where path.hasSuffix(".json") {
      guard let data = try? Data(contentsOf: root.appending(path: path)) else { continue }
      remotes["http://localhost:1234/" + path] = try? JSONValue(parsing: Array(data))
    }
    return remotes
  }()

  static func run(_ path: String, dialect: Dialect, assertingFormats: Bool = false) throws -> Outcome {
    var outcome = Outcome()
    for group in try Reference.value(path).array ?? [] {
      let tests = group["tests"]?.array ?? []
      let name = "\(path): \(group["description"]?.string ?? "")"
      let document = group["schema"] ?? .null
      do throws(SchemaError) {
        let schema = try JSONSchema(
          document: document, dialect: document["$schema"] == nil ? dialect : nil, loader: { remotes[$0] })
        for test in tests {
          let description = "\(name): \(test["description"]?.string ?? "")"
          do throws(ValidationLimit) {
            let data = test["data"] ?? .null
            let errors = try schema.validate(data, assertingFormats: assertingFormats)
            let isValid = try schema.isValid(data, assertingFormats: assertingFormats)
            if errors.isEmpty == test["valid"]?.bool, isValid == errors.isEmpty {
              outcome.passed += 1
            } else {
              outcome.failures.append("\(description): \(isValid) \(errors)")
            }
          } catch {
            outcome.failures.append("\(description): \(error)")
          }
        }
      } catch {
        outcome.failures += tests.map { "\(name): \($0["description"]?.string ?? ""): \(error)" }
      }
    }
    return outcome
  }
}

@Suite(.enabled(if: Reference.isPresent, "needs the JSON-Schema-Test-Suite of the reference data"))
struct TestSuiteTests {
  private static let drafts: [(String, Dialect, Int)] = [
    ("draft2020-12", .draft202012, 1_299), ("draft7", .draft7, 927),
  ]

  @Test(arguments: drafts)
  func `all required tests pass`(folder: String, dialect: Dialect, total: Int) throws {
    var passed = 0
    for file in try Reference.files(in: "json-schema-test-suite/" + folder) {
      let outcome = try TestSuite.run(file, dialect: dialect)
      #expect(outcome.failures == [])
      passed += outcome.passed
    }
    #expect(passed == total)
  }

  /// Files whose tests are about something else than Lathe does, with the tests that pass.
  private static let exceptions: [String: Int] = [
    // Content is an annotation in every draft but 7, where checking it is optional.
    "draft7/optional/content.json": 6,
    // Refer to remote documents of draft 2019-09, which are not part of the reference data.
    "draft7/optional/cross-draft.json": 0,
    "draft2020-12/optional/cross-draft.json": 0,
  ]

  @Test(arguments: drafts)
  func `all optional tests pass but for two files`(folder: String, dialect: Dialect, total: Int) throws {
    for file in try Reference.files(in: "json-schema-test-suite/\(folder)/optional") {
      let outcome = try TestSuite.run(file, dialect: dialect)
      if let passed = Self.exceptions[String(file.dropFirst("json-schema-test-suite/".count))] {
        #expect(outcome.passed == passed)
      } else {
        #expect(outcome.failures == [])
      }
    }
  }

  @Test(arguments: drafts)
  func `all formats are asserted as the suite has them`(folder: String, dialect: Dialect, total: Int) throws {
    for file in try Reference.files(in: "json-schema-test-suite/\(folder)/optional/format") {
      #expect(try TestSuite.run(file, dialect: dialect, assertingFormats: true).failures == [])
    }
  }
}
