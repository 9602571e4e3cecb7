// SPDX-License-Identifier: Apache-2.0

public import EventModel
internal import Hashing
internal import Transport

/// Signs requests by AWS Signature Version 4, in the form of an `Authorization` header over the whole payload.
///
/// The algorithm is AWS's "Create a signed AWS API request"; Tests/Specs/aws holds AWS's own test vectors.
public struct SigV4Signer: Sendable {
    private let credentials: AWSCredentials
    private let region: String
    private let service: String
    private let path: PathRule

    /// What of a path is signed.
    enum PathRule: Sendable {
        /// S3: as it is sent, since dots and empty segments are part of a key.
        case asSent
        /// All others: without dots and empty segments, and what is sent is encoded a second time.
        case normalized
    }

    /// Signs with these credentials for a service in a region, such as `s3` in `eu-west-1`.
    public init(_ credentials: AWSCredentials, region: String, service: String) {
        self.init(credentials, region: region, service: service, path: service == "s3" ? .asSent : .normalized)
    }

    init(_ credentials: AWSCredentials, region: String, service: String, path: PathRule) {
        self.credentials = credentials
        self.region = region
        self.service = service
        self.path = path
    }

    /// The request with `Host`, `X-Amz-Date`, the session token if there is one, for S3 the payload's hash, and `Authorization`.
    public func signed(_ request: AWSRequest, at time: Timestamp) -> AWSRequest {
        let stamp = Self.stamp(time)
        var request = request
        let hash = Hex.text(SHA256.hash(request.body))
        request.headers.append(HTTPHeader("Host", request.authority))
        request.headers.append(HTTPHeader("X-Amz-Date", stamp))
        if let token = credentials.sessionToken { request.headers.append(HTTPHeader("X-Amz-Security-Token", token)) }
        if service == "s3" { request.headers.append(HTTPHeader("X-Amz-Content-Sha256", hash)) }
        let canonical = canonicalRequest(request, payloadHash: hash)
        let signature = signature(of: stringToSign(canonical.text, stamp), day: String(stamp.prefix(8)))
        let authorization =
            "AWS4-HMAC-SHA256 Credential=\(credentials.accessKey)/\(scope(stamp)), "
            + "SignedHeaders=\(canonical.signedHeaders), Signature=\(signature)"
        request.headers.append(HTTPHeader("Authorization", authorization))
        return request
    }

    /// The form of a request that is hashed, and the names of the headers in it.
    func canonicalRequest(_ request: AWSRequest, payloadHash: String) -> (text: String, signedHeaders: String) {
        var values: [String: [String]] = [:]
        for header in request.headers { values[header.name.lowercased(), default: []].append(Self.collapsed(header.value)) }
        let names = values.keys.sorted()
        let lines = names.map { $0 + ":" + (values[$0] ?? []).joined(separator: ",") + "\n" }.joined()
        let signedHeaders = names.joined(separator: ";")
        let parts = [request.method.rawValue, canonicalPath(request.path), request.queryText, lines, signedHeaders, payloadHash]
        return (parts.joined(separator: "\n"), signedHeaders)
    }

    func stringToSign(_ canonicalRequest: String, _ stamp: String) -> String {
        ["AWS4-HMAC-SHA256", stamp, scope(stamp), Hex.text(SHA256.hash(canonicalRequest.utf8))].joined(separator: "\n")
    }

    private func signature(of text: String, day: String) -> String {
        let secret = Array(("AWS4" + credentials.secretKey).utf8)
        let key = [day, region, service, "aws4_request"].reduce(secret) { HMAC.sha256(Array($1.utf8), key: $0) }
        return Hex.text(HMAC.sha256(Array(text.utf8), key: key))
    }

    private func scope(_ stamp: String) -> String { "\(stamp.prefix(8))/\(region)/\(service)/aws4_request" }

    private func canonicalPath(_ sent: String) -> String {
        switch path {
        case .asSent: return sent
        case .normalized:
            var segments: [Substring] = []
            for segment in sent.split(separator: "/", omittingEmptySubsequences: true) where segment != "." {
                if segment != ".." { segments.append(segment) } else { _ = segments.popLast() }
            }
            let end = sent.hasSuffix("/") && !segments.isEmpty ? "/" : ""
            return PercentEncoding.encode("/" + segments.joined(separator: "/") + end, keeping: "/")
        }
    }

    /// `20150830T123600Z`
    static func stamp(_ time: Timestamp) -> String {
        String(time.description.prefix { $0 != "." }.filter { $0 != "-" && $0 != ":" }) + "Z"
    }

    /// White space at the ends taken off, and inner runs of it made one space.
    private static func collapsed(_ value: String) -> String {
        value.split { $0 == " " || $0 == "\t" || $0.isNewline }.joined(separator: " ")
    }
}
