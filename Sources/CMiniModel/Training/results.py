"""What a function returns, the answer that reports it, and the thoughts in between."""

from functions import Functions
from pools import COND, ERRORS, ERRORS_ZH, LONG_ERRORS, LONG_ERRORS_ZH, QUERY_KINDS, STATUS, STATUS_ZH, TOLD_KINDS, VERBS, WORDS_EN
from values import Arg, to_json


class Results(Functions):
    """Makes results of calls with their answers, and the text between the think tags."""

    FIELDS = [
        ('status', 'status', '状态', 'st'),
        ('expected_ship_date', 'expected ship date', '预计发货日期', 'date'),
        ('delivery_date', 'delivery date', '送达日期', 'date'),
        ('created_at', 'created at', '创建时间', 'date'),
        ('updated_at', 'updated at', '更新时间', 'date'),
        ('price', 'price', '价格', 'float'),
        ('total', 'total', '总计', 'float'),
        ('amount', 'amount', '金额', 'float'),
        ('balance', 'balance', '余额', 'float'),
        ('currency', 'currency', '货币', 'curr'),
        ('temperature', 'temperature', '温度', 'temp'),
        ('humidity', 'humidity', '湿度', 'pct'),
        ('condition', 'condition', '天气', 'cond'),
        ('owner', 'owner', '负责人', 'person'),
        ('name', 'name', '名称', 'title'),
        ('title', 'title', '标题', 'title'),
        ('location', 'location', '位置', 'city'),
        ('city', 'city', '城市', 'city'),
        ('quantity', 'quantity', '数量', 'int'),
        ('count', 'count', '数量', 'int'),
        ('rating', 'rating', '评分', 'rate'),
        ('available', 'available', '可用', 'bool'),
        ('in_stock', 'in stock', '有货', 'bool'),
        ('email', 'email', '邮箱', 'email'),
        ('phone', 'phone', '电话', 'phone'),
        ('start_time', 'start time', '开始时间', 'time'),
        ('end_time', 'end time', '结束时间', 'time'),
        ('duration', 'duration', '时长', 'int'),
        ('distance_km', 'distance km', '距离（公里）', 'float'),
        ('tracking_number', 'tracking number', '运单号', 'code'),
        ('carrier', 'carrier', '承运商', 'title'),
        ('priority', 'priority', '优先级', 'prio'),
        ('version', 'version', '版本', 'ver'),
        ('url', 'url', '链接', 'url'),
        ('language', 'language', '语言', 'lang'),
        ('size_mb', 'size mb', '大小（MB）', 'float'),
        ('color', 'color', '颜色', 'title'),
        ('score', 'score', '得分', 'int'),
        ('discount', 'discount', '折扣', 'pct'),
        ('due_date', 'due date', '截止日期', 'date'),
    ]
    IDS = [
        ('id', 'id', '编号'),
        ('order_id', 'order id', '订单号'),
        ('ticket_id', 'ticket id', '工单号'),
        ('booking_id', 'booking id', '预订号'),
        ('confirmation', 'confirmation', '确认码'),
        ('reference', 'reference', '参考码'),
        ('job_id', 'job id', '任务号'),
        ('event_id', 'event id', '活动编号'),
    ]

    def field_value(self, k, zh):
        """A value for a field of a result."""
        if k == 'st':
            return self.choice(STATUS) if not zh or self.chance(0.7) else self.choice(list(STATUS_ZH.values()))
        if k == 'temp':
            return self.random.randint(-20, 42)
        if k == 'pct':
            return self.random.randint(1, 100)
        if k == 'cond':
            return self.choice(COND)[1 if zh and self.chance(0.7) else 0]
        if k == 'rate':
            return round(self.random.uniform(1, 5), 1)
        if k == 'prio':
            return self.choice(['low', 'medium', 'high'])
        if k == 'ver':
            return f'{self.random.randint(0, 9)}.{self.random.randint(0, 20)}.{self.random.randint(0, 9)}'
        return self.value(Arg('', '', '', {}, k), zh)

    def shown(self, v, zh):
        """A value as an answer shows it."""
        if v is True:
            return '是' if zh else 'yes'
        if v is False:
            return '否' if zh else 'no'
        return str(v) if not isinstance(v, list) else ('、' if zh else ', ').join(map(str, v))

    def facts(self, zh, n):
        """`n` fields of a result: (key, English label, Chinese label, value)."""
        out, seen = [], set()
        while len(out) < n:
            key, en, z, k = self.choice(self.FIELDS)
            if self.chance(0.12):
                key = self.choice([self.syllables(), self.choice(WORDS_EN)]) + self.choice(
                    ['', '_id', '_code', '_level', '_name', '_count']
                )
                en = key.replace('_', ' ')
                z = en
            elif self.chance(0.07):
                key = key.split('_')[0] + ''.join(x.capitalize() for x in key.split('_')[1:])
                en = key if key != key.lower() else en
            if key in seen:
                continue
            seen.add(key)
            out.append((key, en, z, self.field_value(k, zh)))
        return out

    def state(self, facts, zh):
        """The fields as a clause."""
        s = [self.shown(v, zh) for *_, v in facts]
        if zh:
            return '，'.join(f'{z}{self.choice(["是", "为"])}{v}' for (_, _, z, _), v in zip(facts, s))
        parts = [f'the {en} is {v}' for (_, en, _, _), v in zip(facts, s)]
        return ', '.join(parts[:-1]) + (' and ' if len(parts) > 1 else '') + parts[-1]

    def error(self, f, zh):
        """What went wrong, in two words or in a sentence."""
        is_zh = zh and self.chance(0.6)
        if self.chance(0.45):
            return self.choice(ERRORS_ZH if is_zh else ERRORS)
        return self.choice(LONG_ERRORS_ZH if is_zh else LONG_ERRORS).format(
            n=f['zh_np' if is_zh else 'en_np'],
            f=f['name'],
            c=self.city(is_zh),
            k=self.code(),
            i=self.integer(),
            d=self.date(),
            t=self.time(),
            p=self.person(is_zh),
            s=self.sentence(is_zh),
        )

    def result(self, f, vals, zh):
        """(JSON text of the tool's result, answer sentence, think sentence)"""
        subj = next((str(v) for a, v in vals if a.kind in ('code', 'city', 'person', 'tick', 'title')), None)
        np = f['zh_np'] if zh else f['en_np']
        if self.chance(0.1):
            e = self.error(f, zh)
            obj = self.choice(
                [
                    {'error': e},
                    {'success': False, 'error': e},
                    {'status': 'error', 'message': e},
                    {'ok': False, 'reason': e},
                ]
            )
            ans = (
                self.choice(['调用失败：{e}。', '抱歉，{f} 返回了错误：{e}。', '没有成功，原因是：{e}。'])
                if zh
                else self.choice(
                    ['The call failed: {e}.', 'Sorry, {f} returned an error: {e}.', 'That did not work: {e}.']
                )
            ).format(e=e, f=f['name'])
            return (
                to_json(obj),
                ans,
                (
                    self.choice(['工具返回了错误，告诉用户。', '调用出错了。'])
                    if zh
                    else self.choice(
                        ['The tool returned an error. I will say so.', 'The call failed; I will report it.']
                    )
                ),
            )
        if self.chance(0.05):
            t = self.choice(
                [
                    self.sentence(zh),
                    self.title(zh),
                    self.shown(
                        self.field_value(
                            self.choice(['st', 'temp', 'cond', 'float', 'code', 'date', 'time', 'city', 'person']), zh
                        ),
                        zh,
                    ),
                ]
            )
            ans = (
                self.choice(['结果是：{t}。', '工具返回：{t}。']).format(t=t)
                if zh
                else self.choice(['The result is: {t}.', 'The tool says: {t}.']).format(t=t)
            )
            return t, ans, '工具返回了文字，告诉用户。' if zh else 'The tool returned plain text. I will report it.'
        if f['classic'] and f.get('res'):
            return f['res'](self, f, vals, zh)
        if f['kind'] == 'search' and self.chance(0.75):
            n = self.random.randint(0, 3)
            key = self.choice(['results', 'items', 'data', 'list'])
            tk, tkz = self.choice([('title', 'title'), ('name', 'name'), ('id', 'id')])
            rows, sh = [], []
            ek, een, ez, kk = self.choice([x for x in self.FIELDS if x[3] in ('float', 'rate', 'st', 'date', 'int')])
            for _ in range(n):
                t = self.code() if tk == 'id' else self.title(zh)
                v = self.field_value(kk, zh)
                rows.append({tk: t, ek: v})
                sh.append(f'{t}（{ez} {v}）' if zh else f'{t} ({een} {v})')
            obj = {key: rows}
            has_total = self.chance(0.4)
            if has_total:
                obj['total'] = n
            if n == 0 and has_total:
                ans = f'共有0个结果，没有{np}。' if zh else f'There are 0 results for the {np}.'
            elif n == 0:
                ans = (
                    self.choice(['没有找到匹配的{n}。', '没有找到{n}。']).format(n=np)
                    if zh
                    else self.choice(['I found no matching {n}.', 'There are no results for the {n}.']).format(n=np)
                )
            else:
                ans = (
                    self.choice(['找到{k}个结果：{s}。', '共有{k}个结果：{s}。'])
                    if zh
                    else self.choice(['I found {k} results: {s}.', 'There are {k} results: {s}.'])
                ).format(k=n, s=('、' if zh else ', ').join(sh))
            if n == 1 and not zh:
                ans = ans.replace('1 results', '1 result').replace('There are', 'There is')
            return to_json(obj), ans, (f'工具返回了{n}个结果。' if zh else f'The tool returned {n} results.')
        if f['kind'] in QUERY_KINDS or self.chance(0.25):
            fs = self.facts(zh, self.random.choices([1, 2, 3, 4], [25, 40, 25, 10])[0])
            obj = {k: v for k, _, _, v in fs}
            if self.chance(0.12):
                obj = {self.choice(['data', 'result', 'response']): obj}
            body = self.state(fs, zh)
            if zh:
                ans = self.choice(
                    [
                        '{b}。',
                        '查到了：{b}。',
                        '{s}的{n}：{b}。' if subj else '{n}：{b}。',
                        '结果如下：{b}。',
                        '{s}：{b}。' if subj else '{b}。',
                    ]
                ).format(b=body, s=subj, n=np)
            else:
                ans = self.choice(
                    [
                        '{B}.',
                        'Here is the result: {b}.',
                        'For {s}, {b}.' if subj else '{B}.',
                        'I found it: {b}.',
                        '{B}.',
                        'For {n} {s}, {b}.' if subj else 'For the {n}, {b}.',
                    ]
                ).format(b=body, B=body[0].upper() + body[1:], s=subj, n=np)
            keys = ('、' if zh else ', ').join(k for k, *_ in fs)
            return (
                to_json(obj),
                ans,
                (
                    self.choice([f'工具返回了 {keys}，告诉用户。', f'结果里有 {keys}。'])
                    if zh
                    else self.choice([f'The tool returned {keys}. I will report it.', f'The result has {keys}.'])
                ),
            )
        key, en, z = self.choice(self.IDS)
        code = self.code()
        obj = self.choice(
            [
                {'success': True, key: code},
                {'status': 'ok', key: code},
                {'ok': True, key: code},
                {key: code, 'status': 'success'},
                {'success': True},
                {'result': 'ok'},
                {'status': 'success'},
            ]
        )
        if key in obj:
            ans = (
                self.choice(['已完成，{z}是{c}。', '操作成功，{z}为{c}。', '{n}已处理，{z}是{c}。']).format(
                    z=z, c=code, n=np
                )
                if zh
                else self.choice(
                    [
                        'Done. The {e} is {c}.',
                        'It worked: the {e} is {c}.',
                        'The {n} request succeeded. The {e} is {c}.',
                    ]
                ).format(e=en, c=code, n=np)
            )
        else:
            ans = (
                self.choice(['已完成。', '操作成功。', '{n}已处理好。']).format(n=np)
                if zh
                else self.choice(['Done.', 'It worked.', 'The {n} request succeeded.']).format(n=np)
            )
        return (
            to_json(obj),
            ans,
            (
                self.choice(['操作成功，告诉用户。', '调用成功了。'])
                if zh
                else self.choice(['The call succeeded. I will tell the user.', 'The tool reports success.'])
            ),
        )

    # Thinking
    def purpose(self, f, zh):
        """What a function does, in one wording for all that say the same."""
        verb = VERBS[f['kind']]
        if f['kind'] in TOLD_KINDS:
            return f'了解{f["zh_np"]}' if zh else f'know the {f["en_np"]}'
        return f'{verb[2][0]}{f["zh_np"]}' if zh else f'{verb[1][0]} the {f["en_np"]}'

    def wish(self, fns, zh):
        """What the user wants: the first half of every decision."""
        parts = list(dict.fromkeys(self.purpose(f, zh) for f in fns))
        return ('用户想' + '、'.join(parts) + '。') if zh else 'The user wants to ' + ' and '.join(parts) + '.'

    def judged(self, fns, wanted, zh, later=()):
        """Every offered function, what it does, and whether that is wanted: a verdict stands behind all that it needs."""
        words = ('合适', '不合适', '稍后') if zh else ('yes', 'no', 'later')
        names = [f['name'] for f in wanted]
        verdicts = [words[0] if f['name'] in names else words[2] if f in later else words[1] for f in fns]
        pattern = '{name}（{purpose}）：{verdict}' if zh else '{name} ({purpose}): {verdict}'
        judgements = [
            pattern.format(name=f['name'], purpose=self.purpose(f, zh), verdict=verdict)
            for f, verdict in zip(fns, verdicts)
        ]
        return ('；' if zh else '; ').join(judgements) + ('。' if zh else '.')

    def think_call(self, fns, calls, zh, later=()):
        """The thoughts before these calls, of the offered functions `fns`."""

        def one(f, args):
            kv = ('，' if zh else ', ').join(
                f'{k} = {v if isinstance(v, str) else to_json(v)}' for k, v in args.items()
            )
            if zh:
                return f'{f["name"]}，{kv}' if kv else f'{f["name"]}，不需要参数'
            return f'{f["name"]} with {kv}' if kv else f'{f["name"]} without arguments'

        wanted = [f for f, _ in calls]
        thought = [self.wish([*wanted, *later], zh), self.judged(fns, wanted, zh, later)]
        if zh:
            thought.append('调用 ' + '；'.join(one(f, a) for f, a in calls) + '。')
        else:
            thought.append('I will call ' + '; '.join(one(f, a) for f, a in calls) + '.')
        return ('' if zh else ' ').join(thought)
