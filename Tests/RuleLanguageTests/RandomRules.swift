// SPDX-License-Identifier: Apache-2.0

import EventModel
import Foundation

@testable import RuleLanguage

/// The generator SplitMix64: the same seed, the same numbers, everywhere.
struct SeededNumbers: RandomNumberGenerator {
    /// What tests begin with: the same in each run, so that a change is judged by what it changes; SAKER_TEST_SEED looks further.
    static let seed = ProcessInfo.processInfo.environment["SAKER_TEST_SEED"].flatMap { UInt64($0) } ?? 1

    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    mutating func pick<Element>(_ elements: [Element]) -> Element { elements[Int(next() % UInt64(elements.count))] }
    mutating func chance(_ part: Int, of whole: Int) -> Bool { Int(next() % UInt64(whole)) < part }
}

/// Words of which events and conditions are made, few enough that they meet often.
enum RandomWords {
    static let names = ["sh", "bash", "cat", "nginx", "node", "a", "ab", "abc", "sshd"]
    static let paths = [
        "/", "/etc", "/etc/", "/etc/passwd", "/etc/pam.d/sshd", "/etcx", "/usr/bin/sh", "/usr/bin/../sbin/x", "/tmp//a/b", "//tmp/a",
        "/tmp/a", "/tmp/ab", "/home/u/.ssh/id", "data/a", "../a", "./b", "/srv/app/data.key", "", "/tmp/A.KEY",
    ]
    static let parts = ["/", "etc", "/etc", "/tmp", "pass", ".key", "a", "ab", "abc", "s", "../", "KEY", "sh", "ssh", "/a/b", "x"]
    static let options = ["-a", "-ab", "-b", "-bx", "-xa", "--", "--long", "-"]
    static let globs = ["*", "*a*", "/etc/*", "?h", "[a-c]*", "*/a", "*.key", "/tmp/*b"]
    static let regexes = ["a*", "(a|b)+", "/etc/.*", ".*key", "[a-z]+", "s?sh", "(sh|bash|cat)", "/(tmp|etc)(/[a-z]+)?"]
    static let numbers = ["0", "1", "-1", "-2", "-13", "3", "5", "22", "80", "443", "1000", "4242", "-134", "-133", "7"]
    static let addresses = ["10.0.0.1", "10.1.2.3", "192.168.0.9", "::1", "fd00::2"]
    static let networks = ["10.0.0.0/8", "192.168.0.0/16", "0.0.0.0/0", "fd00::/8", "10.0.0.1/32"]
}

/// Makes conditions of everything that the language has.
struct RandomConditions {
    var numbers: SeededNumbers

    private static let textFields = [
        "proc.name", "proc.exe", "proc.exepath", "proc.cmdline", "proc.args", "proc.pname", "proc.pexe", "proc.pexepath", "proc.pcmdline",
        "proc.aname", "proc.aname[0]", "proc.aname[2]", "proc.aexe", "proc.aexepath", "proc.acmdline[1]", "proc.sname", "proc.cwd",
        "proc.env[A]", "proc.args[1]", "container.id", "container.name", "container.image.repository", "k8s.ns.name", "k8s.pod.name",
        "fd.name", "fd.name", "fd.name", "fd.nameraw", "fd.realpath", "fd.directory", "fd.filename", "fd.typechar", "fd.type", "fd.l4proto",
        "fd.sockfamily", "evt.res", "evt.arg.flags", "user.name", "thread.cap_effective", "evt.source", "evt.hostname", "evt.arg.path",
        "evt.arg.name", "evt.arg[1]", "evt.args", "evt.arg.oldpath", "evt.arg.fd", "evt.arg.uid", "fs.path.name",
    ]
    private static let numberFields = [
        "evt.rawres", "fd.num", "fd.port", "fd.sport", "fd.lport", "proc.pid", "proc.vpid", "proc.tty", "user.uid", "user.loginuid",
        "len(proc.name)", "len(fd.name)", "len(fd.filename)", "proc.duration",
    ]
    private static let flagFields = [
        "evt.is_open_read", "evt.is_open_write", "evt.is_open_exec", "evt.failed", "fd.connected", "proc.is_exe_upper_layer",
        "proc.is_exe_from_memfd", "proc.is_exe_writable", "proc.is_vpgid_leader",
    ]
    private static let types = [
        "open", "openat", "openat2", "creat", "execve", "execveat", "connect", "clone", "procexit", "unlinkat", "rename",
        "dup2", "accept", "sendto",
    ]

    mutating func condition(depth: Int = 3) -> String {
        guard depth > 0, numbers.chance(3, of: 4) else { return check() }
        let word = numbers.pick([" and ", " and ", " or "])
        let parts = (0..<2 + Int(numbers.next() % 3)).map { _ in condition(depth: depth - 1) }
        let text = "(" + parts.joined(separator: word) + ")"
        return numbers.chance(1, of: 4) ? "not " + text : text
    }

    private mutating func check() -> String {
        let text =
            switch numbers.next() % 11 {
            case 10: combinationCheck()
            case 0: "evt.type in (\(numbers.pick(Self.types)), \(numbers.pick(Self.types)))"
            case 1: "evt.type = \(numbers.pick(Self.types))"
            case 2: numberCheck()
            case 3: "\(numbers.pick(Self.flagFields)) = \(numbers.pick(["true", "false"]))"
            case 4: addressCheck()
            case 5: "\(numbers.pick(Self.textFields + Self.flagFields)) exists"
            case _: textCheck()
            }
        return numbers.chance(1, of: 5) ? "not " + text : text
    }

    private mutating func numberCheck() -> String {
        let field = numbers.pick(Self.numberFields)
        if numbers.chance(1, of: 4) { return "\(field) in (\(numbers.pick(RandomWords.numbers)), \(numbers.pick(RandomWords.numbers)))" }
        return "\(field) \(numbers.pick(["=", "!=", "<", "<=", ">", ">="])) \(numbers.pick(RandomWords.numbers))"
    }

    private mutating func addressCheck() -> String {
        if numbers.chance(1, of: 2) {
            return "\(numbers.pick(["fd.net", "fd.snet", "fd.cnet"])) \(numbers.pick(["=", "!="])) \(numbers.pick(RandomWords.networks))"
        }
        let field = numbers.pick(["fd.ip", "fd.sip", "fd.cip"])
        return "\(field) in (\(numbers.pick(RandomWords.addresses)), \(numbers.pick(RandomWords.addresses)))"
    }

    private mutating func textCheck() -> String {
        var field = numbers.pick(Self.textFields)
        if numbers.chance(1, of: 8) { field = "\(numbers.pick(["tolower", "toupper", "basename"]))(\(field))" }
        switch numbers.next() % 12 {
        case 0: return "\(field) \(numbers.pick(["=", "!=", "<", ">="])) \(word())"
        case 1, 2: return "\(field) in (\(word()), \(word()), \(word()))"
        case 3: return "\(field) pmatch (\(quoted(numbers.pick(RandomWords.paths))), \(quoted(numbers.pick(RandomWords.parts))))"
        case 4: return "\(field) \(numbers.pick(["glob", "iglob"])) \(quoted(numbers.pick(RandomWords.globs)))"
        case 5: return "\(field) regex \(quoted(numbers.pick(RandomWords.regexes)))"
        case 6:
            let word = numbers.pick(["startswith", "endswith", "contains", "="])
            let modifier = numbers.pick(["anyof", "allof", "oneof"])
            return "\(field) \(word) \(modifier) (\(quoted(numbers.pick(RandomWords.parts))), \(quoted(numbers.pick(RandomWords.parts))))"
        case 7: return "\(field) = val(\(numbers.pick(["proc.name", "proc.pname", "fd.filename", "proc.exepath", "fd.name"])))"
        case _:
            let word = numbers.pick(["startswith", "endswith", "contains", "icontains"])
            return "\(field) \(word) \(quoted(numbers.pick(RandomWords.parts)))"
        }
    }

    // Texts that are put together of several.
    private mutating func combinationCheck() -> String {
        let text: String
        switch numbers.next() % 6 {
        case 0:
            let number = numbers.pick(["user.uid", "evt.rawres", "len(proc.name)"])
            text = "join(\(quoted(numbers.pick(["", "/", "-"]))), (\(part()), \(part()), \(number)))"
        case 1: text = "concat(\(part()), \(part()))"
        case 2: text = "\(numbers.pick(["toupper", "basename"]))(concat(\(part()), join(\"/\", (\(part()), \(part())))))"
        case 3: text = options() + "[\(numbers.pick(["a", "b", "x"]))]"
        case 4: return "\(part(fieldsOnly: true)) \(numbers.pick(["=", "startswith", "contains"])) concat(\(part()), \(part()))"
        case _: return "\(options()) \(numbers.pick(["in", "intersects"])) (\(quoted(numbers.pick(["a", "b", "?", ""]))), \(word()))"
        }
        switch numbers.next() % 4 {
        case 0: return "\(text) exists"
        case 1: return numbers.chance(1, of: 2) ? "\(text) in (\(word()), \(word()))" : "\(text) \(numbers.pick(["=", "!="])) \(word())"
        case _: return "\(text) \(numbers.pick(["startswith", "endswith", "contains"])) \(quoted(numbers.pick(RandomWords.parts)))"
        }
    }

    private mutating func part(fieldsOnly: Bool = false) -> String {
        let fields = ["proc.name", "proc.pname", "fd.name", "fd.directory", "fd.filename", "proc.args[0]", "proc.exepath", "container.id"]
        return fieldsOnly || numbers.chance(2, of: 3) ? numbers.pick(fields) : quoted(numbers.pick(RandomWords.parts))
    }

    private mutating func options() -> String {
        "getopt((proc.args[0], proc.args[1], \(quoted(numbers.pick(["-a", "-x", "b"])))), \(quoted(numbers.pick(["ab", "ab:", "b:a:x"]))))"
    }

    private mutating func word() -> String {
        quoted(numbers.pick(RandomWords.names + RandomWords.paths + ["host", "SUCCESS", "ENOENT", "f", "d", "root", "tcp", "shop"]))
    }

    private func quoted(_ text: String) -> String { "\"\(text)\"" }
}

/// Makes events of a few processes that change between them.
struct RandomEvents {
    var numbers: SeededNumbers
    private var processes: [ProcessNode] = []
    private let containers = [
        ProcessFixture.container("0123456789abcdef", pod: nil), ProcessFixture.container("fedcba9876543210", pod: "web-1"),
    ]

    init(numbers: SeededNumbers) {
        self.numbers = numbers
        for _ in 0..<6 { add() }
    }

    mutating func next() -> EventFixture {
        if numbers.chance(1, of: 3) { change() }
        let process = numbers.chance(1, of: 20) ? nil : numbers.pick(processes)
        let kind = numbers.pick(EventKind.allCases)
        let result = numbers.pick([Int64(0), 0, 3, 3, 5, -2, -13, -115, -133, -134, -500])
        return EventFixture(
            kind: kind, result: result, uid: numbers.pick([0, 1000, 5]), loginuid: numbers.pick([.max, 1000]),
            tty: numbers.pick([0, 34816]), age: numbers.pick([0, 5, 1_000_000]), vpgid: numbers.pick([7, 8]),
            capabilities: numbers.pick([0, 1, 1 << 21]), process: process, detail: detail(kind))
    }

    private mutating func detail(_ kind: EventKind) -> EventFixture.Detail {
        switch kind.family {
        case .exec, .snapshot: return .exec(rawPath: numbers.pick(RandomWords.paths), flags: [])
        case .fork: return .fork
        case .exit: return .exit
        case .open:
            return .open(
                rawPath: numbers.pick(RandomWords.paths), path: numbers.pick(RandomWords.paths + [""]),
                flags: numbers.pick([0, 1, 2, 0o100, 0o101, 0o1102, 0o20200001]), mode: numbers.pick([0, 0o644, 0o755]),
                directory: numbers.pick([-100, 5]), isDirectory: numbers.chance(1, of: 4))
        case .connect:
            let port = numbers.pick(["22", "80", "443", "5000"])
            let address = numbers.pick(RandomWords.addresses)
            return .connect(
                family: numbers.pick([1, 2, 10, 16]), type: numbers.pick([1, 2, 3]), ipProtocol: numbers.pick([0, 6, 17]),
                local: numbers.chance(1, of: 6) ? "" : "\(numbers.pick(RandomWords.addresses)):5000", remote: "\(address):\(port)",
                unixPath: numbers.pick(["", "/run/x", "/tmp//a"]))
        case .call: return call()
        }
    }

    private mutating func call() -> EventFixture.Detail {
        let number = numbers.pick([UInt64(0), 1, 5, 0xffff_ffff_ffff_ff9c])
        let type = numbers.pick([UInt32(0o100000), 0o040000, 0o010000, 0o140000])
        var descriptor = Event.Descriptor(
            number: Int32(truncatingIfNeeded: number), fileType: type, path: type == 0o140000 ? .empty : ByteView("/etc/passwd"))
        if type == 0o140000 {
            (descriptor.family, descriptor.socketType, descriptor.ipProtocol) = (2, numbers.pick([1, 2, 3]), numbers.pick([0, 6, 17]))
            descriptor.local = IPAddress(numbers.pick(RandomWords.addresses))
            descriptor.remote = numbers.chance(1, of: 2) ? IPAddress(numbers.pick(RandomWords.addresses)) : nil
            (descriptor.localPort, descriptor.remotePort) = (numbers.pick([22, 80, 5000]), numbers.pick([0, 443]))
        }
        return .call(
            arguments: [number, numbers.pick([0, 1, 0x200]), 0, 0, 0, 0],
            texts: [numbers.pick(RandomWords.paths), numbers.pick(RandomWords.paths)],
            descriptor: numbers.chance(1, of: 4) ? nil : descriptor)
    }

    /// What can happen to a process between two of its events.
    private mutating func change() {
        let process = numbers.pick(processes)
        switch numbers.next() % 9 {
        case 0, 1:
            let other = made()
            process.image = numbers.pick(processes + [other]).image
        case 2: process.parent = numbers.pick(processes.filter { $0.pid < process.pid }.map(Optional.some) + [nil])
        case 3: process.container = numbers.pick(containers.map(Optional.some) + [nil])
        case 4:
            let uid = PodUID("8a6f0d2e-0000-4000-8000-000000000001")
            let pod = Pod(uid: uid, name: "late", namespace: "shop", containerName: "sh", imageRepository: "abc", imageTag: "1")
            let container = numbers.pick(containers)
            container.learn(pod: numbers.chance(1, of: 3) ? nil : pod)
        case 5: process.session = numbers.pick(processes).pid
        case 6: process.cwd = numbers.pick([nil, ByteString("/etc"), ByteString("/tmp/")])
        case 7: if processes.count < 40 { add() }
        case _:
            let place = Int(numbers.next() % UInt64(processes.count))
            let other = made(pid: processes[place].pid)
            processes[place] = other
        }
    }

    private mutating func add() {
        let process = made(pid: Int32(processes.count + 10))
        processes.append(process)
    }

    // A child of the one before, so that some lines are long.
    private mutating func made(pid: Int32 = 4242) -> ProcessNode {
        let older = processes.filter { $0.pid < pid }
        return ProcessFixture.node(
            numbers.pick(RandomWords.names), exe: numbers.pick(RandomWords.names + ["-sh"]), path: numbers.pick(RandomWords.paths),
            arguments: numbers.chance(1, of: 2)
                ? [numbers.pick(RandomWords.parts + RandomWords.options), numbers.pick(RandomWords.paths)] : [],
            environment: numbers.chance(1, of: 2) ? ["A=\(numbers.pick(RandomWords.parts))"] : [],
            cwd: numbers.pick([nil, "/", "/tmp"]), pid: pid, vpid: numbers.pick([1, 7]),
            flags: numbers.pick([[], .upperLayer, .fromMemfd, .writable]), parent: numbers.chance(5, of: 6) ? older.last : older.first,
            container: numbers.chance(1, of: 3) ? numbers.pick(containers) : nil)
    }
}
