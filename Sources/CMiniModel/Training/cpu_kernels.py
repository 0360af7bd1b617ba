"""Training's slow pieces in C++ for CPUs with AVX-512 and its bfloat16: attention over segments, norms, SwiGLU.

Each runs on one thread; `train.py --processes` uses the cores. The plain torch pieces of model.py are the reference:
run this file to compare loss and gradients with them.
"""

from pathlib import Path

import torch
from torch.utils import cpp_extension

import model

_kernels = None


def kernels():
    """The compiled kernels; g++ and ninja build them once."""
    global _kernels
    if _kernels is None:
        source = Path(__file__).parent / 'cpu_kernels.cpp'
        flags = ['-O3', '-march=native', '-ffast-math', '-fno-finite-math-only']
        _kernels = cpp_extension.load('mini_cpu_kernels', [str(source)], extra_cflags=flags)
    return _kernels


class SegmentAttention(torch.autograd.Function):
    """Norms of queries and keys, rotation and attention; bfloat16 [rows, tokens, heads * head_dim] in and out."""

    @staticmethod
    def forward(context, query, key, value, query_weight, key_weight, cos, sin, bounds, head_dim):
        result, *rest = kernels().forward(query, key, value, query_weight, key_weight, cos, sin, *bounds, head_dim)
        context.save_for_backward(query, key, query_weight, key_weight, cos, sin, *bounds, *rest)
        return result

    @staticmethod
    def backward(context, gradient):
        return (*kernels().backward(gradient.contiguous(), *context.saved_tensors), None, None, None, None)


class RMSNorm(torch.autograd.Function):
    """As model.RMSNorm."""

    @staticmethod
    def forward(context, x, weight):
        result, scales = kernels().norm_forward(x, weight)
        context.save_for_backward(x, weight, scales)
        return result

    @staticmethod
    def backward(context, gradient):
        return tuple(kernels().norm_backward(gradient.contiguous(), *context.saved_tensors))


class SwiGLU(torch.autograd.Function):
    """silu(gate) * up"""

    @staticmethod
    def forward(context, gate, up):
        context.save_for_backward(gate, up)
        return kernels().gated_forward(gate, up)

    @staticmethod
    def backward(context, gradient):
        return tuple(kernels().gated_backward(gradient.contiguous(), *context.saved_tensors))


def attention(self, x, cos, sin, bounds):
    half = self.head_dim // 2
    cos, sin = (table[..., :half].squeeze(1).contiguous() for table in (cos, sin))
    seen = SegmentAttention.apply(
        self.q_proj(x),
        self.k_proj(x),
        self.v_proj(x),
        self.q_norm.weight,
        self.k_norm.weight,
        cos,
        sin,
        bounds,
        self.head_dim,
    )
    return self.o_proj(seen)


def install():
    """Puts the kernels in the place of model.py's pieces; the mask is then (system_start, system_end, branch_start)."""
    kernels()
    model.Attention.forward = attention
    model.RMSNorm.forward = lambda self, x: RMSNorm.apply(x, self.weight)
    model.MLP.forward = lambda self, x: self.down_proj(SwiGLU.apply(self.gate_proj(x), self.up_proj(x)))


def main():
    from data import Packer

    torch.set_num_threads(1)
    batch = [torch.from_numpy(array) for array in Packer('tokenizer.json', 5).batch(1)]
    ids, positions, *bounds, targets, weights = batch
    network = model.Qwen3(model.Config())
    loss, _, _ = network.loss(ids, positions, model.attention_mask(*bounds), targets, weights)
    loss.backward()
    expected = {name: parameter.grad.clone() for name, parameter in network.named_parameters()}
    network.zero_grad()
    install()
    with torch.autocast('cpu', dtype=torch.bfloat16):
        own, _, _ = network.loss(ids, positions, bounds, targets, weights)
    own.backward()
    cosines = {
        name: torch.nn.functional.cosine_similarity(expected[name].flatten(), parameter.grad.flatten(), dim=0).item()
        for name, parameter in network.named_parameters()
    }
    worst = min(cosines, key=cosines.get)
    print(f'loss {loss.item():.6f}, of the kernels {own.item():.6f}; least cosine of a gradient {cosines[worst]:.6f}, {worst}')


if __name__ == '__main__':
    main()
