// SPDX-License-Identifier: Apache-2.0

public import EventModel
internal import Foundation
internal import Hashing
public import KubeClient
public import struct KubeClient.Pod
internal import Records
public import ResponseLanguage

/// `kubernetes:evidence`: keeps in one JSON file what the cluster knows of the pod: the alert, the pod, its owner, its events, and the
/// logs of all its containers. It only reads, and says what it left out.
public struct GatherEvidence: Action {
    private let outputs: any Outputs

    /// Keeps in those stores.
    public init(_ outputs: any Outputs) { self.outputs = outputs }

    // What a bundle can take of memory, and of the time before the pod is acted on.
    private static let logBytes: Int64 = 256 * 1024, totalBytes = 8 << 20, time = Duration.seconds(20)

    public var card: ActionCard {
        ActionCard(
            name: "kubernetes:evidence", summary: "Keeps alert, pod, owner, events and logs in one file", kind: .observe,
            defaultContinue: true,
            parameters: [
                ActionParameter("tail_lines", .wholeNumber(least: 1), "Log lines a container, the last ones; 10000 when left out"),
                ActionParameter("limit_bytes", .wholeNumber(least: 1), "Log bytes a container at most; 262144 when left out"),
            ],
            permissions: [
                .init("pods", ["get", "list"]), .init("pods/log", ["get"]), .init("events", ["list"]),
                .init(group: "apps", "replicasets", ["get"]), .init(group: "apps", "statefulsets", ["get"]),
                .init(group: "apps", "daemonsets", ["get"]),
            ], requiredFields: ["k8s.ns.name", "k8s.pod.name"], allowsOutput: true, requiresOutput: true)
    }

    public func prepare(_ request: ActionRequest, _ kube: any KubeReader) async throws(KubeError) -> Preparation {
        guard let pod = try await TargetPod.find(request.alert, kube) else { return Preparation(request.unread, pod: nil) }
        var preparation = Preparation(request.act(on: pod.target, workload: pod.workload, undo: nil), pod: pod)
        preparation.request = request
        return preparation
    }

    public func run(_ preparation: Preparation, _ kube: any Kube) async throws(KubeError) -> Outcome {
        let target = preparation.act.intention.target
        guard let pod = preparation.pod, let request = preparation.request, let output = request.step.output, let place = target.pod else {
            return .skipped(why: "no pod, or no output")
        }
        var bundle = EvidenceBundle(request.alert, limit: Self.totalBytes, deadline: .now + Self.time)
        await bundle.read("pod") { () async throws(KubeError) in try await kube.get(place).withoutOwnersOfFields }
        if let owner = pod.metadata.controller, let resource = Self.owners[owner.kind] {
            let reference = ObjectReference(resource, owner.name, in: pod.metadata.namespace)
            await bundle.read("owner") { () async throws(KubeError) in try await kube.get(reference).withoutOwnersOfFields }
        }
        await bundle.read("events") { () async throws(KubeError) in
            let about = ListOptions(fieldSelector: "involvedObject.name=" + pod.metadata.name)
            let own = try await kube.list(.events, in: pod.metadata.namespace, about).items.filter {
                $0["involvedObject"]?["uid"]?.string == pod.metadata.uid
            }
            return .array(own.suffix(500).map(\.withoutOwnersOfFields))
        }
        var wanted = request.step.parameters
        wanted["tail_lines"] = wanted["tail_lines"] ?? 10_000
        wanted["limit_bytes"] = wanted["limit_bytes"] ?? .int(Self.logBytes)
        for selection in ReadLogs.selections(pod, wanted) {
            let name = "log of \(selection.container)" + (selection.isPrevious ? ", before its last restart" : "")
            await bundle.read(name) { () async throws(KubeError) in
                .string(String(decoding: try await kube.log(of: place, selection), as: UTF8.self))
            }
        }
        guard try await TargetPod.same(target, kube) != nil else {
            let sentence = "\(target.sentence) was replaced while the evidence was read; it may be another pod's and was not kept"
            return .refused(Refusal(.identity, sentence))
        }
        let artifact = Artifact(name: "evidence.json", target: target, alert: request.alert, bytes: bundle.bytes)
        return await keep(artifact, bundle, output)
    }

    private static let owners: [String: KubeResource] = [
        "ReplicaSet": .replicaSets, "StatefulSet": .statefulSets, "DaemonSet": .daemonSets,
    ]

    private func keep(_ artifact: Artifact, _ bundle: EvidenceBundle, _ output: PlannedOutput) async -> Outcome {
        do {
            let store = try outputs.store(for: output)
            _ = try await store.keep(artifact.bytes, under: artifact.key, type: "application/json")
            let place = store.place(of: artifact.key), leftOut = bundle.leftOut
            let rest = leftOut.isEmpty ? "" : "; left out: " + leftOut.joined(separator: "; ")
            return .done(
                Proof(
                    "evidence of \(artifact.target.sentence), \(bundle.count) parts, is in \(place)\(rest)",
                    readBack: [
                        "place": .string(place), "sha256": .string(Hex.text(artifact.hash)), "bytes": .int(Int64(artifact.bytes.count)),
                        "left_out": .array(leftOut.map(JSONValue.string)),
                    ]))
        } catch {
            return .failed(Failure(code: "output", message: "the evidence was read and could not be kept: \(error)"))
        }
    }
}

/// What was gathered about one pod, part by part, within a limit of bytes and of time.
struct EvidenceBundle {
    private var parts: [String: JSONValue] = [:]
    private(set) var leftOut: [String] = []
    private var room: Int
    private let deadline: ContinuousClock.Instant

    init(_ alert: Alert, limit: Int, deadline: ContinuousClock.Instant) {
        room = limit
        self.deadline = deadline
        if let data = try? JSONEncoder().encode(alert), let json = try? JSONDecoder().decode(JSONValue.self, from: data) {
            parts["alert"] = json
        }
    }

    var count: Int { parts.count }

    /// Reads a part; what cannot be read, or has no room, is named in the bundle itself.
    mutating func read(_ name: String, _ body: () async throws(KubeError) -> JSONValue) async {
        guard ContinuousClock.now < deadline else { return leftOut.append("\(name): the time for evidence was over") }
        do throws(KubeError) {
            let part = try await body()
            let size = part.text.utf8.count
            guard size <= room else { return leftOut.append("\(name): its \(size) bytes are more than there was room for") }
            room -= size
            parts[name] = part
        } catch {
            leftOut.append("\(name): \(error.message)")
        }
    }

    /// The bundle as JSON, with sorted keys.
    var bytes: [UInt8] {
        var all = parts
        all["left out"] = .array(leftOut.map(JSONValue.string))
        return Array(JSONValue.object(all).text.utf8)
    }
}

extension JSONValue {
    /// An object without the book of who owns which of its fields, which is long and proves nothing.
    fileprivate var withoutOwnersOfFields: JSONValue {
        guard var members = object, var metadata = members["metadata"]?.object else { return self }
        metadata["managedFields"] = nil
        members["metadata"] = .object(metadata)
        return .object(members)
    }
}
