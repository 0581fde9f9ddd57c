import SatchelFieldwork

/// Writes what a visitor would note down: whole sentences that fit the client's trade.
struct FieldNotes {
    /// What was talked about, about a hundred characters.
    static func visit(at client: Client, met: String?, using random: inout SplitMix64) -> String {
        let product = client.products.map { $0.split(separator: "、").map(String.init) }.map { random.pick($0) } ?? "产品"
        let person = met.map { "会见\($0)，" } ?? ""
        let opening = random.pick([
            "上午到厂，\(person)看了\(product)生产线和成品库。", "下午到客户处，\(person)就\(product)的检验安排交换了意见。",
            "按计划走访，\(person)了解近期\(product)的生产和销售情况。", "客户邀请，\(person)现场察看了\(product)的取样过程。",
        ])
        let finding = random.pick([
            "近两批抽检全部合格，客户对报告时限满意。", "上批有一项指标不合格，已说明原因，准备整改后复检。",
            "上月产量比去年同期增长\(random.int(3...40))%，送检批次会随之增加。", "旺季将至，客户要求报告在\(random.int(3...7))个工作日内出具。",
            "标准换版后不清楚新增项目，当场作了解释。", "竞争机构报价低\(random.int(5...20))%，客户看重我们的服务，尚未动摇。",
        ])
        let ending = random.pick([
            "约定下月再访。", "资料齐全，已拍照存档。", "合同今年到期，续签意向明确。", "负责人出差，细节改日电话确认。", "客户希望派人做一次标准培训。", "送样地址有变，已记录。",
        ])
        return opening + finding + ending
    }

    static func opinion(using random: inout SplitMix64) -> String {
        random.pick([
            "报告出得慢，希望能网上查进度", "前台电话难打通", "收费项目看不懂，请附说明", "取样员态度好，提出表扬", "希望固定一位联系人", "发票寄送晚了两周",
        ])
    }

    static func need(of client: Client, using random: inout SplitMix64) -> String {
        random.pick(["加急检验", "新国标培训", "出口认证咨询", "上门取样", "对比测试", "年度检验协议报价"]) + "（\(client.industry ?? "其他")）"
    }

    static func promise(using random: inout SplitMix64) -> String {
        random.pick(["三日内答复", "本周寄出报价", "安排技术人员电话说明", "下次带标准文本", "月底前安排培训"])
    }
}
