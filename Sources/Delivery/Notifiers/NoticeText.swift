// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// A notice in words, rendered from the act's one outcome.
public struct NoticeText: Sendable, Hashable {
    /// What was done to what and how it ended, in one line.
    public let title: String
    /// The outcome's sentence.
    public let sentence: String
    /// Why: detection rule with its priority, playbook and action, trace.
    public let reasons: [String]
    /// How it is taken back; nil when there is nothing to take back.
    public let undo: String?

    /// Renders a notice.
    public init(_ notice: Notice) {
        let intention = notice.act.intention, target = intention.target
        let place = target.kind.lowercased() + " " + (target.namespace.map { "\($0)/" } ?? "") + target.name
        title = Self.safe("\(Self.word(notice)): \(intention.actuator) on \(place) (#\(notice.number))")
        sentence = Self.safe(notice.outcome.sentence)
        reasons = [
            "rule: \(notice.alert.rule) (\(notice.alert.priority.name))", "playbook: \(intention.playbook), action: \(intention.action)",
            "trace: \(notice.alert.trace)", "host: \(notice.alert.hostname)",
        ].map(Self.safe)
        undo = notice.undoCommand
    }

    /// All of it, a line each.
    public var lines: [String] { [title, sentence] + reasons + (undo.map { ["undo: \($0)"] } ?? []) }

    /// The occasion and the outcome's label, such as `DONE` or `FOUND OPEN, UNKNOWN`.
    private static func word(_ notice: Notice) -> String {
        let label = notice.outcome.label.uppercased()
        return switch notice.occasion {
        case .ended: label
        case .observed: "SEEN"
        case .undone: "UNDO \(label)"
        case .foundOpen: "FOUND OPEN, \(label)"
        }
    }

    private static func safe(_ text: String) -> String { AlertText.safe(text, escape: AlertText.readable) }
}
