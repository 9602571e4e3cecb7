// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc

/// A process in namespaces of its own, as their first process: when it ends, the kernel ends all that runs in them.
final class NamespaceProcess: Sendable {
    /// The first process of the namespaces, as the host numbers it.
    let first: ProcessIdentity
    private let outer: ChildProcess

    /// Starts `command` in new pid, mount, uts, ipc and net namespaces, noted in `run` before it does anything, and waits until its
    /// first process is `ready`.
    ///
    /// The files `opening` are open for writing as descriptors 3, 4 and so on.
    init(
        _ command: [String], opening files: [String] = [], log: URL, run: RunDirectory, ready: (ProcessIdentity) -> Bool
    ) throws(DemoError) {
        let unshare = ["unshare", "--pid", "--fork", "--kill-child", "--mount", "--uts", "--ipc", "--net", "--"]
        let wait = ["/bin/sh", "-c", DemoScripts.whenNoted, "sh"]
        outer = try ChildProcess(wait + Self.opening(files) + unshare + command, output: log)
        guard let identity = ProcessIdentity(of: outer.pid) else {
            throw DemoError(code: .command, message: "the process that makes the namespaces ended at once: \(outer.text)")
        }
        try run.note(identity)
        outer.write("noted\n")
        outer.closeInput()
        var found: ProcessIdentity?
        let outerID = outer.pid
        let came = waitFor(seconds: 10) {
            found = ProcessIdentity.children(of: outerID).first
            return found.map(ready) == true || !identity.isAlive
        }
        guard came, identity.isAlive, let found else {
            outer.kill()
            throw DemoError(code: .command, message: "the namespaces of \(log.lastPathComponent) did not come up: \(outer.text)")
        }
        first = found
        try run.note(found)
    }

    /// The arguments that open `files` for writing and then execute what follows.
    static func opening(_ files: [String]) -> [String] {
        ["/bin/sh", "-c", DemoScripts.openCgroups, "sh", String(files.count)] + files
    }

    /// Whether its first process runs.
    var isRunning: Bool { first.isAlive }

    /// Ends it and all that runs in its namespaces.
    func kill() {
        first.signal(SIGKILL)
        _ = first.waitUntilGone(seconds: 5)
        outer.kill()
    }

    /// Sends TERM, and KILL when it still runs after `grace` seconds, as the kubelet does; true when it is gone.
    func terminate(grace: Double) -> Bool {
        first.signal(SIGTERM)
        if !first.waitUntilGone(seconds: grace) { first.signal(SIGKILL) }
        return first.waitUntilGone(seconds: 5)
    }

    /// Executes a command of the host's in its network namespace alone.
    func network(_ command: [String], input: String = "") throws(DemoError) -> Command.Result {
        try Command.run(["nsenter", "-t", String(first.pid), "-n", "--"] + command, input: input)
    }
}
