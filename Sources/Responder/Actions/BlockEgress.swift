// SPDX-License-Identifier: Apache-2.0

internal import EventModel
internal import KubeClient
internal import struct KubeClient.Pod
internal import ResponseLanguage

/// `calico:networkpolicy` and `cilium:networkpolicy`: lets this one pod reach the remote address of the alert no more, by a label that only
/// it carries and a policy of Calico or Cilium for that label. Each further alert adds its address to the pod's policy.
struct BlockEgress: Action {
    static let label = "saker.dev/egress"
    let dialect: EgressDialect

    init(_ dialect: EgressDialect) { self.dialect = dialect }

    var card: ActionCard {
        ActionCard(
            name: dialect.name,
            summary: "Lets the pod reach the alert's remote address (fd.rip or fd.sip) no more, by a policy of \(dialect.title) that "
                + "allows the rest: where other policies limit the pod, say in allow_cidr what it may reach",
            kind: .reversible, defaultContinue: true,
            parameters: [
                ActionParameter(
                    "allow_cidr", .networks, "Networks that the pod may still reach; all when allow_namespaces is left out too"),
                ActionParameter("allow_namespaces", .texts, "Namespaces whose pods it may still reach"),
            ] + dialect.parameters,
            permissions: [
                .init("pods", ["get", "list", "patch"]),
                .init(group: dialect.resource.group, dialect.resource.plural, ["get", "create", "patch", "delete"]),
            ], requiredFields: ["k8s.ns.name", "k8s.pod.name", "fd.rip"])
    }

    func prepare(_ request: ActionRequest, _ kube: any KubeReader) async throws(KubeError) -> Preparation {
        guard let pod = try await TargetPod.find(request.alert, kube) else { return Preparation(request.unread, pod: nil) }
        let name = Self.policyName(pod.target)
        guard let network = Self.network(request.alert) else {
            var preparation = Preparation(request.act(on: pod.target, workload: pod.workload, undo: nil), pod: pod)
            let message = "the alert gives no remote IP address (fd.rip or fd.sip), so there is nothing to block"
            preparation.objection = .failed(Failure(code: "noAddress", message: message))
            return preparation
        }
        let found = try await kube.find(ObjectReference(dialect.resource, name, in: pod.metadata.namespace))
        // What a try before left without the label selects nobody.
        let before = pod.metadata.labels[Self.label] == nil ? .null : found?["spec"] ?? .null
        let denied = dialect.denied(before)
        let networks = denied.contains(network) ? denied : denied + [network]
        let spec = dialect.spec(of: pod, denying: networks, request.step.parameters)
        let recipe = UndoRecipe(
            before == .null
                ? "delete the policy \(name) of \(dialect.title) and the label \(Self.label)"
                : "let the policy \(name) of \(dialect.title) deny \(denied.joined(separator: ", ")) only",
            facts: ["policy": .string(name), "network": .string(network), "before": before, "after": spec])
        var preparation = Preparation(request.act(on: pod.target, workload: pod.workload, undo: recipe), pod: pod)
        preparation.needsPodNetwork = true
        preparation.objection = objection(found, pod, isSame: ValueDifference.holds(spec, in: before), network)
        return preparation
    }

    func run(_ preparation: Preparation, _ kube: any Kube) async throws(KubeError) -> Outcome {
        guard let pod = preparation.pod, let target = preparation.act.intention.target.pod,
            let facts = EgressFacts(preparation.act.intention)
        else { return .skipped(why: "no pod") }
        // The policy first: it selects nobody until the label is there, so the pod is held by one write.
        let policy = try await store(facts, pod, preparation.act.intention, kube)
        if pod.metadata.labels[Self.label] != pod.metadata.uid {
            _ = try await kube.patch(target, .labels([Self.label: pod.metadata.uid], uid: pod.metadata.uid), WriteOptions())
        }
        return .done(proof(facts, pod.target, policy, ""))
    }

    func readBack(_ intention: Intention, _ kube: any KubeReader) async throws(KubeError) -> Outcome? {
        guard let facts = EgressFacts(intention), let pod = try await TargetPod.same(intention.target, kube),
            pod.metadata.labels[Self.label] == pod.metadata.uid,
            let policy = try await kube.find(facts.reference(dialect, intention)),
            ValueDifference.holds(facts.after, in: policy["spec"] ?? .null)
        else { return nil }
        return .done(proof(facts, pod.target, policy, " (read back after a restart)"))
    }

    func undo(_ intention: Intention, _ kube: any Kube) async throws(KubeError) -> Outcome {
        guard let facts = EgressFacts(intention), let target = intention.target.pod else {
            return .failed(Failure(code: "recipe", message: "the undo recipe is not one of \(intention.actuator)"))
        }
        let reference = facts.reference(dialect, intention)
        let pod = try await TargetPod.same(intention.target, kube)
        guard let policy = try await kube.find(reference) else {
            return .skipped(why: "the policy \(facts.policy) of \(dialect.title) is gone, and with it what it denied")
        }
        let spec = policy["spec"] ?? .null
        guard ValueDifference.holds(facts.after, in: spec), Self.isOurs(policy) else {
            let difference = ValueDifference.list(facts.after, spec, at: "spec").joined(separator: "; ")
            let sentence = "the policy \(facts.policy) of \(dialect.title) is no more as the act left it (\(difference)); change it by hand"
            return .refused(Refusal(.ownership, sentence))
        }
        guard facts.before == .null else {
            let patch = Self.patch(policy, spec.mergePatch(to: facts.before))
            _ = try await kube.patch(reference, .merge(patch), WriteOptions())
            return .done(Proof("\(intention.target.sentence) may reach \(facts.network) again, by the policy \(facts.policy)"))
        }
        // The label first: with it the pod is free, and a policy that is left selects nobody.
        if let pod, pod.metadata.labels[Self.label] == pod.metadata.uid {
            _ = try await kube.patch(target, .labels([Self.label: nil], of: pod), WriteOptions())
        }
        _ = try await kube.delete(
            reference, DeleteOptions(uid: policy.uid, resourceVersion: policy["metadata"]?["resourceVersion"]?.string))
        let freed = "\(intention.target.sentence) may reach \(facts.network) again"
        return .done(Proof("\(freed): the policy \(facts.policy) and its label are gone"))
    }

    private static func isOurs(_ policy: JSONValue) -> Bool {
        policy["metadata"]?["labels"]?[Quarantine.ownerLabel]?.string == Quarantine.owner
    }

    static func policyName(_ pod: TargetObject) -> String { "saker-egress-" + (pod.uid ?? "") }

    private static func network(_ alert: Alert) -> String? {
        let text = ["fd.rip", "fd.sip"].lazy.compactMap { alert.fields[$0]?.string }.first
        return text.flatMap { IPAddress($0) }.map { "\($0)/\($0.isV6 ? 128 : 32)" }
    }

    private func objection(_ found: JSONValue?, _ pod: Pod, isSame: Bool, _ network: String) -> Outcome? {
        let mark = pod.metadata.labels[Self.label]
        if let mark, mark != pod.metadata.uid {
            return .refused(Refusal(.ownership, "\(pod.target.sentence) carries \(Self.label)=\(mark), which Saker did not set; remove it"))
        }
        guard pod.metadata.labels[Quarantine.label] == nil else {
            return .skipped(why: "\(pod.target.sentence) is isolated already, and a policy that allows the rest would loosen that")
        }
        guard let found else { return nil }
        let name = Self.policyName(pod.target)
        guard Self.isOurs(found) else {
            return .refused(Refusal(.ownership, "the policy \(name) is not Saker's and is not overwritten; rename it"))
        }
        guard isSame, mark != nil else { return nil }
        return .skipped(why: "\(pod.target.sentence) cannot reach \(network) already, by the policy \(name) of \(dialect.title)")
    }

    private func store(_ facts: EgressFacts, _ pod: Pod, _ intention: Intention, _ kube: any Kube) async throws(KubeError) -> JSONValue {
        let reference = facts.reference(dialect, intention)
        guard let now = try await kube.find(reference) else {
            let body: JSONValue = [
                "apiVersion": .string(dialect.resource.apiVersion), "kind": .string(dialect.resource.kind),
                "metadata": Quarantine.metadata(facts.policy, of: pod, intention), "spec": facts.after,
            ]
            return try await kube.create(dialect.resource, body, in: pod.metadata.namespace, WriteOptions())
        }
        return try await kube.patch(reference, .merge(Self.patch(now, (now["spec"] ?? [:]).mergePatch(to: facts.after))), WriteOptions())
    }

    private static func patch(_ object: JSONValue, _ spec: JSONValue) -> JSONValue {
        let version = object["metadata"]?["resourceVersion"] ?? .null
        return ["metadata": ["uid": .string(object.uid ?? ""), "resourceVersion": version], "spec": spec]
    }

    private func proof(_ facts: EgressFacts, _ pod: TargetObject, _ policy: JSONValue, _ rest: String) -> Proof {
        Proof(
            "\(pod.sentence) is denied \(facts.network) by the policy \(facts.policy) of \(dialect.title), stored and not yet seen "
                + "enforced\(rest)",
            readBack: [
                "policy": .string(facts.policy), "policyUID": .string(policy.uid ?? ""),
                "denied": .array(dialect.denied(facts.after).map(JSONValue.string)),
            ])
    }
}

/// What the undo recipe of a blocked address says.
private struct EgressFacts {
    let policy: String
    let network: String
    let before: JSONValue
    let after: JSONValue

    init?(_ intention: Intention) {
        guard let facts = intention.undo?.facts, let policy = facts["policy"]?.string, let network = facts["network"]?.string,
            let after = facts["after"]
        else { return nil }
        self.policy = policy
        self.network = network
        self.after = after
        before = facts["before"] ?? .null
    }

    func reference(_ dialect: EgressDialect, _ intention: Intention) -> ObjectReference {
        ObjectReference(dialect.resource, policy, in: intention.target.namespace?.text)
    }
}
