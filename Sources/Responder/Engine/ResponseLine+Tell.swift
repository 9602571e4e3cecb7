// SPDX-License-Identifier: Apache-2.0

internal import EventModel
internal import KubeClient
internal import Records

/// What became of the results and reports of one alert.
struct Told: Sendable {
    /// Results that are kept now, so that their messages need not wait.
    var kept: [OutboxMessage.Place] = []
    /// False when the end of an act is not in the journal.
    var isAllRecorded = true
}

extension ResponseLine {
    /// Keeps each result and tells each report, in order, until there will be no more.
    func tell(_ ends: AsyncStream<EndedAct>, _ work: AlertWork) async -> Told {
        var told = Told()
        for await end in ends {
            let note = await keep(end, work, &told)
            parts.reached(.resultPut)
            await parts.reporter.report(report(end, work.alert, note))
            parts.reached(.reported)
        }
        return told
    }

    /// Keeps the result; returns what a person should know of that.
    private func keep(_ end: EndedAct, _ work: AlertWork, _ told: inout Told) async -> String? {
        let ending = end.ending
        guard let recorded = ending.record, let head = recorded.head else {
            told.isAllRecorded = false
            return nil
        }
        let delays = ResultRecord.Delays(
            event: work.alert.time, accepted: work.acceptedAt, intended: end.intendedAt, ended: recorded.endedAt)
        let record = ResultRecord(
            id: recorded.id, alert: work.alert, act: ending.act, outcome: ending.outcome, rehearsal: end.isRehearsal, delays: delays,
            head: head)
        let answer = await resultDesk.put(record)
        if answer.isKept { told.kept.append(OutboxMessage.Place(destination: OutboxMessage.results, key: record.outboxKey)) }
        return answer.sentence
    }

    private func report(_ end: EndedAct, _ alert: Alert, _ note: String?) -> ActionReport {
        let ending = end.ending
        return ActionReport(
            occasion: end.occasion, alert: alert, act: ending.act, outcome: ending.outcome, isRehearsal: end.isRehearsal,
            id: ending.record?.id, head: ending.record?.head, nanosecondsSinceEvent: parts.now().nanoseconds(since: alert.time),
            notes: [ending.trouble, note].compactMap { $0 } + end.notes)
    }
}
