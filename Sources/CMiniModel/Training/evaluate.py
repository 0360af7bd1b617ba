"""Evaluates an exported model on functions and values that the training never showed, greedy.

The plain run decodes with transformers' Qwen3ForCausalLM; with --lathe the program itself answers, without the mask of
the functions' schemas and with it (`--constraint off` and `enforce`). Prints a table and writes every case
with its output into a report.
"""

import argparse
import collections
import json
import re
import subprocess
import tempfile
from pathlib import Path

from tokenizers import Tokenizer

from corpus import Corpus, render

LONG_PROMPT, LONGEST_PROMPT = 2000, 3600  # tokens, of the cases with eight functions and a long system message


def answer_of(output):
    """What follows the thoughts."""
    return output.split('</think>')[-1].strip()


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


class TransformersRunner:
    """Greedy decoding of many prompts by transformers."""

    def __init__(self, folder):
        import torch
        from transformers import Qwen3ForCausalLM

        self.torch = torch
        self.model = Qwen3ForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
        self.tokenizer = Tokenizer.from_file(f'{folder}/tokenizer.json')
        self.end_of_turn = self.tokenizer.token_to_id('<|im_end|>')
        self.end_of_text = self.tokenizer.token_to_id('<|endoftext|>')

    def answers(self, requests, longest=320, batch_size=96):
        """requests: [(messages, tools, whether to think)] -> the text that follows each, without the token that ends it"""
        prompts = [render(messages, tools, gen=True, thinking=thinks) for messages, tools, thinks in requests]
        encoded = [self.tokenizer.encode(prompt, add_special_tokens=False).ids for prompt in prompts]
        order = sorted(range(len(prompts)), key=lambda i: len(encoded[i]))
        texts = [''] * len(prompts)
        for start in range(0, len(order), batch_size):
            batch = order[start : start + batch_size]
            for i, tokens in zip(batch, self.decode([encoded[i] for i in batch], longest)):
                texts[i] = self.tokenizer.decode(tokens, skip_special_tokens=False)
        return texts

    def decode(self, prompts, longest):
        torch, count = self.torch, len(prompts)
        width = max(map(len, prompts))
        ids, mask = torch.full((count, width), self.end_of_text), torch.zeros(count, width, dtype=torch.long)
        for row, prompt in enumerate(prompts):
            ids[row, width - len(prompt) :] = torch.tensor(prompt)
            mask[row, width - len(prompt) :] = 1
        with torch.inference_mode():
            output = self.model.generate(
                input_ids=ids,
                attention_mask=mask,
                max_new_tokens=longest,
                do_sample=False,
                eos_token_id=[self.end_of_turn, self.end_of_text],
                pad_token_id=self.end_of_text,
            )
        for row in output[:, width:].tolist():
            if self.end_of_turn in row:
                row = row[: row.index(self.end_of_turn)]
            yield [token for token in row if token != self.end_of_text]


class NoAnswer(Exception):
    """The program refused the request, a prompt beyond the context for one."""


class LatheRunner:
    """Greedy answers of the program, each from a workspace of its own."""

    def __init__(self, program, model, constraint):
        self.program, self.model, self.constraint = program, model, constraint

    def answers(self, requests, longest=320):
        """As TransformersRunner.answers."""
        return [self.answer(*request, longest) for request in requests]

    def answer(self, messages, tools, thinks, longest):
        with tempfile.TemporaryDirectory() as folder:
            folder = Path(folder)
            (folder / 'prompts').mkdir()
            (folder / 'functions').mkdir()
            settings = {'title': 'Case', 'prompt': 'case', 'thinking': 'on' if thinks else 'off'}
            (folder / 'workspace.json').write_text(json.dumps(settings))
            (folder / 'prompts' / 'case.md').write_text(self.prompt(messages), encoding='utf-8')
            command = [self.program, 'run', folder, '--model', self.model, '--constraint', self.constraint]
            command += ['--exact', '--json', '--temperature', '0', '--steps', '1', '--max-tokens', str(longest)]
            command += ['--think' if thinks else '--no-think']
            if tools:
                functions = [json.dumps(tool, ensure_ascii=False) for tool in tools]
                (folder / 'case.json').write_text('[' + ', '.join(functions) + ']', encoding='utf-8')
                command += ['--functions', folder / 'case.json']
            output = subprocess.run(command, capture_output=True, text=True)
        events = [json.loads(line) for line in output.stdout.splitlines()]
        finished = [event for event in events if event['event'] == 'finished']
        if not finished:
            raise NoAnswer(output.stderr.strip())
        message = finished[0]['message']
        calls = [
            '<tool_call>\n' + json.dumps(call['function'], ensure_ascii=False) + '\n</tool_call>'
            for call in message.get('tool_calls', [])
        ]
        thoughts = message.get('reasoning_content')
        opening = [f'<think>\n{thoughts}\n</think>\n'] if thoughts else []
        return '\n'.join(opening + [message['content']] + calls)

    def prompt(self, messages):
        """The messages in the format of a workspace's prompts."""
        lines, names = ['title: case', ''], []
        for message in messages:
            role, content = message['role'], message['content']
            if role == 'tool':
                role = 'tool ' + names.pop(0)
            lines += [f'@{role}'] + [re.sub(r'^@', '@@', line) for line in content.split('\n')] + ['']
            if message.get('reasoning_content'):
                lines += ['@thinking', message['reasoning_content'], '']
            for call in message.get('tool_calls', []):
                function = call['function']
                names.append(function['name'])
                lines += ['@call ' + function['name'], json.dumps(function['arguments'], ensure_ascii=False), '']
        return '\n'.join(lines)


class Cases:
    """Requests of the corpus's held-out split, by kind."""

    def __init__(self, count, language, seed, tokenizer):
        self.language, self.tokenizer = language, tokenizer
        self.corpus = Corpus(seed, 'eval')
        wanted = {
            'one call': count,
            'two calls': count // 2,
            'chain': count // 2,
            'none fits': count // 2,
            'none offered': count // 4,
            'talk': count // 4,
        }
        self.kinds = {kind: [] for kind in wanted}
        while any(len(self.kinds[kind]) < wanted[kind] for kind in wanted):
            # Few of a group, so that the cases are not of few functions.
            for branch in self.corpus.group(4)[1]:
                case, kind = branch.meta, self.kind(branch.meta)
                if case['zh'] == (language == 'zh') and len(self.kinds[kind]) < wanted[kind]:
                    self.kinds[kind].append(case)
        self.kinds['2,000 tokens, 8 functions'] = [self.long_case() for _ in range(count // 4)]

    def kind(self, case):
        if case['type'] == 'call':
            return 'chain' if case.get('chain') else 'two calls' if len(case['calls']) > 1 else 'one call'
        if case['sub'] == 'other':
            return 'none fits'
        return 'talk' if case['tools'] else 'none offered'

    def long_case(self):
        """One call below a long system message, eight functions to choose from."""
        corpus, zh = self.corpus, self.language == 'zh'
        functions = corpus.functions(8, zh)
        function = corpus.choice(functions)
        arguments, values = corpus.fill(function, zh)
        tools = [f['tool'] for f in functions]
        system = corpus.opening(zh)
        user = {'role': 'user', 'content': corpus.request(function, values, zh)}
        while True:
            messages = [{'role': 'system', 'content': system}, user]
            count = len(self.tokenizer.encode(render(messages, tools, gen=True)).ids)
            if count > LONGEST_PROMPT:
                system = corpus.opening(zh)
            elif count >= LONG_PROMPT:
                break
            else:
                system += '\n\n' + corpus.policy(zh)
        return {
            'type': 'call',
            'zh': zh,
            'mode': corpus.choice(['think', 'nothink']),
            'tools': tools,
            'calls': [{'name': function['name'], 'arguments': arguments}],
            'prompt_messages': messages,
            'messages': [],
        }


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
        self.samples.append({'group': groups[0], **sample, **scores})

    @property
    def rates(self):
        rates = {}
        for group, scores in self.scores.items():
            rates[group] = {name: round(sum(values) / len(values), 4) for name, values in scores.items()}
            rates[group]['cases'] = len(next(iter(scores.values())))
        return rates


def mode_of(case):
    """With /no_think in the request a model that may think does not."""
    return 'thinking' if case['mode'] == 'think' else 'not thinking'


def evaluate_calls(runner, cases, prefix, report, second=False):
    """The calls that a request needs; `second`: those after the first one's result."""

    def messages(case):
        return case['prompt_messages'] + (case['messages'][1:3] if second else [])

    outputs = runner.answers([(messages(case), case['tools'], case['mode'] != 'nothink') for case in cases])
    for case, output in zip(cases, outputs):
        calls, is_valid = parse_calls(output)
        expected = case['calls']
        if second:
            expected = [call['function'] for call in case['messages'][3]['tool_calls']]
        scores = {
            'valid': is_valid and bool(calls),
            'name': [call['name'] for call in calls] == [call['name'] for call in expected],
            'exact': calls == expected,
        }
        groups = [prefix, f'{prefix}, {mode_of(case)}']
        if prefix.endswith('one call'):
            groups.append(f'{prefix}, {min(len(case["tools"]), 8)} offered')
        request = case['prompt_messages'][-1]['content']
        report.add(groups, scores, request=request, mode=case['mode'], expected=expected, output=output)


def evaluate_talk(runner, cases, prefix, report):
    """Requests that need no call."""
    requests = [(case['prompt_messages'], case['tools'], case['mode'] != 'nothink') for case in cases]
    for case, output in zip(cases, runner.answers(requests)):
        expected = case['messages'][-1]['content']
        scores = {'no call': '<tool_call>' not in output}
        request = case['prompt_messages'][-1]['content']
        groups = [prefix, f'{prefix}, {mode_of(case)}']
        report.add(groups, scores, request=request, mode=case['mode'], expected=expected, output=output)


def evaluate_answers(runner, cases, prefix, report):
    """The answer to the results of the right calls: every value of the results is stated."""
    requests = [
        (case['prompt_messages'] + case['messages'][1:-1], case['tools'], case['mode'] != 'nothink') for case in cases
    ]
    for case, output in zip(cases, runner.answers(requests)):
        results = [message['content'] for message in case['messages'] if message['role'] == 'tool']
        values = [value for result in results for value in shown_values(result)]
        scores = {'all values stated': all(value in answer_of(output) for value in values)}
        expected = case['messages'][-1]['content']
        report.add([prefix], scores, results=results, mode=case['mode'], expected=expected, output=output)


def evaluate(runner, cases, language, report, title):
    """All kinds of cases in one language."""
    for kind, chosen in cases.kinds.items():
        prefix = f'{title}{language}: {kind}'
        if kind in ('none fits', 'none offered', 'talk'):
            evaluate_talk(runner, chosen, prefix, report)
            continue
        evaluate_calls(runner, chosen, prefix, report)
        if kind == 'chain':
            evaluate_calls(runner, chosen, prefix + ', second call', report, second=True)
    answered = cases.kinds['one call'] + cases.kinds['two calls']
    evaluate_answers(runner, answered, f'{title}{language}: answer', report)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('model', help='a folder written by export.py')
    parser.add_argument('--cases', type=int, default=400, help='requests with one call, for each language')
    parser.add_argument('--languages', nargs='+', choices=('en', 'zh'), default=['en', 'zh'])
    parser.add_argument('--seed', type=int, default=5)
    parser.add_argument('--lathe', help='the program, to answer from mini-q8_0.gguf')
    parser.add_argument('--constraint', nargs='+', choices=('off', 'enforce'), default=['off', 'enforce'])
    parser.add_argument('--report', default='report.json')
    arguments = parser.parse_args()
    runners = {}
    if arguments.lathe:
        model = f'{arguments.model}/mini-q8_0.gguf'
        runners = {f'{mode}, ': LatheRunner(arguments.lathe, model, mode) for mode in arguments.constraint}
    else:
        runners[''] = TransformersRunner(arguments.model)
    report = Report()
    tokenizer = Tokenizer.from_file(f'{arguments.model}/tokenizer.json')
    for language in arguments.languages:
        cases = Cases(arguments.cases, language, arguments.seed, tokenizer)
        for title, runner in runners.items():
            evaluate(runner, cases, language, report, title)
    for group, rates in report.rates.items():
        print(group, rates)
    with open(arguments.report, 'w', encoding='utf-8') as file:
        json.dump({'rates': report.rates, 'samples': report.samples}, file, ensure_ascii=False, indent=1)


if __name__ == '__main__':
    main()
