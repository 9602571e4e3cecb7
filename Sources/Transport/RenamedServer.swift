// SPDX-License-Identifier: Apache-2.0

/// An address whose host is replaced by the name that its certificate must carry, and the way back to that host.
struct RenamedServer: Hashable {
    /// The address under the other name.
    let url: String
    /// libcurl's words for where to connect all the same: `::host:port`, the port empty for the scheme's own.
    let route: String
    /// Host and port as they were, for the Host header.
    let authority: String

    /// Nil for an address without `//`.
    init?(url: String, name: String) {
        guard let start = url.firstRange(of: "//")?.upperBound else { return nil }
        let end = url[start...].firstIndex { $0 == "/" || $0 == "?" } ?? url.endIndex
        let authority = url[start..<end]
        // The colons within the brackets of an IPv6 address are none of a port.
        let colon = authority.lastIndex(of: ":").flatMap { authority[$0...].contains("]") ? nil : $0 }
        let host = authority[..<(colon ?? authority.endIndex)]
        let port = colon.map { authority[authority.index(after: $0)...] } ?? ""
        self.url = url[..<start] + name + (port.isEmpty ? "" : ":" + port) + url[end...]
        route = "::\(host):\(port)"
        self.authority = String(authority)
    }
}
