// SPDX-License-Identifier: Apache-2.0

internal import Actions
internal import EventModel
internal import Guardrails
internal import KubeClient
internal import struct KubeClient.Pod
internal import Records
internal import ResponseLanguage

/// The effects of one action that a response and a rehearsal share: read, judge, act.
struct StepWork: Sendable {
    var catalogue: ActionCatalogue
    let settings: GuardrailSettings
    var limit: Duration
    let now: @Sendable () -> Timestamp
    let stopFileIsPresent: @Sendable (String) -> Bool
    var stopReason: @Sendable (String) -> String = { _ in "" }
    var steady: (@Sendable () -> UInt64)?

    /// Now, by both clocks; where there is only one, by that.
    var moment: Moment {
        let time = now()
        return Moment(time: time, steady: steady?() ?? time.nanoseconds)
    }

    /// The same work on clients that change nothing.
    var rehearsing: StepWork {
        var work = self
        work.catalogue = catalogue.rehearsing
        return work
    }

    func prepare(_ request: ActionRequest, _ kube: any Kube) async -> Result<Preparation, KubeError>? {
        guard let action = catalogue[request.step.card.name] else {
            return .failure(KubeError(.config, "There is no action \(request.step.card.name) in this program."))
        }
        var request = request
        request.reasonToSpare = { [settings] in settings.reasonToSpare($0, $1) }
        return await within(limit) { [request] in
            do throws(KubeError) {
                return .success(try await action.prepare(request, kube))
            } catch {
                return .failure(error)
            }
        }
    }

    /// Why everything is stopped; asked anew before each act that could change something.
    func stopSign(_ kind: ActKind, _ kube: any Kube) async -> StopSign? {
        guard kind != .observe else { return nil }
        if let file = settings.stopFile, stopFileIsPresent(file) { return .file(file, reason: stopReason(file)) }
        guard let place = settings.stopConfigMap else { return nil }
        return await StopSwitch(place).sign(kube, limit: limit)
    }

    func judge(
        _ preparation: Preparation, for request: ActionRequest, consent: Facts.Consent?, playbookRehearses: Bool, at moment: Moment,
        stop: StopSign?, past: RecentActs.Past, trouble: JournalError?
    ) -> Verdict {
        let alert = request.alert, flow = request.step.flow
        var facts = Facts(
            now: moment.time, eventTime: alert.time, subject: alert.subject, sender: alert.sender, act: preparation.act,
            found: LivePod(preparation), needsPodNetwork: preparation.needsPodNetwork,
            minimumHealthy: preparation.minimumHealthy.flatMap(MinimumHealthy.init),
            recent: past.acts, stop: stop, journalTrouble: trouble?.description, playbookRehearses: playbookRehearses)
        facts.rule = alert.rule
        facts.targetLabels = preparation.targetLabels
        facts.affectedPods = preparation.affectedPods ?? preparation.others.affectedPods
        facts.ends = past.ends
        facts.offence = flow.offence.map { OffenceCondition(times: $0.times, windowSeconds: $0.windowSeconds, perTarget: $0.perTarget) }
        facts.approval = flow.approval
        facts.consent = consent
        return Guardrails.judge(facts, settings)
    }

    /// What became of an act whose end nobody wrote down: proven by what is there now, or for a person to look at.
    func readBack(_ intention: Intention, number: IntentionID, _ kube: any Kube) async -> Outcome {
        let found: Result<Outcome?, KubeError>? = await within(limit) { [catalogue] in
            do throws(KubeError) {
                return .success(try await catalogue[intention.actuator]?.readBack(intention, kube))
            } catch {
                return .failure(error)
            }
        }
        if case .success(let outcome?) = found { return outcome }
        let reading = if case .failure(let error) = found { " It could not be read back: \(error.message)" } else { "" }
        return .unknown(
            check: "saker ended between intention and outcome of number \(number) (\(intention.actuator)); it may have happened, and it is "
                + "not repeated: look at \(intention.target.sentence).\(reading)")
    }

    func act(_ preparation: Preparation, _ kube: any Kube) async -> Outcome {
        let target = preparation.act.intention.target
        guard let action = catalogue[preparation.act.intention.actuator] else {
            return .failed(Failure(code: "config", message: "there is no action \(preparation.act.intention.actuator) in this program"))
        }
        let limit = limit + action.patience(preparation.act.intention.parameters)
        let outcome = await within(limit) {
            do throws(KubeError) {
                return try await action.run(preparation, kube)
            } catch {
                return await KubeOutcome.ofActing(error, on: target, kube)
            }
        }
        if outcome == nil, preparation.act.kind == .observe {
            return .failed(Failure(code: "timeout", message: "no end within \(limit): nothing was gathered, and nothing was changed"))
        }
        return outcome ?? .unknown(check: "no end within \(limit); it may have happened: look at \(target.sentence)")
    }
}

extension LivePod {
    init?(_ preparation: Preparation) {
        guard let pod = preparation.pod else { return nil }
        self.init(
            uid: PodUID(pod.metadata.uid), namespace: NamespaceName(pod.metadata.namespace ?? ""), name: PodName(pod.metadata.name),
            node: pod.nodeName.map { NodeName($0) }, containers: pod.containerStatuses.compactMap(\.id), usesHostNetwork: pod.isHostNetwork,
            labels: pod.metadata.labels, isStatic: pod.isStatic,
            replicas: preparation.replicas.map { Replicas(ready: $0.ready, desired: $0.desired) })
    }
}

extension Pod {
    // The API server shows a static pod as a mirror that its node owns.
    fileprivate var isStatic: Bool {
        metadata.annotations["kubernetes.io/config.mirror"] != nil || metadata.controller?.kind == "Node"
    }
}

extension [TargetObject] {
    // What an act changes beside its target, such as the pods of a node that is drained.
    fileprivate var affectedPods: Int? { isEmpty ? nil : count { $0.kind == "Pod" } }
}
