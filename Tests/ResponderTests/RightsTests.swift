// SPDX-License-Identifier: Apache-2.0
import EventModel
import Foundation
import Guardrails
import KubeClient
import KubeSim
import Records
import Responder
import ResponseLanguage
import Testing

@Suite("Rights that playbooks say they need, and those they use")
struct RightsTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var playbooks: String
    }

    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    private static func texts(in folder: String) throws -> [(name: String, text: String)] {
        let url = root.appending(path: folder)
        return try FileManager.default.contentsOfDirectory(atPath: url.path).sorted().filter { $0.hasSuffix(".yaml") }.map {
            ($0, try String(contentsOf: url.appending(path: $0), encoding: .utf8))
        }
    }

    /// Each file of responses/, and actions with the parameters on which rights depend.
    private static func cases() throws -> [Case] {
        let end = { (parameters: String) in
            "- rule: E\n  actions: [{action: E, actionner: kubernetes:terminate, parameters: {\(parameters)}}]\n"
        }
        return try texts(in: "responses").map { Case(testDescription: $0.name, playbooks: $0.text) } + [
            Case(testDescription: "label alone", playbooks: World.label),
            Case(testDescription: "isolation alone", playbooks: World.isolate),
            Case(testDescription: "logs alone", playbooks: "- rule: L\n  actions: [{action: L, actionner: kubernetes:log}]\n"),
            Case(testDescription: "termination alone", playbooks: World.terminate),
            Case(testDescription: "termination with a minimum", playbooks: end("min_healthy_replicas: 1")),
            Case(
                testDescription: "termination with a minimum, DaemonSets left alone",
                playbooks: end("min_healthy_replicas: 1, ignore_daemonsets: true")),
            Case(
                testDescription: "termination with a minimum, StatefulSets left alone",
                playbooks: end("min_healthy_replicas: 1, ignore_statefulsets: true")),
        ]
    }

    @Test("With exactly the rights that a playbook says it needs nothing is forbidden, and each is used", arguments: try cases())
    func verbs(spec: Case) async throws {
        var options = KubeSimOptions()
        options.enforcesRoles = true
        options.users = [.init(name: "saker", token: "t")]
        var settings = GuardrailSettings(mode: .act)
        settings.cooldownSeconds = 0
        settings.budgetPerWorkload = 1_000
        settings.budgetPerCluster = 1_000
        try await World.run(spec.playbooks, settings, user: .token(user: "saker"), simulator: options) { world in
            let rights = try World.playbookSet(spec.playbooks).requiredRights
            try await Self.grant(rights, world.sim)
            try await Self.exhaust(world, spec.playbooks)
            #expect(world.sim.requests.filter { $0.status == 403 }.map { "\($0.verb) \($0.path)" } == [])
            #expect(!world.book.labels.contains("failed") && world.book.labels.contains("done"), "\(world.book.outcomes)")
            let used = Set(world.sim.requests.compactMap(Self.verb))
            let said = Set(rights.map { "\($0.verb) \($0.group)/\($0.resource)" })
            #expect(used.subtracting(said).sorted() == [], "used and not said")
            #expect(said.subtracting(used).sorted() == [], "said and not used")
        }
    }

    /// An alert of each rule that is answered, on pods of every owner, known by name and by UID only; every act is taken back.
    private static func exhaust(_ world: World, _ playbooks: String) async throws {
        for kind in ["ReplicaSet", "StatefulSet", "DaemonSet"] {
            try await world.sim.apply(#"{"kind":"Namespace","metadata":{"name":"shop"}}"#)
            try await world.sim.apply("""
                {"kind":"\(kind)","metadata":{"name":"web","namespace":"shop"},"spec":{"replicas":2},
                "status":{"readyReplicas":2,"numberReady":2,"desiredNumberScheduled":2}}
                """)
        }
        let rules = try texts(in: "rules").flatMap { $0.text.split(separator: "\n") }
            .filter { $0.hasPrefix("- rule: ") }.map { String($0.dropFirst(8)) }.filter { playbooks.contains("- \($0)\n") }
        for rule in rules.isEmpty ? ["any"] : rules {
            for owner in [nil, "ReplicaSet", "StatefulSet", "DaemonSet"] {
                for isNamed in [true, false] {
                    let uid = try await world.pod(owner: owner)
                    var event = isNamed ? alert(uid: uid) : alert(uid: uid, pod: nil, namespace: nil)
                    event.rule = RuleName(rule)
                    let known = world.book.reports.count
                    await world.line.handle(event)
                    for report in world.book.reports.dropFirst(known) { _ = try await world.undo(report.id) }
                    await world.sim.remove("pods", namespace: "shop", name: "web-1")
                }
            }
        }
    }

    private static func grant(_ rights: Set<RequiredRight>, _ sim: KubeSim) async throws {
        let rules = rights.map { #"{"apiGroups":["\#($0.group)"],"resources":["\#($0.resource)"],"verbs":["\#($0.verb)"]}"# }
        try await sim.apply(#"{"kind":"ClusterRole","metadata":{"name":"saker"},"rules":[\#(rules.joined(separator: ","))]}"#)
        try await sim.apply("""
            {"kind":"ClusterRoleBinding","metadata":{"name":"saker"},"subjects":[{"kind":"User","name":"saker"}],
            "roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"saker"}}
            """)
    }

    private static func verb(_ record: RequestRecord) -> String? {
        guard let resource = record.resource else { return nil }
        let parts = record.path.split(separator: "/")
        return "\(record.verb) \(parts.first == "apis" ? String(parts[1]) : "")/\(resource)"
    }
}
