"""Encodes common/bench/mixed.txt with this package and with tiktoken, alternating, on one and the same processor.

    pip install tiktoken
    python3 Tests/Benchmarks/tokenizer/compare.py [ROUNDS]

Both are timed in processor seconds of the one thread that works; rates are megabytes (10^6) of UTF-8 a second. tiktoken
gets its text in NFC, since it does not normalise; ours normalises within the time. "cold" is the first encoding after
the tokenizer was made. The golden data is ../shared/reference, or where LATHE_REFERENCE points.
"""
import array
import gzip
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time
import unicodedata

import tiktoken

package = pathlib.Path(__file__).resolve().parents[3]
reference = pathlib.Path(os.environ.get("LATHE_REFERENCE", package.parent / "shared/reference")) / "common"
rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5


def build():
    """Compiles main.swift against the optimised modules."""
    subprocess.run(["swift", "build", "-c", "release", "--target", "Tokenization"], cwd=package, check=True, stdout=sys.stderr)
    release = package / ".build/release"
    objects = [str(o) for name in ("JSON", "ModelFiles", "Tokenization") for o in (release / f"{name}.build").glob("*.o")]
    program = release / "tokenizer-rate"
    source = pathlib.Path(__file__).with_name("main.swift")
    subprocess.run(["swiftc", "-O", str(source), "-I", str(release / "Modules"), *objects, "-o", str(program)], check=True)
    return program


def tiktoken_encoding(data):
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    byte_of = {chr(b): b for b in printable}
    byte_of |= {chr(256 + i): b for i, b in enumerate(b for b in range(256) if b not in printable)}
    ranks = {bytes(byte_of[c] for c in token): i for token, i in data["model"]["vocab"].items()}
    pattern = data["pre_tokenizer"]["pretokenizers"][0]["pattern"]["Regex"]
    return tiktoken.Encoding("qwen3", pat_str=pattern, mergeable_ranks=ranks,
                             special_tokens={t["content"]: t["id"] for t in data["added_tokens"]})


def seconds(body):
    start = time.thread_time()
    body()
    return time.thread_time() - start


program = build()
os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
text = (reference / "bench/mixed.txt").read_bytes()
expected = array.array("I", gzip.open(reference / "bench/mixed.ids.u32.gz").read()).tolist()
data = json.loads(gzip.open(reference / "qwen3-hf/tokenizer.json.gz").read())
nfc = unicodedata.normalize("NFC", text.decode())
megabytes = len(text) / 1e6
ours, theirs = [], {"init_ms": [], "cold": [], "warm": []}
for _ in range(rounds):
    out = subprocess.run([program, reference / "qwen3-vocab.gguf", reference / "bench/mixed.txt", str(len(expected))],
                         check=True, capture_output=True, text=True).stdout
    ours.append(json.loads(out))
    start = time.thread_time()
    encoding = tiktoken_encoding(data)
    theirs["init_ms"].append((time.thread_time() - start) * 1e3)
    theirs["cold"].append(megabytes / seconds(lambda: encoding.encode(nfc, allowed_special="all")))
    theirs["warm"].append(megabytes / statistics.median(
        seconds(lambda: encoding.encode(nfc, allowed_special="all")) for _ in range(5)))
assert encoding.encode(nfc, allowed_special="all") == expected
result = {
    "lathe": {key: round(statistics.median(o[key] for o in ours), 1) for key in ours[0]},
    "tiktoken": {key: round(statistics.median(values), 1) for key, values in theirs.items()},
}
result["times_tiktoken"] = {key: round(result["lathe"][key] / result["tiktoken"][key], 1) for key in ("cold", "warm")}
print(json.dumps(result, indent=2))
