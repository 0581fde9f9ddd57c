import SatchelFieldwork
import Testing

@Suite struct DayMomentTests {
    @Test(arguments: [
        (0, "1970-01-01"), (-1, "1969-12-31"), (19_782, "2024-02-29"), (19_783, "2024-03-01"), (11_016, "2000-02-29"),
        (47_540, "2100-02-28"), (47_541, "2100-03-01"), (2_932_896, "9999-12-31"), (-719_468, "0000-03-01"),
    ])
    func daysAndTheirNumbersAgree(_ number: Int, _ text: String) {
        #expect(Day(number: number).rawValue == text)
        #expect(Day(rawValue: text).number == number)
    }

    @Test func everyDayOfFourCenturiesComesBack() {
        for number in -719_468 ..< -719_468 + 146_097 {
            #expect(Day(number: number).number == number)
        }
    }

    @Test(arguments: ["", "2023-02-29", "2024-13-01", "2024-00-10", "2024-1-1", "2024/01/01", "2024-01-32", "今天"])
    func whatIsNoDayIsKeptAndHasNoNumber(_ text: String) {
        #expect(Day(rawValue: text).number == nil)
        #expect(Day(rawValue: text).rawValue == text)
    }

    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"),
            (1_717_200_000_000, "2024-06-01T00:00:00.000Z"), (1_717_245_296_789, "2024-06-01T12:34:56.789Z"),
        ] as [(Int64, String)])
    func momentsAndTheirMillisecondsAgree(_ milliseconds: Int64, _ text: String) {
        #expect(Moment(milliseconds: milliseconds).rawValue == text)
        #expect(Moment(rawValue: text).milliseconds == milliseconds)
        #expect(Moment(rawValue: text).day.rawValue == String(text.prefix(10)))
    }

    @Test(arguments: [
        "", "2024-06-01", "2024-06-01 12:34:56", "2024-06-01T24:00:00.000Z", "2024-06-01T12:34:56.789+",
        "2024-02-30T12:34:56.789Z",
    ])
    func whatIsNoMomentIsKeptAndHasNoMilliseconds(_ text: String) {
        #expect(Moment(rawValue: text).milliseconds == nil)
    }
}
