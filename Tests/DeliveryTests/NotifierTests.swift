// SPDX-License-Identifier: Apache-2.0
import Delivery
import EventModel
import Foundation
import KubeClient
import KubeSim
import StubServer
import Testing
import Transport

@Suite("Notifiers")
struct NotifierTests {
    @Test("A notice says what was done to what, how it ended, why, and how it is taken back")
    func text() {
        #expect(
            NoticeText(Sample.notice()).lines == [
                "DONE: kubernetes:label on pod shop/web-1 (#12)", "pod shop/web-1: label suspicious=true is set",
                "rule: Terminal shell in container (Notice)", "playbook: Contain, action: Mark", "trace: trace-12", "host: node-1",
                "undo: saker undo 12",
            ])
        let refused = NoticeText(Sample.notice(outcome: .refused(Refusal(.budget, "3 of 3"))))
        #expect(refused.undo == nil && refused.sentence == "budget: 3 of 3")
        #expect(NoticeText(Sample.notice(outcome: .unknown(check: "look"), occasion: .foundOpen)).title.hasPrefix("FOUND OPEN, UNKNOWN: "))
        #expect(NoticeText(Sample.notice(occasion: .observed)).undo == nil)
        #expect(!NoticeText(Sample.notice(rule: "a\nb\u{1b}[2J")).lines.joined().contains("\u{1b}"))
    }

    @Test("Slack gets one message in which nothing from outside is markup, at the address in the file")
    func slack() async throws {
        let scratch = try Scratch()
        let server = StubServer { _, _ in [.send(response(200))] }
        defer { server.stop() }
        let file = try scratch.file("slack", server.url + "/services/T0/B0/secret\n")
        let client = HTTPClient()
        let notifier = SlackNotifier(urlFile: file, client: client)
        #expect(await notifier.send(Sample.notice(rule: "<!channel> & <https://evil|x>"), key: "k") == .accepted)
        let request = try #require(server.requests.first)
        #expect(request.method == "POST" && request.target == "/services/T0/B0/secret")
        let text = try JSONDecoder().decode(JSONValue.self, from: Data(request.body.utf8))["text"]?.string ?? ""
        #expect(text.contains("rule: &lt;!channel&gt; &amp; &lt;https://evil|x&gt; (Notice)") && !text.contains("<"), "\(text)")
        #expect(text.hasSuffix("undo: `saker undo 12`"))
        // The address can be exchanged while Saker runs.
        _ = try scratch.file("slack", server.url + "/services/other")
        _ = await notifier.send(Sample.notice(), key: "k")
        #expect(server.requests.last?.target == "/services/other")
        client.shutDown()
    }

    @Test("What an answer means, and that no answer tells the secret address", arguments: [
        (200, "accepted"), (204, "accepted"), (400, "refused"), (422, "refused"), (301, "later"), (403, "later"), (404, "later"),
        (429, "later"), (500, "later"), (0, "later"),
    ])
    func meaning(status: Int, word: String) async throws {
        let scratch = try Scratch()
        let server = StubServer { _, _ in status == 0 ? [.close] : [.send(response(status, "no", headers: "Retry-After: 7\r\n"))] }
        defer { server.stop() }
        let client = HTTPClient()
        let notifier = SlackNotifier(urlFile: try scratch.file("slack", server.url + "/services/secret?a=b"), client: client)
        let answer = await notifier.send(Sample.notice(), key: "k")
        switch answer {
        case .accepted: #expect(word == "accepted")
        case .refused(let why): #expect(word == "refused" && why.contains("the address in \(scratch.folder)/slack answered \(status): no"))
        case .later(_, let wait): #expect(word == "later" && wait == (status == 0 ? nil : .seconds(7)))
        }
        #expect(!"\(answer)".contains("secret"), "\(answer)")
        client.shutDown()
    }

    @Test("Nobody at the address, and a file that is gone, are for later, and neither message holds the address")
    func nobody() async throws {
        let scratch = try Scratch()
        let server = StubServer { _, _ in [] }
        let file = try scratch.file("slack", server.url + "/services/secret")
        server.stop()
        let client = HTTPClient()
        for _ in 0..<2 {
            guard case .later(let why, nil) = await SlackNotifier(urlFile: file, client: client).send(Sample.notice(), key: "k") else {
                Issue.record("accepted by nobody")
                return
            }
            #expect(!why.contains("secret") && why.contains(file), "\(why)")
            try? FileManager.default.removeItem(atPath: file)
        }
        client.shutDown()
    }

    @Test("An address must be one, and plain HTTP is for this machine only", arguments: [
        ("https://hooks.example.com/x", true), ("http://127.0.0.1:8080/x", true), ("http://localhost/x", true),
        ("http://example.com/x", false), ("ftp://example.com/x", false), ("example.com", false), ("", false),
    ])
    func address(url: String, isFine: Bool) { #expect((NoticeAddress.url(url).objection == nil) == isFine) }

    @Test("HMAC-SHA256 gives what RFC 4231 says")
    func signature() {
        let body = Array("what do ya want for nothing?".utf8)
        #expect(
            WebhookNotifier.signature(of: body, secret: Array("Jefe".utf8))
                == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
    }

    @Test("A webhook gets the notice as JSON, signed, with its key and the token")
    func webhook() async throws {
        let scratch = try Scratch()
        let server = StubServer { _, _ in [.send(response(200))] }
        defer { server.stop() }
        let client = HTTPClient()
        let notifier = WebhookNotifier(
            .url(server.url + "/hook"), secretFile: try scratch.file("secret", "Jefe\n"), tokenFile: try scratch.file("token", "t0ken\n"),
            client: client)
        #expect(await notifier.send(Sample.notice(), key: "trace-12-4") == .accepted)
        let request = try #require(server.requests.first)
        let expected = WebhookNotifier.signature(of: Array(request.body.utf8), secret: Array("Jefe".utf8))
        #expect(request.headers["x-saker-signature"] == "sha256=" + expected)
        #expect(request.headers["idempotency-key"] == "trace-12-4" && request.headers["authorization"] == "Bearer t0ken")
        let body = try JSONDecoder().decode(JSONValue.self, from: Data(request.body.utf8))
        #expect(body["key"]?.string == "trace-12-4" && body["undo"]?.string == "saker undo 12")
        #expect(body["notice"]?["outcome"]?["result"]?.string == "done" && body["notice"]?["alert"]?["trace_id"]?.string == "trace-12")
        client.shutDown()
    }
}

@Suite("Kubernetes Events")
struct KubernetesEventTests {
    @Test("An outcome is an Event on the pod; on its controller when the pod is gone or was reborn; once, however often it is sent")
    func events() async throws {
        let scratch = try Scratch()
        let sim = try await KubeSim.start()
        let connection = try ClusterConnection.kubeconfig(try sim.kubeconfig(), name: "test", directory: scratch.folder)
        let client = KubeClient(connection, tryLimit: 1)
        try await sim.apply(#"{"kind":"Namespace","metadata":{"name":"shop"}}"#)
        try await sim.apply(#"{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web","namespace":"shop"},"spec":{}}"#)
        try await sim.apply(
            #"{"kind":"Pod","metadata":{"name":"web-1","namespace":"shop"},"spec":{"containers":[{"name":"m","image":"n"}]}}"#)
        let pod = try await client.get(ObjectReference(.pods, "web-1", in: "shop"))
        let notifier = KubernetesEventNotifier(client, now: { Sample.time })
        let notice = Sample.notice(uid: pod["metadata"]?["uid"]?.string)
        for _ in 0..<2 { #expect(await notifier.send(notice, key: "trace-12-4") == .accepted) }
        await sim.remove("pods", namespace: "shop", name: "web-1")
        #expect(await notifier.send(notice, key: "trace-12-9") == .accepted)
        let events = try await client.list(.events, in: "shop", ListOptions()).items
        #expect(events.count == 2)
        let first = try #require(events.first { $0["metadata"]?["name"]?.string == "saker-trace-12-4" })
        #expect(first["involvedObject"]?["kind"]?.string == "Pod" && first["involvedObject"]?["uid"] == pod["metadata"]?["uid"])
        #expect(first["reason"]?.string == "SakerDone" && first["type"]?.string == "Normal")
        let message = first["message"]?.string ?? ""
        for word in ["Terminal shell in container", "trace-12", "label suspicious=true is set", "saker undo 12"] {
            #expect(message.contains(word), "\(message)")
        }
        let second = try #require(events.first { $0["metadata"]?["name"]?.string == "saker-trace-12-9" })
        #expect(second["involvedObject"]?["kind"]?.string == "Deployment" && second["involvedObject"]?["name"]?.string == "web")
        #expect(await notifier.send(Sample.notice(namespace: nil), key: "k") == .accepted)
        client.shutDown()
        await sim.stop()
    }

    @Test("A server that is down or forbids it is asked again, one that has no such namespace is not")
    func errors() async throws {
        let scratch = try Scratch()
        let sim = try await KubeSim.start()
        let connection = try ClusterConnection.kubeconfig(try sim.kubeconfig(), name: "test", directory: scratch.folder)
        let client = KubeClient(connection, tryLimit: 1)
        let notifier = KubernetesEventNotifier(client, now: { Sample.time })
        for status in [403, 429, 500] {
            sim.inject(Fault(.answer(status: status), verb: "create"))
            guard case .later = await notifier.send(Sample.notice(namespace: "default"), key: "k") else {
                Issue.record("not later after \(status)")
                continue
            }
        }
        guard case .refused = await notifier.send(Sample.notice(namespace: "nowhere"), key: "k") else {
            Issue.record("an Event in no namespace")
            return
        }
        client.shutDown()
        await sim.stop()
    }
}
