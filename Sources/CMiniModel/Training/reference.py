"""Records what transformers makes of an exported model's Q8_0 file, for the engine's tests: the ids and the likeliest next
tokens of three prompts, and dialogues with the functions of the workspace "support", greedy.

    python3 reference.py exported ../../../Tests/EngineTests/Fixtures/mini-dialogues.json
"""

import argparse
import json
from pathlib import Path

import gguf
import torch
from tokenizers import Tokenizer
from transformers import Qwen3ForCausalLM

from corpus import render
from evaluate import parse_calls
from export import gguf_name

SUPPORT = Path(__file__).parents[3] / 'Workspaces/support/functions'
RESULTS = {
    'get_order_status': ['{"status": "packed", "expected_ship_date": "2025-04-06"}'],
    'get_weather': ['{"temperature": 22, "condition": "cloudy"}', '{"temperature": 29, "condition": "晴"}'],
    'send_email': ['{"status": "queued", "message_id": "MSG-2291"}'],
}
REQUESTS = [
    'Where is my order ORD12345?',
    'What is the weather in Paris in celsius?',
    '北京今天天气怎么样？',
    '帮我查一下订单 ORD98761 的状态',
    'How is the weather in Tokyo and Berlin?',
    '上海和深圳的天气怎么样？',
    'Send an email to li.wei@example.com with the subject "quarterly review"',
    '你好',
    'Who are you?',
    'Book a flight to Mars',
    'What can you do?',
    '讲个笑话',
]


class Model:
    """The weights of the GGUF file in transformers, in float32 and greedy."""

    def __init__(self, folder):
        self.model = Qwen3ForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
        tensors = {tensor.name: tensor for tensor in gguf.GGUFReader(f'{folder}/mini-q8_0.gguf').tensors}
        for name, parameter in self.model.named_parameters():
            tensor = tensors[gguf_name(name)]
            values = gguf.quants.dequantize(tensor.data, tensor.tensor_type)
            parameter.data = torch.from_numpy(values.astype('float32').reshape(parameter.shape).copy())
        self.tokenizer = Tokenizer.from_file(f'{folder}/tokenizer.json')
        self.end_of_turn = self.tokenizer.token_to_id('<|im_end|>')

    def ids(self, prompt):
        return self.tokenizer.encode(prompt, add_special_tokens=False).ids

    @torch.inference_mode()
    def answer(self, prompt, longest=300):
        """The text that follows, without the token that ends it."""
        ids = torch.tensor([self.ids(prompt)])
        output = self.model.generate(
            input_ids=ids,
            attention_mask=torch.ones_like(ids),
            max_new_tokens=longest,
            do_sample=False,
            eos_token_id=self.end_of_turn,
            pad_token_id=self.end_of_turn,
        )
        tokens = output[0, ids.shape[1] :].tolist()
        return self.tokenizer.decode(tokens[: tokens.index(self.end_of_turn)], skip_special_tokens=False)

    @torch.inference_mode()
    def next_tokens(self, prompt, count=8):
        """[id, logit] of the likeliest next tokens."""
        logits = self.model(torch.tensor([self.ids(prompt)])).logits[0, -1]
        return [[int(i), round(float(logits[i]), 5)] for i in logits.topk(count).indices]


def dialogue(model, request, tools, thinks):
    """The request, the model's calls, their results and its answer."""
    messages, turns = [{'role': 'user', 'content': request}], [{'user': request, 'thinking': thinks}]
    for _ in range(3):
        text = model.answer(render(messages, tools, gen=True, thinking=thinks))
        turns.append({'assistant': text})
        calls, _ = parse_calls(text)
        thoughts, _, answer = text.rpartition('</think>')
        message = {'role': 'assistant', 'content': answer.split('<tool_call>')[0].strip()}
        if thoughts:
            message['reasoning_content'] = thoughts.removeprefix('<think>').strip()
        if not calls or any(call['name'] not in RESULTS for call in calls):
            break
        message['tool_calls'] = [{'type': 'function', 'function': call} for call in calls]
        results = [RESULTS[call['name']][i % len(RESULTS[call['name']])] for i, call in enumerate(calls)]
        messages += [message] + [{'role': 'tool', 'content': result} for result in results]
        turns.append({'tool': results})
    return turns


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('model', help='a folder written by export.py')
    parser.add_argument('output', type=Path)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    model = Model(arguments.model)
    tools = [json.loads(path.read_text(encoding='utf-8')) for path in sorted(SUPPORT.glob('*.json'))]
    prompts = [
        render([{'role': 'user', 'content': REQUESTS[0]}], tools, gen=True),
        render([{'role': 'user', 'content': REQUESTS[2]}], tools, gen=True, thinking=False),
        render(
            [{'role': 'system', 'content': 'You are a helpful assistant.'}, {'role': 'user', 'content': 'Who are you?'}],
            gen=True,
        ),
    ]
    recorded = {
        'prompts': [
            {'prompt': prompt, 'ids': model.ids(prompt), 'next': model.next_tokens(prompt)} for prompt in prompts
        ],
        'tools': tools,
        'dialogues': [dialogue(model, request, tools, thinks) for request in REQUESTS for thinks in (True, False)],
    }
    arguments.output.parent.mkdir(exist_ok=True)
    arguments.output.write_text(json.dumps(recorded, ensure_ascii=False, indent=1) + '\n', encoding='utf-8')


if __name__ == '__main__':
    main()
