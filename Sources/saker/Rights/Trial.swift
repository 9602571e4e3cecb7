// SPDX-License-Identifier: Apache-2.0
import AWSClient
import Actions
import EventModel
import Guardrails
import KubeClient
import struct KubeClient.Pod
import Records
import Responder
import ResponseLanguage

/// Playbooks tried on a cluster with its own dry run, and shown.
enum Trial {
    /// Prints what each playbook would do about the alert; false when an action would fail.
    static func show(
        _ playbooks: PlaybookSet, about alert: Alert, isTrial: Bool = false, _ configuration: Configuration, _ kube: any Kube
    ) async throws -> Bool {
        let cloud = try Loading.cloud(configuration.aws)
        defer { cloud.shutDown() }
        let catalogue = ActionCatalogue(ActionClients(cloud: cloud, outputs: ConfiguredOutputs(cloud)))
        var isFine = true
        let recent = await recent(configuration)
        // An alert of last week is rehearsed as if it came now: its age says nothing of the playbook.
        var settings = configuration.guardrailSettings
        settings.actWithinSeconds = nil
        for playbook in playbooks.playbooks {
            let rehearsal = Rehearsal(catalogue: catalogue, kube: DryRunKube(kube), settings: settings, recent: recent)
            let answer = await rehearsal.rehearse(playbook, about: alert)
            print(RehearsalText.block(answer, isTrial: isTrial))
            if answer.steps.contains(where: \.isFailure) { isFine = false }
        }
        return isFine
    }

    /// An alert that names a pod of the cluster in its present life. Throws when there is no such pod.
    static func alert(pod: String, namespace: String, _ kube: any KubeReader) async throws(KubeError) -> Alert {
        let found = try await kube.get(Pod.self, pod, in: namespace)
        let subject = Subject(
            pid: 0, podUID: PodUID(found.metadata.uid), pod: PodName(pod), namespace: NamespaceName(namespace))
        return Alert(
            trace: "responses-check", time: Clock.now, rule: "saker responses check", priority: .debug, source: "syscall", tags: [],
            output: "", fields: [:], hostname: "", subject: subject)
    }

    /// The acts that budget and cooldown count; none where there is no journal yet.
    private static func recent(_ configuration: Configuration) async -> [PastAct] {
        let window = configuration.guardrailSettings.memorySeconds
        let since = Timestamp(nanoseconds: Clock.now.nanoseconds - UInt64(window) * 1_000_000_000)
        return (try? await JournalReader(path: configuration.journal).recentActs(since: since)) ?? []
    }
}

extension Rehearsal.Step {
    fileprivate var isFailure: Bool {
        switch outcome {
        case .failed, .unknown: true
        case .done, .skipped, .refused, .rehearsed, .awaiting: false
        }
    }
}
