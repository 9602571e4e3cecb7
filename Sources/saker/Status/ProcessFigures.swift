// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc

/// What this process takes of the machine.
struct ProcessFigures: Codable, Sendable, Equatable {
    let pid: Int32
    let residentBytes: UInt64
    let virtualBytes: UInt64
    let cpuSeconds: Double
    let openFiles: Int
    let threads: Int

    /// Looks at this process now; what cannot be read is 0.
    static var now: ProcessFigures {
        let pages = words("/proc/self/statm").compactMap { UInt64($0) }, size = UInt64(sysconf(Int32(_SC_PAGESIZE)))
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        let seconds = [usage.ru_utime, usage.ru_stime].reduce(0) { $0 + Double($1.tv_sec) + Double($1.tv_usec) / 1e6 }
        return ProcessFigures(
            pid: getpid(), residentBytes: (pages.count > 1 ? pages[1] : 0) * size, virtualBytes: (pages.first ?? 0) * size,
            cpuSeconds: seconds, openFiles: count("/proc/self/fd"), threads: count("/proc/self/task"))
    }

    private static func words(_ path: String) -> [Substring] {
        ((try? String(contentsOfFile: path, encoding: .utf8)) ?? "").split(whereSeparator: \.isWhitespace)
    }

    private static func count(_ folder: String) -> Int { (try? FileManager.default.contentsOfDirectory(atPath: folder).count) ?? 0 }
}
