// SPDX-License-Identifier: Apache-2.0

public import EventModel
internal import Hashing
public import KubeClient
public import struct KubeClient.Pod
internal import Records
public import ResponseLanguage

/// `kubernetes:log`: reads the last lines of all containers of the pod, and keeps them where the playbook's `output` says.
public struct ReadLogs: Action {
    private let outputs: any Outputs

    /// Keeps in those stores.
    public init(_ outputs: any Outputs) { self.outputs = outputs }

    // Talon's number of lines. The bytes bound what one playbook can make of memory and of the store.
    private static let lines: Int64 = 20
    private static let bytes: Int64 = 1 << 20

    public var card: ActionCard {
        ActionCard(
            name: "kubernetes:log", summary: "Reads the last log lines of the pod's containers", kind: .observe, defaultContinue: true,
            parameters: [
                ActionParameter("tail_lines", .wholeNumber(least: 0), "Lines a container, the last ones; 20 when 0 or left out"),
                ActionParameter("limit_bytes", .wholeNumber(least: 1), "Bytes a container at most; 1048576 when left out"),
                ActionParameter("previous", .flag, "Whether the life before a container's last restart is read too; true when left out"),
            ],
            permissions: [.init("pods", ["get", "list"]), .init("pods/log", ["get"])], requiredFields: ["k8s.ns.name", "k8s.pod.name"],
            allowsOutput: true)
    }

    public func prepare(_ request: ActionRequest, _ kube: any KubeReader) async throws(KubeError) -> Preparation {
        guard let pod = try await TargetPod.find(request.alert, kube) else { return Preparation(request.unread, pod: nil) }
        var preparation = Preparation(request.act(on: pod.target, workload: pod.workload, undo: nil), pod: pod)
        preparation.request = request
        return preparation
    }

    public func run(_ preparation: Preparation, _ kube: any Kube) async throws(KubeError) -> Outcome {
        let intention = preparation.act.intention
        guard let pod = preparation.pod, let request = preparation.request, let target = intention.target.pod else {
            return .skipped(why: "no pod")
        }
        var evidence = LogEvidence(heading: "\(intention.target.sentence), UID \(pod.metadata.uid), trace \(request.alert.trace)")
        for selection in Self.selections(pod, intention.parameters) {
            do throws(KubeError) {
                evidence.add(selection, try await kube.log(of: target, selection))
            } catch {
                // A container that has not begun, or whose earlier life the kubelet has forgotten, has none.
                guard error.code == .invalid || error.code == .notFound else { throw error }
                evidence.add(selection, absence: error.message)
            }
        }
        // Logs are read by name: only the pod that still has the UID can be the one they came from.
        guard try await TargetPod.same(intention.target, kube) != nil else {
            let sentence = "\(intention.target.sentence) was replaced while its logs were read; they may be another pod's and were not kept"
            return .refused(Refusal(.identity, sentence))
        }
        guard evidence.found > 0 else {
            let message = "no container of \(intention.target.sentence) has a log: \(evidence.absences.joined(separator: " "))"
            return .failed(Failure(code: "notFound", message: message))
        }
        guard let output = request.step.output else { return .done(evidence.proof(of: intention.target)) }
        return await keep(evidence, output, Artifact(name: "log", target: intention.target, alert: request.alert, bytes: evidence.bytes))
    }

    private func keep(_ evidence: LogEvidence, _ output: PlannedOutput, _ artifact: Artifact) async -> Outcome {
        do {
            let store = try outputs.store(for: output)
            let placement = try await store.keep(artifact.bytes, under: artifact.key, type: "text/plain; charset=utf-8")
            return .done(evidence.proof(of: artifact, in: store.place(of: artifact.key), placement))
        } catch {
            return .failed(Failure(code: "output", message: "the logs were read and could not be kept: \(error)"))
        }
    }

    static func selections(_ pod: Pod, _ parameters: [String: JSONValue]) -> [LogSelection] {
        let asked = parameters["tail_lines"]?.int ?? 0
        let lines = Int(clamping: asked == 0 ? Self.lines : asked), bytes = Int(clamping: parameters["limit_bytes"]?.int ?? Self.bytes)
        let known = pod.containerStatuses.map { (name: $0.name, restarts: $0.restarts) }
        let containers = known.isEmpty ? pod.containers.map { (name: $0.name, restarts: 0) } : known
        return containers.flatMap { container in
            let now = LogSelection(container: container.name, lines: lines, bytes: bytes)
            var before = now
            before.isPrevious = true
            return container.restarts > 0 && parameters["previous"]?.bool != false ? [before, now] : [now]
        }
    }
}

/// The logs of a pod's containers as one text.
struct LogEvidence {
    // What the journal keeps of logs that have no output of their own.
    private static let kept = 16 * 1024

    private(set) var bytes: [UInt8]
    private(set) var found = 0
    private(set) var absences: [String] = []
    private var cut: [String] = []

    init(heading: String) { bytes = Array("# \(heading)\n".utf8) }

    mutating func add(_ selection: LogSelection, _ log: [UInt8]) {
        found += 1
        let isCut = log.count >= selection.bytes
        if isCut { cut.append(selection.container) }
        head(selection, isCut ? ", cut after \(selection.bytes) bytes" : "")
        bytes += log
        if log.last != UInt8(ascii: "\n") { bytes.append(UInt8(ascii: "\n")) }
    }

    mutating func add(_ selection: LogSelection, absence why: String) {
        absences.append(why)
        head(selection, ", no log: \(why)")
    }

    private mutating func head(_ selection: LogSelection, _ remark: String) {
        let life = selection.isPrevious ? ", before its last restart" : ""
        bytes += Array("==> container \(selection.container)\(life)\(remark)\n".utf8)
    }

    /// For logs that go nowhere else: their end goes into the journal.
    func proof(of target: TargetObject) -> Proof {
        var facts = facts
        let isWhole = bytes.count <= Self.kept
        facts["logs"] = .string(String(decoding: bytes.suffix(Self.kept), as: UTF8.self))
        let part = isWhole ? "" : "; the last \(Self.kept) bytes are kept here"
        return Proof("\(found) logs of \(target.sentence) were read\(part)\(remark)", readBack: facts)
    }

    func proof(of artifact: Artifact, in place: String, _ placement: ResultPlacement) -> Proof {
        let there =
            switch placement {
            case .stored, .rehearsed: ""
            case .alreadyThere: ", and were there before"
            }
        var facts = facts
        facts["place"] = .string(place)
        facts["sha256"] = .string(Hex.text(artifact.hash))
        let sentence = "\(found) logs of \(artifact.target.sentence), \(bytes.count) bytes, are in \(place)\(there)\(remark)"
        return Proof(sentence, readBack: facts)
    }

    private var facts: [String: JSONValue] { ["logs_read": .int(Int64(found)), "bytes": .int(Int64(bytes.count))] }
    private var remark: String { cut.isEmpty ? "" : "; cut: \(cut.joined(separator: ", "))" }
}
