"""Asks the program the questions of the Berkeley Function-Calling Leaderboard (Patil et al.), with the mask of the
functions' schemas and without, greedy, and scores the calls by the answers that the leaderboard accepts.

The corpus holds none of these functions, questions or words made from them; the score says how far the model is from
one that knows language. Cases are lines {"category", "messages", "tools", "expect": "calls", "none" or "some", "accept"}.
"""

import argparse
import collections
import json
import re

from evaluate import LatheRunner, NoAnswer, parse_calls


def standard(value):
    """Texts as the leaderboard compares them: without case, spaces and some punctuation."""
    if isinstance(value, str):
        return re.sub(r'[ ,./\-_*^]', '', value).lower().replace("'", '"')
    if isinstance(value, list):
        return [standard(item) for item in value]
    return value


def is_accepted(value, choices):
    """Whether a value is one of those accepted; an object's members have choices of their own."""
    for choice in choices:
        if isinstance(value, dict) and isinstance(choice, dict):
            if arguments_accepted(value, choice):
                return True
        elif isinstance(value, bool) == isinstance(choice, bool) and standard(value) == standard(choice):
            return True
    return False


def arguments_accepted(arguments, accepted):
    """Whether all arguments are accepted and none that is needed is missing; "" says that one may be left out."""
    return all(name in accepted and is_accepted(value, accepted[name]) for name, value in arguments.items()) and all(
        name in arguments or '' in choices for name, choices in accepted.items()
    )


def calls_accepted(calls, accepted):
    """Whether the calls are the accepted ones, in any order."""
    rest = list(accepted)
    for call in calls:
        fits = [
            entry
            for entry in rest
            if entry['name'] == call['name']
            and isinstance(call['arguments'], dict)
            and arguments_accepted(call['arguments'], entry['arguments'])
        ]
        if not fits:
            return False
        rest.remove(fits[0])
    return not rest


def scores(case, output):
    """-> right, and for calls whether the functions' names are right and the JSON valid"""
    calls, is_valid = parse_calls(output)
    if case['expect'] == 'none':
        return {'right': '<tool_call>' not in output}
    if case['expect'] == 'some':
        return {'right': bool(calls)}
    names = sorted(call['name'] for call in calls) == sorted(call['name'] for call in case['accept'])
    return {'right': calls_accepted(calls, case['accept']), 'names': names, 'valid': is_valid and bool(calls)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('cases', help='a file with a case on each line')
    parser.add_argument('--lathe', required=True, help='the program')
    parser.add_argument('--model', default='mini')
    parser.add_argument('--report', help='a file for every output')
    arguments = parser.parse_args()
    with open(arguments.cases, encoding='utf-8') as file:
        cases = [json.loads(line) for line in file]
    samples = []
    for mode in ('off', 'enforce'):
        runner = LatheRunner(arguments.lathe, arguments.model, mode)
        totals = collections.defaultdict(lambda: collections.defaultdict(list))
        for case in cases:
            try:
                output = runner.answer(case['messages'], case['tools'], False, 300)
            except NoAnswer as refusal:
                output = f'<tool_call>\n{refusal}'  # no answer is a wrong one, and no valid call
            for name, score in scores(case, output).items():
                for group in (case['category'], 'all'):
                    totals[group][name].append(score)
            samples.append({'mask': mode, 'id': case['id'], 'output': output})
        print('mask', mode)
        for group, rates in sorted(totals.items()):
            counts = {name: f'{sum(values)} of {len(values)}' for name, values in rates.items()}
            print(f'  {group}:', ', '.join(f'{name} {count}' for name, count in counts.items()))
    if arguments.report:
        with open(arguments.report, 'w', encoding='utf-8') as file:
            json.dump(samples, file, ensure_ascii=False, indent=1)


if __name__ == '__main__':
    main()
