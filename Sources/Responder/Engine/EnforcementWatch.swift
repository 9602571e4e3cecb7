// SPDX-License-Identifier: Apache-2.0

public import EventModel
public import Records

/// A try of a process to connect, as the kernel answered it.
public struct ConnectionSeen: Sendable, Hashable {
    /// How the kernel answered.
    public enum Answer: Sendable, Hashable {
        /// The connection stood.
        case succeeded
        /// It failed with that errno, such as `EHOSTUNREACH`.
        case failed(String)
    }

    /// The pod that the process belongs to.
    public var pod: PodUID
    /// When.
    public var time: Timestamp
    /// Where to.
    public var address: IPAddress
    /// Which port.
    public var port: UInt16
    /// How the kernel answered.
    public var answer: Answer

    /// Brings the parts together.
    public init(pod: PodUID, time: Timestamp, address: IPAddress, port: UInt16, answer: Answer) {
        self.pod = pod
        self.time = time
        self.address = address
        self.port = port
        self.answer = answer
    }
}

/// Decides from what is seen on the wire whether stored isolations hold. Each isolation is told of once for each answer.
public struct EnforcementWatch: Sendable {
    /// What was found out.
    public struct Finding: Sendable, Hashable {
        /// The isolation.
        public var id: IntentionID
        /// The alert that led to it.
        public var alert: Alert
        /// What was planned.
        public var act: PlannedAct
        /// True when it holds.
        public var isEnforced: Bool
        /// What was seen.
        public var proof: Proof
    }

    /// What a network that is cut answers; a refused connection reached somebody.
    static let cut: Set<String> = ["ENETUNREACH", "EHOSTUNREACH", "ETIMEDOUT", "ENETDOWN", "EHOSTDOWN", "EPERM", "EACCES"]
    /// A network plugin needs a moment, so an early success says nothing.
    static let settling: UInt64 = 5_000_000_000
    static let most = 1024

    private struct Isolation {
        var id: IntentionID
        var alert: Alert
        var act: PlannedAct
        var since: Timestamp
        var told: Set<Bool> = []
    }

    private var isolations: [PodUID: Isolation] = [:]

    /// Watches nothing yet.
    public init() {}

    /// True when nothing is watched, so that no observation is of use.
    public var isEmpty: Bool { isolations.isEmpty }

    /// Begins to watch an act if it is an isolation that was stored; beyond the limit the oldest one is let go.
    /// `told` is what was said of it before.
    public mutating func add(
        _ id: IntentionID, _ alert: Alert, _ act: PlannedAct, _ outcome: Outcome, at time: Timestamp, told: Set<Bool> = []
    ) {
        guard case .done(let proof) = outcome, proof.readBack["enforcement"] == "stored", let uid = act.intention.target.uid else { return }
        if isolations.count >= Self.most, let oldest = isolations.min(by: { $0.value.since < $1.value.since })?.key {
            isolations[oldest] = nil
        }
        isolations[PodUID(uid)] = Isolation(id: id, alert: alert, act: act, since: time, told: told)
    }

    /// Watches again what an earlier run isolated and nobody took back, with what was told of it then.
    public mutating func add(_ entry: HistoryEntry) {
        guard let ending = entry.ending, entry.undoState == .available || entry.undoState == .failed else { return }
        let answers = entry.observations.compactMap { $0.proof.readBack["enforcement"]?.string }
        let told = Set(answers.compactMap { ["enforced": true, "not enforced": false][$0] })
        add(entry.id, entry.alert, entry.act, ending.outcome, at: ending.time, told: told)
    }

    /// Ends the watch over a pod.
    public mutating func remove(_ pod: PodUID) { isolations[pod] = nil }

    /// What an observation says that was not told before; nil for nothing.
    public mutating func absorb(_ seen: ConnectionSeen) -> Finding? {
        guard let isolation = isolations[seen.pod], seen.time > isolation.since, !isAllowed(seen.address, isolation.act) else { return nil }
        let isEnforced: Bool
        switch seen.answer {
        case .failed(let error) where Self.cut.contains(error): isEnforced = true
        case .succeeded where seen.time.nanoseconds(since: isolation.since) > Self.settling: isEnforced = false
        case .failed, .succeeded: return nil
        }
        guard isolations[seen.pod]?.told.insert(isEnforced).inserted == true else { return nil }
        return Finding(
            id: isolation.id, alert: isolation.alert, act: isolation.act, isEnforced: isEnforced,
            proof: proof(seen, isolation.act, isEnforced))
    }

    private func proof(_ seen: ConnectionSeen, _ act: PlannedAct, _ isEnforced: Bool) -> Proof {
        let target = act.intention.target
        let pod = "\(target.kind.lowercased()) \(target.namespace.map { "\($0)/" } ?? "")\(target.name)"
        let place = seen.address.isV6 ? "[\(seen.address)]:\(seen.port)" : "\(seen.address):\(seen.port)"
        var facts: [String: JSONValue] = ["enforcement": isEnforced ? "enforced" : "not enforced", "address": .string(place)]
        guard case .failed(let error) = seen.answer else {
            return Proof(
                "the isolation of \(pod) is NOT enforced: a connection to \(place) stood after it; "
                    + "does the cluster's network plugin enforce network policies?", readBack: facts)
        }
        facts["error"] = .string(error)
        return Proof("the isolation of \(pod) is enforced: a connection to \(place) failed with \(error)", readBack: facts)
    }

    // Loopback is not the pod's network, and what the playbook allows proves nothing.
    private func isAllowed(_ address: IPAddress, _ act: PlannedAct) -> Bool {
        if address.isIn(IPAddress(v4: 0x7f00_0000), prefix: 8) || address == IPAddress(v6High: 0, low: 1) { return true }
        if !(act.intention.parameters["allow_namespaces"]?.array ?? []).isEmpty { return true }
        return (act.intention.parameters["allow_cidr"]?.array ?? []).compactMap(\.string).contains { network in
            let parts = network.split(separator: "/")
            guard parts.count == 2, let base = IPAddress(String(parts[0])), let prefix = Int(parts[1]) else { return false }
            return address.isIn(base, prefix: prefix)
        }
    }
}
