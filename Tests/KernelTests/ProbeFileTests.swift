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
        var flags: UInt32 = 0, mode: UInt32 = 0
        var succeeded = true
    }

    func seen(_ event: Event) -> Seen? {
        guard case .open(let open) = event.detail else { return nil }
        return Seen(
            kind: event.kind, raw: open.rawPath.string, path: open.path.string, flags: open.flags & UInt32(O_ACCMODE | O_CREAT | O_TRUNC),
            mode: open.mode, succeeded: event.result >= 0)
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
        #expect(found == Seen(kind: .openat, raw: raw, path: "\(scratch.path)/a/file", flags: UInt32(O_RDWR)))
    }

    @Test("A file that is not there is told with what the caller wrote")
    func missing() throws {
        let tap = try LiveTap([.openat]) { $0.caller.pid == getpid() }
        defer { tap.stop() }
        #expect(open("/nonexistent/../file", O_RDONLY) == -1)
        let found = tap.first { event in seen(event).flatMap { $0.raw == "/nonexistent/../file" ? event.result : nil } }
        #expect(found == Int64(-ENOENT))
    }

    @Test("A relative open names its directory's descriptor, and the file's kind, device and inode")
    func relative() throws {
        let scratch = Scratch()
        let tap = try LiveTap([.openat]) { $0.caller.pid == getpid() }
        defer { tap.stop() }
        let folder = open(scratch.path, O_RDONLY | O_DIRECTORY)
        let file = openat(folder, "made", O_WRONLY | O_CREAT, 0o640)
        defer { [folder, file].forEach { close($0) } }
        var facts = stat()
        fstat(file, &facts)
        let told = tap.first { event -> [UInt64]? in
            guard case .open(let open) = event.detail, open.rawPath.string == "made" else { return nil }
            #expect(open.path.string == "\(scratch.path)/made" && event.result == Int64(file))
            #expect(open.directory == folder && open.mode == 0o640)
            return [UInt64(open.fileType), UInt64(open.device), open.inode]
        }
        #expect(told == [UInt64(S_IFREG), UInt64(facts.st_dev), UInt64(facts.st_ino)])
        let root = tap.first { event in seen(event).flatMap { $0.raw == scratch.path ? $0.path : nil } }
        #expect(root == scratch.path)
    }

    @Test("open, creat and openat2 are each told as themselves", arguments: [
        (EventKind.open, "syscall(2, $p, 0x42, 0600)", UInt32(O_RDWR | O_CREAT), UInt32(0o600)),
        (.creat, "syscall(85, $p, 0604)", UInt32(O_WRONLY | O_CREAT | O_TRUNC), 0o604),
        (.openat2, "my $how = pack(\"QQQ\", 0x42, 0601, 0); syscall(437, -100, $p, $how, 24)", UInt32(O_RDWR | O_CREAT), 0o601),
    ])
    func kinds(kind: EventKind, call: String, flags: UInt32, mode: UInt32) throws {
        let scratch = Scratch()
        let path = "\(scratch.path)/made"
        let tap = try LiveTap([.open, .creat, .openat2, .openat])
        defer { tap.stop() }
        try Child(["/usr/bin/perl", "-e", "my $p = \"\(path)\"; \(call)"]).wait()
        let found = tap.first { event in seen(event).flatMap { $0.raw == path ? $0 : nil } }
        #expect(found == Seen(kind: kind, raw: path, path: path, flags: flags, mode: mode))
    }

    @Test("A 32-bit call is read by its own table")
    func compat() throws {
        let scratch = Scratch()
        let source = """
            #include <string.h>
            #include <sys/mman.h>
            int main(void) {
                char *p = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
                long result;
                strcpy(p, "/etc/hostname");
                __asm__ volatile("int $0x80" : "=a"(result) : "a"(5), "b"(p), "c"(0), "d"(0) : "memory");
                return result < 0;
            }
            """
        let file = creat("\(scratch.path)/call.c", 0o600)
        _ = source.withCString { write(file, $0, strlen($0)) }
        close(file)
        try #require(try Child.shell("clang -o \(scratch.path)/call \(scratch.path)/call.c") == 0)
        let tap = try LiveTap([.open, .openat])
        defer { tap.stop() }
        let child = try Child(["\(scratch.path)/call"])
        // A kernel without 32-bit calls ends the program by a signal; then there is nothing to misread.
        guard child.wait() == 0 else { return try skip("this kernel has no 32-bit calls") }
        let found = tap.first { event in event.caller.pid == child.pid && event.kind == .open ? seen(event) : nil }
        #expect(found == Seen(kind: .open, raw: "/etc/hostname", path: "/etc/hostname"))
    }

    @Test("A ring that is not read loses events and counts them by kind, and stopping stays quick")
    func drops() throws {
        let tap = try KernelTap(settings: CaptureSettings(kinds: [.openat], ringBytes: 4096, ignoredProcess: 0))
        for _ in 0..<1000 { close(open("/dev/null", O_RDONLY)) }
        #expect(tap.drops.lost > 900 && tap.drops.lostByKind.first?.kind == .openat)
        tap.stop()
        var handed = 0
        let started = ContinuousClock.now
        tap.run { _ in handed += 1 }
        #expect(handed > 5 && ContinuousClock.now - started < .seconds(5))
    }

    @Test("A tap that was told to stop ends while events keep coming")
    func stopInFlood() throws {
        let flood = try Child(["/usr/bin/perl", "-e", "while (1) { open(my $f, '<', '/dev/null'); close $f }"])
        defer {
            kill(flood.pid, SIGKILL)
            flood.wait()
        }
        let tap = try LiveTap([.openat], ringBytes: 65536, keep: { _ in false })
        usleep(50_000)
        let started = ContinuousClock.now
        tap.stop()
        #expect(ContinuousClock.now - started < .seconds(5))
    }
}
