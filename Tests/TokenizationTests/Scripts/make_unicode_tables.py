"""Writes Sources/Tokenization/UnicodeTables.swift.

    pip install unicodedata2==16.0.0 tokenizers==0.23.3
    python3 make_unicode_tables.py > ../../../Sources/Tokenization/UnicodeTables.swift

The classes are those of Unicode 16.0, which the regular expression engine of tokenizers 0.23 (Oniguruma 6.9.10) has; its
normaliser is older and leaves marks and composites newer than Unicode 9.0 alone. So that ids come out equal, the
normalisation data is cut down to what that normaliser knows, by asking it, and everything written is checked against
it. `\\w` of single-word added tokens is UTS #18's: Alphabetic, marks, decimal digits, connectors, join controls.
"""
import sys
import unicodedata2 as ucd
from tokenizers import Regex, normalizers, pre_tokenizers

LETTER, NUMBER, SPACE, WORD, UNSTABLE = 1, 2, 4, 8, 16
points = [c for c in range(0x110000) if not 0xD800 <= c < 0xE000]
nfc = normalizers.NFC().normalize_str


def matching(pattern):
    """The code points that the reference's engine matches."""
    kept = set()
    text = "".join(map(chr, points))
    for _, (start, end) in pre_tokenizers.Split(Regex(pattern), "removed").pre_tokenize_str(text):
        kept.update(range(start, end))
    return {c for i, c in enumerate(points) if i not in kept}


letters = {c for c in points if ucd.category(chr(c))[0] == "L"}
numbers = {c for c in points if ucd.category(chr(c))[0] == "N"}
spaces = {c for c in points if chr(c).isspace() and not 0x1C <= c <= 0x1F}
assert letters == matching(r"\p{L}") and numbers == matching(r"\p{N}") and spaces == matching(r"\s")
# Other_Alphabetic outside the marks: circled and squared letters.
other_alphabetic = {*range(0x24B6, 0x24EA), *range(0x1F130, 0x1F14A), *range(0x1F150, 0x1F16A), *range(0x1F170, 0x1F18A)}
words = {c for c in points if ucd.category(chr(c)) in ("Nd", "Nl", "Pc") or ucd.category(chr(c))[0] in "LM"}
words |= other_alphabetic | {0x200C, 0x200D}

# Marks the normaliser knows are moved behind, or in front of, a mark of another class.
classes = {}
for c in points:
    own = ucd.combining(chr(c))
    if own:
        other = "\u0334" if own > 1 else "\u0345"
        known = nfc("q" + chr(c) + other) == "q" + other + chr(c) if own > 1 else nfc("q" + other + chr(c)) == "q" + chr(c) + other
        if known:
            classes[c] = own

pairs = {}
for c in points:
    parts = ucd.decomposition(chr(c))
    if parts and parts[0] != "<":
        parts = [int(p, 16) for p in parts.split()]
        composes = ucd.normalize("NFC", "".join(map(chr, parts))) == chr(c)
        if nfc("".join(map(chr, parts))) == ucd.normalize("NFC", "".join(map(chr, parts))):
            pairs[c] = (parts[0], parts[1] if len(parts) > 1 else 0, composes)
seconds = {p[1] for p in pairs.values() if p[2]} | set(range(0x1161, 0x1176)) | set(range(0x11A8, 0x11C3))
unstable = {c for c in points if c in classes or c in seconds or (c in pairs and nfc(chr(c)) != chr(c))}
for c in points:
    assert c in unstable or nfc(chr(c)) == chr(c)


def number(value):
    """Groups of five bits, the lowest first; the last one is a character from "]" on, the others are from "0" on."""
    out = ""
    while value >= 32:
        out += chr(0x30 + (value & 31))
        value >>= 5
    return out + chr(0x5D + value)


def literal(name, comment, numbers):
    text = "".join(map(number, numbers))
    lines = [text[i:i + 110] for i in range(0, len(text), 110)]
    body = "\n".join("    " + line for line in lines)
    return f'  /// {comment}\n  static let {name}: StaticString = """\n{body}\n    """\n'


def class_of(c):
    return (LETTER * (c in letters) | NUMBER * (c in numbers) | SPACE * (c in spaces) | WORD * (c in words)
            | UNSTABLE * (c in unstable))


runs = []
for c in range(0x110000):
    k = class_of(c)
    if runs and runs[-1][1] == k:
        runs[-1][0] += 1
    else:
        runs.append([1, k])
combining, previous = [], 0
for c in sorted(classes):
    if combining and combining[-1][0] + combining[-1][1] == c and combining[-1][2] == classes[c]:
        combining[-1][1] += 1
    else:
        combining.append([c, 1, classes[c]])
gaps = []
for start, length, own in combining:
    gaps += [start - previous, length, own]
    previous = start
decompositions, previous = [], 0
for c in sorted(pairs):
    first, second, composes = pairs[c]
    decompositions += [c - previous, first, second << 1 | composes]
    previous = c

print(f"""// Written by Tests/TokenizationTests/Scripts/make_unicode_tables.py from Unicode {ucd.unidata_version}; not to be edited.

/// Unicode's data as text that `UnicodeText` reads: numbers in groups of five bits.
enum UnicodeTables {{
{literal("classes", "Runs over all code points: length, `CharacterClass`.", [n for run in runs for n in run])}
{literal("combiningClasses", "Runs of marks: distance from the last run's start, length, canonical combining class.", gaps)}
{literal("decompositions", "Canonical: distance from the last code point, first, second (0: none) doubled, plus 1 if the two compose again.", decompositions)}}}""")
print(len(runs), len(combining), len(pairs), file=sys.stderr)
