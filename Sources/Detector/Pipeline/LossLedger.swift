// SPDX-License-Identifier: Apache-2.0

public import Capture
internal import Enrichment

/// Decides when a loss is told: the first at once, then whatever came since in one alert a minute, so that a storm of losses does not
/// become a storm of alerts. Who was held back is told by name, each source on its own.
public struct LossLedger {
    // What was told so far, and when.
    private var told = DropCounts()
    private var toldAt: UInt64?
    private var floods: [Flood.Source: (heldBack: UInt64, at: UInt64)] = [:]
    private let find: (Flood.Source) -> CgroupMembership?

    /// Nanoseconds between two alerts of one kind about one source.
    public static let interval: UInt64 = 60_000_000_000

    /// An empty ledger; asks this machine's kernel whose cgroups they are.
    public init() {
        let finder = CgroupFinder()
        self.init { finder.membership(v2: $0.cgroupV2, v1: $0.cgroupV1) }
    }

    init(find: @escaping (Flood.Source) -> CgroupMembership?) { self.find = find }

    /// What is to be told now, in nanoseconds of any clock that does not run backwards, given all that was counted so far.
    public mutating func due(_ drops: DropCounts, _ floods: [Flood], at now: UInt64) -> [OwnAlert] {
        let due = dueDrops(drops, now) + floods.compactMap { dueFlood($0, now) }
        // The probe's table is bounded; what it forgot is forgotten here.
        let sources = Set(floods.map(\.source))
        self.floods = self.floods.filter { sources.contains($0.key) }
        return due
    }

    private mutating func dueDrops(_ drops: DropCounts, _ now: UInt64) -> [OwnAlert] {
        var new = drops.since(told)
        new.removeAll(.throttled)
        guard new.lost > 0, toldAt.map({ now >= $0 + Self.interval }) != false else { return [] }
        told = drops
        toldAt = now
        return [.eventsLost(new)]
    }

    private mutating func dueFlood(_ flood: Flood, _ now: UInt64) -> OwnAlert? {
        let before = floods[flood.source]
        let past = before?.heldBack ?? 0
        let count = flood.heldBack >= past ? flood.heldBack - past : flood.heldBack
        guard count > 0, before.map({ now >= $0.at + Self.interval }) != false else { return nil }
        floods[flood.source] = (flood.heldBack, now)
        var new = flood
        new.heldBack = count
        return .floodHeldBack(new, container: flood.source.pid == 0 ? find(flood.source) : nil)
    }
}
