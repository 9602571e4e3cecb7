// SPDX-License-Identifier: Apache-2.0
import EventModel
import Foundation
import MotoServer
import StubServer
import Synchronization
import Testing

@testable import AWSClient

/// What a service may answer that moto never does.
@Suite struct AnswerTests {
    /// An answer, and what the error about it must be and say.
    struct Case: Decodable, Sendable, CustomTestStringConvertible {
        var name: String
        var verb: String
        var status: Int
        var headers: [String]
        var body: String
        var code: String
        var says: [String]

        var testDescription: String { name }
    }

    static let cases: [Case] = {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "../Specs/aws/answers.json")
        return (try? JSONDecoder().decode([Case].self, from: Data(contentsOf: file))) ?? []
    }()

    // 2023-11-14T22:13:20Z on this machine.
    static let now = Timestamp(nanoseconds: 1_700_000_000_000_000_000)

    @Test("Each answer becomes a sentence that a person can act on", arguments: cases)
    func sentences(example: Case) async throws {
        let server = StubServer { _, _ in [.answer(example.status, example.body, headers: example.headers)] }
        defer { server.stop() }
        let cloud = try cloud(server.url)
        defer { cloud.shutDown() }
        let error = await failure { () async throws(AWSError) in
            switch example.verb {
            case "head": _ = try await cloud.bucket("evidence").head("k")
            case "check": try await cloud.bucket("evidence").check()
            case "list": _ = try await cloud.bucket("evidence").list(prefix: "")
            case "invoke":
                let call = LambdaCall(function: "respond", qualifier: "$LATEST", invocation: .requestResponse, payload: [])
                _ = try await cloud.lambda().invoke(call)
            case _: _ = try await cloud.bucket("evidence").put("k", [1], type: "text/plain")
            }
        }
        #expect(error?.code.rawValue == example.code)
        for words in example.says { #expect(error?.message.contains(words) == true, "\(error?.message ?? "")") }
        #expect(error?.message.contains("hush-hush") == false)
    }

    @Test("The cases are there")
    func count() { #expect(Self.cases.count >= 15) }

    @Test("A put whose answer was lost is asked again, and finds its own bytes")
    func lostAnswer() async throws {
        // SHA-256 of the byte 1.
        let checksum = "S/USLzRFVMU73i67jNK349FgCtYxw4Wl18ziPHeFRZo="
        let server = StubServer { request, count in
            switch (request.method, count) {
            case ("PUT", 0): [.close]
            case ("PUT", _): [.answer(412, "<Error><Code>PreconditionFailed</Code></Error>")]
            case _: [.send(Array("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nx-amz-checksum-sha256: \(checksum)\r\n\r\n".utf8))]
            }
        }
        defer { server.stop() }
        let cloud = try cloud(server.url)
        defer { cloud.shutDown() }
        let bucket = try cloud.bucket("evidence")
        #expect(try await bucket.put("k", [1], type: "text/plain") == .alreadyThere)
        #expect(server.requests.map(\.method) == ["PUT", "PUT", "HEAD"])
        #expect(server.requests.allSatisfy { $0.headers["if-none-match"] == "*" || $0.method == "HEAD" })
    }

    @Test("Where the server keeps no checksum, the bytes that are there are read and compared")
    func noChecksum() async throws {
        let server = StubServer { request, _ in
            switch request.method {
            case "PUT": [.answer(412, "")]
            case "HEAD": [.send(Array("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n".utf8))]
            case _: [.answer(200, "same")]
            }
        }
        defer { server.stop() }
        let cloud = try cloud(server.url)
        defer { cloud.shutDown() }
        let bucket = try cloud.bucket("evidence")
        #expect(try await bucket.put("k", Array("same".utf8), type: "text/plain") == .alreadyThere)
        let other = await failure { () async throws(AWSError) in try await bucket.put("k", Array("else".utf8), type: "text/plain") }
        #expect(other?.code == .alreadyExists)
    }

    @Test("A service that is slow for a moment is asked again; a function is never invoked twice after a lost answer")
    func repeats() async throws {
        let busy = StubServer { _, count in [count < 2 ? .answer(503, "<Error><Code>SlowDown</Code></Error>") : .answer(200, "")] }
        defer { busy.stop() }
        let cloud = try cloud(busy.url)
        defer { cloud.shutDown() }
        #expect(try await cloud.bucket("evidence").put("k", [1], type: "text/plain") == .stored)
        #expect(busy.requests.count == 3)

        let lost = StubServer { _, _ in [.close] }
        defer { lost.stop() }
        let other = try self.cloud(lost.url)
        defer { other.shutDown() }
        for (invocation, count) in [(LambdaInvocation.requestResponse, 1), (.event, 2), (.dryRun, 5)] {
            let call = LambdaCall(function: "respond", qualifier: "1", invocation: invocation, payload: Array("{}".utf8))
            let error = await failure { () async throws(AWSError) in try await other.lambda().invoke(call) }
            #expect(error?.code == .transport && error?.mayHaveHappened == true)
            #expect(lost.requests.count == count)
        }
    }

    @Test("A session that is over is renewed once, and the call made again")
    func renewed() async throws {
        let server = StubServer { request, _ in
            let isOld = request.headers["authorization"]?.contains("OLD") == true
            return [isOld ? .answer(400, "<Error><Code>ExpiredToken</Code></Error>") : .answer(200, "")]
        }
        defer { server.stop() }
        let reads = Mutex(0)
        let surroundings = AWSSurroundings(
            environment: ["HOME": "/h"],
            readFile: { path in
                guard path == "/h/.aws/credentials" else { return nil }
                let isFirst = reads.withLock { $0 += 1; return $0 <= 1 }
                return Array("[default]\naws_access_key_id=\(isFirst ? "OLD" : "NEW")\naws_secret_access_key=s\n".utf8)
            }, now: { Self.now }, sleep: { _ in })
        let cloud = try AWSCloud(AWSSettings(region: "eu-west-1", endpoint: server.url, isPathStyle: true), surroundings)
        defer { cloud.shutDown() }
        #expect(try await cloud.bucket("evidence").put("k", [1], type: "text/plain") == .stored)
        #expect(server.requests.count == 2)
    }

    @Test("Nobody there is told as that, with the address")
    func nobody() async throws {
        let server = StubServer { _, _ in [] }
        server.stop()
        let cloud = try cloud(server.url)
        defer { cloud.shutDown() }
        let error = await failure { () async throws(AWSError) in try await cloud.bucket("evidence").put("k", [1], type: "text/plain") }
        #expect(error?.code == .transport && error?.message.contains(server.url) == true)
    }

    private func cloud(_ url: String) throws -> AWSCloud {
        let surroundings = AWSSurroundings(
            environment: ["AWS_ACCESS_KEY_ID": "AKIDTEST", "AWS_SECRET_ACCESS_KEY": "hush-hush", "AWS_ENDPOINT_URL": url],
            now: { Self.now }, sleep: { _ in })
        return try AWSCloud(AWSSettings(region: "eu-west-1", isPathStyle: true), surroundings)
    }
}

@Suite struct AddressTests {
    @Test("A bucket's address follows from its name, the region and the server", arguments: [
        ("evidence", "eu-west-1", "", false, "https://evidence.s3.eu-west-1.amazonaws.com", ""),
        ("evidence", "eu-west-1", "", true, "https://s3.eu-west-1.amazonaws.com", "/evidence"),
        ("with.dots", "us-east-1", "", false, "https://s3.us-east-1.amazonaws.com", "/with.dots"),
        ("evidence", "cn-north-1", "", false, "https://evidence.s3.cn-north-1.amazonaws.com.cn", ""),
        ("evidence", "x", "http://minio:9000", false, "http://evidence.minio:9000", ""),
        ("evidence", "x", "http://minio:9000/", true, "http://minio:9000", "/evidence"),
        ("evidence", "x", "https://host/base/", true, "https://host", "/base/evidence"),
        ("evidence", "x", "http://127.0.0.1:9000", false, "http://127.0.0.1:9000", "/evidence"),
        ("Old_Bucket", "us-east-1", "", false, "https://s3.us-east-1.amazonaws.com", "/Old_Bucket"),
    ])
    func places(bucket: String, region: String, endpoint: String, isPathStyle: Bool, origin: String, base: String) throws {
        let address = try S3Address(
            bucket: bucket, region: region, endpoint: endpoint.isEmpty ? nil : endpoint, isPathStyle: isPathStyle)
        #expect(address.origin == origin && address.base == base)
        #expect(address.path(of: "a b/c+~.json") == base + "/a%20b/c%2B~.json")
    }

    @Test("What is no bucket or no server is refused", arguments: [
        ("ab", ""), ("", ""), ("a/b", ""), ("..", ""), ("a..b", ""), ("-ab", ""), ("evil.example/x", ""), ("ok-bucket", "minio:9000"),
        ("ok-bucket", "ftp://minio"), ("ok-bucket", "http://user@minio"), ("ok-bucket", "http://minio?x"), ("ok-bucket", "http://"),
        (String(repeating: "x", count: 64), ""),
    ])
    func refusals(bucket: String, endpoint: String) {
        let error = #expect(throws: AWSError.self) {
            try S3Address(bucket: bucket, region: "eu-west-1", endpoint: endpoint.isEmpty ? nil : endpoint, isPathStyle: false)
        }
        #expect(error?.code == .config)
    }

    @Test("No region, and one that would leave its place in a host's name, are refused")
    func regions() throws {
        let surroundings = Machine(environment: ["HOME": "/none"]).surroundings
        for region in ["", "eu-west-1.evil.example/", "EU"] {
            let cloud = try AWSCloud(AWSSettings(region: region), surroundings)
            defer { cloud.shutDown() }
            #expect(throws: AWSError.self) { try cloud.bucket("evidence") }
            #expect(throws: AWSError.self) { try cloud.lambda() }
        }
    }
}

@Suite(.enabled(if: TestPython.isWanted)) struct LambdaTests {
    @Test("A function is run, queued or only checked, as asked")
    func invocations() async throws {
        try await MotoServer.run { moto in
            let cloud = try moto.cloud()
            defer { cloud.shutDown() }
            let payload = Array(#"{"rule":"x"}"#.utf8)
            for (invocation, status) in [(LambdaInvocation.requestResponse, 200), (.event, 202), (.dryRun, 204)] {
                let call = LambdaCall(function: "respond", qualifier: "$LATEST", invocation: invocation, payload: payload)
                let answer = try await cloud.lambda().invoke(call)
                #expect(answer.status == status)
                if invocation == .requestResponse { #expect(answer.payload == payload) }
            }
        }
    }
}
