// SPDX-License-Identifier: Apache-2.0
import Delivery
import EventModel
import Foundation
import Glibc
import KubeSim
import Records
import Testing

/// A cluster, a folder with all that `saker respond` reads, and a port that is its own; the responder is started and killed by the test.
final class TwoMachines {
    static let token = "the-detector's-token-0001"
    static let falcoToken = "falcos-token-0002"
    static let shopToken = "the-shops-token-0003"

    let sim: KubeSim
    let folder: TemporaryFolder
    let port: Int
    private let configuration: String

    /// Reads playbooks from that path and senders from that file, or from files of its own.
    init(responses: String? = nil, senders: String? = nil, _ adjust: (inout KubeSimOptions) -> Void = { _ in }) async throws {
        folder = try TemporaryFolder()
        var options = KubeSimOptions()
        adjust(&options)
        options.credentialsDirectory = folder.url.appending(path: "credentials").path
        sim = try await KubeSim.start(options)
        port = try Self.freePort()
        try folder.write("token", Self.token)
        try folder.write("falco-token", Self.falcoToken)
        try folder.write("shop-token", Self.shopToken)
        try folder.write("senders.yaml", """
            - {name: node-1, bearer: \(folder.url.path)/token, nodes: [n1]}
            - {name: falco, basic: {user: falco, token_file: \(folder.url.path)/falco-token}, nodes: any}
            - {name: shop, bearer: \(folder.url.path)/shop-token, namespaces: [shop]}
            - {name: detectors, service_account: {namespace: saker, name: saker-detect, audience: saker}}
            """)
        try folder.write("responses/p.yaml", """
            - rule: Mark
              match: {rules: [Shell, Terminal shell in container]}
              actions: [{action: Mark it, actionner: kubernetes:label, parameters: {labels: {seen: "yes"}}}]
            - rule: End
              match: {rules: [Kill]}
              actions: [{action: End it, actionner: kubernetes:terminate}]
            """)
        configuration = try folder.write("respond.yaml", """
            mode: act
            responses: [\(responses ?? folder.url.path + "/responses")]
            kubernetes: {kubeconfig: \(folder.url.path)/credentials/admin.kubeconfig}
            journal: \(folder.url.path)/journal/j.db
            results: \(folder.url.path)/results
            guardrails: {stop_file: "\(folder.url.path)/stop"}
            respond: {listen: "127.0.0.1:\(port)", senders: \(senders ?? folder.url.path + "/senders.yaml")}
            """)
    }

    var url: String { "http://127.0.0.1:\(port)" }

    /// Starts `saker respond`, and returns once it listens.
    func respond() throws -> SakerProcess {
        let saker = try SakerProcess(["respond", "--config", configuration], in: folder)
        try #require(saker.says("ready, listening", within: 60), "\(saker.text)")
        return saker
    }

    func spool(_ log: @escaping @Sendable (String) -> Void = { _ in }) throws -> Spool {
        try Spool(
            Spool.Settings(
                folder: folder.url.appending(path: "spool").path, capacity: 8 << 20, now: { Timestamp(nanoseconds: 0) },
                lossAlert: { _ in TwoMachines.alert(0, pod: "none") }, log: log))
    }

    func sender(_ spool: Spool, log: @escaping @Sendable (String) -> Void = { _ in }) throws -> SpoolSender {
        let address = try ResponderAddress(
            url, tokenFile: folder.url.appending(path: "token").path, certificateFile: nil, keyFile: nil, authorityFile: nil,
            isLoopback: { $0 == "127.0.0.1" })
        return SpoolSender(spool, to: address, log: log)
    }

    /// Stores a running pod of that node.
    func pod(_ name: String, node: String = "n1", namespace: String = "shop") async throws {
        try await sim.apply(#"{"kind":"Namespace","metadata":{"name":"\#(namespace)"}}"#)
        try await sim.apply("""
            {"kind":"Pod","metadata":{"name":"\(name)","namespace":"\(namespace)"},
            "spec":{"nodeName":"\(node)","containers":[{"name":"main","image":"none"}]},
            "status":{"phase":"Running","containerStatuses":[{"name":"main","ready":true,"restartCount":0,
            "containerID":"containerd://\(Self.container(name))"}]}}
            """)
    }

    /// How often each pod was changed, by the cluster's own log.
    var changes: [String: Int] {
        let writes = sim.requests.filter {
            $0.resource == "pods" && ["patch", "delete"].contains($0.verb) && $0.status == 200 && !$0.dryRun
        }
        return Dictionary(writes.map { ($0.name ?? "", 1) }, uniquingKeysWith: +)
    }

    var history: [HistoryEntry] {
        get async throws {
            try await JournalReader(path: folder.url.appending(path: "journal/j.db").path).history(HistoryQuery(limit: 1_000))
        }
    }

    /// A token of the detector's account, bound to its pod on that node, as the kubelet projects it.
    func serviceAccountToken(node: String, audience: String) async throws -> String {
        try await sim.apply(#"{"kind":"Namespace","metadata":{"name":"saker"}}"#)
        try await sim.apply(#"{"kind":"ServiceAccount","metadata":{"name":"saker-detect","namespace":"saker"}}"#)
        try await sim.apply("""
            {"kind":"Pod","metadata":{"name":"saker-detect-\(node)","namespace":"saker"},
            "spec":{"nodeName":"\(node)","serviceAccountName":"saker-detect","containers":[{"name":"main","image":"none"}]}}
            """)
        let request = """
            {"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","spec":{"audiences":["\(audience)"],
            "boundObjectRef":{"apiVersion":"v1","kind":"Pod","name":"saker-detect-\(node)"}}}
            """
        let answer = try Self.curl([
            "--cacert", folder.url.appending(path: "credentials/ca.crt").path, "--header", "Authorization: Bearer \(sim.adminToken)",
            "--header", "Content-Type: application/json", "--data-binary", request,
            sim.url + "/api/v1/namespaces/saker/serviceaccounts/saker-detect/token",
        ])
        let json = try JSONParser.parse(Array(answer.body.utf8))
        return try #require(json["status"]?["token"]?.string, "\(answer.body)")
    }

    /// Posts with curl, as Falco does: its credentials are in the address. Returns the status and the answer.
    func curl(_ body: String, user: String = "falco:\(falcoToken)", header: String? = nil) throws -> (status: String, body: String) {
        let place = header == nil ? "http://\(user)@127.0.0.1:\(port)/" : url + "/"
        return try Self.curl(["--data-binary", body, place] + (header.map { ["--header", $0] } ?? []))
    }

    private static func curl(_ arguments: [String]) throws -> (status: String, body: String) {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/curl")
        process.arguments = ["--silent", "--max-time", "20", "--write-out", "\n%{http_code}"] + arguments
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let lines = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self).split(separator: "\n")
        process.waitUntilExit()
        return (String(lines.last ?? ""), lines.dropLast().joined(separator: "\n"))
    }

    static func alert(
        _ number: Int, pod: String, rule: RuleName = "Shell", namespace: String = "shop", time: Timestamp? = nil
    ) -> Alert {
        let digits = String(number)
        return Alert(
            trace: TraceID(String(repeating: "0", count: 32 - digits.count) + digits), time: time ?? now, rule: rule, priority: .notice,
            source: "syscall", tags: [], output: "a shell", fields: [:], hostname: "h", node: "n1",
            subject: Subject(
                pid: 1, container: ContainerID(container(pod)), pod: PodName(pod), namespace: NamespaceName(namespace)))
    }

    static var now: Timestamp { Timestamp(nanoseconds: UInt64(Date().timeIntervalSince1970 * 1e9)) }

    private static func container(_ name: String) -> String {
        let digits = name.utf8.map { String($0, radix: 16) }.joined()
        return digits + String(repeating: "0", count: 64 - digits.count)
    }

    private static func freePort() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                bind(descriptor, generic, length) == 0 ? getsockname(descriptor, generic, &length) : -1
            }
        }
        try #require(result == 0)
        return Int(in_port_t(bigEndian: address.sin_port))
    }
}

/// Waits until it is so, at most that many seconds.
func eventually(within seconds: Double = 20, _ condition: () async throws -> Bool) async rethrows -> Bool {
    let deadline = ContinuousClock.now + .seconds(seconds)
    while ContinuousClock.now < deadline {
        if try await condition() { return true }
        try? await Task.sleep(for: .milliseconds(20))
    }
    return try await condition()
}
