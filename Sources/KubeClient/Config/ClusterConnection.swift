// SPDX-License-Identifier: Apache-2.0

public import Transport

/// All that is needed to talk to one API server, read from a kubeconfig or from a pod's own service account.
public struct ClusterConnection: Sendable, Hashable {
    /// The server's address without a slash at its end, such as `https://10.0.0.1:6443`.
    public var server: String
    /// Whom to trust and which certificate to show.
    public var tls: TLSSettings
    /// What is sent as `Authorization`.
    public var credential: Credential
    /// The namespace that is meant when none is named.
    public var namespace: String

    /// States a connection. Throws `config` unless the server is `https`, or `http` on this machine.
    public init(
        server: String, tls: TLSSettings = TLSSettings(), credential: Credential = .none, namespace: String = "default"
    ) throws(KubeError) {
        var server = server
        while server.hasSuffix("/") { server.removeLast() }
        let isLocal = ["http://127.0.0.1:", "http://localhost:", "http://[::1]:"].contains(where: server.hasPrefix)
        guard server.hasPrefix("https://") || isLocal, !server.contains("@") else {
            throw KubeError(
                .config, "The API server's address '\(server)' must begin with https:// (http:// only on loopback) and name no user.")
        }
        self.server = server
        self.tls = tls
        self.credential = credential
        self.namespace = namespace
    }

    /// A bearer token, or none because a client certificate speaks for itself. Never printed.
    public enum Credential: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible {
        /// Nothing is sent.
        case none
        /// This token.
        case token(String)
        /// The token in this file, read again for every request, since the kubelet renews it.
        case tokenFile(String)

        public var description: String {
            switch self {
            case .none: "no token"
            case .token: "a token"
            case .tokenFile(let path): "the token in " + path
            }
        }

        public var debugDescription: String { description }
    }
}
