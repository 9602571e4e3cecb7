// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// A step that is meant for repeated offenders: it applies from the so manieth alert about one workload or target on.
public struct OffenceCondition: Sendable, Hashable {
    /// From the so manieth time on, this one included.
    public var times: Int
    /// Within how many seconds.
    public var windowSeconds: Int
    /// True when the target itself must be the same; else its workload.
    public var perTarget: Bool

    /// States for whom a step is meant.
    public init(times: Int, windowSeconds: Int, perTarget: Bool = false) {
        self.times = times
        self.windowSeconds = windowSeconds
        self.perTarget = perTarget
    }

    /// Why the step does not apply yet; nil when it does. Alerts are counted that led to an act, each once.
    public func objection(_ act: PlannedAct, _ recent: [PastAct], now: Timestamp) -> String? {
        let window = nanoseconds(windowSeconds)
        let earlier = recent.filter { past in
            now.nanoseconds(since: past.time) < window && past.trace != act.intention.trace
                && (perTarget ? isSame(past.target, act.intention.target) : past.workload == act.workload)
        }
        let count = Set(earlier.map(\.trace)).count + 1
        guard count < times else { return nil }
        let whom = perTarget ? "this target" : "workload \(act.workload)"
        return "it is for offence \(times) of \(whom) within \(windowSeconds) s, and this is number \(count)"
    }
}
