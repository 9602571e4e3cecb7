// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc

/// Removes what a demo made: at its own end, and for an earlier one that was killed.
///
/// It ends only processes that the run's own list names by id and start time, or that sit in the run's own cgroups.
struct Sweeper {
    /// What was found and what became of it.
    struct Report {
        var runs = 0
        var processes = 0
        var left: [String] = []
    }

    /// Sweeps all runs under `base` that nobody holds the lock of.
    static func sweep(base: URL) -> Report {
        var report = Report()
        let names = (try? FileManager.default.contentsOfDirectory(atPath: base.path)) ?? []
        for name in names.sorted() {
            let directory = base.appendingPathComponent(name)
            guard FileManager.default.fileExists(atPath: directory.appendingPathComponent(RunDirectory.stateName).path),
                let lock = RunDirectory.lock(directory)
            else { continue }
            defer { close(lock) }
            report.runs += 1
            clear(directory, &report)
            if (try? FileManager.default.removeItem(at: directory)) == nil { report.left.append(directory.path) }
        }
        return report
    }

    /// Ends and removes all that the list in `directory` names; the directory itself stays.
    static func clear(_ directory: URL, _ report: inout Report) {
        guard let data = try? Data(contentsOf: directory.appendingPathComponent(RunDirectory.stateName)),
            let state = try? JSONDecoder().decode(RunDirectory.State.self, from: data)
        else {
            report.left.append(directory.path)
            return
        }
        for process in state.processes where process.isAlive {
            report.processes += 1
            process.signal(SIGKILL)
        }
        for process in state.processes where !process.waitUntilGone(seconds: 3) { report.left.append("process \(process.pid)") }
        for cgroup in state.cgroups where cgroup.contains(directory.lastPathComponent) && !CgroupTree.remove(cgroup) {
            report.left.append(cgroup)
        }
    }
}
