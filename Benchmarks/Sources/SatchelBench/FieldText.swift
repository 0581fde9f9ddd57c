/// Random field text from a seed: SplitMix64 (Steele, Lea and Flood, 2014), words by Zipf's law.
struct FieldText {
    static let cities = "广州市 深圳市 佛山市 东莞市 南京市 苏州市 无锡市 杭州市 宁波市 温州市 成都市 绵阳市 武汉市 宜昌市 济南市 青岛市 郑州市 洛阳市 福州市 厦门市 西安市 长沙市".split(
        separator: " "
    ).map(String.init)
    static let districts = "天河区 白云区 越秀区 南山区 福田区 鼓楼区 西湖区 余杭区 武侯区 江汉区 洪山区 历下区 金水区 思明区 雁塔区 岳麓区 高新区 经开区".split(
        separator: " "
    ).map(String.init)
    static let roads = "人民路 中山路 解放路 建设路 和平路 新华路 文化路 长江路 黄河路 友谊路 胜利路 科技路 滨河路 花园路 学府路 朝阳路 光明路 幸福路".split(separator: " ")
        .map(String.init)
    static let firms = "恒达 瑞丰 天成 华信 鑫源 永盛 博远 安泰 金桥 盛世 联创 宏图 万通 同济 东方 嘉禾 海川 明德 正大 新锐 启航 卓越 信诚 德润".split(separator: " ")
        .map(String.init)
    static let trades = "医疗器械 商贸 建材 食品 电子 机械 化工 物流 信息技术 环保 汽配 五金 服装 印刷 生物科技 制药 能源".split(separator: " ").map(
        String.init)
    static let titles = "总经理 采购经理 财务主管 店长 技术总监 办公室主任 仓库主管 销售经理 院长 工程师".split(separator: " ").map(String.init)
    static let actions = "电话回访 上门拜访 寄送样品 发送报价 签订合同 安排演示 催收货款 无需跟进 售后处理 提交审批".split(separator: " ").map(String.init)
    private static let common =
        "的 了 客户 我们 已 在 对 不 和 价格 产品 需要 下周 今天 明天 报价 样品 合同 库存 送货 付款 反馈 质量 问题 联系 电话 经理 采购 预算 领导 审批 优惠 折扣 到货 时间 要求 数量 规格 型号 安装 调试 培训 售后 维修 满意 比较 考虑 认为 表示 希望 建议 确认 现场 查看 陈列 促销 活动 门店 销量 增长 下降 新品 推荐 试用 效果 良好 一般 账期 发票 对账 余额 签收 退货 换货 缺货 补货 及时 物流 仓库 盘点 拍照 上传 资料 齐全 证照 盖章 签字 老板 出差 开会 再访 周三 周五 上午 下午 跟进 重点 潜力 竞争 服务 态度 专业 认可 合作 稳定 新增 分店 地址 变更 装修 OK ERP PO VIP Excel 微信 PDF SKU"
        .split(separator: " ").map(String.init)
    private static let characters = Array(
        "工作业务数据系统方案计划项目实施进度成本利润市场区域渠道代理分销终端网点设备配件材料原料加工生产线班组人员车间检测标准认证环境安全消防卫生许可登记备案流程表单记录汇总统计分析报告会议通知安排协调沟通处理解决回复意见结果完成情况正常异常更新维护升级版本功能接口权限账号登录终止暂停恢复启动交付验收评估评价改进措施责任部门岗位职责考核奖励处罚"
    )
    private static let given = Array("伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉萍红玲建国志文斌辉鹏海波燕云飞鑫宇浩然")
    private static let family = Array("王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕")

    private var state: UInt64
    private var words: [String] = FieldText.common
    private var cumulated: [Double] = []

    init(seed: UInt64) {
        state = seed
        while words.count < 2600 {
            let length = below(4) == 0 ? 3 : 2
            words.append(String((0..<length).map { _ in Self.characters[below(Self.characters.count)] }))
        }
        var sum = 0.0
        for index in words.indices {
            sum += 1 / power(Double(index + 3))
            cumulated.append(sum)
        }
    }

    /// Goes on with other text in the same words.
    mutating func restart(from seed: UInt64) { state = seed }

    /// x to the power of 0.95, near enough: x divided by its twentieth root.
    private func power(_ x: Double) -> Double {
        var root = 1.0
        for _ in 0..<60 { root -= (twentieth(root) - x) / (20 * twentieth(root) / root) }
        return x / root
    }

    private func twentieth(_ x: Double) -> Double {
        let x4 = x * x * x * x
        return x4 * x4 * x4 * x4 * x4
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
    mutating func word(_ list: [String]) -> String { list[below(list.count)] }
    mutating func pick(_ list: [String]) -> Field { .text(word(list)) }

    /// Running text of about `length` characters.
    mutating func prose(_ length: Int) -> String {
        var text = ""
        var count = 0
        var written = 0
        while count < length {
            let word = below(100) < 93 ? zipfWord() : String(below(9999) + 1)
            text += word
            count += word.count
            written += 1
            if written % 5 == 0, below(10) < 7 {
                text += ["，", "，", "，", "。", "；"][below(5)]
                count += 1
            }
        }
        return text
    }

    private mutating func zipfWord() -> String {
        let target = Double(next() >> 11) / Double(1 << 53) * (cumulated.last ?? 0)
        var low = 0
        var high = cumulated.count - 1
        while low < high {
            let middle = (low + high) / 2
            if cumulated[middle] < target { low = middle + 1 } else { high = middle }
        }
        return words[low]
    }

    mutating func uuid() -> Field {
        let digits = Self.hex(next(), 16) + Self.hex(next(), 16)
        let parts = [(0, 8), (8, 4), (12, 4), (16, 4), (20, 12)].map { start, count in
            String(digits.dropFirst(start).prefix(count))
        }
        return .text(
            [parts[0], parts[1], "4" + parts[2].dropFirst(), "a" + parts[3].dropFirst(), parts[4]].joined(
                separator: "-"))
    }

    private static func hex(_ number: UInt64, _ width: Int) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: width - digits.count) + digits
    }

    static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }

    mutating func person() -> Field {
        .text(
            String([
                Self.family[below(Self.family.count)], Self.given[below(Self.given.count)],
                Self.given[below(Self.given.count)],
            ]))
    }

    mutating func phone() -> Field {
        .text(word(["138", "139", "150", "186", "177"]) + Self.padded(below(100_000_000), 8))
    }
    mutating func mail() -> Field {
        .text(word(["wang", "li", "zhang", "liu", "chen"]) + "\(below(9999))@" + word(["163.com", "qq.com"]))
    }

    mutating func time(day: Int) -> Field {
        let parts = [1 + day / 28 % 12, 1 + day % 28, 8 + below(11), below(60), below(60)].map { Self.padded($0, 2) }
        return .text("2024-\(parts[0])-\(parts[1])T\(parts[2]):\(parts[3]):\(parts[4])Z")
    }
}
