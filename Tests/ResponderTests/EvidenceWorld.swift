// SPDX-License-Identifier: Apache-2.0
import AWSClient
import Actions
import EventModel
import Foundation
import Guardrails
import KubeClient
import Records
import Responder
import ResponseLanguage
import StubServer
import Synchronization
import Testing

/// One pod of three containers behind a scripted API server that knows logs, and a responder with stores and functions of its own.
struct EvidenceWorld {
    let server: StubServer
    let line: ResponseLine
    let book: ReportBook
    let folder: URL

    /// The pod's UID when it is read; the second reading is the one after the logs.
    final class Life: Sendable {
        let uids = Mutex<[String]>([])
        var next: String { uids.withLock { $0.count > 1 ? $0.removeFirst() : $0.first ?? "uid-1" } }
    }

    static func run(
        _ playbooks: String, mode: GuardrailSettings.Mode = .act, uids: [String] = [], _ cloud: AWSCloud? = nil,
        _ body: (EvidenceWorld) async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "saker-evidence-" + UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        defer { try? FileManager.default.removeItem(at: folder) }
        let life = Life()
        life.uids.withLock { $0 = uids }
        let server = StubServer { request, _ in answer(request, life) }
        defer { server.stop() }
        let client = KubeClient(try ClusterConnection(server: server.url), tryLimit: 1)
        let journal = try Journal(path: folder.appending(path: "journal.sqlite").path, role: .responder)
        let book = ReportBook()
        let results = folder.appending(path: "results").path
        let clients = cloud.map { ActionClients(cloud: $0, outputs: ConfiguredOutputs($0)) } ?? .none
        let parts = ResponderParts(
            catalogue: ActionCatalogue(clients), kube: client,
            rehearsalKube: { DryRunKube(client) }, journal: journal, results: FolderResultStore(folder: results),
            rehearsalResults: RehearsalResultStore(folder: results), reporter: book)
        let text = playbooks.replacing("FOLDER", with: folder.appending(path: "evidence").path)
        let policy = ResponsePolicy(playbooks: try World.playbookSet(text), guardrails: GuardrailSettings(mode: mode))
        try await body(EvidenceWorld(server: server, line: ResponseLine(parts, policy: policy), book: book, folder: folder))
        client.shutDown()
        await journal.close()
    }

    /// What lies in the folder of evidence, by name.
    var evidence: [String: String] {
        let path = folder.appending(path: "evidence").path
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        return Dictionary(uniqueKeysWithValues: names.map { ($0, (try? String(contentsOfFile: path + "/" + $0, encoding: .utf8)) ?? "") })
    }

    var deletions: Int { server.requests.filter { $0.method == "DELETE" && !$0.body.contains("dryRun") }.count }

    private static func answer(_ request: StubRequest, _ life: Life) -> [StubStep] {
        let pod = "/api/v1/namespaces/shop/pods/web-1"
        guard request.target.hasPrefix(pod + "/log?") else {
            return request.target.hasPrefix(pod) ? [.answer(200, json(uid: life.next))] : [.answer(404, #"{"reason":"NotFound"}"#)]
        }
        let container = request.target.split { "?&".contains($0) }.first { $0.hasPrefix("container=") }?.dropFirst(10) ?? ""
        switch (container, request.target.contains("previous=true")) {
        case ("init", _): return [.answer(200, "prepared\n")]
        case ("main", true): return [.answer(200, "before the crash\n")]
        case ("main", false): return [.answer(200, "line 1\nline 2")]
        case _: return [.answer(400, #"{"reason":"BadRequest","message":"container is waiting to start: PodInitializing"}"#)]
        }
    }

    private static func json(uid: String) -> String {
        """
        {"kind":"Pod","metadata":{"name":"web-1","namespace":"shop","uid":"\(uid)","resourceVersion":"7"},"spec":{"nodeName":"n",
        "containers":[{"name":"main"},{"name":"slow"}],"initContainers":[{"name":"init"}]},"status":{"phase":"Running",
        "initContainerStatuses":[{"name":"init","ready":true,"restartCount":0,"containerID":"containerd://1"}],
        "containerStatuses":[{"name":"main","ready":true,"restartCount":2,"containerID":"containerd://2"},
        {"name":"slow","ready":false,"restartCount":0}]}}
        """
    }
}
