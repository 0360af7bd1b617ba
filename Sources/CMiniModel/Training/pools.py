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
concert 演唱会|match 比赛|team 团队|player 球员|score 得分|pet 宠物|garden 花园|plant 植物|factory 工厂|machine 机器
ledger 账本|receipt 收据|quote 报价单|auction 拍卖|bid 出价|auditor 审计员|deposit 押金|mortgage 抵押贷款|pension 养老金|bonus 奖金
dividend 股息|portfolio 投资组合|fund 基金|wallet 钱包|token 令牌|voucher 代金券|reward 奖励|badge 徽章|trophy 奖杯|medal 奖牌
guest 访客|visitor 来宾|tenant 租户|landlord 房东|lease 租约|apartment 公寓|building 大楼|elevator 电梯|garage 车库|desk 工位
locker 储物柜|key card 门卡|gate 闸机|fence 围栏|pool 泳池|gym 健身房|workout 锻炼|diet 饮食计划|meal 餐食|menu 菜单
table booking 订桌|waiter 服务员|kitchen 厨房|ingredient 食材|grocery list 购物清单|catering 餐饮服务|cafe 咖啡馆|bakery 面包店|farm 农场|crop 作物
harvest 收成|tractor 拖拉机|irrigation 灌溉|greenhouse 温室|soil sample 土壤样本|river level 水位|tide 潮汐|earthquake 地震|storm 风暴|pollen 花粉
satellite 卫星|telescope 望远镜|rocket 火箭|orbit 轨道|experiment 实验|laboratory 实验室|specimen 标本|gene 基因|protein 蛋白质|vaccine 疫苗
nurse 护士|clinic 诊所|ward 病房|surgery 手术|diagnosis 诊断|allergy 过敏|blood test 血检|ambulance 救护车|pharmacy 药房|therapy 疗程
judge 法官|lawyer 律师|lawsuit 诉讼|court date 开庭日期|patent 专利|trademark 商标|license 许可证|permit 许可|certificate 证书|stamp 印章
election 选举|candidate 候选人|ballot 选票|district 选区|petition 请愿书|donation 捐款|charity 慈善机构|volunteer 志愿者|sponsor 赞助商|grant 资助
teacher 教师|classroom 教室|lesson 课时|syllabus 教学大纲|quiz 测验|lecture 讲座|thesis 论文|scholarship 奖学金|degree 学位|transcript 成绩单
library 图书馆|magazine 杂志|newspaper 报纸|chapter 章节|quotation 引文|bookmark 书签|podcast 播客|episode 剧集|channel 频道|broadcast 广播
album 专辑|lyrics 歌词|instrument 乐器|orchestra 乐团|festival 节日|exhibition 展览|painting 画作|sculpture 雕塑|gallery 画廊|theater 剧院
actor 演员|director 导演|script 剧本|costume 服装|stage 舞台|audience 观众|ticket sale 票务|seat 座位|stadium 体育场|league 联赛
coach 教练|referee 裁判|tournament 锦标赛|goal 进球|injury 伤病|training plan 训练计划|marathon 马拉松|swimmer 游泳运动员|race 赛跑|jersey 球衣
airport 机场|airline 航空公司|luggage 行李|boarding pass 登机牌|runway 跑道|pilot 飞行员|ferry 渡轮|cruise 邮轮|harbor 港口|anchor 船锚
truck 卡车|trailer 拖车|driver 司机|fuel 燃料|tire 轮胎|engine 发动机|toll 过路费|traffic jam 堵车|crossing 路口|bridge 桥梁
tunnel 隧道|subway 地铁|tram 电车|scooter 滑板车|charger 充电桩|gas station 加油站|road sign 路标|speed limit 限速|detour 绕行|map layer 图层
courier 快递员|mailbox 信箱|postcard 明信片|barcode 条形码|pallet 托盘|crate 板条箱|forklift 叉车|conveyor 传送带|stocktake 盘点|return label 退货标签
brand 品牌|catalog 目录|category 分类|bundle 套餐|promotion 促销|campaign 营销活动|banner 横幅|advertisement 广告|keyword 关键词|landing page 落地页
lead 线索|deal 交易|pipeline 销售漏斗|quota 配额|territory 销售区域|partner 合作伙伴|vendor 供货商|purchase 采购单|tender 招标|stakeholder 干系人
milestone 里程碑|sprint 冲刺|backlog 待办列表|roadmap 路线图|deadline 截止日期|timesheet 工时表|vacation 休假|sick leave 病假|overtime 加班|shift 班次
interview 面试|resume 简历|job offer 录用通知|vacancy 职位空缺|payroll 工资单|benefit 福利|training 培训|mentor 导师|workshop 研讨会|agenda 议程
webhook 网络钩子|endpoint 端点|api key 接口密钥|session 会话|cookie 小饼干|cache 缓存|queue 队列|topic 主题|schema 模式|index 索引
table 数据表|column 列|row 行|trigger 触发器|snapshot 快照|volume 卷|bucket 存储桶|firewall 防火墙|router 路由器|subnet 子网
domain 域名|proxy 代理|gateway 网关|load balancer 负载均衡器|node 节点|pod 容器组|namespace 命名空间|secret 密文|policy 策略|role 角色
password 密码|login 登录|fingerprint 指纹|signature 签名|encryption key 加密密钥|vulnerability 漏洞|incident 事故|alert 告警|metric 指标|trace 链路
release 版本|patch 补丁|package version 包版本|dependency 依赖|plugin 插件|widget 小部件|theme 主题样式|font 字体|icon 图标|layout 布局
screen 屏幕|keyboard 键盘|mouse 鼠标|headset 耳机|microphone 麦克风|speaker 音箱|projector 投影仪|scanner 扫描仪|router port 路由端口|cable 电缆
fridge 冰箱|oven 烤箱|washer 洗衣机|dryer 烘干机|vacuum 吸尘器|heater 加热器|fan 风扇|curtain 窗帘|doorbell 门铃|sprinkler 洒水器
water meter 水表|gas meter 燃气表|solar panel 太阳能板|wind turbine 风力发电机|generator 发电机|valve 阀门|pump 水泵|pipe 管道|boiler 锅炉|smoke detector 烟雾探测器
blog 博客|post 帖子|thread 讨论串|reply 回复|follower 粉丝|hashtag 话题标签|story 故事|avatar 头像|profile 个人资料|friend request 好友请求
chat room 聊天室|voice message 语音消息|sticker 贴纸|emoji 表情|group 群组|invitation 邀请|event ticket 活动门票|gift 礼物|wish list 愿望单|birthday 生日
anniversary 纪念日|wedding 婚礼|party 聚会|decoration 装饰|florist 花店|bouquet 花束|candle 蜡烛|jewelry 珠宝|ring size 戒指尺寸|tailor 裁缝
haircut 理发|salon 美发店|massage 按摩|spa 水疗|perfume 香水|lipstick 口红|shoe 鞋子|jacket 夹克|umbrella 雨伞|backpack 背包
tent 帐篷|campsite 营地|trail 步道|mountain hut 山屋|ski pass 滑雪票|boat 船只|kayak 皮划艇|fishing permit 钓鱼许可|beach 海滩|island tour 海岛游""".replace(
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
    'voucher',
    'tenant',
    'irrigation',
    'telescope',
    'clinic',
    'patent',
    'ballot',
    'thesis',
    'podcast',
    'orchestra',
    'stadium',
    'luggage',
    'trailer',
    'tunnel',
    'courier',
    'milestone',
    'payroll',
    'firewall',
    'incident',
    'plugin',
    'oven',
    'hashtag',
    'invitation',
    'bouquet',
    'kayak',
}

# Words before a noun, so that functions differ in one word of several.
MODIFIERS = [
    tuple(entry.split())
    for entry in (
        'customer 客户|supplier 供应商|team 团队|user 用户|guest 访客|company 公司|family 家庭|school 学校|office 办公室|home 家庭'
        '|daily 每日|weekly 每周|monthly 每月|annual 年度|public 公开|private 私人|internal 内部|external 外部|active 有效|archived 归档'
        '|draft 草稿|final 最终|new 新|old 旧|local 本地|global 全球|online 线上|mobile 移动|digital 数字|urgent 紧急'
        '|test 测试|backup 备用|main 主|default 默认|temporary 临时|shared 共享|personal 个人|group 团体|medical 医疗|legal 法律'
        '|student 学生|employee 员工|project 项目|event 活动|store 门店|factory 工厂|hotel 酒店|travel 旅行|sales 销售|support 客服'
    ).split('|')
]

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
TOLD_KINDS = QUERY_KINDS - {'verify'}  # what a question may ask for
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
LONG_ERRORS = [
    'this call was not allowed',
    'the user did not allow this call',
    'this call was not allowed: {s}',
    'the {n} {k} does not exist',
    'no {n} was found for {k}',
    'the {n} is closed until {t}',
    '{p} has to approve the {n} first',
    'the {n} in {c} is not available on {d}',
    'the server in {c} did not answer within {i} seconds',
    'you may not change the {n} before {d}',
    'the limit of {i} is reached, try again after {t}',
    'the command {f} ended with status {i}',
    'the value {k} is not valid for {f}',
    '{s}',
]
LONG_ERRORS_ZH = [
    '用户没有允许这次调用',
    '这次调用未被允许',
    '{n}{k}不存在',
    '没有找到编号为{k}的{n}',
    '{n}在{t}之前不可用',
    '需要{p}先批准{n}',
    '{c}的{n}在{d}没有空位',
    '{c}的服务器在{i}秒内没有响应',
    '{d}之前不能修改{n}',
    '已达到上限{i}，请在{t}之后重试',
    '{s}',
]
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

# The 3,755 characters of GB 2312's first level, the most frequent.
LEVEL_1_HAN = ''.join(
    bytes([high, low]).decode('gb2312')
    for high in range(0xB0, 0xD8)
    for low in range(0xA1, 0xFF if high < 0xD7 else 0xFA)
)
