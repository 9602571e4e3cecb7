// SPDX-License-Identifier: Apache-2.0
import Capture
import Enrichment
import EventModel
import Glibc
import RuleLanguage
import Testing

/// Conditions about opens and connections, and calls, both made of the same few words so that they meet.
private struct Chance {
    var state: UInt64

    mutating func next(_ bound: Int) -> Int {
        // SplitMix64 (Steele, Lea, Flood 2014).
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return Int((mixed ^ (mixed >> 31)) % UInt64(bound))
    }

    mutating func one<Value>(_ values: [Value]) -> Value { values[next(values.count)] }

    static let names = [
        "alpha", "beta", "gamma.txt", "eight888", "nine99999", "a-name-of-more-than-thirty-two-bytes-in-it", "link", ".hidden", "x",
    ]

    mutating func path(_ root: String) -> String {
        let names = (0..<(1 + next(3))).map { _ in one(Self.names) }
        return root + "/" + names.joined(separator: "/")
    }

    mutating func part(_ text: String) -> String {
        let bytes = Array(text.utf8), start = next(bytes.count), count = 1 + next(bytes.count - start)
        return String(decoding: bytes[start..<start + count], as: UTF8.self)
    }

    mutating func condition(_ root: String, depth: Int = 3) -> String {
        guard depth > 0, next(4) > 0 else { return atom(root) }
        switch next(3) {
        case 0: return "not (\(condition(root, depth: depth - 1)))"
        case 1: return "(\(condition(root, depth: depth - 1)) and \(condition(root, depth: depth - 1)))"
        default: return "(\(condition(root, depth: depth - 1)) or \(condition(root, depth: depth - 1)))"
        }
    }

    private mutating func atom(_ root: String) -> String {
        let path = path(root), name = one(Self.names)
        switch next(24) {
        case 0: return "evt.is_open_read = \(one([true, false]))"
        case 1: return "evt.is_open_write = \(one([true, false]))"
        case 2: return "evt.is_open_exec = \(one([true, false]))"
        case 3: return "fd.typechar = '\(one(["f", "d", "4", "6", "u"]))'"
        case 4: return "fd.type in (\(one(["file", "directory", "ipv4", "ipv6", "unix"])), pipe)"
        case 5: return "fd.num \(one([">=", "<", "!=", "="])) \(next(3) - 1)"
        case 6: return "evt.rawres \(one([">=", "<", "<=", "="])) \(one([-115, -2, -1, 0, 5]))"
        case 7: return "evt.res \(one(["=", "!="])) \(one(["SUCCESS", "ENOENT", "EINPROGRESS", "EACCES"]))"
        case 8: return "evt.failed = \(one([true, false]))"
        case 9: return "\(one(["fd.name", "fd.nameraw", "fd.realpath"])) = \(path)"
        case 10: return "fd.name in (\(path), \(self.path(root)))"
        case 11: return "fd.name startswith '\(path.prefix(1 + next(path.count)))'"
        case 12: return "fd.name endswith '\(path.suffix(1 + next(path.count)))'"
        case 13: return "\(one(["fd.name", "fd.nameraw"])) contains '\(part(path))'"
        case 14: return "fd.name glob '\(path.prefix(next(path.count)))*\(name.suffix(1 + next(name.count)))'"
        case 15: return "fd.name pmatch (\(root)/\(name), \(path))"
        case 16: return "fd.directory = \(path)"
        case 17: return "fd.filename \(one(["=", "startswith", "endswith"])) '\(name)'"
        case 18: return "\(one(["fd.sport", "fd.rport", "fd.port", "fd.cport"])) \(one(["=", "!="])) \(one([9, 4444]))"
        case 19: return "fd.sport in (9, 22, 4444)"
        case 20: return "\(one(["fd.sip", "fd.rip", "fd.ip"])) \(one(["=", "!="])) \(one(["127.0.0.1", "127.0.0.9", "0.0.0.0", "::1"]))"
        case 21:
            let block = one(["127.0.0.0/8", "127.0.0.0/30", "10.0.0.0/8", "0.0.0.0/0"])
            return "\(one(["fd.snet", "fd.rnet", "fd.net"])) \(one(["=", "!="])) \(block)"
        case 22: return "evt.type = \(one(["openat", "connect", "dup"]))"
        default: return "fd.nameraw contains '../'"
        }
    }
}

@Suite("The kernel's filter keeps back no match", .serialized, .enabled(if: requireLiveKernel(), "needs root and BTF"))
struct FilterPropertyTests {
    private static let sets = 48, callsASet = 150

    @Test("Whatever random rules match of random calls, the filter made of them would have let through") func property() throws {
        let scratch = Scratch()
        try Self.grow(scratch.path)
        let former = open(".", O_RDONLY | O_DIRECTORY)
        defer {
            fchdir(former)
            close(former)
        }
        let kinds: Set<EventKind> = [.openat, .connect, .dup, .chdir, .fchdir]
        let tap = try LiveTap(kinds, checksFilter: true) { $0.caller.pid == getpid() }
        defer { tap.stop() }
        let running = ProcessSnapshot.records(environmentNames: [])
        var chance = Chance(state: 20_261_122), sets: [RuleSet] = []
        for turn in 0..<Self.sets {
            let conditions = (0..<(1 + chance.next(3))).map { _ in
                "\(chance.condition(scratch.path)) and \(chance.condition(scratch.path))"
            }
            let rules = try ProbeFilterTests.rules(conditions.map { "evt.type in (openat, connect, dup) and (\($0))" })
            sets.append(rules)
            try tap.tap.use(rules.eventFilter())
            close(openat(AT_FDCWD, "/begin-of-\(turn)", O_RDONLY))
            for _ in 0..<Self.callsASet { Self.call(&chance, scratch.path) }
            close(openat(AT_FDCWD, "/end-of-\(turn)", O_RDONLY))
        }
        let end = tap.first { Self.mark($0) == "/end-of-\(Self.sets - 1)" ? true : nil }
        #expect(end == true)
        let tally = Self.judge(tap, sets, running)
        #expect(tally.faults.isEmpty, "\(tally.faults.prefix(5).joined(separator: "\n"))")
        // A filter that lets everything through, or rules that match nothing, would prove nothing.
        #expect(tally.matched > 300 && tally.filtered > 300, "\(tally.matched) matched, \(tally.filtered) marked")
    }

    private struct Tally {
        var matched = 0, filtered = 0
        var faults: [String] = []
    }

    private static func mark(_ event: Event) -> String? {
        guard case .open(let open) = event.detail else { return nil }
        let path = open.rawPath.string
        return path.hasPrefix("/begin-of-") || path.hasPrefix("/end-of-") ? path : nil
    }

    /// Each event by the rules that were in force when it happened.
    private static func judge(_ tap: LiveTap, _ sets: [RuleSet], _ running: [[UInt8]]) -> Tally {
        var processes = ProcessTable(), tally = Tally(), matcher: RuleMatcher?
        for record in running {
            var decoder = WireDecoder(wallClockOffset: 0)
            record.withUnsafeBytes { if case .success(var event) = decoder.decode($0) { processes.absorb(&event) } }
        }
        _ = tap.all { event -> Bool? in
            var event = event
            processes.absorb(&event)
            if let mark = mark(event) {
                matcher = mark.hasPrefix("/begin") ? Int(mark.dropFirst(10)).map { RuleMatcher(sets[$0], matching: .all) } : nil
                return nil
            }
            var matched: [String] = []
            matcher?.match(event) { matched.append($0.condition) }
            let isFiltered = matcher != nil && event.marks.contains(.filtered)
            tally.matched += matched.isEmpty ? 0 : 1
            tally.filtered += isFiltered ? 1 : 0
            if isFiltered, let first = matched.first { tally.faults.append("\(words(event)): \(first)") }
            return nil
        }
        return tally
    }

    private static func words(_ event: Event) -> String {
        guard case .open(let open) = event.detail else { return "\(event.kind) \(event.result) \(event.detail)" }
        let cwd = event.process?.cwd?.view.string ?? "?"
        return "\(event.kind) \(event.result) \(open.rawPath.string) \(open.path.string) \(open.flags) cwd \(cwd)"
    }

    private static func grow(_ root: String) throws {
        try Child.shell(
            "cd \(root) && for a in alpha beta eight888 nine99999 .hidden; do mkdir -p $a/gamma.txt/x $a/alpha "
                + "$a/a-name-of-more-than-thirty-two-bytes-in-it; echo >$a/x; echo >$a/alpha/eight888; ln -s ../beta/alpha $a/link; done; "
                + "ln -s alpha/x link; ln -s /dev/null x")
    }

    private static func call(_ chance: inout Chance, _ root: String) {
        switch chance.next(8) {
        case 0: close(connect(&chance))
        case 1: close(dup(chance.next(3)))
        case 2: _ = chdir(chance.path(root))
        default: openSomehow(&chance, root)
        }
    }

    private static func dup(_ way: Int) -> Int32 {
        let descriptor = way == 0 ? open("/dev/null", O_RDONLY) : socket(way == 1 ? AF_INET : AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        defer { close(descriptor) }
        return Glibc.dup(descriptor)
    }

    private static func connect(_ chance: inout Chance) -> Int32 {
        let (family, address) = chance.one([
            (AF_INET, "127.0.0.1"), (AF_INET, "127.0.0.9"), (AF_INET, "0.0.0.0"), (AF_INET6, "::1"), (AF_INET6, "::ffff:127.0.0.9"),
            (AF_UNIX, "/nowhere"),
        ])
        return ProbeFilterTests.connect(family, address, chance.one([9, 22, 4444]))
    }

    private static func openSomehow(_ chance: inout Chance, _ root: String) {
        let whole = chance.path(root), flags = chance.one([O_RDONLY, O_WRONLY, O_RDWR, O_RDONLY | O_DIRECTORY, O_RDWR | O_CREAT])
        let mode: UInt32 = chance.one([0o600, 0o700])
        switch chance.next(6) {
        case 0: close(openat(AT_FDCWD, String(whole.dropFirst(root.count + 1)), flags, mode))
        case 1: close(openat(AT_FDCWD, "../" + chance.one(Chance.names), flags, mode))
        case 2: close(openat(AT_FDCWD, "/proc/self/root" + whole, flags, mode))
        case 3:
            let folder = open(chance.path(root), O_RDONLY | O_DIRECTORY)
            close(openat(folder, chance.one(Chance.names), flags, mode))
            close(folder)
        case 4: close(openat(AT_FDCWD, whole.replacing("/", with: "//./"), flags, mode))
        default: close(openat(AT_FDCWD, whole, flags, mode))
        }
    }
}
