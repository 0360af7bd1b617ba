"""Qwen3 in plain torch; the weights' names are those of transformers' Qwen3ForCausalLM."""

import math
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional


@dataclass
class Config:
    """The members of config.json that shape the model."""

    vocab_size: int = 4096
    hidden_size: int = 192
    intermediate_size: int = 512
    num_hidden_layers: int = 6
    num_attention_heads: int = 6
    num_key_value_heads: int = 3
    head_dim: int = 32
    rope_theta: float = 10000.0
    rms_norm_eps: float = 1e-6
    max_position_embeddings: int = 4096


class RMSNorm(nn.Module):
    """Root mean square normalisation over the last axis."""

    def __init__(self, size, eps):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(size))
        self.eps = eps

    def forward(self, x):
        return functional.rms_norm(x, (x.shape[-1],), self.weight.to(x.dtype), self.eps)


def rope_tables(config, positions):
    """positions [rows, tokens] -> cos, sin [rows, 1, tokens, head_dim]"""
    exponents = torch.arange(0, config.head_dim, 2, device=positions.device).float() / config.head_dim
    angles = positions.float()[..., None] / config.rope_theta**exponents
    angles = torch.cat([angles, angles], -1)[:, None]
    return angles.cos(), angles.sin()


def apply_rope(x, cos, sin):
    """Rotates the pairs (i, i + head_dim / 2) of x [rows, heads, tokens, head_dim]."""
    half = x.shape[-1] // 2
    return x * cos + torch.cat([-x[..., half:], x[..., :half]], -1) * sin


def attention_mask(system_start, system_end, branch_start):
    """The segments of data.Packer [rows, tokens] as a mask [rows, 1, tokens, tokens]; true where a token is seen."""
    index = torch.arange(system_start.shape[-1], device=system_start.device)
    sees_system = (index >= system_start[..., None]) & (index < system_end[..., None])
    sees_branch = (index >= branch_start[..., None]) & (index <= index[:, None])
    return (sees_system | sees_branch)[:, None]


class Attention(nn.Module):
    """Grouped queries with a norm for each head's query and key."""

    def __init__(self, config):
        super().__init__()
        self.head_dim = config.head_dim
        self.group_size = config.num_attention_heads // config.num_key_value_heads
        query_size = config.num_attention_heads * config.head_dim
        key_size = config.num_key_value_heads * config.head_dim
        self.q_proj = nn.Linear(config.hidden_size, query_size, bias=False)
        self.k_proj = nn.Linear(config.hidden_size, key_size, bias=False)
        self.v_proj = nn.Linear(config.hidden_size, key_size, bias=False)
        self.o_proj = nn.Linear(query_size, config.hidden_size, bias=False)
        self.q_norm = RMSNorm(config.head_dim, config.rms_norm_eps)
        self.k_norm = RMSNorm(config.head_dim, config.rms_norm_eps)

    def forward(self, x, cos, sin, mask):
        rows, tokens, _ = x.shape
        shape = (rows, tokens, -1, self.head_dim)
        query = apply_rope(self.q_norm(self.q_proj(x).view(shape)).transpose(1, 2), cos, sin)
        key = apply_rope(self.k_norm(self.k_proj(x).view(shape)).transpose(1, 2), cos, sin)
        value = self.v_proj(x).view(shape).transpose(1, 2)
        key = key.repeat_interleave(self.group_size, 1)
        value = value.repeat_interleave(self.group_size, 1)
        seen = functional.scaled_dot_product_attention(
            query, key.to(query.dtype), value.to(query.dtype), attn_mask=mask
        )
        return self.o_proj(seen.transpose(1, 2).reshape(rows, tokens, -1))


class MLP(nn.Module):
    """SwiGLU."""

    def __init__(self, config):
        super().__init__()
        self.gate_proj = nn.Linear(config.hidden_size, config.intermediate_size, bias=False)
        self.up_proj = nn.Linear(config.hidden_size, config.intermediate_size, bias=False)
        self.down_proj = nn.Linear(config.intermediate_size, config.hidden_size, bias=False)

    def forward(self, x):
        return self.down_proj(functional.silu(self.gate_proj(x)) * self.up_proj(x))


class Layer(nn.Module):
    """Attention and feed-forward, each normalised before and added."""

    def __init__(self, config):
        super().__init__()
        self.self_attn = Attention(config)
        self.mlp = MLP(config)
        self.input_layernorm = RMSNorm(config.hidden_size, config.rms_norm_eps)
        self.post_attention_layernorm = RMSNorm(config.hidden_size, config.rms_norm_eps)

    def forward(self, x, cos, sin, mask):
        x = x + self.self_attn(self.input_layernorm(x), cos, sin, mask)
        return x + self.mlp(self.post_attention_layernorm(x))


class Body(nn.Module):
    """Everything but the head, which is the embedding."""

    def __init__(self, config):
        super().__init__()
        self.embed_tokens = nn.Embedding(config.vocab_size, config.hidden_size)
        self.layers = nn.ModuleList([Layer(config) for _ in range(config.num_hidden_layers)])
        self.norm = RMSNorm(config.hidden_size, config.rms_norm_eps)


class Qwen3(nn.Module):
    """The model with its tied head and its loss."""

    def __init__(self, config):
        super().__init__()
        self.config = config
        self.model = Body(config)
        for name, parameter in self.named_parameters():
            if parameter.dim() != 2:
                continue
            deviation = 0.02 if 'embed' in name else 1 / math.sqrt(parameter.shape[1])
            if name.endswith(('o_proj.weight', 'down_proj.weight')):
                deviation /= math.sqrt(2 * config.num_hidden_layers)
            nn.init.normal_(parameter, 0.0, deviation)

    def hidden(self, ids, positions, mask):
        """ids, positions [rows, tokens] -> [rows, tokens, hidden_size]"""
        x = self.model.embed_tokens(ids)
        cos, sin = rope_tables(self.config, positions)
        if torch.is_autocast_enabled(x.device.type):
            x = x.to(torch.bfloat16)
        for layer in self.model.layers:
            x = layer(x, cos, sin, mask)
        return self.model.norm(x)

    def loss(self, ids, positions, mask, targets, weights):
        """-> (weighted cross entropy, cross entropy of each target with a weight, those weights)

        Logits are computed for these targets alone.
        """
        hidden = self.hidden(ids, positions, mask).reshape(-1, self.config.hidden_size)
        weights = weights.reshape(-1)
        places = torch.nonzero(weights > 0).squeeze(1)
        logits = functional.linear(hidden[places], self.model.embed_tokens.weight)
        losses = functional.cross_entropy(logits.float(), targets.reshape(-1)[places], reduction='none')
        weights = weights[places]
        return (losses * weights).sum() / weights.sum(), losses.detach(), weights
