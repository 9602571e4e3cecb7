// SPDX-License-Identifier: Apache-2.0
import Capture
import Synchronization

/// Has the kernel count the runs of programs while somebody asks for them, and for a while after: counting costs every eBPF program of
/// the machine a little.
final class RunCounter: Sendable {
    private struct State {
        var counting: RunCounting?
        var until: UInt64 = 0
    }

    private let state = Mutex(State())

    /// Counts for so many seconds more, at a time in nanoseconds; says why it does not, nil when it does.
    func ask(for seconds: UInt64, at now: UInt64) -> String? {
        state.withLock { state in
            do throws(CaptureError) {
                if state.counting == nil { state.counting = try RunCounting() }
                state.until = max(state.until, now + seconds * 1_000_000_000)
                return nil
            } catch {
                return error.message
            }
        }
    }

    /// Counts no more when nobody has asked for so long; to be called now and then.
    func look(at now: UInt64) {
        state.withLock { state in
            if now >= state.until { state.counting = nil }
        }
    }
}
