// SPDX-License-Identifier: Apache-2.0
import Capture
import EventModel
import Glibc
import Testing

@Suite("The probe sees files", .serialized, .enabled(if: requireLiveKernel(), "needs root and BTF"))
struct ProbeFileTests {
    /// What a test compares of an open.
    struct Seen: Equatable {
        var kind: EventKind
        var raw: String, path: String
        var flags: UInt32
        var succeeded: Bool
    }

    func seen(_ event: Event) -> Seen? {
        guard case .open(let open) = event.detail else { return nil }
        return Seen(
            kind: event.kind, raw: open.rawPath.string, path: open.path.string, flags: open.flags & UInt32(O_ACCMODE | O_CREAT),
            succeeded: event.result >= 0)
    }

    @Test("The path of an opened file is the file's own, whatever the caller wrote")
    func ownPath() throws {
        let scratch = Scratch()
        try Child.shell("mkdir \(scratch.path)/a; echo x > \(scratch.path)/a/file; ln -s a \(scratch.path)/link")
        let tap = try LiveTap([.openat]) { $0.caller.pid == getpid() }
        defer { tap.stop() }
        let raw = "\(scratch.path)/link/../link/file"
        let file = open(raw, O_RDWR)
        defer { close(file) }
        let found = tap.first { event in seen(event).flatMap { $0.raw == raw ? $0 : nil } }
        #expect(found == Seen(kind: .openat, raw: raw, path: "\(scratch.path)/a/file", flags: UInt32(O_RDWR), succeeded: true))
    }

    @Test("A file that is not there is told with what the caller wrote")
    func missing() throws {
        let tap = try LiveTap([.openat]) { $0.caller.pid == getpid() }
        defer { tap.stop() }
        #expect(open("/nonexistent/../file", O_RDONLY) == -1)
        let found = tap.first { event in seen(event).flatMap { $0.raw == "/nonexistent/../file" ? event.result : nil } }
        #expect(found == Int64(-ENOENT))
    }
}
