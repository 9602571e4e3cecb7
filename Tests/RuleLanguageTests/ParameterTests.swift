// SPDX-License-Identifier: Apache-2.0

import EventModel
import Foundation
import Testing

@testable import RuleLanguage

@Suite("Parameters of events")
struct ParameterTests {
    @Test("Each kind has the parameters of Falco's event table, in its order")
    func order() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let spec = try String(contentsOf: root.appendingPathComponent("Specs/events/parameters.txt"), encoding: .utf8)
        var told: Set<String> = []
        for line in spec.split(separator: "\n") where !line.hasPrefix("#") {
            let parts = line.split(separator: ":", maxSplits: 1).map(String.init)
            let kind = try #require(EventKind.allCases.first { $0.name == parts[0] }, "\(parts[0])")
            #expect(kind.parameterList.parameters.map(\.name.rawValue) == parts[1].split(separator: " ").map(String.init), "\(kind)")
            told.insert(kind.name)
        }
        #expect(told == Set(EventKind.allCases.map(\.name)).subtracting(["snapshot"]))
    }

    @Test("Each name that is read is a name of the dialect")
    func names() {
        for name in ParameterName.allCases {
            #expect(EventParameters.types[name.rawValue] != nil && ParameterName(index: name.index) == name)
        }
    }

    static func text(_ kind: EventKind, _ detail: EventFixture.Detail, result: Int64 = 0, _ field: String = "evt.args") throws -> String? {
        let fixture = EventFixture(kind: kind, result: result, process: ProcessFixture.node("sh"), detail: detail)
        var probe = EventProbe(tests: [], fields: [try FieldReference(field)]) { uid, _ in uid == 33 ? "www-data" : nil }
        return probe.values(fixture.event)[field]?.string
    }

    @Test("A program put in place, a process made and one ended have parameters too; what nobody keeps is <NA>")
    func lives() throws {
        let executed = try #require(try Self.text(.execve, .exec(rawPath: "./run", flags: [.writable, .fromMemfd])))
        #expect(executed.hasPrefix("res=0 exe=sh args= tid="), "\(executed)")
        #expect(executed.contains(" cwd=/ fdlimit=<NA> pgft_maj=<NA> ") && executed.contains(" flags=5(EXE_WRITABLE|EXE_FROM_MEMFD) "))
        #expect(executed.hasSuffix(" filename=./run "), "\(executed)")
        #expect(try Self.text(.execve, .exec(rawPath: "./run", flags: []), "evt.arg.trusted_exepath") == "/bin/sh")
        let forked = try #require(try Self.text(.clone, .fork, result: 2))
        #expect(forked.hasPrefix("res=2 exe=sh args= tid=") && forked.contains(" flags=0 uid="), "\(forked)")
        #expect(try Self.text(.procexit, .exit)?.hasPrefix("status=") == true)
    }

    @Test(
        "A user is told by name, an unknown one as <NA>, nobody as <NONE>",
        arguments: [
            (33, "www-data"), (7, "<NA>"), (0xffff_ffff, "<NONE>"),
        ] as [(UInt64, String)])
    func users(uid: UInt64, name: String) throws {
        #expect(try Self.text(.setuid, .call(arguments: [uid, 0, 0, 0, 0, 0]), "evt.arg.uid") == name)
    }

    @Test(
        "A relative path is told absolute and clean, an absolute one as it was given",
        arguments: [
            ("file", 5, "/srv/data/file"), ("./a//b/../c", 5, "/srv/data/a/c"), ("../../../x", 5, "/x"), ("/a/../b", 5, "/a/../b"),
            ("", 5, ""),
            ("..", -100, "/srv"),
        ] as [(String, Int32, String)])
    func paths(given: String, directory: Int32, told: String) throws {
        let base = Event.Descriptor(number: directory, fileType: 0o040000, path: ByteView("/srv/data"))
        let detail = EventFixture.Detail.call(
            arguments: [UInt64(bitPattern: Int64(directory)), 0, 0, 0, 0, 0], texts: [given], descriptor: base)
        #expect(try Self.text(.unlinkat, detail, "evt.arg.name") == told)
        #expect(try Self.text(.unlinkat, detail, "evt.arg[2]") == told)
        #expect(try Self.text(.unlinkat, detail, "evt.arg.dirfd") == (directory == -100 ? "AT_FDCWD" : "<d>/srv/data"))
        #expect(try Self.text(.unlinkat, detail, "fd.name") == (directory == -100 ? nil : "/srv/data"))
    }

    @Test("The path fields are absolute and clean, whichever call they are of")
    func pathFields() throws {
        let base = Event.Descriptor(number: -100, fileType: 0o040000, path: ByteView("/srv"))
        let one = EventFixture.Detail.call(arguments: [0, 0, 0, 0, 0, 0], texts: ["/a/./b/../c"], descriptor: base)
        #expect(try Self.text(.mkdir, one, "fs.path.name") == "/a/c" && Self.text(.mkdir, one, "fs.path.nameraw") == "/a/./b/../c")
        #expect(try Self.text(.mkdir, one, "fs.path.source") == nil)
        let two = EventFixture.Detail.call(arguments: [0, 0, 0, 0, 0, 0], texts: ["x", "../y"], descriptor: base)
        #expect(try Self.text(.rename, two, "fs.path.source") == "/srv/x" && Self.text(.rename, two, "fs.path.target") == "/y")
        #expect(try Self.text(.rename, two, "fs.path.targetraw") == "../y" && Self.text(.rename, two, "fs.path.name") == nil)
        #expect(try Self.text(.symlink, two, "fs.path.source") == "x" && Self.text(.symlink, two, "fs.path.target") == "/y")
        let open = EventFixture.Detail.open(rawPath: "srv/x", path: "/srv/x", flags: 0, mode: 0, directory: -100, isDirectory: false)
        #expect(try Self.text(.openat, open, "fs.path.name") == "/srv/x" && Self.text(.openat, open, "fs.path.nameraw") == "srv/x")
    }

    @Test("A path from a directory that nobody knows says so")
    func unknownDirectory() throws {
        let detail = EventFixture.Detail.call(arguments: [9, 0, 0, 0, 0, 0], texts: ["x"])
        #expect(try Self.text(.unlinkat, detail, result: -9) == "res=-9(EBADF) dirfd=9 name=x(<UNKNOWN>/x) flags=0 ")
    }

    @Test(
        "Flags, modes, signals and choices are told by name, or as numbers where they have none",
        arguments: [
            (.chmod, [0, 0o4755, 0, 0, 0, 0], "evt.arg.mode", "S_IXOTH|S_IROTH|S_IXGRP|S_IRGRP|S_IXUSR|S_IWUSR|S_IRUSR|S_ISUID"),
            (.chmod, [0, 0, 0, 0, 0, 0], "evt.arg.mode", "0"),
            (.unshare, [0x1002_0000, 0, 0, 0, 0, 0], "evt.arg.flags", "CLONE_NEWNS|CLONE_NEWUSER"),
            (.unshare, [0, 0, 0, 0, 0, 0], "evt.arg.flags", "0"),
            (.kill, [12, 9, 0, 0, 0, 0], "evt.arg.sig", "SIGKILL"), (.kill, [12, 0, 0, 0, 0, 0], "evt.arg.sig", "0"),
            (.ptrace, [16, 4242, 0, 0, 0, 0], "evt.arg.request", "PTRACE_ATTACH"),
            (.ptrace, [0, 0, 0, 0, 0, 0], "evt.arg.request", "PTRACE_TRACEME"),
            (.bpf, [5, 0, 0, 0, 0, 0], "evt.arg.cmd", "BPF_PROG_LOAD"), (.bpf, [999, 0, 0, 0, 0, 0], "evt.arg.cmd", "999"),
            (.socket, [17, 3, 768, 0, 0, 0], "evt.arg.domain", "AF_PACKET"),
            (.socket, [1, 1, 0, 0, 0, 0], "evt.arg.domain", "AF_LOCAL|AF_UNIX"),
            (.mprotect, [0x7f00, 4096, 7, 0, 0, 0], "evt.arg.prot", "PROT_READ|PROT_WRITE|PROT_EXEC"),
            (.mprotect, [0x7f00, 4096, 0, 0, 0, 0], "evt.arg.prot", "PROT_NONE"),
            (.mprotect, [0x7f00, 0, 0, 0, 0, 0], "evt.arg.addr", "7F00"),
            (.dup3, [0, 1, 0, 0, 0, 0], "evt.arg.flags", "O_NONE"), (.mkdir, [0, 0o755, 0, 0, 0, 0], "evt.arg.mode", "1ED"),
        ] as [(EventKind, InlineArray<6, UInt64>, String, String)])
    func words(kind: EventKind, arguments: InlineArray<6, UInt64>, field: String, told: String) throws {
        #expect(try Self.text(kind, .call(arguments: arguments), field) == told)
    }

    @Test("Which end is the server's depends on the call")
    func sides() throws {
        var socket = Event.Descriptor(number: 4, fileType: 0o140000, path: .empty)
        (socket.family, socket.socketType, socket.ipProtocol) = (2, 1, 6)
        (socket.local, socket.localPort, socket.remote, socket.remotePort) = (IPAddress("10.0.0.1"), 80, IPAddress("10.0.0.2"), 5000)
        let accepted = EventFixture.Detail.call(arguments: [3, 0, 0, 0, 0, 0], descriptor: socket)
        #expect(try Self.text(.accept, accepted, result: 4, "fd.name") == "10.0.0.2:5000->10.0.0.1:80")
        #expect(try Self.text(.accept, accepted, result: 4, "fd.sip") == "10.0.0.1")
        #expect(try Self.text(.accept, accepted, result: 4, "fd.lip") == "10.0.0.1")
        let sent = EventFixture.Detail.call(arguments: [4, 0, 2, 0, 0, 0], descriptor: socket, data: Array("h\u{1}".utf8))
        #expect(
            try Self.text(.sendto, sent, result: 2)
                == "res=2 data=h. fd=4(<4t>10.0.0.1:80->10.0.0.2:5000) size=2 tuple=10.0.0.1:80->10.0.0.2:5000 ")
        #expect(try Self.text(.sendto, sent, result: 2, "fd.sip") == "10.0.0.2")
        #expect(try Self.text(.sendto, sent, result: 2, "evt.buffer") == "h\u{1}")
    }

    @Test("Opens and connects tell their parameters too")
    func opens() throws {
        let open = EventFixture.Detail.open(
            rawPath: "srv/x", path: "/srv/x", flags: 0o2000102, mode: 0o640, directory: -100, isDirectory: false)
        #expect(
            try Self.text(.openat, open, result: 3)
                == "fd=3(<f>/srv/x) dirfd=-100(AT_FDCWD) name=srv/x(/srv/x) flags=4103(O_CREAT|O_RDWR|O_CLOEXEC) mode=0640 dev=1 ino=2 ")
        let connect = EventFixture.Detail.connect(
            family: 2, type: 1, ipProtocol: 6, local: "10.0.0.1:5000", remote: "10.0.0.2:443", unixPath: "")
        #expect(
            try Self.text(.connect, connect, result: -115)
                == "res=-115(EINPROGRESS) tuple=10.0.0.1:5000->10.0.0.2:443 fd=5(<4t>10.0.0.1:5000->10.0.0.2:443) addr=10.0.0.2:443 ")
    }
}
