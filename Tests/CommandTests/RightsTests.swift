// SPDX-License-Identifier: Apache-2.0
import Actions
import Console
import Foundation
import KubeSim
import ResponseLanguage
import SourceText
import Testing
import Yams

@testable import saker

/// One case of `Tests/Specs/rights/manifests.yaml`.
struct RightsSpec: Decodable, Sendable, CustomTestStringConvertible {
    var `case`: String
    var part: String
    var account: String?
    var namespace: String?
    var playbooks: String?
    var senders: String?
    var events: Bool?
    var prints: String

    var testDescription: String { `case` }

    static func all() throws -> [RightsSpec] {
        let file = ConfigurationTests.root.appending(path: "Tests/Specs/rights/manifests.yaml")
        return try YAMLDecoder().decode([RightsSpec].self, from: String(contentsOf: file, encoding: .utf8))
    }
}

@Suite("The rights that playbooks need")
struct RightsTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test("saker rbac prints the smallest roles, each verb with what needs it", arguments: try RightsSpec.all())
    func manifests(spec: RightsSpec) throws {
        let file = SourceFile(name: "a.yaml", text: spec.playbooks ?? "")
        let set = try #require(PlaybookLoader.load([file], cards: ActionCatalogue().cards).playbooks)
        let part = try #require(Part(rawValue: spec.part))
        let senders = SendersReader(SourceFile(name: "senders.yaml", text: spec.senders ?? "[]"))
        var configuration = Configuration()
        configuration.notify.kubernetesEvents = spec.events ?? false
        let account = spec.account ?? "saker-\(spec.part)"
        let manifest = RightsManifest(
            name: account, account: account, namespace: spec.namespace ?? "saker", rights: part.rights(configuration, set, senders.entries))
        #expect(manifest.text == spec.prints)
    }

    @Test("saker rbac refuses a name that Kubernetes would refuse, and says when a part needs nothing")
    func refusals() throws {
        let bad = try run("rbac", "--namespace", "Not A Name")
        #expect(bad.code != 0 && bad.text.contains("'Not A Name' is no name"), "\(bad.text)")
        let none = try run("rbac", "--responses", try folder.write("empty.yaml", ""))
        #expect(none.code == 1 && none.text.contains("needs no right"), "\(none.text)")
    }

    @Test("saker responses actions lists every action with each of its parameters, or one alone")
    func actions() throws {
        let all = try run("responses", "actions")
        for card in ActionCatalogue().cards {
            #expect(all.text.contains("\(card.name)\n") && !card.summary.isEmpty)
            for parameter in card.parameters { #expect(all.text.contains("    \(parameter.name)") && !parameter.summary.isEmpty) }
        }
        let one = try run("responses", "actions", "kubernetes:scale")
        #expect(one.code == 0 && one.text.contains("    replicas: whole number from 0.") && !one.text.contains("drain"), "\(one.text)")
        #expect(try run("responses", "actions", "kubernetes:nothing").code == 1)
    }

    private func run(_ arguments: String...) throws -> (code: Int32?, text: String) {
        let saker = try SakerProcess(arguments, in: folder)
        return (saker.end(within: 60), saker.text)
    }
}

@Suite("Playbooks asked of a cluster")
struct ClusterCheckTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private static let playbook = """
        - rule: All
          match: {rules: [Shell]}
          actions:
            - {action: Mark, actionner: kubernetes:label, parameters: {labels: {suspicious: true}}}
            - {action: Cut, actionner: kubernetes:networkpolicy}
            - {action: End, actionner: kubernetes:terminate}
        """

    /// A cluster with one pod, and a kubeconfig for a user to whom these verbs are denied.
    private func cluster(
        without denied: [(verb: String, resource: String)], _ body: (_ sim: KubeSim, _ kubeconfig: String) async throws -> Void
    ) async throws {
        var options = KubeSimOptions()
        options.users = [.init(name: "bob", token: "t")]
        options.denials = denied.map { .init(user: "bob", verb: $0.verb, resource: $0.resource) }
        let sim = try await KubeSim.start(options)
        try await sim.apply(#"{"kind":"Namespace","metadata":{"name":"shop"}}"#)
        try await sim.apply("""
            {"kind":"Pod","metadata":{"name":"web-1","namespace":"shop"},"spec":{"containers":[{"name":"m","image":"i"}]},
            "status":{"phase":"Running"}}
            """)
        let result: Result<Void, any Error>
        do {
            result = .success(try await body(sim, try folder.write("kubeconfig", try sim.kubeconfig(.token(user: "bob")))))
        } catch {
            result = .failure(error)
        }
        await sim.stop()
        try result.get()
    }

    private func run(_ arguments: [String]) throws -> (code: Int32?, text: String) {
        let saker = try SakerProcess(arguments, in: folder)
        return (saker.end(within: 60), saker.text)
    }

    @Test("responses check says that all rights are there, and with a pod how each action would end, and changes nothing")
    func granted() async throws {
        let file = try folder.write("p.yaml", Self.playbook)
        try await cluster(without: []) { sim, kubeconfig in
            let (code, text) = try run(["responses", "check", file, "--kubeconfig", kubeconfig, "--pod", "shop/web-1"])
            #expect(code == 0, "\(text)")
            #expect(text.contains("rights: all 9 that the playbooks need are granted"))
            #expect(text.components(separatedBy: "REHEARSED").count == 4, "\(text)")
            let writes = sim.requests.filter { ["create", "patch", "delete"].contains($0.verb) && $0.resource == "pods" }
            #expect(writes.map(\.dryRun) == [true, true, true])
        }
    }

    @Test("responses check names each right that is missing and what needs it, and ends with code 1")
    func missing() async throws {
        let file = try folder.write("p.yaml", Self.playbook)
        try await cluster(without: [("delete", "networkpolicies"), ("patch", "pods")]) { _, kubeconfig in
            let (code, text) = try run(["responses", "check", file, "--kubeconfig", kubeconfig, "--context", "kubesim"])
            #expect(code == 1, "\(text)")
            #expect(text.contains("rights: 2 of 9 are missing"), "\(text)")
            #expect(text.contains("MISSING  delete networkpolicies.networking.k8s.io in all namespaces, for kubernetes:networkpolicy"))
            #expect(text.contains("MISSING  patch pods in all namespaces, for kubernetes:label, kubernetes:networkpolicy"))
        }
    }

    @Test("rehearse shows the refusal of the API server, and the right that only an undo needs")
    func rehearse() async throws {
        let file = try folder.write("p.yaml", Self.playbook)
        try await cluster(without: [("delete", "networkpolicies"), ("delete", "pods")]) { sim, kubeconfig in
            let pod = try #require(await sim.object("pods", namespace: "shop", name: "web-1"))
            let uid = try #require(pod.firstMatch(of: /"uid":"([^"]+)"/)?.1)
            let alert = try folder.write("alert.json", """
                {"time":"2026-01-31T12:00:00Z","rule":"Shell","priority":"Notice","source":"syscall","tags":[],"output":"o","hostname":"h",
                "output_fields":{},"trace_id":"t","subject":{"pid":1,"podUID":"\(uid)","pod":"web-1","namespace":"shop"}}
                """)
            let (code, text) = try run(["rehearse", file, "--alert", alert, "--kubeconfig", kubeconfig])
            #expect(code == 1, "\(text)")
            #expect(text.contains("End (kubernetes:terminate) on pod shop/web-1: FAILED"), "\(text)")
            #expect(text.contains("cannot delete resource"), "\(text)")
            #expect(text.contains("MISSING  delete networkpolicies.networking.k8s.io in all namespaces"), "\(text)")
            let stored = await sim.object("pods", namespace: "shop", name: "web-1")
            #expect(stored == pod)
        }
    }

    @Test(
        "With the roles that saker rbac prints, applied by kubectl, the account has every right that responses/ needs",
        .enabled(if: Tool.isThere("kubectl"), "kubectl is missing"))
    func printedRoles() async throws {
        var options = KubeSimOptions()
        options.enforcesRoles = true
        options.users = [.init(name: "system:serviceaccount:saker:saker-respond", token: "t")]
        let sim = try await KubeSim.start(options)
        let admin = try folder.write("admin", try sim.kubeconfig())
        let account = try folder.write("account", try sim.kubeconfig(.token(user: options.users[0].name)))
        let responses = ConfigurationTests.root.appending(path: "responses").path
        let rights = try folder.write("rights.yaml", try run(["rbac", "respond", "--responses", responses]).text)
        let before = try run(["responses", "check", responses, "--kubeconfig", account])
        #expect(before.code == 1 && before.text.contains("rights: 9 of 9 are missing"), "\(before.text)")
        let applied = try Tool.run("kubectl", "--kubeconfig", admin, "apply", "-f", rights)
        #expect(applied.code == 0, "\(applied.text)")
        let after = try run(["responses", "check", responses, "--kubeconfig", account])
        #expect(after.code == 0 && after.text.contains("rights: all 9"), "\(after.text)")
        await sim.stop()
    }

    @Test(
        "kubectl applies manifests/ to a cluster, and finds nothing changed the second time",
        .enabled(if: Tool.isThere("kubectl"), "kubectl is missing"))
    func appliedManifests() async throws {
        let sim = try await KubeSim.start()
        let admin = try folder.write("admin", try sim.kubeconfig())
        for directory in ["manifests/base", "manifests/overlays/act"] {
            for isSecond in [false, true] {
                let (code, text) = try Tool.run("kubectl", "--kubeconfig", admin, "apply", "-k", directory)
                #expect(code == 0, "\(text)")
                let lines = text.split(separator: "\n").filter { $0.contains("/") }
                #expect(lines.count == 17, "\(text)")
                #expect(!isSecond || lines.allSatisfy { $0.hasSuffix(" unchanged") }, "\(text)")
            }
        }
        #expect(await sim.object("daemonsets", namespace: "saker", name: "saker-detect") != nil)
        await sim.stop()
    }

    @Test("A context that the kubeconfig does not have is named, with those that it has")
    func wrongContext() async throws {
        let file = try folder.write("p.yaml", Self.playbook)
        try await cluster(without: []) { _, kubeconfig in
            let (code, text) = try run(["responses", "check", file, "--kubeconfig", kubeconfig, "--context", "nowhere"])
            #expect(code == 1 && text.contains("'nowhere'") && text.contains("kubesim"), "\(text)")
        }
    }
}
