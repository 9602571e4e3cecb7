// SPDX-License-Identifier: Apache-2.0
import EventModel
import Foundation
import KubeSim
import Synchronization

/// The demo's cluster: an embedded API server that lists the real pods, ends their processes and cuts their links.
final class DemoCluster: Sendable {
    static let namespace = "shop"
    static let node = "demo-node"
    private static let deployment = "web"
    private static let replicaSet = "web-6c9f8d7b5"

    private let hands: Hands
    private let server: KubeSim
    /// The request log: one JSON object a line.
    let requestLog: URL
    let kubeconfig: URL

    /// Starts the API server with the namespace, the node and the deployment, but no pod yet.
    init(run: RunDirectory, pods count: Int) async throws {
        hands = Hands()
        requestLog = run.file("requests.ndjson")
        let credentials = run.file("credentials")
        kubeconfig = credentials.appendingPathComponent("admin.kubeconfig")
        var options = KubeSimOptions()
        options.requestLogPath = requestLog.path
        options.credentialsDirectory = credentials.path
        options.runtime = hands
        options.enforcer = hands
        options.podLogs = { [hands] in hands.log($0) }
        server = try await KubeSim.start(options)
        for manifest in try Self.surroundings(count) { try await server.apply(manifest) }
    }

    /// The API server's address.
    var url: String { server.url }

    /// Whether somebody follows the pods: what happens in one from then on is known to happen in it.
    var podsAreWatched: Bool { server.requests.contains { $0.verb == "watch" && $0.resource == "pods" } }

    /// When each change of the pod was asked for, in nanoseconds since 1970, in order.
    func writes(to pod: DemoPod) -> [Int64] {
        server.requests.filter { $0.verb == "patch" && $0.resource == "pods" && $0.name == pod.description.name }.map(\.time)
    }

    /// Stores a pod that does not run yet, its name ending in `suffix`, and takes the uid that the server gives it.
    func schedule(suffix: String, containerID: String) async throws -> DemoPod.Description {
        var pod = DemoPod.Description(
            name: "\(Self.replicaSet)-\(suffix)", namespace: Self.namespace, uid: "", containerID: containerID,
            image: "registry.shop.test/web:1.4", labels: ["app": "web", "pod-template-hash": "6c9f8d7b5"])
        let stored = try await server.apply(try Self.manifest(pod, status: ["phase": "Pending"]))
        let object = try JSONDecoder().decode(JSONValue.self, from: Data(stored.utf8))
        guard let uid = object["metadata"]?["uid"]?.string else {
            throw DemoError(code: .story, message: "the API server stored pod \(pod.name) without a uid")
        }
        pod.uid = uid
        return pod
    }

    /// Says that a pod runs: from here on policies and deletions reach it.
    func report(_ pod: DemoPod) async throws {
        hands.add(pod)
        try await server.apply(try Self.manifest(pod.description, status: Self.status(of: pod)))
    }

    /// Ends the API server.
    func stop() async { await server.stop() }

    private static func surroundings(_ count: Int) throws -> [String] {
        let number = JSONValue.int(Int64(count))
        let size: JSONValue = ["replicas": number, "selector": ["matchLabels": ["app": "web"]]]
        let status: JSONValue = ["replicas": number, "readyReplicas": number, "availableReplicas": number]
        let setMeta: JSONValue = [
            "name": .string(replicaSet), "namespace": .string(namespace), "ownerReferences": [reference("Deployment", deployment)],
        ]
        return try [
            object("v1", "Namespace", ["name": .string(namespace)], status: ["phase": "Active"]),
            object("v1", "Node", ["name": .string(node)], status: ["conditions": [["type": "Ready", "status": "True"]]]),
            object(
                "apps/v1", "Deployment", ["name": .string(deployment), "namespace": .string(namespace)], spec: size, status: status),
            object("apps/v1", "ReplicaSet", setMeta, spec: size, status: status),
        ].map(JSONText.line)
    }

    private static func manifest(_ pod: DemoPod.Description, status: JSONValue) throws -> String {
        let meta: JSONValue = [
            "name": .string(pod.name), "namespace": .string(pod.namespace), "labels": .object(pod.labels.mapValues { .string($0) }),
            "ownerReferences": [reference("ReplicaSet", replicaSet)],
        ]
        let spec: JSONValue = ["nodeName": .string(node), "containers": [["name": "web", "image": .string(pod.image)]]]
        return try JSONText.line(object("v1", "Pod", meta, spec: spec, status: status))
    }

    private static func status(of pod: DemoPod) -> JSONValue {
        let container: JSONValue = [
            "name": "web", "image": .string(pod.description.image), "ready": true, "restartCount": 0,
            "containerID": .string("containerd://\(pod.description.containerID)"),
            "state": ["running": ["startedAt": .string(Clock.now.description.prefix(19) + "Z")]],
        ]
        return [
            "phase": "Running", "podIP": .string(pod.address), "containerStatuses": [container],
            "conditions": [["type": "Ready", "status": "True"]],
        ]
    }

    private static func object(
        _ version: String, _ kind: String, _ meta: JSONValue, spec: JSONValue? = nil, status: JSONValue
    ) -> JSONValue {
        var members: [String: JSONValue] = [
            "apiVersion": .string(version), "kind": .string(kind), "metadata": meta, "status": status,
        ]
        members["spec"] = spec
        return .object(members)
    }

    private static func reference(_ kind: String, _ name: String) -> JSONValue {
        ["apiVersion": "apps/v1", "kind": .string(kind), "name": .string(name), "controller": true]
    }
}

/// What a kubelet and a network plugin do, done to the demo's pods and to no others.
private final class Hands: PodRuntime, NetworkEnforcer {
    private let pods = Mutex<[String: DemoPod]>([:])

    func add(_ pod: DemoPod) { pods.withLock { $0[pod.description.uid] = pod } }

    /// What the pod's processes have printed; they print no times, so each line has the time when the last one came.
    func log(_ request: PodLogRequest) -> [PodLogLine]? {
        guard !request.isPrevious, let pod = pods.withLock({ $0[request.pod.uid] }),
            let text = try? String(contentsOf: pod.log, encoding: .utf8),
            let written = try? FileManager.default.attributesOfItem(atPath: pod.log.path)[.modificationDate] as? Date
        else { return nil }
        let time = Int64(written.timeIntervalSince1970 * 1_000_000_000)
        return text.split(separator: "\n").map { PodLogLine(time: time, text: String($0)) }
    }

    func terminate(pod: PodReference, gracePeriodSeconds: Int) async {
        guard let target = pods.withLock({ $0[pod.uid] }) else { return }
        _ = try? await offPool { () throws(DemoError) in target.terminate(grace: Double(gracePeriodSeconds)) }
    }

    /// A link is cut when neither direction has anything left; finer verdicts leave it whole, since a veth knows no peers.
    func apply(pod: PodReference, ingress: Allowance, egress: Allowance) async {
        guard let target = pods.withLock({ $0[pod.uid] }), target.isRunning else { return }
        let isolated = ingress == .none && egress == .none
        try? await offPool { () throws(DemoError) in try isolated ? target.cut() : target.heal() }
    }
}
