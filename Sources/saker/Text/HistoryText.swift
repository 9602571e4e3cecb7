// SPDX-License-Identifier: Apache-2.0
import EventModel
import Records

/// History as a person reads it.
enum HistoryText {
    /// One act: a head line, then what is known of it.
    static func block(_ entry: HistoryEntry) -> String {
        let time = entry.time.description.prefix(19) + "Z"
        var lines = ["#\(entry.id)  \(time)  \(entry.actuator)  \(entry.targetName)  \(entry.label.uppercased())\(mark(entry))"]
        lines.append("    \(entry.sentence)")
        lines.append("    because of rule \"\(entry.rule)\", by playbook \"\(entry.playbook)\"\(delay(entry)), trace \(entry.trace)")
        lines += entry.observations.map { "    seen later: \($0.proof.sentence)" }
        lines += entry.undos.map { "    undo #\($0.id) by \($0.by): \($0.ending.map { $0.outcome.sentence } ?? "not finished")" }
        if let people = entry.act.intention.approvedBy, !people.isEmpty {
            lines.append("    approved by \(people.joined(separator: " and "))")
        }
        if let seconds = entry.act.intention.lastsSeconds, entry.undoState == .available {
            lines.append("    takes itself back \(seconds) s after its end")
        }
        if let hint = hint(entry) { lines.append("    \(hint)") }
        return lines.joined(separator: "\n")
    }

    /// What a verification found, and what it cannot vouch for.
    static func verdict(_ verification: Verification) -> String {
        guard verification.isSound else {
            let findings = verification.findings.map { "  \($0.seq.map { "#\($0) " } ?? "")\($0.kind.rawValue): \($0.sentence)" }
            return (["the history is NOT sound:"] + findings).joined(separator: "\n")
        }
        return """
            the history is sound: \(verification.count) entries, head #\(verification.head.seq) \(verification.head.hash)
            \(verification.anchorsChecked) result files agree; keep the head elsewhere to hold later states to it
            """
    }

    private static func mark(_ entry: HistoryEntry) -> String {
        switch entry.undoState {
        case .undone: ", undone"
        case .open: ", undo not finished"
        case .failed: ", undo failed"
        case .available, .impossible: ""
        }
    }

    private static func hint(_ entry: HistoryEntry) -> String? {
        switch entry.undoState {
        case .available, .failed: "take it back: saker undo \(entry.id)"
        case .impossible, .open, .undone: nil
        }
    }

    private static func delay(_ entry: HistoryEntry) -> String {
        entry.nanosecondsSinceEvent.map { ", \(Milliseconds.text($0)) after the syscall" } ?? ""
    }
}
