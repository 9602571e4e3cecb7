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
        /// Acted out on the pods of `Town` instead of on pods without anything round them.
        var needsTown = false
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
            Case(
                testDescription: "evidence alone",
                playbooks: "- rule: V\n  actions:\n    - {action: V, actionner: kubernetes:evidence, output: {target: 'local:file', "
                    + "parameters: {destination: '\(FileManager.default.temporaryDirectory.path)/saker-rights-evidence'}}}\n"),
            Case(
                testDescription: "a command alone",
                playbooks: "- rule: C\n  actions: [{action: C, actionner: kubernetes:exec, parameters: {command: 'true'}}]\n"),
            Case(
                testDescription: "a script alone",
                playbooks: "- rule: S\n  actions: [{action: S, actionner: kubernetes:script, parameters: {script: 'true'}}]\n"),
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

    /// Each action of the catalogue that is a plain API call, with the parameters on which its rights depend.
    private static func townCases() -> [Case] {
        let cards = ["kubernetes:drain"].map { ($0, "{min_healthy_replicas: 0}") }
            + ["kubernetes:label", "kubernetes:annotation"].flatMap { name in
                ["pod", "node"].map { (name, "{\(name.dropFirst(11))s: {seen: x}, level: \($0)}") }
            }
            + [
                "cordon", "uncordon", "taint", "drain", "scale", "pause", "rollback", "detach", "suspend-serviceaccount", "revoke-tokens",
                "delete",
            ].map { ("kubernetes:" + $0, "{}") }
            + [("kubernetes:delete", "{resources: [pods, rolebindings]}"), ("calico:networkpolicy", "{}"), ("cilium:networkpolicy", "{}")]
        return cards.map { name, parameters in
            Case(
                testDescription: "\(name) \(parameters)",
                playbooks: "- rule: T\n  actions: [{action: T, actionner: '\(name)', parameters: \(parameters)}]\n", needsTown: true)
        }
    }

    @Test(
        "With exactly the rights that a playbook says it needs nothing is forbidden, and each is used",
        arguments: try cases() + townCases())
    func verbs(spec: Case) async throws {
        try await Self.run(spec) { world in
            let rights = try World.playbookSet(spec.playbooks).requiredRights
            try await Self.grant(rights, world.sim)
            try await Self.exhaust(world, spec)
            #expect(Self.forbidden(world) == [])
            #expect(!world.book.labels.contains("failed") && world.book.labels.contains("done"), "\(world.book.outcomes)")
            var used = Set(world.sim.requests.compactMap(Self.verb))
            // The server asks for both; the log names the one of the method.
            if used.contains("get /pods/exec") { used.insert("create /pods/exec") }
            // No request is made with `bind`; the next test shows that it is needed.
            let said = Set(rights.filter { $0.verb != "bind" }.map { "\($0.verb) \($0.group)/\($0.resource)" })
            #expect(used.subtracting(said).sorted() == [], "used and not said")
            #expect(said.subtracting(used).sorted() == [], "said and not used")
        }
    }

    @Test("Without any one of these rights something is forbidden", arguments: try cases() + townCases())
    func each(spec: Case) async throws {
        let rights = try World.playbookSet(spec.playbooks).requiredRights
        let kinds = Dictionary(grouping: rights) { "\($0.verb) \($0.group)/\($0.resource)" }
        try await Self.run(spec) { world in
            for (missing, needed) in kinds {
                try await Self.grant(rights.subtracting(needed), world.sim)
                let known = Self.forbidden(world).count
                try await Self.exhaust(world, spec) { Self.forbidden(world).count > known }
                #expect(Self.forbidden(world).count > known, "nothing needs \(missing)")
            }
        }
    }

    private static func run(_ spec: Case, _ body: (World) async throws -> Void) async throws {
        var options = KubeSimOptions()
        options.enforcesRoles = true
        options.users = [.init(name: "saker", token: "t")]
        var settings = GuardrailSettings(mode: .act)
        settings.cooldownSeconds = 0
        // What is forbidden here goes wrong on purpose.
        settings.breaker = Breaker(errors: 0)
        settings.budgetPerWorkload = 1_000
        settings.budgetPerCluster = 1_000
        try await World.run(spec.playbooks, settings, user: .token(user: "saker"), simulator: options, body)
    }

    private static func forbidden(_ world: World) -> [String] {
        world.sim.requests.filter { $0.status == 403 }.map { "\($0.verb) \($0.path)" }
    }

    private static func exhaust(_ world: World, _ spec: Case, until isEnough: () -> Bool = { false }) async throws {
        guard spec.needsTown else { return try await exhaust(world, spec.playbooks, until: isEnough) }
        for (number, name) in Town.pods.enumerated() {
            for isNamed in [true, false] {
                if isEnough() { return }
                let uids = try await Town.build(world, cordoned: spec.playbooks.contains("uncordon"))
                let event = isNamed ? alert(uid: uids[name], pod: name) : alert(uid: uids[name], pod: nil, namespace: nil)
                // A second address changes the policy that the first one made.
                let events = ["203.0.113.\(number)", "198.51.100.\(number)"].map { address in
                    var event = event
                    event.fields["fd.rip"] = .string(address)
                    event.trace = TraceID(UUID().uuidString)
                    return event
                }
                let isBlocking = spec.playbooks.contains(":networkpolicy")
                try await answer(
                    spec.playbooks.contains("kubernetes:delete") ? try await audited(world) : isBlocking ? events : [event], world)
                for name in uids.keys { await world.sim.remove("pods", namespace: "shop", name: name) }
            }
        }
    }

    /// Answers alerts and takes back what came of them, the last act first.
    private static func answer(_ events: [Alert], _ world: World) async throws {
        let known = world.book.reports.count
        for event in events { await world.line.handle(event) }
        for report in world.book.reports.dropFirst(known).reversed() { _ = try await world.undo(report.id) }
    }

    /// An audit event about one object of each kind.
    private static func audited(_ world: World) async throws -> [Alert] {
        let kinds = [
            "namespaces": "Namespace", "configmaps": "ConfigMap", "secrets": "Secret", "deployments": "Deployment",
            "daemonsets": "DaemonSet", "statefulsets": "StatefulSet", "replicasets": "ReplicaSet", "services": "Service",
            "serviceaccounts": "ServiceAccount", "roles": "Role", "clusterroles": "ClusterRole", "rolebindings": "RoleBinding",
            "pods": "Pod",
        ]
        var events: [Alert] = []
        for (plural, kind) in kinds {
            let isNamespaced = kind != "Namespace" && kind != "ClusterRole"
            let place = isNamespaced ? #","namespace":"shop""# : ""
            let stored = try await world.sim.apply(#"{"kind":"\#(kind)","metadata":{"name":"victim"\#(place)}}"#)
            var event = kind == "Pod" ? alert(uid: try Town.uid(of: stored), pod: "victim") : alert(pod: nil, namespace: nil)
            event.fields["ka.target.resource"] = .string(plural)
            event.fields["ka.target.name"] = "victim"
            if isNamespaced { event.fields["ka.target.namespace"] = "shop" }
            events.append(event)
        }
        return events
    }

    /// An alert of each rule that is answered, on pods of every owner, known by name and by UID only; every act is taken back.
    private static func exhaust(_ world: World, _ playbooks: String, until isEnough: () -> Bool) async throws {
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
                    if isEnough() { return }
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
