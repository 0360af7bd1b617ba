"""Prints the goals of the CPU path as a table: lathe beside the best of llama.cpp's builds and paths, row by row.

    python3 Tests/Benchmarks/llama/table.py --models FOLDER --llama-bench PATH [--llama-bench PATH …]
        [--lathe PATH] [--threads 2] [--rounds 5] [--paths N] [--rows TEXT …] [--quick] [--csv | --json]

FOLDER has files that `make_model.py` wrote, named SHAPE-TYPE.gguf (0.6b-q8_0.gguf); rows of absent files are said to be
skipped. Each --llama-bench is a build (gcc's and clang's; compare.py tells how to make them). Each build runs with and
without repacked weights and with and without flash attention. In a round every program runs once, in an order that
turns; a row's result is lathe's rate over the peer's best of that round, and of the rounds the median. Rows with "kv q8"
keep keys and values in 8 bits; the peer does so with flash attention, and in halves without, as it does in other rows.
Each file is read anew first, into large pages where its file system has them, as after a start of the machine: a file that was
just written lies in small ones, which are slower for every program that maps it.
The load is printed, since a ratio from a busy machine says little. --quick takes one round of the short rows, --rows
those whose name has the text; with --paths only the peer's best N paths of the first round go on. 8 sequences over 1 is
lathe beside itself.

"of peak" is what lathe's rate is of the machine's measured limit: reads in decode, 8-bit operations in prefill, or with
bf16 weights f32 multiply-adds, of which the dot product of bfloat16 does twice as many. "goal at" is what the goal would
need of the same limit; over 100 % (bf16: 200 %) it cannot be had here.

"start to first token" is the time of a whole process: `lathe run` with a prompt of 32 tokens and one of the answer, and
llama-bench with a prompt of 32 and nothing else, which neither tokenises nor draws. "peak memory" is the resident memory of
such processes at its highest, mapped weights included.
"""
import argparse
import itertools
import json
import mmap
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

package = pathlib.Path(__file__).resolve().parents[3]

# Model, phase, tokens, depth, ratio wanted, and how keys and values are kept where not in halves.
ROWS = [
    *[
        (f"{shape}-{type_}", "prefill", tokens, 0, goal)
        for type_, goal in (("q8_0", 4), ("q4_k_m", 2.5), ("q4_0", 2.5), ("bf16", 1.8))
        for shape in ("0.6b", "4b")
        for tokens in (512, 2048)
    ],
    *[(f"0.6b-{type_}", "prefill", 32, 0, 2) for type_ in ("q8_0", "q4_k_m")],
    ("0.6b-q8_0", "decode", 32, 0, 1.25),
    ("0.6b-q4_k_m", "decode", 32, 0, 1.4),
    ("4b-q4_k_m", "decode", 32, 0, 1.15),
    ("14b-q4_k_m", "decode", 16, 0, 1),
    ("0.6b-q8_0", "decode", 32, 4096, 2),
    ("0.6b-q8_0", "decode", 32, 16_384, 2),
    ("0.6b-q8_0", "decode", 32, 4096, 2, "q8"),
    ("mini-q8_0", "decode", 256, 0, 2),
    ("mini-q8_0", "decode", 256, 4096, 5),
    ("mini-q8_0", "decode", 256, 4096, 5, "q8"),
]
BATCH_MODEL, BATCH_GOAL = "0.6b-q8_0", 4
BATCH_NAME = f"{BATCH_MODEL} 8 sequences over 1"
# Model, and how many times sooner than the peer with repacked and with plain weights.
STARTS = [("0.6b-q8_0", 3, 1.5), ("0.6b-q4_k_m", 3, 1.5), ("4b-q4_k_m", 3, 1.5)]
# Model and tokens of the prompt.
MEMORY = [("0.6b-q8_0", 2048), ("0.6b-q4_k_m", 2048), ("4b-q4_k_m", 512)]


def lathe(options, model, phase, tokens, depth, kv=None, batch=1):
    words = [options.lathe, "bench", "--model", model, "--json", "--repeat", "1", "--batch", batch, "--depth", depth]
    words += ["--kv", kv] if kv else []
    words += ["--threads", options.threads, "--prompt-tokens", tokens if phase == "prefill" else 0]
    words += ["--generate", tokens if phase == "decode" else 0]
    rows = [json.loads(line) for line in run(words).splitlines()]
    row = next(row for row in rows if row.get("phase") == phase)
    share = row["share_of_operation_peak" if phase == "prefill" else "share_of_read_peak"]
    return row["tokens_per_s"], share


def llama(options, path, model, phase, tokens, depth, kv):
    build, repack, flash = path
    words = [build, "-m", model, "-o", "json", "-r", "1", "-t", options.threads, "-d", depth]
    words += ["-p", tokens if phase == "prefill" else 0, "-n", tokens if phase == "decode" else 0]
    words += ["-fa", flash, *options.repack_flags[repack]]
    if kv == "q8" and flash:
        words += ["-ctk", "q8_0", "-ctv", "q8_0"]
    return json.loads(run(words))[0]["avg_ts"]


def process(words, text=""):
    """Seconds and highest resident bytes of a program from its start to its end."""
    words = [str(word) for word in words]
    with tempfile.TemporaryFile() as source, tempfile.TemporaryFile() as errors:
        source.write(text.encode())
        source.seek(0)
        start = time.monotonic()
        child = subprocess.Popen(words, stdin=source, stdout=subprocess.DEVNULL, stderr=errors)
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.monotonic() - start
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode != 0:
            errors.seek(0)
            sys.exit(f"{' '.join(words)}\nended with {child.returncode}: {errors.read().decode()[-400:]}")
    return seconds, usage.ru_maxrss * 1024


def lathe_run(options, model, tokens):
    """The first token of an answer to a prompt of so many tokens, of which the template has its share."""
    words = [options.lathe, "run", options.workspace, "--prompt", "-", "--no-think", "--temperature", "0"]
    words += ["--max-tokens", "1", "--threads", options.threads, "--model", model, "--context", max(4096, tokens + 64)]
    if (model, tokens) not in options.texts:
        def count(text):
            done = subprocess.run([str(word) for word in [*words, "--json"]], input=text, capture_output=True, text=True)
            lines = map(json.loads, done.stdout.splitlines())
            return next(line["tokens"]["prompt"] for line in lines if line["event"] == "finished")
        short = count("a")
        options.texts[model, tokens] = "a" + " a" * (tokens - short)
    return process(words, options.texts[model, tokens])


def llama_prompt(options, build, repack, model, tokens):
    words = [build, "-m", model, "-r", "1", "-t", options.threads, "-p", tokens, "-n", "0", "--no-warmup"]
    return process([*words, *options.repack_flags[repack]])


def read_anew(path):
    """Has the kernel forget what it keeps of the file and read it into large pages."""
    with open(path, "rb") as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        with mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ) as mapping:
            mapping.madvise(mmap.MADV_HUGEPAGE)
            for start in range(0, len(mapping), 1 << 26):
                size = min(1 << 26, len(mapping) - start)
                for place in range(start, start + size, mmap.PAGESIZE):
                    mapping[place]
                # A child's highest resident memory begins with what its parent has.
                mapping.madvise(mmap.MADV_DONTNEED, start, size)


def start_name(name):
    return f"{name} start to first token, s"


def memory_name(name, tokens):
    return f"{name} peak memory at {tokens}, MB"


def measure_start(options, name, repack, goal):
    model = options.models / f"{name}.gguf"
    programs = {"lathe": lambda: lathe_run(options, model, 32)[0]}
    for build in options.llama_bench:
        programs[build] = lambda build=build: llama_prompt(options, build, repack, model, 32)[0]
    seconds = rounds(options, programs)
    ours = seconds.pop("lathe")
    ratios = [min(seconds[peer][turn] for peer in seconds) / mine for turn, mine in enumerate(ours)]
    best = min(seconds, key=lambda peer: statistics.median(seconds[peer]))
    return result(
        start_name(name), statistics.median(ours), statistics.median(seconds[best]),
        f"{best} {'repacked' if repack else 'plain'}", statistics.median(ratios), goal,
    )


def measure_memory(options, name, tokens):
    """Once: memory does not vary as time does."""
    model = options.models / f"{name}.gguf"
    ours = lathe_run(options, model, tokens)[1]
    peaks = {
        f"{build} {'repacked' if repack else 'plain'}": llama_prompt(options, build, repack, model, tokens)[1]
        for build, repack in itertools.product(options.llama_bench, (1, 0))
    }
    best = min(peaks, key=peaks.get)
    return result(memory_name(name, tokens), ours / 1e6, peaks[best] / 1e6, best, peaks[best] / ours, 1)


def run(words):
    done = subprocess.run([str(word) for word in words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, words))}\nended with {done.returncode}: {done.stderr.strip()[-400:]}")
    return done.stdout


def rounds(options, programs, kept=None):
    """Tokens a second by program, one a round; the order turns. After the first round `kept` says who goes on."""
    rates = {name: [] for name in programs}
    for turn in range(options.rounds):
        names = list(programs)
        for name in names if turn % 2 == 0 else reversed(names):
            rates[name].append(programs[name]())
        if turn == 0 and kept:
            names = kept(rates)
            programs, rates = ({name: values[name] for name in names} for values in (programs, rates))
    return rates


def name_of(row):
    name, phase, tokens, depth, _, kv = (*row, None)[:6]
    return f"{name} {phase} {tokens} at {depth}" + (f", kv {kv}" if kv else "")


def measure(options, row):
    name, phase, tokens, depth, goal, kv = (*row, None)[:6]
    model = options.models / f"{name}.gguf"
    paths = itertools.product(options.llama_bench, (1, 0), (0, 1))
    shares = []

    def bench():
        rate, share = lathe(options, model, phase, tokens, depth, kv)
        shares.append(share)
        return rate

    def best_paths(rates):
        peers = sorted((name for name in rates if name != "lathe"), key=lambda name: -rates[name][0])
        return ["lathe", *peers[: options.paths]]

    programs = {"lathe": bench}
    for path in paths:
        label = f"{path[0]} {'repacked' if path[1] else 'plain'}{' flash' if path[2] else ''}"
        programs[label] = lambda path=path: llama(options, path, model, phase, tokens, depth, kv)
    rates = rounds(options, programs, best_paths if options.paths else None)
    ours = rates.pop("lathe")
    ratios = [mine / max(rates[peer][turn] for peer in rates) for turn, mine in enumerate(ours)]
    best = max(rates, key=lambda peer: statistics.median(rates[peer]))
    return result(
        name_of(row), statistics.median(ours), statistics.median(rates[best]), best, statistics.median(ratios), goal,
        statistics.median(shares),
    )


def measure_batch(options):
    model = options.models / f"{BATCH_MODEL}.gguf"
    rates = rounds(options, {n: lambda n=n: lathe(options, model, "decode", 32, 0, batch=n)[0] for n in (8, 1)})
    ratio = statistics.median(eight / one for eight, one in zip(rates[8], rates[1]))
    return result(
        BATCH_NAME, statistics.median(rates[8]), statistics.median(rates[1]),
        "lathe, one sequence", ratio, BATCH_GOAL,
    )


def result(row, ours, theirs, peer, ratio, goal, share=None):
    return {
        "row": row, "lathe": ours, "llama_cpp": theirs, "peer": peer, "ratio": ratio, "goal": goal,
        "met": ratio >= goal, "load": os.getloadavg()[0], "share_of_peak": share,
        "goal_share_of_peak": share and share * goal / ratio,
    }


def show(options, row):
    if options.json:
        print(json.dumps(row), flush=True)
    elif options.csv:
        print(",".join(str(value) for value in row.values()), flush=True)
    else:
        print(
            f"{row['row']:34} {row['lathe']:10.4g} {row['llama_cpp']:10.4g} {row['ratio']:7.2f} "
            f"{row['goal']:6} {'met' if row['met'] else 'short':6} {row['load']:5.1f} "
            f"{percent(row['share_of_peak'])} {percent(row['goal_share_of_peak'])}  {row['peer']}",
            flush=True,
        )


def percent(share):
    return " " * 7 if share is None else f"{share:7.0%}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", type=pathlib.Path, required=True)
    parser.add_argument("--llama-bench", action="append", required=True)
    parser.add_argument("--lathe", default=package / ".build/release/lathe")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--paths", type=int)
    parser.add_argument("--rows", action="append", metavar="TEXT")
    parser.add_argument("--quick", action="store_true")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--csv", action="store_true")
    form.add_argument("--json", action="store_true")
    options = parser.parse_args()
    options.repack_flags = {1: [], 0: ["--repack", "0"]}
    options.texts = {}
    options.workspace = tempfile.mkdtemp()
    (pathlib.Path(options.workspace) / "workspace.json").write_text('{"title": "benchmark"}\n')
    if options.quick:
        options.rounds = 1
    def is_chosen(name):
        return not options.rows or any(text in name for text in options.rows)

    chosen = [
        row for row in ROWS
        if is_chosen(name_of(row)) and (not options.quick or row[2] <= 512 and row[3] <= 4096 and "4b-" not in row[0])
    ]
    measured = {row[0] for row in chosen}
    measured |= {BATCH_MODEL} if is_chosen(BATCH_NAME) else set()
    measured |= {name for name, _, _ in STARTS if is_chosen(start_name(name))}
    measured |= {name for name, tokens in MEMORY if is_chosen(memory_name(name, tokens))}
    if options.csv:
        print("row,lathe,llama_cpp,peer,ratio,goal,met,load,share_of_peak,goal_share_of_peak")
    elif not options.json:
        print(f"{options.threads} threads, medians of {options.rounds}, tokens/s unless the row says otherwise")
        print(f"{'row':34} {'lathe':>10} {'llama.cpp':>10} {'ratio':>7} {'goal':>6} {'':6} {'load':>5} {'of peak':>7} {'goal at':>7}  best path")
    skipped = set()
    for path in sorted(options.models.glob("*.gguf")):
        if path.stem in measured:
            read_anew(path)
    for row in chosen:
        if (options.models / f"{row[0]}.gguf").exists():
            show(options, measure(options, row))
        else:
            skipped.add(row[0])
    if is_chosen(BATCH_NAME) and (options.models / f"{BATCH_MODEL}.gguf").exists():
        show(options, measure_batch(options))
    for name, repacked, plain in STARTS:
        if is_chosen(start_name(name)) and (options.models / f"{name}.gguf").exists():
            show(options, measure_start(options, name, 1, repacked))
            show(options, measure_start(options, name, 0, plain))
    for name, tokens in MEMORY:
        if is_chosen(memory_name(name, tokens)) and (options.models / f"{name}.gguf").exists():
            show(options, measure_memory(options, name, tokens))
    shutil.rmtree(options.workspace)
    if skipped:
        print(f"skipped, no file in {options.models}: {', '.join(sorted(skipped))}", file=sys.stderr)


main()
