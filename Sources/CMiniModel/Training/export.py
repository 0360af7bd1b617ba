"""Writes a checkpoint as a Hugging Face folder (Qwen3ForCausalLM) and as GGUF files (F16 and Q8_0)."""

import argparse
import json
import shutil
from pathlib import Path

import gguf
import numpy as np
import torch
from safetensors.torch import save_file

from corpus import TEMPLATE_TEXT

# The names of a layer's tensors: Hugging Face's, GGUF's.
LAYER_NAMES = {
    'self_attn.q_proj': 'attn_q',
    'self_attn.k_proj': 'attn_k',
    'self_attn.v_proj': 'attn_v',
    'self_attn.o_proj': 'attn_output',
    'self_attn.q_norm': 'attn_q_norm',
    'self_attn.k_norm': 'attn_k_norm',
    'mlp.gate_proj': 'ffn_gate',
    'mlp.up_proj': 'ffn_up',
    'mlp.down_proj': 'ffn_down',
    'input_layernorm': 'attn_norm',
    'post_attention_layernorm': 'ffn_norm',
}
MODEL_NAMES = {'model.embed_tokens.weight': 'token_embd.weight', 'model.norm.weight': 'output_norm.weight'}


def gguf_name(name):
    """A tensor's name in GGUF."""
    if name in MODEL_NAMES:
        return MODEL_NAMES[name]
    _, _, layer, part = name.removesuffix('.weight').split('.', 3)
    return f'blk.{layer}.{LAYER_NAMES[part]}.weight'


def write_json(path, value):
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False), encoding='utf-8')


def write_folder(folder, config, weights, tokenizer_path, tokenizer, end_of_turn, end_of_text):
    """config.json, model.safetensors, the tokenizer's files and generation_config.json."""
    save_file(weights, folder / 'model.safetensors', metadata={'format': 'pt'})
    write_json(
        folder / 'config.json',
        {
            'architectures': ['Qwen3ForCausalLM'],
            'model_type': 'qwen3',
            'attention_bias': False,
            'attention_dropout': 0.0,
            'bos_token_id': end_of_text,
            'eos_token_id': end_of_turn,
            'pad_token_id': end_of_text,
            **config,
            'hidden_act': 'silu',
            'initializer_range': 0.02,
            'max_window_layers': config['num_hidden_layers'],
            'rope_scaling': None,
            'sliding_window': None,
            'tie_word_embeddings': True,
            'torch_dtype': 'float32',
            'use_cache': True,
            'use_sliding_window': False,
        },
    )
    write_json(
        folder / 'generation_config.json',
        {
            'bos_token_id': end_of_text,
            'do_sample': False,
            'eos_token_id': [end_of_turn, end_of_text],
            'pad_token_id': end_of_text,
        },
    )
    flags = {'lstrip': False, 'normalized': False, 'rstrip': False, 'single_word': False}
    write_json(
        folder / 'tokenizer_config.json',
        {
            'add_bos_token': False,
            'add_prefix_space': False,
            'added_tokens_decoder': {
                str(token['id']): {'content': token['content'], **flags, 'special': token['special']}
                for token in tokenizer['added_tokens']
            },
            'additional_special_tokens': ['<|im_start|>', '<|im_end|>'],
            'bos_token': None,
            'chat_template': TEMPLATE_TEXT,
            'clean_up_tokenization_spaces': False,
            'eos_token': '<|im_end|>',
            'errors': 'replace',
            'model_max_length': config['max_position_embeddings'],
            'pad_token': '<|endoftext|>',
            'split_special_tokens': False,
            'tokenizer_class': 'Qwen2Tokenizer',
            'unk_token': None,
        },
    )
    shutil.copyfile(tokenizer_path, folder / 'tokenizer.json')


def write_gguf(path, config, weights, tokenizer, end_of_turn, end_of_text, is_quantized):
    """One GGUF file; the norms stay in float32."""
    writer = gguf.GGUFWriter(path, 'qwen3')
    writer.add_name('Mini Qwen3 demo')
    writer.add_description(
        'Miniature demo model with the Qwen3 architecture, trained from scratch on synthetic tool-calling dialogues'
    )
    writer.add_context_length(config['max_position_embeddings'])
    writer.add_embedding_length(config['hidden_size'])
    writer.add_block_count(config['num_hidden_layers'])
    writer.add_feed_forward_length(config['intermediate_size'])
    writer.add_head_count(config['num_attention_heads'])
    writer.add_head_count_kv(config['num_key_value_heads'])
    writer.add_key_length(config['head_dim'])
    writer.add_value_length(config['head_dim'])
    writer.add_rope_freq_base(config['rope_theta'])
    writer.add_layer_norm_rms_eps(config['rms_norm_eps'])
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q8_0 if is_quantized else gguf.LlamaFileType.MOSTLY_F16)
    writer.add_quantization_version(gguf.GGML_QUANT_VERSION)
    tokens = [None] * config['vocab_size']
    types = [gguf.TokenType.NORMAL] * config['vocab_size']
    for token, index in tokenizer['model']['vocab'].items():
        tokens[index] = token
    for token in tokenizer['added_tokens']:
        tokens[token['id']] = token['content']
        types[token['id']] = gguf.TokenType.CONTROL if token['special'] else gguf.TokenType.USER_DEFINED
    assert None not in tokens
    writer.add_tokenizer_model('gpt2')
    writer.add_tokenizer_pre('qwen2')
    writer.add_token_list(tokens)
    writer.add_token_types(types)
    writer.add_token_merges([' '.join(m) if isinstance(m, list) else m for m in tokenizer['model']['merges']])
    writer.add_eos_token_id(end_of_turn)
    writer.add_pad_token_id(end_of_text)
    writer.add_bos_token_id(end_of_text)
    writer.add_add_bos_token(False)
    writer.add_chat_template(TEMPLATE_TEXT)
    for name, tensor in weights.items():
        values = tensor.numpy().astype(np.float32)
        if values.ndim == 1:
            writer.add_tensor(gguf_name(name), values)
        elif is_quantized:
            kind = gguf.GGMLQuantizationType.Q8_0
            writer.add_tensor(gguf_name(name), gguf.quants.quantize(values, kind), raw_dtype=kind)
        else:
            writer.add_tensor(gguf_name(name), values.astype(np.float16))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('checkpoint', type=Path, help='a last.pt of train.py')
    parser.add_argument('output', type=Path, help='the folder to write')
    parser.add_argument('--tokenizer', type=Path, default=Path('tokenizer.json'))
    arguments = parser.parse_args()
    arguments.output.mkdir(parents=True, exist_ok=True)
    saved = torch.load(arguments.checkpoint, map_location='cpu')
    config = saved['config']
    weights = {name: tensor.float().contiguous() for name, tensor in saved['model'].items()}
    tokenizer = json.loads(arguments.tokenizer.read_text(encoding='utf-8'))
    ids = {token['content']: token['id'] for token in tokenizer['added_tokens']}
    ends = ids['<|im_end|>'], ids['<|endoftext|>']
    write_folder(arguments.output, config, weights, arguments.tokenizer, tokenizer, *ends)
    for kind in ('f16', 'q8_0'):
        path = arguments.output / f'mini-{kind}.gguf'
        write_gguf(path, config, weights, tokenizer, *ends, is_quantized=kind == 'q8_0')
        print(path, path.stat().st_size, 'bytes')
    print('step', saved['step'], 'tokens', saved['seen'])


if __name__ == '__main__':
    main()
