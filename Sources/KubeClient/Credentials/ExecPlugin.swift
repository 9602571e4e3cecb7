// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// A program that hands out credentials, as kubeconfig's `exec` names it (Kubernetes' `client.authentication.k8s.io` protocol).
public struct ExecPlugin: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible {
    /// The versions of the protocol that are spoken.
    public enum Version: String, Sendable, Hashable, CaseIterable {
        case v1 = "client.authentication.k8s.io/v1", v1beta1 = "client.authentication.k8s.io/v1beta1"
    }

    /// The protocol's version, which the answer must repeat.
    public var version: Version
    /// The program: a path, or a name to look up in PATH.
    public var command: String
    /// Its arguments.
    public var arguments: [String]
    /// Its whole environment; PATH in it decides where a bare name is looked up.
    public var environment: [String: String]
    /// How to install it, as the kubeconfig says; empty when it says nothing.
    public var installHint: String
    /// What it is told of the cluster; nil when the kubeconfig does not ask for that.
    public var cluster: JSONValue?
    /// How long it may run.
    public var timeLimit: Duration

    /// States a plugin; 60 seconds suffice for one that asks a slow identity service more than once.
    public init(
        _ version: Version, command: String, arguments: [String] = [], environment: [String: String] = [:], installHint: String = "",
        cluster: JSONValue? = nil, timeLimit: Duration = .seconds(60)
    ) {
        self.version = version
        self.command = command
        self.arguments = arguments
        self.environment = environment
        self.installHint = installHint
        self.cluster = cluster
        self.timeLimit = timeLimit
    }

    /// The command alone: arguments and environment may hold secrets.
    public var description: String { "the credential plugin '\(command)'" }

    public var debugDescription: String { description }

    /// What it reads in `KUBERNETES_EXEC_INFO`.
    var information: JSONValue {
        var spec: [String: JSONValue] = ["interactive": false]
        spec["cluster"] = cluster
        return ["apiVersion": .string(version.rawValue), "kind": "ExecCredential", "spec": .object(spec)]
    }

    /// Where to look for the program, in order.
    var candidates: [String] {
        guard !command.contains("/") else { return [command] }
        let folders = (environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin").split(separator: ":").filter { $0.hasPrefix("/") }
        return folders.map { $0 + "/" + command }
    }
}
