// SPDX-License-Identifier: Apache-2.0
import Actions
import EventModel
import Records
import Responder

/// Reports of acts on standard output, beside the alerts, in the same form as they have.
struct ReportPrinter: ActionReporter {
    let format: Configuration.AlertFormat

    func report(_ report: ActionReport) async {
        switch format {
        case .text: print(ReportText.line(report))
        case .json: if let line = try? JSONText.line(ReportText.Object(report)) { print(line) }
        case .off: break
        }
    }
}

/// A report as a person or a program reads it.
enum ReportText {
    /// One line: what was done to what, how it ended, why, and how long after the syscall.
    static func line(_ report: ActionReport) -> String {
        let number = report.id.map { "#\($0) " } ?? ""
        let target = report.act.intention.target.sentence
        let head = "\(Clock.now.clock): \(word(report)) \(number)\(report.act.intention.actuator) on \(target): "
        let tail = " [\(Milliseconds.text(report.nanosecondsSinceEvent)) after the syscall, playbook \"\(report.act.intention.playbook)\", "
        let notes = report.notes.map { "; \($0)" }.joined()
        return head + report.outcome.sentence + notes + tail + "trace \(report.alert.trace)]"
    }

    private static func word(_ report: ActionReport) -> String {
        switch report.occasion {
        case .ended: report.outcome.label.uppercased()
        case .observed: "SEEN"
        case .undone: "UNDO \(report.outcome.label.uppercased())"
        case .foundOpen: "FOUND OPEN, \(report.outcome.label.uppercased())"
        }
    }

    /// The JSON form, told apart from an alert by its key `occasion`.
    struct Object: Encodable {
        let occasion: String
        let id: IntentionID?
        let trace: TraceID
        let rule: RuleName
        let act: PlannedAct
        let outcome: Outcome
        let isRehearsal: Bool
        let nanosecondsSinceEvent: UInt64
        let notes: [String]
        let head: ChainHead?

        init(_ report: ActionReport) {
            occasion = report.occasion.rawValue
            id = report.id
            trace = report.alert.trace
            rule = report.alert.rule
            act = report.act
            outcome = report.outcome
            isRehearsal = report.isRehearsal
            nanosecondsSinceEvent = report.nanosecondsSinceEvent
            notes = report.notes
            head = report.head
        }

        private enum CodingKeys: String, CodingKey {
            case occasion, id, rule, act, outcome, notes, head
            case trace = "trace_id"
            case isRehearsal = "rehearsal"
            case nanosecondsSinceEvent = "nanoseconds_since_event"
        }
    }
}
