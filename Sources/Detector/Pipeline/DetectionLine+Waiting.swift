// SPDX-License-Identifier: Apache-2.0

internal import Enrichment
internal import EventModel
internal import RuleLanguage

/// Waiting for what somebody must be asked about a container.
extension DetectionLine {
    /// True while events of the container may have to wait.
    func isUnsettled(_ container: Container) -> Bool {
        settings.patience > 0 && !container.awaited.isEmpty || !waiting.isEmpty && waiting.has(container)
    }

    /// True when an event of such a container is better judged later: a rule may compare what is not known yet, or one matched, whose alert
    /// would leave it out; or other events of the container wait already.
    mutating func mustWait(_ event: Event, of container: Container) -> Bool {
        guard rules.kinds.contains(event.kind) else { return false }
        return waiting.has(container) || rules.kindsAboutContainers.contains(event.kind) || matches(event)
    }

    /// Puts an event aside with a copy of its record. Where there is no room, it and what waits of its container is judged at once.
    mutating func hold(_ event: Event, _ record: UnsafeRawBufferPointer, of container: Container) {
        let kept = ByteString(ByteView(record))
        guard var copy = decodeAgain(kept) else { return }
        copy.number = event.number
        copy.process = event.process
        if waiting.take(EventSnapshot(copy, record: kept), of: container, bytes: record.count, at: settings.clock()) {
            return counters.waited.add()
        }
        stopWaiting(for: container)
        counters.judgedWithoutRoom.add(1 + judge(waiting.release(container)))
        judge(at: &copy)
        withExtendedLifetime(kept) {}
    }

    /// Says what is held now, for who asks from another thread, and judges what has waited long enough: for the pauses between records.
    mutating func pause() {
        tick()
        counters.waitingEvents.set(UInt64(waiting.eventCount))
        counters.waitingContainers.set(UInt64(waiting.containerCount))
        counters.knownProcesses.set(UInt64(processes.count))
        counters.knownContainers.set(UInt64(processes.containerCount))
    }

    /// Judges the events whose wait is over; to be called now and then, also when no records come.
    public mutating func tick() {
        guard !waiting.isEmpty else { return }
        let now = settings.clock()
        processes.lookAgain(at: now)
        guard now >= waiting.earliest || processes.answerCount != seenAnswers else { return }
        seenAnswers = processes.answerCount
        for (container, verdict) in waiting.due(at: now) {
            switch verdict {
            case .settled:
                let count = judge(waiting.release(container))
                if container.known.source == .unknown { counters.judgedTooEarly.add(count) }
            case .givenUp:
                stopWaiting(for: container)
                counters.judgedTooEarly.add(judge(waiting.release(container)))
            case .expired: counters.judgedTooEarly.add(judge(waiting.releaseExpired(container, at: now)))
            }
        }
    }

    /// Judges all events that wait, with what is known now.
    public mutating func finish() {
        tick()
        for container in waiting.containers { counters.judgedTooEarly.add(judge(waiting.release(container))) }
    }

    // What comes later is still learnt; it is only not waited for any more.
    private func stopWaiting(for container: Container) { container.stopWaiting(for: [.runtime, .kubernetes]) }

    private mutating func judge(_ snapshots: [EventSnapshot]) -> UInt64 {
        for snapshot in snapshots {
            var event = snapshot.event
            judge(at: &event)
            withExtendedLifetime(snapshot) {}
        }
        return UInt64(snapshots.count)
    }
}
