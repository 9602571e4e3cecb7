// SPDX-License-Identifier: Apache-2.0

/// Decides which source is asked, in the order of AWS's own tools: environment, shared files, web identity, container, instance.
///
/// The first source that is configured is the one: when it then fails, the next is not tried, since it would be another identity.
struct CredentialChain: Sendable {
    let settings: AWSSettings
    let surroundings: AWSSurroundings

    func source() throws(AWSError) -> CredentialSource {
        // A profile that is named in the configuration is meant, whatever the environment holds.
        if settings.profile.isEmpty, let source = try environment() { return source }
        if let source = try profile() { return source }
        if let source = webIdentity() { return source }
        if let source = try container() { return source }
        guard surroundings.variable("AWS_EC2_METADATA_DISABLED")?.lowercased() != "true" else {
            throw AWSError(.noCredentials, "No credentials for AWS: \(Self.advice)", isKnownUnsent: true)
        }
        return .instance(endpoint: surroundings.variable("AWS_EC2_METADATA_SERVICE_ENDPOINT") ?? "http://169.254.169.254")
    }

    static let advice = "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, name a profile, or run with a role of the pod or the instance."

    private func environment() throws(AWSError) -> CredentialSource? {
        guard let key = surroundings.variable("AWS_ACCESS_KEY_ID") else { return nil }
        guard let secret = surroundings.variable("AWS_SECRET_ACCESS_KEY") else {
            throw AWSError(.config, "AWS_ACCESS_KEY_ID is set and AWS_SECRET_ACCESS_KEY is not: set both or neither.", isKnownUnsent: true)
        }
        let token = surroundings.variable("AWS_SESSION_TOKEN")
        return .fixed(AWSCredentials(accessKey: key, secretKey: secret, sessionToken: token, source: "the environment"))
    }

    private func profile() throws(AWSError) -> CredentialSource? {
        let named = settings.profile.isEmpty ? surroundings.variable("AWS_PROFILE") : settings.profile
        let name = named ?? "default"
        let files = SharedFiles(surroundings)
        guard let profile = files.profile(name) else {
            guard named != nil else { return nil }
            throw AWSError(.config, "There is no profile '\(name)' in \(files.places).", isKnownUnsent: true)
        }
        if let key = profile["aws_access_key_id"], let secret = profile["aws_secret_access_key"] {
            let source = "profile \(name)"
            return .fixed(
                AWSCredentials(accessKey: key, secretKey: secret, sessionToken: profile["aws_session_token"], source: source))
        }
        if let role = profile["role_arn"], let file = profile["web_identity_token_file"] {
            return .webIdentity(role: role, tokenFile: file, session: profile["role_session_name"] ?? "saker")
        }
        let others = ["role_arn", "credential_process", "sso_session", "sso_start_url", "credential_source", "source_profile"]
        if let other = others.first(where: { profile[$0] != nil }) {
            throw AWSError(
                .config, "Profile '\(name)' asks for \(other), which Saker does not do: give it keys, or a web identity.",
                isKnownUnsent: true)
        }
        guard profile["aws_access_key_id"] == nil else {
            throw AWSError(
                .config, "Profile '\(name)' has aws_access_key_id and no aws_secret_access_key: give both or neither.", isKnownUnsent: true)
        }
        return nil
    }

    private func webIdentity() -> CredentialSource? {
        guard let file = surroundings.variable("AWS_WEB_IDENTITY_TOKEN_FILE"), let role = surroundings.variable("AWS_ROLE_ARN") else {
            return nil
        }
        return .webIdentity(role: role, tokenFile: file, session: surroundings.variable("AWS_ROLE_SESSION_NAME") ?? "saker")
    }

    private func container() throws(AWSError) -> CredentialSource? {
        let token: CredentialSource.ContainerToken =
            surroundings.variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE").map { .file($0) }
            ?? surroundings.variable("AWS_CONTAINER_AUTHORIZATION_TOKEN").map { .text($0) } ?? .none
        if let path = surroundings.variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") {
            return .container(url: "http://169.254.170.2" + (path.hasPrefix("/") ? path : "/" + path), token: token)
        }
        guard let url = surroundings.variable("AWS_CONTAINER_CREDENTIALS_FULL_URI") else { return nil }
        try Self.requireTrusted(url)
        return .container(url: url, token: token)
    }

    /// Over plain HTTP only this machine itself and the fixed addresses of ECS and EKS are asked: anybody else could read the token.
    static func requireTrusted(_ url: String) throws(AWSError) {
        let server = try Server(String(url.prefix { $0 != "?" }))
        let trusted = ["localhost", "::1", "169.254.170.2", "169.254.170.23", "fd00:ec2::23"]
        let isLoopback = server.isAddress && server.host.hasPrefix("127.") && server.host.split(separator: ".").count == 4
        guard server.scheme == "https" || isLoopback || trusted.contains(server.host) else {
            throw AWSError(
                .config, "AWS_CONTAINER_CREDENTIALS_FULL_URI names \(server.host) over plain HTTP: only https, loopback, 169.254.170.2, "
                    + "169.254.170.23 and fd00:ec2::23 are asked for credentials.", isKnownUnsent: true)
        }
    }
}
