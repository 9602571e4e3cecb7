// SPDX-License-Identifier: Apache-2.0

internal import EventModel
internal import Foundation
internal import Transport

/// One context of a kubeconfig, and how it becomes a connection.
struct KubeconfigContext {
    let cluster: KubeconfigNode
    let user: KubeconfigNode?
    let namespace: String

    /// Reads and checks all that the context names. `environment` is what a credential plugin inherits.
    func connection(environment: [String: String]) throws(KubeError) -> ClusterConnection {
        let server = try cluster.required("server", "Write the API server's address, such as https://10.0.0.1:6443.")
        try refuseUnknown()
        let tls = try tls()
        let proxy = try proxy()
        let credential = try credential(server: server, tls: tls, proxy: proxy, environment: environment)
        return try cluster.reading("server") { () throws(KubeError) in
            try ClusterConnection(server: server, tls: tls, credential: credential, namespace: namespace, proxy: proxy)
        }
    }

    // Passed over, each of them would let Saker act as somebody else than the file says.
    private func refuseUnknown() throws(KubeError) {
        guard let user else { return }
        for key in ["auth-provider", "as", "as-uid", "as-groups", "as-user-extra"] where try user.member(key) != nil {
            throw user.error(key, "Saker does not do this. Use a token, a client certificate or an exec plugin of the user meant.")
        }
    }

    private func tls() throws(KubeError) -> TLSSettings {
        let settings = TLSSettings(
            authorities: try cluster.material("certificate-authority"), certificate: try user?.material("client-certificate"),
            key: try user?.material("client-key"), isVerified: !(try cluster.flag("insecure-skip-tls-verify")),
            serverName: try cluster.text("tls-server-name"))
        guard settings.isVerified || settings.authorities == nil else {
            throw cluster.error("insecure-skip-tls-verify", "contradicts the certificate-authority. Leave out one of them.")
        }
        guard (settings.certificate == nil) == (settings.key == nil) else {
            throw (user ?? cluster).error("client-certificate and client-key must be given together.")
        }
        return settings
    }

    private func proxy() throws(KubeError) -> String? {
        guard let url = try cluster.text("proxy-url") else { return nil }
        let schemes = ["http://", "https://", "socks5://"]
        guard let scheme = schemes.first(where: url.hasPrefix), url.count > scheme.count else {
            throw cluster.error("proxy-url", "must begin with http://, https:// or socks5:// and name a host.")
        }
        // As kubectl has it, the proxy looks up the name: `h` is libcurl's word for that.
        return scheme == "socks5://" ? "socks5h://" + url.dropFirst(scheme.count) : url
    }

    // As kubectl does: a token file that is named wins over a token, and both over a plugin.
    private func credential(
        server: String, tls: TLSSettings, proxy: String?, environment: [String: String]
    ) throws(KubeError) -> ClusterConnection.Credential {
        guard let user else { return .none }
        let tokenFile = try user.text("tokenFile")
        let token = try user.text("token")
        let name = try user.text("username")
        if name != nil, tokenFile ?? token != nil {
            throw user.error("username", "stands beside a token. Leave out one of them.")
        }
        if let tokenFile {
            _ = try user.reading("tokenFile") { () throws(KubeError) in try SecretFile.text(user.resolved(tokenFile), for: "the token") }
            return .tokenFile(user.resolved(tokenFile))
        }
        if let token { return .token(token) }
        if let name {
            guard !name.contains(":") else { throw user.error("username", "must not hold a colon.") }
            return .basic(user: name, password: try user.text("password") ?? "")
        }
        guard let exec = try user.member("exec") else { return .none }
        return .exec(try plugin(exec, server: server, tls: tls, environment: environment))
    }

    // MARK: The credential plugin

    private func plugin(
        _ exec: KubeconfigNode, server: String, tls: TLSSettings, environment: [String: String]
    ) throws(KubeError) -> ExecPlugin {
        let spelled = try exec.required("apiVersion", "Write \(ExecPlugin.Version.v1.rawValue).")
        guard let version = ExecPlugin.Version(rawValue: spelled) else {
            let known = ExecPlugin.Version.allCases.map(\.rawValue).joined(separator: " or ")
            throw exec.error("apiVersion", "'\(spelled)' is not spoken. Write \(known), and a version of the plugin that speaks it.")
        }
        try checkMode(exec, version)
        let command = try exec.required("command", "Name the program that hands out credentials.")
        var environment = environment
        for entry in try exec.elements("env") {
            environment[try entry.required("name", "Each entry of env needs one.")] = try entry.text("value") ?? ""
        }
        return ExecPlugin(
            version, command: command.contains("/") ? exec.resolved(command) : command, arguments: try exec.texts("args"),
            environment: environment, installHint: try exec.text("installHint") ?? "",
            cluster: try exec.flag("provideClusterInfo") ? try clusterInfo(server, tls) : nil)
    }

    private func checkMode(_ exec: KubeconfigNode, _ version: ExecPlugin.Version) throws(KubeError) {
        switch try exec.text("interactiveMode") {
        case "Never", "IfAvailable": break
        case nil where version == .v1beta1: break
        case nil: throw exec.error("interactiveMode", "is missing. Write Never or IfAvailable.")
        case "Always": throw exec.error("interactiveMode", "is Always, but nobody sits before Saker to answer. Write Never or IfAvailable.")
        case _: throw exec.error("interactiveMode", "must be Never, IfAvailable or Always.")
        }
    }

    private func clusterInfo(_ server: String, _ tls: TLSSettings) throws(KubeError) -> JSONValue {
        var info: [String: JSONValue] = ["server": .string(server)]
        info["tls-server-name"] = tls.serverName.map(JSONValue.string)
        if !tls.isVerified { info["insecure-skip-tls-verify"] = true }
        info["certificate-authority-data"] = tls.authorities.map { .string(Data($0).base64EncodedString()) }
        info["proxy-url"] = try cluster.text("proxy-url").map(JSONValue.string)
        // The cluster's own words for its plugins stand in an extension of this name (kubernetes.io, "client-go credential plugins").
        for extra in try cluster.elements("extensions") where try extra.text("name") == "client.authentication.k8s.io/exec" {
            info["config"] = try extra.member("extension")?.json
        }
        return .object(info)
    }
}
