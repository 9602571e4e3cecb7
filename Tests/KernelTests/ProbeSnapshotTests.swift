// SPDX-License-Identifier: Apache-2.0
import Capture
import EventModel
import Glibc
import Testing

@Suite("The probe and /proc agree", .serialized, .enabled(if: requireLiveKernel(), "needs root and BTF"))
struct ProbeSnapshotTests {
    /// All that both tell of one process.
    struct Facts: Equatable {
        var numbers: [Int64]
        var texts: [String]
        var flags: Event.Image.Flags

        var withoutFlags: Facts {
            var rest = self
            rest.flags = []
            return rest
        }

        init?(_ event: Event) {
            let caller = event.caller
            let image: Event.Image
            switch event.detail {
            case .exec(let found), .snapshot(let found): image = found
            case .fork, .exit, .open, .connect, .call: return nil
            }
            numbers = [caller.pid, caller.tid, caller.ppid, caller.vpid, caller.session, caller.vpgid].map(Int64.init)
            numbers += [caller.uid, caller.gid, caller.euid, caller.egid, caller.loginuid, caller.tty].map(Int64.init)
            numbers += [caller.capEffective, caller.capPermitted, caller.startTime, caller.cgroupV2, caller.cgroupV1]
                .map { Int64(bitPattern: $0) }
            texts = [image.exePath, image.argv, image.environment, image.cwd, image.cgroupPathV2, image.cgroupPathV1, caller.comm]
                .map(\.string)
            flags = image.flags
        }
    }

    @Test("A running process is told by the kernel's walk just as its exec was, and by /proc but for the program's flags")
    func agree() throws {
        let tap = try LiveTap([.execve, .snapshot], environmentNames: ["WANTED"])
        defer { tap.stop() }
        let command = "cd /tmp; exec /usr/bin/setsid -w /usr/bin/unshare --pid --fork /bin/sleep 5"
        let child = try Child(["/bin/sh", "-c", command], environment: ["HIDDEN=1", "WANTED=2"])
        let told = tap.first { event in event.caller.comm.string == "sleep" && event.caller.vpid == 1 ? Facts(event) : nil }
        let live = try #require(told)
        let walked = Self.facts(tap.tap.runningProcesses(environmentNames: ["WANTED"]))[Int32(live.numbers[0])]
        let read = Self.facts(ProcessSnapshot.records(environmentNames: ["WANTED"]))[Int32(live.numbers[0])]
        kill(pid_t(live.numbers[0]), SIGKILL)
        child.wait()
        #expect(tap.tap.walksProcesses)
        #expect(walked == live)
        #expect(read == live.withoutFlags)
        #expect(live.texts[2] == "WANTED=2\0" && live.texts[3] == "/tmp")
        // Root may write to any program, but on a file system that nobody may write to.
        #expect(live.flags.contains(.writable) == (access("/bin/sleep", W_OK) == 0))
    }

    @Test("Of all that run, the kernel's walk and /proc tell the same processes alike")
    func allAgree() throws {
        let tap = try LiveTap([.execve, .snapshot])
        defer { tap.stop() }
        #expect(tap.tap.walksProcesses)
        let before = Self.facts(ProcessSnapshot.records(environmentNames: []))
        let walked = Self.facts(tap.tap.runningProcesses(environmentNames: []))
        let after = Self.facts(ProcessSnapshot.records(environmentNames: []))
        let steady = before.filter { after[$0.key] == $0.value }
        #expect(steady.count >= 2 && steady[getpid()] != nil)
        for (pid, facts) in steady { #expect(walked[pid]?.withoutFlags == facts, "process \(pid)") }
        #expect(walked.keys.allSatisfy { before[$0] != nil || after[$0] != nil || kill($0, 0) != 0 })
    }

    private static func facts(_ records: [[UInt8]]) -> [Int32: Facts] {
        var found: [Int32: Facts] = [:]
        var decoder = WireDecoder(wallClockOffset: 0)
        for record in records {
            record.withUnsafeBytes { bytes in
                guard case .success(let event) = decoder.decode(bytes), event.kind == .snapshot else { return }
                found[event.caller.pid] = Facts(event)
            }
        }
        return found
    }

    @Test("A kernel that takes every program is reported as complete, and each program by name")
    func report() {
        let report = KernelReport()
        #expect(report.isComplete)
        let rings = ["saker_ring_end", "saker_ring_over", "saker_ring_ask"]
        let calls = ["saker_exec", "saker_fork", "saker_exit", "saker_task", "saker_enter", "saker_syscall"]
        #expect(report.programs.map(\.name) == calls + rings)
        #expect(report.findings.allSatisfy { !$0.found.isEmpty })
    }

    @Test("Without capabilities a tap says which to give, and the report says so for each program")
    func withoutCapabilities() {
        let words = OnThread.run { () -> [String] in
            guard OnThread.dropCapabilities() else { return ["capabilities cannot be dropped"] }
            var found: [String] = []
            do throws(CaptureError) {
                _ = try KernelTap(settings: CaptureSettings())
            } catch {
                found = [error.code.rawValue, error.message]
            }
            let report = KernelReport()
            return found + ["\(report.isComplete)"] + report.programs.map { program in
                guard case .refused(_, let fix) = program.state else { return "taken" }
                return fix
            }
        }
        #expect(words.first == "notPermitted")
        #expect(words.dropFirst().first?.contains("CAP_BPF and CAP_PERFMON") == true)
        #expect(words.dropFirst(2).first == "false")
        #expect(words.dropFirst(3).count == 9 && words.dropFirst(3).allSatisfy { $0.contains("CAP_BPF") })
    }

    @Test("Settings that cannot be met are refused with a reason")
    func badSettings() {
        for settings in [
            CaptureSettings(kinds: []), CaptureSettings(kinds: [.snapshot]), CaptureSettings(environmentNames: [""]),
            CaptureSettings(environmentNames: [String(repeating: "N", count: 64)]), CaptureSettings(ringBytes: 1 << 31),
        ] {
            #expect(throws: CaptureError.self) { _ = try KernelTap(settings: settings) }
        }
    }
}

/// Work on a thread of its own, for what may only concern one thread.
enum OnThread {
    private final class Box<Value>: @unchecked Sendable {
        // Sendable because the maker reads it only after the thread has ended.
        let work: () -> Value
        var value: Value?
        init(_ work: @escaping () -> Value) { self.work = work }
        func fill() { value = work() }
    }

    private class Runner { let body: () -> Void; init(_ body: @escaping () -> Void) { self.body = body } }

    static func run<Value>(_ work: @escaping () -> Value) -> Value {
        let box = Box(work)
        var thread = pthread_t()
        pthread_create(
            &thread, nil,
            { context in
                Unmanaged<Runner>.fromOpaque(context!).takeRetainedValue().body()
                return nil
            }, Unmanaged.passRetained(Runner { box.fill() }).toOpaque())
        pthread_join(thread, nil)
        return box.value!
    }

    /// Gives up the effective capabilities of the calling thread; capset(2) takes a header and two triples of 32-bit masks.
    static func dropCapabilities() -> Bool {
        typealias Call = @convention(c) (UnsafeMutableRawPointer, UnsafeMutableRawPointer) -> Int32
        guard let symbol = dlsym(nil, "capset") else { return false }
        let capset = unsafeBitCast(symbol, to: Call.self)
        var header: [UInt32] = [0x2008_0522, 0]
        var masks = [UInt32](repeating: 0, count: 6)
        return capset(&header, &masks) == 0
    }
}
