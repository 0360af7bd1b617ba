"""Trains the tokenizer: byte-level byte-pair encoding with Qwen2's pre-tokenizer.

While the merges are learnt, text is split more finely than Qwen2 splits it: no merge joins a leading space, a quote or
an underscore to a word, or one Han character to another. So a value that is copied from a request into a call is the
same sequence of tokens in both places. A short list of frequent words that are no values is joined afterwards.
"""

import argparse
import collections
import json
import re

import regex
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

from corpus import Corpus
from pools import (
    CITIES_EN,
    CITIES_ZH,
    COMMON_HAN,
    GIVEN_EN,
    GIVEN_ZH,
    JOINED_HAN,
    NOUNS,
    SUR_EN,
    SUR_ZH,
    WORDS_EN,
    WORDS_ZH,
)

QWEN2 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
FINER = r"\p{L}+|\p{N}|_| ?[^\s\p{L}\p{N}_]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s"
CONTROL = ['<|endoftext|>', '<|im_start|>', '<|im_end|>']
MARKERS = ['<think>', '</think>', '<tool_call>', '</tool_call>', '<tool_response>', '</tool_response>']
VOCABULARY_SIZE = 4096
JOINED_COUNT = 256  # places kept for the words joined afterwards
JOINED_LATIN_COUNT = 211


def byte_level():
    """Bytes as the printable characters of GPT-2's alphabet."""
    return pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)


def spelled(text):
    """A text in the byte-level alphabet."""
    return ''.join(byte_level().pre_tokenize_str(text)[0][0])


def corpus_texts(group_count, seed):
    """Texts of the corpus without the added tokens, which no merge may cross."""
    marker = re.compile('|'.join(map(re.escape, CONTROL + MARKERS)))
    corpus = Corpus(seed)
    for _ in range(group_count):
        system, branches = corpus.group(2)
        for text in [system] + [branch.text for branch in branches]:
            yield marker.sub('\n', text)


def word_lists():
    """The pools themselves, so that every value has been seen."""
    return [
        ' '.join(en for en, _ in NOUNS),
        '\n'.join(zh for _, zh in NOUNS),
        '\n'.join(CITIES_ZH),
        ' '.join(CITIES_EN),
        ' '.join(WORDS_EN),
        '\n'.join(WORDS_ZH),
        SUR_ZH,
        GIVEN_ZH,
        ' '.join(GIVEN_EN + SUR_EN),
        '\n'.join(COMMON_HAN),
    ]


def learn(texts):
    """-> the vocabulary and the merges learnt from these texts, as tokenizer.json has them"""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(r"\p{Han}"), 'isolated'),
            pre_tokenizers.Split(Regex(FINER), 'isolated'),
            byte_level(),
        ]
    )
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY_SIZE - len(CONTROL + MARKERS) - JOINED_COUNT,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        special_tokens=[],
        show_progress=False,
        min_frequency=2,
    )
    tokenizer.train_from_iterator(texts, trainer)
    return json.loads(tokenizer.to_str())


def joined_words(texts, vocabulary):
    """Merges for frequent words with their leading space or quote, and for frequent pairs of Han characters."""
    counts = collections.Counter(match for text in texts for match in regex.findall(r'[ "]\p{Latin}+', text))
    values = {word.lower() for word in WORDS_EN + CITIES_EN + GIVEN_EN + SUR_EN}
    merges = []
    for match, _ in counts.most_common(3000):
        word = match[1:]
        if word.lower() in values or word[0].isupper() and word not in ('I', 'The', 'Get'):
            continue
        if spelled(word) in vocabulary and spelled(match) not in vocabulary:
            merges.append((spelled(match[0]), spelled(word)))
        if len(merges) >= JOINED_LATIN_COUNT:
            break
    for word in JOINED_HAN:
        pair = (spelled(word[0]), spelled(word[1]))
        if pair[0] in vocabulary and pair[1] in vocabulary and len(merges) < JOINED_COUNT:
            merges.append(pair)
    return merges


def finished(description):
    """The tokenizer as it is used: Qwen2's pre-tokenizer, and the added tokens last."""
    tokenizer = Tokenizer.from_str(json.dumps(description))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(QWEN2), 'isolated'), byte_level()])
    tokenizer.decoder = decoders.ByteLevel(add_prefix_space=False, trim_offsets=False, use_regex=False)
    tokenizer.post_processor = processors.ByteLevel(add_prefix_space=False, trim_offsets=False, use_regex=False)
    tokenizer.add_special_tokens([AddedToken(text, special=True, normalized=False) for text in CONTROL])
    tokenizer.add_tokens([AddedToken(text, special=False, normalized=False) for text in MARKERS])
    padding = 0
    while tokenizer.get_vocab_size() % 64:
        tokenizer.add_special_tokens([AddedToken(f'<|extra_{padding}|>', special=True, normalized=False)])
        padding += 1
    return tokenizer


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--groups', type=int, default=6000, help='groups of the corpus to learn from')
    parser.add_argument('--seed', type=int, default=777)
    parser.add_argument('--output', default='tokenizer.json')
    arguments = parser.parse_args()
    texts = list(corpus_texts(arguments.groups, arguments.seed))
    description = learn(texts + word_lists() * max(2, arguments.groups // 250))
    vocabulary, merges = description['model']['vocab'], description['model']['merges']
    for left, right in joined_words(texts[:20000], vocabulary):
        merges.append([left, right])
        vocabulary[left + right] = len(vocabulary)
    tokenizer = finished(description)
    tokenizer.save(arguments.output)
    sample = 'Order ORD12345 in Shanghai 上海的天气 "get_order_status" {"status": "packed"} café 😀 龘'
    encoding = tokenizer.encode(sample)
    assert tokenizer.decode(encoding.ids) == sample
    print(f'{arguments.output}: {tokenizer.get_vocab_size()} tokens, {len(merges)} merges', encoding.tokens)


if __name__ == '__main__':
    main()
