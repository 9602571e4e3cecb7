// SPDX-License-Identifier: Apache-2.0

internal import Actions
internal import EventModel
internal import Guardrails
internal import KubeClient
public import Records
internal import Synchronization

// What becomes of acts after they ended, and of those that never did.
extension ResponseLine {
    /// True while observations of connections are of use.
    public var watchesConnections: Bool { watch.withLock { !$0.isEmpty } }

    /// Takes in what was seen of a connection; when it says something new about an isolation, that is journalled and told.
    public func observe(_ seen: ConnectionSeen) async {
        guard let finding = watch.withLock({ $0.absorb(seen) }) else { return }
        // A person may have released the pod meanwhile; then a connection that stands is as it should be.
        if !finding.isEnforced, await IsolatePod.isLifted(finding.act.intention, parts.kube) {
            watch.withLock { $0.remove(seen.pod) }
            return
        }
        var report = ActionReport(
            occasion: .observed, alert: finding.alert, act: finding.act, outcome: .done(finding.proof), isRehearsal: false, id: finding.id,
            head: nil, nanosecondsSinceEvent: parts.now().nanoseconds(since: finding.alert.time))
        do throws(JournalError) {
            report.head = try await parts.journal.observe(finding.proof, of: finding.id, at: parts.now())
        } catch {
            report.notes = ["what was seen is not in the journal: \(error)"]
        }
        await parts.reporter.report(report)
    }

    /// Closes what an earlier run began and did not end, and tells of each. To be called once, before the first alert.
    public func closeOpenIntentions() async throws(JournalError) {
        for open in try await parts.journal.openIntentions() {
            let target = open.act.intention.target.sentence
            let outcome: Outcome
            let head: ChainHead
            switch open.work {
            case .act:
                outcome = .unknown(
                    check: "saker ended between intention and outcome of number \(open.id) (\(open.act.intention.actuator)); "
                        + "it may have happened, and it is not repeated: look at \(target)")
                head = try await parts.journal.close(open.id, outcome: outcome, at: parts.now())
            case .undo(let undo):
                outcome = .unknown(
                    check: "saker ended while number \(open.id) was being taken back; look at \(target), then undo it again if need be")
                head = try await parts.journal.closeUndo(undo, outcome: outcome, at: parts.now())
            }
            await parts.reporter.report(
                ActionReport(
                    occasion: .foundOpen, alert: open.alert, act: open.act, outcome: outcome, isRehearsal: open.rehearsal, id: open.id,
                    head: head, nanosecondsSinceEvent: parts.now().nanoseconds(since: open.alert.time)))
        }
    }
}
