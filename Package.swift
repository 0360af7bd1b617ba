// swift-tools-version: 6.2
import PackageDescription

// Each target is one stage of the path from a file on disk to a pane on the screen and imports only stages before it.
// The README draws the path; no Swift package is a dependency.

let swift: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

/// The kernels are optimised in every configuration: the tests run a model, and unoptimised intrinsics are 30 times slower.
let kernelFlags: [CSetting] = [.unsafeFlags(["-O3", "-fno-math-errno", "-ffp-contract=off"])]

let package = Package(
  name: "lathe",
  products: [
    .executable(name: "lathe", targets: ["lathe"]),
    .library(name: "LatheEngine", targets: ["LatheEngine"]),
  ],
  targets: [
    // C: kernels, the embedded model and samples, the ncurses shim.
    .target(name: "CKernels", cSettings: kernelFlags),
    .target(name: "CMiniModel", exclude: ["mini-q8_0.gguf", "README.md", "Training"]),
    .target(name: "CSamples"),
    .target(name: "CMetaschemas", exclude: ["Metaschemas"]),
    .target(name: "CProcess", cSettings: [.define("_GNU_SOURCE")]),
    .target(
      name: "CNcurses",
      cSettings: [.define("_XOPEN_SOURCE_EXTENDED", to: "1"), .define("_GNU_SOURCE")],
      linkerSettings: [.linkedLibrary("ncursesw"), .linkedLibrary("tinfo")]),

    // From a file to a token.
    .target(name: "JSON", swiftSettings: swift),
    .target(name: "ModelFiles", dependencies: ["JSON"], swiftSettings: swift),
    .target(name: "Tokenization", dependencies: ["ModelFiles"], swiftSettings: swift),
    .target(name: "Jinja", dependencies: ["JSON"], swiftSettings: swift),
    .target(name: "ConstrainedDecoding", dependencies: ["JSON", "CMetaschemas"], swiftSettings: swift),
    .target(name: "Inference", dependencies: ["ModelFiles", "CKernels"], exclude: ["Qwen3.md"], swiftSettings: swift),
    .target(
      name: "Engine",
      dependencies: [
        "JSON", "ModelFiles", "Tokenization", "Jinja", "ConstrainedDecoding", "Inference", "CKernels", "CMiniModel",
      ],
      swiftSettings: swift),

    // The same for other programs.
    .target(name: "LatheEngine", dependencies: ["JSON", "Engine"], swiftSettings: swift),

    // From a token to a pane.
    .target(
      name: "Tools", dependencies: ["JSON", "ConstrainedDecoding", "Engine", "CProcess"], swiftSettings: swift),
    .target(name: "Documents", dependencies: ["JSON", "ConstrainedDecoding", "CSamples"], swiftSettings: swift),
    .target(name: "Terminal", dependencies: ["JSON", "CNcurses", "CSamples"], swiftSettings: swift),
    .target(
      name: "Workbench",
      dependencies: ["JSON", "ConstrainedDecoding", "Engine", "Tools", "Documents", "Terminal"],
      swiftSettings: swift),
    .executableTarget(
      name: "lathe",
      dependencies: [
        "JSON", "ModelFiles", "Tokenization", "Jinja", "ConstrainedDecoding", "Inference", "Engine", "Tools", "Documents",
        "Terminal", "Workbench",
      ],
      swiftSettings: swift),

    // Tests, one target per stage, and what they share.
    .target(name: "TestSupport", dependencies: ["JSON"], path: "Tests/TestSupport", swiftSettings: swift),
    .testTarget(name: "JSONTests", dependencies: ["JSON"], exclude: ["Fixtures"], swiftSettings: swift),
    .testTarget(name: "ModelFilesTests", dependencies: ["ModelFiles", "JSON", "TestSupport"], swiftSettings: swift),
    .testTarget(
      name: "TokenizationTests", dependencies: ["Tokenization", "ModelFiles", "JSON", "TestSupport"],
      exclude: ["Fixtures", "Scripts"], swiftSettings: swift),
    .testTarget(
      name: "JinjaTests", dependencies: ["Jinja", "JSON", "TestSupport"], exclude: ["Fixtures"], swiftSettings: swift),
    .testTarget(
      name: "ConstrainedDecodingTests", dependencies: ["ConstrainedDecoding", "JSON", "TestSupport"],
      swiftSettings: swift),
    .testTarget(
      name: "InferenceTests", dependencies: ["Inference", "ModelFiles", "CKernels", "JSON", "TestSupport"],
      swiftSettings: swift),
    .testTarget(
      name: "EngineTests",
      dependencies: [
        "Engine", "ConstrainedDecoding", "Inference", "Tokenization", "ModelFiles", "Jinja", "JSON", "TestSupport",
      ],
      exclude: ["Fixtures"], swiftSettings: swift),
    .testTarget(
      name: "LatheEngineTests", dependencies: ["LatheEngine", "Engine", "JSON", "TestSupport"], swiftSettings: swift),
    .testTarget(name: "ToolsTests", dependencies: ["Tools", "Engine", "JSON", "TestSupport"], swiftSettings: swift),
    .testTarget(
      name: "DocumentsTests", dependencies: ["Documents", "ConstrainedDecoding", "JSON", "TestSupport"], swiftSettings: swift),
    .testTarget(
      name: "TerminalTests", dependencies: ["Terminal", "CSamples", "TestSupport"], exclude: ["Scripts"],
      swiftSettings: swift),
    .testTarget(
      name: "WorkbenchTests",
      dependencies: [
        "Workbench", "Terminal", "ConstrainedDecoding", "Engine", "Tools", "Documents", "JSON", "TestSupport",
      ],
      exclude: ["Snapshots"], swiftSettings: swift),
    .testTarget(name: "LatheTests", dependencies: ["JSON", "lathe", "TestSupport"], swiftSettings: swift),
  ]
)
