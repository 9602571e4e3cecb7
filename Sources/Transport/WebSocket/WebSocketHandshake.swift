// SPDX-License-Identifier: Apache-2.0

internal import COpenSSL

/// The request that turns a connection into a WebSocket, and what its answer must say (RFC 6455, section 4).
struct WebSocketHandshake {
    /// Sixteen random bytes in base64.
    let key: String
    let protocols: [String]

    init(random: [UInt8], protocols: [String]) {
        key = Self.base64(random)
        self.protocols = protocols
    }

    /// The head of the request. `authority` is nil where the address's own host and port are meant.
    func request(_ request: HTTPRequest, authority: String?) -> [UInt8]? {
        guard let start = request.url.firstRange(of: "//")?.upperBound else { return nil }
        let end = request.url[start...].firstIndex { $0 == "/" || $0 == "?" } ?? request.url.endIndex
        let path = String(request.url[end...])
        var lines = ["GET \(path.hasPrefix("/") ? path : "/" + path) HTTP/1.1", "Host: " + (authority ?? String(request.url[start..<end]))]
        lines += ["Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Key: " + key, "Sec-WebSocket-Version: 13"]
        if !protocols.isEmpty { lines.append("Sec-WebSocket-Protocol: " + protocols.joined(separator: ", ")) }
        lines += request.headers.map { $0.name + ": " + $0.value }
        return Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
    }

    /// What is wrong with an answer of status 101; nil when the connection is a WebSocket now.
    func objection(to head: HTTPHead) -> String? {
        guard head.header("Upgrade")?.lowercased() == "websocket", Self.words(head.header("Connection")).contains("upgrade") else {
            return "it says 101 and not that the connection is a WebSocket now"
        }
        guard head.header("Sec-WebSocket-Accept") == accepted else { return "its Sec-WebSocket-Accept is not made from our key" }
        guard head.header("Sec-WebSocket-Extensions") == nil else { return "it agrees to an extension that was not asked for" }
        let chosen = head.header("Sec-WebSocket-Protocol")
        guard chosen.map(protocols.contains) ?? protocols.isEmpty else {
            return "it speaks \(chosen.map { "'\($0)'" } ?? "none") of the protocols \(protocols.joined(separator: ", "))"
        }
        return nil
    }

    /// What a server makes of the key.
    var accepted: String {
        let text = Array((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8)
        var hash = [UInt8](repeating: 0, count: Int(SHA_DIGEST_LENGTH))
        var length = 0
        let made = EVP_Q_digest(nil, "SHA1", nil, text, text.count, &hash, &length)
        precondition(made == 1 && length == hash.count, "OpenSSL has no SHA-1: its installation is broken")
        return Self.base64(hash)
    }

    private static func words(_ value: String?) -> [String] {
        (value ?? "").lowercased().split(separator: ",").map { String($0.filter { $0 != " " }) }
    }

    private static func base64(_ bytes: [UInt8]) -> String {
        var text = [UInt8](repeating: 0, count: (bytes.count + 2) / 3 * 4 + 1)
        let length = EVP_EncodeBlock(&text, bytes, Int32(bytes.count))
        return String(decoding: text.prefix(Int(length)), as: UTF8.self)
    }
}

/// The answer to the handshake, read out of bytes that are cut anywhere: its head, and its body where it refuses.
struct HandshakeAnswer {
    /// What was read.
    enum Reading {
        case head(HTTPHead)
        case whole(HTTPResponse)
    }

    private static let headLimit = 64 * 1024, bodyLimit = 1 << 20
    private(set) var bytes: [UInt8] = []
    private var head: HTTPHead?

    mutating func take(_ more: some Collection<UInt8>) throws(WebSocketFault) -> Reading? {
        bytes += more
        if head == nil, let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) {
            let head = Self.head(String(decoding: bytes[..<end.lowerBound], as: UTF8.self))
            bytes.removeFirst(end.upperBound)
            self.head = head
            if head.status == 101 { return .head(head) }
        }
        guard bytes.count <= (head == nil ? Self.headLimit : Self.bodyLimit) else { throw .against("its answer is too long") }
        guard let head else { return nil }
        if head.header("Transfer-Encoding")?.lowercased() == "chunked" {
            guard bytes.firstRange(of: Array("0\r\n\r\n".utf8)) != nil else { return nil }
            return .whole(HTTPResponse(head: head, body: Self.dechunked(bytes), trailers: []))
        }
        guard let length = head.header("Content-Length").flatMap({ Int($0) }), bytes.count >= length else { return nil }
        return .whole(HTTPResponse(head: head, body: Array(bytes.prefix(max(0, length))), trailers: []))
    }

    /// The answer when the connection has ended; nil when not even its head came.
    var ended: HTTPResponse? { head.map { HTTPResponse(head: $0, body: bytes, trailers: []) } }

    private static func head(_ text: String) -> HTTPHead {
        let lines = text.split(separator: "\r\n")
        let status = lines.first?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        let headers = lines.dropFirst().compactMap { line in
            line.firstIndex(of: ":").map { HTTPHeader(String(line[..<$0]), trimmed(line[line.index(after: $0)...])) }
        }
        return HTTPHead(status: status, headers: headers)
    }

    private static func trimmed(_ text: Substring) -> String {
        String(text.drop { $0 == " " || $0 == "\t" }.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
    }

    private static func dechunked(_ bytes: [UInt8]) -> [UInt8] {
        var body: [UInt8] = [], rest = bytes[...]
        while let end = rest.firstRange(of: Array("\r\n".utf8)) {
            let size = Int(String(decoding: rest[..<end.lowerBound].prefix { $0 != UInt8(ascii: ";") }, as: UTF8.self), radix: 16) ?? 0
            guard size > 0, rest.endIndex - end.upperBound >= size else { break }
            body += rest[end.upperBound..<(end.upperBound + size)]
            rest = rest[(end.upperBound + size)...].dropFirst(2)
        }
        return body
    }
}
