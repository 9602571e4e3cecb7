// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc

/// A pod: a real process tree in namespaces and a cgroup of its own, which a probe cannot tell from a kubelet's.
final class DemoPod: Sendable {
    /// What the API server says of a pod.
    struct Description: Sendable, Hashable {
        var name: String
        var namespace: String
        var uid: String
        /// 64 hex digits.
        var containerID: String
        var image: String
        var labels: [String: String]
    }

    let description: Description
    /// What the pod's processes print, each line as it was printed.
    let log: URL
    /// The pod's address.
    let address: String
    private let node: DemoNode
    private let process: NamespaceProcess
    private let cgroups: [String]
    private let link: String

    /// Starts a pod and waits until its program runs and its network is up. `number` is 1 to 250, one a pod.
    init(_ description: Description, number: Int, on node: DemoNode) throws(DemoError) {
        self.description = description
        self.node = node
        link = "pod\(number)"
        log = node.run.file("\(description.name).log")
        address = "10.244.\(number).2"
        cgroups = try node.cgroups.makeContainer(podUID: description.uid, containerID: description.containerID)
        let root = node.run.file("root-\(number)")
        try Self.makeDirectory(root)
        let files = cgroups.map { $0 + "/cgroup.procs" }
        let count = String(files.count)
        let make = ["/bin/busybox", "sh", "-c", DemoScripts.pod, "sh", root.path, description.name, count]
        process = try NamespaceProcess(
            make, opening: files, log: log, run: node.run, ready: { $0.name == "shop" })
        do {
            try node.connect(process, link: link, subnet: number)
        } catch {
            process.kill()
            throw error
        }
    }

    /// The pod's first process, as the host numbers it.
    var identity: ProcessIdentity { process.first }

    /// Whether the pod's first process runs.
    var isRunning: Bool { process.isRunning }

    /// Ends the pod as the kubelet does: TERM, and KILL when it still runs after `grace` seconds; true when it is gone.
    func terminate(grace: Double) -> Bool {
        let gone = process.terminate(grace: grace)
        process.kill()
        return gone
    }

    /// Cuts the pod off the network and returns when the pod's kernel says that it has no way out.
    func cut() throws(DemoError) { try setLink(up: false) }

    /// Connects the pod again and returns when it has a way out.
    func heal() throws(DemoError) { try setLink(up: true) }

    /// Whether the pod's kernel knows a way to the attacker's address.
    var hasRoute: Bool {
        (try? process.network(["ip", "route", "get", DemoNode.attackerAddress]))?.status == 0
    }

    /// The arguments that execute `command` in all of the pod's namespaces and in its cgroup, as `kubectl exec` does.
    func entering(_ command: [String]) -> [String] {
        let count = String(cgroups.count)
        let enter = ["nsenter", "-t", String(identity.pid), "-m", "-u", "-i", "-n", "-p", "--"]
        let environment = ["/bin/busybox", "env", "-i", "PATH=/bin", "HOME=/root", "TERM=dumb", "PS1=# "]
        return NamespaceProcess.opening(cgroups.map { $0 + "/cgroup.procs" }) + enter + environment
            + ["/bin/busybox", "sh", "-c", DemoScripts.joinCgroups, "sh", count] + command
    }

    /// Whether the pod's web server answers the node.
    var answers: Bool { answer == DemoScripts.page }

    /// What a visit to the pod's web server shows.
    var answer: String { (try? node.visit(address)) ?? "no answer" }

    /// Executes a command in the pod and waits for its end.
    func execute(_ command: [String], seconds: Double = 10) throws(DemoError) -> Command.Result {
        try Command.run(entering(command), seconds: seconds)
    }

    private func setLink(up: Bool) throws(DemoError) {
        try node.setLink(link, up: up)
        guard waitFor(seconds: 3, { hasRoute == up }) else {
            throw DemoError(code: .command, message: "pod \(description.name)'s link was set \(up ? "up" : "down") without effect")
        }
    }

    private static func makeDirectory(_ url: URL) throws(DemoError) {
        do {
            try FileManager.default.createDirectory(at: url, withIntermediateDirectories: false)
        } catch {
            throw DemoError(code: .file, message: "cannot make \(url.path): \(error)")
        }
    }
}
