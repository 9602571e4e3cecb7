// SPDX-License-Identifier: Apache-2.0
import Foundation

/// The figures of a running detector at one moment, as `saker top` gets them. Counts run from its start unless said otherwise.
struct Status: Codable, Sendable, Equatable {
    /// Events of one kind.
    struct Kind: Codable, Sendable, Equatable {
        let kind: String
        let events: UInt64
        /// What the kernel did not tell, because no rule can match it, since the probe was last attached.
        let keptBack: UInt64
    }

    /// What the probe could not tell of one kind for one reason; no kind where that is not known.
    struct Drop: Codable, Sendable, Equatable {
        let reason: String
        let kind: String?
        let events: UInt64
        /// False when only a part of each is missing.
        let isLost: Bool
    }

    /// Someone who told more than its share.
    struct Flood: Codable, Sendable, Equatable {
        let name: String
        let pid: Int32
        let isCgroup: Bool
        let heldBack: UInt64
    }

    /// One of the probe's programs.
    struct Program: Codable, Sendable, Equatable {
        let program: String
        let state: String
        /// Counted only while somebody asks, and by the kernel itself.
        let runs: UInt64
        let seconds: Double
        let missed: UInt64
    }

    /// A rule. Its walks are those of the sampled events; the seconds are an estimate from them.
    struct Rule: Codable, Sendable, Equatable {
        let rule: String
        let priority: String
        let source: String
        let matches: UInt64
        let walks: UInt64
        let seconds: Double
    }

    /// Where estimates about rules come from.
    struct Sampling: Codable, Sendable, Equatable {
        /// One event of so many was sampled, on average.
        let eventsPerSample: UInt64
        let samples: UInt64
        /// An estimate of the work that all rules share.
        let narrowingSeconds: Double
    }

    /// What waits for, or was judged without, what a container's runtime knows.
    struct Waiting: Codable, Sendable, Equatable {
        let events: UInt64
        let containers: UInt64
        let waited: UInt64
        let judgedTooEarly: UInt64
        let judgedWithoutRoom: UInt64
    }

    /// The tables.
    struct Tables: Codable, Sendable, Equatable {
        let processes: UInt64
        let containers: UInt64
        let incomplete: UInt64
        let evictions: UInt64
        let reusedPids: UInt64
    }

    /// One place that alerts go to.
    struct Outlet: Codable, Sendable, Equatable {
        let outlet: String
        let sent: UInt64
        let failed: UInt64
        let dropped: UInt64
    }

    /// Anything else that did not arrive.
    struct Loss: Codable, Sendable, Equatable {
        let reason: String
        let count: UInt64
    }

    let version: String
    let hostname: String
    /// Nanoseconds since 1970, and since this process began.
    let time: UInt64
    let uptime: UInt64
    let process: ProcessFigures
    let kinds: [Kind]
    let undecoded: UInt64
    let matches: UInt64
    let reloads: UInt64
    let drops: [Drop]
    let floods: [Flood]
    let programs: [Program]
    /// Why the runs of programs are not counted; nil when they are.
    let programTrouble: String?
    let rules: [Rule]
    let sampling: Sampling
    let waiting: Waiting
    let tables: Tables
    let outlets: [Outlet]
    let losses: [Loss]

}

extension Status {
    var events: UInt64 { kinds.reduce(0) { $0 + $1.events } }

    /// One line of JSON.
    var json: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        return String(decoding: (try? encoder.encode(self)) ?? Data(), as: UTF8.self)
    }

    /// Reads what `json` wrote. Throws where it is something else.
    init(json: [UInt8]) throws {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        self = try decoder.decode(Status.self, from: Data(json))
    }
}
