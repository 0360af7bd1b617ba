"""Everyday functions (weather, order status, …) with natural wording; names and parameters still vary."""

from pools import PREFIXES, VERBS
from values import Arg, to_json

# names: spellings of the name; noun and kind as in pools; en_d, zh_d: descriptions;
# params: (identifiers, English label, Chinese label, kind, required); en, zh: requests, {0} is the first required value;
# res: fields of the result; en_a, zh_a: answers, {r0} is the first field's value and {k0} its name.
CLASSICS = [
    dict(
        names='get_weather get_current_weather weather query_weather getWeather weather_lookup get_current_temperature',
        noun=('weather', '天气'),
        kind='get',
        en_d=[
            'Get the current weather for a city',
            'Get current temperature at a location.',
            'Returns the weather of a city',
        ],
        zh_d=['查询城市的天气', '获取指定城市的当前天气', '查询天气'],
        params=[
            ('city location place', 'city', '城市', 'city', 1),
            ('unit units', 'unit', '单位', 'enum:celsius,fahrenheit', 0),
            ('date day', 'date', '日期', 'date', 0),
        ],
        en=[
            "What's the weather in {0}?",
            'How is the weather in {0}?',
            'weather in {0}',
            'Is it raining in {0}?',
            'Tell me the weather in {0}',
            'What is the temperature in {0}?',
            'How hot is it in {0}?',
            'Do I need an umbrella in {0}?',
            "What's the weather like in {0} today?",
            '{0} weather please',
        ],
        zh=[
            '{0}天气怎么样？',
            '今天{0}的天气如何？',
            '查一下{0}的天气',
            '{0}现在多少度？',
            '{0}下雨吗？',
            '帮我查{0}天气',
            '我想知道{0}的天气',
            '{0}今天冷不冷？',
            '请问{0}的气温是多少',
            '北方太冷了，{0}怎么样？天气好吗？',
        ],
        res=[
            ('temperature temp temperature_c', 'temp'),
            ('condition weather description', 'cond'),
            ('humidity', 'pct'),
        ],
        en_a=['It is {1} in {0} with a temperature of {r0}.', 'The weather in {0} is {1}, {r0} degrees.'],
        zh_a=['{0}现在{1}，气温{r0}度。', '{0}的天气是{1}，{r0}度。'],
    ),
    dict(
        names='get_order_status order_status check_order query_order getOrderStatus track_order lookup_order',
        noun=('order', '订单'),
        kind='get',
        en_d=['Get the status of an order', 'Look up an order by its id.', 'Get the order status'],
        zh_d=['查询订单状态', '根据订单号查询订单', '获取订单的状态'],
        params=[('order_id order_no order_number id', 'order id', '订单号', 'code', 1)],
        en=[
            'Where is my order {0}?',
            "What's the status of order {0}?",
            'Check order {0}',
            'Has order {0} shipped yet?',
            'When will {0} arrive?',
            'My order number is {0}, where is it?',
            'Can you check the status of my order {0}?',
            'I placed order {0}. What is going on?',
            'order {0} status',
            'When will my order {0} ship?',
        ],
        zh=[
            '我的订单{0}到哪了？',
            '订单{0}是什么状态？',
            '查一下订单{0}',
            '{0}发货了吗？',
            '帮我看看订单{0}的状态',
            '订单号{0}，什么时候能到？',
            '我想查订单{0}',
            '请查询订单 {0} 的状态',
            '订单 {0} 什么时候发货？',
        ],
        res=[('status state', 'st'), ('expected_ship_date ship_date expected_delivery delivery_date eta', 'date')],
        en_a=['Order {0} is {r0}, and the {k1} is {r1}.', 'Your order {0} is {r0}. The {k1} is {r1}.'],
        zh_a=['订单{0}的状态是{r0}，预计日期是{r1}。', '您的订单{0}目前是{r0}，{k1}为{r1}。'],
    ),
    dict(
        names='convert_currency currency_convert exchange convertCurrency currency_exchange',
        noun=('currency', '货币'),
        kind='calc',
        en_d=['Convert an amount from one currency to another'],
        zh_d=['货币换算', '把金额从一种货币换算成另一种'],
        params=[
            ('amount value', 'amount', '金额', 'float', 1),
            ('from from_currency source', 'source currency', '源货币', 'curr', 1),
            ('to to_currency target', 'target currency', '目标货币', 'curr', 1),
        ],
        en=[
            'Convert {0} {1} to {2}',
            'How much is {0} {1} in {2}?',
            'change {0} {1} into {2}',
            'What is {0} {1} in {2}?',
            '{0} {1} to {2} please',
        ],
        zh=['{0} {1} 等于多少 {2}？', '把{0}{1}换成{2}', '{0} {1} 换算成 {2}', '帮我算一下{0} {1}是多少{2}'],
        res=[('result converted amount_converted', 'float'), ('rate', 'rate')],
        en_a=['{0} {1} is {r0} {2} at a rate of {r1}.', '{0} {1} equals {r0} {2}.'],
        zh_a=['{0} {1} 等于 {r0} {2}，汇率是{r1}。', '{0} {1} 是 {r0} {2}。'],
    ),
    dict(
        names='send_email sendEmail email_send mail_send compose_email',
        noun=('email', '邮件'),
        kind='send',
        en_d=['Send an email', 'Send an email to a recipient.'],
        zh_d=['发送邮件', '给收件人发送电子邮件'],
        params=[
            ('to recipient email address', 'recipient', '收件人', 'email', 1),
            ('subject title', 'subject', '主题', 'title', 1),
            ('body content text message', 'body', '正文', 'sentence', 0),
        ],
        en=[
            'Send an email to {0} with the subject "{1}"',
            'Email {0} about "{1}"',
            'Write to {0}, subject "{1}"',
            'Please send a mail to {0} titled "{1}"',
        ],
        zh=['给{0}发邮件，主题是“{1}”', '发一封邮件到 {0}，标题为“{1}”', '请发邮件给{0}，主题：“{1}”'],
        res=[('status', 'st'), ('message_id id', 'code')],
        en_a=['The email to {0} is {r0}. Its id is {r1}.'],
        zh_a=['发给{0}的邮件状态是{r0}，编号是{r1}。'],
    ),
    dict(
        names='translate translate_text text_translate translateText',
        noun=('translation', '翻译'),
        kind='get',
        en_d=['Translate text into another language'],
        zh_d=['把文本翻译成另一种语言', '翻译文本'],
        params=[
            ('text content', 'text', '文本', 'sentence', 1),
            ('target_language to lang target', 'target language', '目标语言', 'lang', 1),
        ],
        en=['Translate "{0}" into {1}', 'How do you say "{0}" in {1}?', 'Please translate "{0}" to {1}.'],
        zh=['把“{0}”翻译成{1}', '“{0}”用{1}怎么说？', '请将“{0}”译为{1}'],
        res=[('translation result text', 'title')],
        en_a=['The translation is: {r0}.', '"{0}" in {1} is: {r0}.'],
        zh_a=['翻译结果是：{r0}。', '{1}是：{r0}。'],
    ),
    dict(
        names='get_stock_price stock_price get_quote quote getStockPrice',
        noun=('stock', '股票'),
        kind='get',
        en_d=['Get the current stock price', 'Latest price of a stock symbol.'],
        zh_d=['查询股票价格', '获取股票的最新价'],
        params=[('symbol ticker code', 'symbol', '股票代码', 'tick', 1)],
        en=[
            'What is the stock price of {0}?',
            'How is {0} doing?',
            'price of {0}',
            'Get me a quote for {0}',
            'How much is {0} stock?',
        ],
        zh=['{0}的股价是多少？', '查一下{0}股票', '{0}现在什么价？', '{0} 股票今天怎么样'],
        res=[('price last close', 'float'), ('currency', 'curr')],
        en_a=['{0} trades at {r0} {r1}.', 'The price of {0} is {r0} {r1}.'],
        zh_a=['{0}的价格是{r0} {r1}。', '{0}现价{r0} {r1}。'],
    ),
    dict(
        names='get_current_time get_time current_time time_now getTime',
        noun=('time', '时间'),
        kind='get',
        en_d=['Get the current time in a city'],
        zh_d=['查询城市的当前时间', '获取当前时间'],
        params=[('city timezone location', 'city', '城市', 'city', 1)],
        en=['What time is it in {0}?', 'current time in {0}', 'Tell me the time in {0}'],
        zh=['{0}现在几点？', '{0}的时间是多少', '查一下{0}几点了'],
        res=[('time local_time', 'time'), ('date', 'date')],
        en_a=['It is {r0} in {0} on {r1}.'],
        zh_a=['{0}现在是{r1} {r0}。'],
    ),
    dict(
        names='set_reminder create_reminder add_reminder remind setReminder',
        noun=('reminder', '提醒'),
        kind='create',
        en_d=['Create a reminder'],
        zh_d=['创建提醒', '设置一个提醒'],
        params=[
            ('text title content message', 'text', '内容', 'title', 1),
            ('time at', 'time', '时间', 'time', 1),
            ('date day', 'date', '日期', 'date', 0),
        ],
        en=['Remind me about "{0}" at {1}', 'Set a reminder "{0}" for {1}', 'At {1} remind me: "{0}"'],
        zh=['{1}提醒我“{0}”', '设置提醒“{0}”，时间{1}', '请在{1}提醒我“{0}”'],
        res=[('reminder_id id', 'code'), ('status', 'st')],
        en_a=['The reminder is {r1}. Its id is {r0}.', 'I set the reminder: its id is {r0} and its status {r1}.'],
        zh_a=['提醒的编号是{r0}，状态是{r1}。', '提醒已设置，编号是{r0}，状态{r1}。'],
    ),
    dict(
        names='book_restaurant reserve_table restaurant_booking bookTable make_reservation',
        noun=('restaurant', '餐厅'),
        kind='book',
        en_d=['Book a table at a restaurant'],
        zh_d=['预订餐厅座位', '预订餐厅'],
        params=[
            ('restaurant name', 'restaurant', '餐厅', 'title', 1),
            ('people party_size guests', 'number of people', '人数', 'small', 1),
            ('date day', 'date', '日期', 'date', 1),
            ('time at', 'time', '时间', 'time', 0),
        ],
        en=[
            'Book a table for {1} at {0} on {2}',
            'Reserve {0} for {1} people on {2}',
            'I want a table at {0} on {2} for {1}',
        ],
        zh=['订{0}的位子，{1}人，{2}', '帮我在{0}预订{2}的座位，一共{1}个人', '{2}在{0}订一桌，{1}位'],
        res=[('confirmation booking_id', 'code'), ('status', 'st')],
        en_a=['Your booking is {r1}. The {k0} is {r0}.', 'The table at {0}: {r1}, the {k0} is {r0}.'],
        zh_a=['预订的状态是{r1}，确认码是{r0}。', '{0}的预订：{r1}，确认码{r0}。'],
    ),
    dict(
        names='search_flights find_flights flight_search searchFlights',
        noun=('flight', '航班'),
        kind='search',
        en_d=['Search flights between two cities'],
        zh_d=['搜索航班', '查询两地之间的航班'],
        params=[
            ('from origin departure from_city', 'origin', '出发地', 'city', 1),
            ('to destination arrival to_city', 'destination', '目的地', 'city', 1),
            ('date departure_date day', 'date', '日期', 'date', 1),
        ],
        en=[
            'Find flights from {0} to {1} on {2}',
            'I want to fly from {0} to {1} on {2}',
            'flights {0} to {1} {2}',
            'Any flights to {1} from {0} on {2}?',
        ],
        zh=['查一下{2}从{0}到{1}的航班', '{2}{0}飞{1}的机票', '我要{2}从{0}去{1}', '帮我找{0}到{1}的航班，{2}'],
        res=[('flight flight_no', 'code'), ('price', 'float'), ('departure_time', 'time')],
        en_a=['Flight {r0} leaves at {r2} and costs {r1}.'],
        zh_a=['航班{r0}，{r2}起飞，价格{r1}。'],
    ),
    dict(
        names='calculate calculator compute evaluate arithmetic doMath',
        noun=('number', '数字'),
        kind='calc',
        en_d=['Calculate with two numbers'],
        zh_d=['计算两个数'],
        params=[
            ('a x first', 'first number', '第一个数', 'num', 1),
            ('b y second', 'second number', '第二个数', 'num', 1),
            ('op operation operator', 'operation', '运算', 'enum:add,subtract,multiply,divide', 1),
        ],
        en=['{2} {0} and {1}', '{0} {1} {2}', 'Please {2} {0} by {1}', 'Can you {2} {0} and {1}?'],
        zh=['{0}{2}{1}等于多少？', '算一下{0}{2}{1}', '帮我计算{0}{2}{1}', '计算一下{0}{2}{1}'],
        zh_words={'add': '加', 'subtract': '减', 'multiply': '乘以', 'divide': '除以'},
        res=[('result value answer', 'float')],
        en_a=['The result is {r0}.'],
        zh_a=['结果是{r0}。'],
    ),
    dict(
        names='turn_on_light control_light set_light light_switch setLight',
        noun=('light', '灯'),
        kind='start',
        en_d=['Turn a light on or off'],
        zh_d=['开关灯', '控制灯光'],
        params=[
            ('room location', 'room', '房间', 'room', 1),
            ('state power', 'state', '状态', 'enum:on,off', 1),
            ('brightness level', 'brightness', '亮度', 'int', 0),
        ],
        en=['Turn {1} the light in the {0}', 'Switch the {0} light {1}', 'Lights {1} in the {0}'],
        zh=['{1}{0}的灯', '把{0}的灯{1}', '请{1}{0}灯', '把{0}灯{1}一下'],
        zh_words={'on': '打开', 'off': '关闭'},
        res=[('status', 'st')],
        en_a=['The {0} light request is {r0}.'],
        zh_a=['{0}的灯：{r0}。'],
    ),
    dict(
        names='play_music play_song music_play playMusic',
        noun=('song', '歌曲'),
        kind='start',
        en_d=['Play a song'],
        zh_d=['播放歌曲', '播放音乐'],
        params=[('song title name', 'song', '歌名', 'title', 1), ('artist singer', 'artist', '歌手', 'person', 0)],
        en=['Play {0}', 'I want to listen to "{0}"', 'Put on {0} please'],
        zh=['播放{0}', '我想听“{0}”', '放一首{0}'],
        res=[('status', 'st'), ('duration', 'int')],
        en_a=['The song is {r0}; the duration is {r1}.'],
        zh_a=['歌曲{r0}，时长{r1}。'],
    ),
    dict(
        names='search_web web_search google search bing_search',
        noun=('web', '网页'),
        kind='search',
        en_d=['Search the web'],
        zh_d=['搜索网页', '在网上搜索'],
        params=[
            ('query q keyword', 'query', '关键词', 'title', 1),
            ('limit max_results count', 'limit', '上限', 'int', 0),
        ],
        en=['Search the web for "{0}"', 'google {0}', 'Look up {0} online', 'find pages about {0}'],
        zh=['搜索{0}', '在网上查“{0}”', '帮我搜一下{0}'],
        res=[('title', 'title'), ('url', 'url')],
        en_a=['I found {r0}: {r1}'],
        zh_a=['找到了{r0}：{r1}'],
    ),
]


def make_classic(g, zh_desc):
    """One of the functions above under one of its names."""
    d = g.choice(CLASSICS)
    f = dict(
        kind=d['kind'],
        noun=d['noun'],
        aspect=None,
        verb=g.choice(VERBS[d['kind']][0]),
        en_np=d['noun'][0],
        zh_np=d['noun'][1],
    )
    nm = g.choice(d['names'].split())
    f['name'] = (g.choice(PREFIXES) + '_' + nm) if g.chance(0.06) else nm
    args = []
    for ids, en, zh, kind, req in d['params']:
        if not req and g.chance(0.55):
            continue
        name = g.choice(ids.split())
        st = {'int': 'integer', 'small': 'integer', 'float': 'number', 'num': 'number'}.get(kind, 'string')
        sc = {'type': st}
        if g.chance(0.75):
            sc['description'] = (
                g.choice([zh, zh + '名称' if kind == 'city' else zh, '要查询的' + zh])
                if zh_desc
                else g.choice(
                    [
                        'The ' + en,
                        en.capitalize(),
                        {
                            'city': 'The city name, e.g. ' + g.city(False),
                            'code': 'The ' + en + ', e.g. ' + g.code(),
                        }.get(kind, 'The ' + en),
                    ]
                )
            )
        if kind.startswith('enum:'):
            sc['enum'] = kind[5:].split(',')
            kind = 'enum'
        if kind == 'small':
            kind = 'int'
        if kind == 'num':
            kind = 'int' if g.chance(0.7) else 'float'
        a = Arg(name, en, zh, sc, kind, bool(req))
        args.append(a)
    f['args'] = args
    props = {a.name: a.schema for a in args}
    fn = {
        'name': f['name'],
        'description': g.choice(d['zh_d'] if zh_desc else d['en_d']),
        'parameters': {'type': 'object', 'properties': props, 'required': [a.name for a in args if a.required]},
    }
    f['tool'] = {'type': 'function', 'function': fn} if g.chance(0.95) else fn

    def say(g, f, vals, zh, greets=True):
        """A request in natural words."""
        words = d.get('zh_words', {}) if zh else {}
        main = [words.get(v, v) for a, v in vals if a.required]
        t = g.choice(d['zh' if zh else 'en'])
        s = t.format(*main)
        opt = [g.say(a, v, zh) for a, v in vals if not a.required]
        if opt:
            tail = ''
            if s[-1] in '?？.。':
                s, tail = s[:-1], s[-1]
            s = s + ('，' if zh else ' ' if g.chance(0.5) else ', ') + ('，' if zh else ', ').join(opt) + tail
        if greets and g.chance(0.15):
            s = (
                g.choice(['你好，', '请问', '麻烦，']) if zh else g.choice(['Hi, ', 'Hello! ', 'Please: ', 'Hey, '])
            ) + s
        return s

    def res(g, f, vals, zh):
        """(JSON text of the result, answer sentence, think sentence), as Results.result."""
        main = [str(v) for a, v in vals if a.required]
        fs = [(g.choice(k.split()), kd) for k, kd in d['res']]
        if d['res'][0][1] == 'temp':
            fs = fs[:2] if g.chance(0.6) else fs
        vs = [g.field_value(k, zh) for _, k in fs]
        obj = {k: v for (k, _), v in zip(fs, vs)}
        if g.chance(0.2):
            obj = {**{vals[0][0].name: vals[0][1]}, **obj}

        def lab(key):
            return key.replace('_', ' ')

        def listed():
            """Every value of the result, one after the other."""
            zl = {
                'st': '状态',
                'date': '日期',
                'temp': '温度',
                'cond': '天气',
                'pct': '湿度',
                'float': '数值',
                'rate': '汇率',
                'code': '编号',
                'title': '结果',
                'curr': '货币',
                'time': '时间',
                'int': '时长',
                'url': '链接',
            }
            labels = {k: zl.get(kd, k) if zh else lab(k) for k, kd in fs}
            echoed = vals[0][0]
            facts = [(labels.get(k) or (echoed.zh if zh else echoed.en), v) for k, v in obj.items()]
            if zh:
                return main[0] + '：' + '，'.join(f'{label}是{v}' for label, v in facts) + '。'
            clauses = [f'the {label} is {v}' for label, v in facts]
            body = ', '.join(clauses[:-1]) + (' and ' if len(clauses) > 1 else '') + clauses[-1]
            return g.choice([body[0].upper() + body[1:] + '.', f'For {main[0]}, {body}.'])

        if g.chance(0.25) or len(fs) != len(d['res']):
            ans = listed()
        else:
            kw = {f'r{i}': v for i, v in enumerate(vs)}
            kw.update({f'k{i}': lab(k) if not zh else '预计日期' for i, (k, _) in enumerate(fs)})
            t = g.choice(d['zh_a' if zh else 'en_a'])
            m = list(main)
            if d['res'][0][1] == 'temp':
                m = [main[0], vs[1]]
            ans = t.format(*m, **kw)
            if any(str(v) not in ans for v in obj.values()):
                ans = listed()
        keys = ('、' if zh else ', ').join(obj)
        return (
            to_json(obj),
            ans,
            (
                g.choice([f'工具返回了 {keys}，告诉用户。', f'结果里有 {keys}。'])
                if zh
                else g.choice([f'The tool returned {keys}. I will report it.', f'The result has {keys}.'])
            ),
        )

    f['classic'], f['res'] = say, res
    return f
