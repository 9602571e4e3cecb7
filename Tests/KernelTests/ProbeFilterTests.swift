// SPDX-License-Identifier: Apache-2.0
import Capture
import EventModel
import Glibc
import RuleLanguage
import SourceText
import Testing

@Suite("The kernel keeps back what no rule can match", .serialized, .enabled(if: requireLiveKernel(), "needs root and BTF"))
struct ProbeFilterTests {
    static func rules(_ conditions: [String]) throws -> RuleSet {
        let text = conditions.enumerated().map { index, condition in
            "- {rule: r\(index), desc: d, priority: INFO, output: o, condition: \"\(condition)\", warn_evttypes: false}"
        }.joined(separator: "\n")
        let loaded = RuleLoader.load([SourceFile(name: "r.yaml", text: text)])
        return try #require(loaded.ruleSet, "\(loaded.diagnostics)")
    }

    static func filter(_ conditions: String...) throws -> EventFilter { try rules(conditions).eventFilter() }

    @Test("Whatever the detour, an open is told that a rule about any of its paths can match", arguments: ProbePathTests.cases)
    func detours(_ test: ProbePathTests.Case) throws {
        let scratch = Scratch()
        try Child.shell(
            "cd \(scratch.path) && mkdir real mnt && echo x >real/file && ln -s real link && ln -s real/file shadow && "
                + "ln -s /real/file shadow2")
        let told = { (text: String) in text.replacing("{S}", with: scratch.path) }
        let conditions = ["fd.name = \(told(test.asked))"] + (test.real.map { ["fd.name in (\(told($0)), /else)"] } ?? [])
        let tap = try LiveTap([.openat], filter: EventFilter())
        defer { tap.stop() }
        for condition in conditions {
            let filter = try Self.filter("evt.type = openat and \(condition)")
            #expect(filter.alternatives[.openat] != nil, "\(condition) is no filter")
            try tap.tap.use(filter)
            let child = try Child(
                ["/bin/sh", "-c", "cd \(scratch.path) && exec perl -e '\(ProbePathTests.prelude)\(test.perl)' \(scratch.path)"])
            child.wait()
            let seen = tap.first { event -> Bool? in
                guard event.caller.pid == child.pid, case .open(let open) = event.detail else { return nil }
                return open.rawPath.string == told(test.raw) ? true : nil
            }
            #expect(seen == true, "kept back with \(condition)")
        }
        try tap.tap.use(Self.filter("evt.type = openat and fd.name = /no/such_name", "evt.type = openat and fd.name startswith /no/such"))
        let child = try Child(
            ["/bin/sh", "-c", "cd \(scratch.path) && exec perl -e '\(ProbePathTests.prelude)\(test.perl)' \(scratch.path)"])
        child.wait()
        try tap.tap.use(EventFilter())
        close(openat(AT_FDCWD, "\(scratch.path)/the_end", O_RDONLY))
        _ = tap.first { event -> Bool? in
            if case .open(let open) = event.detail, open.rawPath.string.hasSuffix("/the_end") { true } else { nil }
        }
        #expect(tap.all { $0.caller.pid == child.pid ? true : nil }.isEmpty)
        #expect(tap.tap.filtered[.openat, default: 0] > 0)
    }

    @Test("Of each way to call, only what a rule asks for is told", arguments: [
        ("evt.type = openat and evt.is_open_write = true", [false, true, false, true, false]),
        ("evt.type = openat and evt.is_open_read = true and fd.num >= 0", [true, false, true, true, false]),
        ("evt.type = openat and evt.failed = true", [false, false, false, false, true]),
        ("evt.type = openat and evt.res = ENOENT", [false, false, false, false, true]),
        ("evt.type = openat and evt.rawres < 0", [false, false, false, false, true]),
        ("evt.type = openat and fd.typechar = 'd'", [false, false, true, false, false]),
        ("evt.type = openat and not fd.typechar = 'd' and fd.num >= 0", [true, true, false, true, false]),
        ("evt.type = openat and evt.is_open_exec = true", [false, false, false, true, false]),
        ("evt.type = openat and fd.name pmatch (/nowhere)", [false, false, false, false, false]),
        ("evt.type = openat and proc.name = none", [true, true, true, true, true]),
    ])
    func opens(_ condition: String, _ expected: [Bool]) throws {
        let scratch = Scratch()
        try Child.shell("echo x >\(scratch.path)/file")
        let mark = UInt32(0o600)
        let ways: [(path: String, flags: Int32, mode: UInt32)] = [
            ("\(scratch.path)/./file", O_RDONLY, 0), ("\(scratch.path)/.//file", O_WRONLY, 0), ("\(scratch.path)/.", O_RDONLY, 0),
            ("\(scratch.path)/new", O_RDWR | O_CREAT, mark | 0o100), ("\(scratch.path)/none", O_RDONLY, 0),
        ]
        let tap = try LiveTap([.openat], filter: Self.filter(condition)) { $0.caller.pid == getpid() }
        defer { tap.stop() }
        for way in ways { close(openat(AT_FDCWD, way.path, way.flags, way.mode)) }
        try tap.tap.use(EventFilter())
        close(openat(AT_FDCWD, "\(scratch.path)/the_end", O_RDONLY))
        let paths = { tap.all { event -> String? in if case .open(let open) = event.detail { open.rawPath.string } else { nil } } }
        _ = tap.first { event -> Bool? in
            if case .open(let open) = event.detail, open.rawPath.string.hasSuffix("/the_end") { true } else { nil }
        }
        #expect(ways.map { paths().contains($0.path) } == expected, "told by the filter of \(condition)")
    }

    @Test("Connections are told by family, port and address", arguments: [
        ("evt.type = connect and fd.sport = 4444", [true, false, false, true, false]),
        ("evt.type = connect and fd.rport in (22, 9)", [false, true, true, false, false]),
        ("evt.type = connect and fd.sip = 127.0.0.9", [false, true, false, false, false]),
        ("evt.type = connect and fd.typechar = 'u'", [false, false, false, false, true]),
        ("evt.type = connect and fd.typechar in ('4', '6') and fd.snet != 127.0.0.0/8", [false, false, true, false, false]),
        ("evt.type = connect and fd.sip = '::1'", [false, false, true, false, false]),
    ])
    func connects(_ condition: String, _ expected: [Bool]) throws {
        let tap = try LiveTap([.connect], filter: Self.filter(condition)) { $0.caller.pid == getpid() }
        defer { tap.stop() }
        // Datagram sockets: nothing is sent. The fourth is an IPv4 address in an IPv6 one.
        let ways: [(Int32, String, UInt16)] = [
            (AF_INET, "127.0.0.1", 4444), (AF_INET, "127.0.0.9", 9), (AF_INET6, "::1", 22), (AF_INET6, "::ffff:127.0.0.3", 4444),
            (AF_UNIX, "/nowhere", 0),
        ]
        let descriptors = ways.map { Self.connect($0.0, $0.1, $0.2) }
        defer { descriptors.forEach { close($0) } }
        try tap.tap.use(EventFilter())
        let last = Self.connect(AF_INET, "127.0.0.1", 1)
        defer { close(last) }
        _ = tap.first { event -> Bool? in
            if case .connect(let connect) = event.detail, connect.descriptor == last { true } else { nil }
        }
        let told = tap.all { event -> Int32? in if case .connect(let connect) = event.detail { connect.descriptor } else { nil } }
        #expect(descriptors.map(told.contains) == expected, "told by the filter of \(condition)")
    }

    static func connect(_ family: Int32, _ address: String, _ port: UInt16) -> Int32 {
        let descriptor = socket(family, Int32(SOCK_DGRAM.rawValue), 0)
        var storage = sockaddr_storage()
        withUnsafeMutableBytes(of: &storage) { bytes in
            bytes.storeBytes(of: UInt16(family), as: UInt16.self)
            bytes.storeBytes(of: port.bigEndian, toByteOffset: 2, as: UInt16.self)
            if family == AF_UNIX {
                for (index, byte) in address.utf8.enumerated() { bytes[2 + index] = byte }
            } else {
                inet_pton(family, address, bytes.baseAddress! + (family == AF_INET ? 4 : 8))
            }
        }
        let length = family == AF_INET ? 16 : family == AF_INET6 ? 28 : 2 + address.utf8.count + 1
        withUnsafePointer(to: &storage) { pointer in
            _ = pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { Glibc.connect(descriptor, $0, socklen_t(length)) }
        }
        return descriptor
    }

    @Test("Calls on a descriptor are told by what it stands for") func descriptors() throws {
        let condition = "evt.type in (dup, dup2, dup3) and fd.num in (0, 1, 2) and fd.type in (ipv4, ipv6)"
        let tap = try LiveTap([.dup, .dup3], filter: Self.filter(condition)) { $0.caller.pid == getpid() }
        defer { tap.stop() }
        let file = open("/dev/null", O_RDONLY), plug = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
        let local = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        let made = [dup(file), dup(local), dup(plug)]
        defer { ([file, plug, local] + made).forEach { close($0) } }
        let seen = tap.first { $0.result == Int64(made[2]) ? true : nil }
        #expect(seen == true)
        #expect(tap.all { made.prefix(2).map(Int64.init).contains($0.result) ? true : nil }.isEmpty)
    }
}
