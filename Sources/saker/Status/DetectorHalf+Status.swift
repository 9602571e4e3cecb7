// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Capture
import Delivery
import Detector
import Dispatch
import Enrichment
import EventModel
import Foundation

extension DetectorHalf {
    /// Tells counts of things that did not arrive, by reason.
    typealias Losses = @Sendable () -> [(reason: String, count: UInt64)]

    /// The figures now; the kernel counts the runs of programs for so many seconds from here on.
    func status(askingFor seconds: UInt64, _ others: Losses) -> Status {
        let now = DispatchTime.now().uptimeNanoseconds, counters = run.counters, book = counters.rules.content
        let trouble = runCounter.ask(for: seconds, at: now), drops = run.drops
        return Status(
            version: Saker.configuration.version, hostname: ProcessInfo.processInfo.hostName, time: Clock.now.nanoseconds,
            uptime: now - began, process: .now, kinds: Status.kinds(counters.events, run.filtered), undecoded: counters.undecoded.count,
            matches: counters.matches.count, reloads: counters.reloads.count, drops: Status.drops(drops),
            floods: run.floods.map { .init(name: $0.name, pid: $0.pid, isCgroup: $0.source.pid == 0, heldBack: $0.heldBack) },
            programs: Status.programs(run.programs, run.statistics), programTrouble: trouble, rules: Status.rules(book),
            sampling: .init(eventsPerSample: book.eventsPerSample, samples: book.samples, narrowingSeconds: book.narrowingSeconds),
            waiting: .init(
                events: counters.waitingEvents.count, containers: counters.waitingContainers.count, waited: counters.waited.count,
                judgedTooEarly: counters.judgedTooEarly.count, judgedWithoutRoom: counters.judgedWithoutRoom.count),
            tables: .init(
                processes: counters.knownProcesses.count, containers: counters.knownContainers.count,
                incomplete: counters.processes.incomplete.count, evictions: counters.processes.evictions.count,
                reusedPids: counters.processes.reusedPids.count),
            outlets: outlets.outlets.map { outlet in
                let counts = outlet.counters
                return .init(outlet: outlet.name, sent: counts.sent, failed: counts.failed, dropped: counts.dropped)
            },
            losses: others().map { .init(reason: $0.reason, count: $0.count) })
    }
}

extension Status {
    fileprivate static func kinds(_ counts: borrowing KindCounts, _ filtered: [EventKind: UInt64]) -> [Kind] {
        var kinds: [Kind] = []
        for kind in EventKind.allCases where counts[kind] > 0 || filtered[kind] != nil {
            kinds.append(Kind(kind: kind.name, events: counts[kind], keptBack: filtered[kind, default: 0]))
        }
        return kinds
    }

    fileprivate static func drops(_ counts: DropCounts) -> [Drop] {
        let known = DropReason.allCases.flatMap { reason in
            EventKind.allCases.compactMap { kind in
                let count = counts[reason, kind]
                return count > 0 ? Drop(reason: reason.rawValue, kind: kind.name, events: count, isLost: reason.losesEvent) : nil
            }
        }
        return known + (counts.missed > 0 ? [Drop(reason: "missed", kind: nil, events: counts.missed, isLost: true)] : [])
    }

    fileprivate static func programs(_ states: [ProgramStatus], _ statistics: [ProgramStatistics]) -> [Program] {
        states.map { program in
            let counts = statistics.first { $0.name == program.name }
            let state = switch program.state {
            case .active: "active"
            case .unneeded: "unneeded"
            case .refused: "refused"
            }
            return Program(
                program: program.name, state: state, runs: counts?.runs ?? 0, seconds: Double(counts?.nanoseconds ?? 0) / 1e9,
                missed: counts?.missed ?? 0)
        }
    }

    fileprivate static func rules(_ book: RuleBook.Content) -> [Rule] {
        book.entries.map { entry in
            Rule(
                rule: entry.rule.text, priority: entry.priority.name, source: entry.source, matches: entry.matches, walks: entry.walks,
                seconds: book.seconds(entry))
        }
    }
}
