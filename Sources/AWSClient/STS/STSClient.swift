// SPDX-License-Identifier: Apache-2.0

internal import EventModel
internal import Transport

/// Who a caller is, as STS tells.
public struct CallerIdentity: Sendable, Hashable {
    /// The account's number.
    public let account: String
    /// The caller as an ARN, such as `arn:aws:sts::123456789012:assumed-role/saker/session`.
    public let arn: String
}

/// The verbs of STS in use.
public struct STSClient: Sendable {
    let service: AWSService
    let origin: String

    /// Who the credentials belong to; any valid ones may ask.
    public func callerIdentity() async throws(AWSError) -> CallerIdentity {
        let call = AWSCall("sts:GetCallerIdentity", "")
        let body = Array("Action=GetCallerIdentity&Version=2011-06-15".utf8)
        let request = AWSRequest(.post, origin, headers: [Self.form], body: body)
        let answer = XMLFields(try await service.send(request, call).body)
        guard let account = answer?.first(named: "Account"), let arn = answer?.first(named: "Arn") else {
            throw AWSError(.decode, "\(call): the answer names no account. Is the address an STS server's?")
        }
        return CallerIdentity(account: account, arn: arn)
    }

    static let form = HTTPHeader("Content-Type", "application/x-www-form-urlencoded")

    /// The regional endpoint, or the one that the environment names.
    static func origin(_ region: String, _ surroundings: AWSSurroundings) throws(AWSError) -> String {
        try Endpoints.origin("sts", region, surroundings)
    }
}

/// A role that a token stands for.
struct WebIdentity: Sendable {
    let role: String
    let session: String
    let token: String

    /// Exchanges the token for credentials; the request carries no signature, since there are no credentials yet.
    func assume(
        _ http: HTTPClient, region: String, _ surroundings: AWSSurroundings
    ) async throws(AWSError) -> AWSCredentials {
        let call = AWSCall("sts:AssumeRoleWithWebIdentity", role)
        let items = [
            (name: "Action", value: "AssumeRoleWithWebIdentity"), (name: "Version", value: "2011-06-15"), (name: "RoleArn", value: role),
            (name: "RoleSessionName", value: session), (name: "WebIdentityToken", value: token),
        ]
        let body = Array(PercentEncoding.query(items).dropFirst().utf8)
        let origin = try STSClient.origin(region, surroundings)
        let request = AWSRequest(.post, origin, headers: [STSClient.form], body: body)
        let response: HTTPResponse
        do {
            response = try await http.send(request.sendable(HTTPLimits(connect: .seconds(3), total: .seconds(10), bodyBytes: 1 << 20)))
        } catch {
            throw AWSError(call, error)
        }
        guard response.status == 200 else { throw ServiceAnswer(response).error(of: call, asked: region, nil, at: surroundings.now()) }
        guard let xml = XMLFields(response.body), let key = xml.first(named: "AccessKeyId"),
            let secret = xml.first(named: "SecretAccessKey"), let sessionToken = xml.first(named: "SessionToken")
        else { throw AWSError(.decode, "\(call): the answer holds no credentials.") }
        return AWSCredentials(
            accessKey: key, secretKey: secret, sessionToken: sessionToken,
            expiration: xml.first(named: "Expiration").flatMap { Timestamp($0) }, source: "the web identity of \(role)")
    }
}
