// SPDX-License-Identifier: Apache-2.0
import Capture
import EventModel
import Glibc
import Testing

@Suite("The statistics of programs", .serialized, .enabled(if: requireLiveKernel(), "needs root and BTF"))
struct ProbeStatisticsTests {
    @Test("While somebody asks, the kernel counts each run of a program and its time; it stops when nobody does")
    func runs() throws {
        let tap = try KernelTap(settings: CaptureSettings(kinds: [.chmod], ignoredProcess: 0))
        func exits() throws -> ProgramStatistics { try #require(tap.statistics.first { $0.name == "saker_syscall" }) }
        #expect(tap.statistics.map(\.name) == ["saker_syscall"], "programs that were not loaded have none")
        func call() { for _ in 0..<1_000 { chmod("/nowhere/at-all", 0) } }
        let before = try exits()
        do {
            let counting = try RunCounting()
            call()
            withExtendedLifetime(counting) {}
        }
        let during = try exits()
        #expect(during.runs - before.runs >= 1_000)
        // No run takes less than some nanoseconds, and none of these a millisecond.
        let each = (during.nanoseconds - before.nanoseconds) / (during.runs - before.runs)
        #expect((10...1_000_000).contains(each), "\(each) ns")
        // Another program of the machine may be counting at this moment.
        let deadline = ContinuousClock.now + .seconds(20)
        var idle = try exits(), after = idle
        repeat {
            idle = try exits()
            call()
            after = try exits()
        } while after.runs != idle.runs && ContinuousClock.now < deadline
        #expect(after.runs == idle.runs, "runs are counted though nobody asks")
    }
}
