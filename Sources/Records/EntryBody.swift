// SPDX-License-Identifier: Apache-2.0

internal import EventModel

/// The bodies that entries carry as JSON; an `alertAccepted` carries the alert itself.
enum EntryBody {
    struct Planned: Codable {
        var intention: Intention
        var kind: ActKind
        var workload: String
        var rehearsal: Bool
    }

    struct Closed: Codable {
        var outcome: Outcome
    }

    struct UndoStarted: Codable {
        var by: String
    }

    struct Finished: Codable {
        /// How many acts the alert led to.
        var acts: Int
    }
}
