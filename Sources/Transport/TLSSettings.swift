// SPDX-License-Identifier: Apache-2.0

/// Whom a client trusts and who it says it is; all of it from memory, so that no key need lie in a file.
public struct TLSSettings: Sendable, Hashable {
    /// The authorities to trust, PEM; nil means those of the system.
    public var authorities: [UInt8]?
    /// Our own certificate, chain included, PEM; nil for none.
    public var certificate: [UInt8]?
    /// The key of our certificate, PEM.
    public var key: [UInt8]?
    /// False only when the user said in so many words that anybody may answer.
    public var isVerified: Bool
    /// The name that the server's certificate must carry, and that it is asked for; nil means the host of the address.
    public var serverName: String?

    /// Verifies against the system's authorities and shows no certificate, unless told otherwise.
    public init(
        authorities: [UInt8]? = nil, certificate: [UInt8]? = nil, key: [UInt8]? = nil, isVerified: Bool = true, serverName: String? = nil
    ) {
        self.authorities = authorities
        self.certificate = certificate
        self.key = key
        self.isVerified = isVerified
        self.serverName = serverName
    }
}
