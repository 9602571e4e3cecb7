// SPDX-License-Identifier: Apache-2.0
import Detector
import EventModel
import Foundation
import Glibc
import KubeSim
import Records
import Responder

/// Alerts at a pace, and as many as can be.
enum Pace {
    // As many as `saker run` answers at once.
    private static let atOnce = 16

    /// Microseconds from the acceptance on the disk to the arrival of the alert's first request, in ascending order. What comes faster than
    /// it is answered waits before it is accepted, as in the queue of `saker run`.
    static func delays(rate: Int, count: Int) async throws -> [Double] {
        try await RespondBench.inFolder { folder in
            try await Stage.run(folder, pods: count) { stage in
                let began = ContinuousClock.now
                await withTaskGroup(of: Void.self) { group in
                    for number in 0..<count {
                        try? await Task.sleep(until: began + .microseconds(number * 1_000_000 / rate))
                        if number >= atOnce { await group.next() }
                        group.addTask { await stage.line.handle(Stage.alert(number)) }
                    }
                }
                try demand(stage, count)
                let accepted = stage.book.acceptedAt
                var first: [String: Int64] = [:]
                for request in stage.sim.requests {
                    guard let name = request.name else { continue }
                    first[name] = min(first[name] ?? .max, request.time)
                }
                return accepted.compactMap { name, time in first[name].map { Double($0 - Int64(time)) / 1_000 } }.sorted()
            }
        }
    }

    /// Alerts a second, answered to the end, when there is always another one waiting.
    static func sustained(count: Int) async throws -> Double {
        try await RespondBench.inFolder { folder in
            try await Stage.run(folder, pods: count) { stage in
                let began = ContinuousClock.now
                await withTaskGroup(of: Void.self) { group in
                    for number in 0..<count {
                        if number >= atOnce { await group.next() }
                        group.addTask { await stage.line.handle(Stage.alert(number)) }
                    }
                }
                let spent = (ContinuousClock.now - began).microseconds
                try demand(stage, count)
                return Double(count) / spent * 1e6
            }
        }
    }

    private static func demand(_ stage: Stage, _ count: Int) throws {
        guard stage.book.outcomes == ["done": count] else { RespondBench.stop("not all \(count) acts are done: \(stage.book.outcomes)") }
    }
}

/// Alerts that wait in memory for the responder.
enum Queued {
    static func rssMebibytes(alerts: Int) -> Double {
        let queue = AlertQueue(capacity: alerts)
        let before = rss()
        for number in 0..<alerts { queue.offer(Stage.alert(number)) }
        let after = rss()
        guard queue.dropped == 0 else { RespondBench.stop("the queue dropped \(queue.dropped)") }
        return after - before
    }

    private static func rss() -> Double {
        let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
        let pages = text.split(separator: " ").dropFirst().first.flatMap { Double($0) } ?? 0
        return pages * Double(sysconf(Int32(_SC_PAGESIZE))) / 1_048_576
    }
}

/// A start after a kill -9.
enum Recovery {
    struct Times {
        /// Until new alerts are taken.
        var readyMilliseconds: Double
        /// Until everything that was open is closed.
        var closedMilliseconds: Double
    }

    static func measure(open count: Int, program: String) async throws -> Times {
        try await RespondBench.inFolder { folder in
            try leave(count, folder, program)
            return try await Stage.run(folder, pods: 0) { stage in
                let opened = ContinuousClock.now
                let backlog = try await stage.line.takeUp()
                let ready = stage.opening + (ContinuousClock.now - opened)
                await stage.line.resume(backlog)
                let closed = stage.opening + (ContinuousClock.now - opened)
                guard backlog.count == count, stage.book.outcomes == ["unknown": count] else {
                    RespondBench.stop("not all \(count) open acts were closed: \(stage.book.outcomes)")
                }
                return Times(readyMilliseconds: ready.microseconds / 1e3, closedMilliseconds: closed.microseconds / 1e3)
            }
        }
    }

    // Another process of this program leaves the journal behind as a kill does.
    private static func leave(_ count: Int, _ folder: String, _ program: String) throws {
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = ["leave-open", folder, String(count)]
        try process.run()
        process.waitUntilExit()
        guard process.terminationReason == .uncaughtSignal, process.terminationStatus == SIGKILL else {
            RespondBench.stop("the journal with open intentions was not made")
        }
    }

    static func leaveOpen(_ count: Int, in folder: String) async throws -> Never {
        let journal = try Journal(path: folder + "/journal.db", role: .responder)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<count {
                if number >= 512 { try await group.next() }
                group.addTask {
                    let alert = Stage.alert(number), now = ResponderParts.systemTime()
                    _ = try await journal.accept(alert, at: now)
                    let target = TargetObject(kind: "Pod", namespace: "default", name: Stage.name(number), uid: "uid-\(number)")
                    let intention = Intention(
                        trace: alert.trace, playbook: "Mark", action: "Mark", actuator: "kubernetes:label", target: target,
                        parameters: ["labels": ["suspicious": "true"]],
                        undo: UndoRecipe("remove it", facts: ["after": ["suspicious": "true"], "before": ["suspicious": .null]]))
                    let act = PlannedAct(intention, kind: .reversible, workload: "default/Pod/\(Stage.name(number))")
                    _ = try await journal.intend([act], rehearsal: false, at: now)
                }
            }
            try await group.waitForAll()
        }
        kill(getpid(), SIGKILL)
        while true { sleep(1) }
    }
}
