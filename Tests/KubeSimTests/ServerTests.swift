// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing
@testable import KubeSim

@Suite struct ServerTests {
    @Test("who brings no token, or a wrong one, is told 401; who trusts another authority does not connect")
    func authenticates() async throws {
        try await TestCluster.run { $0.users = [.init(name: "carol", token: "secret")] } _: { cluster in
            let stranger = try await cluster.request("GET", pods, token: "wrong")
            #expect(stranger.json == [
                "kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Failure", "message": "Unauthorized",
                "reason": "Unauthorized", "code": 401,
            ])
            let nobody = try await Command(
                "curl", "-sS", "--cacert", cluster.authorityPath, "-o", "/dev/null", "-w", "%{http_code}", cluster.sim.url + pods).run()
            #expect(nobody.output == "401")
            let untrusting = try await Command("curl", "-sS", cluster.sim.url + pods).run()
            #expect(untrusting.status == 60)
            #expect(try await cluster.request("GET", pods, token: "secret").status == 200)
            #expect(cluster.sim.requests.map(\.user) == ["", "", "carol"])
        }
    }

    @Test("files with secrets are for their owner only, and a directory that others may read is refused")
    func protectsFiles() async throws {
        try await TestCluster.run { cluster in
            for name in ["ca.crt", "admin.kubeconfig", "requests.ndjson"] {
                let path = cluster.folder.appending(path: name).path(percentEncoded: false)
                let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
                #expect(mode == 0o600)
            }
        }
        let open = try Scratch.folder()
        defer { try? FileManager.default.removeItem(at: open) }
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: open.path(percentEncoded: false))
        var options = KubeSimOptions()
        options.credentialsDirectory = open.path(percentEncoded: false)
        await #expect(throws: KubeSimError.self) { _ = try await KubeSim.start(options) }
    }

    @Test("the log file has a line for each answer before the client has the answer")
    func logs() async throws {
        try await TestCluster.run { cluster in
            try await cluster.seed(pod("web-1"))
            _ = try await cluster.request(
                "PATCH", pods + "/web-1?fieldManager=test", ["metadata": ["labels": ["a": "b"]]], contentType: PatchKind.merge.rawValue)
            let text = try String(contentsOf: cluster.folder.appending(path: "requests.ndjson"), encoding: .utf8)
            let records = try text.split(separator: "\n").map { try JSONDecoder().decode(RequestRecord.self, from: Data($0.utf8)) }
            #expect(records == cluster.sim.requests)
            let record = try #require(records.last)
            #expect([record.verb, record.method, record.user, record.path] == ["patch", "PATCH", "admin", pods + "/web-1"])
            #expect([record.resource, record.namespace, record.name] == ["pods", "default", "web-1"])
            #expect(record.query == "fieldManager=test" && record.status == 200 && record.durationNanoseconds > 0)
            #expect(record.body == #"{"metadata":{"labels":{"a":"b"}}}"# && record.bodySHA256?.count == 64)
            let object = try JSON(parsing: Data(try #require(await cluster.sim.object("pods", namespace: "default", name: "web-1")).utf8))
            #expect(record.uid == object["metadata", "uid"]?.string)
        }
    }

    @Test("a request that the log file does not take is answered with 500")
    func needsItsLog() async throws {
        try await TestCluster.run { $0.requestLogPath = "/dev/full" } _: { cluster in
            let reply = try await cluster.request("GET", pods)
            #expect(reply.status == 500)
            #expect(reply.json["reason"] == "InternalError")
        }
    }

    @Test("injected answers carry their status, and Retry-After where one was ordered, and then are over")
    func injects() async throws {
        try await TestCluster.run { cluster in
            cluster.sim.inject(Fault(.answer(status: 429, retryAfterSeconds: 7), verb: "list", times: 2))
            cluster.sim.inject(Fault(.answer(status: 503), verb: "get", resource: "pods", name: "web-1"))
            for _ in 1...2 {
                let reply = try await cluster.request("GET", pods)
                #expect(reply.status == 429)
                #expect(reply.headers.lowercased().contains("retry-after: 7"))
                #expect(reply.json["details", "retryAfterSeconds"] == 7)
            }
            #expect(try await cluster.request("GET", pods).status == 200)
            #expect(try await cluster.request("GET", pods + "/web-1").json["reason"] == "ServiceUnavailable")
            #expect(try await cluster.request("GET", pods + "/web-1").status == 404)
        }
    }

    @Test("a connection cut after acting leaves the write done, one cut before leaves it undone")
    func drops() async throws {
        try await TestCluster.run { cluster in
            for (effect, expected) in [(Fault.Effect.dropBeforeActing, 404), (.dropAfterActing, 200)] {
                cluster.sim.inject(Fault(effect, verb: "create"))
                let reply = try await cluster.request("POST", pods, ["metadata": ["name": "web-1"]])
                #expect(reply.exit != 0 && reply.status == 0)
                #expect(try await cluster.request("GET", pods + "/web-1").status == expected)
            }
        }
    }

    @Test("an access review answers from the denials")
    func reviews() async throws {
        let denials = [KubeSimOptions.Denial(user: "carol", verb: "patch", resource: "pods", namespace: "kube-system")]
        try await TestCluster.run { $0.users = [.init(name: "carol", token: "secret")]; $0.denials = denials } _: { cluster in
            for (namespace, isAllowed) in [("kube-system", false), ("default", true)] {
                let review: JSON = [
                    "spec": ["resourceAttributes": ["verb": "patch", "resource": "pods", "namespace": .string(namespace)]],
                ]
                let reply = try await cluster.request(
                    "POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", review, token: "secret")
                #expect(reply.status == 201)
                #expect(reply.json["status", "allowed"] == .bool(isAllowed))
            }
        }
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        var method: String
        var path: String
        var body: JSON?
        var contentType = "application/json"
        var accept: String?
        var status: Int
        var reason: String
        var testDescription: String { "\(method) \(path) \(status)" }
    }

    @Test(
        "a request that cannot be served is refused with Kubernetes' reason",
        arguments: [
            Refusal(method: "GET", path: "/api/v1/cronjobs", status: 404, reason: "NotFound"),
            Refusal(method: "GET", path: pods + "/none", status: 404, reason: "NotFound"),
            Refusal(method: "GET", path: "/apis/apps/v1/namespaces/default/pods", status: 404, reason: "NotFound"),
            Refusal(method: "DELETE", path: pods, status: 405, reason: "MethodNotAllowed"),
            Refusal(method: "POST", path: "/api/v1/pods", body: ["metadata": ["name": "a"]], status: 405, reason: "MethodNotAllowed"),
            Refusal(method: "POST", path: pods, body: ["kind": "Node", "metadata": ["name": "a"]], status: 400, reason: "BadRequest"),
            Refusal(method: "POST", path: pods, body: ["metadata": ["name": "A_b"]], status: 422, reason: "Invalid"),
            Refusal(method: "PATCH", path: "/api/v1/namespaces/default", body: [:], status: 415, reason: "UnsupportedMediaType"),
            Refusal(method: "GET", path: pods + "?labelSelector=a+in+b", status: 400, reason: "BadRequest"),
            Refusal(method: "GET", path: pods + "?fieldSelector=spec.colour=red", status: 400, reason: "BadRequest"),
            Refusal(method: "GET", path: pods + "?watch=true&resourceVersion=x", status: 400, reason: "BadRequest"),
            Refusal(method: "GET", path: pods, accept: "text/html", status: 406, reason: "NotAcceptable"),
            Refusal(method: "GET", path: "/openapi/v2", accept: "text/html", status: 406, reason: "NotAcceptable"),
            Refusal(
                method: "POST", path: pods, body: [:], contentType: "application/vnd.kubernetes.protobuf", status: 400,
                reason: "BadRequest"),
        ])
    func refuses(_ refusal: Refusal) async throws {
        try await TestCluster.run { cluster in
            let reply = try await cluster.request(
                refusal.method, refusal.path, refusal.body, contentType: refusal.contentType, accept: refusal.accept)
            #expect(reply.status == refusal.status)
            #expect(reply.json["kind"] == "Status" && reply.json["status"] == "Failure")
            #expect(reply.json["code"] == .integer(Int64(refusal.status)))
            #expect(reply.json["reason"] == .string(refusal.reason))
        }
    }

    @Test("a list goes on from its continue token until all is told, in order")
    func pages() async throws {
        try await TestCluster.run { cluster in
            for name in ["c", "a", "e", "b", "d"] { try await cluster.seed(pod(name)) }
            var names: [String] = []
            var token = ""
            repeat {
                let list = try await cluster.request("GET", pods + "?limit=2" + (token.isEmpty ? "" : "&continue=" + token)).json
                names += (list["items"]?.elements ?? []).compactMap { $0["metadata", "name"]?.string }
                token = list["metadata", "continue"]?.string?.replacing("=", with: "%3D").replacing("+", with: "%2B") ?? ""
            } while !token.isEmpty && names.count < 10
            #expect(names == ["a", "b", "c", "d", "e"])
        }
    }
}
