"""Runs `lathe bench` and llama.cpp's llama-bench on one file, alternately, and prints medians and their ratios.

    python3 Tests/Benchmarks/llama/compare.py --model FILE.gguf --llama-bench PATH [--lathe PATH] [--threads 2]
        [--prompt-tokens 512] [--generate 32] [--depth 0 --depth 4096] [--rounds 5] [-- OPTIONS OF llama-bench]

Both get the same threads, lengths and depths, and take turns within each round, so that a machine that slows down slows
both; only the ratio counts, and the load is printed. What follows `--` goes to llama-bench: `-r`, `-t`, `-p`, `-n`, `-d`
are taken; `--repack 0` (its plain kernels) and `-fa 1` (its flash attention) are worth a run each, since the peer is the
better of them. Without --llama-bench, lathe is measured alone.

llama-bench is built from the source that PyPI's llama-cpp-python carries (the tools are left out of its wheel):

    pip install cmake
    pip download --no-deps --no-binary llama-cpp-python llama-cpp-python
    tar xf llama_cpp_python-*.tar.gz && cd llama_cpp_python-*/vendor/llama.cpp
    cmake -B build -DCMAKE_BUILD_TYPE=Release -DGGML_NATIVE=ON -DLLAMA_CURL=OFF -DLLAMA_BUILD_TESTS=OFF
    cmake --build build --target llama-bench -j 2                   # build/bin/llama-bench

Build it with gcc and with clang (-DCMAKE_C_COMPILER=clang -DCMAKE_CXX_COMPILER=clang++): which is faster differs by type.
lathe is built with `swift build -c release`.
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys

package = pathlib.Path(__file__).resolve().parents[3]


def lathe(options, depth):
    """Tokens a second by phase."""
    words = [options.lathe, "bench", "--model", options.model, "--json", "--repeat", "1", "--batch", "1"]
    words += ["--threads", options.threads, "--prompt-tokens", options.prompt_tokens, "--generate", options.generate]
    lines = run([*words, "--depth", depth]).splitlines()[1:]  # the first tells of the machine
    return {row["phase"]: row["tokens_per_s"] for row in map(json.loads, lines)}


def llama(options, depth):
    words = [options.llama_bench, "-m", options.model, "-o", "json", "-r", "1", "-t", options.threads]
    words += ["-p", options.prompt_tokens, "-n", options.generate, "-d", depth, *options.rest]
    return {"prefill" if row["n_prompt"] else "decode": row["avg_ts"] for row in json.loads(run(words))}


def run(words):
    return subprocess.run([str(word) for word in words], check=True, stdout=subprocess.PIPE, text=True).stdout


def main():
    words = sys.argv[1:]
    split = words.index("--") if "--" in words else len(words)
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True)
    parser.add_argument("--llama-bench")
    parser.add_argument("--lathe", default=package / ".build/release/lathe")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--prompt-tokens", type=int, default=512)
    parser.add_argument("--generate", type=int, default=32)
    parser.add_argument("--depth", type=int, action="append")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args(words[:split])
    options.rest = words[split + 1 :]
    if options.llama_bench and options.model.startswith("random:"):
        parser.error("llama-bench reads files; --model is a .gguf file where --llama-bench is given")

    programs = {"lathe": lathe} | ({"llama.cpp": llama} if options.llama_bench else {})
    print(f"{options.model}, {options.threads} threads, {options.rounds} rounds, llama-bench {' '.join(options.rest)}")
    for depth in options.depth or [0]:
        rates = {}  # (program, phase) to tokens a second, one a round
        loads = []
        for turn in range(options.rounds):
            names = list(programs) if turn % 2 == 0 else list(reversed(programs))
            for name in names:
                loads.append(os.getloadavg()[0])
                for phase, rate in programs[name](options, depth).items():
                    rates.setdefault((name, phase), []).append(rate)
        print(f"depth {depth}, load {min(loads):.1f} to {max(loads):.1f}")
        for phase in ("prefill", "decode"):
            medians = {name: statistics.median(rates[name, phase]) for name in programs if (name, phase) in rates}
            cells = [f"{name} {rate:10.1f} tokens/s" for name, rate in medians.items()]
            if len(medians) == 2:
                # Of each round, so that what moved between rounds cancels out.
                pairs = zip(rates["lathe", phase], rates["llama.cpp", phase])
                cells.append(f"ratio {statistics.median(ours / theirs for ours, theirs in pairs):.2f}")
            print(f"  {phase:8}" + "   ".join(cells), flush=True)


main()
