// SPDX-License-Identifier: Apache-2.0
import Actions
import EventModel
import Foundation
import Guardrails
import KubeClient
import KubeSim
import Records
import Responder
import ResponseLanguage
import SourceText
import Synchronization

/// A responder with a journal on the disk and a simulated cluster that has the pods of the alerts.
struct Stage {
    let sim: KubeSim
    let client: KubeClient
    let journal: Journal
    let line: ResponseLine
    let book: ResultBook
    /// How long the journal took to open.
    let opening: Duration

    static func run<Value>(_ folder: String, pods: Int, _ body: (Stage) async throws -> Value) async throws -> Value {
        let sim = try await KubeSim.start()
        for number in 0..<pods { try await sim.apply(pod(number)) }
        let connection = try ClusterConnection.kubeconfig(try sim.kubeconfig(), name: "bench", directory: folder)
        let client = KubeClient(connection)
        let began = ContinuousClock.now
        let journal = try Journal(path: folder + "/journal.db", role: .responder)
        let opening = ContinuousClock.now - began
        let book = ResultBook()
        let parts = ResponderParts(
            kube: client, rehearsalKube: { DryRunKube(client) }, journal: journal, results: book, rehearsalResults: book, reporter: book)
        let policy = ResponsePolicy(playbooks: try playbooks(), guardrails: GuardrailSettings(mode: .act, cooldownSeconds: 0))
        let line = ResponseLine(parts, policy: policy)
        let stage = Stage(sim: sim, client: client, journal: journal, line: line, book: book, opening: opening)
        let value = try await body(stage)
        client.shutDown()
        await journal.close()
        await sim.stop()
        return value
    }

    static func alert(_ number: Int) -> Alert {
        Alert(
            trace: TraceID("trace-\(number)"), time: ResponderParts.systemTime(), rule: "Terminal shell in container", priority: .notice,
            source: "syscall", tags: ["container", "shell", "mitre_execution", "T1059"],
            output: "A shell was spawned in a container with an attached terminal (user=root process=sh parent=runc terminal=34816)",
            fields: ["proc.name": "sh", "proc.pname": "runc", "user.name": "root", "k8s.ns.name": "default", "proc.tty": 34_816],
            hostname: "node-1", subject: Subject(pid: 77, pod: PodName(name(number)), namespace: "default").with(container: number))
    }

    static func name(_ number: Int) -> String { "web-\(number)" }

    static func container(_ number: Int) -> String {
        let digits = String(number)
        return digits + String(repeating: "a", count: 64 - digits.count)
    }

    private static func pod(_ number: Int) -> String {
        """
        {"kind":"Pod","metadata":{"name":"\(name(number))","namespace":"default","labels":{"app":"web"}},
        "spec":{"containers":[{"name":"main","image":"none"}]},"status":{"phase":"Running","containerStatuses":[
        {"name":"main","ready":true,"restartCount":0,"containerID":"containerd://\(container(number))"}]}}
        """
    }

    private static func playbooks() throws -> PlaybookSet {
        let text = "- rule: Mark\n  actions: [{action: Mark, actionner: kubernetes:label, parameters: {labels: {suspicious: true}}}]\n"
        let file = SourceFile(name: "bench.yaml", text: text)
        let result = PlaybookLoader.load([file], cards: ActionCatalogue().cards)
        guard let playbooks = result.playbooks else { RespondBench.stop(result.diagnostics.rendered(from: [file])) }
        return playbooks
    }
}

extension Subject {
    fileprivate func with(container number: Int) -> Subject {
        var subject = self
        subject.container = ContainerID(Stage.container(number))
        return subject
    }
}

/// Keeps when each alert was accepted, and how its act ended.
final class ResultBook: ResultStore, ActionReporter {
    private let accepted = Mutex<[String: UInt64]>([:])
    private let labels = Mutex<[String: Int]>([:])

    /// Nanoseconds since 1970, by the pod's name.
    var acceptedAt: [String: UInt64] { accepted.withLock { $0 } }
    var outcomes: [String: Int] { labels.withLock { $0 } }

    func put(_ record: ResultRecord) async throws(JournalError) -> ResultPlacement {
        let time = record.alert.time.nanoseconds + record.delays.acceptedNanoseconds
        accepted.withLock { $0[record.alert.subject.pod?.text ?? ""] = time }
        return .stored(at: record.key)
    }

    func report(_ report: ActionReport) async { labels.withLock { $0[report.outcome.label, default: 0] += 1 } }
}
