// SPDX-License-Identifier: Apache-2.0

/// Why bytes are not a record.
public struct WireError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong.
    public enum Code: String, Sendable, Hashable {
        /// Fewer bytes than a record's fixed part.
        case tooShort
        /// A version of the format that this build does not read.
        case unknownVersion
        /// The record's own length is not that of the bytes.
        case wrongLength
        /// No kind has that number.
        case unknownKind
        /// The lengths of the variable parts do not add up to the record.
        case wrongParts
    }

    /// What is wrong.
    public let code: Code
    /// The offending number: a count of bytes, a version, a kind.
    public let value: UInt32

    public var description: String {
        switch code {
        case .tooShort: "a record of \(value) bytes is shorter than its fixed part"
        case .unknownVersion: "records of version \(value) are unknown to this build; use the Saker that wrote them"
        case .wrongLength: "a record says that it has \(value) bytes, and has another number"
        case .unknownKind: "no event has kind \(value)"
        case .wrongParts: "the parts of a record have \(value) bytes together, which is not its length"
        }
    }
}
