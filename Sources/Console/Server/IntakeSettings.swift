// SPDX-License-Identifier: Apache-2.0

/// How the intake listens, and what a request may take; nothing is without a limit.
public struct IntakeSettings: Sendable, Hashable {
    /// The files of the server's certificate and whom it trusts to sign those of clients.
    public struct TLSFiles: Sendable, Hashable {
        /// The server's certificate with its chain, PEM.
        public var certificate: String
        /// The certificate's key, PEM.
        public var key: String
        /// The authorities that sign certificates of clients, PEM; nil when clients show none.
        public var clientAuthority: String?

        /// Names the files.
        public init(certificate: String, key: String, clientAuthority: String?) {
            self.certificate = certificate
            self.key = key
            self.clientAuthority = clientAuthority
        }
    }

    /// Where to listen.
    public var address: ListenAddress
    /// Nil for plain HTTP, which is allowed on loopback only.
    public var tls: TLSFiles?
    /// The longest body in bytes. An alert has 1 to 4 KiB, a batch of Saker's own sender at most 512 KiB.
    public var bodyBytes = 1 << 20
    /// The most alerts in one body.
    public var alertsPerBody = 1_000
    /// The most connections at once; later ones wait in the kernel's queue.
    public var connections = 256
    /// Seconds for TLS handshake and head of a request, which a slow attacker would stretch.
    public var headSeconds = 10.0
    /// Seconds for the body.
    public var bodySeconds = 20.0
    /// Seconds for the answer to be made and taken.
    public var answerSeconds = 60.0
    /// Seconds that a connection is kept for its next request.
    public var idleSeconds = 90.0

    /// Listens there.
    public init(address: ListenAddress, tls: TLSFiles?) {
        self.address = address
        self.tls = tls
    }
}
