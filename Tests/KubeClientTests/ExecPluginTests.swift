// SPDX-License-Identifier: Apache-2.0

import EventModel
import Foundation
import StubServer
import Synchronization
import Testing
import Transport

@testable import KubeClient

private func answer(
    _ status: String, version: ExecPlugin.Version = .v1, kind: String = "ExecCredential"
) -> String {
    #"{"apiVersion":"\#(version.rawValue)","kind":"\#(kind)","status":\#(status)}"#
}

@Suite struct PluginAnswerTests {
    let plugin = ExecPlugin(.v1, command: "get-token", installHint: "apt install get-token")
    let now = Timestamp(nanoseconds: 1_000_000_000_000_000)

    private func read(_ text: String) -> Result<PluginCredential, KubeError> {
        do throws(KubeError) { return .success(try PluginCredential.read(Array(text.utf8), from: plugin, at: now)) } catch {
            return .failure(error)
        }
    }

    @Test("A token, a certificate with its key and an end are read")
    func good() throws {
        let both = #"{"token":"abc","clientCertificateData":"C","clientKeyData":"K","expirationTimestamp":"2026-01-02T03:04:05Z"}"#
        let found = try read(answer(both)).get()
        let expected = PresentedCredential(authorization: "Bearer abc", certificate: Array("C".utf8), key: Array("K".utf8))
        #expect(found.presented == expected && found.expiry == Timestamp("2026-01-02T03:04:05Z"))
        #expect(try read(answer(#"{"token":"abc","expirationTimestamp":null}"#)).get().expiry == nil)
    }

    @Test("What cannot be used is an error that names the command, what is wrong and how to install it", arguments: [
        ("", "no JSON"), ("hello", "no JSON"), (answer(#"{"token":"a"}"#, kind: "Pod"), "no ExecCredential"),
        (answer(#"{"token":"a"}"#, version: .v1beta1), "apiVersion 'client.authentication.k8s.io/v1beta1'"),
        (answer("null"), "without status"), (answer("{}"), "neither a token nor"), (answer(#"{"token":""}"#), "neither a token nor"),
        (answer(#"{"token":7}"#), "status.token"), (answer(#"{"clientCertificateData":"C"}"#), "come together"),
        (answer(#"{"token":"a","expirationTimestamp":"tomorrow"}"#), "expirationTimestamp"),
    ])
    func bad(_ text: String, _ words: String) {
        guard case .failure(let error) = read(text) else {
            Issue.record("it was taken")
            return
        }
        #expect(error.code == .credential && error.isKnownUnsent && !error.isTransient)
        #expect(error.message.contains("'get-token'") && error.message.contains(words) && error.message.contains("apt install get-token"))
    }

    @Test("A credential is given out until a minute before its end, a short-lived one until a tenth of its life is left", arguments: [
        (3600, 3500, true), (3600, 3541, false), (100, 85, true), (100, 91, false), (-5, 0, false),
    ])
    func freshness(_ life: Int, _ age: Int, _ isFresh: Bool) {
        func moment(_ seconds: Int) -> Timestamp { Timestamp(nanoseconds: UInt64(1_000_000 + seconds) * 1_000_000_000) }
        let credential = PluginCredential(presented: PresentedCredential(), expiry: moment(life), obtained: moment(0))
        #expect(credential.isFresh(at: moment(age)) == isFresh)
        #expect(PluginCredential(presented: PresentedCredential(), expiry: nil, obtained: moment(0)).isFresh(at: moment(age)))
    }
}

@Suite struct PluginRunTests {
    let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private func failure(_ plugin: ExecPlugin) async -> KubeError? {
        await KubeClientTests.failure { () async throws(KubeError) in try await plugin.obtain(at: Timestamp(nanoseconds: 0)) }
    }

    @Test("A plugin gets its arguments, its environment and what it is asked, and nothing on its standard input")
    func run() async throws {
        try scratch.program("get-token", """
            printf '%s' "$1|$2|$COLOUR|$(cat)|$(ls /proc/self/fd | tr '\\n' ' ')" >"$OUT"
            printf '%s' "$KUBERNETES_EXEC_INFO" >"$OUT.info"
            printf '%s' '\(answer(#"{"token":"abc"}"#))'
            """)
        let plugin = ExecPlugin(
            .v1, command: "get-token", arguments: ["a b", "$HOME"],
            environment: ["PATH": "/nowhere:\(scratch.path):/usr/bin:/bin", "COLOUR": "red", "OUT": scratch.path + "/seen"],
            cluster: ["server": "https://x"])
        let leak = open("/dev/null", O_RDONLY)
        defer { close(leak) }
        #expect(try await plugin.obtain(at: Timestamp(nanoseconds: 0)).presented.authorization == "Bearer abc")
        // Number 3 is the folder that ls reads.
        #expect(try scratch.text("seen") == "a b|$HOME|red||0 1 2 3 ")
        #expect(JSONText.read(Array(try scratch.text("seen.info").utf8)) == [
            "apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential",
            "spec": ["interactive": false, "cluster": ["server": "https://x"]],
        ])
    }

    @Test("A plugin that fails is quoted; one that is missing, or no program, is named with where it was looked for")
    func failures() async throws {
        try scratch.program("fails", "echo 'please log in first' >&2; exit 3")
        try scratch.program("dies", "kill -9 $$")
        try scratch.write("text", "no program")
        func said(_ command: String) async -> String {
            let plugin = ExecPlugin(
                .v1, command: command, environment: ["PATH": scratch.path + ":/usr/bin:/bin"], installHint: "see example.com")
            let error = await failure(plugin)
            return (error?.code == .credential && error?.isKnownUnsent == true ? "" : "wrong code ") + (error?.message ?? "it worked")
        }
        let failed = "the credential plugin 'fails' ended with code 3; it said: please log in first. Its kubeconfig says: see example.com"
        #expect(await said("fails") == failed)
        #expect(await said("dies").hasPrefix("the credential plugin 'dies' was ended by signal 9"))
        #expect(await said("no-such-program").contains("is not there: it was looked for as \(scratch.path)/no-such-program, /usr/bin/"))
        #expect(await said(scratch.path + "/text").contains("cannot be started: Permission denied"))
    }

    @Test("A plugin that hangs is ended with all its children at its time limit, and one that prints without end at the size limit")
    func limits() async throws {
        let slow = try scratch.program("slow", "sleep 60 & echo $! >\(scratch.path)/child; wait")
        let started = ContinuousClock.now
        let late = await failure(ExecPlugin(.v1, command: slow, environment: ["PATH": "/usr/bin:/bin"], timeLimit: .milliseconds(700)))
        #expect(late?.message.contains("did not answer within") == true && ContinuousClock.now - started < .seconds(20))
        let child = try #require(Int32(try scratch.text("child").trimmingCharacters(in: .whitespacesAndNewlines)))
        try await until { (try? String(contentsOfFile: "/proc/\(child)/stat", encoding: .utf8))?.contains(") Z") ?? true }
        let endless = await failure(ExecPlugin(.v1, command: "yes", environment: ["PATH": "/usr/bin:/bin"]))
        #expect(endless?.message.contains("printed more than a credential can be") == true)
    }

    @Test("A grandchild that holds the output open does not hold up the answer")
    func grandchild() async throws {
        let path = try scratch.program("forks", "sleep 20 & printf '%s' '\(answer(#"{"token":"abc"}"#))'")
        let started = ContinuousClock.now
        let found = try await ExecPlugin(.v1, command: path, environment: ["PATH": "/usr/bin:/bin"]).obtain(at: Timestamp(nanoseconds: 0))
        #expect(found.presented.authorization == "Bearer abc" && ContinuousClock.now - started < .seconds(10))
    }
}

@Suite struct CredentialTests {
    let scratch: Scratch

    init() throws { scratch = try Scratch() }

    /// A plugin that hands out token-1, token-2 ... each with that end.
    private func counting(_ end: String?) throws -> ClusterConnection.Credential {
        let status = #"{"token":"token-'$n'"\#(end.map { #","expirationTimestamp":"\#($0)""# } ?? "")}"#
        let path = try scratch.program("counting", """
            n=$(($(cat \(scratch.path)/count 2>/dev/null || echo 0) + 1)); echo $n >\(scratch.path)/count
            printf '%s' '\(answer(status))'
            """)
        return .exec(ExecPlugin(.v1, command: path, environment: ["PATH": "/usr/bin:/bin"]))
    }

    private func tokens(_ bench: Bench) -> [String?] { bench.server.requests.map { $0.headers["authorization"] } }

    @Test("A plugin runs once for many requests at once, and again when its credential nears its end")
    func refresh() async throws {
        let clock = Mutex(Timestamp("2026-01-01T00:00:00Z") ?? Timestamp(nanoseconds: 0))
        let server = StubServer { _, _ in [.answer(200, podText)] }
        defer { server.stop() }
        var surroundings = KubeClient.Surroundings()
        surroundings.now = { clock.withLock { $0 } }
        let connection = try ClusterConnection(server: server.url, credential: try counting("2026-01-01T01:00:00Z"))
        let client = KubeClient(connection, surroundings: surroundings)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<20 { group.addTask { _ = try? await client.get(pod) } }
        }
        #expect(server.requests.count == 20 && Set(server.requests.map { $0.headers["authorization"] }) == ["Bearer token-1"])
        clock.withLock { $0 = Timestamp("2026-01-01T00:59:30Z") ?? $0 }
        _ = try await client.get(pod)
        #expect(server.requests.last?.headers["authorization"] == "Bearer token-2")
    }

    @Test("After a 401 the plugin runs again, once; a write is sent again too, since a 401 is said before anything is done")
    func unauthorized() async throws {
        let bench = try Bench(credential: try counting(nil)) { request, _ in
            request.headers["authorization"] == "Bearer token-2" ? [.answer(200, podText)] : [.answer(401, status(401))]
        }
        defer { bench.server.stop() }
        _ = try await bench.client.delete(pod, DeleteOptions())
        #expect(tokens(bench) == ["Bearer token-1", "Bearer token-2"])
        let stubborn = try Bench(credential: try counting(nil)) { _, _ in [.answer(401, status(401))] }
        defer { stubborn.server.stop() }
        let error = await failure { () async throws(KubeError) in try await stubborn.client.get(pod) }
        #expect(error?.code == .unauthorized && stubborn.server.requests.count == 2)
    }

    @Test("After a 401 a token file is read again, and the same token is not tried a second time")
    func tokenFile() async throws {
        let path = try scratch.write("token", "old")
        let bench = try Bench(credential: .tokenFile(path)) { [scratch] _, count in
            if count == 0 { _ = try? scratch.write("token", "new") }
            return count == 1 ? [.answer(200, podText)] : [.answer(401, status(401))]
        }
        defer { bench.server.stop() }
        _ = try await bench.client.get(pod)
        #expect(await failure { () async throws(KubeError) in try await bench.client.get(pod) }?.code == .unauthorized)
        #expect(tokens(bench) == ["Bearer old", "Bearer new", "Bearer new"])
    }

    @Test("A watch renews its credential after a 401 and goes on")
    func watch() async throws {
        let bench = try Bench(credential: try counting(nil)) { request, _ in
            request.headers["authorization"] == "Bearer token-1" ? [.answer(401, status(401))] : [.answer(410, status(410))]
        }
        defer { bench.server.stop() }
        let error = await failure { () async throws(KubeError) in
            try await bench.client.watch(.pods, in: nil, ListOptions(), after: "1") { _ in }
        }
        #expect(error?.code == .gone && tokens(bench) == ["Bearer token-1", "Bearer token-2"])
    }

    @Test("A name and a password are sent as Basic, and no credential shows itself when printed")
    func basic() async throws {
        let bench = try Bench(credential: .basic(user: "ann", password: "päss")) { _, _ in [.answer(200, podText)] }
        defer { bench.server.stop() }
        _ = try await bench.client.get(pod)
        #expect(tokens(bench) == ["Basic YW5uOnDDpHNz"])
        let plugin = ExecPlugin(.v1, command: "x", arguments: ["--password=päss"], environment: ["KEY": "päss"])
        #expect(!"\(bench.client.connection) \(plugin)".contains("päss") && !String(reflecting: plugin).contains("päss"))
    }

    @Test("A certificate that a plugin hands out is shown in place of the connection's own")
    func certificate() async throws {
        let certificates = try TestCertificates()
        let peer = try TLSPeer(certificates, answers: ["/api/v1/namespaces/shop/pods/web-1": podText], asksForClientCertificate: true)
        defer { peer.stop() }
        func text(_ name: String) throws -> JSONValue { .string(String(decoding: try certificates.pem(name), as: UTF8.self)) }
        let json: JSONValue = [
            "apiVersion": .string(ExecPlugin.Version.v1beta1.rawValue), "kind": "ExecCredential",
            "status": ["clientCertificateData": try text("client.crt"), "clientKeyData": try text("client.key")],
        ]
        try scratch.write("answer", String(decoding: JSONText.write(json), as: UTF8.self))
        let path = try scratch.program("certificate", "cat \(scratch.path)/answer")
        let connection = try ClusterConnection(
            server: peer.url, tls: TLSSettings(authorities: try certificates.pem("ca.crt")),
            credential: .exec(ExecPlugin(.v1beta1, command: path, environment: ["PATH": "/usr/bin:/bin"])))
        #expect(try await KubeClient(connection, tryLimit: 1).get(pod)["metadata"]?["uid"] == "u-1")
    }
}

/// Waits for a condition, ten seconds at most.
func until(_ isTrue: () -> Bool) async throws {
    let deadline = ContinuousClock.now + .seconds(10)
    while !isTrue() {
        guard ContinuousClock.now < deadline else {
            Issue.record("it did not come true in time")
            return
        }
        try await Task.sleep(for: .milliseconds(5))
    }
}
