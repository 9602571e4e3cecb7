// SPDX-License-Identifier: Apache-2.0
import Foundation
@testable import KubeSim

/// One answer over HTTP.
struct Reply {
    var status: Int
    var headers: String
    var body: String
    var json: JSON { (try? JSON(parsing: Data(body.utf8))) ?? .null }
    /// The lines of a watch.
    var events: [JSON] { body.split(separator: "\n").compactMap { try? JSON(parsing: Data($0.utf8)) } }
    /// curl's exit code.
    var exit: Int32
}

/// A running simulator with curl and kubectl to talk to it; `body` runs between its start and its stop.
struct TestCluster {
    let sim: KubeSim
    let folder: URL

    static func run(
        _ configure: (inout KubeSimOptions) -> Void = { _ in }, _ body: (TestCluster) async throws -> Void
    ) async throws {
        let folder = try Scratch.folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        var options = KubeSimOptions()
        options.credentialsDirectory = folder.path(percentEncoded: false)
        options.requestLogPath = folder.appending(path: "requests.ndjson").path(percentEncoded: false)
        configure(&options)
        let sim = try await KubeSim.start(options)
        do {
            try await body(TestCluster(sim: sim, folder: folder))
        } catch {
            await sim.stop()
            throw error
        }
        await sim.stop()
    }

    var authorityPath: String { folder.appending(path: "ca.crt").path(percentEncoded: false) }

    func request(
        _ method: String, _ path: String, _ body: JSON? = nil, contentType: String = "application/json", token: String? = nil,
        accept: String? = nil
    ) async throws -> Reply {
        var arguments = [
            "curl", "-sS", "-N", "-g", "-D", "/dev/stderr", "--cacert", authorityPath, "-X", method, sim.url + path,
            "-H", "Authorization: Bearer " + (token ?? sim.adminToken),
        ]
        if let accept { arguments += ["-H", "Accept: " + accept] }
        if body != nil { arguments += ["-H", "Content-Type: " + contentType, "--data-binary", "@-"] }
        let result = try await Command(arguments, input: body?.text).run()
        let status = result.errors.split(separator: "\r\n").first?.split(separator: " ").dropFirst().first.flatMap { Int($0) }
        return Reply(status: status ?? 0, headers: result.errors, body: result.output, exit: result.status)
    }

    func kubectl(_ arguments: String..., user: KubeconfigUser = .administrator) async throws -> CommandResult {
        try await kubectl(arguments, user: user)
    }

    func kubectl(
        _ arguments: [String], user: KubeconfigUser = .administrator, environment extra: [String: String] = [:]
    ) async throws -> CommandResult {
        let path = folder.appending(path: "kubeconfig-" + UUID().uuidString)
        try Data(try sim.kubeconfig(user).utf8).write(to: path)
        let environment = ["KUBECONFIG": path.path(percentEncoded: false), "HOME": folder.path(percentEncoded: false)]
        return try await Command(["kubectl"] + arguments, environment: environment.merging(extra) { $1 }).run()
    }

    func seed(_ manifest: JSON) async throws { try await sim.apply(manifest.text) }
}

/// A running pod with one ready container.
func pod(_ name: String, labels: JSON = [:], namespace: String = "default", node: String = "node-1") -> JSON {
    [
        "kind": "Pod", "apiVersion": "v1", "metadata": ["name": .string(name), "namespace": .string(namespace), "labels": labels],
        "spec": ["nodeName": .string(node), "containers": [["name": "main", "image": "none"]]],
        "status": [
            "phase": "Running",
            "containerStatuses": [["name": "main", "ready": true, "restartCount": 2, "containerID": "containerd://abc"]],
        ],
    ]
}

let pods = "/api/v1/namespaces/default/pods"
