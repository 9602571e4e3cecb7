// SPDX-License-Identifier: Apache-2.0

internal import EventModel
internal import KubeClient
internal import struct KubeClient.Pod
internal import ResponseLanguage

/// `kubernetes:drain`: cordons the node of the pod and evicts the pods that run there, by the eviction API, so that disruption budgets
/// are kept. The undo uncordons the node; pods that moved stay where they are.
struct DrainNode: Action {
    /// Whether it waits for evicted pods to end, and for budgets to allow more.
    let waits: Bool

    var card: ActionCard {
        ActionCard(
            name: "kubernetes:drain", summary: "Cordons the pod's node and evicts its pods, as disruption budgets allow",
            kind: .destructive, defaultContinue: true,
            parameters: [
                ActionParameter("cordon", .flag, "Whether the node is cordoned first; true when left out (Talon never does)"),
                ActionParameter(
                    "ignore_daemonsets", .flag,
                    "Leaves pods of DaemonSets alone; true when left out, since they would be started on the node again"),
                ActionParameter("ignore_statefulsets", .flag, "Leaves pods of StatefulSets alone"),
                ActionParameter(
                    "min_healthy_replicas", .countOrPercent,
                    "How many of a ReplicaSet's or StatefulSet's desired replicas must be ready for one of its pods to be evicted"),
                ActionParameter("ignore_errors", .flag, "Counts as done also when pods could not be evicted"),
                ActionParameter(
                    "max_wait_period", .wholeNumber(least: 0),
                    "Seconds to wait for disruption budgets and for the end of evicted pods, at most 600; 0 or absent: do not wait"),
                ActionParameter(
                    "wait_period_excluded_namespaces", .texts, "Namespaces whose pods are evicted and not waited for"),
            ],
            permissions: [
                .init("pods", ["get", "list"], isEverywhere: true), .init("pods/eviction", ["create"], isEverywhere: true),
                .init("nodes", ["get", "patch"], isEverywhere: true),
                .init(group: "apps", "replicasets", ["get"], given: "min_healthy_replicas", isEverywhere: true),
                .init(
                    group: "apps", "statefulsets", ["get"], given: "min_healthy_replicas", unless: "ignore_statefulsets",
                    isEverywhere: true),
            ], requiredFields: ["k8s.ns.name", "k8s.pod.name"])
    }

    func patience(_ parameters: [String: JSONValue]) -> Duration { .seconds(Self.seconds(parameters)) }

    private static func seconds(_ parameters: [String: JSONValue]) -> Int {
        min(600, Int(clamping: parameters["max_wait_period"]?.int ?? 0))
    }

    func prepare(_ request: ActionRequest, _ kube: any KubeReader) async throws(KubeError) -> Preparation {
        guard let pod = try await TargetPod.find(request.alert, kube) else { return Preparation(request.unread, pod: nil) }
        guard let node = try await TargetNode.find(of: pod, kube) else {
            var preparation = Preparation(request.act(on: pod.target, workload: pod.workload, undo: nil), pod: pod)
            preparation.objection = TargetNode.unbound(pod)
            return preparation
        }
        let target = TargetObject(node, "Node")
        let isCordoning = request.step.parameters["cordon"]?.bool != false
        let change = FieldChange(wanted: isCordoning ? ["unschedulable": true] : [:], now: Cordon.lens.read(node))
        let pods = try await kube.list(Pod.self, in: nil, ListOptions(fieldSelector: "spec.nodeName=" + target.name))
        var choice = DrainChoice(request)
        for pod in pods.sorted(by: { $0.target.sentence < $1.target.sentence }) { await choice.take(pod, kube) }
        let recipe = UndoRecipe("uncordon \(target.sentence); pods that were evicted stay where they are", facts: change.facts)
        var preparation = Preparation(
            request.act(on: target, workload: TargetWorkload.workload(target), undo: change.isEmpty ? nil : recipe), pod: pod)
        preparation.targetLabels = TargetNode.labels(of: node)
        preparation.others = choice.evicted
        preparation.remarks = choice.left
        preparation.objection = request.strangerToCluster(target)
        if preparation.objection == nil, change.isEmpty, choice.evicted.isEmpty {
            preparation.objection = .skipped(why: "on \(target.sentence) is nothing to evict\(Self.list("; left alone: ", choice.left))")
        }
        return preparation
    }

    func run(_ preparation: Preparation, _ kube: any Kube) async throws(KubeError) -> Outcome {
        let intention = preparation.act.intention, target = intention.target
        guard let node = target.reference else { return .skipped(why: "there is no node to drain") }
        if let change = FieldChange(intention.undo) {
            let body: JSONValue = ["metadata": ["uid": .string(target.uid ?? "")], "spec": .object(change.after)]
            _ = try await kube.patch(node, .merge(body), WriteOptions())
        }
        var eviction = Eviction(preparation.others, waitsFor: Self.seconds(intention.parameters), isWaiting: waits)
        eviction.unwaited = Set((intention.parameters["wait_period_excluded_namespaces"]?.array ?? []).compactMap(\.string))
        await eviction.carryOut(kube)
        return outcome(eviction, preparation)
    }

    func undo(_ intention: Intention, _ kube: any Kube) async throws(KubeError) -> Outcome {
        try await Cordon.action.undo(intention, kube)
    }

    private func outcome(_ eviction: Eviction, _ preparation: Preparation) -> Outcome {
        let intention = preparation.act.intention
        let cordon = intention.undo == nil ? "" : "is cordoned, "
        let counts = "\(intention.target.sentence): \(cordon)\(eviction.evicted.count) of \(preparation.others.count) pods are evicted"
        let sentence = counts + Self.list("; not evicted: ", eviction.troubles) + Self.list("; left alone: ", preparation.remarks)
        guard eviction.troubles.isEmpty || intention.parameters["ignore_errors"]?.bool == true else {
            let isUntouched = intention.undo == nil && eviction.evicted.isEmpty
            return .failed(Failure(code: isUntouched ? "notEvicted" : Failure.incomplete, message: sentence))
        }
        return .done(
            Proof(
                sentence,
                readBack: [
                    "uid": .string(intention.target.uid ?? ""), "evicted": .array(eviction.evicted.map(JSONValue.string)),
                    "troubles": .array(eviction.troubles.map(JSONValue.string)),
                ]))
    }

    private static func list(_ head: String, _ items: [String]) -> String { items.isEmpty ? "" : head + items.joined(separator: ", ") }
}

/// Which pods of a node are evicted, and why the others are not.
struct DrainChoice {
    private let request: ActionRequest
    private let minimum: MinimumHealthy?
    private var taken: [String: Int] = [:]
    private(set) var evicted: [TargetObject] = []
    private(set) var left: [String] = []

    init(_ request: ActionRequest) {
        self.request = request
        minimum = request.step.parameters["min_healthy_replicas"]?.string.flatMap { MinimumHealthy($0) }
    }

    mutating func take(_ pod: Pod, _ kube: any KubeReader) async {
        if let why = await reason(against: pod, kube) { left.append("\(pod.target.sentence) (\(why))") } else { evicted.append(pod.target) }
    }

    private mutating func reason(against pod: Pod, _ kube: any KubeReader) async -> String? {
        let parameters = request.step.parameters
        let kind = pod.metadata.controller?.kind ?? pod.metadata.ownerReferences.first?.kind
        if kind == "Node" || pod.metadata.annotations["kubernetes.io/config.mirror"] != nil { return "static" }
        if kind == "DaemonSet", parameters["ignore_daemonsets"]?.bool != false { return "of a DaemonSet" }
        if kind == "StatefulSet", parameters["ignore_statefulsets"]?.bool == true { return "of a StatefulSet" }
        if let why = request.reasonToSpare(pod.target.namespace, pod.metadata.labels) { return why }
        if pod.metadata.deletionTimestamp != nil { return "ending already" }
        guard let minimum, kind == "ReplicaSet" || kind == "StatefulSet" else { return nil }
        return await shortfall(pod, minimum, kube)
    }

    private mutating func shortfall(_ pod: Pod, _ minimum: MinimumHealthy, _ kube: any KubeReader) async -> String? {
        do throws(KubeError) {
            let owner = try await PodOwner.find(of: pod, isDemanded: true, kube)
            guard let replicas = owner.replicas else { return nil }
            let gone = taken[owner.workload] ?? 0
            if let why = minimum.shortfall(ready: replicas.ready - gone, desired: replicas.desired) { return why }
            taken[owner.workload] = gone + 1
            return nil
        } catch {
            return "its owner cannot be read: \(error.code.rawValue)"
        }
    }
}

/// The eviction of some pods, one after the other, each with what came of it.
struct Eviction {
    private enum Try { case gone, waiting(String), failed(String) }
    // As often as Talon looks.
    private static let pause = Duration.seconds(1)

    private let pods: [TargetObject]
    private let deadline: ContinuousClock.Instant
    private let isWaiting: Bool
    var unwaited: Set<String> = []
    private(set) var evicted: [String] = []
    private(set) var troubles: [String] = []

    init(_ pods: [TargetObject], waitsFor seconds: Int, isWaiting: Bool) {
        self.pods = pods
        self.isWaiting = isWaiting && seconds > 0
        deadline = ContinuousClock.now + .seconds(seconds)
    }

    mutating func carryOut(_ kube: any Kube) async {
        var rest = pods, taken: [TargetObject] = []
        while true {
            var put: [(pod: TargetObject, why: String)] = []
            for pod in rest {
                switch await evict(pod, kube) {
                case .gone: taken.append(pod)
                case .waiting(let why): put.append((pod, why))
                case .failed(let why): troubles.append("\(pod.sentence) (\(why))")
                }
            }
            guard !put.isEmpty, await mayPause() else {
                troubles += put.map { "\($0.pod.sentence) (\($0.why))" }
                break
            }
            rest = put.map(\.pod)
        }
        evicted = taken.map(\.sentence).sorted()
        await awaitEnds(of: taken, kube)
    }

    private func evict(_ pod: TargetObject, _ kube: any Kube) async -> Try {
        guard let reference = pod.reference else { return .failed("no pod") }
        do throws(KubeError) {
            _ = try await kube.evict(reference, DeleteOptions(uid: pod.uid))
            return .gone
        } catch {
            switch error.code {
            case .notFound: return .gone
            case .disruptionBudget: return .waiting("a PodDisruptionBudget does not allow it now")
            case .conflict: return .failed("it is another pod now")
            case .timeout, .transport, .serverError, .decode, .cancelled: return .failed("unknown whether it was: \(error.code.rawValue)")
            case .unauthorized, .forbidden, .alreadyExists, .gone, .invalid, .tooManyRequests, .credential, .config:
                return .failed(error.code.rawValue)
            }
        }
    }

    private mutating func awaitEnds(of taken: [TargetObject], _ kube: any Kube) async {
        guard isWaiting else { return }
        var rest = taken.filter { !unwaited.contains($0.namespace?.text ?? "") }
        while true {
            var there: [TargetObject] = []
            for pod in rest where await isThere(pod, kube) { there.append(pod) }
            rest = there
            guard !rest.isEmpty, await mayPause() else { break }
        }
        troubles += rest.map { "\($0.sentence) (evicted, and not gone within max_wait_period)" }
    }

    private func isThere(_ pod: TargetObject, _ kube: any Kube) async -> Bool {
        guard let reference = pod.reference else { return false }
        do throws(KubeError) { return try await kube.find(reference)?.uid == pod.uid } catch { return true }
    }

    /// Waits a moment; false when there is no time left for that.
    private func mayPause() async -> Bool {
        guard isWaiting, ContinuousClock.now + Self.pause <= deadline else { return false }
        do { try await Task.sleep(for: Self.pause) } catch { return false }
        return true
    }
}
