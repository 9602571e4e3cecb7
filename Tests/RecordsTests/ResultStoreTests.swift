// SPDX-License-Identifier: Apache-2.0

import EventModel
import Foundation
import Records
import Testing

@Suite struct ResultStoreTests {
    let scratch: Scratch
    let store: FolderResultStore

    init() throws {
        scratch = try Scratch()
        store = FolderResultStore(folder: scratch.results)
    }

    @Test("A result is one JSON file at its documented key, for its owner only, and reads back the same")
    func stores() async throws {
        let record = Sample.result()
        #expect(record.key == "2023/11/14/shop/web-1/0123456789abcdef0123456789abcdef-2-kubernetes.label.json")
        let placement = try await store.put(record)
        let path = scratch.results + "/" + record.key
        #expect(placement == .stored(at: path))
        let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        #expect(bytes.last == UInt8(ascii: "\n"))
        #expect(try JSONDecoder().decode(ResultRecord.self, from: bytes) == record)
        #expect(try mode(path) == 0o600)
        for folder in ["", "/2023", "/2023/11/14/shop/web-1"] { #expect(try mode(scratch.results + folder) == 0o700) }
        #expect(try FileManager.default.contentsOfDirectory(atPath: (path as NSString).deletingLastPathComponent).count == 1)
    }

    @Test("The JSON says what was done, how it ended, when, and where the chain stood")
    func shape() throws {
        let value = try JSONDecoder().decode(JSONValue.self, from: Data(Sample.result().json().utf8))
        #expect(value["alert"]?["trace_id"] == "0123456789abcdef0123456789abcdef")
        #expect(value["outcome"] == ["result": "done", "sentence": "labelled", "read_back": ["version": "7"]])
        #expect(value["delays"] == ["acceptedNanoseconds": 0, "intendedNanoseconds": 1_000_000_000, "endedNanoseconds": 2_000_000_000])
        #expect(value["head"] == ["seq": 3, "hash": .string(String(repeating: "ab", count: 32))])
        #expect(value["rehearsal"] == false && value["version"] == 1)
    }

    @Test("The same result again is there already; another one under its key is a conflict and changes nothing")
    func neverOverwritten() async throws {
        let record = Sample.result()
        _ = try await store.put(record)
        #expect(try await store.put(record) == .alreadyThere(at: scratch.results + "/" + record.key))
        var other = record
        other.outcome = .skipped(why: "another story")
        let refused = await failure { try await store.put(other) }
        #expect(refused?.code == .conflict)
        #expect(try Data(contentsOf: URL(fileURLWithPath: scratch.results + "/" + record.key)) == Data(record.json().utf8))
    }

    @Test("Of many different results for one key at once, exactly one is kept, whole")
    func race() async throws {
        let store = store
        let kept = await withTaskGroup(of: Bool.self) { group in
            for index in 0..<40 {
                let record = story(String(repeating: "\(index) ", count: 2_000))
                group.addTask { await failure { try await store.put(record) } == nil }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(kept == 1)
        let folder = ((scratch.results + "/" + Sample.result().key) as NSString).deletingLastPathComponent
        let names = try FileManager.default.contentsOfDirectory(atPath: folder)
        #expect(names.count == 1)
        #expect(throws: Never.self) {
            try JSONDecoder().decode(ResultRecord.self, from: Data(contentsOf: URL(fileURLWithPath: folder + "/" + names[0])))
        }
    }

    @Test("A hostile name never leaves the folder", arguments: [
        "../../../../etc/passwd", "..", ".", "", "/", "a/b", "a\0b", "a\nb", ".hidden", "%2E%2E", "_", "ä", "-rf", "~root",
        String(repeating: "x", count: 5_000), String(repeating: "../", count: 100),
    ])
    func hostileNames(name: String) async throws {
        var record = Sample.result()
        record.alert.trace = TraceID(name)
        record.act.intention.target.name = name
        record.act.intention.target.namespace = NamespaceName(name)
        record.act.intention.actuator = ActuatorName(name)
        let parts = record.key.split(separator: "/", omittingEmptySubsequences: false)
        #expect(parts.count == 6)
        for part in parts {
            #expect(!part.isEmpty && !part.hasPrefix(".") && part.utf8.count <= 255)
            #expect(part.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F })
        }
        _ = try await store.put(record)
        #expect(try store.anchors().map(\.source) == [record.key])
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.folder) == ["results"])
    }

    @Test("Different names have different keys")
    func keysAreDistinct() {
        let long = String(repeating: "x", count: 200)
        let names = ["_", "", "%5F", "..", ".", "a/b", "a%2Fb", "a.b", long + "1", long + "2", "~", "%7E"]
        let keys = Set(names.map { name in
            var record = Sample.result()
            record.act.intention.target.name = name
            return record.key
        })
        #expect(keys.count == names.count)
    }

    @Test("A rehearsal stores nothing and says where the result would be")
    func rehearsal() async throws {
        let record = Sample.result()
        let placement = try await RehearsalResultStore(folder: scratch.results).put(record)
        #expect(placement == .rehearsed(would: scratch.results + "/" + record.key))
        #expect(!FileManager.default.fileExists(atPath: scratch.results))
    }

    @Test("A file where the folder should be is an error that names the path")
    func fileInTheWay() async throws {
        try Data().write(to: URL(fileURLWithPath: scratch.results))
        let error = await failure { try await store.put(Sample.result()) }
        #expect(error?.code == .io && error?.message.contains(scratch.results) == true)
    }

    @Test("Symbolic links and drafts are no anchors, and a missing folder is an error")
    func anchors() async throws {
        #expect(failure { try store.anchors() }?.code == .io)
        _ = try await store.put(Sample.result())
        try FileManager.default.createSymbolicLink(atPath: scratch.results + "/link.json", withDestinationPath: "/etc/hostname")
        try Data("half".utf8).write(to: URL(fileURLWithPath: scratch.results + "/.draft-abcdef"))
        #expect(try store.anchors() == [Anchor(source: Sample.result().key, head: Sample.result().head)])
    }

    private func story(_ why: String) -> ResultRecord {
        var record = Sample.result()
        record.outcome = .skipped(why: why)
        return record
    }

    private func mode(_ path: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        return try #require(attributes[.posixPermissions] as? NSNumber).intValue
    }
}
