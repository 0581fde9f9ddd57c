internal import ArgumentParser
internal import Satchel
internal import SatchelCommands

/// Where the hub's key comes from (CLI-21).
struct TrustOptions: ParsableArguments {
    @Option(help: ArgumentHelp("A replica of the data set.", valueName: "replica")) var replica: String?
    @Option(help: ArgumentHelp("The hub's directory.", valueName: "hub")) var hub: String?
    @Option(help: ArgumentHelp("An enrolment file of the data set.", valueName: "file")) var enrolment: String?

    func validate() throws {
        guard [replica, hub, enrolment].compactMap(\.self).count <= 1 else {
            throw ValidationError("give only one of --replica, --hub and --enrolment")
        }
    }

    func inspect(_ bundle: String, _ answer: AnswerOptions) throws -> BundleTold {
        var anchor: TrustAnchor?
        if let path = replica ?? hub { anchor = TrustAnchor(try answer.replica(path)) }
        if let enrolment { anchor = try TrustAnchor(Enrolment(contentsOf: enrolment)) }
        return BundleTold(bundle, try BundleInspection(contentsOf: bundle, anchor: anchor))
    }
}
