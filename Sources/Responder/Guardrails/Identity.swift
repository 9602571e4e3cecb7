// SPDX-License-Identifier: Apache-2.0

internal import EventModel

/// The target must be the pod that the event came from, and never a later one of the same name: its UID at event time decides;
/// without one, its container must be among the pod's.
func targetIsTheOneOfTheEvent(_ facts: Facts, _ settings: GuardrailSettings) -> Refusal? {
    let target = facts.act.intention.target
    // A function of the cloud is no pod, and is invoked about pods that are gone too; nor is an object that an audit event names, whose
    // life its action looks at. But where a pod was read, it must be the one of the event.
    guard target.isOfProcesses || facts.found != nil else { return nil }
    guard let found = facts.found else {
        return Refusal(.identity, "\(place(target)) is gone; nothing is left to act on")
    }
    if let uid = facts.subject.podUID, !uid.text.isEmpty { return compare(uid, found) }
    guard let container = facts.subject.container, !container.text.isEmpty else {
        return Refusal(.identity, "the event names neither a pod UID nor a container, so \(place(found)) may be another; act by hand")
    }
    guard found.containers.contains(where: { isSameContainer(container, $0) }) else {
        return Refusal(
            .identity, "the event's container \(container.text.prefix(12)) is not in \(place(found)) now; it was replaced, act by hand")
    }
    return nil
}

private func compare(_ uid: PodUID, _ found: LivePod) -> Refusal? {
    guard uid != found.uid else { return nil }
    return Refusal(.identity, "\(place(found)) has UID \(found.uid) now, the event's pod had \(uid): it was reborn and is left alone")
}

// Falco prints 12 digits of an id; that many are enough to tell containers apart, fewer are not.
private func isSameContainer(_ wanted: ContainerID, _ listed: ContainerID) -> Bool {
    let id = bare(listed), part = bare(wanted)
    return id == part || (part.count >= 12 && id.hasPrefix(part))
}

// The API writes `containerd://<id>`.
private func bare(_ container: ContainerID) -> String {
    var rest = container.text[...]
    while let colon = rest.firstIndex(of: ":"), rest[colon...].hasPrefix("://") { rest = rest[colon...].dropFirst(3) }
    return String(rest)
}

private func place(_ pod: LivePod) -> String { "pod \(pod.namespace)/\(pod.name)" }

private func place(_ target: TargetObject) -> String {
    "\(target.kind.lowercased()) \(target.namespace.map { "\($0)/" } ?? "")\(target.name)"
}

extension TargetObject {
    /// True for what the processes of an event are in: a pod, a container, or a process of the host.
    var isOfProcesses: Bool { ["Pod", "Container", "Process"].contains(kind) }
}
