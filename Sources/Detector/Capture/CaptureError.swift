// SPDX-License-Identifier: Apache-2.0

/// Why the kernel cannot be tapped.
public struct CaptureError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What kind of reason.
    public enum Code: String, Sendable, Hashable {
        /// A setting cannot be met.
        case badSettings
        /// The embedded object cannot be parsed: the build is broken.
        case badObject
        /// The process lacks the capabilities.
        case notPermitted
        /// The kernel has no BTF, so no program can be fitted to it.
        case noTypeInformation
        /// No program could be loaded.
        case notLoaded
        /// No program could be attached.
        case notAttached
    }

    /// What kind of reason.
    public var code: Code
    /// A sentence that says what failed and what to do.
    public var message: String
    /// The errno of the failed call; 0 when there is none.
    public var errno: Int32
    /// The last words of libbpf and of the kernel's verifier; empty when there are none.
    public var log: String

    /// States a failure.
    public init(_ code: Code, _ message: String, errno: Int32 = 0, log: String = "") {
        self.code = code
        self.message = message
        self.errno = errno
        self.log = log
    }

    public var description: String { message }
}
