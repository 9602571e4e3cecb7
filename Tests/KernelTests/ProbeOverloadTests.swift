// SPDX-License-Identifier: Apache-2.0
import Capture
import EventModel
import Glibc
import Testing

@Suite("A ring that runs full", .serialized, .enabled(if: requireLiveKernel(), "needs root and BTF"))
struct ProbeOverloadTests {
    /// Opens a file so many times within this process, which is the only one that a tap tells of here.
    private func open(_ times: Int) {
        for _ in 0..<times { close(Glibc.open("/dev/null", O_RDONLY)) }
    }

    @Test("Who floods is held back by name; what the process table lives on is still told")
    func flood() throws {
        let kinds: Set<EventKind> = [.openat, .execve, .fork, .vfork, .clone, .clone3]
        let tap = try KernelTap(settings: CaptureSettings(kinds: kinds, ringBytes: 256 << 10, ignoredProcess: 0))
        // Nobody reads: half of the ring is anybody's, then each has its share, in so small a ring 3,200 a second.
        open(20_000)
        let flood = try #require(tap.floods.first { $0.pid == getpid() }, "held back: \(tap.floods)")
        #expect(flood.heldBack > 50 && !flood.name.isEmpty)
        #expect(tap.drops[.throttled, .openat] + tap.drops[.shed, .openat] > 10_000)
        #expect(tap.drops[.ringFull] == 0)
        let child = try Child(["/bin/true"])
        #expect(child.wait() == 0)
        #expect(tap.drops[.throttled, .execve] + tap.drops[.shed, .execve] + tap.drops[.ringFull] == 0)
        tap.stop()
        var execs = 0
        var decoder = WireDecoder(wallClockOffset: 0)
        tap.run { record in
            if case .success(let event) = decoder.decode(record), event.kind == .execve, event.caller.pid == child.pid { execs += 1 }
        }
        #expect(execs == 1)
    }

    @Test("A ring that is read in time holds nobody back")
    func quiet() throws {
        let tap = try LiveTap([.openat], ringBytes: 8 << 20) { _ in false }
        defer { tap.stop() }
        for _ in 0..<20 {
            open(1_000)
            usleep(5_000)
        }
        #expect(tap.tap.drops.lost == 0 && tap.tap.floods.isEmpty)
    }
}
