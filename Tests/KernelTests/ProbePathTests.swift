// SPDX-License-Identifier: Apache-2.0
import Capture
import Enrichment
import EventModel
import Glibc
import RuleLanguage
import SourceText
import Testing

/// Opens by every sort of detour, made in a folder with a file `real/file`, a link `link` to `real`, and a link `shadow` to `real/file`.
@Suite("Opened files have two paths", .serialized, .enabled(if: requireLiveKernel(), "needs root and BTF"))
struct ProbePathTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        /// Perl; $S is the folder, and the working directory at first. `at` opens a directory as a descriptor.
        var perl: String
        /// The path as it was given, `fd.name` and `fd.realpath` (nil for none); `{S}` stands for the folder, `{P}` for the process.
        var raw: String, asked: String, real: String?
        var testDescription: String { name }
    }

    static let cases: [Case] = [
        Case(name: "straight", perl: "o(-100, \"$S/real/file\")", raw: "{S}/real/file", asked: "{S}/real/file", real: "{S}/real/file"),
        Case(name: "link to the file", perl: "o(-100, \"$S/shadow\")", raw: "{S}/shadow", asked: "{S}/shadow", real: "{S}/real/file"),
        Case(
            name: "link to a folder", perl: "o(-100, \"$S//link/./file\")", raw: "{S}//link/./file", asked: "{S}/link/file",
            real: "{S}/real/file"),
        Case(
            name: "dots after a link", perl: "o(-100, \"link/../shadow\")",
            raw: "link/../shadow", asked: "{S}/shadow", real: "{S}/real/file"),
        Case(name: "relative", perl: "chdir \"real\"; o(-100, \"file\")", raw: "file", asked: "{S}/real/file", real: "{S}/real/file"),
        Case(
            name: "relative and up", perl: "chdir \"real\"; o(-100, \"../shadow\")",
            raw: "../shadow", asked: "{S}/shadow", real: "{S}/real/file"),
        Case(
            name: "relative in a linked folder", perl: "chdir \"link\"; o(-100, \"file\")",
            raw: "file", asked: "{S}/real/file", real: "{S}/real/file"),
        Case(name: "from a descriptor", perl: "o(d(\"$S/real\"), \"file\")", raw: "file", asked: "{S}/real/file", real: "{S}/real/file"),
        Case(name: "a link from a descriptor", perl: "o(d($S), \"shadow\")", raw: "shadow", asked: "{S}/shadow", real: "{S}/real/file"),
        Case(name: "not there, from a descriptor", perl: "o(d(\"$S/real\"), \"../none\")", raw: "../none", asked: "{S}/none", real: nil),
        Case(name: "not there", perl: "chdir \"real\"; o(-100, \"./none\")", raw: "./none", asked: "{S}/real/none", real: nil),
        Case(
            name: "the root of a process", perl: "o(-100, \"/proc/self/root$S/real/file\")", raw: "/proc/self/root{S}/real/file",
            asked: "/proc/self/root{S}/real/file", real: "{S}/real/file"),
        Case(
            name: "the folder of a process", perl: "o(-100, \"/proc/self/cwd/real/file\")", raw: "/proc/self/cwd/real/file",
            asked: "/proc/self/cwd/real/file", real: "{S}/real/file"),
        Case(
            name: "a pipe by its descriptor", perl: "pipe(R, W); o(-100, \"/proc/self/fd/\" . fileno(R))", raw: "/proc/self/fd/3",
            asked: "/proc/self/fd/3", real: nil),
        Case(
            name: "a memfd by its descriptor", perl: "my $n = \"hidden\"; syscall(319, $n, 0); o(-100, \"/proc/self/fd/3\")",
            raw: "/proc/self/fd/3", asked: "/proc/self/fd/3", real: "memfd:hidden"),
        Case(
            name: "standard output, which is the null device", perl: "o(-100, \"/proc/self/fd/1\")", raw: "/proc/self/fd/1",
            asked: "/proc/self/fd/1", real: "/dev/null"),
        Case(
            name: "within a chroot", perl: "chroot($S); chdir(\"/\"); o(-100, \"/shadow2\")",
            raw: "/shadow2", asked: "/shadow2", real: "/real/file"),
        Case(
            name: "a bind mount",
            perl: "syscall(272, 0x20000); my $n = \"none\"; my $r = \"/\"; syscall(165, $n, $r, 0, 0x44000, 0); "
                + "my $from = \"$S/real\"; my $to = \"$S/mnt\"; syscall(165, $from, $to, 0, 0x1000, 0); o(-100, \"$S/mnt/file\")",
            raw: "{S}/mnt/file", asked: "{S}/mnt/file", real: "{S}/mnt/file"),
    ]

    // Descriptors of the test program are none of Perl's.
    static let prelude = """
        use POSIX (); my $S = $ARGV[0]; POSIX::close($_) for 3..255;
        sub o { my ($at, $path) = @_; syscall(257, $at, $path, 0) }
        sub d { my ($path) = @_; POSIX::open($path, &POSIX::O_RDONLY) }

        """

    @Test("fd.name is the path that was asked for, absolute and clean; fd.realpath the file's own", arguments: cases)
    func paths(_ test: Case) throws {
        let scratch = Scratch()
        try Child.shell(
            "cd \(scratch.path) && mkdir real mnt && echo x >real/file && ln -s real link && ln -s real/file shadow && "
                + "ln -s /real/file shadow2")
        let tap = try LiveTap([.execve, .openat, .chdir, .fork, .vfork, .clone, .clone3])
        defer { tap.stop() }
        let child = try Child(["/bin/sh", "-c", "cd \(scratch.path) && exec perl -e '\(Self.prelude)\(test.perl)' \(scratch.path)"])
        child.wait()
        let told = { (text: String) in text.replacing("{S}", with: scratch.path) }
        let found = try #require(Self.last(tap, of: child.pid, raw: told(test.raw)))
        #expect(found["fd.name"] == .string(told(test.asked)))
        #expect(found["fd.realpath"] == test.real.map { .string(told($0)) } ?? .null)
    }

    // The fields of the last open of a process that gave that path, after the process table has seen all before it.
    private static func last(_ tap: LiveTap, of pid: Int32, raw: String) -> [String: JSONValue]? {
        let fields = ["fd.name", "fd.realpath"].compactMap { try? FieldReference($0) }
        for _ in 0..<200 {
            var processes = ProcessTable(), probe = EventProbe(tests: [], fields: fields)
            var found: [String: JSONValue]?
            _ = tap.all { event -> Bool? in
                var event = event
                processes.absorb(&event)
                guard event.caller.pid == pid, case .open(let open) = event.detail, open.rawPath.string == raw else { return nil }
                found = probe.values(event)
                return nil
            }
            if let found { return found }
            usleep(25_000)
        }
        return nil
    }

    @Test("A rule about a file sees it through a link, and an exception by either path is one")
    func rule() throws {
        let scratch = Scratch()
        try Child.shell("cd \(scratch.path) && echo x >secret && ln -s secret innocent")
        let text = """
            - {rule: all, desc: d, priority: INFO, output: o, condition: evt.type = openat and fd.name = \(scratch.path)/secret}
            - rule: known
              desc: d
              priority: INFO
              output: o
              condition: evt.type = openat and fd.name = \(scratch.path)/secret and not fd.filename in (innocent)
            """
        let set = try #require(RuleLoader.load([SourceFile(name: "r.yaml", text: text)]).ruleSet)
        let tap = try LiveTap([.openat]) { $0.caller.pid == getpid() }
        defer { tap.stop() }
        close(open("\(scratch.path)/innocent", O_RDONLY))
        close(open("\(scratch.path)/secret", O_RDONLY))
        func names(_ symlinks: SymlinkReading, _ raw: String) -> [String]? {
            var matcher = RuleMatcher(set, matching: .all, symlinks: symlinks)
            return tap.first { event -> [String]? in
                guard case .open(let open) = event.detail, open.rawPath.string == "\(scratch.path)/\(raw)" else { return nil }
                var names: [String] = []
                matcher.match(event) { names.append($0.name.text) }
                return names
            }
        }
        #expect(names(.either, "innocent") == ["all"])
        #expect(names(.either, "secret") == ["all", "known"])
        #expect(names(.falco, "innocent") == [])
        #expect(names(.falco, "secret") == ["all", "known"])
    }
}
