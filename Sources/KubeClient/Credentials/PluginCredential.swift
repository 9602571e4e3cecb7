// SPDX-License-Identifier: Apache-2.0

internal import EventModel

/// What one request shows of who sends it.
struct PresentedCredential: Sendable, Hashable {
    /// The value of the Authorization header; nil for none.
    var authorization: String?
    /// A certificate, PEM, that replaces the connection's own; nil for none.
    var certificate: [UInt8]?
    /// That certificate's key, PEM.
    var key: [UInt8]?
}

/// What a credential plugin handed out, and until when it counts.
struct PluginCredential: Sendable, Hashable {
    let presented: PresentedCredential
    /// When it ends; nil when the plugin did not say, and it is then kept until the server refuses it.
    let expiry: Timestamp?
    let obtained: Timestamp

    /// A minute before its end, and for the shortest-lived a tenth of their life, a credential is no longer given out.
    func isFresh(at now: Timestamp) -> Bool {
        guard let expiry else { return true }
        let margin = min(60_000_000_000, expiry.nanoseconds(since: obtained) / 10)
        return expiry.nanoseconds(since: now) > margin
    }

    /// Reads a plugin's standard output.
    static func read(_ output: [UInt8], from plugin: ExecPlugin, at now: Timestamp) throws(KubeError) -> PluginCredential {
        guard let json = JSONText.read(output) else { throw plugin.failure("printed no JSON") }
        guard json["kind"] == "ExecCredential" else { throw plugin.failure("printed JSON that is no ExecCredential") }
        guard let version = json["apiVersion"]?.string, version == plugin.version.rawValue else {
            let found = json["apiVersion"]?.string ?? "none"
            throw plugin.failure("answered in apiVersion '\(found)', but the kubeconfig asks for '\(plugin.version.rawValue)'")
        }
        guard let status = json["status"], status.object != nil else { throw plugin.failure("printed an ExecCredential without status") }
        let token = try text(status, "token", plugin)
        let certificate = try text(status, "clientCertificateData", plugin)
        let key = try text(status, "clientKeyData", plugin)
        guard (certificate == nil) == (key == nil) else {
            throw plugin.failure("printed clientCertificateData or clientKeyData alone: they come together")
        }
        guard token != nil || certificate != nil else { throw plugin.failure("printed neither a token nor a client certificate") }
        let end = try text(status, "expirationTimestamp", plugin)
        let expiry = end.flatMap { Timestamp($0) }
        guard end == nil || expiry != nil else { throw plugin.failure("printed an expirationTimestamp that is no RFC 3339 time") }
        return PluginCredential(
            presented: PresentedCredential(
                authorization: token.map { "Bearer " + $0 }, certificate: certificate.map { Array($0.utf8) },
                key: key.map { Array($0.utf8) }), expiry: expiry, obtained: now)
    }

    private static func text(_ status: JSONValue, _ key: String, _ plugin: ExecPlugin) throws(KubeError) -> String? {
        guard let value = status[key], value != .null else { return nil }
        guard let text = value.string else { throw plugin.failure("printed a status.\(key) that is no text") }
        return text.isEmpty ? nil : text
    }
}

extension ExecPlugin {
    /// A sentence about this plugin, with how to install it if the kubeconfig says so.
    func failure(_ what: String) -> KubeError {
        let hint = installHint.isEmpty ? "" : " Its kubeconfig says: " + installHint
        return KubeError(.credential, "\(self) \(what).\(hint)", isKnownUnsent: true)
    }
}
