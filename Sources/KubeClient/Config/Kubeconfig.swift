// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import Transport
internal import Yams

/// A kubeconfig file as it is written; only what Saker understands or must refuse by name.
private struct KubeconfigFile: Decodable {
    struct NamedCluster: Decodable {
        let name: String
        let cluster: Cluster
    }

    struct NamedUser: Decodable {
        let name: String
        let user: User?
    }

    struct NamedContext: Decodable {
        let name: String
        let context: Context
    }

    struct Context: Decodable {
        let cluster: String
        let user: String?
        let namespace: String?
    }

    struct Cluster: Decodable {
        let server: String
        let authority: String?
        let authorityData: String?
        let isInsecure: Bool?
        let proxyURL: String?
        let tlsServerName: String?

        enum CodingKeys: String, CodingKey {
            case server, authority = "certificate-authority", authorityData = "certificate-authority-data"
            case isInsecure = "insecure-skip-tls-verify", proxyURL = "proxy-url", tlsServerName = "tls-server-name"
        }
    }

    struct User: Decodable {
        let token, tokenFile, certificate, certificateData, key, keyData, username: String?
        let exec, authProvider: Present?

        enum CodingKeys: String, CodingKey {
            case token, tokenFile, username, exec, authProvider = "auth-provider"
            case certificate = "client-certificate", certificateData = "client-certificate-data"
            case key = "client-key", keyData = "client-key-data"
        }
    }

    /// Anything at all: only its being there matters.
    struct Present: Decodable {
        init(from decoder: any Decoder) throws {}
    }

    let currentContext: String?
    let clusters: [NamedCluster]?
    let users: [NamedUser]?
    let contexts: [NamedContext]?

    enum CodingKeys: String, CodingKey {
        case currentContext = "current-context", clusters, users, contexts
    }
}

extension ClusterConnection {
    /// Reads one context of a kubeconfig file; a nil context means its `current-context`.
    ///
    /// Throws `config` that names what is missing, and what Saker does not do (exec plugins, passwords, proxies).
    public static func kubeconfig(path: String, context: String? = nil) throws(KubeError) -> ClusterConnection {
        let text = String(decoding: try SecretFile.bytes(path, for: "the kubeconfig"), as: UTF8.self)
        return try kubeconfig(text, name: path, directory: (path as NSString).deletingLastPathComponent, context: context)
    }

    /// Reads a kubeconfig's text; relative paths in it count from `directory`, and `name` stands for it in messages.
    public static func kubeconfig(
        _ text: String, name: String, directory: String, context: String? = nil
    ) throws(KubeError) -> ClusterConnection {
        let file: KubeconfigFile
        do {
            file = try YAMLDecoder().decode(KubeconfigFile.self, from: text)
        } catch {
            throw KubeError(.config, "\(name) is no kubeconfig: \(error)")
        }
        let reader = KubeconfigReader(file: file, name: name, directory: directory)
        return try reader.connection(context: context)
    }
}

/// Looks up a context and turns it into a connection.
private struct KubeconfigReader {
    let file: KubeconfigFile
    let name: String
    let directory: String

    func connection(context wanted: String?) throws(KubeError) -> ClusterConnection {
        guard let contextName = wanted ?? file.currentContext, !contextName.isEmpty else {
            throw KubeError(.config, "\(name) has no current-context: name one (it has \(list(file.contexts?.map(\.name)))).")
        }
        guard let context = file.contexts?.first(where: { $0.name == contextName })?.context else {
            throw missing("context", contextName, among: file.contexts?.map(\.name))
        }
        guard let cluster = file.clusters?.first(where: { $0.name == context.cluster })?.cluster else {
            throw missing("cluster", context.cluster, among: file.clusters?.map(\.name))
        }
        var user: KubeconfigFile.User?
        if let userName = context.user, !userName.isEmpty {
            guard let found = file.users?.first(where: { $0.name == userName }) else {
                throw missing("user", userName, among: file.users?.map(\.name))
            }
            user = found.user
        }
        try refuseUnknown(cluster, user, userName: context.user ?? "")
        return try ClusterConnection(
            server: cluster.server, tls: tls(cluster, user), credential: credential(user), namespace: context.namespace ?? "default")
    }

    private func refuseUnknown(_ cluster: KubeconfigFile.Cluster, _ user: KubeconfigFile.User?, userName: String) throws(KubeError) {
        let found: [(Bool, String)] = [
            (cluster.proxyURL != nil, "proxy-url"), (cluster.tlsServerName != nil, "tls-server-name"),
            (user?.exec != nil, "exec (a credential plugin)"), (user?.authProvider != nil, "auth-provider"),
            (user?.username != nil, "username and password"),
        ]
        guard let refused = found.first(where: \.0)?.1 else { return }
        throw KubeError(
            .config, "\(name): user '\(userName)' or its cluster asks for \(refused), which Saker does not do. "
                + "Use a token, a tokenFile or a client certificate, without a proxy.")
    }

    private func tls(_ cluster: KubeconfigFile.Cluster, _ user: KubeconfigFile.User?) throws(KubeError) -> TLSSettings {
        let settings = TLSSettings(
            authorities: try material(cluster.authorityData, cluster.authority, "certificate-authority"),
            certificate: try material(user?.certificateData, user?.certificate, "client-certificate"),
            key: try material(user?.keyData, user?.key, "client-key"), isVerified: !(cluster.isInsecure ?? false))
        guard (settings.certificate == nil) == (settings.key == nil) else {
            throw KubeError(.config, "\(name): client-certificate and client-key must be given together.")
        }
        return settings
    }

    private func credential(_ user: KubeconfigFile.User?) throws(KubeError) -> ClusterConnection.Credential {
        // As kubectl does: a token file that is named wins over a token.
        if let path = user?.tokenFile, !path.isEmpty {
            _ = try SecretFile.text(resolved(path), for: "tokenFile")
            return .tokenFile(resolved(path))
        }
        if let token = user?.token, !token.isEmpty { return .token(token) }
        return .none
    }

    /// Base64 in the file wins over a path beside it, as kubectl has it.
    private func material(_ data: String?, _ path: String?, _ key: String) throws(KubeError) -> [UInt8]? {
        if let data, !data.isEmpty {
            guard let bytes = Data(base64Encoded: data, options: .ignoreUnknownCharacters), !bytes.isEmpty else {
                throw KubeError(.config, "\(name): \(key)-data is not base64.")
            }
            return [UInt8](bytes)
        }
        guard let path, !path.isEmpty else { return nil }
        return try SecretFile.bytes(resolved(path), for: key)
    }

    private func resolved(_ path: String) -> String { path.hasPrefix("/") ? path : directory + "/" + path }

    private func missing(_ what: String, _ wanted: String, among known: [String]?) -> KubeError {
        KubeError(.config, "\(name) has no \(what) '\(wanted)' (it has \(list(known))).")
    }

    private func list(_ names: [String]?) -> String {
        guard let names, !names.isEmpty else { return "none" }
        return names.map { "'\($0)'" }.joined(separator: ", ")
    }
}
