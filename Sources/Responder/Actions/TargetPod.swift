// SPDX-License-Identifier: Apache-2.0

public import EventModel
internal import KubeClient
internal import struct KubeClient.Pod

extension Alert {
    /// Whom the alert is about, by name: a pod, or a process of the host when no container is involved.
    public var target: TargetObject {
        if let name = podName {
            return TargetObject(kind: "Pod", namespace: podNamespace, name: name, uid: subject.podUID?.text)
        }
        if let uid = subject.podUID { return TargetObject(kind: "Pod", namespace: podNamespace, name: "(uid \(uid))", uid: uid.text) }
        if let container = subject.container { return TargetObject(kind: "Container", namespace: nil, name: container.text, uid: nil) }
        return TargetObject(kind: "Process", namespace: nil, name: String(subject.pid), uid: nil)
    }

    /// True when it is about a pod or at least a container.
    var concernsPod: Bool { podName != nil || subject.podUID != nil || subject.container != nil }

    // The fields, and their order, in which Talon looks for them.
    fileprivate var podName: String? {
        subject.pod?.text ?? ["k8s.pod.name", "ka.target.pod.name", "ka.target.name"].lazy.compactMap { self.fields[$0]?.string }.first
    }

    fileprivate var podNamespace: NamespaceName? {
        subject.namespace ?? (fields["k8s.ns.name"]?.string ?? fields["ka.target.namespace"]?.string).map { NamespaceName($0) }
    }
}

/// Finds the pod that an alert is about, as it is now. Whether it is still the same pod is for the guardrails to say.
enum TargetPod {
    static func find(_ alert: Alert, _ kube: any KubeReader) async throws(KubeError) -> Pod? {
        if let name = alert.podName, let namespace = alert.podNamespace {
            return try await find(name, in: namespace.text, kube)
        }
        // The kernel names a pod by UID and container; its name is known only once the API server told it.
        guard alert.concernsPod else { return nil }
        let uid = alert.subject.podUID?.text, container = alert.subject.container
        return try await kube.list(Pod.self, in: alert.podNamespace?.text).first { pod in
            if let uid { return pod.metadata.uid == uid }
            return container.map { pod.has($0) } ?? false
        }
    }

    static func find(_ name: String, in namespace: String?, _ kube: any KubeReader) async throws(KubeError) -> Pod? {
        do throws(KubeError) {
            return try await kube.get(Pod.self, name, in: namespace)
        } catch {
            guard error.code == .notFound else { throw error }
            return nil
        }
    }

    /// The pod that an act was about, if it still lives.
    static func same(_ target: TargetObject, _ kube: any KubeReader) async throws(KubeError) -> Pod? {
        let pod = try await find(target.name, in: target.namespace?.text, kube)
        return pod?.metadata.uid == target.uid ? pod : nil
    }
}

extension Pod {
    /// The pod as the target of an act, with the UID that the act is bound to.
    var target: TargetObject {
        TargetObject(
            kind: "Pod", namespace: metadata.namespace.map { NamespaceName($0) }, name: metadata.name, uid: metadata.uid)
    }

    /// What manages it, as `namespace/kind/name`; itself when nothing does.
    var workload: String {
        let owner = metadata.controller
        return "\(metadata.namespace ?? "")/\(owner?.kind ?? "Pod")/\(owner?.name ?? metadata.name)"
    }
}

extension TargetObject {
    /// Kind and address for a sentence, such as `pod shop/web-1`.
    public var sentence: String { kind.lowercased() + " " + (namespace.map { "\($0)/" } ?? "") + name }
}
