// SPDX-License-Identifier: Apache-2.0

public import EventModel
public import KubeClient
public import struct KubeClient.Pod
public import ResponseLanguage

/// `kubernetes:networkpolicy`: cuts this one pod off in both directions, by a label that only it carries and a policy for that label.
public struct IsolatePod: Action {
    /// The action has no state.
    public init() {}

    public var card: ActionCard {
        ActionCard(
            name: "kubernetes:networkpolicy", summary: "Cuts the pod off the network, but for what is allowed out", kind: .reversible,
            defaultContinue: true,
            parameters: [
                ActionParameter("allow_cidr", .networks, "Networks that the pod may still reach"),
                ActionParameter("allow_namespaces", .texts, "Namespaces whose pods it may still reach"),
            ],
            permissions: [
                .init("pods", ["get", "list", "patch"]),
                .init(group: "networking.k8s.io", "networkpolicies", ["get", "list", "create", "delete"]),
            ], requiredFields: ["k8s.ns.name", "k8s.pod.name"])
    }

    public func prepare(_ request: ActionRequest, _ kube: any KubeReader) async throws(KubeError) -> Preparation {
        guard let pod = try await TargetPod.find(request.alert, kube) else { return Preparation(request.unread, pod: nil) }
        let quarantine = Quarantine(of: pod)
        let recipe = UndoRecipe(
            "release \(pod.target.sentence): remove its label \(Quarantine.label) and delete the network policy \(quarantine.policyName)",
            facts: ["policy": .string(quarantine.policyName)])
        var preparation = Preparation(request.act(on: pod.target, workload: pod.workload, undo: recipe), pod: pod)
        preparation.needsPodNetwork = true
        let policies = try await kube.list(NetworkPolicy.self, in: pod.metadata.namespace)
        preparation.objection = quarantine.objection(policies, wanted: request.step.parameters)
        preparation.remarks = quarantine.others(policies).map(PolicyReach.sentence)
        return preparation
    }

    public func run(_ preparation: Preparation, _ kube: any Kube) async throws(KubeError) -> Outcome {
        guard let pod = preparation.pod, let target = preparation.act.intention.target.pod else { return .skipped(why: "no pod") }
        let quarantine = Quarantine(of: pod)
        // The policy first: it selects nobody until the label is there, so the pod is cut off by one write.
        let policy = try await storePolicy(quarantine, preparation.act.intention, kube)
        let labelled: Pod
        do throws(KubeError) {
            let mark = Patch.labels([Quarantine.label: pod.metadata.uid], uid: pod.metadata.uid)
            labelled = try Pod(json: await kube.patch(target, mark, WriteOptions()))
        } catch {
            await sweep(policy, after: error, kube)
            throw error
        }
        return quarantine.outcome(labelled, policy, remarks: preparation.remarks)
    }

    public func readBack(_ intention: Intention, _ kube: any KubeReader) async throws(KubeError) -> Outcome? {
        guard let name = intention.undo?.facts["policy"]?.string, let pod = try await TargetPod.same(intention.target, kube),
            let policy = try await find(name, in: intention.target.namespace?.text, kube),
            policy.metadata.annotations[Quarantine.trace] == intention.trace.text,
            case .done(var proof) = Quarantine(of: pod).outcome(pod, policy, remarks: [])
        else { return nil }
        proof.sentence += " (read back after a restart)"
        return .done(proof)
    }

    public func undo(_ intention: Intention, _ kube: any Kube) async throws(KubeError) -> Outcome {
        guard let name = intention.undo?.facts["policy"]?.string, let target = intention.target.pod else {
            return .failed(Failure(code: "recipe", message: "the undo recipe is not one of \(intention.actuator)"))
        }
        let pod = try await TargetPod.same(intention.target, kube)
        let policy = try await find(name, in: intention.target.namespace?.text, kube)
        if let refusal = Release.objection(pod, policy, intention) { return .refused(refusal) }
        let marked = pod.flatMap { $0.metadata.labels[Quarantine.label] == nil ? nil : $0 }
        guard marked != nil || policy != nil else {
            return .skipped(why: "\(intention.target.sentence) is isolated no more: label and policy are gone")
        }
        // The label first: with it the pod is free, and a policy that is left selects nobody.
        if let marked { _ = try await kube.patch(target, .labels([Quarantine.label: nil], of: marked), WriteOptions()) }
        if let policy, let left = await delete(policy, kube) {
            let message = "\(intention.target.sentence) is released, and its network policy \(name) is left: \(left.message) Undo it again."
            return .failed(Failure(code: left.code.rawValue, message: message))
        }
        let sentence = "\(intention.target.sentence) is released: its label \(Quarantine.label) and the network policy \(name) are gone"
        return .done(Proof(sentence, readBack: ["policy": .null, "label": .null]))
    }

    /// Why a policy is not known to be gone after its deletion; nil when it is.
    private func delete(_ policy: NetworkPolicy, _ kube: any Kube) async -> KubeError? {
        do throws(KubeError) {
            let life = DeleteOptions(uid: policy.metadata.uid, resourceVersion: policy.metadata.resourceVersion)
            _ = try await kube.delete(policy.reference, life)
            guard try await find(policy.metadata.name, in: policy.metadata.namespace, kube) != nil else { return nil }
            return KubeError(.conflict, "The server took the deletion and still shows the policy.")
        } catch {
            return error.code == .notFound ? nil : error
        }
    }

    /// True when the pod is known to be isolated no more, by whoever released or ended it.
    public static func isLifted(_ intention: Intention, _ kube: any KubeReader) async -> Bool {
        do throws(KubeError) {
            let pod = try await TargetPod.same(intention.target, kube)
            return pod?.metadata.labels[Quarantine.label] != intention.target.uid
        } catch {
            return false
        }
    }

    private func storePolicy(
        _ quarantine: Quarantine, _ intention: Intention, _ kube: any Kube
    ) async throws(KubeError) -> NetworkPolicy {
        let body = quarantine.policy(for: intention)
        do throws(KubeError) {
            let stored = try await kube.create(.networkPolicies, body, in: quarantine.pod.metadata.namespace, WriteOptions())
            return try NetworkPolicy(json: stored)
        } catch {
            // Left by an earlier try that was cut short; `prepare` refused any that is not ours or says something else.
            guard error.code == .alreadyExists,
                let found = try await find(quarantine.policyName, in: quarantine.pod.metadata.namespace, kube), quarantine.owns(found)
            else { throw error }
            return found
        }
    }

    // A policy that selects nobody does no harm, so a failure to remove it changes nothing in what is told. Where the label may have
    // been set, the policy stays: without it the pod would be free and look cut off.
    private func sweep(_ policy: NetworkPolicy, after error: KubeError, _ kube: any Kube) async {
        switch error.code {
        case .timeout, .transport, .serverError, .decode, .cancelled: return
        case .unauthorized, .forbidden, .notFound, .alreadyExists, .conflict, .gone, .invalid, .tooManyRequests, .disruptionBudget,
            .config, .credential:
            _ = try? await kube.delete(policy.reference, DeleteOptions(uid: policy.metadata.uid))
        }
    }

    private func find(_ name: String, in namespace: String?, _ kube: any KubeReader) async throws(KubeError) -> NetworkPolicy? {
        guard let found = try await kube.find(ObjectReference(.networkPolicies, name, in: namespace)) else { return nil }
        return try NetworkPolicy(json: found)
    }
}
