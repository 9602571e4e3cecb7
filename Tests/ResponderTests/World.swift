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
import Testing

/// Remembers what people were told.
final class ReportBook: ActionReporter {
    private let kept = Mutex<[ActionReport]>([])

    func report(_ report: ActionReport) async { kept.withLock { $0.append(report) } }

    var reports: [ActionReport] { kept.withLock { $0 } }
    var outcomes: [Outcome] { reports.map(\.outcome) }
    var labels: [String] { outcomes.map(\.label) }
    var guardrails: [Refusal.Guardrail?] {
        outcomes.map { outcome in
            guard case .refused(let refusal) = outcome else { return nil }
            return refusal.guardrail
        }
    }
}

/// A simulated cluster over TLS, a real client, a real journal and a folder of results, and a responder between them.
struct World {
    let sim: KubeSim
    let client: KubeClient
    let parts: ResponderParts
    let line: ResponseLine
    let book: ReportBook
    let folder: URL

    static let label = """
        - rule: Mark
          actions: [{action: Mark it, actionner: kubernetes:label, parameters: {labels: {suspicious: true, old: ''}}}]
        """
    static let isolate = """
        - rule: Cut off
          actions: [{action: Cut it off, actionner: kubernetes:networkpolicy}]
        """
    static let terminate = """
        - rule: End
          actions: [{action: End it, actionner: kubernetes:terminate}]
        """

    static func run(
        _ playbooks: String, _ guardrails: GuardrailSettings = GuardrailSettings(mode: .act),
        user: KubeconfigUser = .administrator,
        limits: Duration = .seconds(30), simulator: KubeSimOptions = KubeSimOptions(), adjust: (inout ResponderParts) -> Void = { _ in },
        _ body: (World) async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "saker-responder-" + UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        defer { try? FileManager.default.removeItem(at: folder) }
        let sim = try await KubeSim.start(simulator)
        let connection = try ClusterConnection.kubeconfig(try sim.kubeconfig(user), name: "test", directory: folder.path)
        let client = KubeClient(connection, tryLimit: 1)
        let journal = try Journal(path: folder.appending(path: "journal.sqlite").path, role: .responder)
        let book = ReportBook()
        var parts = ResponderParts(
            kube: client, rehearsalKube: { DryRunKube(client) }, journal: journal,
            results: FolderResultStore(folder: folder.appending(path: "results").path),
            rehearsalResults: RehearsalResultStore(folder: folder.appending(path: "results").path), reporter: book)
        parts.actionLimit = limits
        adjust(&parts)
        let policy = ResponsePolicy(playbooks: try playbookSet(playbooks), guardrails: guardrails)
        let world = World(sim: sim, client: client, parts: parts, line: ResponseLine(parts, policy: policy), book: book, folder: folder)
        let result: Result<Void, any Error>
        do { result = .success(try await body(world)) } catch { result = .failure(error) }
        client.shutDown()
        await journal.close()
        await sim.stop()
        try result.get()
    }

    static func playbookSet(_ text: String) throws -> PlaybookSet {
        let file = SourceFile(name: "test.yaml", text: text)
        let result = PlaybookLoader.load([file], cards: ActionCatalogue().cards)
        return try #require(result.playbooks, "\(result.diagnostics.rendered(from: [file]))")
    }

    /// Requests that changed something, or would have.
    var writes: [RequestRecord] { sim.requests.filter { ["create", "update", "patch", "delete"].contains($0.verb) } }

    var history: [HistoryEntry] {
        get async throws { try await JournalReader(path: parts.journal.path).history(HistoryQuery()) }
    }

    /// True once an alert is in the journal.
    var hasAccepted: Bool {
        get async throws { try await JournalReader(path: parts.journal.path).verify(anchors: []).count > 0 }
    }

    var resultFiles: [String] {
        let all = FileManager.default.enumerator(atPath: folder.appending(path: "results").path)
        return (all?.allObjects as? [String] ?? []).filter { $0.hasSuffix(".json") }
    }

    /// Stores a running pod with container `c<name>`, and returns its UID.
    @discardableResult
    func pod(
        _ name: String = "web-1", namespace: String = "shop", labels: String = #""app":"web","old":"1""#, owner: String? = nil,
        hostNetwork: Bool = false
    ) async throws -> String {
        try await sim.apply(#"{"kind":"Namespace","metadata":{"name":"\#(namespace)"}}"#)
        let owners = owner.map {
            #","ownerReferences":[{"apiVersion":"apps/v1","kind":"\#($0)","name":"web","uid":"o","controller":true}]"#
        }
        let stored = try await sim.apply("""
            {"kind":"Pod","metadata":{"name":"\(name)","namespace":"\(namespace)","labels":{\(labels)}\(owners ?? "")},
            "spec":{"nodeName":"n","hostNetwork":\(hostNetwork),"containers":[{"name":"main","image":"none"}]},
            "status":{"phase":"Running","containerStatuses":[{"name":"main","ready":true,"restartCount":0,
            "containerID":"containerd://\(Self.container(name))"}]}}
            """)
        let json = try JSONDecoder().decode(JSONValue.self, from: Data(stored.utf8))
        return try #require(json["metadata"]?["uid"]?.string)
    }

    /// Stores a policy under that name that somebody else made, for all pods.
    func foreignPolicy(_ name: String) async throws {
        try await sim.apply(#"{"kind":"NetworkPolicy","metadata":{"name":"\#(name)","namespace":"shop"},"spec":{"podSelector":{}}}"#)
    }

    /// The container id that `pod` gives: the name in hexadecimal, filled up to 64 digits.
    static func container(_ name: String) -> String {
        let digits = name.utf8.map { String($0, radix: 16) }.joined()
        return digits + String(repeating: "0", count: 64 - digits.count)
    }

    func object(_ resource: String, _ name: String, namespace: String = "shop") async throws -> JSONValue? {
        guard let text = await sim.object(resource, namespace: namespace, name: name) else { return nil }
        return try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))
    }

    func labels(_ name: String = "web-1") async throws -> [String: String] {
        (try await object("pods", name)?["metadata"]?["labels"]?.object ?? [:]).compactMapValues(\.string)
    }

    func undo(_ id: IntentionID?) async throws -> Outcome {
        let id = try #require(id)
        return try #require(try await UndoRun(parts).undo(id, by: "a test")).outcome
    }
}

func alert(
    uid: String? = nil, pod: String? = "web-1", namespace: String? = "shop", container: String? = nil, trace: String = UUID().uuidString
) -> Alert {
    let subject = Subject(
        pid: 7, container: container.map { ContainerID($0) }, podUID: uid.map { PodUID($0) }, pod: pod.map { PodName($0) },
        namespace: namespace.map { NamespaceName($0) })
    return Alert(
        trace: TraceID(trace), time: ResponderParts.systemTime(), rule: "Shell in container", priority: .notice, source: "syscall",
        tags: [], output: "a shell", fields: [:], hostname: "h", subject: subject)
}
