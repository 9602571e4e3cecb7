// SPDX-License-Identifier: Apache-2.0

/// Why the intake cannot start.
public struct IntakeError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What kind of reason.
    public enum Code: String, Sendable, Hashable {
        /// The configuration asks for something that is not safe or not possible.
        case config
        /// A certificate or key cannot be used.
        case certificate
        /// The address cannot be listened on.
        case listen
    }

    /// What kind of reason.
    public let code: Code
    /// A sentence that says what is wrong and what to do.
    public let message: String

    /// States a failure.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { message }
}
