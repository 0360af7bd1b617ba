"""Trains the miniature Qwen3 on an endless synthetic corpus, for a given time, on a CPU or a GPU.

Matrices of the layers are trained with Muon, the embedding and the norms with AdamW. The run writes `last.pt` into the
output folder, from which --resume goes on. On a CPU, --processes of one thread each share a step's rows.
"""

import argparse
import math
import os
import time
from dataclasses import asdict
from pathlib import Path

import torch
import torch.distributed
import torch.multiprocessing

import cpu_kernels
from data import Packer
from model import Config, Qwen3, attention_mask


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add('--hidden-size', type=int, default=192)
    add('--feed-forward-size', type=int, default=512)
    add('--layers', type=int, default=6)
    add('--heads', type=int, default=6)
    add('--kv-heads', type=int, default=3)
    add('--head-dim', type=int, default=32)
    add('--rope-theta', type=float, default=10000.0)
    add('--context', type=int, default=4096)
    add('--length', type=int, default=2560, help='tokens in a row')
    add('--rows', type=int, default=8, help='rows in a step, of each process')
    add('--processes', type=int, default=1, help='on a CPU with AVX-512: one thread each, with the kernels of cpu_kernels.py')
    add('--minutes', type=float, default=60)
    add('--workers', type=int, default=0, help='processes that make data; 0 makes it in between')
    add('--muon-rate', type=float, default=0.02)
    add('--adam-rate', type=float, default=3e-3)
    add('--weight-decay', type=float, default=0.01)
    add('--warmup', type=int, default=100, help='steps')
    add('--least-rate', type=float, default=0.02, help='share of the rates at the end')
    add('--cooldown', type=float, default=1.0, help='share of the run over which the rates fall')
    add('--save-minutes', type=float, default=10)
    add('--seed', type=int, default=1)
    add('--device', choices=('cpu', 'cuda'), default='cuda' if torch.cuda.is_available() else 'cpu')
    add('--compile', action='store_true')
    add('--port', type=int, default=29517, help='at which processes meet')
    add('--tokenizer', default='tokenizer.json')
    add('--output', type=Path, default=Path('checkpoint'))
    add('--resume', type=Path, help='a last.pt; its configuration goes before the options above')
    add('--grow', action='store_true', help='with --resume: to --layers layers; a new one adds nothing at first')
    return parser.parse_args()


def orthogonalised(gradient, step_count=5):
    """The nearest orthogonal matrix by Newton and Schulz's iteration, with the coefficients of Jordan's Muon."""
    a, b, c = 3.4445, -4.7750, 2.0315
    x = gradient.bfloat16()
    x = x / (x.norm(dim=(-2, -1), keepdim=True) + 1e-7)
    is_tall = x.shape[-2] > x.shape[-1]
    if is_tall:
        x = x.mT
    for _ in range(step_count):
        square = x @ x.mT
        x = a * x + (b * square + c * square @ square) @ x
    return (x.mT if is_tall else x).to(gradient.dtype)


class Muon:
    """Momentum and orthogonalised updates; matrices of one shape are stacked."""

    def __init__(self, parameters, rate, momentum=0.95, weight_decay=0.01):
        self.stacks = {}
        for parameter in parameters:
            self.stacks.setdefault(tuple(parameter.shape), []).append(parameter)
        self.momenta = {
            shape: torch.zeros(len(stack), *shape, device=stack[0].device) for shape, stack in self.stacks.items()
        }
        self.rate, self.momentum, self.weight_decay = rate, momentum, weight_decay

    def step(self, scale, rank=0, processes=1):
        """Moves the matrices; `scale` is the schedule's share of the rate. Each process orthogonalises its share."""
        rate = self.rate * scale
        for shape, stack in self.stacks.items():
            gradient = torch.stack([parameter.grad for parameter in stack])
            momentum = self.momenta[shape]
            momentum.mul_(self.momentum).add_(gradient, alpha=1 - self.momentum)
            blend = gradient.lerp(momentum, self.momentum)
            update = torch.zeros_like(blend)
            update[rank::processes] = orthogonalised(blend[rank::processes])
            if processes > 1:
                torch.distributed.all_reduce(update)
            step_size = rate * max(1, shape[0] / shape[1]) ** 0.5
            for parameter, change in zip(stack, update.unbind(0)):
                parameter.data.mul_(1 - rate * self.weight_decay).add_(change, alpha=-step_size)

    def state_dict(self):
        return {str(shape): momentum for shape, momentum in self.momenta.items()}

    def load_state_dict(self, state):
        for shape, momentum in self.momenta.items():
            momentum.copy_(state[str(shape)])


def fill_queue(queue, tokenizer, seed, length, rows):
    """A worker: puts batches into the queue for ever."""
    torch.set_num_threads(1)
    packer = Packer(tokenizer, seed, length=length)
    while True:
        queue.put(packer.batch(rows))


def batches(arguments, first_step, rank):
    """An endless iterator of batches; a resumed run goes on with other data."""
    seed = arguments.seed * 100003 + first_step * 31 + rank
    options = dict(length=arguments.length)
    if arguments.workers == 0:
        packer = Packer(arguments.tokenizer, seed, **options)
        while True:
            yield packer.batch(arguments.rows)
    context = torch.multiprocessing.get_context('spawn')
    queue = context.Queue(64)
    for worker in range(arguments.workers):
        values = (queue, arguments.tokenizer, seed + 17 * worker, arguments.length, arguments.rows)
        context.Process(target=fill_queue, args=values, daemon=True).start()
    while True:
        yield queue.get()


def schedule(step, share, arguments):
    """The share of the learning rates at this step, when `share` of the run is over."""
    warmup = min(1.0, (step + 1) / arguments.warmup)
    fall = 0.0
    if arguments.cooldown > 0:
        fall = min(1.0, max(0.0, (share - (1 - arguments.cooldown)) / arguments.cooldown))
    cosine = 0.5 * (1 + math.cos(math.pi * fall))
    return warmup * (arguments.least_rate + (1 - arguments.least_rate) * cosine)


def grown(saved, layer_count):
    """A checkpoint with more layers, spread evenly between the old ones. A new layer is the one before it, but what it
    adds to the hidden state is zero, so the model computes what it did. The optimisers start afresh."""
    old_count = saved['config']['num_hidden_layers']
    sources, previous = [], -1
    for layer in range(layer_count):
        source = layer * old_count // layer_count
        sources.append((source, source == previous))
        previous = source
    weights = {name: value for name, value in saved['model'].items() if '.layers.' not in name}
    for layer, (source, is_new) in enumerate(sources):
        prefix = f'model.layers.{source}.'
        for name, value in saved['model'].items():
            if name.startswith(prefix):
                adds = name.endswith(('o_proj.weight', 'down_proj.weight'))
                weights[f'model.layers.{layer}.{name.removeprefix(prefix)}'] = (
                    torch.zeros_like(value) if is_new and adds else value.clone()
                )
    config = {**saved['config'], 'num_hidden_layers': layer_count}
    return {'model': weights, 'config': config, 'step': saved['step'], 'seen': saved['seen']}


class Run:
    """A model with its optimisers, and how far they are."""

    def __init__(self, arguments, rank=0):
        self.arguments, self.rank = arguments, rank
        self.device = torch.device(arguments.device)
        saved = torch.load(arguments.resume, map_location='cpu') if arguments.resume else None
        config = Config(
            hidden_size=arguments.hidden_size,
            intermediate_size=arguments.feed_forward_size,
            num_hidden_layers=arguments.layers,
            num_attention_heads=arguments.heads,
            num_key_value_heads=arguments.kv_heads,
            head_dim=arguments.head_dim,
            rope_theta=arguments.rope_theta,
            max_position_embeddings=arguments.context,
        )
        if saved and arguments.grow:
            saved = grown(saved, arguments.layers)
        self.config = Config(**saved['config']) if saved else config
        self.model = Qwen3(self.config).to(self.device)
        named = list(self.model.named_parameters())
        matrices = [p for name, p in named if p.dim() == 2 and 'embed' not in name]
        self.others = [p for name, p in named if p.dim() != 2 or 'embed' in name]
        self.muon = Muon(matrices, arguments.muon_rate, weight_decay=arguments.weight_decay)
        self.adam = torch.optim.AdamW(self.others, lr=arguments.adam_rate, betas=(0.9, 0.95), weight_decay=0.0)
        self.step_count, self.token_count = 0, 0
        if saved:
            self.model.load_state_dict(saved['model'])
            if 'muon' in saved:
                self.muon.load_state_dict(saved['muon'])
                self.adam.load_state_dict(saved['adam'])
            self.step_count, self.token_count = saved['step'], saved['seen']
        if arguments.compile:
            self.model.hidden = torch.compile(self.model.hidden)

    def save(self):
        """Writes last.pt, whole or not at all."""
        state = {
            'model': self.model.state_dict(),
            'config': asdict(self.config),
            'muon': self.muon.state_dict(),
            'adam': self.adam.state_dict(),
            'step': self.step_count,
            'seen': self.token_count,
        }
        self.arguments.output.mkdir(parents=True, exist_ok=True)
        torch.save(state, self.arguments.output / 'next.pt')
        os.replace(self.arguments.output / 'next.pt', self.arguments.output / 'last.pt')
        print('saved at step', self.step_count, flush=True)

    def step(self, batch, rate):
        """-> (sum of the losses, targets, targets likelier than one half), of targets with full weight"""
        tensors = [torch.from_numpy(array).to(self.device, non_blocking=True) for array in batch]
        ids, positions, system_start, system_end, branch_start, targets, weights = tensors
        bounds = system_start, system_end, branch_start
        mask = bounds if self.arguments.processes > 1 else attention_mask(*bounds)
        with torch.autocast(self.device.type, dtype=torch.bfloat16):
            loss, losses, weights = self.model.loss(ids, positions, mask, targets, weights)
        loss.backward()
        self.average_gradients()
        torch.nn.utils.clip_grad_norm_(self.others, 1.0)
        for group in self.adam.param_groups:
            group['lr'] = self.arguments.adam_rate * rate
        self.muon.step(rate, self.rank, self.arguments.processes)
        self.adam.step()
        for parameter in self.model.parameters():
            parameter.grad = None
        self.step_count += 1
        self.token_count += ids.numel() * self.arguments.processes
        full = losses[weights >= 1]
        return torch.stack(
            [full.sum(), torch.tensor(float(full.numel()), device=full.device), (full < math.log(2)).sum()]
        )

    def average_gradients(self):
        """The mean of all processes' gradients, in place."""
        if self.arguments.processes == 1:
            return
        gradients = [parameter.grad for parameter in self.model.parameters()]
        flat = torch.cat([gradient.reshape(-1) for gradient in gradients])
        torch.distributed.all_reduce(flat)
        flat /= self.arguments.processes
        for gradient, part in zip(gradients, flat.split([gradient.numel() for gradient in gradients])):
            gradient.copy_(part.view_as(gradient))

    def agreed(self, *values):
        """The first process's values, so that all end and save at one step."""
        if self.arguments.processes == 1:
            return values
        values = torch.tensor(values, dtype=torch.float64)
        torch.distributed.broadcast(values, 0)
        return values.tolist()

    def train(self):
        """Trains until the time is over."""
        arguments = self.arguments
        if self.rank > 0:
            self.save = lambda: None
        print(sum(p.numel() for p in self.model.parameters()), 'parameters', self.config, self.device, flush=True)
        start = saved_at = reported_at = time.monotonic()
        statistics, reported_tokens = torch.zeros(3, device=self.device), self.token_count
        for batch in batches(arguments, self.step_count, self.rank):
            now = time.monotonic()
            share, since_saved = self.agreed((now - start) / (arguments.minutes * 60), now - saved_at)
            if share >= 1:
                break
            if since_saved > arguments.save_minutes * 60:
                self.save()
                saved_at = time.monotonic()
            rate = schedule(self.step_count, share, arguments)
            statistics += self.step(batch, rate)
            if self.rank == 0 and (self.step_count <= 5 or self.step_count % 20 == 0):
                now = time.monotonic()
                loss, count, likely = statistics.tolist()
                speed = (self.token_count - reported_tokens) / (now - reported_at)
                print(
                    f'step {self.step_count}, {self.token_count / 1e6:.2f} M tokens, loss {loss / max(count, 1):.4f}, '
                    f'likelier than 1/2 {likely / max(count, 1):.4f}, rate {rate:.3f}, {speed:.0f} tokens/s, {share:.1%}',
                    flush=True,
                )
                statistics.zero_()
                reported_at, reported_tokens = now, self.token_count
        self.save()


def train_process(rank, arguments):
    """One of several processes that train one model."""
    torch.set_num_threads(1)
    cpu_kernels.install()
    torch.distributed.init_process_group(
        'gloo', init_method=f'tcp://127.0.0.1:{arguments.port}', rank=rank, world_size=arguments.processes
    )
    Run(arguments, rank).train()


def main():
    arguments = parse_arguments()
    if arguments.processes == 1:
        Run(arguments).train()
        return
    cpu_kernels.kernels()
    torch.multiprocessing.spawn(train_process, (arguments,), arguments.processes)


if __name__ == '__main__':
    main()
