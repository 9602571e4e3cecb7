// SPDX-License-Identifier: Apache-2.0

/// One HTTP request as a value.
public struct HTTPRequest: Sendable, Hashable {
    /// The methods in use.
    public enum Method: String, Sendable, Hashable {
        case get = "GET", head = "HEAD", post = "POST", put = "PUT", patch = "PATCH", delete = "DELETE"
    }

    /// The versions of HTTP in use.
    public enum Version: Sendable, Hashable {
        /// HTTP/1.1.
        case one
        /// HTTP/2 from the first byte, as gRPC has it without TLS ("prior knowledge").
        case two
    }

    /// The method.
    public var method: Method
    /// The whole address, with its query already percent-encoded; `http` and `https` only.
    public var url: String
    /// Header lines to send beside those that HTTP itself needs.
    public var headers: [HTTPHeader]
    /// The body; nil for none.
    public var body: [UInt8]?
    /// What the exchange may take.
    public var limits: HTTPLimits
    /// The UNIX socket to connect to in place of the host in the address; nil for none.
    public var socket: String?
    /// The version to speak.
    public var version: Version
    /// Whom to trust and which certificate to show in this exchange alone; nil means the client's settings.
    public var tls: TLSSettings?

    /// States a request.
    public init(
        _ method: Method, _ url: String, headers: [HTTPHeader] = [], body: [UInt8]? = nil, limits: HTTPLimits = HTTPLimits(),
        socket: String? = nil, version: Version = .one
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.limits = limits
        self.socket = socket
        self.version = version
    }
}

/// One header line.
public struct HTTPHeader: Sendable, Hashable {
    /// The name; case does not matter.
    public let name: String
    /// The value, without line breaks.
    public let value: String

    /// States a header line.
    public init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

/// What one exchange may take; nothing here is without a limit.
public struct HTTPLimits: Sendable, Hashable {
    /// Name look-up, connection and TLS handshake together.
    public var connect: Duration
    /// The whole exchange of `send`; for `stream`, the time until the answer's head is there.
    public var total: Duration
    /// For `stream`: how long not one byte may come before the stream counts as dead; at least one second.
    public var idle: Duration
    /// For `send`: the longest body, in bytes.
    public var bodyBytes: Int

    /// 5 s to connect, 30 s in all, 60 s of silence, 64 MiB (a list page of 500 large pods is below 10 MiB).
    public init(
        connect: Duration = .seconds(5), total: Duration = .seconds(30), idle: Duration = .seconds(60), bodyBytes: Int = 64 << 20
    ) {
        self.connect = connect
        self.total = total
        self.idle = idle
        self.bodyBytes = bodyBytes
    }
}
