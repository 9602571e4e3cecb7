// SPDX-License-Identifier: Apache-2.0

import AWSClient
import EventModel
import Foundation
import MotoServer
import Records
import Testing

@Suite(.enabled(if: TestPython.isWanted)) struct S3ResultStoreTests {
    @Test("A result is one object at its key below the prefix, with the chain's head, and is never overwritten")
    func stores() async throws {
        try await MotoServer.run { moto in
            let cloud = try moto.cloud()
            defer { cloud.shutDown() }
            let bucket = try cloud.bucket("saker-results")
            let store = S3ResultStore(bucket, prefix: "/saker/prod/")
            let record = Sample.result()
            let place = "s3://saker-results/saker/prod/" + record.key
            #expect(try await store.put(record) == .stored(at: place))
            #expect(try await store.put(record) == .alreadyThere(at: place))
            var other = record
            other.outcome = .skipped(why: "another story")
            #expect(await failure { try await store.put(other) }?.code == .conflict)
            let bytes = try await bucket.get("saker/prod/" + record.key)
            #expect(try JSONDecoder().decode(ResultRecord.self, from: Data(bytes)) == record)
            #expect(try await store.anchors() == [Anchor(source: record.key, head: record.head)])
            #expect(try await S3ResultStore(bucket, prefix: "").anchors().map(\.source) == ["saker/prod/" + record.key])
        }
    }

    @Test("A journal is held to the heads in the bucket")
    func verified() async throws {
        try await MotoServer.run { moto in
            let cloud = try moto.cloud()
            defer { cloud.shutDown() }
            let store = S3ResultStore(try cloud.bucket("saker-results"), prefix: "p")
            let scratch = try Scratch()
            try await filled(scratch)
            var record = Sample.result()
            record.head = try await JournalReader(path: scratch.journal).verify(anchors: []).head
            _ = try await store.put(record)
            #expect(try await JournalReader(path: scratch.journal).verify(anchors: store.anchors()).isSound)
            record.id = EntryID(9)
            record.head = ChainHead(seq: record.head.seq, hash: String(repeating: "0", count: 64))
            _ = try await store.put(record)
            #expect(try await !JournalReader(path: scratch.journal).verify(anchors: store.anchors()).isSound)
        }
    }

    @Test("A rehearsal keeps nothing and finds what would be in the way")
    func rehearsed() async throws {
        try await MotoServer.run { moto in
            let cloud = try moto.cloud()
            defer { cloud.shutDown() }
            let store = RehearsalObjectStore(S3ResultStore(try cloud.bucket("saker-results"), prefix: "p"))
            #expect(try await store.keep([1], under: "k", type: "text/plain") == .rehearsed(would: "s3://saker-results/p/k"))
            #expect(try await cloud.bucket("saker-results").list(prefix: "") == [])
            let absent = RehearsalObjectStore(S3ResultStore(try cloud.bucket("absent-bucket"), prefix: "p"))
            #expect(await failure { try await absent.keep([1], under: "k", type: "text/plain") }?.code == .io)
        }
    }
}

@Suite struct ResultsPlaceTests {
    @Test("A place is a folder or a bucket with a prefix", arguments: [
        ("/var/lib/saker", ResultsPlace.folder("/var/lib/saker")), ("relative", .folder("relative")),
        ("s3://bucket", .bucket("bucket", prefix: "")), ("s3://bucket/", .bucket("bucket", prefix: "")),
        ("s3://bucket/a/b", .bucket("bucket", prefix: "a/b")),
    ])
    func places(text: String, place: ResultsPlace) { #expect(ResultsPlace(text) == place) }

    @Test("What is neither is refused", arguments: ["", "s3://", "s3:///x", "gs://bucket", "http://bucket/x", "://x"])
    func refusals(text: String) { #expect(ResultsPlace(text) == nil) }
}

@Suite struct FolderRehearsalTests {
    @Test("A folder that could be made is fine, one below a file or a place that nobody may write is not")
    func folder() async throws {
        let scratch = try Scratch()
        let store = RehearsalObjectStore(FolderResultStore(folder: scratch.results + "/a/b"))
        #expect(try await store.keep([1], under: "k", type: "") == .rehearsed(would: scratch.results + "/a/b/k"))
        #expect(!FileManager.default.fileExists(atPath: scratch.results))
        try Data().write(to: URL(fileURLWithPath: scratch.results))
        #expect(await failure { try await store.rehearse(under: "k") }?.code == .io)
    }
}
