// SPDX-License-Identifier: Apache-2.0

/// The boundaries between the states of an answer, in order: where a test ends the process to see what the next start makes of it.
/// Nothing but this package's own code can name them.
package enum Failpoint: String, Sendable, CaseIterable {
    case accepted, planned, intended, acted, closed, resultPut, reported, outboxTaken, outboxDelivered, finished
    /// Those of a wait for people, and of an act that takes itself back.
    case suspended, answered, undoIntended, undoActed, undoClosed

    /// The boundaries that each answer passes.
    package static let ofEachAnswer = allCases.filter { !ofLater.contains($0) }
    /// The boundaries of what comes later.
    package static let ofLater: [Failpoint] = [.suspended, .answered, .undoIntended, .undoActed, .undoClosed]
}
