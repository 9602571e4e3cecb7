// SPDX-License-Identifier: Apache-2.0

internal import Actions
public import EventModel
internal import KubeClient
public import Records

/// Takes one act back: intention, act and outcome are journalled as for any act.
public struct UndoRun: Sendable {
    private let parts: ResponderParts

    /// Works on these parts; the journal may be opened as a visitor.
    public init(_ parts: ResponderParts) { self.parts = parts }

    /// Takes back the act of that number, for whom `who` names. The report is told to the reporter as well; nil when there is no such act.
    public func undo(_ id: IntentionID, by who: String) async throws(JournalError) -> ActionReport? {
        var query = HistoryQuery(limit: 1)
        query.intention = id
        guard let entry = try await JournalReader(path: parts.journal.path).history(query).first else { return nil }
        var report = ActionReport(
            occasion: .undone, alert: entry.alert, act: entry.act, outcome: .skipped(why: ""), isRehearsal: false, id: id, head: nil,
            nanosecondsSinceEvent: 0)
        do throws(JournalError) {
            let undo = try await parts.journal.intendUndo(of: id, by: who, at: parts.now())
            parts.reached(.undoIntended)
            report.outcome = await carryOut(entry.act.intention, parts.kube)
            parts.reached(.undoActed)
            try await close(undo, &report)
            parts.reached(.undoClosed)
        } catch {
            guard error.code == .conflict else { throw error }
            report.outcome = .refused(Refusal(.journal, error.message))
        }
        report.nanosecondsSinceEvent = parts.now().nanoseconds(since: entry.alert.time)
        await parts.reporter.report(report)
        return report
    }

    /// Shows what taking that act back would do, on a cluster in which nothing changes; nothing is recorded. Nil when there is no such act.
    public func rehearse(_ id: IntentionID) async throws(JournalError) -> Outcome? {
        var query = HistoryQuery(limit: 1)
        query.intention = id
        guard let entry = try await JournalReader(path: parts.journal.path).history(query).first else { return nil }
        if let objection = try await parts.journal.objectionToUndo(of: id, at: parts.now()) {
            return .refused(Refusal(.journal, objection.message))
        }
        let outcome = await carryOut(entry.act.intention, parts.rehearsalKube())
        guard case .done(let proof) = outcome else { return outcome }
        return .rehearsed(would: "would end with: \(proof.sentence)")
    }

    private func close(_ undo: UndoID, _ report: inout ActionReport) async throws(JournalError) {
        do throws(JournalError) {
            report.head = try await parts.journal.closeUndo(
                undo, outcome: report.outcome, at: parts.now(), telling: parts.notices.messages(about: report))
        } catch {
            // A responder that started meanwhile took it for abandoned; what was done stands.
            guard error.code == .conflict else { throw error }
            report.notes.append("the history says otherwise, since a responder started meanwhile: \(error.message)")
        }
    }

    private func carryOut(_ intention: Intention, _ kube: any Kube) async -> Outcome {
        guard let action = parts.catalogue[intention.actuator] else {
            return .failed(Failure(code: "config", message: "there is no action \(intention.actuator) in this program"))
        }
        let outcome = await within(parts.actionLimit) {
            do throws(KubeError) {
                return try await action.undo(intention, kube)
            } catch {
                return await KubeOutcome.ofActing(error, on: intention.target, kube)
            }
        }
        return outcome ?? .unknown(check: "no end within \(parts.actionLimit): look at \(intention.target.sentence), then undo again")
    }
}
