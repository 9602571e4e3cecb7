// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Console
import EventModel
import Guardrails
import ResponseLanguage

/// The parts of Saker that ask a cluster for something, each under an account of its own.
enum Part: String, CaseIterable, ExpressibleByArgument {
    case detect, respond, run

    /// What the part itself asks for and what the playbooks' actions do, as far as the part runs them.
    func rights(_ configuration: Configuration, _ playbooks: PlaybookSet?, _ senders: [SenderEntry] = []) -> Set<RequiredRight> {
        switch self {
        case .detect: Self.seeing(configuration)
        case .respond: Self.recognising(senders).union(Self.placing(senders, playbooks)).union(Self.acting(configuration, playbooks))
        case .run: Self.seeing(configuration).union(Self.acting(configuration, playbooks))
        }
    }

    /// What the actions use, and `KubernetesEventNotifier`.
    private static func acting(_ configuration: Configuration, _ playbooks: PlaybookSet?) -> Set<RequiredRight> {
        var actions = playbooks?.requiredRights ?? []
        if let place = GuardrailSettings.ConfigMapKey(configuration.guardrails.stopConfigMap) {
            actions.insert(RequiredRight("configmaps", "get", in: place.namespace, for: "guardrails.stop_configmap"))
        }
        guard configuration.notify.kubernetesEvents else { return actions }
        let user = "notify.kubernetes_events"
        let managers = ["deployments", "replicasets", "statefulsets", "daemonsets"]
        return actions.union([RequiredRight("events", "create", for: user), RequiredRight("pods", "get", for: user)])
            .union(managers.map { RequiredRight(group: "apps", $0, "get", for: user) })
    }

    /// `SenderBook`: the API server alone can tell whose a service account's token is.
    private static func recognising(_ senders: [SenderEntry]) -> Set<RequiredRight> {
        let hasAccounts = senders.contains { entry in
            guard case .serviceAccount = entry.proof else { return false }
            return true
        }
        guard hasAccounts else { return [] }
        return [RequiredRight(group: "authentication.k8s.io", "tokenreviews", "create", for: "senders known by their service account")]
    }

    /// `InvokeFunction`: it reads a pod only to hold a sender to its nodes.
    private static func placing(_ senders: [SenderEntry], _ playbooks: PlaybookSet?) -> Set<RequiredRight> {
        let function: ActuatorName = "aws:lambda"
        let isInvoked = playbooks?.playbooks.contains { $0.steps.actions.contains { $0.card.name == function } } ?? false
        guard isInvoked, senders.contains(where: { $0.nodes != .any }) else { return [] }
        return Set(["get", "list"].map { RequiredRight("pods", $0, for: "\(function), for senders limited to nodes") })
    }

    /// `PodFeed`: RBAC knows no nodes, so the right to one node's pods is the right to all.
    private static func seeing(_ configuration: Configuration) -> Set<RequiredRight> {
        guard configuration.kubernetes.enabled else { return [] }
        return Set(["list", "watch"].map { RequiredRight("pods", $0, for: "the names of pods on alerts") })
    }
}
