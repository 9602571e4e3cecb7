// SPDX-License-Identifier: Apache-2.0
import Actions
import EventModel
import Foundation
import KubeClient
import KubeSim
import Records
import Responder
import ResponseLanguage
import SourceText
import Synchronization

/// Runs one test: a simulated cluster over TLS, a real client and journal, and the response line between them.
struct ResponseTestRun {
    let test: ResponseTest
    /// The folder that its playbooks are named from.
    let folder: URL

    /// What was otherwise than expected. Throws when the test cannot be run.
    func failures() async throws -> [String] {
        let scratch = FileManager.default.temporaryDirectory.appending(path: "saker-responses-test-" + UUID().uuidString)
        try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        defer { try? FileManager.default.removeItem(at: scratch) }
        let sim = try await KubeSim.start(KubeSimOptions())
        let result: Result<[String], any Error>
        do { result = .success(try await failures(sim, scratch)) } catch { result = .failure(error) }
        await sim.stop()
        return try result.get()
    }

    private func failures(_ sim: KubeSim, _ scratch: URL) async throws -> [String] {
        let configuration = try configuration()
        let playbooks = try Loading.playbooks(configuration)
        try await build(sim)
        let connection = try ClusterConnection.kubeconfig(try sim.kubeconfig(), name: "test", directory: scratch.path)
        let client = KubeClient(connection, tryLimit: 1)
        let journal = try Journal(path: scratch.appending(path: "journal.db").path, role: .responder, reserve: 0)
        let results = scratch.appending(path: "results").path, book = EndingBook()
        let parts = ResponderParts(
            kube: client, rehearsalKube: { DryRunKube(client) }, journal: journal, results: FolderResultStore(folder: results),
            rehearsalResults: RehearsalResultStore(folder: results), reporter: book)
        let policy = ResponsePolicy(playbooks: playbooks, guardrails: configuration.guardrailSettings)
        let line = ResponseLine(parts, policy: policy)
        for (number, event) in test.alerts.enumerated() { await line.handle(try await alert(event, number, sim)) }
        client.shutDown()
        await journal.close()
        return differences(book.endings) + (try await clusterDifferences(sim))
    }

    private func configuration() throws -> Configuration {
        var reader = ConfigReader()
        let text = "mode: act\n"
        reader.read(SourceFile(name: "test", text: text))
        if let config = test.config {
            let file = SourceFile(name: "config of '\(test.test)'", text: try JSONText.line(config))
            reader.read(file)
            guard !reader.diagnostics.hasErrors else { throw UserError(reader.diagnostics.rendered(from: [file])) }
        }
        var configuration = reader.configuration
        configuration.responses = test.playbooks.map { $0.hasPrefix("/") ? $0 : folder.appending(path: $0).standardizedFileURL.path }
        // A switch of this machine says nothing about the playbooks.
        configuration.guardrails.stopFile = ""
        return configuration
    }

    private func build(_ sim: KubeSim) async throws {
        let manifests = test.cluster ?? []
        for namespace in Set(manifests.compactMap { $0["metadata"]?["namespace"]?.string }).sorted() {
            try await sim.apply(try JSONText.line(["kind": "Namespace", "metadata": ["name": .string(namespace)]] as JSONValue))
        }
        for manifest in manifests { try await sim.apply(try JSONText.line(manifest)) }
    }

    private func alert(_ event: ResponseTest.Event, _ number: Int, _ sim: KubeSim) async throws -> Alert {
        var subject = Subject(pid: 1)
        if let place = event.pod {
            let parts = place.split(separator: "/").map(String.init)
            guard parts.count == 2 else { throw UserError("'\(test.test)': pod wants namespace/name, found '\(place)'") }
            guard let text = await sim.object("pods", namespace: parts[0], name: parts[1]) else {
                throw UserError("'\(test.test)': there is no pod \(place) in the cluster of the test")
            }
            let uid = try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))["metadata"]?["uid"]?.string ?? ""
            subject = Subject(pid: 1, podUID: PodUID(uid), pod: PodName(parts[1]), namespace: NamespaceName(parts[0]))
        }
        guard let priority = Priority(name: event.priority ?? "Notice") else {
            throw UserError("'\(test.test)': unknown priority '\(event.priority ?? "")'")
        }
        return Alert(
            trace: TraceID("test-\(number)"), time: Clock.now, rule: RuleName(event.rule), priority: priority,
            source: event.source ?? "syscall", tags: event.tags ?? [], output: event.rule, fields: event.output_fields ?? [:],
            hostname: "test", subject: subject)
    }

    private func differences(_ found: [EndingBook.Ending]) -> [String] {
        let wanted = test.expect.actions
        var differences: [String] = []
        for (index, (want, got)) in zip(wanted, found).enumerated() where !got.satisfies(want) {
            let guardrail = want.guardrail.map { " by \($0)" } ?? "", says = want.says.map { " saying '\($0)'" } ?? ""
            differences.append("action \(index + 1): expected \(want.action) \(want.outcome)\(guardrail)\(says), found \(got.text)")
        }
        differences += wanted.dropFirst(found.count).map { "expected \($0.action) \($0.outcome), found no further action" }
        differences += found.dropFirst(wanted.count).map { "expected no further action, found \($0.text)" }
        return differences
    }

    private func clusterDifferences(_ sim: KubeSim) async throws -> [String] {
        var differences: [String] = []
        for object in test.expect.cluster ?? [] {
            let name = "\(object.resource) \(object.namespace.map { "\($0)/" } ?? "")\(object.name)"
            let text = await sim.object(object.resource, namespace: object.namespace, name: object.name)
            switch (text, object.gone ?? false) {
            case (nil, true): continue
            case (nil, false): differences.append("\(name) is not there")
            case (_?, true): differences.append("\(name) is still there")
            case (let text?, false):
                let found = try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))
                if let wanted = object.has { differences += Self.missing(wanted, in: found, at: name) }
            }
        }
        return differences
    }

    /// What of `wanted` is otherwise in `found`; only what is named is compared.
    private static func missing(_ wanted: JSONValue, in found: JSONValue?, at place: String) -> [String] {
        guard let members = wanted.object else {
            guard wanted != found ?? .null else { return [] }
            let texts = [wanted, found ?? .null].map { (try? JSONText.line($0)) ?? "?" }
            return ["\(place): expected \(texts[0]), found \(texts[1])"]
        }
        return members.sorted { $0.key < $1.key }.flatMap { missing($0.value, in: found?[$0.key], at: "\(place).\($0.key)") }
    }
}

/// Remembers how actions ended.
final class EndingBook: ActionReporter {
    /// How one action ended.
    struct Ending: Sendable {
        let action: String
        let outcome: Outcome

        var text: String { "\(action) \(outcome.label): \(outcome.sentence)" }

        func satisfies(_ wanted: ResponseTest.Ending) -> Bool {
            let guardrail: String? = if case .refused(let refusal) = outcome { refusal.guardrail.rawValue } else { nil }
            return action == wanted.action && outcome.label == wanted.outcome && (wanted.guardrail == nil || wanted.guardrail == guardrail)
                && wanted.says.map { outcome.sentence.contains($0) } ?? true
        }
    }

    private let kept = Mutex<[Ending]>([])

    var endings: [Ending] { kept.withLock { $0 } }

    func report(_ report: ActionReport) async {
        kept.withLock { $0.append(Ending(action: report.act.intention.action.text, outcome: report.outcome)) }
    }
}
