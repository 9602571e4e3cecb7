// SPDX-License-Identifier: Apache-2.0
import EventModel
import Foundation
import MotoServer
import StubServer
import Synchronization
import Testing
import Transport

@testable import AWSClient

/// A machine of environment, files and clock, all in memory.
struct Machine: Sendable {
    var environment: [String: String] = [:]
    var files: [String: String] = [:]

    var surroundings: AWSSurroundings {
        let files = files
        return AWSSurroundings(
            environment: environment, readFile: { files[$0].map { Array($0.utf8) } },
            now: { Timestamp(nanoseconds: 1_700_000_000_000_000_000) }, sleep: { _ in }, jitter: { 0 })
    }

    func source(profile: String = "") throws(AWSError) -> CredentialSource {
        try CredentialChain(settings: AWSSettings(profile: profile), surroundings: surroundings).source()
    }

    /// Access key and source's words of a fixed source.
    func fixed(profile: String = "") throws(AWSError) -> [String]? {
        guard case .fixed(let key) = try source(profile: profile) else { return nil }
        return [key.accessKey, key.secretKey, key.sessionToken ?? "", key.source]
    }
}

@Suite struct CredentialChainTests {
    static let files = [
        "/home/.aws/credentials": """
            # keys
            [default]
            aws_access_key_id = DEFAULT
            aws_secret_access_key= secret=with=signs
            [work]
            AWS_ACCESS_KEY_ID=WORK
            aws_secret_access_key=w
            aws_session_token = t
            """,
        "/home/.aws/config": """
            [default]
            region = eu-west-3
            aws_access_key_id = HIDDEN
            [profile  work]
            region=eu-north-1
            s3 =
              aws_access_key_id = NESTED
            [profile web]
            role_arn = arn:aws:iam::1:role/web
            web_identity_token_file = /token
            [profile chained]
            role_arn = arn:aws:iam::1:role/x
            source_profile = default
            [profile half]
            aws_access_key_id = HALF
            [profile plain]
            region = us-west-2
            """,
    ]

    let all = Machine(
        environment: [
            "HOME": "/home", "AWS_ACCESS_KEY_ID": "ENV", "AWS_SECRET_ACCESS_KEY": "e", "AWS_SESSION_TOKEN": "",
            "AWS_WEB_IDENTITY_TOKEN_FILE": "/irsa", "AWS_ROLE_ARN": "arn:aws:iam::1:role/irsa",
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://169.254.170.23/v1/credentials",
            "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "/eks", "AWS_CONTAINER_AUTHORIZATION_TOKEN": "old",
        ], files: files)

    @Test("The order is environment, shared files, web identity, container, instance")
    func order() throws {
        var machine = all
        #expect(try machine.fixed() == ["ENV", "e", "", "the environment"])
        machine.environment["AWS_ACCESS_KEY_ID"] = nil
        #expect(try machine.fixed() == ["DEFAULT", "secret=with=signs", "", "profile default"])
        machine.files = [:]
        #expect(try machine.source() == .webIdentity(role: "arn:aws:iam::1:role/irsa", tokenFile: "/irsa", session: "saker"))
        machine.environment["AWS_ROLE_ARN"] = nil
        #expect(try machine.source() == .container(url: "http://169.254.170.23/v1/credentials", token: .file("/eks")))
        machine.environment["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] = "/v2/x"
        #expect(try machine.source() == .container(url: "http://169.254.170.2/v2/x", token: .file("/eks")))
        #expect(try Machine().source() == .instance(endpoint: "http://169.254.169.254"))
        #expect(throws: AWSError.self) { try Machine(environment: ["AWS_EC2_METADATA_DISABLED": "True"]).source() }
    }

    @Test("A profile comes from the configuration, then AWS_PROFILE, then default; the credentials file stands over the config file")
    func profiles() throws {
        var machine = all
        #expect(try machine.fixed(profile: "work") == ["WORK", "w", "t", "profile work"])
        machine.environment["AWS_ACCESS_KEY_ID"] = nil
        machine.environment["AWS_PROFILE"] = "work"
        #expect(try machine.fixed()?.first == "WORK")
        #expect(AWSCloud.region(AWSSettings(), machine.surroundings) == "eu-north-1")
        #expect(AWSCloud.region(AWSSettings(profile: "plain"), machine.surroundings) == "us-west-2")
        #expect(AWSCloud.region(AWSSettings(region: "eu-central-1"), machine.surroundings) == "eu-central-1")
        #expect(try machine.source(profile: "web") == .webIdentity(role: "arn:aws:iam::1:role/web", tokenFile: "/token", session: "saker"))
        // A profile with a region and no keys leaves the rest of the chain to say.
        let irsa = CredentialSource.webIdentity(role: "arn:aws:iam::1:role/irsa", tokenFile: "/irsa", session: "saker")
        #expect(try machine.source(profile: "plain") == irsa)
    }

    @Test("What cannot be meant is an error that names it", arguments: [
        ("absent", "There is no profile 'absent' in /home/.aws/credentials and /home/.aws/config."),
        ("chained", "Profile 'chained' asks for role_arn, which Saker does not do"),
        ("half", "Profile 'half' has aws_access_key_id and no aws_secret_access_key"),
    ])
    func refusals(profile: String, message: String) {
        let error = #expect(throws: AWSError.self) { try all.source(profile: profile) }
        #expect(error?.code == .config && error?.message.hasPrefix(message) == true)
        var half = all
        half.environment["AWS_SECRET_ACCESS_KEY"] = nil
        #expect(throws: AWSError.self) { try half.source() }
    }

    @Test("Over plain HTTP only loopback and the two link-local endpoints are asked", arguments: [
        ("http://169.254.170.2/x", true), ("http://169.254.170.23/x", true), ("http://[fd00:ec2::23]/x", true),
        ("http://localhost:8080/x", true), ("http://127.0.0.1:1/x?y=1", true), ("http://127.9.9.9/", true), ("http://[::1]:1/", true),
        ("https://anybody.example/x", true), ("http://anybody.example/x", false), ("http://169.254.169.254/x", false),
        ("http://127.0.0.1.evil.example/x", false), ("http://127.1/x", false), ("http://10.0.0.1/x", false), ("ftp://127.0.0.1/", false),
        ("http://127.0.0.1@evil.example/", false), ("http://localhost.evil.example/", false), ("", false),
    ])
    func endpoints(url: String, isTrusted: Bool) {
        let error = Result { () throws(AWSError) in try CredentialChain.requireTrusted(url) }
        #expect(((try? error.get()) != nil) == isTrusted)
    }
}

@Suite struct CredentialCacheTests {
    /// A source that counts, with a clock of its own.
    final class Source: Sendable {
        struct State {
            var now: UInt64 = 1_000
            var fetches = 0
            var answer: Result<UInt64?, AWSError> = .success(nil)
        }

        let state = Mutex(State())

        var cache: CredentialCache {
            CredentialCache(now: { Timestamp(nanoseconds: self.state.withLock { $0.now } * 1_000_000_000) }) {
                await Task.yield()
                return self.state.withLock { state in
                    state.fetches += 1
                    let count = state.fetches
                    return state.answer.map { end in
                        AWSCredentials(
                            accessKey: "K\(count)", secretKey: "s", expiration: end.map { Timestamp(nanoseconds: $0 * 1_000_000_000) },
                            source: "test")
                    }
                }
            }
        }
    }

    @Test("Temporary keys are kept until five minutes before they end, and fetched anew then")
    func expiry() async throws {
        let source = Source()
        let cache = source.cache
        source.state.withLock { $0.answer = .success(2_000) }
        #expect(try await cache.current().accessKey == "K1")
        source.state.withLock { $0.now = 1_699 }
        #expect(try await cache.current().accessKey == "K1")
        source.state.withLock { ($0.now, $0.answer) = (1_700, .success(3_000)) }
        #expect(try await cache.current().accessKey == "K2")
        await cache.forget()
        #expect(try await cache.current().accessKey == "K3")
    }

    @Test("When no newer keys can be had, the old ones serve to their end, and then the error is told")
    func outage() async throws {
        let source = Source()
        let cache = source.cache
        source.state.withLock { $0.answer = .success(2_000) }
        _ = try await cache.current()
        source.state.withLock { ($0.now, $0.answer) = (1_900, .failure(AWSError(.noCredentials, "down"))) }
        #expect(try await cache.current().accessKey == "K1")
        source.state.withLock { $0.now = 2_000 }
        #expect(await failure { () async throws(AWSError) in try await cache.current() }?.message == "down")
    }

    @Test("Keys without an end are looked up again after five minutes, so that a rotated one is seen")
    func rotation() async throws {
        let source = Source()
        let cache = source.cache
        #expect(try await cache.current().accessKey == "K1")
        source.state.withLock { $0.now += 299 }
        #expect(try await cache.current().accessKey == "K1")
        source.state.withLock { $0.now += 1 }
        #expect(try await cache.current().accessKey == "K2")
    }

    @Test("A hundred callers at once cause one fetch")
    func once() async {
        let source = Source()
        let cache = source.cache
        let keys = await withTaskGroup(of: String?.self) { group in
            for _ in 0..<100 { group.addTask { try? await cache.current().accessKey } }
            return await group.reduce(into: Set<String?>()) { $0.insert($1) }
        }
        #expect(keys == ["K1"])
        #expect(source.state.withLock { $0.fetches } == 1)
    }
}

@Suite struct CredentialFetchTests {
    static let keys = #"{"Code":"Success","AccessKeyId":"ASIA1","SecretAccessKey":"s","Token":"t","Expiration":"2033-05-18T03:33:20Z"}"#

    @Test("The container's endpoint is shown the token of its file, read again each time")
    func container() async throws {
        let server = StubServer { request, _ in
            let isKnown = request.headers["authorization"] == "from-file"
            return [isKnown ? .answer(200, Self.keys) : .answer(401, "no")]
        }
        defer { server.stop() }
        let machine = Machine(files: ["/token": "from-file\n", "/wrong": "other"])
        let found = try await fetch(.container(url: server.url + "/v1/credentials", token: .file("/token")), machine)
        #expect(found.accessKey == "ASIA1" && found.sessionToken == "t")
        #expect(found.expiration == Timestamp("2033-05-18T03:33:20Z"))
        let refused = await failure { () async throws(AWSError) in
            try await fetch(.container(url: server.url, token: .file("/wrong")), machine)
        }
        #expect(refused?.code == .noCredentials && refused?.message.contains("HTTP 401") == true)
        let absent = await failure { () async throws(AWSError) in
            try await fetch(.container(url: server.url, token: .file("/none")), machine)
        }
        #expect(absent?.message.contains("/none") == true)
    }

    @Test("The instance's service is asked by its second version: a token by PUT, then the role, then its keys")
    func instance() async throws {
        let server = StubServer { request, _ in
            switch (request.method, request.target) {
            case ("PUT", "/latest/api/token"): [.answer(200, "TOKEN")]
            case ("GET", "/latest/meta-data/iam/security-credentials/"): [.answer(200, "the role")]
            case ("GET", "/latest/meta-data/iam/security-credentials/the%20role"): [.answer(200, Self.keys)]
            case _: [.answer(404, "")]
            }
        }
        defer { server.stop() }
        let found = try await fetch(.instance(endpoint: server.url), Machine())
        #expect(found.accessKey == "ASIA1" && found.source == "the instance's metadata service")
        #expect(server.requests.map { $0.headers["x-aws-ec2-metadata-token"] } == [nil, "TOKEN", "TOKEN"])
        #expect(server.requests.first?.headers["x-aws-ec2-metadata-token-ttl-seconds"] == "21600")
    }

    @Test("An instance without a token service is not asked by the first version, and nobody there is said with what to do")
    func noInstance() async throws {
        let old = StubServer { _, _ in [.answer(403, "")] }
        defer { old.stop() }
        #expect(await failure { () async throws(AWSError) in try await fetch(.instance(endpoint: old.url), Machine()) }?.status == 403)
        #expect(old.requests.count == 1)
        let gone = StubServer { _, _ in [.close] }
        defer { gone.stop() }
        let error = await failure { () async throws(AWSError) in try await fetch(.instance(endpoint: gone.url), Machine()) }
        #expect(error?.code == .noCredentials)
        #expect(error?.message.contains("AWS_ACCESS_KEY_ID") == true && error?.message.contains("hop limit must be 2") == true)
    }

    @Test("What is no credentials is refused", arguments: [
        "", "null", "[]", "{}", "<html>", #"{"AccessKeyId":"a"}"#, #"{"AccessKeyId":"","SecretAccessKey":""}"#,
    ])
    func nonsense(body: String) {
        #expect(throws: AWSError.self) { try CredentialFetcher.credentials(Array(body.utf8), "test") }
    }

    @Test("A web identity becomes credentials through STS, and STS tells who calls", .enabled(if: TestPython.isWanted))
    func webIdentity() async throws {
        try await MotoServer.run { moto in
            let token = FileManager.default.temporaryDirectory.appending(path: "saker-token-\(UUID().uuidString)")
            try Data("header.payload.signature\n".utf8).write(to: token)
            defer { try? FileManager.default.removeItem(at: token) }
            let cloud = try moto.cloud(nil, [
                "AWS_ACCESS_KEY_ID": "", "AWS_SHARED_CREDENTIALS_FILE": "/none", "AWS_CONFIG_FILE": "/none",
                "AWS_WEB_IDENTITY_TOKEN_FILE": token.path, "AWS_ROLE_ARN": "arn:aws:iam::123456789012:role/saker",
            ])
            defer { cloud.shutDown() }
            let identity = try await cloud.sts().callerIdentity()
            #expect(identity.account == "123456789012")
            #expect(identity.arn == "arn:aws:sts::123456789012:assumed-role/saker/saker")
            #expect(try await cloud.bucket("saker-results").put("by-irsa", [1], type: "text/plain") == .stored)
        }
    }

    private func fetch(_ source: CredentialSource, _ machine: Machine) async throws(AWSError) -> AWSCredentials {
        let http = HTTPClient()
        defer { http.shutDown() }
        return try await CredentialFetcher(http: http, region: "eu-west-1", surroundings: machine.surroundings).fetch(source)
    }
}
