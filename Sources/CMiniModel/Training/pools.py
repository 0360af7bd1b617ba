"""Word pools of the synthetic corpus. Every entry is (English, Chinese)."""

NOUNS = """order 订单|invoice 发票|shipment 货运|package 包裹|ticket 工单|customer 客户|account 账户|payment 付款|refund 退款|product 商品
contract 合同|employee 员工|meeting 会议|event 活动|task 任务|project 项目|report 报告|document 文档|file 文件|folder 文件夹
photo 照片|video 视频|song 歌曲|playlist 歌单|movie 电影|book 图书|article 文章|recipe 菜谱|restaurant 餐厅|hotel 酒店
room 房间|flight 航班|train 火车|bus 公交|taxi 出租车|route 路线|trip 行程|car 汽车|bike 自行车|parking spot 停车位
weather 天气|forecast 天气预报|air quality 空气质量|temperature 温度|alarm 闹钟|reminder 提醒|timer 计时器|calendar 日历|note 笔记|message 消息
email 邮件|contact 联系人|phone call 电话|notification 通知|subscription 订阅|coupon 优惠券|discount 折扣|cart 购物车|review 评论|rating 评分
stock 股票|exchange rate 汇率|loan 贷款|budget 预算|expense 开支|tax 税款|salary 工资|insurance policy 保单|claim 理赔|bank card 银行卡
server 服务器|database 数据库|container 容器|cluster 集群|backup 备份|log 日志|deployment 部署|build 构建|branch 分支|commit 提交
bug 缺陷|test case 测试用例|sensor 传感器|light 灯|thermostat 恒温器|door lock 门锁|camera 摄像头|printer 打印机|robot 机器人|drone 无人机
patient 病人|appointment 预约|prescription 处方|medicine 药品|doctor 医生|course 课程|student 学生|exam 考试|homework 作业|grade 成绩
library card 借书证|visa 签证|passport 护照|membership 会员|gift card 礼品卡|warehouse 仓库|inventory 库存|supplier 供应商|vehicle 车辆|battery 电池
survey 问卷|poll 投票|form 表单|dataset 数据集|model 模型|dashboard 看板|chart 图表|map 地图|translation 翻译|news 新闻
concert 演唱会|match 比赛|team 团队|player 球员|score 得分|pet 宠物|garden 花园|plant 植物|factory 工厂|machine 机器""".replace(
    '\n', '|'
)
NOUNS = [tuple(x.rsplit(' ', 1)) for x in NOUNS.split('|')]
HELDOUT_NOUNS = {
    'coupon',
    'drone',
    'visa',
    'sensor',
    'playlist',
    'claim',
    'warehouse',
    'prescription',
    'survey',
    'backup',
    'bike',
    'grade',
}

# kind: identifiers | English phrases | Chinese phrases
VERBS = {
    'get': (
        'get fetch lookup query read retrieve check show view'.split(),
        ['get', 'look up', 'check', 'show me', 'fetch', 'pull up', 'find', 'tell me', 'retrieve'],
        '查询 查一下 获取 看看 查看 告诉我 查查 了解'.split(),
    ),
    'search': (
        'search find list browse filter'.split(),
        ['search for', 'find', 'list', 'browse', 'look for'],
        '搜索 查找 列出 搜一下 找找 筛选'.split(),
    ),
    'create': (
        'create add new register make open insert'.split(),
        ['create', 'add', 'register', 'set up', 'make', 'open'],
        '创建 新建 添加 登记 新增 建立'.split(),
    ),
    'delete': (
        'delete remove cancel drop erase'.split(),
        ['delete', 'remove', 'cancel', 'get rid of', 'erase'],
        '删除 取消 移除 删掉 撤销'.split(),
    ),
    'update': (
        'update modify change edit set adjust'.split(),
        ['update', 'modify', 'change', 'edit', 'adjust'],
        '更新 修改 更改 编辑 调整'.split(),
    ),
    'send': (
        'send share deliver forward submit'.split(),
        ['send', 'share', 'deliver', 'forward', 'submit'],
        '发送 分享 转发 提交 发出'.split(),
    ),
    'book': (
        'book reserve schedule arrange plan'.split(),
        ['book', 'reserve', 'schedule', 'arrange', 'plan'],
        '预订 预约 安排 订 规划'.split(),
    ),
    'start': (
        'start run launch trigger enable activate'.split(),
        ['start', 'run', 'launch', 'trigger', 'enable', 'activate'],
        '启动 运行 开启 打开 触发 激活'.split(),
    ),
    'stop': (
        'stop pause halt disable close'.split(),
        ['stop', 'pause', 'halt', 'disable', 'close'],
        '停止 暂停 关闭 停用 终止'.split(),
    ),
    'export': ('export download save dump'.split(), ['export', 'download', 'save'], '导出 下载 保存'.split()),
    'calc': (
        'calculate compute estimate count'.split(),
        ['calculate', 'compute', 'estimate', 'work out'],
        '计算 估算 统计 算一下'.split(),
    ),
    'track': (
        'track monitor watch follow'.split(),
        ['track', 'monitor', 'watch', 'follow'],
        '跟踪 监控 追踪 关注'.split(),
    ),
    'verify': (
        'verify validate confirm approve'.split(),
        ['verify', 'validate', 'confirm', 'approve'],
        '验证 确认 核实 批准'.split(),
    ),
    'assign': ('assign transfer allocate'.split(), ['assign', 'transfer', 'allocate'], '分配 转移 指派'.split()),
    'print': ('print render display'.split(), ['print', 'render', 'display'], '打印 显示 渲染'.split()),
}
QUERY_KINDS = {'get', 'search', 'calc', 'track', 'verify'}
ASPECTS = [
    ('status', '状态'),
    ('details', '详情'),
    ('price', '价格'),
    ('history', '历史记录'),
    ('summary', '摘要'),
    ('location', '位置'),
    ('schedule', '时间表'),
    ('info', '信息'),
    ('settings', '设置'),
    ('owner', '负责人'),
    ('size', '大小'),
    ('balance', '余额'),
]
PREFIXES = ['api', 'crm', 'erp', 'my', 'app', 'svc', 'user', 'shop', 'home', 'cloud', 'smart', 'hr', 'acme', 'v2', 'x']
SUFFIXES = ['by_id', 'v2', 'now', 'info', 'data', 'record', 'async', 'tool', 'api']

CITIES_EN = "Beijing Shanghai Shenzhen Guangzhou Hangzhou Chengdu Wuhan Nanjing London Paris Tokyo Berlin Madrid Rome Sydney Toronto Chicago Boston Seattle Austin Denver Miami Dallas Houston Oslo Vienna Prague Dublin Lisbon Athens Cairo Nairobi Lagos Mumbai Delhi Seoul Osaka Kyoto Bangkok Singapore Jakarta Manila Hanoi Moscow Warsaw Zurich Geneva Munich Hamburg Milan Barcelona Valencia Porto Lyon Marseille Brussels Amsterdam Rotterdam Stockholm Copenhagen Helsinki Istanbul Dubai Lima Bogota Santiago Montreal Vancouver Auckland Melbourne Perth Brisbane".split() + [
    'New York',
    'San Francisco',
    'Los Angeles',
    'Hong Kong',
    'Cape Town',
    'Mexico City',
    'Buenos Aires',
    'Rio de Janeiro',
    'Kuala Lumpur',
    'New Delhi',
    'San Diego',
    'Las Vegas',
]
CITIES_ZH = "北京 上海 深圳 广州 杭州 成都 武汉 南京 西安 重庆 天津 苏州 青岛 大连 厦门 长沙 郑州 济南 合肥 福州 昆明 贵阳 南宁 海口 三亚 哈尔滨 长春 沈阳 石家庄 太原 兰州 西宁 银川 乌鲁木齐 拉萨 呼和浩特 南昌 宁波 温州 无锡 常州 东莞 佛山 珠海 中山 惠州 烟台 洛阳 桂林 丽江 大理 香港 澳门 台北 高雄 东京 大阪 首尔 伦敦 巴黎 纽约 柏林 罗马 悉尼 莫斯科 新加坡 曼谷 洛杉矶 旧金山 多伦多 温哥华 迪拜".split()
GIVEN_EN = "Alice Bob Carol David Emma Frank Grace Henry Ivy Jack Karen Leo Mia Noah Olivia Peter Quinn Rachel Sam Tina Victor Wendy Xander Yara Zoe Anna Ben Chloe Daniel Ella Felix Hannah Ian Julia Kevin Laura Mark Nina Oscar Paul Ruth Simon Tom Uma Vera Will Liam Lucas Maria Elena Omar Priya Raj Wei Ming Yuki Hiro".split()
SUR_EN = "Smith Jones Brown Taylor Wilson Clark Hall Young King Wright Green Baker Adams Nelson Carter Mitchell Turner Parker Evans Collins Chen Wang Li Zhang Liu Kumar Patel Singh Garcia Lopez Muller Schmidt Rossi Silva Costa Tanaka Sato Kim Park Novak".split()
SUR_ZH = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林郑罗梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严武戴莫孔向汤"
GIVEN_ZH = "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂文华建国志红玉梅春雨雪晨阳思远子轩浩宇欣怡梓涵佳琪俊凯嘉诚一诺天宇婷婷鹏飞海燕晓东小龙永康家豪若曦可馨瑞安乐心诗语"
WORDS_EN = "blue red green silver golden quick quiet bright early late cold warm soft hard simple annual weekly daily monthly final draft urgent internal public private secret local global mobile digital modern classic fresh sweet spicy wild gentle ocean river mountain forest desert island city village summer winter spring autumn morning evening night sunrise market garden kitchen office studio bridge tower castle station harbor museum school library coffee tea bread cheese noodle rice apple lemon mango orange pepper salmon chicken tofu soup salad cake budget review plan launch release update notes agenda summary guide story letter photo music dance travel sport yoga chess puzzle robot rocket planet star moon comet signal engine wheel mirror window table chair lamp clock keyboard laptop phone tablet camera speaker printer cable charger jacket shoes hat scarf bag wallet watch ring".split()
WORDS_ZH = "年度 每周 每日 月度 最终 紧急 内部 公开 本地 全球 移动 数字 现代 经典 新鲜 海洋 河流 高山 森林 沙漠 岛屿 城市 乡村 夏季 冬季 春季 秋季 早晨 晚间 市场 花园 厨房 办公 工作室 大桥 塔楼 车站 港口 博物馆 学校 咖啡 茶叶 面包 奶酪 面条 米饭 苹果 柠檬 芒果 橙子 辣椒 三文鱼 鸡肉 豆腐 汤 沙拉 蛋糕 预算 评审 计划 发布 更新 议程 总结 指南 故事 信件 照片 音乐 舞蹈 旅行 运动 瑜伽 象棋 拼图 火箭 行星 月亮 彗星 信号 引擎 车轮 镜子 窗户 桌子 椅子 台灯 时钟 键盘 电脑 手机 平板 相机 音箱 充电器 外套 鞋子 帽子 围巾 背包 钱包 手表 戒指 方案 复盘 培训 晚餐 聚会 生日 婚礼 面试".split()
DOMAINS = "example.com mail.com acme.io corp.cn test.org shop.net demo.dev 163.com qq.com gmail.com outlook.com company.co".split()
LANGS = [
    ('English', '英语'),
    ('French', '法语'),
    ('German', '德语'),
    ('Spanish', '西班牙语'),
    ('Japanese', '日语'),
    ('Korean', '韩语'),
    ('Chinese', '中文'),
    ('Italian', '意大利语'),
    ('Russian', '俄语'),
    ('Arabic', '阿拉伯语'),
]
CURR = "USD EUR CNY JPY GBP KRW HKD AUD CAD CHF SGD INR".split()
TICK = "AAPL MSFT GOOG AMZN TSLA NVDA META BABA NFLX INTC AMD ORCL IBM SONY".split()
ENUMS = [
    ['pending', 'packed', 'shipped', 'delivered', 'cancelled'],
    ['low', 'medium', 'high', 'urgent'],
    ['small', 'medium', 'large'],
    ['open', 'closed', 'archived'],
    ['asc', 'desc'],
    ['json', 'csv', 'xml', 'pdf'],
    ['daily', 'weekly', 'monthly', 'yearly'],
    ['economy', 'business', 'first'],
    ['red', 'green', 'blue', 'yellow'],
    ['draft', 'published', 'hidden'],
    ['standard', 'express', 'overnight'],
    ['admin', 'editor', 'viewer'],
    ['light', 'dark', 'auto'],
    ['cash', 'card', 'transfer'],
    ['walk', 'bike', 'drive', 'transit'],
    ['alpha', 'beta', 'stable'],
    ['north', 'south', 'east', 'west'],
    ['metric', 'imperial'],
    ['celsius', 'fahrenheit'],
    ['new', 'used', 'refurbished'],
    ['basic', 'pro', 'enterprise'],
]
ENUM_ZH = {
    'low': '低',
    'medium': '中',
    'high': '高',
    'urgent': '紧急',
    'small': '小',
    'large': '大',
    'celsius': '摄氏度',
    'fahrenheit': '华氏度',
    'asc': '升序',
    'desc': '降序',
    'red': '红色',
    'green': '绿色',
    'blue': '蓝色',
    'yellow': '黄色',
    'daily': '每天',
    'weekly': '每周',
    'monthly': '每月',
    'yearly': '每年',
}
STATUS = [
    'pending',
    'packed',
    'shipped',
    'delivered',
    'cancelled',
    'active',
    'inactive',
    'running',
    'stopped',
    'failed',
    'ready',
    'completed',
    'in transit',
    'on hold',
    'approved',
    'rejected',
    'open',
    'closed',
    'online',
    'offline',
    'processing',
    'queued',
    'confirmed',
    'expired',
]
STATUS_ZH = {
    'pending': '待处理',
    'packed': '已打包',
    'shipped': '已发货',
    'delivered': '已送达',
    'cancelled': '已取消',
    'active': '有效',
    'running': '运行中',
    'failed': '失败',
    'ready': '就绪',
    'completed': '已完成',
    'in transit': '运输中',
    'approved': '已批准',
    'rejected': '已拒绝',
    'online': '在线',
    'offline': '离线',
    'processing': '处理中',
    'confirmed': '已确认',
    'expired': '已过期',
}
COND = [
    ('sunny', '晴'),
    ('cloudy', '多云'),
    ('rainy', '下雨'),
    ('snowy', '下雪'),
    ('windy', '大风'),
    ('foggy', '有雾'),
    ('clear', '晴朗'),
    ('light rain', '小雨'),
    ('thunderstorm', '雷阵雨'),
    ('overcast', '阴'),
]
ERRORS = [
    'not found',
    'permission denied',
    'timeout',
    'invalid id',
    'service unavailable',
    'rate limit exceeded',
    'out of stock',
    'no results',
    'unknown location',
    'bad request',
]
ERRORS_ZH = ['未找到', '没有权限', '请求超时', '编号无效', '服务不可用', '库存不足', '没有结果', '参数错误']
ROOMS = [
    ('kitchen', '厨房'),
    ('bedroom', '卧室'),
    ('living room', '客厅'),
    ('bathroom', '浴室'),
    ('garage', '车库'),
    ('office', '书房'),
    ('hall', '走廊'),
    ('garden', '花园'),
]

# What the tokenizer learns besides the corpus: frequent characters, and words of two characters that become one token.
COMMON_HAN = (
    '的一是不了人我在有他这为之大来以个中上们到说国和地也子时道出而要于就下得可你年生自会那后能对着事其里'
    '所去行过家十用发天如然作方成者多日都三小军二无同么经法当起与好看学进种将还分此心前面又定见只主没公从'
    '今问很最重并物手应战向头文体政美相见被利什二等产或新己制身果加西斯月话合回特代内信表化老给世位次度门'
    '任常先海通教儿原东声提立及比员解水名真论处走义各入几口认条平系气题活尔更别打女变四神总何电数安少报才'
    '结反受目太量再感建务做接必场件计管期市直德资命山金指克许统区保至队形社便空决治展马科司五基眼书非则听'
    '白却界达光放强即像难且权思王象完设式色路记南品住告类求据程北边死张该交规万取拉格望觉术领共确传师观清'
    '今切院让识候带导争运笔元联步离深快热送件元室左右早晚午请谢您帮查询订单货号状态温雨雪晴阴云风冷热票价'
    '钱买卖换算译语英汉德韩法俄西班牙邮箱址链接路径密码账户付款退换开关灯音乐歌播放搜索网页图片视频文章新'
    '闻提醒闹钟备注消息短信会议室酒店房间餐厅座位航班机场火车站公交地铁出租司机乘客病医院药师学校课程考试'
    '成绩'
)
JOINED_HAN = (
    '用户 函数 调用 工具 返回 可以 需要 没有 结果 告诉 状态 参数 查询 请求 模型 演示 '
    '迷你 帮我 什么 怎么 处理 可用 定义 合适 这里 无法 添加 失败 成功 操作 完成 抱歉 '
    '两个 都有 名称 指定 例如 使用 获取 回答 问题 加载 完整 知道 关于'
).split()
