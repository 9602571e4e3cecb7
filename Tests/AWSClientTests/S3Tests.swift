// SPDX-License-Identifier: Apache-2.0
import EventModel
import Foundation
import MotoServer
import StubServer
import Testing

@testable import AWSClient

@Suite(.enabled(if: TestPython.isWanted)) struct S3Tests {
    // moto refuses botocore's own signature of a key with spaces or percent signs; the vectors prove those.
    @Test("What is put is there under its key, byte by byte, with its checksum", arguments: [
        (true, ["2023/11/14/shop/web-1/x.json", "plain.json"]),
        (false, ["2023/11/14/shop/web-1/%2Ehidden~1.json", "a/b c/ä+%.json", "plain.json", "q?x=1&y#z"]),
    ])
    func putAndGet(isChecked: Bool, keys: [String]) async throws {
        try await MotoServer.run(isChecked: isChecked) { moto in
            let cloud = try moto.cloud()
            defer { cloud.shutDown() }
            let bucket = try cloud.bucket("saker-results")
            for key in keys {
                let bytes = Array("value of \(key)".utf8)
                #expect(try await bucket.put(key, bytes, type: "application/json") == .stored)
                #expect(try await bucket.get(key) == bytes)
                let head = try #require(try await bucket.head(key))
                #expect(head.size == bytes.count && head.sha256 != nil)
            }
            #expect(try await bucket.head("nobody") == nil)
            #expect(await failure { () async throws(AWSError) in try await bucket.get("nobody") }?.code == .notFound)
            #expect(try await bucket.list(prefix: "").map(\.key) == keys)
        }
    }

    @Test("The same object again is there already; another one under its key is refused and changes nothing")
    func neverOverwritten() async throws {
        try await MotoServer.run { moto in
            let cloud = try moto.cloud()
            defer { cloud.shutDown() }
            let bucket = try cloud.bucket("saker-results")
            #expect(try await bucket.put("k", [1, 2, 3], type: "text/plain") == .stored)
            #expect(try await bucket.put("k", [1, 2, 3], type: "text/plain") == .alreadyThere)
            let refused = await failure { () async throws(AWSError) in try await bucket.put("k", [3, 2, 1], type: "text/plain") }
            #expect(refused?.code == .alreadyExists && refused?.status == 412)
            #expect(try await bucket.get("k") == [1, 2, 3])
        }
    }

    @Test("A long list comes page by page")
    func pages() async throws {
        try await MotoServer.run { moto in
            let cloud = try moto.cloud()
            defer { cloud.shutDown() }
            let bucket = try cloud.bucket("saker-results")
            for index in 100..<165 { _ = try await bucket.put("many/\(index)", [], type: "text/plain") }
            let keys = try await bucket.list(prefix: "many/").map(\.key)
            #expect(keys == (100..<165).map { "many/\($0)" })
            #expect(try await bucket.list(prefix: "many/", limit: 7).count == 7)
            #expect(try await bucket.list(prefix: "none/") == [])
        }
    }

    @Test("A missing bucket and a wrong key are told apart, each with what to do")
    func refusals() async throws {
        try await MotoServer.run(isChecked: true) { moto in
            let cloud = try moto.cloud()
            defer { cloud.shutDown() }
            let absent = try cloud.bucket("absent-bucket")
            let error = await failure { () async throws(AWSError) in try await absent.put("k", [1], type: "text/plain") }
            #expect(error?.code == .noSuchBucket)
            #expect(error?.message.contains("s3:PutObject on s3://absent-bucket/k") == true)
            #expect(await failure { () async throws(AWSError) in try await absent.check() }?.code == .noSuchBucket)
            try await cloud.bucket("saker-results").check()
            let stranger = try moto.cloud(nil, ["AWS_SECRET_ACCESS_KEY": "wrong"])
            defer { stranger.shutDown() }
            let bucket = try stranger.bucket("saker-results")
            let refused = await failure { () async throws(AWSError) in try await bucket.put("k", [1], type: "text/plain") }
            #expect(refused?.code == .badCredentials && refused?.message.contains("the environment") == true)
            #expect(refused?.message.contains("wrong") == false)
        }
    }
}
