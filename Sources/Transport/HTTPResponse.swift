// SPDX-License-Identifier: Apache-2.0

/// The answer's status and header lines.
public struct HTTPHead: Sendable, Hashable {
    /// The status code, such as 200.
    public let status: Int
    /// The header lines in the order they came.
    public let headers: [HTTPHeader]

    /// The value of the first line of that name, whatever its case; nil when there is none.
    public func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }
}

/// A whole answer.
public struct HTTPResponse: Sendable, Hashable {
    /// Status and header lines.
    public let head: HTTPHead
    /// The body as sent; no encoding is undone.
    public let body: [UInt8]
    /// The header lines that came behind the body; none in most answers.
    public let trailers: [HTTPHeader]

    /// The status code, such as 200.
    public var status: Int { head.status }
}
