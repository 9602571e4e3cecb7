// SPDX-License-Identifier: Apache-2.0
import EventModel
import RuleLanguage
import SourceText
import Testing

@Suite("The kernel's filter, made of rules") struct EventFilterTests {
    private static func filter(_ conditions: [String]) throws -> EventFilter {
        let text = conditions.enumerated().map { index, condition in
            "- {rule: r\(index), desc: d, priority: INFO, output: o, condition: \"\(condition)\", warn_evttypes: false}"
        }.joined(separator: "\n")
        return try #require(RuleLoader.load([SourceFile(name: "r.yaml", text: text)]).ruleSet).eventFilter()
    }

    @Test("Of a kind is asked what the kernel can see of a condition", arguments: [
        ("fd.name = /etc/shadow", "openat: name shadow"),
        ("fd.name in (/etc/shadow, /etc/gshadow)", "openat: name gshadow/shadow"),
        ("fd.name startswith /root/.ssh", "openat: name root"),
        ("fd.name startswith /etc", "openat: name etc*"),
        ("fd.name startswith /etc/", "openat: name etc"),
        ("fd.name endswith release_agent", "openat: name *se_agent"),
        ("fd.name endswith /authorized_keys", "openat: name authorized_keys"),
        ("fd.name contains '/.ssh/'", "openat: name .ssh"),
        ("fd.name glob '/home/*/.ssh/*'", "openat: name .ssh"),
        ("fd.name pmatch (/etc/sudoers.d)", "openat: name sudoers.d"),
        ("fd.directory = /etc/pam.d", "openat: name pam.d"),
        ("fd.filename in (passwd, group)", "openat: name group/passwd"),
        ("fd.nameraw contains '../'", "openat: name *.."),
        ("fd.name = /etc/shadow and fd.filename in (a, b)", "openat: name shadow"),
        ("fd.name = /etc/shadow or fd.filename = passwd", "openat: name passwd/shadow"),
        ("fd.name = /etc/shadow and not fd.name startswith /etc", "openat: name shadow"),
        ("evt.failed = true and fd.name = /a", "openat: inProgress/failure, name a"),
        ("fd.num >= 0 and fd.name = /a", "openat: success, name a"),
        ("(evt.is_open_write = true and fd.name = /a) or (evt.is_open_read = true and fd.name = /b)",
            "openat: access 1/2/5/6/9/10/13/14, name a; or access 0/2/4/6/8/10/12/14, name b"),
        ("fd.typechar = 'd'", "openat: directory/unknown"),
        ("not fd.typechar = 'd'", "openat: none/pipe/characterDevice/blockDevice/regular/link/ipv4/ipv6/unix/netlink/otherSocket/unknown"),
        ("evt.res = SUCCESS and evt.rawres < 0", "openat: nothing"),
    ])
    func opens(_ condition: String, _ expected: String) throws {
        let filter = try Self.filter(["evt.type = openat and (\(condition))"])
        #expect(filter.description.split(separator: "\n").first { $0.hasPrefix("openat:") }.map(String.init) == expected)
    }

    @Test("What the kernel cannot tell is told whole", arguments: [
        "proc.name = cat", "fd.name contains id_rsa", "fd.name regex '^/etc'", "fd.name glob '[a-z]*'", "not fd.name = /etc/shadow",
        "fd.name != /etc/shadow", "tolower(fd.name) = /etc/shadow", "fd.name = /", "fd.name startswith /", "user.uid = 0",
        "fd.name = /etc/shadow or proc.name = cat", "fd.name icontains '/etc/'", "fd.name = val(fd.realpath)",
    ])
    func undecided(_ condition: String) throws {
        #expect(try Self.filter(["evt.type = openat and (\(condition))"]).alternatives[.openat] == nil)
    }

    @Test("Connections are asked for their peer, and calls for what they are made on", arguments: [
        (EventKind.connect, "fd.sport = 4444", "connect: peer port 4444"),
        (.connect, "fd.sip = 10.0.0.1", "connect: to unknown/other, peer 10.0.0.1"),
        (.connect, "not fd.snet = 127.0.0.0/8", "connect: to unknown/unspecified/loopbackV6/other"),
        (.connect, "fd.sip = 10.0.0.1 and fd.sport in (1, 2)", "connect: to unknown/other, peer 10.0.0.1"),
        (.connect, "evt.res = EINPROGRESS", "connect: inProgress"),
        (.dup2, "fd.type in (ipv4, ipv6)", "dup2: ipv4/ipv6/unknown"),
        (.sendto, "fd.typechar = 'u'", "sendto: none/pipe/characterDevice/directory/blockDevice/regular/link/unix/unknown"),
    ])
    func calls(_ kind: EventKind, _ condition: String, _ expected: String) throws {
        let filter = try Self.filter(["evt.type = \(kind.name) and (\(condition))"])
        #expect(filter.description.split(separator: "\n").first { $0.hasPrefix(kind.name + ":") }.map(String.init) == expected)
    }

    @Test("What the process table lives on, and calls whose strings are compared, are told whole, whatever rules say")
    func wholeKinds() throws {
        let filter = try Self.filter(["evt.type = openat and fd.name = /a"])
        for kind: EventKind in [.execve, .execveat, .fork, .clone3, .procexit, .chdir, .fchdir, .unlink, .rename, .chmod, .mount] {
            #expect(filter.alternatives[kind] == nil, "\(kind)")
        }
        #expect(filter.alternatives[.creat] == [])
    }

    @Test("Rules join: what one of them could match is told") func join() throws {
        let filter = try Self.filter(["evt.type in (open, openat) and fd.name = /a", "evt.type = openat and fd.name = /b"])
        #expect(filter.alternatives[.open]?.map(\.description) == ["name a"])
        #expect(filter.alternatives[.openat]?.map(\.description) == ["name a/b"])
        #expect(try Self.filter(["evt.type = openat and fd.name = /a", "evt.type = openat"]).alternatives[.openat] == nil)
    }

    @Test("A condition that grows without bound when it is multiplied out is asked for in part") func bounded() throws {
        let pairs = (0..<24).map { "((evt.is_open_read = true and fd.name = /r\($0)) or (evt.is_open_write = true and fd.name = /w\($0)))" }
        let filter = try Self.filter(["evt.type = openat and " + pairs.joined(separator: " and ")])
        let wanted = try #require(filter.alternatives[.openat])
        #expect(!wanted.isEmpty && wanted.count <= 48)
    }
}
