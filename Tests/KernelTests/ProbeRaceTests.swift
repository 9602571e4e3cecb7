// SPDX-License-Identifier: Apache-2.0
import Capture
import EventModel
import Glibc
import RuleLanguage
import Synchronization
import Testing

/// A path in memory that one thread hands to calls while another writes over it.
private final class FlippedPath: @unchecked Sendable {
    // Sendable because what the threads do to the bytes at the same time is the very thing that is tried.
    let bytes: UnsafeMutablePointer<CChar>
    let last: Int
    let isOver = Atomic(false)

    init(_ path: String) {
        bytes = strdup(path)
        last = path.utf8.count - 1
    }

    deinit { free(bytes) }

    /// Changes the last letter as fast as it can, from `a` to `b` and back, until `isOver`.
    func flip() {
        while !isOver.load(ordering: .relaxed) {
            bytes[last] = bytes[last] == CChar(UInt8(ascii: "a")) ? CChar(UInt8(ascii: "b")) : CChar(UInt8(ascii: "a"))
        }
    }
}

@Suite("The probe sees arguments that change", .serialized, .enabled(if: requireLiveKernel(), "needs root and BTF"))
struct ProbeRaceTests {
    /// Calls by name, each with a path in the place where it takes one.
    private static let calls: [EventKind: @Sendable (UnsafePointer<CChar>) -> Void] = [
        .unlink: { unlink($0) },
        .openat: { close(open($0, O_RDONLY)) },
        .rename: { rename($0, "/nonexistent/x") },
        .mkdirat: { mkdirat(AT_FDCWD, $0, 0) },
        .symlinkat: { symlinkat("/x", AT_FDCWD, $0) },
        .chmod: { chmod($0, 0) },
    ]

    @Test(
        "A path that another thread writes over during the call is told, with what it was before",
        .enabled(if: sysconf(Int32(_SC_NPROCESSORS_ONLN)) > 1, "two threads race on two processors"), arguments: calls.keys)
    func race(kind: EventKind) throws {
        let call = try #require(Self.calls[kind])
        let tap = try LiveTap([kind], compared: [kind]) { $0.caller.pid == getpid() && $0.marks.contains(.raced) }
        defer { tap.stop() }
        Self.race(call, until: tap)
        let fields = ["evt.race", "evt.race.before", "evt.args"].compactMap { try? FieldReference($0) }
        var probe = EventProbe(tests: [], fields: fields)
        let told = try #require(tap.first { probe.values($0) })
        #expect(told["evt.race"] == .bool(true))
        let before = told["evt.race.before"]?.string ?? "", after = told["evt.args"]?.string ?? ""
        let first = before.contains("name-a") ? "name-a" : "name-b", second = first == "name-a" ? "name-b" : "name-a"
        #expect(before.contains("/nonexistent/folder/\(first)") && after.contains("/nonexistent/folder/\(second)"), "\(before); \(after)")
    }

    @Test(
        "An open that no rule asks for is told when its path was changed meanwhile",
        .enabled(if: sysconf(Int32(_SC_NPROCESSORS_ONLN)) > 1, "two threads race on two processors"))
    func filtered() throws {
        let filter = try ProbeFilterTests.filter("evt.type = openat and fd.name = /nowhere/at_all")
        let tap = try LiveTap([.openat], compared: [.openat], filter: filter) { $0.caller.pid == getpid() }
        defer { tap.stop() }
        Self.race({ close(open($0, O_RDONLY)) }, until: tap)
        #expect(tap.first { $0.marks.contains(.raced) ? true : nil } == true)
        #expect(tap.tap.filtered[.openat, default: 0] > 0)
    }

    /// Makes a call with a path that another thread writes over, until something is told, for a minute at most.
    private static func race(_ call: (UnsafePointer<CChar>) -> Void, until tap: LiveTap) {
        let path = FlippedPath("/nonexistent/folder/name-a")
        var thread = pthread_t()
        pthread_create(
            &thread, nil,
            { context in
                Unmanaged<FlippedPath>.fromOpaque(context!).takeRetainedValue().flip()
                return nil
            }, Unmanaged.passRetained(path).toOpaque())
        let deadline = ContinuousClock.now + .seconds(60)
        var seen = false
        while !seen, ContinuousClock.now < deadline {
            for _ in 0..<20_000 { call(path.bytes) }
            seen = !tap.all { _ in true }.isEmpty
        }
        path.isOver.store(true, ordering: .relaxed)
        pthread_join(thread, nil)
    }

    @Test("100,000 ordinary calls, from programs that begin meanwhile too, are no race")
    func ordinary() throws {
        let kinds: Set<EventKind> = [.openat, .unlink, .rename, .mkdir, .chmod, .symlink, .link]
        let count = Mutex(0)
        let tap = try LiveTap(kinds, compared: kinds) { event in
            count.withLock { $0 += 1 }
            return event.marks.contains(.raced)
        }
        let scratch = Scratch()
        let long = scratch.path + String(repeating: "/" + String(repeating: "n", count: 200), count: 15)
        let folder = "\(scratch.path)/d"
        let child = try Child(["/bin/sh", "-c", "for i in $(seq 100); do cat /etc/hostname; mkdir \(folder); rmdir \(folder); done"])
        // The reader keeps up, so that none is held back.
        func wait(for calls: Int) {
            let deadline = ContinuousClock.now + .seconds(10)
            while count.withLock({ $0 }) < calls, ContinuousClock.now < deadline { usleep(1_000) }
        }
        for number in 0..<17_000 {
            if number % 200 == 0 { wait(for: 6 * number) }
            let path = "\(scratch.path)/\(number)"
            symlink("/x", path)
            link(path, path + ".link")
            rename(path, path + ".new")
            unlink(path + ".new")
            unlink(path + ".link")
            chmod(long, 0)
        }
        child.wait()
        wait(for: 100_000)
        tap.stop()
        #expect(count.withLock { $0 } >= 100_000)
        #expect(tap.all { $0.kind.name } == [])
    }

    @Test("A path on a page that is not there yet is compared with nothing")
    func unmapped() throws {
        let scratch = Scratch()
        let file = "\(scratch.path)/paths"
        // The path is read from a file that was mapped just now: its page comes in when the kernel takes the path.
        let descriptor = open(file, O_RDWR | O_CREAT, 0o600)
        defer { close(descriptor) }
        let path = "/nonexistent/mapped"
        _ = path.withCString { write(descriptor, $0, path.utf8.count + 1) }
        let tap = try LiveTap([.unlink], compared: [.unlink]) { $0.caller.pid == getpid() }
        defer { tap.stop() }
        let page = try #require(mmap(nil, 4096, PROT_READ, MAP_PRIVATE, descriptor, 0))
        unlink(page.assumingMemoryBound(to: CChar.self))
        munmap(page, 4096)
        let found = tap.first { event -> [String]? in
            guard case .call(let call) = event.detail, call.text.string == path else { return nil }
            return [call.entry.string, "\(event.marks.rawValue)"]
        }
        #expect(found == ["", "0"])
    }

    @Test("A kind that is not to be compared is told as ever, and costs no program at the call's begin")
    func unasked() throws {
        let tap = try LiveTap([.unlink])
        defer { tap.stop() }
        #expect(tap.tap.attached.first { $0.name == "saker_enter" }?.state == .unneeded)
    }
}
