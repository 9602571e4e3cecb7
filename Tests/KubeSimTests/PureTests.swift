// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing
@testable import KubeSim

@Suite struct PureTests {
    let objects: [JSON] = [
        pod("a", labels: ["app": "web", "tier": "front"]), pod("b", labels: ["app": "db"], node: "node-2"),
        pod("c", namespace: "other"), pod("d", labels: ["app": ""]),
    ]

    @Test(
        "selectors pick the objects that Kubernetes would",
        arguments: [
            ("", "", "a b c d"), ("app=web", "", "a"), ("app==web", "", "a"), ("app!=web", "", "b c d"), ("app", "", "a b d"),
            ("!app", "", "c"), ("app in (web,db)", "", "a b"), ("app notin (web, db)", "", "c d"), ("app in (db),!tier", "", "b"),
            ("app=", "", "d"), ("app=web,tier=back", "", ""), ("", "metadata.name=b", "b"), ("", "metadata.name!=b", "a c d"),
            ("", "metadata.namespace=other", "c"), ("", "spec.nodeName=node-2", "b"), ("", "status.phase=Running,metadata.name=a", "a"),
            ("app", "spec.nodeName=node-1", "a d"),
        ])
    func selects(labels: String, fields: String, expected: String) throws {
        let selection = try Selection(.pods, namespace: nil, labels: labels, fields: fields)
        let names = objects.filter(selection.contains).compactMap { $0["metadata", "name"]?.string }
        #expect(names.joined(separator: " ") == expected)
    }

    @Test("a selector that is none is refused", arguments: ["a in b", "a in (b", "a near (b)", "a b"])
    func refusesSelectors(text: String) {
        #expect(throws: APIStatus.self) { try LabelSelector(query: text) }
    }

    struct PatchCase: Codable, Sendable, CustomTestStringConvertible {
        var name: String
        var kind: String
        var target: JSON
        var patch: JSON
        /// Null when the patch must be refused.
        var result: JSON
        var testDescription: String { name }
    }

    static func cases<Case: Decodable>(_ name: String, _ type: Case.Type) throws -> [Case] {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../Specs/kubesim/\(name)").standardized
        return try JSONDecoder().decode([Case].self, from: Data(contentsOf: file))
    }

    @Test("a patch gives what its RFC, or Kubernetes, says", arguments: try PureTests.cases("patches.json", PatchCase.self))
    func patches(_ test: PatchCase) throws {
        let kinds = ["json": PatchKind.json, "merge": .merge, "strategic": .strategic]
        let kind = try #require(kinds[test.kind])
        if test.result == .null {
            #expect(throws: APIStatus.self) { try kind.apply(test.patch, to: test.target, .message("PodSpec")) }
        } else {
            #expect(try kind.apply(test.patch, to: test.target, .message("PodSpec")) == test.result)
        }
    }

    struct PolicyCase: Codable, Sendable, CustomTestStringConvertible {
        var name: String
        /// The pod's labels and spec.
        var labels: JSON
        var hostNetwork: Bool?
        /// Each a policy's spec, with its namespace where it is not `default`.
        var policies: [JSON]
        var ingress: String
        var egress: String
        var testDescription: String { name }
    }

    @Test("policies add up as Kubernetes says", arguments: try PureTests.cases("policies.json", PolicyCase.self))
    func judges(_ test: PolicyCase) {
        var subject = pod("web-1", labels: test.labels)
        if test.hostNetwork == true { subject["spec", "hostNetwork"] = true }
        let policies = test.policies.enumerated().map { number, spec in
            NetworkPolicy([
                "metadata": ["name": "policy-\(String(number))", "namespace": spec["namespace"] ?? "default"], "spec": spec,
            ])
        }
        let verdict = NetworkVerdict.of(subject, policies)
        #expect(summary(verdict.ingress) == test.ingress)
        #expect(summary(verdict.egress) == test.egress)
    }

    private func summary(_ allowance: Allowance) -> String {
        switch allowance {
        case .all: "all"
        case .none: "none"
        case .some(let peers): peers.map(summary).joined(separator: "; ")
        }
    }

    private func summary(_ peer: Allowance.Peer) -> String {
        let ports = peer.ports.map { port in
            port.protocolName + ":" + (port.port ?? "any") + (port.endPort.map { "-\($0)" } ?? "")
        }
        let end =
            switch peer.endpoint {
            case .anyone: "anyone"
            case .addresses(let block, let except): block + except.map { " but " + $0 }.joined()
            case .pods(let selector, let namespace, let namespaces):
                "pods [\(selector)] in " + (namespace ?? "namespaces [\(namespaces)]")
            }
        return end + (ports.isEmpty ? "" : " on " + ports.joined(separator: ","))
    }

    @Test(
        "an age is printed as kubectl prints it",
        arguments: [
            (0, "0s"), (119, "119s"), (120, "2m"), (125, "2m5s"), (600, "10m"), (3 * 3600 - 1, "179m"), (3 * 3600, "3h"),
            (3 * 3600 + 60, "3h1m"), (8 * 3600 + 60, "8h"), (47 * 3600, "47h"), (48 * 3600, "2d"), (49 * 3600, "2d1h"),
            (8 * 86_400 + 3600, "8d"), (730 * 86_400, "2y"), (731 * 86_400, "2y1d"),
        ])
    func printsAges(seconds: Int, text: String) {
        #expect(Age.duration(Int64(seconds)) == text)
    }

    @Test(
        "a path leads where the API has it",
        arguments: [
            ("/api/v1/pods", RequestTarget.objects(.init(resource: .pods))),
            ("/api/v1/namespaces/x/pods/y/status", .objects(.init(resource: .pods, namespace: "x", name: "y", subresource: .status))),
            ("/api/v1/namespaces/x", .objects(.init(resource: .namespaces, name: "x"))),
            ("/api/v1/namespaces/x/status", .objects(.init(resource: .namespaces, name: "x", subresource: .status))),
            ("/apis/apps/v1/namespaces/x/deployments/y", .objects(.init(resource: .deployments, namespace: "x", name: "y"))),
            ("/apis/apps/v1", .resources(group: "apps")), ("/apis/apps", .group("apps")), ("/apis/other", .unknown),
            ("/apis/apps/v1/pods", .unknown), ("/api/v1/pods/x", .unknown), ("/api/v1/namespaces/x/nodes", .unknown),
            ("/api/v1/namespaces/x/pods/y/attach", .unknown), ("/apis/apps/v1/namespaces", .unknown), ("/", .unknown), ("/readyz", .health),
        ])
    func routes(path: String, target: RequestTarget) {
        #expect(RequestTarget(path: path) == target)
    }
}

@Suite struct EnforcementTests {
    @Test("the enforcer hears of each change of a pod's verdict, and of nothing else")
    func enforces() async throws {
        let recorder = VerdictRecorder()
        try await TestCluster.run { $0.enforcer = recorder } _: { cluster in
            try await cluster.seed(pod("web-1", labels: ["app": "web"]))
            try await cluster.seed(pod("web-2", labels: ["app": "web"]))
            try await cluster.seed([
                "kind": "NetworkPolicy", "metadata": ["name": "quarantine", "namespace": "default"],
                "spec": ["podSelector": ["matchLabels": ["quarantine": "yes"]], "policyTypes": ["Ingress", "Egress"]],
            ])
            try await cluster.seed(pod("web-1", labels: ["app": "web", "other": "1"]))
            let label = try await cluster.request(
                "PATCH", pods + "/web-1", ["metadata": ["labels": ["quarantine": "yes"]]], contentType: PatchKind.merge.rawValue)
            #expect(label.status == 200)
            let isCut = await eventually { recorder.verdicts == [.init(pod: "web-1", ingress: .none, egress: .none)] }
            #expect(isCut, "\(recorder.verdicts)")
            #expect(await cluster.sim.remove("networkpolicies", namespace: "default", name: "quarantine"))
            let isFree = await eventually { recorder.verdicts.last == .init(pod: "web-1", ingress: .all, egress: .all) }
            #expect(isFree && recorder.verdicts.count == 2, "\(recorder.verdicts)")
        }
    }

    @Test("a policy without types is stored with the types that Kubernetes gives it")
    func fillsTypes() async throws {
        try await TestCluster.run { cluster in
            let path = "/apis/networking.k8s.io/v1/namespaces/default/networkpolicies"
            for (name, spec, types) in [("a", ["podSelector": [:]], ["Ingress"]), ("b", ["egress": [[:]]], ["Ingress", "Egress"])]
                as [(String, JSON, JSON)]
            {
                let reply = try await cluster.request("POST", path, ["metadata": ["name": .string(name)], "spec": spec])
                #expect(reply.json["spec", "policyTypes"] == types)
            }
        }
    }
}
