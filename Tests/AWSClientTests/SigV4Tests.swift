// SPDX-License-Identifier: Apache-2.0
import EventModel
import Foundation
import Hashing
import MotoServer
import Testing
import Transport

@testable import AWSClient

@Suite struct SigV4Tests {
    /// AWS's own vectors as Tests/Specs/aws/sigv4.json keeps them.
    struct Suite: Decodable {
        var accessKey: String
        var secretKey: String
        var region: String
        var service: String
        var time: String
        var vectors: [Vector]
    }

    struct Vector: Decodable, CustomTestStringConvertible {
        var name: String
        var normalize: Bool
        var signBody: Bool
        var token: String?
        var omitToken: Bool
        var request: String
        var canonical: String
        var toSign: String
        var signature: String

        var testDescription: String { name }
    }

    static let suite: Suite? = {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "../Specs/aws/sigv4.json")
        return try? JSONDecoder().decode(Suite.self, from: Data(contentsOf: file))
    }()

    @Test("AWS's own test vectors: canonical request, string to sign and signature are the same", arguments: suite?.vectors ?? [])
    func vectors(vector: Vector) throws {
        let suite = try #require(Self.suite)
        // Where no path is normalized, the path is sent encoded, which is S3's way; the service's name is part of the key all the same.
        let request = try Self.request(vector)
        let key = AWSCredentials(
            accessKey: suite.accessKey, secretKey: suite.secretKey, sessionToken: vector.omitToken ? nil : vector.token, source: "test")
        let signer = SigV4Signer(key, region: suite.region, service: suite.service, path: vector.normalize ? .normalized : .asSent)
        let signed = signer.signed(request, at: try #require(Timestamp(suite.time)))
        let unsigned = { var copy = signed; copy.headers.removeAll { $0.name == "Authorization" }; return copy }()
        let canonical = signer.canonicalRequest(unsigned, payloadHash: Hex.text(SHA256.hash(request.body)))
        #expect(canonical.text == vector.canonical)
        #expect(signer.stringToSign(canonical.text, "20150830T123600Z") == vector.toSign)
        let authorization = try #require(signed.headers.last { $0.name == "Authorization" }).value
        #expect(authorization.hasSuffix("Signature=\(vector.signature)"))
    }

    @Test("There are as many vectors as AWS publishes")
    func count() throws { #expect(try #require(Self.suite).vectors.count == 38) }

    @Test("500 random requests get the Authorization header that botocore gives them", .enabled(if: TestPython.isWanted))
    func botocore() throws {
        let seed = ProcessInfo.processInfo.environment["SAKER_TEST_SEED"].flatMap { UInt32($0) } ?? 1
        let process = TestPython.process("sign.py", ["500", String(seed)])
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let lines = output.fileHandleForReading.readDataToEndOfFile().split(separator: UInt8(ascii: "\n"))
        process.waitUntilExit()
        #expect(lines.count == 500)
        for line in lines {
            let example = try JSONDecoder().decode(Example.self, from: line)
            let differs = try example.authorization != example.signed()
            #expect(!differs, "seed \(seed): \(String(decoding: line, as: UTF8.self))")
            if differs { break }
        }
    }

    @Test("Hashes and codes of known texts")
    func hashes() {
        #expect(Hex.text(SHA256.hash("abc".utf8)) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        let code = HMAC.sha256(Array("what do ya want for nothing?".utf8), key: Array("Jefe".utf8))
        #expect(Hex.text(code) == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
        #expect(HMAC.sha256([], key: []).count == 32)
    }

    @Test("Credentials never show their secret")
    func secrecy() {
        let key = AWSCredentials(accessKey: "AKID", secretKey: "hush-hush", sessionToken: "also-secret", source: "test")
        var dumped = ""
        dump(key, to: &dumped)
        for text in ["\(key)", String(reflecting: key), dumped] {
            #expect(text.contains("AKID") && !text.contains("hush-hush") && !text.contains("also-secret"))
        }
    }

    /// Reads a request as the vectors write it: header lines without a space, continued by indented ones.
    static func request(_ vector: Vector) throws -> AWSRequest {
        let parts = vector.request.split(separator: "\n\n", maxSplits: 1)
        var lines = parts[0].split(separator: "\n").map(String.init)
        let first = lines.removeFirst()
        let target = first.drop { $0 != " " }.dropFirst().replacing(" HTTP/1.1", with: "")
        let sides = target.split(separator: "?", maxSplits: 1).map(String.init)
        var headers: [HTTPHeader] = []
        for line in lines {
            if line.hasPrefix(" "), let last = headers.popLast() {
                headers.append(HTTPHeader(last.name, last.value + "\n" + line))
            } else {
                let colon = try #require(line.firstIndex(of: ":"))
                headers.append(HTTPHeader(String(line[..<colon]), String(line[line.index(after: colon)...])))
            }
        }
        let method = try #require(HTTPRequest.Method(rawValue: String(first.prefix { $0 != " " })))
        let host = try #require(headers.first { $0.name == "Host" }).value
        headers.removeAll { $0.name == "Host" }
        if vector.omitToken { headers.removeAll { $0.name == "X-Amz-Security-Token" } }
        let body = parts.count > 1 ? Array(parts[1].utf8) : []
        if vector.signBody { headers.append(HTTPHeader("X-Amz-Content-Sha256", Hex.text(SHA256.hash(body)))) }
        let path = vector.normalize ? sides[0] : PercentEncoding.encode(sides[0], keeping: "/")
        return AWSRequest(
            method, "https://" + host, path, query: query(sides.count > 1 ? sides[1] : ""), headers: headers, body: body)
    }

    private static func query(_ text: String) -> [(name: String, value: String)] {
        text.split(separator: "&").map { pair in
            let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let plain = sides.map { String($0).removingPercentEncoding ?? String($0) }
            return (name: plain[0], value: plain.count > 1 ? plain[1] : "")
        }
    }
}

/// A request and what botocore signs it with, as sign.py prints it.
struct Example: Decodable {
    var method: String
    var service: String
    var region: String
    var origin: String
    var path: String
    var query: [[String]]
    var headers: [[String]]
    var body: Data
    var accessKey: String
    var secretKey: String
    var token: String?
    var time: UInt64
    var authorization: String

    func signed() throws -> String? {
        let key = AWSCredentials(accessKey: accessKey, secretKey: secretKey, sessionToken: token, source: "test")
        let request = AWSRequest(
            try #require(HTTPRequest.Method(rawValue: method)), origin, path, query: query.map { (name: $0[0], value: $0[1]) },
            headers: headers.map { HTTPHeader($0[0], $0[1]) }, body: Array(body))
        let signed = SigV4Signer(key, region: region, service: service)
            .signed(request, at: Timestamp(nanoseconds: time * 1_000_000_000))
        return signed.headers.last { $0.name == "Authorization" }?.value
    }
}
