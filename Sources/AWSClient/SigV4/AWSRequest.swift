// SPDX-License-Identifier: Apache-2.0

public import Transport

/// One request before it is signed.
public struct AWSRequest: Sendable {
    /// The method.
    public var method: HTTPRequest.Method
    /// Scheme and authority, such as `https://sts.eu-west-1.amazonaws.com`; without a slash at its end.
    public var origin: String
    /// The path as it is sent: percent-encoded once, with its leading slash.
    public var path: String
    /// Names and values of the query, not encoded.
    public var query: [(name: String, value: String)]
    /// Header lines; all of them are signed.
    public var headers: [HTTPHeader]
    /// The body; empty for none.
    public var body: [UInt8]

    /// States a request.
    public init(
        _ method: HTTPRequest.Method, _ origin: String, _ path: String = "/", query: [(name: String, value: String)] = [],
        headers: [HTTPHeader] = [], body: [UInt8] = []
    ) {
        self.method = method
        self.origin = origin
        self.path = path
        self.query = query
        self.headers = headers
        self.body = body
    }

    /// Host and port as the `Host` header names them.
    var authority: String { origin.split(separator: "/", omittingEmptySubsequences: true).dropFirst().first.map(String.init) ?? "" }

    /// The query as it is sent and signed: encoded, then in the order of the encoded bytes.
    var queryText: String {
        let pairs = query.map { (PercentEncoding.encode($0.name), PercentEncoding.encode($0.value)) }
        return pairs.sorted { ($0.0, $0.1) < ($1.0, $1.1) }.map { $0.0 + "=" + $0.1 }.joined(separator: "&")
    }

    /// The request as the transport sends it.
    func sendable(_ limits: HTTPLimits) -> HTTPRequest {
        HTTPRequest(
            method, origin + path + (query.isEmpty ? "" : "?" + queryText), headers: headers + [HTTPHeader("User-Agent", "saker")],
            body: body.isEmpty ? nil : body, limits: limits)
    }
}
