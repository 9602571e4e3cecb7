// SPDX-License-Identifier: Apache-2.0
internal import CProbe
internal import Glibc

extension KernelTap {
    /// The processes that run now, as wire records of kind snapshot: told by the kernel in one walk where it lets us, else read from /proc.
    /// What /proc does not tell (whether the program could be written to, its layer of an overlay) is then unknown. Of an environment only
    /// the entries of these names are kept.
    public func runningProcesses(environmentNames: [String]) -> [[UInt8]] {
        let walked = WireRecord.split(walk() ?? [])
        let names = Set(environmentNames.map { Array($0.utf8) })
        // A kernel was seen that leaves out the first process of all.
        let others = ProcessSnapshot.records(environmentNames: environmentNames, leavingOut: Set(walked.map(WireRecord.pid)))
        return others + walked.compactMap { ProcessSnapshot.record($0, addingEnvironment: names) }
    }

    /// Whether the kernel tells them itself.
    public var walksProcesses: Bool { attached.contains { $0.name == ProbeProgram.task.rawValue && $0.isActive } }

    private func walk() -> [UInt8]? {
        guard walksProcesses, let index = probe.index(of: .task) else { return nil }
        let file = saker_probe_begin_walk(probe.pointer, index)
        guard file >= 0 else { return nil }
        defer { close(file) }
        return ProcFile.readAll(file, limit: .max)
    }
}
