// SPDX-License-Identifier: Apache-2.0
import Actions
import EventModel
import Responder

/// A rehearsal as a person reads it.
enum RehearsalText {
    /// One playbook; without an alert of its own (`isTrial`) nothing is said of what it matches.
    static func block(_ answer: Rehearsal.Answer, isTrial: Bool) -> String {
        let match = isTrial ? "" : answer.mismatch.map { " would NOT answer this alert: \($0)" } ?? " answers this alert"
        let steps = answer.steps.enumerated().map { index, step in
            let target = step.act.intention.target.sentence
            return "  \(index + 1). \(step.action) (\(step.act.intention.actuator)) on \(target): \(step.outcome.label.uppercased())\n"
                + "     \(step.outcome.sentence)" + (step.act.intention.undo.map { "\n     undo: \($0.sentence)" } ?? "")
        }
        let unreached = answer.unreached.map { "  -  \($0): not reached, an earlier action ends the playbook" }
        return (["playbook \"\(answer.playbook)\"\(match)"] + steps + unreached).joined(separator: "\n")
    }
}
