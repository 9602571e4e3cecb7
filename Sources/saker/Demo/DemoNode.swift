// SPDX-License-Identifier: Apache-2.0
import Foundation

/// The demo's node: a network namespace that the pods hang on, with an attacker's listener at an address inside it.
final class DemoNode: Sendable {
    /// An address of TEST-NET-3 (RFC 5737), which is routed nowhere.
    static let attackerAddress = "203.0.113.66"
    static let attackerPort = 4444

    let run: RunDirectory
    let cgroups: CgroupTree
    private let process: NamespaceProcess

    /// Starts the namespace and its listener.
    init(run: RunDirectory) throws(DemoError) {
        self.run = run
        cgroups = try CgroupTree(name: "saker-demo-\(run.identifier)")
        let arguments = [Self.attackerAddress, String(Self.attackerPort)]
        process = try NamespaceProcess(
            ["/bin/busybox", "sh", "-c", DemoScripts.node, "sh"] + arguments, log: run.file("node.log"), run: run,
            ready: Self.listens)
        for root in cgroups.roots { try run.note(cgroup: root) }
    }

    /// Whether the namespace is held.
    var isRunning: Bool { process.isRunning }

    /// Its first process.
    var pid: Int32 { process.first.pid }

    /// Connects a pod's network namespace by a veth pair: the node's end is `link`, with the first address of 10.244.`subnet`.0/24.
    func connect(_ pod: NamespaceProcess, link: String, subnet: Int) throws(DemoError) {
        let pid = String(pod.first.pid)
        try succeed(process.network(["ip", "link", "add", link, "type", "veth", "peer", "name", "eth0", "netns", pid]))
        try succeed(process.network(["ip", "address", "add", "10.244.\(subnet).1/24", "dev", link]))
        try succeed(pod.network(["ip", "address", "add", "10.244.\(subnet).2/24", "dev", "eth0"]))
        // A route over a cut link is then no route: connect fails at once with ENETUNREACH instead of waiting for an answer.
        for device in ["all", "default", "eth0"] {
            try succeed(pod.network(["busybox", "sysctl", "-qw", "net.ipv4.conf.\(device).ignore_routes_with_linkdown=1"]))
        }
        try setLink(link, up: true)
        try succeed(pod.network(["ip", "link", "set", "eth0", "up"]))
        try succeed(pod.network(["ip", "route", "add", "default", "via", "10.244.\(subnet).1"]))
    }

    /// Sets the node's end of a pod's link up or down.
    func setLink(_ link: String, up: Bool) throws(DemoError) {
        try succeed(process.network(["ip", "link", "set", link, up ? "up" : "down"]))
    }

    /// Asks the web server at a pod's address, as a customer would; what it answers, or why it does not.
    func visit(_ address: String) throws(DemoError) -> String {
        let request = "GET / HTTP/1.0\r\n\r\n"
        let shown = try process.network(["busybox", "nc", "-w", "2", address, "8080"], input: request).output
        return (shown.components(separatedBy: "\r\n\r\n").last ?? "").trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Ends the namespace.
    func stop() { process.kill() }

    /// Whether a socket listens on the attacker's port (state 0A in /proc/PID/net/tcp) in the network of `process`.
    private static func listens(_ process: ProcessIdentity) -> Bool {
        let port = String(attackerPort, radix: 16, uppercase: true)
        let table = (try? String(contentsOfFile: "/proc/\(process.pid)/net/tcp6", encoding: .utf8)) ?? ""
        let older = (try? String(contentsOfFile: "/proc/\(process.pid)/net/tcp", encoding: .utf8)) ?? ""
        return (table + older).split(separator: "\n").contains { line in
            let fields = line.split(separator: " ")
            return fields.count > 3 && fields[1].hasSuffix(":" + port) && fields[3] == "0A"
        }
    }

    private func succeed(_ result: Command.Result) throws(DemoError) {
        guard result.status == 0 else {
            throw DemoError(code: .command, message: "the demo's network cannot be set up: \(result.output)")
        }
    }
}
