// SPDX-License-Identifier: Apache-2.0

internal import EventModel
internal import KubeClient
internal import struct KubeClient.Pod
internal import ResponseLanguage

/// `kubernetes:revoke-tokens`: deletes the Secrets that hold long-lived tokens of the pod's service account. A token that the kubelet gave
/// a pod is in no Secret: it lives until that pod is gone, and that is said.
struct RevokeTokens: Action {
    private static let type = "kubernetes.io/service-account-token"
    private static let accountName = "kubernetes.io/service-account.name"
    private static let bound = "tokens that are bound to a pod are in no Secret and live until that pod is gone"

    var card: ActionCard {
        ActionCard(
            name: "kubernetes:revoke-tokens",
            summary: "Deletes the Secrets with long-lived tokens of the pod's service account; \(Self.bound)",
            kind: .destructive, defaultContinue: true, parameters: [],
            permissions: [.init("pods", ["get", "list"]), .init("secrets", ["list", "delete"])],
            requiredFields: ["k8s.ns.name", "k8s.pod.name"])
    }

    func prepare(_ request: ActionRequest, _ kube: any KubeReader) async throws(KubeError) -> Preparation {
        guard let pod = try await TargetPod.find(request.alert, kube) else { return Preparation(request.unread, pod: nil) }
        let account = ServiceAccount.target(of: pod)
        var preparation = Preparation(request.act(on: account, workload: TargetWorkload.workload(account), undo: nil), pod: pod)
        preparation.others = try await Self.secrets(of: account, kube)
        if preparation.others.isEmpty {
            preparation.objection = .skipped(why: "\(account.sentence) has no token in a Secret; \(Self.bound)")
        }
        return preparation
    }

    func run(_ preparation: Preparation, _ kube: any Kube) async throws(KubeError) -> Outcome {
        let account = preparation.act.intention.target
        var deleted: [String] = []
        for secret in preparation.others {
            do throws(KubeError) {
                guard let reference = secret.reference else { continue }
                _ = try await kube.delete(reference, DeleteOptions(uid: secret.uid))
                deleted.append(secret.name)
            } catch {
                if error.code == .notFound { continue }
                guard !deleted.isEmpty else { throw error }
                let head = "of the token Secrets of \(account.sentence) only \(deleted.joined(separator: ", ")) are deleted: "
                return .failed(Failure(code: Failure.incomplete, message: head + error.message))
            }
        }
        return .done(Self.proof(of: account, deleted.isEmpty ? "are gone" : "\(deleted.joined(separator: ", ")) are deleted"))
    }

    func readBack(_ intention: Intention, _ kube: any KubeReader) async throws(KubeError) -> Outcome? {
        guard try await Self.secrets(of: intention.target, kube).isEmpty else { return nil }
        return .done(Self.proof(of: intention.target, "are gone (read back after a restart; somebody else may have deleted them)"))
    }

    private static func proof(of account: TargetObject, _ what: String) -> Proof {
        Proof("the token Secrets of \(account.sentence) \(what); \(bound)", readBack: ["account": .string(account.name)])
    }

    private static func secrets(of account: TargetObject, _ kube: any KubeReader) async throws(KubeError) -> [TargetObject] {
        let list = try await kube.list(.secrets, in: account.namespace?.text, ListOptions(fieldSelector: "type=" + type)).items
        return list.filter { $0["metadata"]?["annotations"]?[accountName]?.string == account.name }
            .map { TargetObject($0, "Secret") }.sorted { $0.name < $1.name }
    }
}

/// The service account that a pod runs as.
enum ServiceAccount {
    /// As a target; bindings name it by its name, so no UID is needed.
    static func target(of pod: Pod) -> TargetObject {
        TargetObject(
            kind: "ServiceAccount", namespace: pod.metadata.namespace.map { NamespaceName($0) },
            name: pod.serviceAccountName ?? "default", uid: nil)
    }
}
