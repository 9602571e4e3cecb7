// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc

/// A process id together with its start time, so that a later process with the same id cannot be meant.
struct ProcessIdentity: Codable, Hashable, Sendable {
    var pid: Int32
    /// Clock ticks after boot: field 22 of /proc/PID/stat.
    var startTime: UInt64

    /// Reads the start time of a living process; nil when there is none.
    init?(of pid: Int32) {
        guard let fields = Self.fields(of: pid), fields.count > 19, fields[0] != "Z", let start = UInt64(fields[19]) else { return nil }
        self.pid = pid
        startTime = start
    }

    /// Whether this very process still runs.
    var isAlive: Bool { Self(of: pid) == self }

    /// What the kernel calls it: the first 15 bytes of its program's name.
    var name: String? {
        (try? String(contentsOfFile: "/proc/\(pid)/comm", encoding: .utf8))?.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Sends a signal if this very process still runs.
    func signal(_ number: Int32) {
        if isAlive { kill(pid, number) }
    }

    /// Waits until it is gone; false when it still runs after `seconds`.
    func waitUntilGone(seconds: Double) -> Bool {
        waitFor(seconds: seconds) { !isAlive }
    }

    /// The processes whose parent is `parent`.
    static func children(of parent: Int32) -> [ProcessIdentity] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.compactMap { Int32($0) }
            .filter { (fields(of: $0)?.dropFirst().first).flatMap { Int32($0) } == parent }
            .compactMap { ProcessIdentity(of: $0) }
    }

    /// The fields of /proc/PID/stat from the third, the state, on: the name before them may hold blanks and brackets.
    private static func fields(of pid: Int32) -> [Substring]? {
        guard let text = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
            let bracket = text.lastIndex(of: ")")
        else { return nil }
        return text[text.index(after: bracket)...].split(separator: " ")
    }
}

/// Asks `condition` every few milliseconds until it is true; false when it was not within `seconds`.
func waitFor(seconds: Double, _ condition: () -> Bool) -> Bool {
    let deadline = DispatchTime.now() + seconds
    while !condition() {
        if DispatchTime.now() >= deadline { return false }
        usleep(2_000)
    }
    return true
}
