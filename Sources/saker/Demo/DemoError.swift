// SPDX-License-Identifier: Apache-2.0

/// Why the demo cannot go on.
struct DemoError: Error, CustomStringConvertible {
    enum Code: String {
        /// This machine lacks something that the live demo needs.
        case notPossible
        /// A command that the demo runs ended badly or not in time.
        case command
        /// A file or directory could not be made, read or removed.
        case file
        /// What the story promises was not seen.
        case story
    }

    var code: Code
    /// A sentence that a person can act on.
    var message: String

    var description: String { message }
}
