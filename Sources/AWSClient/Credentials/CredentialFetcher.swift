// SPDX-License-Identifier: Apache-2.0

internal import EventModel
internal import Foundation
internal import Transport

/// Asks a source for credentials.
struct CredentialFetcher: Sendable {
    let http: HTTPClient
    let region: String
    let surroundings: AWSSurroundings

    // The link-local endpoints answer in milliseconds or not at all.
    private static let limits = HTTPLimits(connect: .seconds(1), total: .seconds(5), bodyBytes: 1 << 20)
    private static let hopAdvice = "No answer where EC2's metadata service would be; in a container on EC2 its hop limit must be 2."

    func fetch(_ source: CredentialSource) async throws(AWSError) -> AWSCredentials {
        switch source {
        case .fixed(let credentials): return credentials
        case .webIdentity(let role, let file, let session): return try await assume(role, file, session)
        case .container(let url, let token): return try await container(url, token, source.name)
        case .instance(let endpoint): return try await instance(endpoint, source.name)
        }
    }

    private func assume(_ role: String, _ file: String, _ session: String) async throws(AWSError) -> AWSCredentials {
        guard let token = surroundings.text(file) else {
            throw AWSError(.config, "Cannot read the web identity's token in \(file), or it is empty.", isKnownUnsent: true)
        }
        let identity = WebIdentity(role: role, session: session, token: token)
        return try await identity.assume(http, region: region, surroundings)
    }

    private func container(
        _ url: String, _ token: CredentialSource.ContainerToken, _ name: String
    ) async throws(AWSError) -> AWSCredentials {
        var headers = [HTTPHeader("Accept", "application/json")]
        switch token {
        case .none: break
        case .text(let text): headers.append(HTTPHeader("Authorization", text))
        case .file(let path):
            guard let text = surroundings.text(path) else {
                throw AWSError(.config, "Cannot read the token in \(path) (AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE).", isKnownUnsent: true)
            }
            headers.append(HTTPHeader("Authorization", text))
        }
        let body = try await ask(HTTPRequest(.get, url, headers: headers, limits: Self.limits), name)
        return try Self.credentials(body, name)
    }

    /// Version 2 of the service: a token by PUT first, and no way back to version 1, which asks for none.
    private func instance(_ endpoint: String, _ name: String) async throws(AWSError) -> AWSCredentials {
        let lifetime = HTTPHeader("X-aws-ec2-metadata-token-ttl-seconds", "21600")
        let token: [UInt8]
        do throws(AWSError) {
            token = try await ask(HTTPRequest(.put, endpoint + "/latest/api/token", headers: [lifetime], limits: Self.limits), name)
        } catch {
            guard error.status == nil else { throw error }
            throw AWSError(.noCredentials, "No credentials for AWS: \(CredentialChain.advice) \(Self.hopAdvice)", isKnownUnsent: true)
        }
        let headers = [HTTPHeader("X-aws-ec2-metadata-token", String(decoding: token, as: UTF8.self))]
        let path = endpoint + "/latest/meta-data/iam/security-credentials/"
        let roles = try await ask(HTTPRequest(.get, path, headers: headers, limits: Self.limits), name)
        guard let role = String(decoding: roles, as: UTF8.self).split(whereSeparator: \.isNewline).first else {
            throw AWSError(.noCredentials, "The instance has no role: attach an instance profile.", isKnownUnsent: true)
        }
        let address = path + PercentEncoding.encode(String(role))
        return try Self.credentials(try await ask(HTTPRequest(.get, address, headers: headers, limits: Self.limits), name), name)
    }

    private func ask(_ request: HTTPRequest, _ name: String) async throws(AWSError) -> [UInt8] {
        let response: HTTPResponse
        do {
            response = try await http.send(request)
        } catch {
            throw AWSError(.noCredentials, "No credentials from \(name): \(error.message).", isKnownUnsent: true)
        }
        guard response.status == 200 else {
            let said = String(decoding: response.body.prefix(300), as: UTF8.self)
            let sentence = "No credentials from \(name): HTTP \(response.status). It says: \(said)"
            throw AWSError(.noCredentials, sentence, status: response.status, isKnownUnsent: true)
        }
        return response.body
    }

    /// The object that both endpoints answer with.
    static func credentials(_ body: [UInt8], _ name: String) throws(AWSError) -> AWSCredentials {
        guard let json = try? JSONDecoder().decode(JSONValue.self, from: Data(body)),
            let key = json["AccessKeyId"]?.string, let secret = json["SecretAccessKey"]?.string, !key.isEmpty, !secret.isEmpty
        else { throw AWSError(.noCredentials, "What \(name) answers are no credentials.", isKnownUnsent: true) }
        return AWSCredentials(
            accessKey: key, secretKey: secret, sessionToken: json["Token"]?.string,
            expiration: json["Expiration"]?.string.flatMap { Timestamp($0) }, source: name)
    }
}
