// SPDX-License-Identifier: Apache-2.0

public import EventModel
public import KubeClient
public import struct KubeClient.Pod
public import ResponseLanguage

/// `kubernetes:terminate`: deletes the pod, and only in the life that the event came from.
public struct TerminatePod: Action {
    /// The action has no state.
    public init() {}

    public var card: ActionCard {
        ActionCard(
            name: "kubernetes:terminate", summary: "Deletes the pod", kind: .destructive, defaultContinue: false,
            parameters: [
                ActionParameter(
                    "grace_period_seconds", .wholeNumber(least: 0), "Seconds the pod is given to end; its own setting when absent"),
                ActionParameter("ignore_daemonsets", .flag, "Leaves pods of DaemonSets alone"),
                ActionParameter("ignore_statefulsets", .flag, "Leaves pods of StatefulSets alone"),
                ActionParameter("ignore_standalone_pods", .flag, "Leaves pods that nothing would replace alone"),
                ActionParameter(
                    "min_healthy_replicas", .countOrPercent, "How many of the owner's desired replicas must be ready"),
            ],
            permissions: [
                .init("pods", ["get", "list", "delete"]),
                .init(group: "apps", "replicasets", ["get"]),
                .init(group: "apps", "statefulsets", ["get"], given: "min_healthy_replicas", unless: "ignore_statefulsets"),
                .init(group: "apps", "daemonsets", ["get"], given: "min_healthy_replicas", unless: "ignore_daemonsets"),
            ], requiredFields: ["k8s.ns.name", "k8s.pod.name"])
    }

    public func prepare(_ request: ActionRequest, _ kube: any KubeReader) async throws(KubeError) -> Preparation {
        guard let pod = try await TargetPod.find(request.alert, kube) else { return Preparation(request.unread, pod: nil) }
        // Of a pod that is left alone nothing more is read, so that no right is needed for it.
        if let objection = objection(to: pod, request.step.parameters) {
            var preparation = Preparation(request.act(on: pod.target, workload: pod.workload, undo: nil), pod: pod)
            preparation.objection = objection
            return preparation
        }
        let minimum = request.step.parameters["min_healthy_replicas"]?.string
        let owner = try await PodOwner.find(of: pod, isDemanded: minimum != nil, kube)
        var preparation = Preparation(request.act(on: pod.target, workload: owner.workload, undo: nil), pod: pod)
        preparation.replicas = owner.replicas
        preparation.minimumHealthy = minimum
        return preparation
    }

    public func run(_ preparation: Preparation, _ kube: any Kube) async throws(KubeError) -> Outcome {
        let intention = preparation.act.intention
        guard let target = intention.target.pod else { return .skipped(why: "no pod") }
        let grace = intention.parameters["grace_period_seconds"]?.int
        _ = try await kube.delete(target, DeleteOptions(uid: intention.target.uid, gracePeriodSeconds: grace))
        do throws(KubeError) {
            return readBack(try await TargetPod.same(intention.target, kube), intention.target)
        } catch {
            return .unknown(check: "the server took the delete, and what became of it could not be read; look at "
                + "\(intention.target.sentence). \(error.message)")
        }
    }

    public func readBack(_ intention: Intention, _ kube: any KubeReader) async throws(KubeError) -> Outcome? {
        guard case .done(var proof) = readBack(try await TargetPod.same(intention.target, kube), intention.target) else { return nil }
        proof.sentence += " (read back after a restart; somebody else may have ended it)"
        return .done(proof)
    }

    private func objection(to pod: Pod, _ parameters: [String: JSONValue]) -> Outcome? {
        let place = pod.target.sentence
        let owner = pod.metadata.controller?.kind ?? pod.metadata.ownerReferences.first?.kind
        switch owner {
        case "Node":
            return .refused(
                Refusal(.owner, "\(place) is a static pod: its node's kubelet starts it again; remove its manifest from the node"))
        case "DaemonSet" where parameters["ignore_daemonsets"]?.bool == true:
            return .skipped(why: "\(place) belongs to a DaemonSet and ignore_daemonsets is true")
        case "StatefulSet" where parameters["ignore_statefulsets"]?.bool == true:
            return .skipped(why: "\(place) belongs to a StatefulSet and ignore_statefulsets is true")
        case nil where parameters["ignore_standalone_pods"]?.bool == true:
            return .skipped(why: "\(place) has no owner that would replace it and ignore_standalone_pods is true")
        case _:
            return nil
        }
    }

    private func readBack(_ pod: Pod?, _ target: TargetObject) -> Outcome {
        let uid = JSONValue.string(target.uid ?? "")
        guard let pod else {
            return .done(Proof("\(target.sentence) is gone", readBack: ["uid": uid, "gone": true]))
        }
        guard let time = pod.metadata.deletionTimestamp else {
            return .unknown(check: "the server took the delete, and \(target.sentence) shows no sign of it: look at it")
        }
        return .done(
            Proof(
                "\(target.sentence) is ending, by \(time) at the latest",
                readBack: ["uid": uid, "gone": false, "deletionTimestamp": .string(time.description)]))
    }
}

/// What manages a pod: whom budgets count against, and who would replace it.
struct PodOwner {
    var workload: String
    var replicas: Workload.Replicas?

    /// Reads the owner. Unless its replicas are demanded, an owner that cannot be read is taken by the name that the pod gives.
    static func find(of pod: Pod, isDemanded: Bool, _ kube: any KubeReader) async throws(KubeError) -> PodOwner {
        guard let owner = pod.metadata.controller, let namespace = pod.metadata.namespace, let kind = Workload.Kind(rawValue: owner.kind),
            isDemanded || kind == .replicaSet
        else { return PodOwner(workload: pod.workload) }
        do throws(KubeError) {
            let found = try await kube.workload(kind, owner.name, in: namespace)
            // A rollout makes a new ReplicaSet; the budget is the Deployment's.
            let top = kind == .replicaSet ? found.metadata.controller.map { "\(namespace)/\($0.kind)/\($0.name)" } : nil
            return PodOwner(workload: top ?? pod.workload, replicas: found.replicas)
        } catch {
            guard !isDemanded else { throw error }
            return PodOwner(workload: pod.workload)
        }
    }
}
