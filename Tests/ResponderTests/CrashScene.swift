// SPDX-License-Identifier: Apache-2.0
import AWSClient
import Actions
import EventModel
import Foundation
import Glibc
import Guardrails
import KubeClient
import KubeSim
import MotoServer
import Records
import Responder
import Synchronization
import Testing

/// What outlives a responder that is killed: its journal, its results, what destinations received, and the cluster. It is handed to
/// the child process that is killed.
struct CrashScene: Codable, Sendable {
    let folder: String
    let kubeconfig: String
    var alerts: [Alert]
    /// Where to die; nil for not there.
    var failpoint: String?
    /// How often to pass there before.
    var passes = 0
    /// When to die, in microseconds after the start; nil for never.
    var delay: UInt32?
    /// Where results and evidence are kept; nil for a folder of results and no evidence.
    var bucket: CrashBucket?
    /// True when an act waits for a person, and another takes itself back.
    var hasLater = false

    var playbooks: String {
        guard !hasLater else { return Self.later }
        return """
        - rule: Contain
          actions:
            - {action: Mark, actionner: kubernetes:label, parameters: {labels: {suspicious: true}}}
            - {action: Cut, actionner: kubernetes:networkpolicy}
        \(bucket?.evidence ?? "")
            - {action: End, actionner: kubernetes:terminate}
        """
    }
    private static let later = """
        - rule: Later
          actions:
            - {action: Cut, actionner: kubernetes:networkpolicy, for: 1s}
            - {action: Mark, actionner: kubernetes:label, parameters: {labels: {suspicious: true}}, approval: {people: 1}}
        """
    var plan: [ActionName] { ["Mark", "Cut"] + (bucket == nil ? [] : ["Keep"]) + ["End"] }

    var journal: String { folder + "/journal.sqlite" }
    var results: String { folder + "/results" }
    var acknowledged: Set<String> { Set(Self.lines(folder + "/acknowledged")) }
    /// The keys of the messages that the destination took, in order.
    var delivered: [String] { Self.lines(folder + "/delivered") }

    /// One life of a responder: takes up what the last one left, answers what nobody acknowledged, delivers what waits. Ends by
    /// itself when nothing is left to do, or by SIGKILL where and when it is told.
    func live() async throws {
        if let delay {
            Thread.detachNewThread {
                usleep(delay)
                kill(getpid(), SIGKILL)
            }
        }
        let connection = try ClusterConnection.kubeconfig(kubeconfig, name: "test", directory: folder)
        let client = KubeClient(connection, tryLimit: 1)
        let journal = try Journal(path: self.journal, role: .responder)
        let reached = death()
        let cloud = try bucket?.moto.cloud()
        var parts = ResponderParts(
            kube: client, rehearsalKube: { DryRunKube(client) }, journal: journal,
            results: try cloud.flatMap { try bucket?.store($0) } ?? FolderResultStore(folder: results),
            rehearsalResults: RehearsalResultStore(folder: results), reporter: ReportBook())
        if let cloud { parts.catalogue = ActionCatalogue(ActionClients(cloud: cloud, outputs: ConfiguredOutputs(cloud))) }
        parts.notices = NoticePolicy([.init("file")])
        parts.reached = reached
        var limits = GuardrailSettings(mode: .act, budgetPerWorkload: 10_000, budgetPerCluster: 10_000, cooldownSeconds: 0)
        // Kills leave many acts unknown, and what follows is to be seen all the same.
        limits.breaker = Breaker(errors: 0)
        let line = ResponseLine(parts, policy: ResponsePolicy(playbooks: try World.playbookSet(playbooks), guardrails: limits))
        let couriers = startCouriers(journal, line, reached)
        let backlog = try await line.takeUp()
        await withTaskGroup { group in
            group.addTask { await line.resume(backlog) }
            let known = acknowledged
            for alert in alerts where !known.contains(alert.trace.text) {
                // At a failpoint one thing after the other, so that it is known what else was under way.
                if failpoint != nil { await group.next() }
                group.addTask {
                    await line.handle(alert)
                    Self.append(alert.trace.text, to: folder + "/acknowledged")
                }
            }
        }
        if hasLater { try await endLater(journal, line) }
        for destination in ["file", OutboxMessage.results] {
            while try await !journal.waiting(for: destination).isEmpty { try await Task.sleep(for: .milliseconds(5)) }
        }
        couriers.cancel()
        await journal.close()
        if delay != nil { while true { sleep(1) } }
    }

    /// Approves what waits and looks until nothing is left that time brings.
    private func endLater(_ journal: Journal, _ line: ResponseLine) async throws {
        let reader = JournalReader(path: self.journal)
        while true {
            // One thing after the other, so that nothing else is under way at a kill.
            let now = ResponderParts.systemTime()
            let pending = try await reader.pending()
            let isAllOpen = pending.allSatisfy { if case .waiting = $0.state(at: now) { true } else { false } }
            if let next = pending.first, isAllOpen {
                _ = try await journal.vote(ApprovalVote(by: "ann", approves: true, at: now), on: next.id)
            }
            await line.lookOnce(atOnce: 1)
            var query = HistoryQuery(limit: 1_000)
            query.isLimitedInTime = true
            let lasting = try await reader.history(query)
            let isOver = lasting.allSatisfy { $0.undoState == .undone || $0.undos.last?.ending?.outcome.label == "skipped" }
            if isOver, try await journal.unfinishedAlerts().isEmpty { return }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    /// Ends the process by SIGKILL at its failpoint, when that was passed so often before.
    private func death() -> @Sendable (Failpoint) -> Void {
        let (failpoint, passes, count) = (failpoint, passes, Counter())
        return { if $0.rawValue == failpoint, count.next() > passes { kill(getpid(), SIGKILL) } }
    }

    private func startCouriers(
        _ journal: Journal, _ line: ResponseLine, _ reached: @escaping @Sendable (Failpoint) -> Void
    ) -> Task<Void, Never> {
        var settings = Courier.Settings(now: ResponderParts.systemTime)
        settings.firstWait = .milliseconds(5)
        // Where results go to a bucket, they are what is to be killed on its way.
        if bucket == nil { settings.reached = reached }
        let file = folder + "/delivered"
        let notices = Courier(journal, to: "file", settings, say: { _ in }) { message in
            Self.append(message.key, to: file)
            return .accepted
        }
        settings.reached = reached
        let results = Courier(journal, to: OutboxMessage.results, settings, say: { _ in }) { await line.deliverResult($0) }
        return Task {
            async let first: Void = notices.run()
            await results.run()
            await first
        }
    }

    private static func lines(_ path: String) -> [String] {
        (try? String(contentsOfFile: path, encoding: .utf8))?.split(separator: "\n").map(String.init) ?? []
    }

    /// One write, so that a killed process leaves a whole line or none.
    private static func append(_ line: String, to path: String) {
        let file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        _ = (line + "\n").withCString { write(file, $0, strlen($0)) }
        close(file)
    }
}

/// Counts from 1.
private final class Counter: Sendable {
    private let count = Atomic<Int>(0)
    func next() -> Int { count.add(1, ordering: .relaxed).newValue }
}

/// Holds what the cluster's request log says against what the journal says.
struct CrashJudge {
    let scene: CrashScene
    let sim: KubeSim
    /// What the bucket took as evidence.
    var evidence: [String] = []

    /// How many acts there are, and how many of them ended as unknown.
    func judge(kills: Int) async throws -> (acts: Int, unknown: Int) {
        let history = try await JournalReader(path: scene.journal).history(HistoryQuery(limit: 100_000)).reversed()
        let anchors = try await scene.anchors()
        let verification = try await JournalReader(path: scene.journal).verify(anchors: anchors)
        #expect(verification.isSound, "\(verification.findings)")
        #expect(anchors.count == history.count, "a result is missing")
        for alert in scene.alerts {
            let acts = history.filter { $0.trace == alert.trace }
            judge(alert, Array(acts))
        }
        let keys = scene.delivered
        var seen: Set<String> = []
        let numbers = keys.filter { seen.insert($0).inserted }.compactMap { Int($0.split(separator: "-").last ?? "") }
        #expect(numbers.count == history.count && numbers == numbers.sorted(), "messages are missing or out of order: \(keys)")
        // A message that was accepted a moment before the kill comes again, under the same key.
        #expect(keys.count - seen.count <= kills, "messages came again: \(keys)")
        return (history.count, history.filter { $0.label == "unknown" }.count)
    }

    private func judge(_ alert: Alert, _ acts: [HistoryEntry]) {
        let pod = alert.subject.pod?.text ?? ""
        let names = acts.map(\.act.intention.action)
        #expect(names == Array(scene.plan.prefix(names.count)), "\(pod): acts \(names)")
        let isComplete = names.count == scene.plan.count || acts.last?.ending?.outcome.stopsPlaybook == true
        #expect(isComplete, "\(pod): the plan was not followed to its end: \(acts.map(\.label))")
        for act in acts {
            let count = writes(act.act.intention.actuator, alert)
            #expect(count <= 1, "\(pod): \(act.actuator) was done \(count) times")
            if act.label == "done" { #expect(count == 1, "\(pod): \(act.actuator) is told as done and was done \(count) times") }
            #expect(["done", "unknown"].contains(act.label), "\(pod): \(act.label) \(act.sentence)")
        }
    }

    /// How often the cluster carried that out.
    private func writes(_ actuator: ActuatorName, _ alert: Alert) -> Int {
        let pod = alert.subject.pod?.text ?? ""
        guard actuator != "kubernetes:log" else { return evidence.filter { $0.contains("_\(pod)_log_") }.count }
        return sim.requests.filter { request in
            guard !request.dryRun, (200..<300).contains(request.status), request.name == pod, request.resource == "pods"
            else { return false }
            return switch actuator {
            case "kubernetes:label": request.verb == "patch" && request.body?.contains("suspicious") == true
            case "kubernetes:networkpolicy": request.verb == "patch" && request.body?.contains("quarantine") == true
            case _: request.verb == "delete"
            }
        }.count
    }
}
