"""Turns of a dialogue: single and parallel calls, chains of two, and turns that need no call."""

from classics import make_classic
from pools import NOUNS, QUERY_KINDS, VERBS, WORDS_EN, WORDS_ZH
from results import Results
from values import Arg, to_json


class Dialogues(Results):
    """Makes the messages of one user request, up to the final answer."""

    def call_turn(self, fns, zh):
        """-> (messages of one user request through the final answer, meta)"""
        two = self.chance(0.38 if zh else 0.32)
        if two:
            if len(fns) > 1 and self.chance(0.5):
                fs = self.sample(fns, 2)
            else:
                fs = [self.choice(fns)] * 2
            if fs[0] is fs[1] and not fs[0]['args']:
                two = False
        if not two:
            fs = [self.choice(fns)]
        calls, texts = [], []
        for f in fs:
            args, vals = self.fill(f, zh)
            calls.append((f, args, vals))
        if len(calls) == 2 and fs[0] is fs[1]:
            # same function: share all but the first argument
            f, a0, v0 = calls[0]
            a, _ = v0[0]
            for _ in range(20):
                nv = self.value(a, zh)
                if nv != v0[0][1]:
                    break
            if a.kind in ('bool',) or nv == v0[0][1] or isinstance(nv, list):
                calls = calls[:1]
            else:
                v1 = [(a, nv)] + v0[1:]
                calls = [(f, a0, v0), (f, {x.name: y for x, y in v1}, v1)]
                if f['classic'] is None and self.chance(0.6) or f['classic'] and a.kind in ('city', 'code', 'tick'):
                    j = self.choice(['和', '以及', '、', '还有'] if zh else [' and ', ' and also ', ' and ', ', and '])
                    both = f'{v0[0][1]}{j}{nv}'
                    vv = [
                        (
                            Arg(a.name, a.en, a.zh, {}, a.kind if a.kind not in ('title', 'sentence', 'enum') else 'x'),
                            both,
                        )
                    ] + v0[1:]
                    user = self.request(f, vv, zh)
                    if not zh and self.chance(0.4):  # "in Oslo and in Bergen"
                        user = user.replace(f' in {both}', f' in {v0[0][1]}{j}in {nv}')
                    texts = [user]
        if not texts:
            texts = [self.clause(f, v, zh) for f, _, v in calls]
            if len(texts) == 2:
                user = (
                    self.choice(
                        ['{a}，然后{b}', '{a}；另外{b}', '请{a}，再{b}。', '{a}，同时{b}。', '帮我{a}，还有{b}。']
                    )
                    if zh
                    else self.choice(
                        [
                            '{a}, then {b}',
                            '{a}. Also, {b}.',
                            'Please {a} and {b}.',
                            '{A}; {b}.',
                            'Can you {a} and also {b}?',
                            'First {a}, then {b}.',
                        ]
                    )
                ).format(a=texts[0], b=texts[1], A=texts[0][0].upper() + texts[0][1:])
            else:
                f, a, v = calls[0]
                user = self.request(f, v, zh)
        tc = [{'type': 'function', 'function': {'name': f['name'], 'arguments': a}} for f, a, _ in calls]
        msgs = [
            {'role': 'user', 'content': user},
            {
                'role': 'assistant',
                'content': '',
                'reasoning_content': self.think_call(fns, [(f, a) for f, a, _ in calls], zh),
                'tool_calls': tc,
            },
        ]
        res = [self.result(f, v, zh) for f, _, v in calls]
        for t, _, _ in res:
            msgs.append({'role': 'tool', 'content': t})
        msgs.append(
            {
                'role': 'assistant',
                'content': ('' if zh else ' ').join(a for _, a, _ in res),
                'reasoning_content': (
                    res[0][2]
                    if len(res) == 1
                    else ('两个结果都有了，告诉用户。' if zh else 'Both results are here. I will report them.')
                ),
            }
        )
        return msgs, {'type': 'call', 'calls': [x['function'] for x in tc]}

    def clause(self, f, vals, zh):
        """A request as a part of a longer one."""
        if not f['classic']:
            return self.core(f, vals, zh)
        text = f['classic'](self, f, vals, zh, greets=False).rstrip('?。.？')
        starts_with_value = any(text.startswith(str(v)) for _, v in vals)
        return text if zh or starts_with_value or text.startswith('I ') else text[0].lower() + text[1:]

    # Chains: a look-up whose result feeds a second call
    def chain_pair(self, zh_desc, avoid):
        """Two functions of which the second takes what the first returns."""
        for _ in range(60):
            n1, n2 = self.sample(self.nouns, 2)
            k2 = self.choice(['send', 'update', 'delete', 'book', 'assign', 'track', 'verify', 'export', 'get'])
            if self.pair_ok('get', n1[0]) and self.pair_ok(k2, n2[0]) and not any(f['noun'] in (n1, n2) for f in avoid):
                break
        key = n1[0].replace(' ', '_') + self.choice(['_id', '_id', '_code', '_no'])
        en, zh = key.replace('_', ' '), n1[1] + '编号'
        a1 = self.make_arg(zh_desc, [])
        while a1.kind not in ('person', 'city', 'title', 'email', 'phone'):
            a1 = self.make_arg(zh_desc, [])
        sc = {'type': 'string'}
        if self.chance(0.7):
            sc['description'] = zh if zh_desc else 'The ' + en
        a2 = Arg(key, en, zh, sc, 'code')
        fs = []
        for kind, noun, args, what_en, what_zh in (
            ('get', n1, [a1], n1[0] + ' id', n1[1] + '编号'),
            (k2, n2, [a2] + ([self.make_arg(zh_desc, [a2])] if self.chance(0.3) else []), n2[0], n2[1]),
        ):
            ids, ven, vzh = VERBS[kind]
            name = self.ident([self.choice(ids), what_en])
            V = self.choice(ven).replace(' me', '')
            desc = self.choice(vzh) + what_zh if zh_desc else f'{V.capitalize()} the {what_en}'
            tool = {
                'type': 'function',
                'function': {
                    'name': name,
                    'description': desc,
                    'parameters': {
                        'type': 'object',
                        'properties': {a.name: a.schema for a in args},
                        'required': [args[0].name],
                    },
                },
            }
            for a in args[1:]:
                a.required = False
            fs.append(
                dict(
                    name=name,
                    kind=kind,
                    noun=noun,
                    aspect=None,
                    args=args,
                    verb=self.choice(ids),
                    en_np=what_en,
                    zh_np=what_zh,
                    tool=tool,
                    classic=None,
                    key=key,
                    ord=len(fs),
                )
            )
        return fs

    def chain_turn(self, fns, f1, f2, zh):
        """-> (messages of a request that needs the first function's result for the second, meta)"""
        a1 = f1['args'][0]
        v1 = self.value(a1, zh)
        rest = [(a, self.value(a, zh)) for a in f2['args'][1:] if self.chance(0.5)]
        c1 = self.core(f1, [(a1, v1)], zh)
        ids, ven, vzh = VERBS[f2['kind']]
        tail = (
            (
                '，' + '，'.join(self.say(a, v, zh) for a, v in rest)
                if zh
                else ' ' + ' and '.join(self.say(a, v, zh) for a, v in rest)
            )
            if rest
            else ''
        )
        if zh:
            user = self.choice(['{a}，然后用它{v}{n}{t}', '先{a}，再{v}对应的{n}{t}', '{a}，接着{v}这个{n}{t}']).format(
                a=c1, v=self.choice(vzh), n=f2['zh_np'], t=tail
            )
        else:
            user = self.choice(
                [
                    '{a}, then use it to {v} the {n}{t}',
                    'First {a}, then {v} the {n} with it{t}',
                    '{a} and then {v} the matching {n}{t}',
                ]
            ).format(a=c1, v=self.choice(ven), n=f2['en_np'], t=tail)
        if not zh:
            user = user[0].upper() + user[1:] + self.choice(['.', '', '.'])
        code = self.code()
        key = f2['args'][0].name
        obj = {key: code}
        for k, _, _, v in (self.facts(zh, 1) if self.chance(0.4) else []):
            obj.setdefault(k, v)
        if self.chance(0.3):
            obj = dict(reversed(list(obj.items())))
        args2 = {key: code, **{a.name: v for a, v in rest}}
        res2, ans, th3 = self.result(f2, [(f2['args'][0], code)] + rest, zh)
        kv = ('，' if zh else ', ').join(f'{k} = {v if isinstance(v, str) else to_json(v)}' for k, v in args2.items())
        t1 = self.think_call(fns, [(f1, {a1.name: v1})], zh, later=[f2])
        t2 = (f'结果给出 {key} = {code}。' if zh else f'The result gives {key} = {code}. ') + (
            f'现在调用 {f2["name"]}，{kv}。' if zh else f'Now I will call {f2["name"]} with {kv}.'
        )

        def tc(f, arguments):
            return [{'type': 'function', 'function': {'name': f['name'], 'arguments': arguments}}]

        return [
            {'role': 'user', 'content': user},
            {'role': 'assistant', 'content': '', 'reasoning_content': t1, 'tool_calls': tc(f1, {a1.name: v1})},
            {'role': 'tool', 'content': to_json(obj)},
            {'role': 'assistant', 'content': '', 'reasoning_content': t2, 'tool_calls': tc(f2, args2)},
            {'role': 'tool', 'content': res2},
            {'role': 'assistant', 'content': ans, 'reasoning_content': th3},
        ], {'type': 'call', 'calls': [tc(f1, {a1.name: v1})[0]['function']], 'chain': True}

    WHO_EN = [
        'I am a miniature demo model with the Qwen3 architecture, trained from scratch on synthetic tool-calling dialogues.',
        'I am a tiny demo model. I can call functions, but I know very little about the world.',
        'I am the small demo model that ships with this workbench. Load a full Qwen3 model for real answers.',
    ]
    WHO_ZH = [
        '我是一个采用 Qwen3 架构的迷你演示模型，用合成的函数调用对话从零训练而成。',
        '我是一个很小的演示模型，会调用函数，但对世界知之甚少。',
        '我是随这个工作台附带的迷你演示模型，想要真正的回答请加载完整的 Qwen3 模型。',
    ]
    LIMIT_EN = [
        'I am only a miniature demo model and cannot answer that. A full Qwen3 model can.',
        'That is beyond this tiny demo model. Please load a full Qwen3 model.',
        'I do not know that. I am a small demo model made for function calls.',
    ]
    LIMIT_ZH = [
        '我只是一个迷你演示模型，回答不了这个问题，请加载完整的 Qwen3 模型。',
        '这超出了迷你演示模型的能力。',
        '我不知道。我是为函数调用演示而做的小模型。',
    ]

    def function_beside(self, fns, zh):
        """A function that none of `fns` can stand in for: of another thing, at times of the same for something else."""
        others = {self.bare(g['noun']) for g in fns}
        made = [g for g in fns if not g['classic']]
        if made and self.chance(0.15):
            known = self.choice(made)
            f = self.make_function(zh, made)
            kinds = {g['kind'] for g in fns if self.bare(g['noun']) == self.bare(known['noun'])}
            is_query = bool(kinds & QUERY_KINDS)
            is_other_thing = self.bare(f['noun']) not in others
            is_other_deed = f['noun'] == known['noun'] and f['kind'] not in kinds
            if is_other_thing or is_other_deed and not (is_query and f['kind'] in QUERY_KINDS):
                return f
        while True:
            # Often with the verb of an offered function, so that the verb alone does not decide.
            like = self.choice(made) if made and self.chance(0.5) else None
            force = (like['kind'], like['verb']) if like else None
            f = make_classic(self, zh) if self.chance(0.25) else self.make_function(zh, [], force)
            if self.bare(f['noun']) not in others:
                return f

    def chat_turn(self, fns, zh):
        """A turn that needs no call."""
        names = [f['name'] for f in fns]
        # What the web or a calculator knows is no case for "no function can answer this".
        knows = any(f['classic'] and f['noun'][0] in ('web', 'number') for f in fns)
        kinds = (
            ['hello', 'who', 'thanks', 'bye']
            + ([] if knows else ['know', 'know'])
            + (['can', 'can'] if names else ['can', 'tool', 'tool', 'tool'])
            + (['other'] * 11 + ['missing'] * 4 if names else [])
        )
        k = self.choice(kinds)
        nm = ('、' if zh else ', ').join(names)
        if k == 'hello':
            u = (
                self.choice(['你好', '您好', '嗨', '早上好', '在吗？', '你好！', '晚上好', '哈喽'])
                if zh
                else self.choice(
                    ['Hello', 'Hi', 'hey', 'Hello!', 'Good morning', 'Hi there', 'good evening', 'Hi!', 'hello']
                )
            )
            a = (
                self.choice(['你好！有什么可以帮你的吗？', '你好，请说出你的需求。', '你好！'])
                if zh
                else self.choice(
                    ['Hello! How can I help you?', 'Hi! What can I do for you?', 'Hello! Tell me what you need.']
                )
            )
            t = '用户在打招呼，不需要调用函数。' if zh else 'This is a greeting. No function is needed.'
        elif k == 'who':
            u = (
                self.choice(['你是谁？', '你是什么模型？', '介绍一下你自己', '你叫什么名字', '你是 Qwen3 吗？'])
                if zh
                else self.choice(
                    [
                        'Who are you?',
                        'What are you?',
                        'who are you',
                        'What model is this?',
                        'Introduce yourself.',
                        'Tell me about yourself',
                        'Are you Qwen3?',
                        'What is your name?',
                    ]
                )
            )
            a = self.choice(self.WHO_ZH if zh else self.WHO_EN)
            t = '用户在问我是谁。' if zh else 'The user asks what I am.'
        elif k == 'thanks':
            u = (
                self.choice(['谢谢', '谢谢你！', '多谢', '太好了', '好的'])
                if zh
                else self.choice(['Thanks', 'Thank you!', 'thanks a lot', 'Great, thanks.', 'OK', 'Perfect'])
            )
            a = (
                self.choice(['不客气！', '不用谢。'])
                if zh
                else self.choice(["You're welcome!", 'Glad to help.', 'You are welcome.'])
            )
            t = '用户在致谢，不需要调用函数。' if zh else 'The user is thanking me. No function is needed.'
        elif k == 'bye':
            u = self.choice(['再见', '拜拜', '下次见']) if zh else self.choice(['Bye', 'Goodbye', 'See you', 'bye bye'])
            a = (
                self.choice(['再见！', '再见，祝你愉快。'])
                if zh
                else self.choice(['Goodbye!', 'Bye! Have a nice day.'])
            )
            t = '用户在道别。' if zh else 'The user says goodbye.'
        elif k == 'can':
            u = (
                self.choice(['你能做什么？', '你会什么', '你有哪些功能？', '有哪些函数可以用？', '你能帮我做什么'])
                if zh
                else self.choice(
                    [
                        'What can you do?',
                        'What functions do you have?',
                        'Which tools are available?',
                        'How can you help me?',
                        'what can you do',
                        'List your tools.',
                    ]
                )
            )
            if names:
                a = f'我可以调用这些函数：{nm}。' if zh else f'I can call these functions: {nm}.'
                t = f'用户想知道可用的函数：{nm}。' if zh else f'The user wants to know the functions: {nm}.'
            else:
                a = (
                    '现在没有可用的函数。加上函数定义后，我可以替你调用。'
                    if zh
                    else 'No functions are defined right now. Add a function schema and I can call it for you.'
                )
                t = '没有可用的函数。' if zh else 'There are no functions here.'
        elif k == 'know':
            if zh:
                u = self.choice(
                    [
                        '{n}是谁发明的？',
                        '写一首关于{w}的诗',
                        '{c}有多少人口？',
                        '解释一下{w}的原理',
                        '{a}加{b}等于多少？',
                        '讲个关于{w}的笑话',
                        '为什么天是蓝的？',
                        '{p}是谁？',
                        '给我讲讲{w}的历史',
                        '怎么做{w}？',
                        '{w}是什么意思？',
                        '推荐一部关于{w}的电影',
                    ]
                )
            else:
                u = self.choice(
                    [
                        'Who invented the {n}?',
                        'Write a poem about the {w}.',
                        'What is the population of {c}?',
                        'Explain how a {w} works.',
                        'What is {a} plus {b}?',
                        'Tell me a joke about a {w}',
                        'Why is the sky blue?',
                        'Who is {p}?',
                        'Tell me the history of {w}.',
                        'How do I make {w}?',
                        'What does {w} mean?',
                        'Who wrote {w}?',
                        'What is the capital of {c}?',
                        'Is {w} healthy?',
                    ]
                )
            u = u.format(
                n=self.choice(NOUNS)[1 if zh else 0],
                w=self.choice(WORDS_ZH if zh else WORDS_EN),
                c=self.city(zh),
                a=self.integer(),
                b=self.integer(),
                p=self.person(zh),
            )
            if names and self.chance(0.6):
                a = (
                    self.choice(
                        [f'可用的函数（{nm}）帮不上忙。' + self.choice(self.LIMIT_ZH), self.choice(self.LIMIT_ZH)]
                    )
                    if zh
                    else self.choice(
                        [
                            f'The available functions ({nm}) do not help here. ' + self.choice(self.LIMIT_EN),
                            self.choice(self.LIMIT_EN),
                        ]
                    )
                )
            else:
                a = self.choice(self.LIMIT_ZH if zh else self.LIMIT_EN)
            t = (
                ('没有函数能回答这个问题。' if names else '这里没有函数，我也不知道答案。')
                if zh
                else (
                    'No function can answer this.'
                    if names
                    else 'There are no functions here and I do not know the answer.'
                )
            )
        elif k == 'missing':
            f = self.choice(fns)
            req = [a for a in f['args'] if a.required]
            if not req or f['classic']:
                return self.chat_turn(fns, zh)
            m = req[0]
            keep = [(x, self.value(x, zh)) for x in f['args'][1:] if self.chance(0.3) and x.kind not in ('bool',)]
            u = self.wrap(self.core(f, keep, zh), f, zh)
            a = (
                self.choice([f'请告诉我{m.zh}（{m.name}）。', f'还缺少{m.zh}（{m.name}），请补充。'])
                if zh
                else self.choice(
                    [f'Please tell me the {m.en} ({m.name}).', f'I need the {m.en} ({m.name}) first. What is it?']
                )
            )
            t = (
                f'{self.wish([f], zh)}{self.judged(fns, [f], zh)}{f["name"]} 需要 {m.name}，但用户没有给出。'
                if zh
                else f'{self.wish([f], zh)} {self.judged(fns, [f], zh)} '
                f'{f["name"]} needs {m.name}, but the user did not give it.'
            )
        else:
            # a request for some other function ('other': functions offered, none fits; 'tool': none offered)
            f = self.function_beside(fns, zh)
            args, vals = self.fill(f, zh)
            u = self.request(f, vals, zh)
            np = f['zh_np'] if zh else f['en_np']
            if names:
                a = (
                    # One beginning for all: without thinking, the first token has to decide between a call and this.
                    self.choice(
                        [
                            f'没有合适的函数来处理{np}。我可以调用：{nm}。',
                            f'没有合适的函数来处理{np}。',
                            f'没有合适的函数。{nm} 都不能处理{np}。',
                        ]
                    )
                    if zh
                    else self.choice(
                        [
                            f'None of the functions fits the {np}. I can call: {nm}.',
                            f'None of the functions fits the {np}.',
                            f'None of the functions ({nm}) can handle the {np}.',
                        ]
                    )
                )
                t = (
                    f'{self.wish([f], zh)}{self.judged(fns, [], zh)}都不合适。'
                    if zh
                    else f'{self.wish([f], zh)} {self.judged(fns, [], zh)} None fits.'
                )
            else:
                a = (
                    self.choice([f'现在没有可用的函数，无法处理{np}。', f'我没有处理{np}的函数，请先添加函数定义。'])
                    if zh
                    else self.choice(
                        [
                            f'No functions are defined, so I cannot handle the {np}.',
                            f'I have no function for the {np}. Please add a function schema first.',
                        ]
                    )
                )
                t = (
                    f'这里没有函数，无法处理{np}。'
                    if zh
                    else f'There are no functions here, so I cannot handle the {np}.'
                )
        if isinstance(a, list):
            a = a[0]
        return [{'role': 'user', 'content': u}, {'role': 'assistant', 'content': a, 'reasoning_content': t}], {
            'type': 'chat',
            'sub': k,
        }
