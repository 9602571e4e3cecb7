// SPDX-License-Identifier: Apache-2.0

/// The boundaries between the states of an answer, in order: where a test ends the process to see what the next start makes of it.
/// Nothing but this package's own code can name them.
package enum Failpoint: String, Sendable, CaseIterable {
    case accepted, planned, intended, acted, closed, resultPut, reported, outboxTaken, outboxDelivered, finished
}
