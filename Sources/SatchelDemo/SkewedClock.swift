import Satchel

/// The clock of a tablet that was never set: as far off as it was when the battery was put in.
struct SkewedClock: WallClock {
    let skewMilliseconds: Int64

    func now() -> Timestamp {
        Timestamp(milliseconds: SystemClock().now().milliseconds + skewMilliseconds)
    }
}
