// SPDX-License-Identifier: Apache-2.0
import Capture
import EventModel
import Glibc
import RuleLanguage
import Testing

/// A few calls of one kind and what each is told as.
struct CallCase: Sendable, CustomTestStringConvertible {
    var kind: EventKind
    /// Perl, run as root in a folder of its own with a file `f` and a folder `d`; $S is the folder.
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
        let tap = try LiveTap(Set(CallCases.all.map(\.kind))) { $0.caller.pid != getpid() }
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
        for (test, pid, folder) in seen {
            let told = waited(tap, test, pid)
            #expect(told.count == test.told.count, "\(test.kind): \(told.map(\.arguments))")
            for (found, wanted) in zip(told, test.told) {
                let pattern = wanted.replacing("{S}", with: folder).replacing("{P}", with: "\(pid)")
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

    // Descriptors get numbers of their own, so that expectations can name them.
    private static let prelude = """
        use POSIX (); use Socket; $S = $ARGV[0];
        sub at { my ($path, $number) = @_; my $fd = POSIX::open($path, &POSIX::O_RDONLY); POSIX::dup2($fd, $number); POSIX::close($fd) }

        """

    private struct Told {
        var arguments: String, numbered: [String], descriptor: String
    }

    private func waited(_ tap: LiveTap, _ test: CallCase, _ pid: Int32) -> [Told] {
        var told: [Told] = []
        for _ in 0..<400 where told.count < test.told.count {
            told = tap.all { event in event.caller.pid == pid && event.kind == test.kind ? Self.told(event) : nil }
            if told.count < test.told.count { usleep(5_000) }
        }
        return told
    }

    private static func told(_ event: Event) -> Told {
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
    private static func matches(_ text: String, _ pattern: String) -> Bool {
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
