// SPDX-License-Identifier: Apache-2.0

import EventModel
import Foundation
import StubServer
import Synchronization
import Testing
import Transport

@testable import KubeClient
import struct KubeClient.Pod

/// A client that does not really wait, and the waits it was told to make.
struct Bench {
    let server: StubServer
    let client: KubeClient
    let waits = Waits()

    final class Waits: Sendable {
        private let all = Mutex<[Duration]>([])
        var list: [Duration] { all.withLock { $0 } }
        func add(_ wait: Duration) { all.withLock { $0.append(wait) } }
    }

    init(
        credential: ClusterConnection.Credential = .none, limits: HTTPLimits = HTTPLimits(total: .seconds(5)),
        _ answer: @escaping @Sendable (StubRequest, Int) -> [StubStep]
    ) throws {
        server = StubServer(answer)
        let connection = try ClusterConnection(server: server.url + "/", credential: credential)
        client = KubeClient(connection, limits: limits, surroundings: Self.surroundings(waits))
    }

    static func surroundings(_ waits: Waits) -> KubeClient.Surroundings {
        KubeClient.Surroundings(
            sleep: { wait in
                waits.add(wait)
                try await Task.sleep(for: .milliseconds(1))
            }, jitter: { 0 })
    }
}

func status(_ code: Int, _ reason: String = "", _ message: String = "said the server") -> String {
    #"{"kind":"Status","apiVersion":"v1","status":"Failure","code":\#(code),"reason":"\#(reason)","message":"\#(message)"}"#
}

func failure<Value: Sendable>(_ body: () async throws(KubeError) -> Value) async -> KubeError? {
    do throws(KubeError) { _ = try await body() } catch { return error }
    return nil
}

let pod = ObjectReference(.pods, "web-1", in: "shop")
let podText = #"{"kind":"Pod","metadata":{"name":"web-1","namespace":"shop","uid":"u-1","resourceVersion":"7"}}"#

@Suite struct VerbTests {
    @Test("Each verb is sent with the method, address, query, media type and body that the API wants")
    func verbs() async throws {
        let bench = try Bench(credential: .token("s3cret")) { _, _ in [.answer(200, podText)] }
        defer { bench.server.stop() }
        let client = bench.client
        #expect(try await client.get(Pod.self, "web-1", in: "shop").metadata.uid == "u-1")
        _ = try await client.create(.pods, ["a": 1], in: "shop", WriteOptions())
        _ = try await client.update(pod, ["b": 2], WriteOptions(isDryRun: true, fieldManager: "me/you"))
        _ = try await client.patch(pod, .labels(["x": "y", "z": nil], uid: "u-1"), WriteOptions())
        _ = try await client.patch(pod, .json([["op": "remove", "path": "/a"]]), WriteOptions(fieldManager: nil))
        _ = try await client.patch(pod, .strategic(["c": 3]), WriteOptions(fieldManager: nil))
        _ = try await client.delete(pod, DeleteOptions(uid: "u-1", resourceVersion: "7", gracePeriodSeconds: 0, propagation: .background))
        let seen = bench.server.requests.map { "\($0.method) \($0.target) \($0.headers["content-type"] ?? "-") \($0.body)" }
        let path = "/api/v1/namespaces/shop/pods"
        #expect(seen == [
            "GET \(path)/web-1 - ",
            #"POST \#(path)?fieldManager=saker application/json {"a":1}"#,
            #"PUT \#(path)/web-1?dryRun=All&fieldManager=me%2Fyou application/json {"b":2}"#,
            #"PATCH \#(path)/web-1?fieldManager=saker application/merge-patch+json {"metadata":{"labels":{"x":"y","z":null},"uid":"u-1"}}"#,
            #"PATCH \#(path)/web-1 application/json-patch+json [{"op":"remove","path":"/a"}]"#,
            #"PATCH \#(path)/web-1 application/strategic-merge-patch+json {"c":3}"#,
            #"DELETE \#(path)/web-1 application/json {"apiVersion":"v1","gracePeriodSeconds":0,"kind":"DeleteOptions","#
                + #""preconditions":{"resourceVersion":"7","uid":"u-1"},"propagationPolicy":"Background"}"#,
        ])
        #expect(bench.server.requests.allSatisfy { $0.headers["authorization"] == "Bearer s3cret" })
        #expect(!"\(bench.client.connection)".contains("s3cret"))
    }

    @Test("An apply names its field manager and whether it takes fields over; without a manager nothing is sent")
    func apply() async throws {
        let bench = try Bench { _, _ in [.answer(200, podText)] }
        defer { bench.server.stop() }
        _ = try await bench.client.patch(pod, .apply(["a": 1], isForced: false), WriteOptions())
        _ = try await bench.client.patch(pod, .apply(["a": 1], isForced: true), WriteOptions(isDryRun: true, fieldManager: "me"))
        let error = await failure { () async throws(KubeError) in
            try await bench.client.patch(pod, .apply([:], isForced: true), WriteOptions(fieldManager: nil))
        }
        #expect(error?.code == .invalid && error?.isKnownUnsent == true)
        #expect(bench.server.requests.map { "\($0.method) \($0.target) \($0.headers["content-type"] ?? "-") \($0.body)" } == [
            #"PATCH /api/v1/namespaces/shop/pods/web-1?fieldManager=saker application/apply-patch+yaml {"a":1}"#,
            #"PATCH /api/v1/namespaces/shop/pods/web-1?dryRun=All&fieldManager=me&force=true application/apply-patch+yaml {"a":1}"#,
        ])
    }

    @Test("An eviction carries its preconditions; a dry run is asked for in query and body, which must agree")
    func evict() async throws {
        let bench = try Bench { _, _ in [.answer(201, #"{"kind":"Status","status":"Success"}"#)] }
        defer { bench.server.stop() }
        _ = try await bench.client.evict(pod, DeleteOptions(uid: "u-1", isDryRun: true))
        #expect(bench.server.requests.map { "\($0.method) \($0.target) \($0.body)" } == [
            #"POST /api/v1/namespaces/shop/pods/web-1/eviction?dryRun=All {"apiVersion":"policy/v1","deleteOptions":"#
                + #"{"apiVersion":"v1","dryRun":["All"],"kind":"DeleteOptions","preconditions":{"uid":"u-1"}},"kind":"Eviction","#
                + #""metadata":{"name":"web-1","namespace":"shop"}}"#,
        ])
    }

    @Test("An eviction that a disruption budget forbids is its own error and is not repeated, though the server says when to ask again")
    func disruptionBudget() async throws {
        let body = #"{"kind":"Status","code":429,"reason":"TooManyRequests","message":"Cannot evict pod","#
            + #""details":{"causes":[{"reason":"DisruptionBudget","message":"needs 2 healthy pods"}],"retryAfterSeconds":10}}"#
        let bench = try Bench { _, _ in [.answer(429, body, headers: ["Retry-After: 10"])] }
        defer { bench.server.stop() }
        let error = await failure { () async throws(KubeError) in try await bench.client.evict(pod, DeleteOptions()) }
        #expect(error?.code == .disruptionBudget && error?.message.contains("create pods/eviction shop/web-1") == true)
        #expect(bench.server.requests.count == 1 && bench.waits.list.isEmpty)
    }

    @Test("Whether a call would be allowed is asked with its verb, kind, part, namespace and name")
    func review() async throws {
        let bench = try Bench { request, _ in
            [.answer(201, #"{"status":{"allowed":\#(request.body.contains("eviction")),"reason":"rule"}}"#)]
        }
        defer { bench.server.stop() }
        #expect(try await bench.client.review(.eviction(of: pod, DeleteOptions())) == AccessReview(isAllowed: true, reason: "rule"))
        #expect(try await bench.client.review(KubeCall(.list, .deployments, namespace: nil)).isAllowed == false)
        #expect(bench.server.requests.map { "\($0.method) \($0.target)" } == Array(
            repeating: "POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews", count: 2))
        #expect(bench.server.requests.map { JSONText.read(Array($0.body.utf8))?["spec"]?["resourceAttributes"] } == [
            ["verb": "create", "group": "", "version": "v1", "resource": "pods", "subresource": "eviction", "namespace": "shop",
             "name": "web-1"],
            ["verb": "list", "group": "apps", "version": "v1", "resource": "deployments"],
        ])
    }

    @Test("A failed answer becomes its typed error, and a write is sent once", arguments: [
        (401, "", KubeError.Code.unauthorized), (403, "", .forbidden), (404, "", .notFound), (409, "", .conflict),
        (409, "AlreadyExists", .alreadyExists), (410, "", .gone), (422, "", .invalid), (500, "", .serverError), (503, "", .serverError),
    ])
    func failures(_ number: Int, _ reason: String, _ code: KubeError.Code) async throws {
        let bench = try Bench { _, _ in [.answer(number, status(number, reason))] }
        defer { bench.server.stop() }
        let error = await failure { () async throws(KubeError) in try await bench.client.delete(pod, DeleteOptions(uid: "u-1")) }
        #expect(error?.code == code && error?.message.contains("said the server") == true)
        #expect(bench.server.requests.count == 1 && bench.waits.list.isEmpty)
    }

    @Test("A read goes on through transient failures until the answer comes")
    func readsAreRepeated() async throws {
        let bench = try Bench { _, count in
            switch count {
            case 0: [.answer(500, status(500))]
            case 1: [.send(Array("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf".utf8)), .close]
            case 2: [.answer(429, status(429), headers: ["Retry-After: 2"])]
            default: [.answer(200, podText)]
            }
        }
        defer { bench.server.stop() }
        #expect(try await bench.client.get(pod)["metadata"]?["uid"] == "u-1")
        #expect(bench.waits.list == [.milliseconds(100), .milliseconds(200), .seconds(2)])
    }

    @Test("A write is repeated only when the server says when")
    func writesAreRepeatedOnDemand() async throws {
        let bench = try Bench { _, count in
            count == 0 ? [.answer(429, status(429), headers: ["Retry-After: 1"])] : [.answer(200, podText)]
        }
        defer { bench.server.stop() }
        _ = try await bench.client.patch(pod, .merge([:]), WriteOptions())
        #expect(bench.waits.list == [.seconds(1)] && bench.server.requests.count == 2)
    }

    @Test("A write whose answer does not come says that it may have been carried out")
    func unknownWrite() async throws {
        let bench = try Bench(limits: HTTPLimits(total: .milliseconds(200))) { _, _ in [.wait(milliseconds: 2000)] }
        defer { bench.server.stop() }
        let error = await failure { () async throws(KubeError) in try await bench.client.delete(pod, DeleteOptions()) }
        #expect(error?.code == .timeout && error?.isKnownUnsent == false)
        #expect(error?.message.contains("may have been carried out") == true)
        #expect(bench.server.requests.count == 1)
    }

    @Test("A server that is not there is a transient transport error, and a write is known as unsent")
    func refused() async throws {
        let bench = try Bench { _, _ in [] }
        bench.server.stop()
        let error = await failure { () async throws(KubeError) in try await bench.client.delete(pod, DeleteOptions()) }
        #expect(error?.code == .transport && error?.isKnownUnsent == true && error?.isTransient == true)
        #expect(error?.message.contains("delete pods shop/web-1") == true)
    }

    @Test("An answer that is not JSON says so and asks whether this is an API server")
    func html() async throws {
        let bench = try Bench { _, _ in [.answer(200, "<html>login</html>")] }
        defer { bench.server.stop() }
        let error = await failure { () async throws(KubeError) in try await bench.client.get(pod) }
        #expect(error?.code == .decode && error?.message.contains(bench.server.url) == true)
    }

    @Test("A token file is read again for every request")
    func tokenFile() async throws {
        let path = NSTemporaryDirectory() + "token-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data("first\n".utf8).write(to: URL(fileURLWithPath: path))
        let bench = try Bench(credential: .tokenFile(path)) { _, _ in [.answer(200, podText)] }
        defer { bench.server.stop() }
        _ = try await bench.client.get(pod)
        try Data("second\n".utf8).write(to: URL(fileURLWithPath: path))
        _ = try await bench.client.get(pod)
        #expect(bench.server.requests.map { $0.headers["authorization"] } == ["Bearer first", "Bearer second"])
        try FileManager.default.removeItem(atPath: path)
        #expect(await failure { () async throws(KubeError) in try await bench.client.get(pod) }?.code == .config)
    }
}

@Suite struct ListTests {
    private static func page(_ names: [String], next: String) -> String {
        let items = names.map { #"{"metadata":{"name":"\#($0)","namespace":"shop"}}"# }.joined(separator: ",")
        return #"{"kind":"PodList","metadata":{"resourceVersion":"40","continue":"\#(next)"},"items":[\#(items)]}"#
    }

    @Test("A list is read page by page, with its selectors, and its items say what they are")
    func pages() async throws {
        let bench = try Bench { request, _ in
            [.answer(200, request.target.contains("continue=t%2F1") ? Self.page(["c"], next: "") : Self.page(["a", "b"], next: "t/1"))]
        }
        defer { bench.server.stop() }
        let options = ListOptions(labelSelector: "app=web", fieldSelector: "spec.nodeName=n1", pageSize: 2)
        let list = try await bench.client.list(.pods, in: nil, options)
        #expect(list.items.map { $0["metadata"]?["name"]?.string } == ["a", "b", "c"] && list.resourceVersion == "40")
        #expect(list.items.first?["kind"] == "Pod" && list.items.first?["apiVersion"] == "v1")
        #expect(bench.server.requests.map(\.target) == [
            "/api/v1/pods?labelSelector=app%3Dweb&fieldSelector=spec.nodeName%3Dn1&limit=2",
            "/api/v1/pods?labelSelector=app%3Dweb&fieldSelector=spec.nodeName%3Dn1&limit=2&continue=t%2F1",
        ])
        #expect(try await bench.client.list(Pod.self, in: nil, options).map(\.metadata.name) == ["a", "b", "c"])
    }

    @Test("A page token that is too old begins the list anew, once and whole")
    func expired() async throws {
        let bench = try Bench { request, _ in
            if request.target.contains("continue") { return [.answer(410, status(410, "Expired"))] }
            return [.answer(200, request.target.contains("limit") ? Self.page(["a"], next: "t") : Self.page(["a", "b"], next: ""))]
        }
        defer { bench.server.stop() }
        #expect(try await bench.client.list(.pods, in: "shop", ListOptions()).items.count == 2)
        #expect(bench.server.requests.count == 3)
    }

    @Test("An answer that is no list is a decode error")
    func noList() async throws {
        let bench = try Bench { _, _ in [.answer(200, "{}")] }
        defer { bench.server.stop() }
        #expect(await failure { () async throws(KubeError) in try await bench.client.list(.pods, in: nil, ListOptions()) }?.code == .decode)
    }
}
