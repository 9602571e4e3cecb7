// SPDX-License-Identifier: Apache-2.0

import EventModel
import Testing

@testable import RuleLanguage
@testable import RuleTools

@Suite("Events written by hand") struct WrittenEventTests {
    private static func event(_ fields: [(String, String?)]) throws -> WrittenEvent {
        try WrittenEvent(fields.map { GivenField(try FieldReference($0.0), $0.1) })
    }

    private static func values(_ event: WrittenEvent, _ names: [String]) throws -> [String?] {
        var probe = EventProbe(
            tests: [], fields: try names.map { try FieldReference($0) }, hostname: event.hostname, userNames: event.userNames)
        let found = probe.values(event.owned.event)
        return try names.map { found[try FieldReference($0).description]?.written }
    }

    // What is given, and what other fields then are.
    static let cases: [(String, given: [(String, String?)], found: [(String, String?)])] = [
        (
            "an open of a file", [("evt.type", "openat"), ("fd.name", "/etc/shadow"), ("proc.name", "cat")],
            [
                ("fd.directory", "/etc"), ("fd.filename", "shadow"), ("fd.nameraw", "/etc/shadow"), ("fd.typechar", "f"), ("fd.num", "3"),
                ("evt.rawres", "3"), ("evt.res", "SUCCESS"), ("evt.is_open_read", "true"), ("evt.is_open_write", "false"),
                ("evt.arg.flags", "O_RDONLY"), ("proc.exepath", "/usr/bin/cat"), ("proc.cmdline", "cat"), ("proc.pname", nil),
                ("user.uid", "0"), ("user.name", "root"), ("user.loginuid", "-1"), ("container.id", "host"), ("k8s.pod.name", nil),
                ("proc.tty", "0"), ("proc.duration", "1000000"), ("evt.num", "1"), ("fd.connected", "false"), ("fd.rip", nil),
            ]
        ),
        (
            "an open that writes", [("evt.type", "open"), ("fd.name", "/a"), ("evt.is_open_write", "true")],
            [("evt.is_open_read", "false"), ("evt.arg.flags", "O_WRONLY")]
        ),
        (
            "an open that does both", [("evt.type", "open"), ("evt.is_open_read", "true"), ("evt.is_open_write", "true")],
            [("evt.arg.flags", "O_RDWR"), ("fd.name", "/some/file")]
        ),
        (
            "an open by its flags", [("evt.type", "openat2"), ("evt.arg.flags", "O_CREAT|O_RDWR|O_CLOEXEC"), ("fd.filename", "x")],
            [("evt.is_open_read", "true"), ("evt.is_open_write", "true"), ("fd.name", "/some/x")]
        ),
        (
            "an open of what is to be run", [("evt.type", "openat"), ("evt.is_open_exec", "true"), ("evt.is_open_write", "true")],
            [("evt.arg.flags", "O_CREAT|O_WRONLY")]
        ),
        (
            "an open that failed", [("evt.type", "openat"), ("fd.nameraw", "../shadow"), ("proc.cwd", "/etc/x"), ("evt.res", "EACCES")],
            [("evt.rawres", "-13"), ("fd.num", "-1"), ("fd.name", "/etc/shadow"), ("fd.filename", nil), ("proc.cwd", "/etc/x/")]
        ),
        (
            "an open whose descriptor says that it failed", [("evt.type", "openat"), ("fd.num", "-1"), ("fd.name", "/a")],
            [("evt.res", "ENOENT"), ("fd.name", "/a")]
        ),
        (
            "a directory", [("evt.type", "openat"), ("fd.type", "directory"), ("fd.name", "/etc")], [("fd.typechar", "d")]
        ),
        (
            "a program", [
                ("evt.type", "execve"), ("proc.cmdline", "nc -l  -p 1"), ("proc.pname", "sh"), ("proc.aname[3]", "sshd"),
                ("proc.pcmdline", "sh -c x"), ("proc.env[LD_PRELOAD]", "/tmp/x.so"), ("evt.arg.flags", "EXE_UPPER_LAYER"),
                ("proc.sname", "sshd"),
            ],
            [
                ("proc.name", "nc"), ("proc.args", "-l  -p 1"), ("proc.exe", "nc"), ("proc.aname[1]", "sh"), ("proc.aname[2]", "program"),
                ("proc.is_exe_upper_layer", "true"), ("proc.env[LD_AUDIT]", nil), ("fd.name", nil), ("proc.pexepath", "/usr/bin/sh"),
            ]
        ),
        (
            "a pod", [("evt.type", "execve"), ("k8s.pod.name", "web-1"), ("k8s.ns.name", "shop")],
            [("container.id", "0123456789ab"), ("container.image.repository", "image"), ("container.image.tag", "latest")]
        ),
        (
            "what a runtime tells", [
                ("evt.type", "execve"), ("container.privileged", "true"), ("container.image", "localhost/shop:7"),
                ("container.mount.dest[/proc]", "/host/proc"), ("container.label[tier]", "web"),
            ],
            [
                ("container.image.repository", "localhost/shop"), ("container.image.tag", "7"), ("container.metadata", "cri"),
                ("container.mount.dest[/pr*]", "/host/proc"), ("container.mount.source[0]", "/proc"), ("container.mount.dest[/etc]", nil),
                ("container.mounts", "/proc:/host/proc::true:private"), ("container.label[tier]", "web"), ("container.label[x]", nil),
                ("container.host_pid", nil), ("k8s.pod.name", nil), ("container.type", nil),
            ]
        ),
        (
            "a container of its own", [
                ("evt.type", "execve"), ("container.id", "ab12cd34ef56ab12cd34ef56ab12cd34ef56ab12cd34ef56ab12cd34ef56ab12"),
            ],
            [("k8s.pod.name", nil), ("container.name", nil), ("container.id", "ab12cd34ef56")]
        ),
        (
            "a connection", [("evt.type", "connect"), ("fd.name", "10.0.0.5:40000->198.51.100.7:443"), ("evt.res", "EINPROGRESS")],
            [
                ("fd.rip", "198.51.100.7"), ("fd.sport", "443"), ("fd.cip", "10.0.0.5"), ("fd.l4proto", "tcp"), ("fd.typechar", "4"),
                ("fd.connected", "true"), ("fd.sockfamily", "ip"), ("evt.rawres", "-115"),
            ]
        ),
        (
            "a connection of IPv6 by its parts", [
                ("evt.type", "connect"), ("fd.rip", "2001:db8::7"), ("fd.rport", "53"), ("fd.l4proto", "udp"), ("fd.connected", "false"),
            ],
            [("fd.type", "ipv6"), ("evt.res", "ECONNREFUSED"), ("fd.name", "2001:db8::7:53"), ("fd.lip", nil)]
        ),
        (
            "a UNIX socket", [("evt.type", "connect"), ("fd.name", "/run/docker.sock")],
            [("fd.sockfamily", "unix"), ("fd.type", "unix"), ("fd.l4proto", "<NA>")]
        ),
        (
            "a call by its parameters",
            [("evt.type", "chmod"), ("evt.arg.filename", "/etc/shadow"), ("evt.arg.mode", "S_IXUSR|S_ISUID"), ("evt.res", "EPERM")],
            [
                ("evt.args", "res=-1(EPERM) filename=/etc/shadow mode=04100(S_IXUSR|S_ISUID) "), ("evt.arg[1]", "/etc/shadow"),
                ("fd.name", nil), ("fd.num", nil),
            ]
        ),
        (
            "a call that takes a user", [("evt.type", "setuid"), ("evt.arg.uid", "www-data")],
            [("evt.arg.uid", "www-data"), ("evt.rawres", "0")]
        ),
        (
            "a call that names its request", [("evt.type", "ptrace"), ("evt.arg.request", "PTRACE_ATTACH"), ("evt.arg.pid", "77")],
            [("evt.arg.request", "PTRACE_ATTACH"), ("evt.args", "res=0 addr=0 data=0 request=11(PTRACE_ATTACH) pid=77 ")]
        ),
        (
            "a copy of a socket", [("evt.type", "dup2"), ("evt.rawres", "1"), ("fd.name", "10.0.0.5:40000->198.51.100.7:443")],
            [("fd.type", "ipv4"), ("fd.num", "1"), ("fd.rip", "198.51.100.7"), ("fd.sport", "443"), ("fd.connected", "true")]
        ),
        (
            "a socket that is made", [("evt.type", "socket"), ("evt.arg.domain", "AF_PACKET")],
            [("evt.arg.domain", "AF_PACKET"), ("fd.num", "3"), ("evt.arg.type", "0")]
        ),
        (
            "users", [
                ("evt.type", "procexit"), ("user.name", "alice"), ("user.loginname", "bob"), ("group.gid", "5"),
                ("thread.cap_effective", "CAP_SYS_ADMIN CAP_CHOWN"),
            ],
            [("user.uid", "1000"), ("user.loginuid", "1001"), ("thread.cap_permitted", "")]
        ),
        (
            "what is not to be there", [("evt.type", "execve"), ("proc.pname", nil), ("proc.cwd", nil)], [("proc.aname[1]", nil)]
        ),
        (
            "a host and a time", [
                ("evt.type", "clone"), ("evt.hostname", "node-1"), ("evt.time.iso8601", "2026-11-22T08:00:00Z"), ("evt.num", "7"),
            ],
            [("evt.time", "1795334400000000000"), ("evt.rawres", "4300")]
        ),
    ]

    @Test("have what was given, and what follows from it", arguments: cases.map(\.0)) func follows(_ name: String) throws {
        let spec = try #require(Self.cases.first { $0.0 == name })
        let event = try Self.event(spec.given)
        #expect(event.faults.map(\.message) == [])
        let names = spec.found.map(\.0)
        let found = try Self.values(event, names)
        for (field, value) in zip(spec.found, found) { #expect(value == field.1, "\(field.0)") }
    }

    // What is given, and what is said of it.
    static let wrong: [(given: [(String, String?)], said: String)] = [
        ([("proc.name", "x")], "an event needs an evt.type, such as evt.type: openat"),
        (
            [("evt.type", "opennat")],
            "no event of type 'opennat' is reported in this version (did you mean 'openat'?)"
        ),
        ([("evt.type", "open"), ("evt.is_open_read", "yes")], "evt.is_open_read wants true or false, not 'yes'"),
        ([("evt.type", "open"), ("evt.res", "ENOPE")], "evt.res wants SUCCESS or the name of an error, such as ENOENT, not 'ENOPE'"),
        (
            [("evt.type", "open"), ("fd.name", "/etc/shadow"), ("fd.filename", "passwd")],
            "fd.filename is 'shadow' here, not 'passwd': what is given contradicts itself"
        ),
        (
            [("evt.type", "connect"), ("fd.rip", "10.0.0.1"), ("fd.snet", "10.0.0.2")],
            "fd.snet is '10.0.0.1' here, not '10.0.0.2': it follows from other fields, and what is given contradicts itself"
        ),
        ([("evt.type", "execve"), ("fd.name", "/x")], "fd.name has no value here: events of type execve do not have it"),
        ([("evt.type", "open"), ("fd.rport", "99999")], "fd.rport wants a port from 0 to 65535, not '99999'"),
        (
            [("evt.type", "execve"), ("container.id", "host"), ("k8s.pod.name", "p")],
            "k8s.pod.name has no value here: it is about a container, and the process is on the host"
        ),
        (
            [("evt.type", "execve"), ("proc.name", "a-name-of-twenty-one")],
            "proc.name is 'a-name-of-twent': the kernel keeps 15 bytes of a program's name"
        ),
        ([("evt.type", "execve"), ("proc.aname", "x")], "proc.aname wants a number of generations in brackets, such as [2], not 'x'"),
        ([("evt.type", "execve"), ("user.uid", nil)], "user.uid is '0' here, and cannot be without a value"),
        (
            [("evt.type", "execveat"), ("evt.rawres", "0")],
            "evt.type is 'execve' here, not 'execveat': an execveat that succeeds is called execve"
        ),
    ]

    @Test("say what is wrong with what was given", arguments: wrong.map(\.said)) func faults(_ said: String) throws {
        let spec = try #require(Self.wrong.first { $0.said == said })
        let fields = try spec.given.map { GivenField(try FieldReference($0.0), $0.1) }
        do throws(EventFault) {
            #expect(try WrittenEvent(fields).faults.map(\.message) == [said])
        } catch {
            #expect(error.message == said)
        }
    }

    @Test("name fields as conditions do", arguments: [
        ("proc.nme", "nonexistent field 'proc.nme' (did you mean 'proc.name'?)"),
        ("proc.name[1]", "proc.name takes no argument in brackets"),
        ("tolower(proc.name)", "'tolower(proc.name)' is no name of a field"), ("proc.name x", "'proc.name x' is no name of a field"),
    ])
    func names(_ text: String, _ said: String) {
        #expect(throws: FieldReference.Unknown(message: said)) { try FieldReference(text) }
    }
}
