/// The words that a generated territory is made of: the trade of a provincial product-quality inspection institute
/// 省产品质量检验院 with clients in five districts of Hangzhou.
enum Vocabulary {
    /// Each person of the day with their district, its administrative code, postcode and middle.
    static let districts: [District] = [
        District(name: "西湖区", code: "330106", postcode: "310013", latitude: 30.259, longitude: 120.130, staff: "王芳"),
        District(name: "滨江区", code: "330108", postcode: "310051", latitude: 30.208, longitude: 120.212, staff: "李建国"),
        District(name: "萧山区", code: "330109", postcode: "311200", latitude: 30.183, longitude: 120.264, staff: "陈晓东"),
        District(name: "余杭区", code: "330110", postcode: "311100", latitude: 30.419, longitude: 119.978, staff: "周雨晴"),
        District(name: "临平区", code: "330113", postcode: "311103", latitude: 30.421, longitude: 120.299, staff: "沈志明"),
    ]

    struct District: Sendable {
        let name: String, code: String, postcode: String
        let latitude: Double, longitude: Double
        let staff: String
    }

    /// A trade, how firms in it are called, what they make, and the standard it is tested by.
    static let trades: [Trade] = [
        Trade(industry: "食品制造", word: "食品", products: ["糕点", "速冻水饺", "龙井茶", "坚果炒货", "调味酱"], standard: "GB 7099"),
        Trade(industry: "电子电器", word: "电器", products: ["电热水壶", "插座", "LED灯具", "充电器", "电风扇"], standard: "GB 4706.1"),
        Trade(industry: "纺织服装", word: "服饰", products: ["婴幼儿服装", "羊绒衫", "校服", "床上用品", "羽绒服"], standard: "GB 18401"),
        Trade(industry: "建筑材料", word: "建材", products: ["瓷砖", "防水卷材", "人造板", "水泥管", "铝合金型材"], standard: "GB 18580"),
        Trade(industry: "五金机械", word: "五金", products: ["水龙头", "防盗门锁", "紧固件", "阀门", "手动葫芦"], standard: "GB 18145"),
        Trade(industry: "玩具文具", word: "文具", products: ["毛绒玩具", "积木", "学生书包", "水彩笔", "童车"], standard: "GB 6675"),
        Trade(industry: "化工涂料", word: "化工", products: ["内墙涂料", "洗衣液", "胶粘剂", "消毒液", "车用尿素"], standard: "GB 18582"),
        Trade(industry: "医疗器械", word: "医疗器械", products: ["医用口罩", "血压计", "体温计", "轮椅", "一次性手套"], standard: "GB 19083"),
        Trade(industry: "汽车配件", word: "汽配", products: ["刹车片", "机油滤清器", "雨刮器", "轮毂", "安全座椅"], standard: "GB 5763"),
        Trade(industry: "包装印刷", word: "包装", products: ["食品包装袋", "纸箱", "一次性餐盒", "标签", "玻璃瓶"], standard: "GB 4806.7"),
    ]

    struct Trade: Sendable {
        let industry: String, word: String, products: [String], standard: String
    }

    static let firmFirst = characters("恒瑞华永博安金盛联宏中万同东嘉海明德正新启卓信诚润佳益丰凌天鑫泰源远达")
    static let firmSecond = characters("达丰信盛远泰桥创科通济方禾川图合大锐航越德美康泽云成源兴和顺利邦")
    static let firmForms = ["有限公司", "有限公司", "有限公司", "股份有限公司", "集团有限公司"]
    static let publicBodies = ["第一小学", "第二中学", "人民医院", "社区卫生服务中心", "实验幼儿园", "市场监督管理所", "文化馆", "养老服务中心"]

    static let surnames = characters("王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕")
    static let givenNames = characters("伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉萍红玲建国志文斌辉鹏海波燕云飞")
    static let posts: [Post] = [
        Post(title: "检验员", level: "working", department: "质检部"),
        Post(title: "质量工程师", level: "working", department: "质检部"),
        Post(title: "采购专员", level: "working", department: "采购部"),
        Post(title: "质量经理", level: "middle", department: "质检部"),
        Post(title: "生产厂长", level: "middle", department: "生产部"),
        Post(title: "采购经理", level: "middle", department: "采购部"),
        Post(title: "总经理", level: "senior", department: "总经办"), Post(title: "副总经理", level: "senior", department: "总经办"),
    ]

    struct Post: Sendable {
        let title: String, level: String, department: String
    }

    static let preferences = ["喝茶", "钓鱼", "乒乓球", "不喜打扰，先发短信", "习惯邮件沟通", "周一上午不见客", "书法", "羽毛球"]
    static let criteria = ["price", "quality", "speed", "preference"]
    static let roads = [
        "文一路", "文三路", "天目山路", "江南大道", "滨盛路", "江陵路", "市心北路", "金城路", "通惠路", "良渚大道", "文一西路", "高教路", "迎宾路", "藕花洲大街", "兴国路",
        "科技园路",
    ]
    static let buildings = ["科技园", "工业园", "产业园", "创业中心", "商务中心", "标准厂房", "物流园"]
    static let pinyin = ["wang", "li", "zhang", "liu", "chen", "yang", "zhao", "zhou", "wu", "xu", "sun", "shen"]
    static let mailHosts = ["163.com", "qq.com", "126.com", "sina.com"]
    static let mobilePrefixes = ["138", "139", "150", "186", "177", "159", "135", "188"]

    private static func characters(_ text: String) -> [String] { text.map(String.init) }
}
