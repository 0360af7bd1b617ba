"""Parameters of functions, values for them, and the words in which a user says them."""

import json
import random
import string
import zlib
from dataclasses import dataclass

from pools import (
    CITIES_EN,
    CITIES_ZH,
    COMMON_HAN,
    CURR,
    DOMAINS,
    ENUMS,
    ENUM_ZH,
    GIVEN_EN,
    GIVEN_ZH,
    HELDOUT_NOUNS,
    LANGS,
    LEVEL_1_HAN,
    NOUNS,
    ROOMS,
    SUR_EN,
    SUR_ZH,
    TICK,
    WORDS_EN,
    WORDS_ZH,
)


def to_json(value):
    """JSON in Qwen's separators, Han characters as they are."""
    return json.dumps(value, ensure_ascii=False)


@dataclass
class Arg:
    """One parameter of a function, with everything needed to talk about it."""

    name: str
    en: str
    zh: str
    schema: dict
    kind: str
    required: bool = True


class Values:
    """Random choices and values. One seed and split give one sequence."""

    def __init__(self, seed=0, split='train', pieces=()):
        """`pieces`: parts of words that invented words are made of now and then."""
        self.random = random.Random(f'{split}-{seed}')
        self.split = split
        self.pieces = pieces
        self.nouns = [n for n in NOUNS if n[0] not in HELDOUT_NOUNS] if split == 'train' else NOUNS

    def chance(self, x):
        """True with this probability."""
        return self.random.random() < x

    def choice(self, xs):
        """One of these."""
        return self.random.choice(xs)

    def sample(self, xs, n):
        """`n` different ones of these."""
        return self.random.sample(xs, n)

    def pair_ok(self, kind, noun):
        """Whether this kind of function over this noun belongs to the split."""
        held = zlib.crc32(f'{kind}:{noun}'.encode()) % 8 == 0 or not HELDOUT_NOUNS.isdisjoint(noun.split())
        return held == (self.split == 'eval')

    def syllables(self, n=None):
        """A word of invented syllables, or of pieces."""
        n = n or self.random.randint(2, 3)
        if self.pieces and self.chance(0.4):
            return ''.join(self.sample(self.pieces, n))
        return ''.join(
            self.choice('b c d f g h j k l m n p r s t v w z br cl dr fl gr pl st tr'.split())
            + self.choice('aeiou')
            + (self.choice('nrlstx') if self.chance(0.3) else '')
            for _ in range(n)
        )

    def hanzi(self, n):
        """`n` Han characters from names, now and then any."""
        return self.han(n) if self.chance(0.15) else ''.join(self.choice(GIVEN_ZH + SUR_ZH) for _ in range(n))

    def han(self, n):
        """`n` Han characters, often rare ones, so that each is written by the training somewhere."""
        return ''.join(self.sample(COMMON_HAN if self.chance(0.5) else LEVEL_1_HAN, n))

    def code(self):
        """An identifier such as ORD12345 or PO-2024-0815."""
        r = self.random
        u, d = string.ascii_uppercase, string.digits

        def ch(s, n):
            return ''.join(r.choice(s) for _ in range(n))

        m = r.randint(0, 9)
        if m <= 2:
            return self.choice(
                ['ORD', 'INV', 'TK', 'SKU', 'PO', 'CUS', 'ID', 'REF', 'A', 'B', 'SF', 'PKG', 'EMP', 'DOC']
            ) + ch(d, r.randint(3, 6))
        if m == 3:
            return ch(u, r.randint(1, 3)) + '-' + ch(d, r.randint(2, 5))
        if m == 4:
            return (
                self.choice(['INV', 'PO', 'CASE', 'REQ', ch(u, 3)]) + '-20' + ch('012', 1) + ch(d, 1) + '-' + ch(d, 4)
            )
        if m == 5:
            return ch(u, r.randint(2, 4)) + ch(d, r.randint(2, 6))
        if m == 6:
            return ch(d, r.randint(4, 9))
        if m == 7:
            return ch(string.ascii_lowercase, r.randint(2, 4)) + self.choice('_-') + ch(d, r.randint(2, 4))
        if m == 8:
            return ch('abcdef' + d, r.randint(6, 10))
        return '#' + ch(d, r.randint(3, 5)) if self.chance(0.3) else ch(u + d, r.randint(4, 8))

    def date(self):
        """An ISO date."""
        return f'{self.random.randint(2019, 2031)}-{self.random.randint(1, 12):02d}-{self.random.randint(1, 28):02d}'

    def time(self):
        """Hours and minutes."""
        return f'{self.random.randint(0, 23):02d}:{self.choice([0, 15, 30, 45, self.random.randint(0, 59)]):02d}'

    def city(self, zh):
        """A known city, or now and then an invented one."""
        if self.chance(0.3):
            return self.hanzi(2) + self.choice('市县镇村') if zh else (self.syllables().capitalize())
        return self.choice(CITIES_ZH if zh else CITIES_EN)

    def person(self, zh):
        """A person's name."""
        if zh:
            return self.choice(SUR_ZH) + self.hanzi(self.random.randint(1, 2))
        m = self.random.random()
        if m < 0.4:
            return self.choice(GIVEN_EN)
        if m < 0.5:
            return self.syllables().capitalize() + ' ' + self.syllables().capitalize()
        return self.choice(GIVEN_EN) + ' ' + self.choice(SUR_EN)

    def email(self):
        """An address."""
        a = self.choice(
            [
                self.choice(GIVEN_EN).lower(),
                self.choice(GIVEN_EN).lower() + '.' + self.choice(SUR_EN).lower(),
                self.syllables(),
                self.choice(SUR_EN).lower() + str(self.random.randint(1, 999)),
                self.choice(['info', 'support', 'sales', 'hr', 'admin']),
            ]
        )
        return (
            a
            + '@'
            + (
                self.choice(DOMAINS)
                if self.chance(0.7)
                else self.syllables() + '.' + self.choice(['com', 'cn', 'io', 'org'])
            )
        )

    def title(self, zh):
        """A title of a few words."""
        if zh:
            return ''.join(self.sample(WORDS_ZH, self.random.randint(1, 3)))
        w = self.sample(WORDS_EN, self.random.randint(1, 4))
        if self.chance(0.2):
            w[self.random.randrange(len(w))] = self.syllables()
        s = ' '.join(w)
        return self.choice([s, s.capitalize(), s.title()])

    def sentence(self, zh):
        """A short sentence for messages and notes."""
        if zh:
            return self.choice(
                [
                    '我{t}到',
                    '请带上{a}',
                    '{a}已经准备好了',
                    '{d}开会',
                    '别忘了{a}',
                    '明天{t}见',
                    '{a}改到{t}',
                    '我在{c}等你',
                    '{a}取消了',
                    '请确认{a}',
                ]
            ).format(t=self.time(), a=self.choice(WORDS_ZH), d=self.date(), c=self.city(True))
        return self.choice(
            [
                'I will arrive at {t}',
                'please bring the {a}',
                'the {a} is ready',
                'see you at {t}',
                'the meeting moved to {t}',
                'do not forget the {a}',
                'I am waiting in {c}',
                'the {a} is {b}',
                'call me back about the {a}',
                'running late, start without me',
                'happy birthday',
                'the {b} {a} looks great',
            ]
        ).format(t=self.time(), a=self.choice(WORDS_EN), b=self.choice(WORDS_EN), c=self.city(False))

    def integer(self):
        """A whole number, small ones more often."""
        m = self.random.random()
        if m < 0.4:
            return self.random.randint(1, 20)
        if m < 0.7:
            return self.random.randint(2, 999)
        if m < 0.85:
            return self.random.randint(1, 50) * self.choice([10, 50, 100])
        return self.random.randint(1000, 99999)

    def fraction(self):
        """A positive number with one or two decimals."""
        return round(self.random.uniform(0.1, self.choice([1, 10, 100, 1000])), self.choice([1, 1, 2])) or 0.5

    # Parameters: (identifiers, en label, zh label, kind)
    PARAMS = [
        ('city location place town', 'city', '城市', 'city'),
        ('origin from_city departure', 'origin', '出发地', 'city'),
        ('destination to_city arrival', 'destination', '目的地', 'city'),
        ('region area', 'region', '地区', 'city'),
        ('order_id order_no id', 'order id', '订单号', 'code'),
        ('invoice_id number', 'invoice number', '发票号', 'code'),
        ('tracking_number tracking_no', 'tracking number', '运单号', 'code'),
        ('user_id uid account_id', 'user id', '用户编号', 'code'),
        ('ticket_id case_id', 'ticket id', '工单号', 'code'),
        ('code ref reference', 'reference code', '参考码', 'code'),
        ('serial serial_no', 'serial number', '序列号', 'code'),
        ('sku item_id product_id', 'product id', '商品编号', 'code'),
        ('device device_id', 'device id', '设备编号', 'code'),
        ('booking_id reservation_id', 'booking id', '预订号', 'code'),
        ('id key', 'id', '编号', 'code'),
        ('date day', 'date', '日期', 'date'),
        ('start_date from_date since', 'start date', '开始日期', 'date'),
        ('end_date to_date until due_date', 'end date', '结束日期', 'date'),
        ('time at start_time', 'time', '时间', 'time'),
        ('end_time', 'end time', '结束时间', 'time'),
        ('name full_name customer_name', 'name', '姓名', 'person'),
        ('owner assignee manager', 'owner', '负责人', 'person'),
        ('recipient to receiver', 'recipient', '收件人', 'person'),
        ('author sender', 'author', '作者', 'person'),
        ('email mail email_address', 'email', '邮箱', 'email'),
        ('phone phone_number mobile', 'phone number', '电话号码', 'phone'),
        ('title subject', 'title', '标题', 'title'),
        ('query keyword q', 'keyword', '关键词', 'title'),
        ('category tag topic', 'category', '类别', 'title'),
        ('label display_name', 'label', '标签', 'title'),
        ('message text body content', 'message', '内容', 'sentence'),
        ('note comment remark', 'note', '备注', 'sentence'),
        ('count quantity qty', 'quantity', '数量', 'int'),
        ('limit max_results top_k', 'limit', '上限', 'int'),
        ('days num_days', 'days', '天数', 'int'),
        ('page page_no', 'page', '页码', 'int'),
        ('guests people party_size', 'number of people', '人数', 'int'),
        ('duration minutes', 'duration', '时长', 'int'),
        ('year', 'year', '年份', 'year'),
        ('level floor', 'level', '级别', 'int'),
        ('width', 'width', '宽度', 'int'),
        ('height', 'height', '高度', 'int'),
        ('amount price value', 'amount', '金额', 'float'),
        ('weight', 'weight', '重量', 'float'),
        ('rate ratio threshold', 'rate', '比率', 'float'),
        ('budget max_price', 'budget', '预算', 'float'),
        ('distance radius', 'distance', '距离', 'float'),
        ('notify send_notification', 'notification', '通知', 'bool'),
        ('include_details verbose', 'details', '详细信息', 'bool'),
        ('express priority_mail', 'express', '加急', 'bool'),
        ('breakfast', 'breakfast', '早餐', 'bool'),
        ('insurance', 'insurance', '保险', 'bool'),
        ('recursive', 'recursive', '递归', 'bool'),
        ('dry_run', 'dry run', '试运行', 'bool'),
        ('encrypted', 'encryption', '加密', 'bool'),
        ('status state', 'status', '状态', 'enum'),
        ('priority importance', 'priority', '优先级', 'enum'),
        ('size', 'size', '尺寸', 'enum'),
        ('format type', 'format', '格式', 'enum'),
        ('mode', 'mode', '模式', 'enum'),
        ('unit units', 'unit', '单位', 'enum'),
        ('color theme', 'color', '颜色', 'enum'),
        ('frequency interval', 'frequency', '频率', 'enum'),
        ('role', 'role', '角色', 'enum'),
        ('sort_order order', 'sort order', '排序', 'enum'),
        ('language lang target_language', 'language', '语言', 'lang'),
        ('currency currency_code', 'currency', '货币', 'curr'),
        ('symbol ticker', 'symbol', '代码', 'tick'),
        ('url link', 'url', '链接', 'url'),
        ('path file_path filename', 'path', '路径', 'path'),
        ('tags labels keywords', 'tags', '标签', 'arr_word'),
        ('cities locations', 'cities', '城市', 'arr_city'),
        ('names attendees members', 'attendees', '参与人', 'arr_person'),
        ('ids order_ids', 'ids', '编号', 'arr_code'),
        ('numbers values scores', 'numbers', '数字', 'arr_int'),
        ('items products', 'items', '物品', 'arr_word'),
    ]

    def make_arg(self, zh_desc, used):
        """A parameter unlike those in `used`; `zh_desc` writes its description in Chinese."""
        for _ in range(40):
            ids, en, zh, kind = self.choice(self.PARAMS)
            if kind.startswith('arr') and self.chance(0.4):
                continue
            name = self.choice(ids.split())
            if self.chance(0.08) and kind in ('code', 'title', 'int', 'float', 'city', 'enum', 'date'):
                w = self.syllables()
                name = w + self.choice(['', '_id', '_code', '_value', '_name'])
                en = name.replace('_', ' ')
                zh = en
            if kind not in [u.kind for u in used] or self.chance(0.15):
                if (
                    name not in [u.name for u in used]
                    and en not in [u.en for u in used]
                    and zh not in [u.zh for u in used]
                ):
                    break
        st = {'int': 'integer', 'year': 'integer', 'float': 'number', 'bool': 'boolean'}.get(kind, 'string')
        sc = {'type': st}
        if kind == 'enum':
            e = self.choice(ENUMS)
            if en == 'unit':
                e = self.choice([['celsius', 'fahrenheit'], ['metric', 'imperial']])
            elif self.chance(0.2):
                e = [self.syllables() for _ in range(self.random.randint(2, 4))]
            e = e[:]
            if self.chance(0.3):
                self.random.shuffle(e)
            sc['enum'] = e[: self.random.randint(2, max(2, len(e)))] if len(e) > 2 else e
        if kind.startswith('arr'):
            sc = {'type': 'array', 'items': {'type': 'integer' if kind == 'arr_int' else 'string'}}
        if self.chance(0.75):
            if zh_desc:
                d = self.choice(['{z}', '{z}', '要使用的{z}', '{z}（{n}）', '{z}，例如 {x}', '指定{z}'])
            else:
                d = self.choice(
                    ['The {e}', '{E}', 'the {e}', 'The {e} to use', '{E} of the request', '{E}, e.g. {x}', 'Target {e}']
                )
            ex = self.value(Arg(name, en, zh, sc, kind), zh_desc)
            sc['description'] = d.format(
                e=en, E=en.capitalize(), z=zh, n=name, x=ex if isinstance(ex, str) else to_json(ex)
            )
            if 'enum' in sc or self.chance(0.5):
                sc = {
                    k_: sc[k_] for k_ in (['type', 'description'] + [q for q in sc if q not in ('type', 'description')])
                }
        return Arg(name, en, zh, sc, kind)

    def value(self, a, zh):
        """A value for a parameter."""
        k = a.kind
        if k == 'city':
            return self.city(zh)
        if k == 'code':
            return self.code()
        if k == 'date':
            return self.date()
        if k == 'time':
            return self.time()
        if k == 'person':
            return self.person(zh)
        if k == 'email':
            return self.email()
        if k == 'phone':
            return self.choice(
                [
                    '1'
                    + ''.join(self.choice('3456789') for _ in range(1))
                    + ''.join(self.choice('0123456789') for _ in range(9)),
                    f'+{self.random.randint(1, 99)} {self.random.randint(100, 999)} {self.random.randint(1000, 9999)}',
                    f'{self.random.randint(200, 999)}-{self.random.randint(1000, 9999)}',
                ]
            )
        if k == 'title':
            return self.title(zh)
        if k == 'sentence':
            return self.sentence(zh)
        if k == 'room':
            return self.choice(ROOMS)[1 if zh else 0]
        if k == 'int':
            return self.integer()
        if k == 'year':
            return self.random.randint(1950, 2035)
        if k == 'float':
            return self.fraction() if self.chance(0.7) else self.integer()
        if k == 'bool':
            return self.chance(0.6)
        if k == 'enum':
            return self.choice(a.schema['enum'])
        if k == 'lang':
            return self.choice(LANGS)[1 if zh else 0]
        if k == 'curr':
            return self.choice(CURR)
        if k == 'tick':
            return (
                self.choice(TICK)
                if self.chance(0.6)
                else ''.join(self.choice(string.ascii_uppercase) for _ in range(self.random.randint(3, 4)))
            )
        if k == 'url':
            return (
                'https://'
                + self.choice(DOMAINS)
                + '/'
                + self.choice([self.syllables(), self.choice(WORDS_EN), self.code().strip('#')])
            )
        if k == 'path':
            return (
                self.choice(['/home/', '/data/', '/tmp/', '', 'docs/'])
                + self.choice([self.syllables(), self.choice(WORDS_EN)])
                + self.choice(['.txt', '.csv', '.pdf', '.png', '.json', '.md'])
            )
        n = self.random.randint(2, 3)
        if k == 'arr_word':
            return self.sample(WORDS_ZH if zh else WORDS_EN, n)
        if k == 'arr_city':
            return self.sample(CITIES_ZH if zh else CITIES_EN, n)
        if k == 'arr_person':
            return [self.person(zh) for _ in range(n)]
        if k == 'arr_code':
            return [self.code() for _ in range(n)]
        if k == 'arr_int':
            return [self.integer() for _ in range(n + self.random.randint(0, 1))]
        raise KeyError(k)

    # How a user says a value
    def say(self, a, v, zh):
        """A phrase of the user's message that carries argument a = v."""
        l = a.zh if zh else a.en
        if a.kind == 'bool':
            if zh:
                return self.choice(
                    ['需要{l}', '要{l}', '开启{l}', '{l}：是', '包含{l}']
                    if v
                    else ['不需要{l}', '不要{l}', '关闭{l}', '{l}：否', '不含{l}']
                ).format(l=l)
            return self.choice(
                ['with {l}', 'include {l}', '{l} on', '{l} enabled', '{l}: yes']
                if v
                else ['without {l}', 'no {l}', '{l} off', '{l} disabled', '{l}: no']
            ).format(l=l)
        if isinstance(v, list):
            vs = [str(x) for x in v]
            s = (
                ('、'.join(vs) if self.chance(0.7) else '和'.join(vs[-2:]) if len(vs) == 2 else '，'.join(vs))
                if zh
                else (', '.join(vs[:-1]) + ' and ' + vs[-1] if self.chance(0.7) else ', '.join(vs))
            )
            return (
                self.choice(['{l}是{s}', '{l}：{s}', '{l}为{s}', '{l}有{s}'])
                if zh
                else self.choice(['{l}: {s}', 'with {l} {s}', 'the {l} are {s}', '{l} {s}'])
            ).format(l=l, s=s)
        s = str(v)
        if a.kind == 'enum' and zh and s in ENUM_ZH and self.chance(0.6):
            s = ENUM_ZH[s]
        if a.kind in ('sentence', 'title') and (self.chance(0.7) or a.kind == 'sentence'):
            s = self.choice(['“%s”', '「%s」', '"%s"']) % s if zh else self.choice(['"%s"', '"%s"', "'%s'"]) % s
            if self.chance(0.35):
                return s if zh else self.choice([': %s', 'saying %s', '%s']) % s
        if zh:
            f = ['{l}是{s}', '{l}为{s}', '{l}：{s}', '{l}{s}', '{l}用{s}', '{l} {s}', '{l}设为{s}']
            if a.kind == 'city':
                f += (
                    ['在{s}', '{s}', '{s}']
                    if a.en in ('city', 'region')
                    else ['从{s}出发'] * 2 if a.en == 'origin' else ['到{s}', '去{s}']
                )
            if a.kind in ('date', 'time'):
                f += ['{s}'] if a.en in ('date', 'time') else []
            if a.kind == 'person' and a.en == 'recipient':
                f += ['发给{s}', '给{s}']
            if a.kind == 'lang':
                f += ['用{s}', '翻译成{s}']
            if a.en == 'number of people':
                f += ['{s}人', '{s}个人']
            if a.en == 'days':
                f += ['{s}天']
        else:
            f = [
                '{l} {s}',
                'with {l} {s}',
                'the {l} is {s}',
                '{l}: {s}',
                'using {l} {s}',
                'set {l} to {s}',
                '{l} = {s}',
            ]
            if a.kind == 'city':
                f += (
                    ['in {s}', 'in {s}', 'for {s}']
                    if a.en in ('city', 'region')
                    else ['from {s}'] * 3 if a.en == 'origin' else ['to {s}'] * 3
                )
            if a.kind == 'date':
                f += (
                    ['on {s}']
                    if a.en == 'date'
                    else ['from {s}', 'starting {s}'] if a.en == 'start date' else ['until {s}']
                )
            if a.kind == 'time':
                f += ['at {s}'] if a.en == 'time' else ['ending at {s}']
            if a.kind == 'person' and a.en == 'recipient':
                f += ['to {s}', 'for {s}']
            if a.kind == 'email':
                f += ['to {s}']
            if a.kind == 'lang':
                f += ['in {s}', 'into {s}']
            if a.kind == 'curr':
                f += ['in {s}']
            if a.kind == 'enum':
                f += ['{s} {l}', '{s} {l}']
            if a.en == 'number of people':
                f += ['for {s} people']
            if a.en == 'days':
                f += ['for {s} days']
        return self.choice(f).format(l=l, s=s)
