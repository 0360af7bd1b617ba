"""Prints how far lathe and llama.cpp are from float32 on the same files: what rounding inputs, keys and values costs.

    python3 Tests/Benchmarks/llama/accuracy.py --logits PATH [--lathe PATH] [--threads 2] [--text FILE] MODEL.gguf …

The reference is `lathe logits --exact --kv f32`: weights expanded, everything else in float32, which the tests hold to
within 1e-4 of transformers. Over a fixed text in two languages, or that of a file, and of each program, against the
reference:

    mean logit    mean difference of a logit, as a share of their standard deviation
    largest       largest difference of a logit, as a share of the largest logit
    log-prob      mean difference of the log-probability of the token that follows
    perplexity    change of the mean log-probability, that is of the logarithm of the perplexity

--logits is logits.cpp, built against a build of llama.cpp with static libraries (compare.py tells how to make one; add
-DBUILD_SHARED_LIBS=OFF):

    c++ -O2 -fopenmp -I SOURCE/include -I SOURCE/ggml/include Tests/Benchmarks/llama/logits.cpp BUILD/src/libllama.a \\
        BUILD/ggml/src/libggml.a BUILD/ggml/src/libggml-cpu.a BUILD/ggml/src/libggml-base.a -lpthread -ldl -o logits

It is asked with repacked and with plain weights, with flash attention and without. Needs numpy.
"""
import argparse
import itertools
import json
import pathlib
import subprocess
import tempfile

import numpy

package = pathlib.Path(__file__).resolve().parents[3]

TEXT = """A function schema tells a model what a program can do: its name, what it is for, and which values it takes. \
Whoever writes one learns soon that a description of six words decides more than the type of a parameter does.
天气查询函数需要一个城市名称；如果用户没有说明单位，就使用摄氏度。结果里有温度、湿度和风速，回答时要把每个数值都说清楚。
{"name": "get_weather", "description": "Current weather of a city", "parameters": {"type": "object", "properties": \
{"city": {"type": "string"}, "unit": {"type": "string", "enum": ["celsius", "fahrenheit"]}}, "required": ["city"]}}
On 12 March 2024 at 07:45 it was 3.5 degrees in Tromsø, 31 in 広州 and -18 in Якутск."""


def run(words, text):
    return subprocess.run([str(word) for word in words], input=text, text=True, check=True, capture_output=True).stdout


def tokens(options, model):
    line = json.dumps({"text": options.text.read_text() if options.text else TEXT})
    return json.loads(run([options.lathe, "tokenize", "--model", model], line))["ids"]


def lathe(options, model, ids, *more):
    with tempfile.NamedTemporaryFile(suffix=".f32") as file:
        words = [options.lathe, "logits", "--model", model, "--threads", options.threads, "--full", file.name, *more]
        run(words, json.dumps({"ids": ids, "top": 1}))
        return numpy.fromfile(file.name, "<f4").reshape(len(ids), -1)


def llama(options, model, ids, repack, flash):
    with tempfile.NamedTemporaryFile(suffix=".f32") as file:
        words = [options.logits, model, options.threads, repack, flash, file.name]
        run(words, " ".join(map(str, ids)))
        return numpy.fromfile(file.name, "<f4").reshape(len(ids), -1)


def log_probabilities(logits, ids):
    """Of each id but the first, given those before it."""
    logits = logits[:-1].astype(numpy.float64)
    largest = logits.max(axis=1)
    normal = largest + numpy.log(numpy.exp(logits - largest[:, None]).sum(axis=1))
    return logits[numpy.arange(len(ids) - 1), ids[1:]] - normal


def differences(found, expected, ids):
    off = numpy.abs(found - expected)
    ours, theirs = log_probabilities(found, ids), log_probabilities(expected, ids)
    return (
        off.mean() / expected.std(), off.max() / numpy.abs(expected).max(), numpy.abs(ours - theirs).mean(),
        ours.mean() - theirs.mean(),
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="+", type=pathlib.Path)
    parser.add_argument("--logits", type=lambda path: pathlib.Path(path).resolve())
    parser.add_argument("--lathe", default=package / ".build/release/lathe")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--text", type=pathlib.Path)
    options = parser.parse_args()
    print(f"{'':44} {'mean logit':>10} {'largest':>10} {'log-prob':>10} {'perplexity':>11}")
    for model in options.models:
        ids = tokens(options, model)
        reference = lathe(options, model, ids, "--exact", "--kv", "f32")
        programs = {"lathe": lambda: lathe(options, model, ids)}
        for kv in ("f16", "q8"):
            programs[f"lathe --kv {kv}"] = lambda kv=kv: lathe(options, model, ids, "--kv", kv)
        for repack, flash in itertools.product((1, 0), (0, 1)) if options.logits else ():
            label = f"llama.cpp {'repacked' if repack else 'plain'}{' flash' if flash else ''}"
            programs[label] = lambda repack=repack, flash=flash: llama(options, model, ids, repack, flash)
        for label, program in programs.items():
            logit, largest, log_probability, perplexity = differences(program()[:, : reference.shape[1]], reference, ids)
            name = f"{model.stem} {label}"
            print(f"{name:44} {logit:10.5f} {largest:10.5f} {log_probability:10.5f} {perplexity:+11.5f}", flush=True)


main()
