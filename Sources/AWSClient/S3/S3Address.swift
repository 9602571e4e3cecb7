// SPDX-License-Identifier: Apache-2.0

internal import Transport

/// Where a bucket answers: decided from its name, the region and the server that a person named.
struct S3Address: Sendable, Hashable {
    /// Scheme and authority.
    let origin: String
    /// What comes before a key: empty, the server's own path, `/bucket`, or both.
    let base: String

    init(bucket: String, region: String, endpoint: String?, isPathStyle: Bool) throws(AWSError) {
        guard Self.isName(bucket) else {
            throw AWSError(
                .config, "'\(bucket)' is no name of a bucket: 3 to 63 letters, digits, dots, hyphens or underscores.", isKnownUnsent: true)
        }
        let server = try Server(endpoint ?? "https://s3.\(region).\(Self.domain(of: region))")
        // A certificate for *.host fits one label only, and a host's name knows neither capitals nor underscores.
        let fitsHost = bucket.utf8.allSatisfy { $0 != UInt8(ascii: "_") && !(0x41...0x5A).contains($0) }
        let isLabel = fitsHost && (!bucket.contains(".") || server.scheme == "http")
        if isPathStyle || !isLabel || server.isAddress {
            origin = server.scheme + "://" + server.authority
            base = server.path + "/" + bucket
        } else {
            origin = server.scheme + "://" + bucket + "." + server.authority
            base = server.path
        }
    }

    /// The path of an object, percent-encoded once.
    func path(of key: String) -> String { base + "/" + PercentEncoding.encode(key, keeping: "/") }

    private static func isName(_ bucket: String) -> Bool {
        let bytes = Array(bucket.utf8)
        guard (3...63).contains(bytes.count), let first = bytes.first, let last = bytes.last else { return false }
        func isAlphanumeric(_ byte: UInt8) -> Bool {
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
        }
        let isPlain = bytes.allSatisfy { isAlphanumeric($0) || ".-_".utf8.contains($0) }
        return isPlain && isAlphanumeric(first) && isAlphanumeric(last) && !bucket.contains("..")
    }

    /// The domain of a region's partition.
    static func domain(of region: String) -> String { region.hasPrefix("cn-") ? "amazonaws.com.cn" : "amazonaws.com" }
}

/// The parts of a server's address that a person wrote.
struct Server: Sendable, Hashable {
    let scheme: String
    let authority: String
    /// Without a slash at its end; mostly empty.
    let path: String
    /// True when the host is an IP address, before which no bucket's name can stand.
    let isAddress: Bool

    init(_ text: String) throws(AWSError) {
        guard let mark = text.firstRange(of: "://"), ["http", "https"].contains(String(text[..<mark.lowerBound])) else {
            throw Self.refused(text)
        }
        scheme = String(text[..<mark.lowerBound])
        let rest = text[mark.upperBound...]
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        authority = String(rest[..<slash])
        var path = String(rest[slash...])
        while path.hasSuffix("/") { path.removeLast() }
        self.path = path
        let host = authority.hasPrefix("[") ? authority : String(authority.prefix { $0 != ":" })
        isAddress = host.hasPrefix("[") || host.allSatisfy { $0.isNumber || $0 == "." }
        guard !host.isEmpty, !text.contains("@"), !text.contains("?"), !text.contains("#"), text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
        else { throw Self.refused(text) }
    }

    /// The host without its port.
    var host: String {
        authority.hasPrefix("[") ? String(authority.dropFirst().prefix { $0 != "]" }) : String(authority.prefix { $0 != ":" })
    }

    private static func refused(_ text: String) -> AWSError {
        AWSError(
            .config, "'\(text)' is no address of a server: write http:// or https:// and a host, without user and query.",
            isKnownUnsent: true)
    }
}
