// SPDX-License-Identifier: Apache-2.0
import Capture
import EventModel
import Glibc
import RuleLanguage
import Testing

/// A few calls of one kind and what each is told as.
struct CallCase: Sendable, CustomTestStringConvertible {
    var kind: EventKind
    /// Perl, run as root in a folder of its own with a file `f` and a folder `d`; $S is the folder, $P the process.
    var perl: String
    /// `evt.args` of each call of the kind, in order. `{S}` stands for the folder, `{P}` for the process, `*` for anything.
    var told: [String]
    /// `fd.type fd.num fd.name` of the last of them; nil when it is not asked.
    var descriptor: String?

    init(_ kind: EventKind, _ perl: String, _ told: [String], descriptor: String? = nil) {
        (self.kind, self.perl, self.told, self.descriptor) = (kind, perl, told, descriptor)
    }

    var testDescription: String { kind.name }
}

@Suite("The probe sees calls", .serialized, .enabled(if: requireLiveKernel(), "needs root and BTF"))
struct ProbeCallTests {
    @Test("Each call is told with its numbered parameters, whether it succeeds or fails")
    func table() throws {
        let tap = try LiveTap(Set(CallCases.all.map(\.kind))) { $0.caller.ppid == getpid() }
        defer { tap.stop() }
        var seen: [(CallCase, Int32, String)] = []
        for test in CallCases.all {
            let scratch = Scratch()
            let child = try Child([
                "/bin/sh", "-c", "cd \(scratch.path) && echo x >f && mkdir d && exec perl -e '\(Self.prelude)\(test.perl)' \(scratch.path)",
            ])
            seen.append((test, child.pid, scratch.path))
            child.wait()
        }
        let toldOf = waited(tap, seen)
        for (test, pid, folder) in seen {
            let told = toldOf[pid] ?? []
            #expect(told.count == test.told.count, "\(test.kind): \(told.map(\.arguments))")
            for (found, wanted) in zip(told, test.told) {
                let pattern = pattern(wanted, pid, folder)
                #expect(Self.matches(found.arguments, pattern), "\(test.kind): \(found.arguments) is not \(pattern)")
                #expect(found.numbered == Self.split(found.arguments), "\(test.kind): \(found.numbered)")
            }
            if let wanted = test.descriptor {
                let pattern = wanted.replacing("{S}", with: folder)
                #expect(
                    Self.matches(told.last?.descriptor ?? "", pattern), "\(test.kind): \(told.last?.descriptor ?? "none") is not \(pattern)"
                )
            }
        }
    }

    @Test("32-bit calls are read by their own tables, those of sockets through socketcall too")
    func compat() throws {
        let scratch = Scratch()
        let source = """
            #include <string.h>
            #include <sys/mman.h>
            static long call(long number, long a, long b) {
                long result;
                __asm__ volatile("int $0x80" : "=a"(result) : "a"(number), "b"(a), "c"(b), "d"(0) : "memory");
                return result;
            }
            int main(void) {
                char *p = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
                unsigned *socket = (unsigned *)(p + 64);
                strcpy(p, "/nonexistent/file");
                socket[0] = 17, socket[1] = 3, socket[2] = 768;
                call(10, (long)p, 0);
                call(102, 1, (long)socket);
                call(213, -1, 0);
                return 0;
            }
            """
        let file = creat("\(scratch.path)/call.c", 0o600)
        _ = source.withCString { write(file, $0, strlen($0)) }
        close(file)
        try #require(try Child.shell("clang -o \(scratch.path)/call \(scratch.path)/call.c") == 0)
        let tap = try LiveTap([.unlink, .socket, .setuid])
        defer { tap.stop() }
        let child = try Child(["\(scratch.path)/call"])
        // A kernel without 32-bit calls ends the program by a signal; then there is nothing to misread.
        guard child.wait() == 0 else { return try skip("this kernel has no 32-bit calls") }
        let wanted = [
            "res=-2(ENOENT) path=/nonexistent/file ", "fd=*(<o>) domain=17(AF_PACKET) type=3 proto=768 ", "res=-22(EINVAL) uid=-1(<NONE>) ",
        ]
        var told: [Told] = []
        for _ in 0..<400 where told.count < wanted.count {
            told = tap.all { $0.caller.pid == child.pid ? Self.told($0) : nil }
            if told.count < wanted.count { usleep(5_000) }
        }
        #expect(told.count == wanted.count)
        for (found, pattern) in zip(told, wanted) { #expect(Self.matches(found.arguments, pattern), "\(found.arguments)") }
    }

    @Test("A call that nobody asked for is not told, and one of Saker's own is not either")
    func unasked() throws {
        let scratch = Scratch()
        let tap = try LiveTap([.mkdir, .rmdir], ignoring: getpid())
        defer { tap.stop() }
        mkdir("\(scratch.path)/own", 0o700)
        let child = try Child(["/usr/bin/perl", "-e", "mkdir $ARGV[0]; unlink $ARGV[0]; rmdir $ARGV[0]", "\(scratch.path)/x"])
        child.wait()
        let end = tap.first { $0.caller.pid == child.pid && $0.kind == .rmdir ? true : nil }
        #expect(end == true)
        #expect(tap.all { $0.caller.pid == child.pid ? $0.kind : nil } == [.mkdir, .rmdir])
        #expect(tap.all { $0.caller.pid == getpid() ? $0.kind : nil } == [])
    }

    // Descriptors get numbers of their own, so that expectations can name them; those of the test program are none of them.
    private static let prelude = """
        use POSIX (); use Socket; $S = $ARGV[0]; $P = $$ + 0; POSIX::close($_) for 3..255;
        sub call { my @a = @_; syscall(shift(@a), @a) }
        sub at { my ($path, $number) = @_; my $fd = POSIX::open($path, &POSIX::O_RDONLY); POSIX::dup2($fd, $number); POSIX::close($fd) }

        """

    struct Told {
        var arguments: String, numbered: [String], descriptor: String
    }

    private func pattern(_ wanted: String, _ pid: Int32, _ folder: String) -> String {
        wanted.replacing("{S}", with: folder).replacing("{P}", with: "\(pid)")
    }

    // By process, and all at once: to read every record again for each case takes minutes on an emulated processor.
    private func waited(_ tap: LiveTap, _ seen: [(CallCase, Int32, String)]) -> [Int32: [Told]] {
        let tests = Dictionary(seen.map { ($0.1, $0.0) }) { _, last in last }
        let deadline = ContinuousClock.now + .seconds(5)
        while true {
            let found = tap.all { event in
                tests[event.caller.pid]?.kind == event.kind ? (pid: event.caller.pid, told: Self.told(event)) : nil
            }
            var told = Dictionary(grouping: found, by: \.pid).mapValues { $0.map(\.told) }
            // The shell and the start of Perl may have made such calls too.
            for (pid, test) in tests { told[pid] = told[pid]?.suffix(test.told.count) }
            let isWhole = seen.allSatisfy { test, pid, folder in
                told[pid]?.count == test.told.count && Self.matches(told[pid]!.last!.arguments, pattern(test.told.last!, pid, folder))
            }
            if isWhole || ContinuousClock.now > deadline { return told }
            usleep(5_000)
        }
    }

    static func told(_ event: Event) -> Told {
        let names = ["evt.args", "fd.type", "fd.num", "fd.name"] + (0..<8).map { "evt.arg[\($0)]" }
        var probe = EventProbe(tests: [], fields: names.compactMap { try? FieldReference($0) })
        let values = probe.values(event)
        let text = { (name: String) in values[name]?.string ?? values[name]?.int.map { "\($0)" } ?? "-" }
        return Told(
            arguments: text("evt.args"), numbered: (0..<8).map { text("evt.arg[\($0)]") }.filter { $0 != "-" },
            descriptor: "\(text("fd.type")) \(text("fd.num")) \(text("fd.name"))")
    }

    // Each parameter alone is its words, or its value when it has none. No text of these tests has a blank in it.
    private static func split(_ arguments: String) -> [String] {
        arguments.split(separator: " ").map { part in
            let value = part.drop { $0 != "=" }.dropFirst()
            guard value.last == ")", value.contains("(") else { return String(value) }
            return String(value.drop { $0 != "(" }.dropFirst().dropLast())
        }
    }

    // `*` in the pattern stands for any text.
    static func matches(_ text: String, _ pattern: String) -> Bool {
        let parts = pattern.split(separator: "*", omittingEmptySubsequences: false).map(String.init)
        guard parts.count > 1 else { return text == pattern }
        var rest = Substring(text)
        for (index, part) in parts.enumerated() {
            if index == 0 {
                guard rest.hasPrefix(part) else { return false }
                rest = rest.dropFirst(part.count)
            } else if index == parts.count - 1 {
                return rest.hasSuffix(part)
            } else {
                guard let found = rest.firstRange(of: part) else { return false }
                rest = rest[found.upperBound...]
            }
        }
        return true
    }
}
