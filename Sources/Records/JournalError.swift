// SPDX-License-Identifier: Apache-2.0

/// Why a record could not be kept or read: by the journal, or by a store of results.
public struct JournalError: Error, Sendable, CustomStringConvertible {
    /// What kind of trouble it is: a bounded set, safe as a metric label.
    public enum Code: String, Sendable, CaseIterable {
        /// The file or its file system cannot be written.
        case readOnly
        /// There is no room left.
        case diskFull
        /// The file is damaged, or is no SQLite database.
        case corrupt
        /// Another process holds the journal.
        case locked
        /// A later Saker wrote the file.
        case newerSchema
        /// The file is a database of some other program.
        case foreign
        /// Others could replace or read the file.
        case unsafePath
        /// Too many callers wait for the disk.
        case overloaded
        /// The journal was closed.
        case closed
        /// The entry that was referred to is not there, or is already answered.
        case conflict
        /// Reading or writing failed for another reason.
        case io
    }

    /// What kind of trouble it is.
    public let code: Code
    /// A sentence that says what happened and what to do.
    public let message: String
    /// The error underneath, as text; empty when there is none.
    public let cause: String

    /// States an error.
    public init(_ code: Code, _ message: String, cause: String = "") {
        self.code = code
        self.message = message
        self.cause = cause
    }

    public var description: String { cause.isEmpty ? message : "\(message) (\(cause))" }
}
