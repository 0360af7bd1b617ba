"""Writes ../Fixtures/small-tokenizer.json and unicode-digests.json: what Hugging Face's tokenizers makes of small cases.

    pip install tokenizers==0.23.3
    python3 make_fixtures.py

The vocabulary is the 256 bytes and random merges, many of which never happen, so that tokens that are not their own
encoding occur; the added tokens have every combination of flags that matters.
"""
import itertools
import json
import pathlib
import random

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers

QWEN2 = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"
         r"|\s*[\r\n]+|\s+(?!\S)|\s+")
fixtures = pathlib.Path(__file__).parent.parent / "Fixtures"
random.seed(20)

printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
alphabet = {b: chr(b) for b in printable}
alphabet |= {b: chr(256 + i) for i, b in enumerate(b for b in range(256) if b not in printable)}
tokens = [alphabet[b] for b in range(256)]
merges = []
pool = [alphabet[ord(c)] for c in "abc "] + [alphabet[b] for b in "é中".encode()]
while len(merges) < 120:
    left, right = random.choice(pool), random.choice(pool)
    if left + right not in tokens and len(left + right) <= 12:
        merges.append((left, right))
        tokens.append(left + right)
        pool.append(left + right)

flags = ["stripsLeft", "stripsRight", "isNormalized", "isSingleWord"]
names = ["<plain>", "<plain>er", "<l>", "<r>", "<lr>", "<n\u00e9>", "<ne\u0301>", "word", "w\u00f6rd", "<wlr>", "  ", "日本"]
settings = [{}, {}, {"stripsLeft": 1}, {"stripsRight": 1}, {"stripsLeft": 1, "stripsRight": 1}, {"isNormalized": 1}, {},
            {"isSingleWord": 1}, {"isSingleWord": 1, "isNormalized": 1},
            {"isSingleWord": 1, "stripsLeft": 1, "stripsRight": 1}, {"isNormalized": 1}, {"isSingleWord": 1}]
tokenizer = Tokenizer(models.BPE({t: i for i, t in enumerate(tokens)}, merges))
tokenizer.normalizer = normalizers.NFC()
tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
    [pre_tokenizers.Split(Regex(QWEN2), "isolated"), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
tokenizer.decoder = decoders.ByteLevel()
added = []
for i, (name, setting) in enumerate(zip(names, settings)):
    on = {flag: bool(setting.get(flag)) for flag in flags}
    token = AddedToken(name, lstrip=on["stripsLeft"], rstrip=on["stripsRight"], normalized=on["isNormalized"],
                       single_word=on["isSingleWord"], special=i % 2 == 0)
    (tokenizer.add_special_tokens if i % 2 == 0 else tokenizer.add_tokens)([token])
    added.append({"id": tokenizer.token_to_id(name), "content": name, "isSpecial": i % 2 == 0, **on})

parts = [*names, "a", "b", "c", "ab", "abc", " ", "  ", "\n", "\t", "é", "e\u0301", "中", "1", "_", "-", "\u00a0", "'s", "\u0301", "\u24b6", "\u200d", "\u0e33"]
texts = ["", "a<plain>b", "<plain>er", "<pla", " <l> ", " <r> ", " <lr> ", "x word y", "xword", "word_", "word\u0301", "ⒶwordⒶ", "<ne\u0301>", "<n\u00e9>"]
texts += ["".join(random.choice("abc ") for _ in range(n)) for n in range(1, 80)]
texts += ["".join(random.choice(["a", "b", "c", "é", "中"]) for _ in range(n)) for n in range(1, 200, 3)]
texts += ["".join(random.choice(parts) for _ in range(random.randrange(1, 12))) for _ in range(600)]
cases = []
for text in dict.fromkeys(texts):
    ids = tokenizer.encode(text, add_special_tokens=False).ids
    # The reference takes an added token with Latin-1 letters for one spelt in bytes; its text is not asked for then.
    shown = [i for i in ids if "\ufffd" in tokenizer.decode([i], skip_special_tokens=True) and i > 255]
    cases.append({"text": text, "ids": ids, "decoded": None if shown else tokenizer.decode(ids, skip_special_tokens=True)})
out = {"tokens": tokens + names, "merges": [" ".join(m) for m in merges], "added": added, "cases": cases}
assert [tokenizer.id_to_token(i) for i in range(len(out["tokens"]))] == out["tokens"]
rows = ",\n".join(json.dumps(c) for c in cases)
head = {k: v for k, v in out.items() if k != "cases"}
(fixtures / "small-tokenizer.json").write_text(json.dumps(head)[:-1] + ', "cases": [\n' + rows + "\n]}\n")


def fnv(data, state=0xCBF29CE484222325):
    for byte in data:
        state = (state ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return state


# Each character by itself, between marks, and after a letter; and cut into pieces between symbols and between letters.
nfc = normalizers.NFC().normalize_str
split = pre_tokenizers.Split(Regex(QWEN2), "isolated")
digests = []
for block in [*range(0, 0x3400, 0x400), *range(0xA000, 0xB000, 0x800), 0xD400, *range(0xF800, 0x10000, 0x400), *range(0x10000, 0x12000, 0x400), 0x16800, 0x1D000, 0x1E000, 0x2F800]:
    points = [c for c in range(block, block + 0x400) if not 0xD800 <= c < 0xE000]
    normal = fnv("".join(nfc(f"{chr(c)}|o\u0302{chr(c)}\u0323|{chr(c)}\u0301\u0345|\u09c7{chr(c)}|\u1100{chr(c)}\u11a8") for c in points).encode())
    pieces = split.pre_tokenize_str("".join(f"!{chr(c)}!1x{chr(c)}x1 {chr(c)} 1" for c in points))
    digests.append({"block": block, "nfc": f"{normal:016x}", "pieces": f"{fnv(chr(0).join(p for p, _ in pieces).encode()):016x}"})
(fixtures / "unicode-digests.json").write_text("[\n" + ",\n".join(json.dumps(d) for d in digests) + "\n]\n")
