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
    /// The proxy to go through, `http`, `https`, `socks5` or `socks5h`, perhaps with user and password; nil for none.
    public var proxy: String?

    /// States a connection. Throws `config` unless the server is `https`, or `http` on this machine.
    public init(
        server: String, tls: TLSSettings = TLSSettings(), credential: Credential = .none, namespace: String = "default",
        proxy: String? = nil
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
        self.proxy = proxy
    }

    /// How requests say who sends them. Secrets are never printed.
    public enum Credential: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible {
        /// Nothing is sent: a client certificate speaks for itself.
        case none
        /// This token.
        case token(String)
        /// The token in this file, read again for every request, since the kubelet renews it.
        case tokenFile(String)
        /// A user's name and password.
        case basic(user: String, password: String)
        /// What this program hands out, asked again before it ends and after a 401.
        case exec(ExecPlugin)

        public var description: String {
            switch self {
            case .none: "no token"
            case .token: "a token"
            case .tokenFile(let path): "the token in " + path
            case .basic(let user, _): "the password of " + user
            case .exec(let plugin): plugin.description
            }
        }

        public var debugDescription: String { description }
    }
}
