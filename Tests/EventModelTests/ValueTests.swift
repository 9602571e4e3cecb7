// SPDX-License-Identifier: Apache-2.0
import EventModel
import Foundation
import Testing

@Suite("The nouns that all parts share")
struct ValueTests {
    @Test(
        "A timestamp prints RFC 3339 with nine decimals and reads it back",
        arguments: [
            (0, "1970-01-01T00:00:00.000000000Z"),
            (1_470_327_477_882_045_694, "2016-08-04T16:17:57.882045694Z"),
            (951_782_400_000_000_001, "2000-02-29T00:00:00.000000001Z"),
            (1_709_251_199_999_999_999, "2024-02-29T23:59:59.999999999Z"),
            (4_102_444_800_000_000_000, "2100-01-01T00:00:00.000000000Z"),
        ] as [(UInt64, String)])
    func timestampText(nanoseconds: UInt64, text: String) {
        #expect(Timestamp(nanoseconds: nanoseconds).description == text)
        #expect(Timestamp(text)?.nanoseconds == nanoseconds)
    }

    @Test("A timestamp reads offsets and few decimals, as Falco and other tools write them")
    func timestampForms() {
        #expect(Timestamp("2016-08-04T16:17:57.882045694+0000")?.description == "2016-08-04T16:17:57.882045694Z")
        #expect(Timestamp("2016-08-04T18:17:57.5+02:00")?.description == "2016-08-04T16:17:57.500000000Z")
        #expect(Timestamp("2554-07-21T23:34:33Z") != nil)
        #expect(Timestamp("2554-07-21T23:34:34Z") == nil && Timestamp("9999-12-31T23:59:59Z") == nil)
        #expect(Timestamp("2016-08-04T16:17:57Z")?.clock == "16:17:57.000000000")
    }

    @Test(
        "A text that is no time is refused",
        arguments: ["", "yesterday", "2016-13-04T16:17:57Z", "2016-08-04T25:17:57Z", "2016-08-04T16:17:57", "2016-08-04T16:17:57.Z"])
    func badTimestamp(text: String) { #expect(Timestamp(text) == nil) }

    @Test(
        "An address prints the way RFC 5952 asks",
        arguments: [
            ("127.0.0.1", "127.0.0.1"), ("::1", "::1"), ("::", "::"), ("2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),
            ("fe80::0001", "fe80::1"), ("::ffff:10.0.0.1", "::ffff:a00:1"), ("1:0:0:2:0:0:0:3", "1:0:0:2::3"),
        ])
    func addressText(text: String, printed: String) { #expect(IPAddress(text)?.description == printed) }

    @Test(
        "A text that is no address is refused",
        arguments: ["", "1.2.3", "1.2.3.256", "1::2::3", "12345::", "1:2:3:4:5:6:7:8:9", "+1.2.3.4"])
    func badAddress(text: String) { #expect(IPAddress(text) == nil) }

    @Test("A network holds the addresses that share its prefix, and none of the other family")
    func networks() throws {
        let ten = try #require(IPAddress("10.0.0.0")), inside = try #require(IPAddress("10.255.1.2"))
        let outside = try #require(IPAddress("11.0.0.1")), v6 = try #require(IPAddress("2001:db8:1::5"))
        #expect(inside.isIn(ten, prefix: 8))
        #expect(!outside.isIn(ten, prefix: 8))
        #expect(outside.isIn(ten, prefix: 0))
        #expect(!v6.isIn(ten, prefix: 0))
        #expect(v6.isIn(try #require(IPAddress("2001:db8::")), prefix: 32))
        #expect(!v6.isIn(try #require(IPAddress("2001:db8:1::6")), prefix: 128))
        #expect(v6.isIn(try #require(IPAddress("2001:db8:1::4")), prefix: 127))
    }

    @Test("Priorities are read in any case, and debug is the least grave")
    func priorities() {
        #expect(Priority(name: "CRITICAL") == .critical)
        #expect(Priority(name: "info") == .informational)
        #expect(Priority(name: "grave") == nil)
        #expect(Priority.debug < Priority.emergency)
        #expect(Priority.allCases.max() == .emergency)
    }

    @Test("Waits double up to their cap, begin anew after a success, and chance takes off at most half of each")
    func backoff() {
        var backoff = Backoff(first: .milliseconds(500), cap: .seconds(30))
        #expect((0..<8).map { _ in backoff.next(jitter: 0) } == [0.5, 1, 2, 4, 8, 16, 30, 30].map { .seconds($0) })
        backoff.reset()
        #expect(backoff.next(jitter: 0.5) == .milliseconds(375))
        #expect(backoff.next(jitter: 1) == .milliseconds(500))
        for _ in 0..<100 { #expect(backoff.next(jitter: 0.999) <= .seconds(30)) }
    }

    @Test("Bytes are compared as bytes, wherever they lie")
    func bytes() {
        let owners = ["/etc/shadow", "/shadow", "c/s", "shadow", "shadows", "", "aab", "ab"].map { ByteString($0) }
        withExtendedLifetime(owners) {
            let views = owners.map(\.view)
            #expect(views[0].ends(with: views[1]))
            #expect(views[0].contains(views[2]))
            #expect(views[0].contains(views[3]))
            #expect(!views[0].contains(views[4]))
            #expect(views[0].starts(with: views[5]))
            #expect(views[6].contains(views[7]))
        }
        #expect(ByteString([0xff, 0x41]).string == "\u{fffd}A")
    }

    @Test("An image's command line is its name and its arguments, whatever argv[0] says")
    func image() {
        let argv = ByteString("-sh\0-c\0id\0"), name = ByteString("sh"), none = ByteView.empty
        let image = Event.Image(
            rawPath: none, exePath: none, argv: argv.view, environment: none, cwd: none, cgroupPathV2: none, cgroupPathV1: none, flags: [])
        let facts = withExtendedLifetime((argv, name)) { ImageFacts(name: name.view, image: image) }
        #expect(facts.exe.string == "-sh")
        #expect(facts.arguments.string == "-c id")
        #expect(facts.commandLine.string == "sh -c id")
    }

    @Test("An alert's JSON has Falco's keys, and reads back to the same alert")
    func alertJSON() throws {
        let alert = Alert(
            trace: "0123456789abcdef0123456789abcdef", time: Timestamp(nanoseconds: 1_470_327_477_882_045_694), rule: "Shell",
            priority: .notice, source: "syscall", tags: ["container"], output: "a shell", fields: ["proc.pid": 7, "fd.name": .null],
            hostname: "node-1", subject: Subject(pid: 7, container: "abc", podUID: "u", pod: "web", namespace: "shop"))
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let data = try encoder.encode(alert)
        let text = String(decoding: data, as: UTF8.self)
        #expect(text.contains("\"output_fields\":{\"fd.name\":null,\"proc.pid\":7}"))
        #expect(text.contains("\"time\":\"2016-08-04T16:17:57.882045694Z\""))
        #expect(text.contains("\"priority\":\"Notice\""))
        #expect(try JSONDecoder().decode(Alert.self, from: data) == alert)
    }

    @Test("Whole numbers stay whole through JSON, to the last digit of 64 bits")
    func wholeNumbers() throws {
        let text = "{\"n\":9223372036854775807,\"x\":1.5,\"l\":[true,null,\"s\"]}"
        let value = try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))
        #expect(value["n"]?.int == .max)
        #expect(value["x"] == .double(1.5))
        #expect(value["l"]?.array == [true, .null, "s"])
    }

    @Test("Only an outcome that left the playbook's purpose unmet stops the playbook")
    func stopping() {
        #expect(!Outcome.done(Proof("x")).stopsPlaybook)
        #expect(!Outcome.skipped(why: "x").stopsPlaybook)
        #expect(Outcome.refused(Refusal(.budget, "x")).stopsPlaybook)
        #expect(Outcome.unknown(check: "x").stopsPlaybook)
    }
}
