// SPDX-License-Identifier: Apache-2.0

/// Why a recording cannot be written or read.
public struct RecordingError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What kind of reason.
    public enum Code: String, Sendable, Hashable {
        /// The file cannot be opened or made.
        case cannotOpen
        /// The file is no recording.
        case notARecording
        /// The file's format or records are of a version that this build does not read.
        case otherVersion
        /// The header is cut or damaged.
        case damagedHeader
        /// Writing failed; what was written before is whole.
        case cannotWrite
    }

    /// What kind of reason.
    public let code: Code
    /// A sentence that says what failed and what to do.
    public let message: String
    /// The errno of the failed call; 0 when there is none.
    public let errno: Int32

    init(_ code: Code, _ message: String, errno: Int32 = 0) {
        self.code = code
        self.message = message
        self.errno = errno
    }

    public var description: String { message }
}
