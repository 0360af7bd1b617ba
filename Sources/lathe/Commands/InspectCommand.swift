import Inference
import JSON
import ModelFiles

extension Command {
  static let inspect = Command(
    name: "inspect", summary: "what is in a model's files: shape, tensors, tokenizer, template, memory it will need",
    operands: "", operandLimit: 0,
    options: [
      .model, .json,
      Option("--tensors", nil, "list every tensor"),
      Option("--metadata", nil, "list every metadata entry"),
      Option("--template", nil, "print the chat template and nothing else"),
    ],
    details: """
      Nothing is loaded: the files are mapped, and every name, count and offset is checked.
        lathe inspect --model Qwen3-14B-Q4_K_M.gguf --tensors
      """
  ) { arguments throws(CommandError) in
    let random = try ModelArgument.random(arguments)
    let checkpoint = if let random { random.checkpoint } else { try ModelArgument.checkpoint(arguments) }
    if arguments.has("--template") {
      guard let template = checkpoint.chatTemplate else {
        throw .input("\(checkpoint.name): the files hold no chat template")
      }
      StandardOutput.write(template)
      return .done
    }
    let inspection = Inspection(checkpoint)
    if arguments.has("--json") {
      StandardOutput.writeLine(
        inspection.json(tensors: arguments.has("--tensors"), metadata: arguments.has("--metadata")))
    } else {
      StandardOutput.write(inspection.text(tensors: arguments.has("--tensors"), metadata: arguments.has("--metadata")))
    }
    return .done
  }
}

/// What `lathe inspect` tells of a checkpoint.
private struct Inspection {
  let checkpoint: Checkpoint

  init(_ checkpoint: Checkpoint) { self.checkpoint = checkpoint }

  private var parameterCount: Int { checkpoint.tensors.reduce(0) { $0 + $1.elementCount } }

  /// Weight bytes by type, largest first.
  private var types: [(type: TensorType, tensors: Int, bytes: Int)] {
    var sums: [TensorType: (tensors: Int, bytes: Int)] = [:]
    for tensor in checkpoint.tensors {
      sums[tensor.type, default: (0, 0)].tensors += 1
      sums[tensor.type, default: (0, 0)].bytes += tensor.bytes.count
    }
    return sums.map { ($0.key, $0.value.tensors, $0.value.bytes) }.sorted { $0.bytes > $1.bytes }
  }

  /// Bytes of keys and values for one position, in 16 bits with their scales.
  private var kvBytesPerToken: Int {
    let shape = checkpoint.hyperparameters
    return 2 * shape.layerCount * shape.kvHeadCount * (shape.headDim * 2 + 4)
  }

  private var format: String {
    switch checkpoint.format {
    case .gguf(let version): "GGUF v\(version)"
    case .huggingFace: "Hugging Face folder"
    case .random: "random weights"
    }
  }

  private var ropeScaling: String {
    switch checkpoint.hyperparameters.ropeScaling {
    case .none: "none"
    case .yarn(let factor, let original, let betaFast, let betaSlow, let attention):
      "YaRN ×\(factor) over \(original) (beta \(betaFast), \(betaSlow)\(attention.map { ", attention \($0)" } ?? ""))"
    }
  }

  func text(tensors: Bool, metadata: Bool) -> String {
    let shape = checkpoint.hyperparameters
    var rows: [(String, String)] = [
      ("file", "\(checkpoint.name) (\(format))"),
      ("architecture", shape.architecture),
      ("parameters", "\(parameterCount.grouped) in \(checkpoint.tensors.count) tensors"),
      ("layers", "\(shape.layerCount)"),
      ("hidden size", "\(shape.hiddenSize)"),
      ("heads", "\(shape.headCount) query, \(shape.kvHeadCount) key-value, size \(shape.headDim)"),
      ("feed-forward", "\(shape.feedForwardSize)"),
      ("vocabulary", "\(shape.vocabularySize)\(shape.tiesEmbedding ? ", head tied to the embedding" : ", own head")"),
      ("context", "\(shape.contextLength.grouped) positions"),
      ("rope", "theta \(shape.ropeTheta), scaling \(ropeScaling)"),
      ("rms norm eps", "\(shape.rmsNormEps)"),
    ]
    for (type, count, bytes) in types { rows.append(("", "\(type.name): \(count) tensors, \(Self.bytes(bytes))")) }
    if let tokenizer = checkpoint.tokenizer {
      rows.append(
        (
          "tokenizer",
          "\(tokenizer.preTokenizer), \(tokenizer.tokens.count) tokens, \(tokenizer.merges.count) merges, \(tokenizer.addedTokens.count) added"
        ))
    } else {
      rows.append(("tokenizer", "none"))
    }
    let template = checkpoint.chatTemplate.map {
      "\($0.utf8.count) bytes, \($0.split(separator: "\n", omittingEmptySubsequences: false).count) lines"
    }
    rows.append(("chat template", template ?? "none"))
    let defaults = checkpoint.generationDefaults
    let settings = [
      defaults.temperature.map { "temperature \($0)" }, defaults.topK.map { "top-k \($0)" },
      defaults.topP.map { "top-p \($0)" }, defaults.minP.map { "min-p \($0)" },
      defaults.repetitionPenalty.map { "repetition penalty \($0)" },
    ].compactMap(\.self)
    rows.append(("sampling", settings.isEmpty ? "no recommendation" : settings.joined(separator: ", ")))
    rows.append(
      (
        "ends a turn",
        defaults.eosTokenIDs.isEmpty ? "not said" : defaults.eosTokenIDs.map(String.init).joined(separator: ", ")
      ))
    rows.append(
      (
        "memory",
        "weights \(Self.bytes(checkpoint.weightByteCount)), KV \(Self.bytes(kvBytesPerToken)) a position (q16), \(Self.bytes(kvBytesPerToken * shape.contextLength)) at \(shape.contextLength.grouped)"
      ))

    var text = Self.table(rows)
    if metadata { text += "\nmetadata\n" + Self.table(checkpoint.metadata.map { ("  \($0.key)", $0.value) }) }
    if tensors {
      text +=
        "\ntensors\n"
        + Self.table(checkpoint.tensors.map { ("  \($0.name)", "\($0.typeAndShape), \(Self.bytes($0.bytes.count))") })
    }
    return text
  }

  func json(tensors: Bool, metadata: Bool) -> JSONValue {
    let shape = checkpoint.hyperparameters
    var object: JSONObject = [
      "name": .string(checkpoint.name), "format": .string(format), "architecture": .string(shape.architecture),
      "parameters": .number(JSONNumber(parameterCount)), "layers": .number(JSONNumber(shape.layerCount)),
      "hidden_size": .number(JSONNumber(shape.hiddenSize)), "heads": .number(JSONNumber(shape.headCount)),
      "kv_heads": .number(JSONNumber(shape.kvHeadCount)), "head_dim": .number(JSONNumber(shape.headDim)),
      "feed_forward_size": .number(JSONNumber(shape.feedForwardSize)),
      "vocabulary_size": .number(JSONNumber(shape.vocabularySize)),
      "context_length": .number(JSONNumber(shape.contextLength)),
      "rope_theta": .number(JSONNumber(shape.ropeTheta)), "rope_scaling": .string(ropeScaling),
      "rms_norm_eps": .number(JSONNumber(shape.rmsNormEps)), "tied": .bool(shape.tiesEmbedding),
      "weight_bytes": .number(JSONNumber(checkpoint.weightByteCount)),
      "kv_bytes_per_token": .number(JSONNumber(kvBytesPerToken)),
      "types": .object(
        JSONObject(types.map { (key: $0.type.name, value: JSONValue.number(JSONNumber($0.bytes))) })),
      "has_chat_template": .bool(checkpoint.chatTemplate != nil),
    ]
    if let tokenizer = checkpoint.tokenizer {
      object["tokenizer"] = [
        "pre_tokenizer": .string(tokenizer.preTokenizer), "tokens": .number(JSONNumber(tokenizer.tokens.count)),
        "merges": .number(JSONNumber(tokenizer.merges.count)),
        "added": .number(JSONNumber(tokenizer.addedTokens.count)),
      ]
    }
    object["eos_token_ids"] = .array(checkpoint.generationDefaults.eosTokenIDs.map { .number(JSONNumber(Int($0))) })
    if metadata {
      object["metadata"] = .object(
        JSONObject(checkpoint.metadata.map { (key: $0.key, value: JSONValue.string($0.value)) }))
    }
    if tensors {
      object["tensors"] = .array(
        checkpoint.tensors.map {
          [
            "name": .string($0.name), "type": .string($0.type.name),
            "shape": .array($0.shape.map { .number(JSONNumber($0)) }), "bytes": .number(JSONNumber($0.bytes.count)),
          ]
        })
    }
    return .object(object)
  }

  private static func table(_ rows: [(String, String)]) -> String {
    let width = rows.map(\.0.count).max() ?? 0
    return rows.map { "\($0.0)\(String(repeating: " ", count: width - $0.0.count + 2))\($0.1)\n" }.joined()
  }

  /// In units of 1,000: 3.6 MB.
  private static func bytes(_ count: Int) -> String {
    var value = Double(count)
    for unit in ["bytes", "kB", "MB", "GB"] {
      if value < 1000 || unit == "GB" {
        if unit == "bytes" { return "\(count) bytes" }
        let tenths = Int((value * 10).rounded())
        return "\(tenths / 10).\(tenths % 10) \(unit)"
      }
      value /= 1000
    }
    return "\(count) bytes"
  }
}
