// SPDX-License-Identifier: Apache-2.0

/// What people outside are told of one act: everything that a message to them is rendered from.
public struct Notice: Sendable, Hashable, Codable {
    /// What a notice is about.
    public enum Occasion: String, Sendable, Hashable, Codable {
        /// The act ended, in whatever way.
        case ended
        /// Something was seen of it later on, such as that an isolation holds.
        case observed
        /// It was to be taken back.
        case undone
        /// It was found open at the start: an earlier run was cut short.
        case foundOpen
    }

    /// What it is about.
    public var occasion: Occasion
    /// The act's number in the history, which `saker undo` takes.
    public var number: Int64
    /// The alert that led to the act.
    public var alert: Alert
    /// What was planned.
    public var act: PlannedAct
    /// How it ended, or what was seen.
    public var outcome: Outcome
    /// True when nothing was to be changed.
    public var isRehearsal: Bool

    /// Brings the parts together.
    public init(occasion: Occasion, number: Int64, alert: Alert, act: PlannedAct, outcome: Outcome, isRehearsal: Bool) {
        self.occasion = occasion
        self.number = number
        self.alert = alert
        self.act = act
        self.outcome = outcome
        self.isRehearsal = isRehearsal
    }

    private enum CodingKeys: String, CodingKey {
        case occasion, number, alert, act, outcome
        case isRehearsal = "rehearsal"
    }

    /// The command that takes the act back; nil when there is nothing to take back.
    public var undoCommand: String? {
        guard act.intention.undo != nil, !isRehearsal, occasion == .ended || occasion == .foundOpen else { return nil }
        switch outcome {
        case .done, .unknown: return "saker undo \(number)"
        case .skipped, .refused, .rehearsed, .awaiting, .failed: return nil
        }
    }
}
