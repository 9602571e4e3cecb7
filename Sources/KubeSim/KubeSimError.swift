// SPDX-License-Identifier: Apache-2.0

/// Why the simulator could not do what its owner asked.
public struct KubeSimError: Error, Sendable, CustomStringConvertible {
    /// The kinds of trouble.
    public enum Code: String, Sendable {
        /// OpenSSL refused to make a key or a certificate.
        case certificate
        /// A file or a directory could not be made, read or written.
        case file
        /// The server could not listen.
        case listen
        /// A manifest is no object of a kind that the simulator knows, or the cluster refuses it.
        case manifest
    }

    /// The kind of trouble.
    public var code: Code
    /// A sentence a person can act on.
    public var message: String

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { message }
}
