// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc

/// Debian's Podman with a service of its own: everything that it keeps lies in a scratch directory, the host's containers are not seen.
public final class Podman: @unchecked Sendable {
    // Sendable because only `stop`, which the test calls once, changes anything.
    /// Where its API listens.
    public var socket: String { scratch.path + "/api.sock" }
    /// Its directory and cgroup.
    public let scratch: RuntimeScratch

    private var service: SpawnedProcess?
    private let options: String
    private let environment: [String: String]

    /// Sets it up with the image of busybox, and starts the service unless told otherwise. Throws when it cannot run here.
    public init(serves: Bool = true) throws {
        scratch = try RuntimeScratch(needs: ["/usr/bin/podman", "/usr/bin/conmon"])
        let path = scratch.path
        // A machine may not let even root raise a limit; podman would.
        try scratch.write(
            "containers.conf",
            """
            [containers]
            default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
            [engine]
            runtime = "runc"
            cgroup_manager = "cgroupfs"
            lock_type = "file"
            events_logger = "none"
            """)
        environment = ["CONTAINERS_CONF": path + "/containers.conf"]
        options = "--root \(path)/root --runroot \(path)/run --tmpdir \(path)/tmp --volumepath \(path)/volumes "
            + "--network-config-dir \(path)/networks --storage-driver vfs"
        do {
            try call("load --quiet --input \(scratch.makeImage())")
            if serves { try serve() }
        } catch {
            stop()
            throw error
        }
    }

    /// Starts the service.
    public func serve() throws {
        service = try scratch.start(
            ["/usr/bin/podman"] + options.split(separator: " ").map(String.init) + ["system", "service", "--time", "0", "unix://" + socket],
            environment: environment
        ) { access(socket, F_OK) == 0 }
    }

    /// Ends the service; containers go on.
    public func endService() {
        guard let service else { return }
        service.end()
        self.service = nil
        unlink(socket)
    }

    /// Runs `podman` with these words, and returns what it printed.
    @discardableResult
    public func call(_ words: String) throws -> String {
        try scratch.shell("exec podman \(options) \(words)", environment: environment)
    }

    /// Runs a container of the image, without a network, in the test's cgroup; returns what was printed.
    @discardableResult
    public func run(_ words: String) throws -> String {
        try call("run --network none --cgroup-parent \(scratch.cgroup) \(words)")
    }

    /// Ends and removes everything.
    public func stop() {
        _ = try? call("rm --all --force --time 0")
        endService()
        scratch.remove()
    }
}
