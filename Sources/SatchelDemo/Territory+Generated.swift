import SatchelFieldwork

extension Territory {
    /// How many of each record to make.
    struct Size: Sendable {
        var clients = 400
        var contacts = 1200
        var visits = 2000
    }

    /// A territory of five districts, the same for the same seed: valid credit codes, no name twice, everything made
    /// before `today`, and a plan for today for every twentieth client.
    static func generated(seed: UInt64, today: Day, size: Size = Size()) -> Territory {
        var maker = TerritoryMaker(seed: seed, today: today)
        let clients = (0..<size.clients).map { maker.client(number: $0) }
        var contacts: [Contact] = []
        for number in 0..<size.contacts where !clients.isEmpty {
            contacts.append(maker.contact(of: clients[number % clients.count], isFirst: number < clients.count))
        }
        var namesByClient: [String: [String]] = [:]
        for contact in contacts { namesByClient[contact.clientId, default: []].append(contact.name) }
        var visits: [Visit] = []
        for _ in 0..<size.visits where !clients.isEmpty {
            let client = maker.random.pick(clients)
            visits.append(maker.visit(to: client, people: namesByClient[client.id] ?? []))
        }
        let plans = stride(from: 0, to: clients.count, by: 20).map { maker.plan(for: clients[$0]) }
        return Territory(
            staff: Vocabulary.districts.map { Staff(name: $0.staff, district: $0.name) }, clients: clients,
            contacts: contacts, plans: plans, visits: visits.sorted { $0.createdAt.rawValue < $1.createdAt.rawValue })
    }
}

/// Makes one record after another from one line of randomness.
struct TerritoryMaker {
    var random: SplitMix64
    private let today: Int
    private var ids = RecordIDs()
    private var names: Set<String> = []

    init(seed: UInt64, today: Day) {
        random = SplitMix64(seed: seed)
        self.today = today.number ?? 0
    }

    mutating func client(number: Int) -> Client {
        let district = Vocabulary.districts[number % Vocabulary.districts.count]
        let trade = random.pick(Vocabulary.trades)
        let isPublic = random.chance(8)
        let made = moment(daysAgo: random.int(400...2500))
        var client = Client(id: id(at: made), name: name(isPublic, trade, district), by: district.staff, at: made)
        client.shortName = isPublic ? nil : String(client.name.dropFirst(2).prefix(2))
        client.creditCode = CreditCode.random(kind: isPublic ? "12" : "91", region: district.code, using: &random)
        client.category = isPublic ? .government : .enterprise
        client.industry = isPublic ? "公共服务" : trade.industry
        client.products = isPublic ? nil : trade.products.shuffled(using: &random).prefix(2).joined(separator: "、")
        client.province = "浙江省"
        client.city = "杭州市"
        client.county = district.name
        client.street = street()
        client.postcode = district.postcode
        client.latitude = coordinate(near: district.latitude)
        client.longitude = coordinate(near: district.longitude)
        client.district = district.name
        client.phone = "0571-" + random.digits(8)
        client.email = mail()
        client.lifecycle =
            random.chance(12) ? .prospect : random.chance(8) ? .atRisk : random.chance(4) ? .lost : .active
        client.lifecycleSince = Day(number: today - random.int(30...400))
        let fees = Int64(random.int(1...20) * random.int(1...20)) * 100_000
        client.annualFeesFen = fees
        client.agreementAmountFen = fees + Int64(random.int(0...10)) * 100_000
        client.outputValueFen = fees * Int64(random.int(200...2000))
        client.tier = fees >= 15_000_000 ? .key : fees >= 5_000_000 ? .ordinary : .small
        client.tierBasis = "年度检验费用\(fees / 1_000_000)万元"
        client.keyAccount = client.tier == .key
        client.keyAccountKind = client.keyAccount ? .economic : nil
        client.cooperationSince = made.day
        client.owner = district.staff
        client.department = "客户一部"
        return client
    }

    /// The first contact of a client is the one who decides.
    mutating func contact(of client: Client, isFirst: Bool) -> Contact {
        let made = Moment(milliseconds: (client.createdAt.milliseconds ?? 0) + Int64(random.int(1...300)) * 86_400_000)
        let author = client.owner ?? client.createdBy
        var contact = Contact(id: id(at: made), clientId: client.id, name: person(), by: author, at: made)
        let post = random.pick(isFirst ? Vocabulary.posts.suffix(3) : Vocabulary.posts)
        contact.gender = random.chance(50) ? "男" : "女"
        contact.department = post.department
        contact.post = post.title
        contact.level = Contact.Level(rawValue: post.level)
        contact.phone = mobile()
        contact.email = random.chance(60) ? mail() : nil
        contact.preferences = random.chance(40) ? random.pick(Vocabulary.preferences) : nil
        contact.decisionRole = isFirst ? .decides : random.pick([.uses, .influences])
        contact.decisionCriterion = isFirst ? random.pick(Vocabulary.criteria) : nil
        return contact
    }

    /// A visit of the last year and a half, most by the client's owner, some by a colleague.
    mutating func visit(to client: Client, people: [String]) -> Visit {
        let visitor = random.chance(80) ? client.owner ?? client.createdBy : random.pick(Vocabulary.districts).staff
        let start = moment(daysAgo: random.int(1...540))
        let end = Moment(milliseconds: (start.milliseconds ?? 0) + Int64(random.int(20...150)) * 60_000)
        var visit = Visit(id: id(at: end), clientId: client.id, visitor: visitor, at: end)
        visit.kind = random.pick([.routine, .routine, .routine, .returnVisit, .satisfaction, .complaint])
        visit.purpose = random.pick(["例行走访", "复检", "合同续签", "报告送达", "意见回访", "新标准宣贯"])
        visit.met = people.isEmpty ? nil : random.pick(people)
        visit.place = client.street
        visit.latitude = client.latitude
        visit.longitude = client.longitude
        visit.startedAt = start
        visit.endedAt = end
        visit.note = FieldNotes.visit(at: client, met: visit.met, using: &random)
        visit.opinions = random.chance(30) ? FieldNotes.opinion(using: &random) : nil
        visit.needs = random.chance(30) ? FieldNotes.need(of: client, using: &random) : nil
        visit.promised = visit.needs == nil ? nil : FieldNotes.promise(using: &random)
        visit.followUp = visit.promised
        visit.followUpDue = visit.promised == nil ? nil : Day(number: (end.day.number ?? 0) + random.int(3...14))
        visit.submittedAt = end
        return visit
    }

    mutating func plan(for client: Client) -> VisitPlan {
        let made = moment(daysAgo: random.int(2...14))
        let author = client.owner ?? client.createdBy
        var plan = VisitPlan(id: id(at: made), clientId: client.id, by: author, at: made)
        plan.plannedOn = Day(number: today)
        plan.assignee = author
        plan.kind = .routine
        plan.purpose = "例行走访"
        plan.stateSince = made.day
        return plan
    }
}

extension TerritoryMaker {
    private mutating func id(at moment: Moment) -> String {
        ids.next(at: moment.milliseconds ?? 0, using: &random)
    }

    /// During the working hours of China, eight hours ahead of UTC.
    private mutating func moment(daysAgo days: Int) -> Moment {
        let seconds = (today - days) * 86_400 + random.int(0...9) * 3600 + random.int(0...3599)
        return Moment(milliseconds: Int64(seconds) * 1000 + Int64(random.int(0...999)))
    }

    private mutating func name(
        _ isPublic: Bool, _ trade: Vocabulary.Trade, _ district: Vocabulary.District
    ) -> String {
        while true {
            let name =
                isPublic
                ? "杭州市\(district.name)\(random.pick(Vocabulary.roads))\(random.pick(Vocabulary.publicBodies))"
                : "杭州\(random.pick(Vocabulary.firmFirst))\(random.pick(Vocabulary.firmSecond))\(trade.word)"
                    + random.pick(Vocabulary.firmForms)
            if names.insert(name).inserted { return name }
        }
    }

    private mutating func person() -> String {
        let given = (0..<random.int(1...2)).map { _ in random.pick(Vocabulary.givenNames) }
        return random.pick(Vocabulary.surnames) + given.joined()
    }

    private mutating func street() -> String {
        let number = random.int(1...999)
        return "\(random.pick(Vocabulary.roads))\(number)号\(random.pick(Vocabulary.buildings))\(random.int(1...20))幢"
    }

    mutating func mobile() -> String { random.pick(Vocabulary.mobilePrefixes) + random.digits(8) }

    private mutating func mail() -> String {
        "\(random.pick(Vocabulary.pinyin))\(random.pick(Vocabulary.pinyin))\(random.int(1...999))@\(random.pick(Vocabulary.mailHosts))"
    }

    /// Within about four kilometres, to six decimals.
    private mutating func coordinate(near middle: Double) -> Double {
        ((middle + Double(random.int(-35_000...35_000)) / 1e6) * 1e6).rounded() / 1e6
    }
}
