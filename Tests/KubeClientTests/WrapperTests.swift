// SPDX-License-Identifier: Apache-2.0

import EventModel
import StubServer
import Testing

@testable import KubeClient
import struct KubeClient.Pod

/// Answers as an API server does that honours dryRun: it returns what would be, and stores nothing.
private func answer(_ request: StubRequest) -> [StubStep] {
    func pod(_ number: Int, labels: String) -> String {
        #"{"kind":"Pod","metadata":{"name":"web-\#(number)","namespace":"shop","uid":"u-\#(number)","labels":{\#(labels)}},"#
            + #""spec":{"nodeName":"n\#(number)"}}"#
    }
    let stored = pod(1, labels: #""app":"web""#)
    let other = pod(2, labels: #""app":"web""#)
    let labelled = pod(1, labels: #""app":"web","\#(request.body.contains("second") ? "second" : "first")":"1""#)
    let policy = #"{"kind":"NetworkPolicy","metadata":{"name":"quarantine","namespace":"shop","uid":"made-up"},"spec":{}}"#
    switch request.method {
    case "POST" where request.target.contains("selfsubject"): return [.answer(201, #"{"status":{"allowed":true}}"#)]
    case "POST" where request.target.contains("eviction"): return [.answer(201, #"{"kind":"Status","status":"Success"}"#)]
    case "POST": return [.answer(201, policy)]
    case "PATCH" where request.body.contains("wrong-uid"): return [.answer(409, status(409))]
    case "PATCH": return [.answer(200, labelled)]
    case "DELETE": return [.answer(200, stored)]
    case "PUT": return [.answer(200, request.body)]
    default:
        if request.target.contains("networkpolicies") { return [.answer(200, #"{"metadata":{"resourceVersion":"9"},"items":[]}"#)] }
        if request.target.hasSuffix("/new") { return [.answer(404, status(404))] }
        if request.target.hasSuffix("/web-1") { return [.answer(200, stored)] }
        let items = request.target.contains("first") ? "" : stored + "," + other
        return [.answer(200, #"{"metadata":{"resourceVersion":"9"},"items":[\#(items)]}"#)]
    }
}

@Suite struct DryRunTests {
    private func rehearsal(_ body: (DryRunKube, StubServer) async throws -> Void) async throws {
        let bench = try Bench { request, _ in answer(request) }
        defer { bench.server.stop() }
        try await body(DryRunKube(bench.client), bench.server)
        let writes = bench.server.requests.filter { $0.method != "GET" }
        for write in writes where !write.target.contains("selfsubject") {
            #expect(write.method == "DELETE" ? write.body.contains(#""dryRun":["All"]"#) : write.target.contains("dryRun=All"))
        }
    }

    private func names(_ list: ObjectList) -> [String] { list.items.compactMap { $0["metadata"]?["name"]?.string }.sorted() }

    @Test("A patched label is seen by later reads, by selectors, and under a second patch")
    func patches() async throws {
        try await rehearsal { kube, server in
            #expect(names(try await kube.list(.pods, in: "shop", ListOptions(labelSelector: "first=1"))) == [])
            _ = try await kube.patch(pod, .labels(["first": "1"], uid: "u-1"), WriteOptions())
            #expect(try await kube.get(Pod.self, "web-1", in: "shop").metadata.labels == ["app": "web", "first": "1"])
            #expect(names(try await kube.list(.pods, in: "shop", ListOptions(labelSelector: "first=1"))) == ["web-1"])
            let onNode = ListOptions(fieldSelector: "spec.nodeName=n1,status.phase!=x")
            #expect(names(try await kube.list(.pods, in: nil, onNode)).contains("web-1"))
            #expect(names(try await kube.list(.pods, in: nil, ListOptions(fieldSelector: "spec.nodeName=n2"))) == ["web-2"])
            _ = try await kube.patch(pod, .labels(["second": "1", "app": nil], uid: "u-1"), WriteOptions())
            #expect(try await kube.get(Pod.self, "web-1", in: "shop").metadata.labels == ["first": "1", "second": "1"])
            #expect(server.requests.filter { $0.method == "PATCH" }.count == 2)
        }
    }

    @Test("A created policy is listed, patched and deleted without the server, which never stored it")
    func creation() async throws {
        try await rehearsal { kube, server in
            let policy = ObjectReference(.networkPolicies, "quarantine", in: "shop")
            _ = try await kube.create(.networkPolicies, ["metadata": ["name": "quarantine"]], in: "shop", WriteOptions())
            #expect(names(try await kube.list(.networkPolicies, in: "shop", ListOptions())) == ["quarantine"])
            #expect(names(try await kube.list(.networkPolicies, in: "other", ListOptions())) == [])
            let again = await failure { () async throws(KubeError) in
                try await kube.create(.networkPolicies, ["metadata": ["name": "quarantine"]], in: "shop", WriteOptions())
            }
            #expect(again?.code == .alreadyExists)
            _ = try await kube.patch(policy, .merge(["spec": ["policyTypes": ["Ingress"]]]), WriteOptions())
            #expect(try await kube.get(policy)["spec"]?["policyTypes"] == ["Ingress"])
            let foreseen = await failure { () async throws(KubeError) in try await kube.patch(policy, .json([]), WriteOptions()) }
            #expect(foreseen?.code == .invalid)
            let other = await failure { () async throws(KubeError) in try await kube.delete(policy, DeleteOptions(uid: "x")) }
            #expect(other?.code == .conflict)
            _ = try await kube.delete(policy, DeleteOptions(uid: "made-up"))
            #expect(await failure { () async throws(KubeError) in try await kube.get(policy) }?.code == .notFound)
            #expect(server.requests.filter { $0.method != "GET" }.map(\.method) == ["POST"])
        }
    }

    @Test("A deleted pod is absent from later reads and cannot be changed")
    func deletion() async throws {
        try await rehearsal { kube, _ in
            _ = try await kube.delete(pod, DeleteOptions(uid: "u-1"))
            #expect(names(try await kube.list(.pods, in: "shop", ListOptions())) == ["web-2"])
            #expect(await failure { () async throws(KubeError) in try await kube.get(pod) }?.code == .notFound)
            let change = await failure { () async throws(KubeError) in try await kube.patch(pod, .merge([:]), WriteOptions()) }
            #expect(change?.code == .notFound)
        }
    }

    @Test("An evicted pod is absent from later reads, and a right is asked for as it is")
    func eviction() async throws {
        try await rehearsal { kube, server in
            #expect(try await kube.review(.eviction(of: pod, DeleteOptions())).isAllowed)
            _ = try await kube.evict(pod, DeleteOptions(uid: "u-1"))
            #expect(await failure { () async throws(KubeError) in try await kube.get(pod) }?.code == .notFound)
            #expect(kube.log.calls.map(\.description) == ["create pods/eviction shop/web-1 (dry run)"])
        }
    }

    @Test("An apply changes what is there and makes what is not; a second change on top of what it made is judged here")
    func apply() async throws {
        try await rehearsal { kube, server in
            let made = ObjectReference(.pods, "new", in: "shop")
            _ = try await kube.patch(made, .apply(["metadata": ["name": "new"]], isForced: false), WriteOptions())
            _ = try await kube.delete(made, DeleteOptions())
            #expect(server.requests.filter { $0.method == "DELETE" }.isEmpty)
            _ = try await kube.patch(pod, .apply(["metadata": ["name": "web-1"]], isForced: false), WriteOptions())
            _ = try await kube.delete(pod, DeleteOptions())
            #expect(server.requests.filter { $0.method == "DELETE" }.count == 1)
        }
    }

    @Test("What the server refuses in the rehearsal is refused, and changes no later read")
    func refusal() async throws {
        try await rehearsal { kube, _ in
            let error = await failure { () async throws(KubeError) in
                try await kube.patch(pod, .labels(["first": "1"], uid: "wrong-uid"), WriteOptions())
            }
            #expect(error?.code == .conflict)
            let labels = try await kube.get(Pod.self, "web-1", in: "shop").metadata.labels
            #expect(labels == ["app": "web"])
        }
    }

    @Test("The rehearsal tells each call that it would make, in order")
    func log() async throws {
        try await rehearsal { kube, _ in
            _ = try await kube.get(pod)
            _ = try await kube.patch(pod, .labels(["first": "1"], uid: nil), WriteOptions())
            _ = try await kube.update(pod, ["kind": "Pod"], WriteOptions())
            _ = try await kube.delete(pod, DeleteOptions())
            #expect(kube.log.calls.map(\.description) == [
                "patch pods shop/web-1 (dry run)", "update pods shop/web-1 (dry run)", "delete pods shop/web-1 (dry run)",
            ])
        }
    }
}

@Suite struct RecordingTests {
    /// Each verb once, in the order of the protocols; what comes of them does not matter here.
    private func everyVerb(_ kube: any KubeReader & KubeWriter, in namespace: String?) async -> [KubeError?] {
        let object = ObjectReference(.pods, "web-1", in: namespace)
        return [
            await failure { () async throws(KubeError) in try await kube.get(object) },
            await failure { () async throws(KubeError) in try await kube.list(.pods, in: namespace, ListOptions()) },
            await failure { () async throws(KubeError) in
                try await kube.watch(.pods, in: namespace, ListOptions(), after: "1") { _ in }
            },
            await failure { () async throws(KubeError) in try await kube.create(.pods, ["a": 1], in: namespace, WriteOptions()) },
            await failure { () async throws(KubeError) in try await kube.update(object, [:], WriteOptions(isDryRun: true)) },
            await failure { () async throws(KubeError) in try await kube.patch(object, .labels([:], uid: "wrong-uid"), WriteOptions()) },
            await failure { () async throws(KubeError) in try await kube.delete(object, DeleteOptions(isDryRun: true)) },
            await failure { () async throws(KubeError) in try await kube.evict(object, DeleteOptions()) },
            await failure { () async throws(KubeError) in
                try await kube.log(of: object, LogSelection(container: "main", lines: 1, bytes: 1))
            },
        ]
    }

    @Test("Every verb is written down before it is sent, refused ones too")
    func recording() async throws {
        let bench = try Bench { request, _ in request.target.contains("watch=1") ? [.answer(410, status(410))] : answer(request) }
        defer { bench.server.stop() }
        let kube = RecordingKube(bench.client)
        #expect(await everyVerb(kube, in: "shop").map(\.?.code) == [nil, nil, .gone, nil, nil, .conflict, nil, nil, nil])
        _ = try await kube.review(KubeCall(.get, pod))
        #expect(kube.log.calls.map(\.description) == [
            "get pods shop/web-1", "list pods in namespace shop", "watch pods in namespace shop", "create pods in namespace shop",
            "update pods shop/web-1 (dry run)", "patch pods shop/web-1", "delete pods shop/web-1 (dry run)",
            "create pods/eviction shop/web-1", "get pods/log shop/web-1", "create selfsubjectaccessreviews.authorization.k8s.io (dry run)",
        ])
        #expect(kube.log.calls.filter { $0.verb.isWrite && !$0.isDryRun }.count == 3)
        #expect(kube.log.droppedCount == 0)
    }

    @Test("A client limited to namespaces reaches those, and sends nothing of any verb to another, to all, or to what lies in none")
    func namespaces() async throws {
        let bench = try Bench { request, _ in request.target.contains("watch=1") ? [.answer(410, status(410))] : answer(request) }
        defer { bench.server.stop() }
        let kube = NamespacedKube(bench.client, namespaces: ["shop"])
        for namespace in ["kube-system", "", nil] {
            for error in await everyVerb(kube, in: namespace) { #expect(error?.code == .forbidden && error?.isKnownUnsent == true) }
            let review = try await kube.review(KubeCall(.get, .pods, namespace: namespace))
            #expect(!review.isAllowed && review.reason.contains("limited to 'shop'"))
        }
        let node = await failure { () async throws(KubeError) in try await kube.get(ObjectReference(.nodes, "n1", in: "shop")) }
        #expect(node?.code == .forbidden && bench.server.requests.isEmpty)
        #expect(await everyVerb(kube, in: "shop").map(\.?.code) == [nil, nil, .gone, nil, nil, .conflict, nil, nil, nil])
        #expect(try await kube.review(KubeCall(.get, pod)).isAllowed && bench.server.requests.count == 10)
    }
}
