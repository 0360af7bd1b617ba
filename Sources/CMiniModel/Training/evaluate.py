"""Evaluates an exported model on unseen functions and values: greedy decoding by transformers' Qwen3ForCausalLM.

Prints a table and writes every case with its output into a report.
"""

import argparse
import collections
import json
import re

import torch
from tokenizers import Tokenizer
from transformers import Qwen3ForCausalLM

from corpus import Corpus, render


class Runner:
    """Greedy decoding of many prompts."""

    def __init__(self, folder):
        self.model = Qwen3ForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
        self.tokenizer = Tokenizer.from_file(f'{folder}/tokenizer.json')
        self.end_of_turn = self.tokenizer.token_to_id('<|im_end|>')
        self.end_of_text = self.tokenizer.token_to_id('<|endoftext|>')

    @torch.inference_mode()
    def generate(self, prompts, longest=240, batch_size=24):
        """-> the text that follows each prompt, without the token that ends it"""
        encoded = [self.tokenizer.encode(prompt, add_special_tokens=False).ids for prompt in prompts]
        order = sorted(range(len(prompts)), key=lambda i: len(encoded[i]))
        texts = [''] * len(prompts)
        for start in range(0, len(order), batch_size):
            batch = order[start : start + batch_size]
            width = max(len(encoded[i]) for i in batch)
            ids = torch.full((len(batch), width), self.end_of_text)
            mask = torch.zeros(len(batch), width, dtype=torch.long)
            for row, i in enumerate(batch):
                ids[row, width - len(encoded[i]) :] = torch.tensor(encoded[i])
                mask[row, width - len(encoded[i]) :] = 1
            output = self.model.generate(
                input_ids=ids,
                attention_mask=mask,
                max_new_tokens=longest,
                do_sample=False,
                eos_token_id=[self.end_of_turn, self.end_of_text],
                pad_token_id=self.end_of_text,
            )
            for row, i in enumerate(batch):
                tokens = output[row, width:].tolist()
                if self.end_of_turn in tokens:
                    tokens = tokens[: tokens.index(self.end_of_turn)]
                tokens = [token for token in tokens if token != self.end_of_text]
                texts[i] = self.tokenizer.decode(tokens, skip_special_tokens=False)
        return texts


def parse_calls(text):
    """-> (calls, whether every call is valid)"""
    calls, is_valid = [], text.count('<tool_call>') == text.count('</tool_call>')
    for body in re.findall(r'<tool_call>\n?(.*?)\n?</tool_call>', text, re.S):
        try:
            call = json.loads(body)
            calls.append({'name': call['name'], 'arguments': call['arguments']})
        except (ValueError, KeyError, TypeError):
            is_valid = False
    return calls, is_valid


def held_out_cases(count, language, seed):
    """`count` requests that need calls and half as many that need none, from the corpus's held-out split."""
    wanted = {'call': count, 'chat': count // 2}
    corpus = Corpus(seed, 'eval')
    cases = []
    while any(wanted.values()):
        for branch in corpus.group()[1]:
            case = branch.meta
            if case['zh'] != (language == 'zh') or wanted[case['type']] == 0:
                continue
            wanted[case['type']] -= 1
            cases.append(case)
    return cases


def prompt(case, messages):
    """The text the model goes on from."""
    return render(messages, case['tools'], gen=True, thinking=case['mode'] != 'nothink')


def answer_of(output):
    """What follows the thoughts."""
    return output.split('</think>')[-1].strip()


def shown_values(result):
    """The values of a tool's result that an answer has to state."""
    try:
        pending, values = [json.loads(result)], []
    except ValueError:
        return [result]
    while pending:
        value = pending.pop()
        if isinstance(value, dict):
            pending += value.values()
        elif isinstance(value, list):
            pending += value
        elif not isinstance(value, bool) and str(value) not in ('ok', 'success', 'error'):
            values.append(str(value))
    return values


class Report:
    """Rates by group of cases, and all outputs."""

    def __init__(self):
        self.scores = collections.defaultdict(lambda: collections.defaultdict(list))
        self.samples = []

    def add(self, groups, scores, **sample):
        for group in groups:
            for name, score in scores.items():
                self.scores[group][name].append(score)
        self.samples.append({**sample, **scores})

    @property
    def rates(self):
        rates = {}
        for group, scores in sorted(self.scores.items()):
            rates[group] = {name: round(sum(values) / len(values), 4) for name, values in scores.items()}
            rates[group]['cases'] = len(next(iter(scores.values())))
        return rates


def evaluate_requests(runner, cases, language, report):
    """The first answer to each request: the right calls, or none."""
    outputs = runner.generate([prompt(case, case['prompt_messages']) for case in cases])
    for case, output in zip(cases, outputs):
        calls, is_valid = parse_calls(output)
        request = case['prompt_messages'][-1]['content']
        if case['type'] == 'call':
            expected = case['calls']
            scores = {
                'called': bool(calls),
                'valid': is_valid and bool(calls),
                'name': [call['name'] for call in calls] == [call['name'] for call in expected],
                'exact': calls == expected,
            }
            count = 'parallel' if len(expected) > 1 else 'single'
            groups = ['', case['mode'], count, f'tools={len(case["tools"])}']
        else:
            expected = case['messages'][-1]['content']
            scores = {'no call': '<tool_call>' not in output, 'exact': answer_of(output) == expected}
            groups = ['no call', f'no call, {case["sub"]}']
        groups = [f'{language} {group}'.strip() for group in groups]
        report.add(groups, scores, request=request, mode=case['mode'], expected=expected, output=output)


def evaluate_answers(runner, cases, language, report):
    """The answer to the results of the right calls: every value of the results is stated."""
    cases = [case for case in cases if case['type'] == 'call' and len(case['messages']) > 2]
    prompts = [prompt(case, case['prompt_messages'] + case['messages'][1:-1]) for case in cases]
    for case, output in zip(cases, runner.generate(prompts, longest=200)):
        results = [message['content'] for message in case['messages'] if message['role'] == 'tool']
        values = [value for result in results for value in shown_values(result)]
        scores = {'all values stated': all(value in answer_of(output) for value in values)}
        expected = case['messages'][-1]['content']
        report.add([f'{language} answer'], scores, results=results, expected=expected, output=output)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('model', help='a folder written by export.py')
    parser.add_argument('--cases', type=int, default=90, help='requests with calls, for each language')
    parser.add_argument('--languages', nargs='+', choices=('en', 'zh'), default=['en', 'zh'])
    parser.add_argument('--seed', type=int, default=5)
    parser.add_argument('--report', default='report.json')
    arguments = parser.parse_args()
    runner, report = Runner(arguments.model), Report()
    for language in arguments.languages:
        cases = held_out_cases(arguments.cases, language, arguments.seed)
        evaluate_requests(runner, cases, language, report)
        evaluate_answers(runner, cases, language, report)
    for group, rates in report.rates.items():
        print(group, rates)
    with open(arguments.report, 'w', encoding='utf-8') as file:
        json.dump({'rates': report.rates, 'samples': report.samples}, file, ensure_ascii=False, indent=1)


if __name__ == '__main__':
    main()
