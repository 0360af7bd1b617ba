/// The names that each format gives to the tensors of a Qwen3.
public enum TensorNaming: Sendable, CaseIterable {
  case gguf
  case huggingFace

  /// A tensor that the model has once.
  public enum ModelRole: Sendable, CaseIterable {
    case tokenEmbedding  // [vocabularySize, hiddenSize]
    case outputNorm  // [hiddenSize]
    case lmHead  // [vocabularySize, hiddenSize], absent where the embedding is tied
  }

  /// A tensor that each layer has once.
  public enum LayerRole: Sendable, CaseIterable {
    case attentionNorm  // [hiddenSize]
    case wq  // [headCount * headDim, hiddenSize]
    case wk  // [kvHeadCount * headDim, hiddenSize]
    case wv  // [kvHeadCount * headDim, hiddenSize]
    case wo  // [hiddenSize, headCount * headDim]
    case qNorm  // [headDim]
    case kNorm  // [headDim]
    case feedForwardNorm  // [hiddenSize]
    case gate  // [feedForwardSize, hiddenSize]
    case up  // [feedForwardSize, hiddenSize]
    case down  // [hiddenSize, feedForwardSize]
  }

  /// What a tensor outside the layers is called.
  public func name(_ role: ModelRole) -> String {
    switch (self, role) {
    case (.gguf, .tokenEmbedding): "token_embd.weight"
    case (.gguf, .outputNorm): "output_norm.weight"
    case (.gguf, .lmHead): "output.weight"
    case (.huggingFace, .tokenEmbedding): "model.embed_tokens.weight"
    case (.huggingFace, .outputNorm): "model.norm.weight"
    case (.huggingFace, .lmHead): "lm_head.weight"
    }
  }

  /// - Parameter layer: from 0.
  public func name(_ role: LayerRole, layer: Int) -> String {
    switch self {
    case .gguf: "blk.\(layer).\(ggufName(role)).weight"
    case .huggingFace: "model.layers.\(layer).\(huggingFaceName(role)).weight"
    }
  }

  private func ggufName(_ role: LayerRole) -> String {
    switch role {
    case .attentionNorm: "attn_norm"
    case .wq: "attn_q"
    case .wk: "attn_k"
    case .wv: "attn_v"
    case .wo: "attn_output"
    case .qNorm: "attn_q_norm"
    case .kNorm: "attn_k_norm"
    case .feedForwardNorm: "ffn_norm"
    case .gate: "ffn_gate"
    case .up: "ffn_up"
    case .down: "ffn_down"
    }
  }

  private func huggingFaceName(_ role: LayerRole) -> String {
    switch role {
    case .attentionNorm: "input_layernorm"
    case .wq: "self_attn.q_proj"
    case .wk: "self_attn.k_proj"
    case .wv: "self_attn.v_proj"
    case .wo: "self_attn.o_proj"
    case .qNorm: "self_attn.q_norm"
    case .kNorm: "self_attn.k_norm"
    case .feedForwardNorm: "post_attention_layernorm"
    case .gate: "mlp.gate_proj"
    case .up: "mlp.up_proj"
    case .down: "mlp.down_proj"
    }
  }
}
