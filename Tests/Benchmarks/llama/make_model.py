"""Writes a GGUF file of a Qwen3 of exact shape with random weights, for measurements that need a file.

    python3 Tests/Benchmarks/llama/make_model.py SHAPE TYPE FILE.gguf --llama-source llama.cpp

SHAPE is mini, 0.6b, 1.7b, 4b, 8b or 14b, TYPE f16, bf16, q8_0, q4_0 or q4_k_m (llama-quantize's mix). The folder with
llama.cpp's source gives the GGUF writer, the vocabulary and the chat template. Needs numpy.

Quantised blocks are written directly, with scales that give the weights the spread of trained ones, so that activations
stay finite and both programs do the arithmetic of a real file; what the model says means nothing.
"""
import argparse
import pathlib
import sys

# Layers, hidden size, heads, key-value heads, head size, feed-forward size, vocabulary, tied embedding.
SHAPES = {
    "mini": (8, 320, 8, 4, 64, 960, 4096, True),
    "0.6b": (28, 1024, 16, 8, 128, 3072, 151_936, True),
    "1.7b": (28, 2048, 16, 8, 128, 6144, 151_936, True),
    "4b": (36, 2560, 32, 8, 128, 9728, 151_936, True),
    "8b": (36, 4096, 32, 8, 128, 12288, 151_936, False),
    "14b": (40, 5120, 40, 8, 128, 17408, 151_936, False),
}
TYPES = ("f16", "bf16", "q8_0", "q4_0", "q4_k_m")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shape", choices=SHAPES)
    parser.add_argument("type", choices=TYPES)
    parser.add_argument("file")
    parser.add_argument("--llama-source", type=pathlib.Path, required=True)
    options = parser.parse_args()
    if options.type == "q4_k_m" and SHAPES[options.shape][1] % 256:
        parser.error(f"q4_k_m has blocks of 256, which do not divide the rows of {options.shape}; take another type")
    sys.path.insert(0, str(options.llama_source / "gguf-py"))
    write(options)


def write(options):
    import gguf
    import numpy as np

    kinds = gguf.GGMLQuantizationType
    layers, hidden, heads, kv_heads, head_size, feed_forward, vocabulary, tied = SHAPES[options.shape]
    random = np.random.default_rng(1234)
    writer = gguf.GGUFWriter(options.file, "qwen3", use_temp_file=False)
    writer.add_name(f"Qwen3-{options.shape}-random")
    writer.add_block_count(layers)
    writer.add_context_length(40960)
    writer.add_embedding_length(hidden)
    writer.add_feed_forward_length(feed_forward)
    writer.add_head_count(heads)
    writer.add_head_count_kv(kv_heads)
    writer.add_key_length(head_size)
    writer.add_value_length(head_size)
    writer.add_rope_freq_base(1e6)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_vocab_size(vocabulary)
    writer.add_file_type(gguf.LlamaFileType[f"MOSTLY_{options.type.upper()}"])
    writer.add_quantization_version(2)
    add_tokenizer(writer, gguf, options.llama_source, vocabulary)

    def bits(kind, layer):
        """As llama-quantize chooses them (llama-quant.cpp, use_more_bits)."""
        if kind == "norm":
            return kinds.F32
        is_head = kind == "head" or (kind == "embedding" and tied)
        if options.type in ("q4_0", "q4_k_m") and is_head:
            return kinds.Q6_K if hidden % 256 == 0 else kinds.Q8_0
        if options.type != "q4_k_m":
            return kinds[options.type.upper()]
        eighth = layers // 8
        more = layer < eighth or layer >= 7 * layers // 8 or (layer - eighth) % 3 == 2
        return kinds.Q6_K if kind in ("v", "down") and more else kinds.Q4_K

    tensors = [("token_embd.weight", "embedding", 0, vocabulary, hidden, 1.5 * hidden**-0.5 if tied else 1.0)]
    if not tied:
        tensors.append(("output.weight", "head", 0, vocabulary, hidden, 1.5 * hidden**-0.5))
    tensors.append(("output_norm.weight", "norm", 0, 1, hidden, 1))
    query, key = heads * head_size, kv_heads * head_size
    residual = (2 * layers) ** -0.5  # what writes to the residual stream is smaller, as in GPT-2
    for layer in range(layers):
        for name, kind, rows, columns, scale in [
            ("attn_norm", "norm", 1, hidden, 1),
            ("attn_q", "q", query, hidden, hidden**-0.5),
            ("attn_k", "k", key, hidden, hidden**-0.5),
            ("attn_v", "v", key, hidden, hidden**-0.5),
            ("attn_q_norm", "norm", 1, head_size, 1),
            ("attn_k_norm", "norm", 1, head_size, 1),
            ("attn_output", "o", hidden, query, query**-0.5 * residual),
            ("ffn_norm", "norm", 1, hidden, 1),
            ("ffn_gate", "gate", feed_forward, hidden, hidden**-0.5),
            ("ffn_up", "up", feed_forward, hidden, hidden**-0.5),
            ("ffn_down", "down", hidden, feed_forward, feed_forward**-0.5 * residual),
        ]:
            tensors.append((f"blk.{layer}.{name}.weight", kind, layer, rows, columns, scale))

    def byte_count(kind, count):
        per_block, block_bytes = gguf.GGML_QUANT_SIZES[kind]
        return count // per_block * block_bytes

    for name, kind, layer, rows, columns, _ in tensors:
        type_ = bits(kind, layer)
        shape = (columns,) if kind == "norm" else (rows, columns)
        size = byte_count(type_, rows * columns)
        if type_ == kinds.F32:
            writer.add_tensor_info(name, shape, np.dtype(np.float32), size)
        else:
            byte_shape = gguf.quant_shape_to_byte_shape(shape, type_)
            writer.add_tensor_info(name, byte_shape, np.dtype(np.uint8), size, raw_dtype=type_)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_ti_data_to_file()
    out = writer.fout[0]
    for name, kind, layer, rows, columns, scale in tensors:
        type_ = bits(kind, layer)
        writer.write_padding(out, out.tell())
        at_once = max(1, (1 << 25) // columns)
        for first in range(0, rows, at_once):
            numbers(np, random, kinds, type_, min(at_once, rows - first) * columns, scale).tofile(out)
        writer.write_padding(out, byte_count(type_, rows * columns))
    writer.close()
    parameters = sum(rows * columns for _, _, _, rows, columns, _ in tensors)
    print(f"{options.file}: {parameters / 1e6:.0f} M parameters, {pathlib.Path(options.file).stat().st_size / 1e9:.3f} GB")


def add_tokenizer(writer, gguf, source, vocabulary):
    """Qwen's vocabulary; of one too long for the shape, the first tokens and the merges among them."""
    reader = gguf.GGUFReader(str(source / "models/ggml-vocab-qwen2.gguf"))
    tokens, types, merges = (
        reader.fields[f"tokenizer.ggml.{name}"].contents() for name in ("tokens", "token_type", "merges")
    )
    end_of_text, end_of_turn = 151_643, 151_645
    if vocabulary < len(tokens):
        base = vocabulary - 16
        kept = set(tokens[:base])
        pairs = ((merge, merge.split(" ")) for merge in merges)
        merges = [merge for merge, pair in pairs if set(pair) <= kept and "".join(pair) in kept]
        special = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
        tokens = tokens[:base] + special + [f"[PAD{place}]" for place in range(base + 3, vocabulary)]
        types = types[:base] + [3] * 3 + [4] * 13
        end_of_text, end_of_turn = base, base + 2
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    writer.add_token_list(tokens)
    writer.add_token_types(types)
    writer.add_token_merges(merges)
    writer.add_eos_token_id(end_of_turn)
    writer.add_pad_token_id(end_of_text)
    writer.add_bos_token_id(end_of_text)
    writer.add_add_bos_token(False)
    writer.add_chat_template((source / "models/templates/Qwen-Qwen3-0.6B.jinja").read_text())


def numbers(np, random, kinds, type_, count, scale):
    """Blocks of `count` numbers whose standard deviation is `scale`; of a norm, ones."""

    def octets(*shape):
        return np.frombuffer(random.bytes(int(np.prod(shape))), np.uint8).reshape(shape)

    def halves(values):
        return values.astype(np.float16).view(np.uint8).reshape(-1, 2)

    if type_ == kinds.F32:
        return np.ones(count, np.float32)
    if type_ in (kinds.F16, kinds.BF16):
        values = random.standard_normal(count, dtype=np.float32)
        values *= scale
        if type_ == kinds.F16:
            return values.astype(np.float16)
        words = values.view(np.uint32)
        return ((words + 0x7FFF + ((words >> 16) & 1)) >> 16).astype(np.uint16)
    if type_ in (kinds.Q8_0, kinds.Q4_0):
        quants, spread = (32, 74) if type_ == kinds.Q8_0 else (16, 4.6)
        blocks = np.empty((count // 32, 2 + quants), np.uint8)
        blocks[:, 2:] = octets(count // 32, quants)
        d = random.uniform(0.8, 1.2, count // 32) * scale / spread
        if type_ == kinds.Q8_0:
            blocks[:, 2:][blocks[:, 2:] == 128] = 129  # quantisers do not write -128
        else:
            # A quantiser's scale has the sign that gives the largest number -8; without it the mean would not be zero.
            d *= np.where(octets(count // 32) & 1, 1, -1)
        blocks[:, :2] = halves(d)
        return blocks
    super_blocks = count // 256
    if type_ == kinds.Q4_K:
        blocks = np.empty((super_blocks, 144), np.uint8)
        blocks[:, 16:] = octets(super_blocks, 128)
        # With minima equal to the scales the numbers are d · scale · (quant - 7.5).
        scales = octets(super_blocks, 8) % 28 + 36
        low, high = scales[:, 0:4], scales[:, 4:8]
        blocks[:, 4:8] = blocks[:, 8:12] = (low & 63) | ((high >> 4) << 6)
        blocks[:, 12:16] = (high & 15) | ((high & 15) << 4)
        d = (random.uniform(0.8, 1.2, super_blocks) * scale / (50 * 4.6)).astype(np.float32)
        blocks[:, 0:2] = halves(d)
        blocks[:, 2:4] = halves(7.5 * d)
        return blocks
    if type_ == kinds.Q6_K:
        blocks = np.empty((super_blocks, 210), np.uint8)
        blocks[:, :192] = octets(super_blocks, 192)
        signs = np.where(octets(super_blocks, 16) & 1, 1, -1).astype(np.int8)
        blocks[:, 192:208] = ((octets(super_blocks, 16) % 64 + 64).astype(np.int8) * signs).view(np.uint8)
        blocks[:, 208:] = halves(random.uniform(0.8, 1.2, super_blocks) * scale / (96 * 18.5))
        return blocks
    raise ValueError(f"no random blocks of {type_.name}")


main()
