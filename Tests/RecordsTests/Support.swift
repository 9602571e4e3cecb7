// SPDX-License-Identifier: Apache-2.0

import EventModel
import Foundation
import Records
import Testing

/// A folder of the test's own, gone when the test is.
final class Scratch: Sendable {
    let folder: String
    var journal: String { folder + "/state/journal.sqlite" }
    var results: String { folder + "/results" }

    init() throws {
        folder = NSTemporaryDirectory() + "saker-records-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }
}

/// The journal error that `body` throws; nil when it throws none.
func failure<Value>(_ body: () throws -> Value) -> JournalError? {
    do {
        _ = try body()
        return nil
    } catch {
        return journalError(error)
    }
}

/// The journal error that `body` throws; nil when it throws none.
func failure<Value>(_ body: () async throws -> Value) async -> JournalError? {
    do {
        _ = try await body()
        return nil
    } catch {
        return journalError(error)
    }
}

private func journalError(_ error: any Error) -> JournalError? {
    let known = error as? JournalError
    if known == nil { Issue.record("no journal error: \(error)") }
    return known
}

/// Writes alerts, one act and its outcome into a new journal; with one alert that is three entries.
@discardableResult
func filled(_ scratch: Scratch, alerts: Int = 1, closing: Bool = true) async throws -> Journal {
    let journal = try Journal(path: scratch.journal, role: .responder)
    for index in 0..<alerts { _ = try await journal.accept(Sample.alert(TraceID("trace-\(index)")), at: Sample.time) }
    let id = try await journal.intend([Sample.act("trace-0")], rehearsal: false, at: Sample.later(1))[0]
    _ = try await journal.close(id, outcome: .done(Proof("labelled")), at: Sample.later(2))
    if closing { await journal.close() }
    return journal
}

/// What the sqlite3 shell says to a statement, errors included.
func sqlite(_ path: String, _ statement: String) throws -> String { try run("/usr/bin/sqlite3", [path, statement]) }

/// What a program prints on both its outputs.
func run(_ program: String, _ arguments: [String]) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    let output = Pipe()
    (process.standardOutput, process.standardError) = (output, output)
    try process.run()
    let answer = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return answer
}

enum Sample {
    static let time = Timestamp(nanoseconds: 1_700_000_000_123_456_789)

    static func later(_ seconds: UInt64) -> Timestamp { Timestamp(nanoseconds: time.nanoseconds + seconds * 1_000_000_000) }

    static func alert(_ trace: TraceID = "0123456789abcdef0123456789abcdef", pod: PodName = "web-1") -> Alert {
        Alert(
            trace: trace, time: time, rule: "Terminal shell in container", priority: .notice, source: "syscall", tags: ["mitre_execution"],
            output: "A shell was spawned", fields: ["proc.name": "sh", "evt.num": 12], hostname: "node-1",
            subject: Subject(pid: 77, container: "c0ffee", podUID: "uid-1", pod: pod, namespace: "shop"))
    }

    static func act(
        _ trace: TraceID = "0123456789abcdef0123456789abcdef", actuator: ActuatorName = "kubernetes:label", kind: ActKind = .reversible,
        namespace: NamespaceName = "shop", pod: String = "web-1",
        undo: UndoRecipe? = UndoRecipe("remove label suspicious from pod shop/web-1", facts: ["labels": ["suspicious"]])
    ) -> PlannedAct {
        let target = TargetObject(kind: "Pod", namespace: namespace, name: pod, uid: "uid-1")
        let intention = Intention(
            trace: trace, playbook: "Contain shells", action: "Mark it", actuator: actuator, target: target,
            parameters: ["labels": ["suspicious": "true"]], undo: undo)
        return PlannedAct(intention, kind: kind, workload: "shop/Deployment/web")
    }

    static func result() -> ResultRecord {
        let delays = ResultRecord.Delays(event: time, accepted: time, intended: later(1), ended: later(2))
        return ResultRecord(
            id: EntryID(2), alert: alert(), act: act(), outcome: .done(Proof("labelled", readBack: ["version": "7"])), rehearsal: false,
            delays: delays, head: ChainHead(seq: 3, hash: String(repeating: "ab", count: 32)))
    }
}
