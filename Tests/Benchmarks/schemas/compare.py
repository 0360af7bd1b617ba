"""Runs `lathe validate --decode --timings`, llguidance and XGrammar over the same schemas and tool sets, and prints a table.

    pip install xgrammar llguidance            # XGrammar wants torch; the CPU one will do
    swift build -c release
    python3 Tests/Benchmarks/schemas/compare.py [--lathe PATH] [--every 9] [--peer llguidance --peer xgrammar] [--limit 30]

Every one follows the same values token by token, written with one space after commas and colons, on one thread, each
grammar just compiled, with the mask asked for before each token and behind the last; times are processor time of the
thread. Ours has the clock's own reading in it (about 0.4 us), the peers' have their Python binding's too. A schema counts
as right if it compiles, every valid value is admitted and every invalid one refused; ours adds the validation that always
follows the decoder, the peers have none. A schema that takes a peer longer than --limit seconds counts as not compiled.

The tool sets are BFCL's. Ours is the whole Qwen form with <tool_call>, choice "required"; the peers get the JSON of each
call under one anyOf of {"name": const, "arguments": schema}.

The golden data is ../shared/reference, or where LATHE_REFERENCE points; --every 1 takes all 921 schemas (XGrammar needs the
better part of an hour).
"""
import argparse
import gzip
import json
import os
import pathlib
import queue
import subprocess
import sys
import tempfile
import threading
import time

package = pathlib.Path(__file__).resolve().parents[3]
reference = pathlib.Path(os.environ.get("LATHE_REFERENCE", package.parent / "shared/reference"))
VOCABULARY = 151936


def text_of(value):
    return json.dumps(value, ensure_ascii=False, separators=(", ", ": "))


def rows_of(path, every):
    with open(path, encoding="utf-8") as lines:
        return [json.loads(line) for line in lines][every - 1 :: every]


def tool_schema(row):
    functions = [tool["function"] for tool in row["tools"]]
    return {
        "anyOf": [
            {
                "type": "object",
                "properties": {"name": {"const": f["name"]}, "arguments": f.get("parameters", {"type": "object"})},
                "required": ["name", "arguments"],
                "additionalProperties": False,
            }
            for f in functions
        ]
    }


# MARK: The peers, each in a process of its own, so that a schema that takes too long can be left.


def tokenizer():
    from transformers import PreTrainedTokenizerFast

    packed = reference / "common/qwen3-hf/tokenizer.json.gz"
    with tempfile.NamedTemporaryFile("wb", suffix=".json", delete=False) as file:
        file.write(gzip.open(packed).read())
    made = PreTrainedTokenizerFast(tokenizer_file=file.name, eos_token="<|im_end|>")
    os.unlink(file.name)
    return made


class LLGuidance:
    def __init__(self, hf):
        import llguidance
        import llguidance.hf
        import llguidance.numpy

        self.module, self.numpy = llguidance, llguidance.numpy
        self.tokens = llguidance.hf.from_tokenizer(hf, n_vocab=VOCABULARY)
        self.bitmask = llguidance.numpy.allocate_token_bitmask(1, VOCABULARY)

    def compile(self, schema):
        options = {"whitespace_flexible": False, "item_separator": ", ", "key_separator": ": "}
        grammar = self.module.LLMatcher.grammar_from_json_schema(json.dumps(schema), overrides=options)
        matcher = self.module.LLMatcher(self.tokens, grammar, log_level=0)
        if matcher.is_error():
            raise ValueError(matcher.get_error())
        return matcher

    def start(self, compiled):
        return compiled.deep_copy()

    def mask(self, matcher):
        self.numpy.fill_next_token_bitmask(matcher, self.bitmask, 0)

    def accept(self, matcher, token):
        return matcher.consume_token(token)

    def ends(self, matcher):
        return matcher.is_accepting()


class XGrammar:
    def __init__(self, hf):
        import xgrammar

        self.module = xgrammar
        info = xgrammar.TokenizerInfo.from_huggingface(hf, vocab_size=VOCABULARY)
        self.end = hf.eos_token_id
        self.compiler = xgrammar.GrammarCompiler(info, max_threads=1, cache_enabled=False)
        self.bitmask = xgrammar.allocate_token_bitmask(1, VOCABULARY)

    def compile(self, schema):
        return self.compiler.compile_json_schema(
            json.dumps(schema), any_whitespace=False, separators=(", ", ": "), strict_mode=True
        )

    def start(self, compiled):
        return self.module.GrammarMatcher(compiled)

    def mask(self, matcher):
        matcher.fill_next_token_bitmask(self.bitmask)

    def accept(self, matcher, token):
        return matcher.accept_token(token)

    def ends(self, matcher):
        return matcher.accept_token(self.end)


PEERS = {"llguidance": LLGuidance, "xgrammar": XGrammar}


def work(name):
    hf = tokenizer()
    peer = PEERS[name](hf)
    print("ready", flush=True)
    clock = time.thread_time_ns
    for line in sys.stdin:
        row = json.loads(line)
        result = {"compiled": False, "admitted": [], "masks": []}
        try:
            start = clock()
            compiled = peer.compile(row["schema"])
            result["compile"] = clock() - start
            result["compiled"] = True
            for value in row["values"]:
                matcher = peer.start(compiled)
                admitted = True
                for token in hf.encode(text_of(value)):
                    start = clock()
                    peer.mask(matcher)
                    result["masks"].append(clock() - start)
                    if not peer.accept(matcher, token):
                        admitted = False
                        break
                if admitted:
                    start = clock()
                    peer.mask(matcher)
                    result["masks"].append(clock() - start)
                    admitted = bool(peer.ends(matcher))
                result["admitted"].append(admitted)
        except Exception as error:
            result["error"] = str(error)[:200]
        print(json.dumps(result), flush=True)


class Worker:
    def __init__(self, name):
        self.name = name
        self.process = None

    def begin(self):
        self.process = subprocess.Popen(
            [sys.executable, __file__, "--work", self.name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.lines = queue.Queue()
        stream, lines = self.process.stdout, self.lines
        def pump():
            for line in stream:
                lines.put(line)
            lines.put("")
        threading.Thread(target=pump, daemon=True).start()
        if self.lines.get(timeout=300).strip() != "ready":
            raise SystemExit(f"{self.name} does not start; is it installed?")

    def ask(self, row, limit):
        if self.process is None:
            self.begin()
        self.process.stdin.write(json.dumps(row) + "\n")
        self.process.stdin.flush()
        try:
            line = self.lines.get(timeout=limit)
        except queue.Empty:
            line = ""
        if line:
            return json.loads(line)
        self.process.kill()
        self.process.wait()
        self.process = None
        return {"compiled": False, "admitted": [], "masks": [], "error": "took too long or crashed"}


# MARK: The table


def quantiles(values):
    values = sorted(values)
    return [values[min(len(values) - 1, int(len(values) * q))] for q in (0.5, 0.95, 0.99, 1)] if values else [0] * 4


def figures(results, expected):
    """`expected`: by row, whether each value is valid."""
    compiled = [(r, e) for r, e in zip(results, expected) if r["compiled"]]
    pairs = [(a, v) for r, e in compiled for a, v in zip(r["admitted"], e)]
    first = [r["masks"][0] for r, _ in compiled if r["masks"]]
    return {
        "compiled": len(compiled),
        "right": sum(len(r["admitted"]) == len(e) and all(a == v for a, v in zip(r["admitted"], e)) for r, e in compiled),
        "valid refused": sum(v and not a for a, v in pairs),
        "invalid admitted": sum(a and not v for a, v in pairs),
        "compile": quantiles([r["compile"] / 1e6 for r, _ in compiled]),
        "both": quantiles([(r["compile"] + r["masks"][0]) / 1e6 for r, _ in compiled if r["masks"]]),
        "mask": quantiles([m / 1e3 for r, _ in compiled for m in r["masks"]]),
    }


def lathe(program, rows):
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8") as file:
        for row in rows:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
        file.flush()
        command = [program, "validate", "--decode", "--model", str(reference / "common/qwen3-vocab.gguf"),
                   "--timings", "--then-check", "--json", file.name]
        output = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False).stdout
    results = []
    for line in map(json.loads, output.splitlines()):
        if "totals" in line:
            continue
        masks = [m * 1e3 for m in line.get("mask_us", [])]
        first = line.get("first_mask_us", 0) * 1e3
        if masks:  # in a call's form the first mask is not the opening's but the one behind it
            masks[0] = max(masks[0], first)
        results.append({"compiled": line["compiled"], "admitted": line["results"], "masks": masks,
                        "compile": line.get("compile_us", 0) * 1e3})
    return results


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--lathe", default=str(package / ".build/release/lathe"))
    options.add_argument("--every", type=int, default=9)
    options.add_argument("--peer", action="append", choices=sorted(PEERS))
    options.add_argument("--limit", type=float, default=30)
    options.add_argument("--work", help=argparse.SUPPRESS)
    arguments = options.parse_args()
    if arguments.work:
        return work(arguments.work)

    schemas = rows_of(reference / "schemas/schemas-dev.jsonl", arguments.every)
    calls = [row for row in rows_of(reference / "bfcl/bfcl-dev.jsonl", 1) if row.get("calls")]
    workers = {name: Worker(name) for name in arguments.peer or sorted(PEERS)}
    sets = {
        f"{len(schemas)} schemas": (
            schemas,
            [{"schema": r["schema"], "values": [t["data"] for t in r["tests"]]} for r in schemas],
            [[t["valid"] for t in r["tests"]] for r in schemas],
        ),
        f"{len(calls)} tool sets": (
            calls,
            [{"schema": tool_schema(r), "values": r["calls"]} for r in calls],
            [[True] * len(r["calls"]) for r in calls],
        ),
    }
    print("load", ", ".join(f"{value:.1f}" for value in os.getloadavg()))
    for title, (ours, theirs, expected) in sets.items():
        table = {"lathe": figures(lathe(arguments.lathe, ours), [[True]] * len(ours) if "tools" in ours[0] else expected)}
        for name, worker in workers.items():
            results = [worker.ask(row, arguments.limit) for row in theirs]
            table[name] = figures(results, expected)
        print(f"\n{title:20}" + "".join(f"{name:>26}" for name in table))
        for key in ("compiled", "right", "valid refused", "invalid admitted"):
            print(f"{key:20}" + "".join(f"{f[key]:>26}" for f in table.values()))
        for label, key in (("compile ms", "compile"), ("+ first mask ms", "both"), ("mask us", "mask")):
            cells = ["/".join(f"{v:.3g}" for v in f[key]) for f in table.values()]
            print(f"{label:20}" + "".join(f"{cell:>26}" for cell in cells))
    print("\np50/p95/p99/max")


main()
