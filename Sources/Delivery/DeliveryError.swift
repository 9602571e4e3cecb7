// SPDX-License-Identifier: Apache-2.0

/// Why an alert could not be told.
public struct DeliveryError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What kind of reason.
    public enum Code: String, Sendable, Hashable {
        /// The place cannot be opened.
        case cannotOpen
        /// Writing there failed.
        case cannotWrite
        /// The address is none, or may not be used.
        case badAddress
    }

    /// What kind of reason.
    public let code: Code
    /// A sentence that says what failed and what to do.
    public let message: String
    /// The errno of the failed call; 0 when there is none.
    public let errno: Int32

    /// States a failure.
    public init(_ code: Code, _ message: String, errno: Int32 = 0) {
        self.code = code
        self.message = message
        self.errno = errno
    }

    public var description: String { message }
}
