"""Functions with their schemas, and requests that ask for them."""

from pools import ASPECTS, MODIFIERS, PREFIXES, QUERY_KINDS, SUFFIXES, TOLD_KINDS, VERBS
from values import Values


class Functions(Values):
    """Makes functions, fills their parameters, and words the requests."""

    def ident(self, words):
        """Joins words to a function name in one of several styles."""
        w = ' '.join(words).replace('-', ' ').split()
        m = self.random.random()
        if m < 0.74:
            return '_'.join(w)
        if m < 0.86:
            return w[0] + ''.join(x.capitalize() for x in w[1:])
        if m < 0.90:
            return ''.join(x.capitalize() for x in w)
        if m < 0.94:
            return '-'.join(w)
        return self.choice(PREFIXES) + self.choice(['_', '.', '_']) + '_'.join(w)

    def bare(self, noun):
        """The noun without the word that `modified` put before it."""
        return noun[2] if len(noun) > 2 else noun

    def modified(self, noun, avoid):
        """The noun below another word; often one of two nouns in `avoid`, so that one word tells functions apart."""
        if avoid and self.chance(0.4):
            noun = self.bare(self.choice(avoid)['noun'])
        en, zh = self.choice(MODIFIERS)
        return (f'{en} {noun[0]}', zh + noun[1], noun)

    def make_function(self, zh_desc, avoid, force=None):
        """A function unlike those in `avoid`; `force` is a kind and a verb that it takes more often than not."""
        r = self.random
        for _ in range(200):
            kind = force[0] if force and self.chance(0.75) else self.choice(list(VERBS))
            pseudo = self.chance(0.2)
            if pseudo:
                # A thing that only this schema knows: its words have to be found, not remembered.
                w = self.syllables()
                noun = (w, self.han(self.random.randint(2, 3))) if zh_desc else (w, w)
            elif avoid and self.chance(0.3):
                noun = self.choice(avoid)['noun']  # hard negative: same noun, other verb class
            else:
                noun = self.choice(self.nouns)
                if self.chance(0.25):
                    noun = self.modified(noun, avoid)
            if not pseudo and not self.pair_ok(kind, noun[0]):
                continue
            if all(not (f['noun'] == noun and (f['kind'] == kind or {f['kind'], kind} <= QUERY_KINDS)) for f in avoid):
                break
        ids, ven, vzh = VERBS[kind]
        aspect = self.choice(ASPECTS) if kind in ('get', 'track') and self.chance(0.4) else None
        verb = force[1] if force and kind == force[0] and self.chance(0.85) else self.choice(ids)
        words = [verb, noun[0]] + ([aspect[0]] if aspect else [])
        if self.chance(0.06):
            words = [noun[0], verb]
        if self.chance(0.06):
            words.append(self.choice(SUFFIXES).replace('_', ' '))
        name = self.ident(words)
        n = r.choices([0, 1, 2, 3, 4], [6, 36, 32, 18, 8])[0]
        args = []
        for _ in range(n):
            args.append(self.make_arg(zh_desc, args))
        for i, a in enumerate(args):
            a.required = i == 0 or self.chance(0.55)
        en_np = noun[0] + (' ' + aspect[0] if aspect else '')
        zh_np = noun[1] + (aspect[1] if aspect else '')
        f = dict(name=name, kind=kind, noun=noun, aspect=aspect, args=args, verb=verb, en_np=en_np, zh_np=zh_np)
        art = 'an' if en_np[0] in 'aeiou' else 'a'
        V = self.choice(ven).replace(' me', '')
        if zh_desc:
            desc = self.choice(
                ['{v}{n}', '{v}{n}。', '用于{v}{n}', '{v}指定的{n}', '{v}一个{n}', '根据条件{v}{n}']
            ).format(v=self.choice([x for x in vzh if len(x) == 2 and '一' not in x] or vzh), n=zh_np)
        else:
            desc = self.choice(
                [
                    '{V} {a} {n}',
                    '{V} {a} {n}.',
                    '{V} the {n}',
                    '{V} the {n}.',
                    '{V} {n} data',
                    'Use this to {v} {a} {n}.',
                    '{V} {a} {n} in the system',
                ]
            ).format(V=V.capitalize(), v=V, a=art, n=en_np)
        props = {a.name: a.schema for a in args}
        params = {'type': 'object', 'properties': props}
        req = [a.name for a in args if a.required]
        if req or self.chance(0.5):
            params['required'] = req
        if self.chance(0.05):
            params['additionalProperties'] = False
        fn = {'name': name}
        if pseudo or self.chance(0.93):
            fn['description'] = desc
        fn['parameters'] = params
        if self.chance(0.05):
            fn = dict(sorted(fn.items(), key=lambda _: r.random()))
        f['tool'] = (
            {'type': 'function', 'function': fn}
            if self.chance(0.93)
            else (fn if self.chance(0.5) else {'function': fn, 'type': 'function'})
        )
        f['classic'] = None
        return f

    def fill(self, f, zh):
        """Chooses values; returns (arguments object, [(arg, value)])."""
        out = []
        for a in f['args']:
            if a.required or self.chance(0.5):
                out.append((a, self.value(a, zh)))
        return {a.name: v for a, v in out}, out

    def core(self, f, vals, zh):
        """The clause of a request that names the action and carries the values."""
        if f['classic']:
            return f['classic'](self, f, vals, zh)
        ids, ven, vzh = VERBS[f['kind']]
        vals = vals[:]
        if self.chance(0.3):
            self.random.shuffle(vals)
        ph = [self.say(a, v, zh) for a, v in vals]
        if zh:
            v = self.choice(vzh)
            head = ''
            if vals and vals[0][0].kind in ('code', 'city', 'person', 'tick') and self.chance(0.4):
                s = str(vals[0][1])
                ph = ph[1:]
                t = self.choice(
                    ['{v}{s}的{n}', '{v}{l}{s}的{n}', '{s}的{n}，{v}'] if self.chance(0.9) else ['把{s}的{n}{v}']
                )
                head = t.format(v=v, s=s, l=vals[0][0].zh, n=f['zh_np'])
            else:
                head = self.choice(['{v}{n}', '{v}{n}', '{v}一下{n}', '{v}这个{n}', '把{n}{v}']).format(
                    v=v if v not in ('查一下', '搜一下', '算一下') else v[0], n=f['zh_np']
                )
            return self.choice(['，', '，', '，', ' ']).join([head] + ph)
        v = self.choice(ven) if self.chance(0.8) else f['verb']
        n = f['en_np']
        art = self.choice(['the', 'the', 'a', 'my', 'this'])
        if art == 'a' and n[0] in 'aeiou':
            art = 'an'
        head = f'{v} {art} {n}'
        if vals and vals[0][0].kind in ('code', 'city', 'person', 'tick') and self.chance(0.35):
            s = str(vals[0][1])
            ph = ph[1:]
            head = self.choice([f'{v} the {n} for {s}', f'{v} {n} {s}', f'{v} the {n} of {s}'])
        if ph:
            head += self.choice([' ', ', ', ' ']) + self.choice([', ', ' and ', ', ', '; ']).join(ph)
        return head

    def wrap(self, core, f, zh):
        """A clause as a request."""
        if zh:
            return self.choice(
                [
                    '请{c}。',
                    '{c}',
                    '帮我{c}。',
                    '帮我{c}',
                    '请帮我{c}。',
                    '麻烦{c}',
                    '你好，请{c}。',
                    '我想{c}。',
                    '能不能{c}？',
                    '可以{c}吗？',
                    '{c}。',
                    '现在{c}',
                    '我需要{c}。',
                ]
            ).format(c=core)
        q = self.choice(
            [
                '{c}',
                '{C}.',
                'Please {c}.',
                'please {c}',
                'Can you {c}?',
                'Could you {c}?',
                'I want to {c}.',
                'I need to {c}.',
                'Hi, {c}.',
                'Hey, could you please {c}?',
                "I'd like to {c}.",
                '{C} please.',
                'Would you {c}?',
                'Now {c}.',
                '{C}',
            ]
        )
        return q.format(c=core, C=core[0].upper() + core[1:])

    def question(self, f, vals, zh):
        """Question form for functions that tell something."""
        ph = [self.say(a, v, zh) for a, v in vals]
        if zh:
            s = self.choice(['{n}是什么？', '{n}怎么样？', '{n}如何？', '我想知道{n}', '{n}现在是什么情况？']).format(
                n=f['zh_np']
            )
            if vals and vals[0][0].kind in ('code', 'city', 'person', 'tick'):
                return '，'.join(ph[1:] + [str(vals[0][1]) + '的' + s])
            return '，'.join(ph + [s])
        s = self.choice(
            ["What is the {n}", "What's the {n}", 'How is the {n}', 'Do you know the {n}', 'Any info on the {n}']
        ).format(n=f['en_np'])
        if vals and vals[0][0].kind in ('code', 'city', 'person', 'tick') and self.chance(0.6):
            s += ' ' + self.choice(['for', 'of', 'in' if vals[0][0].kind == 'city' else 'for']) + ' ' + str(vals[0][1])
            ph = ph[1:]
        return s + (' ' + self.choice([', ', ' and ']).join(ph) if ph else '') + '?'

    def request(self, f, vals, zh):
        """The request of a user for this function with these values."""
        if not f['classic'] and f['kind'] in TOLD_KINDS and self.chance(0.3):
            u = self.question(f, vals, zh)
        else:
            u = self.wrap(self.core(f, vals, zh), f, zh) if not f['classic'] else self.core(f, vals, zh)
        if self.chance(0.07):
            u = (self.choice(self.PRE_ZH) + u) if zh else (self.choice(self.PRE_EN) + ' ' + u)
        elif self.chance(0.06):
            u = (
                (u.rstrip('。') + '，' + self.choice(self.POST_ZH))
                if zh and u[-1] not in '？?'
                else u if zh else (u if u[-1] in '.?!' else u + '.') + ' ' + self.choice(self.POST_EN)
            )
        if not zh and self.chance(0.04):
            u = u.lower() if not any(ch.isupper() for _, v in vals for ch in str(v)) else u
        return u

    PRE_EN = [
        "I'm in a hurry.",
        'My boss asked for this.',
        'One more thing.',
        'Sorry to bother you.',
        'Good morning!',
        'Quick question:',
        'I have a question.',
        'Hello assistant.',
        'Next,',
        'OK.',
        'Ok so',
        'I was wondering:',
        'Hey there!',
        'We need this today.',
        'I forgot.',
        'Not urgent, but:',
    ]
    POST_EN = [
        'Thanks!',
        'Thank you.',
        'It is urgent.',
        'Please hurry.',
        'Let me know.',
        "That's all.",
        'I am waiting.',
        'Thanks in advance!',
        'No rush.',
        'My boss needs it.',
    ]
    PRE_ZH = [
        '我赶时间，',
        '老板让我问一下，',
        '还有一件事，',
        '不好意思打扰了，',
        '早上好！',
        '问一下，',
        '我想问问，',
        '接下来，',
        '好的，',
        '请教一下：',
        '今天要用，',
        '不急，',
    ]
    POST_ZH = ['谢谢', '谢谢！', '很急', '麻烦快一点', '我在等', '就这些', '拜托了', '不着急', '老板要用']
