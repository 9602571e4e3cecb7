// SPDX-License-Identifier: Apache-2.0

internal import EventModel
internal import Foundation

// What the spool's thread does: writes, settles, tells of losses, hands out.
extension Spool {
    private struct Work {
        var offered: [Alert]
        var settled: [UInt64]
        var returned: [UInt64]
        var report: [SpoolLoss: UInt64]?
        var request: Request?
        var isLast: Bool
    }

    func work() {
        while true {
            let work = take()
            for id in work.settled { settle(id) }
            disk.putBack(work.returned)
            for alert in work.offered { write(alert, isEstimated: true) }
            if let report = work.report { tell(report) }
            disk.sync()
            let items = work.request.map { disk.take($0) { lost in lose(lost) } } ?? []
            condition.withLock { state.waiting = disk.index.count }
            if let request = work.request {
                if items.isEmpty && !work.isLast { wait(again: request) } else { request.give(work.isLast && items.isEmpty ? nil : items) }
            }
            if work.isLast { return end() }
        }
    }

    private func take() -> Work {
        condition.withLock {
            while !hasWork { pause() }
            let isDue = isReportDue
            let work = Work(
                offered: state.offered, settled: state.settled, returned: state.returned, report: isDue ? state.untold : nil,
                request: state.request, isLast: state.isClosing)
            if isDue {
                state.untold = [:]
                state.lastTold = settings.now()
            }
            // Until they are written they are still waiting.
            state.waiting += state.offered.count
            state.offered = []
            state.settled = []
            state.returned = []
            state.request = nil
            return work
        }
    }

    private var hasWork: Bool {
        !state.offered.isEmpty || !state.settled.isEmpty || !state.returned.isEmpty || state.isClosing || isReportDue
            || (state.request != nil && disk.index.hasNext)
    }

    private var isReportDue: Bool {
        guard !state.untold.isEmpty else { return false }
        guard let last = state.lastTold else { return true }
        return settings.now().nanoseconds(since: last) >= Self.tellSeconds * 1_000_000_000
    }

    private func pause() {
        if state.untold.isEmpty { condition.wait() } else { _ = condition.wait(until: Date(timeIntervalSinceNow: 1)) }
    }

    // The place was taken by an estimate; from here on the record's real size counts.
    private func write(_ alert: Alert, isEstimated: Bool) {
        let owner = SpoolQuota.Owner(alert), estimate = isEstimated ? alert.approximateBytes : 0
        let result = disk.write(alert)
        condition.withLock {
            if isEstimated {
                state.quota.settle(estimate, of: owner)
                state.quota.free(estimate)
            }
            switch result {
            case .success(let bytes): state.quota.take(bytes, of: owner)
            case .failure(let error): lose(error.loss, 1)
            }
        }
    }

    private func tell(_ report: [SpoolLoss: UInt64]) {
        let alert = settings.lossAlert(report)
        let words = report.sorted { $0.key.rawValue < $1.key.rawValue }.map { "\($0.key.rawValue) \($0.value)" }
        settings.log("alerts were lost on the way to the responder: \(words.joined(separator: ", "))")
        write(alert, isEstimated: false)
    }

    // Files are removed outside of the lock: the detection thread takes it for each alert.
    private func settle(_ id: UInt64) {
        guard let (entry, freed) = disk.settle(id) else { return }
        condition.withLock {
            state.quota.settle(entry.bytes, of: entry.owner)
            state.quota.free(freed)
        }
    }

    private func lose(_ id: UInt64) {
        settle(id)
        condition.withLock { lose(.damaged, 1) }
    }

    private func wait(again request: Request) {
        condition.withLock { state.request = request }
    }

    private func end() {
        disk.close()
        let request = condition.withLock {
            state.isClosed = true
            condition.broadcast()
            defer { state.request = nil }
            return state.request
        }
        request?.give(nil)
    }
}
