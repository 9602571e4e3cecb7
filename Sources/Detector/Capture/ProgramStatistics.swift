// SPDX-License-Identifier: Apache-2.0
internal import CProbe
internal import Glibc

/// What the kernel counted of one of the probe's programs since it was loaded.
public struct ProgramStatistics: Sendable, Hashable {
    /// Its name, as `bpftool prog` shows it.
    public var name: String
    /// How often it ran while runs were counted (`RunCounting`).
    public var runs: UInt64
    /// How long these runs took, in nanoseconds; two clock readings of the kernel are in each.
    public var nanoseconds: UInt64
    /// How often the kernel skipped it because it was already running on that CPU: each is an event of which nothing is known.
    public var missed: UInt64
}

/// Has the kernel count the runs of all eBPF programs of the machine and their time, as long as it lives: each run then costs two more
/// readings of the clock.
public final class RunCounting: Sendable {
    private let descriptor: Int32

    /// Begins to count. Throws when the kernel refuses, which wants CAP_SYS_ADMIN for this, and does not count for everybody either.
    public init() throws(CaptureError) {
        descriptor = saker_enable_statistics()
        guard descriptor < 0, ProcFile.read("/proc/sys/kernel/bpf_stats_enabled")?.first != UInt8(ascii: "1") else { return }
        throw CaptureError(
            .notPermitted,
            "The kernel does not count the runs of programs for us (\(errorText(descriptor))): "
                + "give CAP_SYS_ADMIN, or set kernel.bpf_stats_enabled=1 with sysctl.",
            errno: -descriptor)
    }

    deinit { if descriptor >= 0 { close(descriptor) } }
}
