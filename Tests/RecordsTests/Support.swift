// SPDX-License-Identifier: Apache-2.0

import EventModel
import Foundation
import Records

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
        pod: String = "web-1", undo: UndoRecipe? = UndoRecipe("remove label suspicious from pod shop/web-1", facts: ["labels": ["suspicious"]])
    ) -> PlannedAct {
        let target = TargetObject(kind: "Pod", namespace: "shop", name: pod, uid: "uid-1")
        let intention = Intention(
            trace: trace, playbook: "Contain shells", action: "Mark it", actuator: actuator, target: target,
            parameters: ["labels": ["suspicious": "true"]], undo: undo)
        return PlannedAct(intention, kind: kind, workload: "shop/Deployment/web")
    }
}
