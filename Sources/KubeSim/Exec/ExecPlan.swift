// SPDX-License-Identifier: Apache-2.0

/// A command that the API let somebody run.
struct ExecPlan: Sendable {
    var pod: PodReference
    var container: String
    var words: [String]
    var hasInput: Bool

    /// The protocols that the simulator speaks.
    static let protocols = ["v5.channel.k8s.io", "v4.channel.k8s.io"]
}

extension API {
    /// What `pods/exec` asks for, after the API server's own look at it. Newer servers ask for `create` as well when a WebSocket is
    /// opened with GET.
    func exec(_ call: Call, _ target: ObjectTarget) async throws(APIStatus) -> ExecPlan {
        guard let name = target.name, [.get, .create].contains(call.verb) else { throw .methodNotAllowed }
        try await access.check(call.identity, Attributes(.create, target, fields: ""))
        let pod = try await cluster.get(target, name)
        let container = try LogOptions(query: ["container": call.query["container"] ?? ""], pod: name).container(of: pod)
        let words = call.repeated("command")
        guard !words.isEmpty else { throw .badRequest("you must specify at least one command for the container") }
        guard pod["status", "phase"]?.string == "Running" else {
            throw .internalError("error executing command in container: container not found (\"\(container)\")")
        }
        return ExecPlan(
            pod: PodReference(pod), container: container, words: words, hasInput: ["true", "1"].contains(call.query["stdin"] ?? ""))
    }
}
