// SPDX-License-Identifier: Apache-2.0

internal import Enrichment
internal import EventModel

/// Events of containers of which not all is known yet, a line of them for each container. Others' events pass by; those of one
/// container keep their order. Owned by the detection thread.
struct WaitingRoom: ~Copyable {
    /// A container's events, in order.
    private struct Party {
        let container: Container
        /// When its first event came, nanoseconds of the line's clock.
        let began: UInt64
        var events: [Guest] = []
        var weight = 0
    }

    private struct Guest {
        let event: EventSnapshot
        let weight: Int
        let deadline: UInt64
    }

    private var parties: [ContainerID: Party] = [:]
    /// Nobody's wait is over before this time, unless somebody answers.
    private(set) var earliest = UInt64.max
    private var free: Int
    private let patience: UInt64

    // The copied processes of an event, beside its bytes.
    private static let overhead = 4_096
    /// A container whose runtime is silent is given up after so many waits: its later events do not wait.
    private static let waits: UInt64 = 10

    /// Each event may wait for so many nanoseconds; there is room for events that take so many bytes.
    init(patience: UInt64, capacity: Int = 16 << 20) {
        self.patience = patience
        free = capacity
    }

    var isEmpty: Bool { parties.isEmpty }

    /// How many containers' events wait.
    var containerCount: Int { parties.count }

    /// How many events wait.
    var eventCount: Int { parties.values.reduce(0) { $0 + $1.events.count } }

    /// True when events of the container wait.
    func has(_ container: Container) -> Bool { parties[container.id].map { !$0.events.isEmpty } ?? false }

    /// Takes an event in; false when there is no room. One container may hold no more than is still free, so that a noisy one leaves room
    /// for the others.
    mutating func take(_ event: EventSnapshot, of container: Container, bytes: Int, at time: UInt64) -> Bool {
        let weight = bytes + Self.overhead
        var party = parties.removeValue(forKey: container.id) ?? Party(container: container, began: time)
        defer { parties[container.id] = party }
        guard party.weight + weight <= free else { return false }
        party.events.append(Guest(event: event, weight: weight, deadline: time &+ patience))
        party.weight += weight
        free -= weight
        earliest = min(earliest, time &+ patience)
        return true
    }

    /// Lets all events of a container out.
    mutating func release(_ container: Container) -> [EventSnapshot] {
        guard let party = parties.removeValue(forKey: container.id) else { return [] }
        free += party.weight
        return party.events.map(\.event)
    }

    /// Lets those events of a container out whose own wait is over.
    mutating func releaseExpired(_ container: Container, at time: UInt64) -> [EventSnapshot] {
        guard var party = parties.removeValue(forKey: container.id) else { return [] }
        let expired = party.events.prefix { $0.deadline <= time }
        let weight = expired.reduce(0) { $0 + $1.weight }
        party.events.removeFirst(expired.count)
        party.weight -= weight
        free += weight
        parties[container.id] = party
        return expired.map(\.event)
    }

    /// What is to be done about a container at some time.
    enum Verdict {
        /// All is known, or will not be.
        case settled
        /// Nobody has answered for so long that nobody is worth waiting for.
        case givenUp
        /// The first of its events have waited long enough.
        case expired
    }

    /// The containers about which something is to be done, the one whose events came first at the head.
    mutating func due(at time: UInt64) -> [(container: Container, verdict: Verdict)] {
        earliest = parties.values.reduce(.max) { min($0, $1.events.first?.deadline ?? .max, $1.began &+ patience * Self.waits) }
        return parties.values.sorted { $0.began < $1.began }.compactMap { party in
            verdict(party, at: time).map { (party.container, $0) }
        }
    }

    private func verdict(_ party: Party, at time: UInt64) -> Verdict? {
        if party.container.awaited.isEmpty { return .settled }
        if party.began &+ patience * Self.waits <= time { return .givenUp }
        guard let first = party.events.first else { return nil }
        return first.deadline <= time ? .expired : nil
    }

    /// All containers, the one whose events came first at the head.
    var containers: [Container] { parties.values.sorted { $0.began < $1.began }.map(\.container) }
}
