internal import CFaultyDisk
internal import Satchel
internal import SatchelModel

/// The simulated disk below SQLite, one for the process.
enum FaultyDisk {
    /// Puts it in its place. To be called before SQLite is used for anything else.
    static func install() throws {
        guard faulty_install() == 0 else { throw WorldFailure(.error, "the disk of the worlds cannot be installed") }
    }
}

/// Disks that fail, and machines that lose their power.
extension World {
    /// Runs an act at a replica's disk, under the fault that waits for it, if one does. A replica that died is open
    /// again afterwards, by itself. Returns whether it died: at the call that the fault names, or right after an act
    /// that made fewer.
    ///
    /// What the act throws without a fault it throws here; what it throws because of one is for the caller to look
    /// at: `wasRefused`, `wasInterrupted`. An act that was not interrupted was acknowledged, and must stand (TST-10).
    @discardableResult
    func atDisk(_ peer: WorldPeer, _ act: () throws -> Void) throws -> Bool {
        turnClock(to: peer)
        peer.wasRefused = false
        peer.wasInterrupted = false
        guard let fault = peer.fault else {
            try act()
            return false
        }
        peer.fault = nil
        // Opened anew, so that the disk sees every call on its files.
        try peer.close()
        faulty_watch(peer.path)
        defer { faulty_watch(nil) }
        try peer.open()
        let begin = faulty_calls()
        var refusal: WorldEvent.Fate?
        switch fault {
        case .crash(let call, let fate):
            faulty_crash_at(begin + call)
            refusal = fate
        case .full(let call): faulty_fail_at(begin + call, 1 << 20, 13)  // SQLITE_FULL
        }
        var problem: (any Error)?
        do { try act() } catch { problem = error }
        if let fate = refusal {
            if faulty_crashed() == 0 {
                if let problem { throw problem }
                faulty_crash_at(1)
            }
            try? peer.close()
            faulty_settle(fate.fault, schedule.seed)
            try peer.open()
            peer.wasInterrupted = problem != nil
            if peer.isHub { reached.insert(.diedAtHub) }
            if problem == nil { reached.insert(.diedAfter) }
            return true
        }
        faulty_fail_at(0, 0, 0)
        faulty_crash_at(0)
        guard let problem else { return false }
        guard case .full = fault, !(problem is WorldFailure) else { throw problem }
        peer.wasRefused = true
        peer.wasInterrupted = true
        reached.insert(.diskFull)
        return false
    }

    /// The machine's time of day, by which SQLite dates what programs write, is the acting device's.
    func turnClock(to peer: WorldPeer) { faulty_time(peer.clock.now().milliseconds) }

    /// Runs an act that may be repeated until it is done, whatever waits for it.
    func certainly<T>(_ peer: WorldPeer, _ act: () throws -> T) throws -> T {
        var result: T?
        try atDisk(peer) { result = try act() }
        if let result, !peer.wasInterrupted { return result }
        return try act()
    }
}

extension WorldEvent.Fate {
    fileprivate var fault: faulty_fate {
        switch self {
        case .kept: FAULTY_KEPT
        case .dropped: FAULTY_DROPPED
        case .torn: FAULTY_TORN
        }
    }
}
