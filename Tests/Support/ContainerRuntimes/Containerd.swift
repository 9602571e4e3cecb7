// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc

/// Debian's containerd with its CRI plugin, on a socket and with all that it keeps in a scratch directory.
public final class Containerd: @unchecked Sendable {
    // Sendable because only `stop`, which the test calls once, changes anything.
    /// Where it listens.
    public var socket: String { scratch.path + "/containerd.sock" }
    /// Its directory and cgroup.
    public let scratch: RuntimeScratch

    private var service: SpawnedProcess?

    /// Starts it with the image of busybox, which is its pause image too. Throws when it cannot run here.
    public init() throws {
        scratch = try RuntimeScratch(needs: ["/usr/bin/containerd", "/usr/bin/ctr"])
        let path = scratch.path
        try scratch.write(
            "config.toml",
            """
            version = 2
            root = "\(path)/root"
            state = "\(path)/state"
            [grpc]
              address = "\(path)/containerd.sock"
            [ttrpc]
              address = "\(path)/ttrpc.sock"
            [plugins."io.containerd.internal.v1.opt"]
              path = "\(path)/opt"
            [plugins."io.containerd.grpc.v1.cri"]
              sandbox_image = "\(RuntimeScratch.image)"
              restrict_oom_score_adj = true
              stream_server_address = "127.0.0.1"
              stream_server_port = "0"
              [plugins."io.containerd.grpc.v1.cri".containerd]
                snapshotter = "native"
              [plugins."io.containerd.grpc.v1.cri".cni]
                bin_dir = "\(path)/cni/bin"
                conf_dir = "\(path)/cni/conf"
            """)
        do {
            service = try scratch.start(["/usr/bin/containerd", "--config", path + "/config.toml"]) { (try? ctr("version")) != nil }
            try ctr("image import \(scratch.makeImage())")
        } catch {
            stop()
            throw error
        }
    }

    /// Runs `ctr` in the namespace of the CRI plugin, and returns what it printed.
    @discardableResult
    public func ctr(_ words: String) throws -> String {
        try scratch.shell("exec ctr --address \(socket) --namespace k8s.io \(words)")
    }

    /// Ends and removes everything.
    public func stop() {
        for task in ((try? ctr("tasks ls --quiet")) ?? "").split(separator: "\n") {
            _ = try? ctr("tasks delete --force \(task)")
        }
        service?.end()
        service = nil
        scratch.remove()
    }
}
