"""Packs dialogues into rows of fixed length.

A row holds several groups. In a group the system turn stands once and all dialogues follow it; token `i` sees the
positions `system_start[i]..<system_end[i]` (its system turn) and `branch_start[i]...i` (its own dialogue so far).
"""

import random

import numpy as np
from tokenizers import Tokenizer

from corpus import Corpus
from pools import HELDOUT_NOUNS


class Packer:
    """Rows of `length` tokens from an endless corpus.

    Targets outside the spans that carry loss weigh nothing, but a share `context_share` of them weighs `context_weight`,
    so that the model also learns what a request looks like. With probability `gap_share` a dialogue's positions start
    up to `longest_gap` later than its system turn ends, so that all rotary positions are trained on short rows.
    """

    def __init__(
        self,
        tokenizer_path,
        seed,
        split='train',
        length=1024,
        context_share=0.15,
        context_weight=0.1,
        gap_share=0.25,
        longest_gap=1500,
        last_position=4096,
    ):
        self.tokenizer = Tokenizer.from_file(str(tokenizer_path))
        self.corpus = Corpus(seed, split, self.pieces())
        self.random = random.Random(seed * 7919 + 13)
        self.length = length
        self.context_share, self.context_weight = context_share, context_weight
        self.gap_share, self.longest_gap, self.last_position = gap_share, longest_gap, last_position
        self.pending = None  # a group of which some dialogues are not yet placed

    def pieces(self):
        """Tokens of small letters, without words held out: a token that no text has is one that the model never writes."""
        held_out = {word for noun in HELDOUT_NOUNS for word in noun.split()}
        tokens = sorted(self.tokenizer.get_vocab(with_added_tokens=False))
        return [t for t in tokens if t.isascii() and t.isalpha() and t.islower() and 2 <= len(t) <= 8 and t not in held_out]

    def encode(self, text):
        """-> (token ids, the character range of each)"""
        encoding = self.tokenizer.encode(text, add_special_tokens=False)
        return np.array(encoding.ids, np.int64), encoding.offsets

    def encoded_branch(self, branch):
        """-> (token ids, the weight of each as a target)"""
        ids, offsets = self.encode(branch.text)
        weights = np.zeros(len(ids), np.float32)
        for start, end, weight in branch.spans:
            for i, (first, last) in enumerate(offsets):
                if first >= start and last <= end:
                    weights[i] = weight
        return ids, weights

    def group(self):
        """-> (ids of the system turn, [(ids, weights) of a dialogue])"""
        system, branches = self.corpus.group()
        return self.encode(system)[0], [self.encoded_branch(branch) for branch in branches]

    def row(self):
        """-> (ids, positions, system_start, system_end, branch_start, targets, weights), each [length]"""
        length = self.length
        ids, positions = np.zeros(length, np.int64), np.zeros(length, np.int64)
        weights = np.zeros(length, np.float32)
        # A token of the system turn, or of the padding, sees itself and what is before it in its own segment.
        system_start = np.arange(length, dtype=np.int32)
        system_end, branch_start = system_start.copy(), system_start.copy()
        used, misses = 0, 0
        while used < length - 24:
            if self.pending is None:
                self.pending = self.group()
            system, branches = self.pending
            shortest = min((len(branch) for branch, _ in branches), default=0)
            if not branches or len(system) + shortest > length - used:
                misses += 1
                fits_an_empty_row = branches and len(system) + shortest <= length
                if fits_an_empty_row and used > 0 and (misses > 3 or length - used > 300 and misses > 1):
                    break
                self.pending = None
                continue
            start, end = used, used + len(system)
            ids[start:end], positions[start:end] = system, np.arange(len(system))
            system_start[start:end] = system_end[start:end] = branch_start[start:end] = start
            used = end
            rest = []
            for branch, branch_weights in branches:
                count = len(branch)
                if count > length - used:
                    rest.append((branch, branch_weights))
                    continue
                gap = 0
                if len(system) and self.random.random() < self.gap_share:
                    gap = self.random.randint(0, min(self.longest_gap, self.last_position - len(system) - count))
                place = slice(used, used + count)
                ids[place], weights[place] = branch, branch_weights
                positions[place] = len(system) + gap + np.arange(count)
                system_start[place], system_end[place], branch_start[place] = start, end, used
                used += count
            self.pending = (system, rest) if rest and self.random.random() < 0.5 else None
        targets, target_weights = self.targets(ids, weights, branch_start, used)
        return ids, positions, system_start, system_end, branch_start, targets, target_weights

    def targets(self, ids, weights, branch_start, used):
        """Each token's target is the next one of its segment."""
        targets, target_weights = np.zeros_like(ids), np.zeros_like(weights)
        targets[:-1], target_weights[:-1] = ids[1:], weights[1:]
        has_target = np.zeros(len(ids), bool)
        has_target[:-1] = branch_start[1:] == branch_start[:-1]
        has_target[max(used - 1, 0) :] = False
        target_weights[~has_target] = 0
        chances = np.random.default_rng(self.random.getrandbits(32)).random(len(ids))
        target_weights[has_target & (target_weights == 0) & (chances < self.context_share)] = self.context_weight
        return targets, target_weights

    def batch(self, row_count):
        """The arrays of `row`, each [row_count, length]."""
        return [np.stack(arrays) for arrays in zip(*[self.row() for _ in range(row_count)])]
