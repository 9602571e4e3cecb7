// SPDX-License-Identifier: Apache-2.0

public import EventModel
public import KubeClient

/// Notices as Kubernetes Events on the pod, so that `kubectl describe` shows them; on what manages the pod when the pod is gone.
public struct KubernetesEventNotifier: Notifier {
    /// The name of its destination in the outbox.
    public let name = "kubernetes-event"
    /// An Event is stored in the cluster, and a rehearsal changes no stored byte.
    public let takesRehearsals = false
    private let kube: any KubeReader & KubeWriter
    private let now: @Sendable () -> Timestamp

    /// Stores Events with this client, which needs the right to create `events` and to get pods and what manages them.
    public init(_ kube: any KubeReader & KubeWriter, now: @escaping @Sendable () -> Timestamp) {
        self.kube = kube
        self.now = now
    }

    /// Stores one Event; its name comes from the key, so a second try stores no second one.
    public func send(_ notice: Notice, key: String) async -> DeliveryAnswer {
        guard !notice.isOfAnOutsider else { return .accepted }
        // What is in no namespace is no object of the cluster, so nobody would look for an Event there.
        guard let namespace = notice.act.intention.target.namespace?.text else { return .accepted }
        do throws(KubeError) {
            let object = try await involved(notice.act, namespace)
            _ = try await kube.create(.events, event(notice, key, object, namespace), in: namespace, WriteOptions())
            return .accepted
        } catch {
            return Self.meaning(error)
        }
    }

    static func meaning(_ error: KubeError) -> DeliveryAnswer {
        switch error.code {
        case .alreadyExists: .accepted
        case .invalid, .notFound: .refused(why: error.message)
        case .forbidden where error.message.contains("being terminated"): .refused(why: error.message)
        case .unauthorized, .forbidden, .conflict, .gone, .tooManyRequests, .serverError, .timeout, .transport, .decode, .disruptionBudget,
            .credential, .config, .cancelled:
            .later(why: error.message, after: error.retryAfter)
        }
    }

    private func involved(_ act: PlannedAct, _ namespace: String) async throws(KubeError) -> JSONValue {
        let target = act.intention.target
        let pod: JSONValue = [
            "apiVersion": "v1", "kind": .string(target.kind), "namespace": .string(namespace), "name": .string(target.name),
            "uid": .string(target.uid ?? ""),
        ]
        guard target.kind == "Pod" else { return pod }
        if let found = try await read(ObjectReference(.pods, target.name, in: namespace)), found["metadata"]?["uid"]?.string == target.uid {
            return pod
        }
        // `namespace/kind/name`, as the act's budget is counted by.
        let owner = act.workload.split(separator: "/").map(String.init)
        guard owner.count == 3, let resource = Self.managers[owner[1]],
            let found = try await read(ObjectReference(resource, owner[2], in: namespace)), let uid = found["metadata"]?["uid"]?.string
        else { return pod }
        return [
            "apiVersion": .string(resource.apiVersion), "kind": .string(owner[1]), "namespace": .string(namespace),
            "name": .string(owner[2]), "uid": .string(uid),
        ]
    }

    private static let managers: [String: KubeResource] = [
        "Deployment": .deployments, "ReplicaSet": .replicaSets, "StatefulSet": .statefulSets, "DaemonSet": .daemonSets,
    ]

    private func read(_ object: ObjectReference) async throws(KubeError) -> JSONValue? {
        do throws(KubeError) {
            return try await kube.get(object)
        } catch {
            guard error.code == .notFound else { throw error }
            return nil
        }
    }

    private func event(_ notice: Notice, _ key: String, _ object: JSONValue, _ namespace: String) -> JSONValue {
        // The API server's clock words have no fraction in these fields.
        let time = JSONValue.string(String(now().description.prefix(19)) + "Z")
        let text = NoticeText(notice)
        return [
            "apiVersion": "v1", "kind": "Event",
            "metadata": ["name": .string(Self.objectName(key)), "namespace": .string(namespace)],
            "involvedObject": object, "reason": .string(Self.reason(notice)), "action": .string(notice.act.intention.actuator.text),
            "message": .string(Self.message(text)), "type": .string(Self.isNormal(notice.outcome) ? "Normal" : "Warning"),
            "source": ["component": "saker", "host": .string(notice.alert.hostname)], "reportingComponent": "saker.dev/saker",
            "reportingInstance": .string(notice.alert.hostname), "firstTimestamp": time, "lastTimestamp": time, "count": 1,
        ]
    }

    /// `SakerDone`, `SakerRefused` and their like.
    private static func reason(_ notice: Notice) -> String {
        let label = notice.outcome.label
        return "Saker" + label.prefix(1).uppercased() + label.dropFirst()
    }

    private static func isNormal(_ outcome: Outcome) -> Bool {
        switch outcome {
        case .done, .skipped, .rehearsed: true
        case .refused, .awaiting, .failed, .unknown: false
        }
    }

    // The API server takes 1024 bytes; the way back and the reasons matter more than the end of a long sentence.
    private static func message(_ text: NoticeText) -> String {
        let rest = text.reasons + (text.undo.map { ["undo: \($0)"] } ?? [])
        let tail = "; " + rest.joined(separator: "; ")
        return cut("\(text.title): \(text.sentence)", to: max(0, 1_024 - tail.utf8.count)) + cut(tail, to: 1_024)
    }

    private static func cut(_ text: String, to limit: Int) -> String {
        guard text.utf8.count > limit else { return text }
        var kept = text
        while kept.utf8.count > limit { kept.removeLast() }
        return kept
    }

    /// A key as an object's name: lower case letters, digits and dashes.
    static func objectName(_ key: String) -> String {
        let plain = key.lowercased().utf8.map { byte -> Character in
            let isPlain = (0x61...0x7a).contains(byte) || (0x30...0x39).contains(byte)
            return isPlain ? Character(UnicodeScalar(byte)) : "-"
        }
        return "saker-" + String(plain.suffix(240))
    }
}

extension Notice {
    /// True for what was refused because its sender may not speak about the target, or named one that is not there: an Event would be a
    /// write in the sender's words, outside of the sender's limits.
    fileprivate var isOfAnOutsider: Bool {
        guard alert.sender != nil, case .refused(let refusal) = outcome else { return false }
        return [.sender, .identity].contains(refusal.guardrail)
    }
}
