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

    @Test("Where the kernel lets its functions be watched, those of compared calls are and no other pays; else the begin of all is")
    func watched() throws {
        let mayWatch = HookStatus(trying: .function).state == .works
        let tap = try LiveTap([.unlink, .umount2], compared: [.unlink, .umount2])
        defer { tap.stop() }
        let active = tap.tap.attached.filter(\.isActive).map(\.name)
        #expect(active == [mayWatch ? "saker_begin" : "saker_enter", "saker_syscall"])
    }

    @Test(
        "A path that is changed while its open waits is told with what it was, at the calls' own functions and at the tracepoint alone",
        arguments: [true, false])
    func waiting(watchesFunctions: Bool) throws {
        let tap = try LiveTap([.openat], compared: [.openat], watchesFunctions: watchesFunctions) {
            $0.caller.pid == getpid() && $0.marks.contains(.raced)
        }
        defer { tap.stop() }
        let folder = "/tmp/saker-wait-\(getpid())", pipe = folder + "/name-a", path = FlippedPath(pipe)
        #expect(mkdir(folder, 0o700) == 0 && mkfifo(pipe, 0o600) == 0)
        defer { unlink(pipe); rmdir(folder) }
        var thread = pthread_t()
        pthread_create(
            &thread, nil,
            { context in
                let path = Unmanaged<FlippedPath>.fromOpaque(context!).takeRetainedValue()
                close(open(path.bytes, O_RDONLY))
                return nil
            }, Unmanaged.passRetained(path).toOpaque())
        let deadline = ContinuousClock.now + .seconds(60)
        while !Self.waitsInOpenat(), ContinuousClock.now < deadline { usleep(1_000) }
        path.bytes[path.last] = CChar(UInt8(ascii: "b"))
        let writer = open(pipe, O_WRONLY)
        pthread_join(thread, nil)
        close(writer)
        let fields = ["evt.race.before", "evt.args"].compactMap { try? FieldReference($0) }
        var probe = EventProbe(tests: [], fields: fields)
        let told = try #require(tap.first { probe.values($0) })
        #expect(told["evt.race.before"]?.string?.contains(pipe) == true && told["evt.args"]?.string?.contains("name-b") == true)
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

    /// Whether a thread of this process waits in an openat, whose number is 257.
    private static func waitsInOpenat() -> Bool {
        guard let folder = opendir("/proc/self/task") else { return false }
        defer { closedir(folder) }
        while let entry = readdir(folder) {
            let thread = withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            let file = open("/proc/self/task/\(thread)/syscall", O_RDONLY)
            guard file >= 0 else { continue }
            var begin = [UInt8](repeating: 0, count: 4)
            let length = read(file, &begin, begin.count)
            close(file)
            if length == 4, begin.elementsEqual("257 ".utf8) { return true }
        }
        return false
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
