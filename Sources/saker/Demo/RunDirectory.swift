// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc

/// A demo's own directory, and the list of what it made, written before each thing is used.
///
/// A living demo holds a lock in it, so that a later one can tell a killed one's remains from a neighbour's work.
// `state` is guarded by `mutex`; all else is immutable.
final class RunDirectory: @unchecked Sendable {
    /// What a run made outside its directory.
    struct State: Codable {
        var version = 1
        var processes: [ProcessIdentity] = []
        /// Directories under /sys/fs/cgroup, each with the run's random name in it.
        var cgroups: [String] = []
    }

    static let stateName = "state.json"
    static let lockName = "lock"

    let url: URL
    /// Random; also the name of the run's cgroups.
    let identifier: String
    private let lock: Int32
    private let mutex = NSLock()
    private var state = State()

    /// Makes `base`/`identifier` with mode 0700 and takes its lock.
    init(base: URL, identifier: String) throws(DemoError) {
        self.identifier = identifier
        url = base.appendingPathComponent(identifier)
        do {
            let privately: [FileAttributeKey: Any] = [.posixPermissions: 0o700]
            try FileManager.default.createDirectory(at: base, withIntermediateDirectories: true, attributes: privately)
            try FileManager.default.createDirectory(at: url, withIntermediateDirectories: false, attributes: privately)
        } catch {
            throw DemoError(code: .file, message: "cannot make the run's directory \(url.path): \(error)")
        }
        lock = Self.lock(url) ?? -1
        guard lock >= 0 else { throw DemoError(code: .file, message: "cannot lock \(url.path)") }
        try save()
    }

    deinit { close(lock) }

    /// Notes a process so that a later run can end it, should this one be killed.
    func note(_ process: ProcessIdentity) throws(DemoError) {
        mutex.withLock { state.processes.append(process) }
        try save()
    }

    /// Notes a cgroup directory that is about to be made.
    func note(cgroup: String) throws(DemoError) {
        mutex.withLock { state.cgroups.append(cgroup) }
        try save()
    }

    /// A file in the directory.
    func file(_ name: String) -> URL { url.appendingPathComponent(name) }

    /// The directory's lock, if nobody holds it.
    static func lock(_ directory: URL) -> Int32? {
        let descriptor = open(directory.appendingPathComponent(lockName).path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return nil }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            return nil
        }
        return descriptor
    }

    private func save() throws(DemoError) {
        do {
            let data = try mutex.withLock { try JSONEncoder().encode(state) }
            try data.write(to: file(Self.stateName), options: .atomic)
        } catch {
            throw DemoError(code: .file, message: "cannot note what the demo makes in \(url.path): \(error)")
        }
    }
}
