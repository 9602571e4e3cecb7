// SPDX-License-Identifier: Apache-2.0
import AWSClient
import Actions
import Console
import Delivery
import Detector
import EventModel
import Foundation
import Glibc
import Guardrails
import KubeClient
import Records
import Responder
import ResponseLanguage
import RuleLanguage

/// The half that acts: journal, cluster and response line, and the tasks that feed the line.
final class ResponderHalf: Sendable {
    let line: ResponseLine
    private let journal: Journal
    private let couriers: [Courier]
    private let seen: AsyncStream<ConnectionSeen>
    private let seeing: AsyncStream<ConnectionSeen>.Continuation

    // As many targets are acted on at once; each waits on the API server most of its time.
    private static let targetsAtOnce = 32
    // As many alerts wait for the turn of their target before no more are taken in.
    private static let alertsWaiting = 4_096
    // Connections of isolated pods that wait to be judged; a flood of them says no more than the first.
    private static let seenLimit = 256

    /// Opens the journal, and waits at most `patience` for another responder to let go of it; throws when it cannot be written, since
    /// nothing may be done then.
    init(
        _ configuration: Configuration, _ playbooks: PlaybookSet, _ kube: any Kube, patience: Duration
    ) async throws {
        let notifiers = try Notifying.notifiers(configuration, kube)
        let journal = try await Journal.open(path: configuration.journal, patience: patience) { Terminal.say($0) }
        self.journal = journal
        let notices = Notifying.policy(configuration, notifiers)
        let parts = try Self.parts(configuration, kube, journal, ReportPrinter(format: configuration.alerts.stdout), notices)
        let line = ResponseLine(parts, policy: ResponsePolicy(playbooks: playbooks, guardrails: configuration.guardrailSettings))
        self.line = line
        couriers = [Self.courier(journal, OutboxMessage.results) { await line.deliverResult($0) }]
            + notifiers.map { notifier in Self.courier(journal, notifier.name) { await notifier.deliver($0) } }
        (seen, seeing) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(Self.seenLimit))
    }

    /// What the response line and `saker undo` stand on. Throws an `AWSError` when results or AWS are configured in a way that cannot be.
    static func parts(
        _ configuration: Configuration, _ kube: any Kube, _ journal: Journal, _ reporter: any ActionReporter, _ notices: NoticePolicy
    ) throws -> ResponderParts {
        let cloud = try Loading.cloud(configuration.aws)
        var parts = ResponderParts(
            catalogue: ActionCatalogue(ActionClients(cloud: cloud, outputs: ConfiguredOutputs(cloud))), kube: kube,
            rehearsalKube: { DryRunKube(kube) }, journal: journal, results: try Loading.results(configuration, cloud),
            rehearsalResults: RehearsalResultStore(folder: configuration.results), reporter: reporter)
        parts.notices = notices
        parts.stopReason = StopFile.reason
        return parts
    }

    private static func courier(
        _ journal: Journal, _ destination: String, _ deliver: @escaping @Sendable (OutboxMessage) async -> DeliveryAnswer
    ) -> Courier {
        let settings = Courier.Settings(now: ResponderParts.systemTime)
        return Courier(journal, to: destination, settings, say: { Terminal.complain("saker: \($0)\n") }, deliver: deliver)
    }

    /// Takes in how a container's connection ended; called by the detection thread, so it only hands over.
    func observe(_ connect: ContainerConnect) {
        guard line.watchesConnections, let seen = ConnectionSeen(connect) else { return }
        seeing.yield(seen)
    }

    /// What an earlier run left unanswered, to be resumed; says how much. To be called once, before the first alert.
    func takeUp() async throws -> [EntryID] {
        let backlog = try await line.takeUp()
        if !backlog.isEmpty { Terminal.say("\(backlog.count) alerts of an earlier run are not answered to the end and are taken up again") }
        return backlog
    }

    /// Answers to the end what an earlier run left, and beside it new alerts, by that part of the walk, until their queue is finished
    /// and empty.
    func answer<Item: Targeted>(
        _ alerts: AsyncStream<Item>, resuming backlog: [EntryID], by handle: @escaping @Sendable (Item) async -> Void
    ) async {
        async let resumed: Void = line.resume(backlog)
        await TargetDispatch.run(alerts, targets: Self.targetsAtOnce, waiting: Self.alertsWaiting, by: handle)
        await resumed
        seeing.finish()
    }

    /// Puts what a person answered about an act that waits into the journal.
    func vote(_ vote: ApprovalVote, on number: Int64) async -> ApprovalHandlers.Result {
        do throws(JournalError) {
            let state = try await journal.vote(vote, on: IntentionID(number))
            return .taken("number \(number): \(PendingText.state(state, now: vote.time))")
        } catch {
            return .refused(error.message)
        }
    }

    /// Looks after acts that wait for people and acts whose time is over, until cancelled.
    func watchClock() async { await line.watchClock() }

    /// Delivers what waits in the outbox, each destination by itself, until cancelled.
    func deliver() async {
        await withTaskGroup(of: Void.self) { group in
            for courier in couriers { group.addTask { await courier.run() } }
        }
    }

    /// Judges connections until there will be no more.
    func judgeConnections() async {
        for await connection in seen { await line.observe(connection) }
    }

    /// Writes what waits and closes the journal.
    func close() async { await journal.close() }
}

extension ConnectionSeen {
    /// Nil for what says nothing of a network: UNIX sockets, and connections still on their way.
    init?(_ connect: ContainerConnect) {
        guard let pod = connect.podUID, let address = connect.remote, connect.result != Int64(-EINPROGRESS) else { return nil }
        let answer = connect.result < 0 ? Answer.failed(ErrorNames.name(of: -connect.result)?.string ?? "") : .succeeded
        self.init(pod: pod, time: connect.time, address: address, port: connect.remotePort, answer: answer)
    }
}

extension Configuration {
    /// The limits in the form that the guardrails judge by.
    var guardrailSettings: GuardrailSettings {
        var settings = GuardrailSettings(
            mode: mode, protectedNamespaces: Set(guardrails.protectedNamespaces.map { NamespaceName($0) }),
            budgetPerWorkload: guardrails.budgetPerWorkload, budgetPerCluster: guardrails.budgetPerCluster,
            budgetWindowSeconds: guardrails.budgetWindowSeconds, cooldownSeconds: guardrails.cooldownSeconds,
            stopFile: guardrails.stopFile, actWithinSeconds: respond.actWithinSeconds)
        settings.protectedLabels = guardrails.protectedLabels.compactMap { LabelTerm($0) }
        settings.protectedNodes = Set(guardrails.protectedNodes.map { NodeName($0) })
        settings.protectsControlPlane = guardrails.protectsControlPlane
        settings.ownNamespace = Self.ownNamespace
        settings.budgets = guardrails.budgets
        settings.breaker = Breaker(
            errors: guardrails.breakerErrors, percent: guardrails.breakerPercent, windowSeconds: guardrails.breakerWindowSeconds,
            pauseSeconds: guardrails.breakerPauseSeconds)
        settings.approvalKinds = Set(guardrails.approvalKinds)
        settings.approval = ApprovalRule(
            people: guardrails.approvalPeople, expiresSeconds: guardrails.approvalExpiresSeconds, otherwise: guardrails.approvalOtherwise)
        settings.blastRadius = guardrails.blastRadius
        settings.stopConfigMap = GuardrailSettings.ConfigMapKey(guardrails.stopConfigMap)
        return settings
    }

    /// The namespace of the pod that this process runs in; nil outside of one.
    private static var ownNamespace: NamespaceName? {
        let file = "/var/run/secrets/kubernetes.io/serviceaccount/namespace"
        guard let text = try? String(contentsOfFile: file, encoding: .utf8), !text.isEmpty else { return nil }
        return NamespaceName(text)
    }
}
