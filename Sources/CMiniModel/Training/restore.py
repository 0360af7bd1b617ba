"""Makes a checkpoint and tokenizer.json out of a GGUF file that export.py wrote, where the run's own are lost.

The weights are those of the file, so rounded to its type; the optimisers start afresh.
"""

import argparse
import json
from dataclasses import asdict
from pathlib import Path

import gguf
import numpy as np
import torch

from export import LAYER_NAMES, MODEL_NAMES
from model import Config
from tokenizer import finished


def weight_name(name):
    """The name in Qwen3ForCausalLM of a tensor in GGUF."""
    for ours, theirs in MODEL_NAMES.items():
        if name == theirs:
            return ours
    _, layer, part = name.removesuffix('.weight').split('.', 2)
    (ours,) = (ours for ours, theirs in LAYER_NAMES.items() if theirs == part)
    return f'model.layers.{layer}.{ours}.weight'


def configuration(reader):
    """The members of config.json that shape the model."""

    def value(key):
        return reader.get_field(f'qwen3.{key}').contents()

    return Config(
        vocab_size=len(reader.get_field('tokenizer.ggml.tokens').contents()),
        hidden_size=value('embedding_length'),
        intermediate_size=value('feed_forward_length'),
        num_hidden_layers=value('block_count'),
        num_attention_heads=value('attention.head_count'),
        num_key_value_heads=value('attention.head_count_kv'),
        head_dim=value('attention.key_length'),
        rope_theta=value('rope.freq_base'),
        rms_norm_eps=float(str(np.float32(value('attention.layer_norm_rms_epsilon')))),  # 1e-6, not its float32
        max_position_embeddings=value('context_length'),
    )


def tokenizer_of(reader):
    """The tokenizer that tokenizer.py had written."""
    tokens = reader.get_field('tokenizer.ggml.tokens').contents()
    types = reader.get_field('tokenizer.ggml.token_type').contents()
    merges = [merge.split(' ') for merge in reader.get_field('tokenizer.ggml.merges').contents()]
    learnt = {token: i for i, (token, kind) in enumerate(zip(tokens, types)) if kind == gguf.TokenType.NORMAL}
    model = {'type': 'BPE', 'vocab': learnt, 'merges': merges}
    tokenizer = finished({'version': '1.0', 'added_tokens': [], 'normalizer': {'type': 'NFC'}, 'model': model})
    found = [tokenizer.id_to_token(i) for i in range(len(tokens))]
    if found != tokens:
        place = next(i for i in range(len(tokens)) if found[i] != tokens[i])
        raise SystemExit(f'token {place} is {tokens[place]!r} in the file and {found[place]!r} in what was made of it')
    return tokenizer


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('file', type=Path, help='a GGUF file of export.py')
    parser.add_argument('--checkpoint', type=Path, default=Path('checkpoint/last.pt'))
    parser.add_argument('--tokenizer', default='tokenizer.json')
    parser.add_argument('--tokens', type=float, default=0, help='millions of tokens that the model has seen')
    arguments = parser.parse_args()
    reader = gguf.GGUFReader(arguments.file)
    weights = {
        weight_name(tensor.name): torch.from_numpy(gguf.quants.dequantize(tensor.data, tensor.tensor_type).copy())
        for tensor in reader.tensors
    }
    tokenizer_of(reader).save(arguments.tokenizer)
    arguments.checkpoint.parent.mkdir(parents=True, exist_ok=True)
    state = {'model': weights, 'config': asdict(configuration(reader)), 'step': 0, 'seen': int(arguments.tokens * 1e6)}
    torch.save(state, arguments.checkpoint)
    print(arguments.checkpoint, 'and', arguments.tokenizer, 'of', len(weights), 'tensors')


if __name__ == '__main__':
    main()
