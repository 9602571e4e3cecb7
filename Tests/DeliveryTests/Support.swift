// SPDX-License-Identifier: Apache-2.0
import EventModel
import Foundation
import Records
import StubServer
import Testing

/// A folder of the test's own, gone when the test is.
final class Scratch: Sendable {
    let folder = NSTemporaryDirectory() + "saker-delivery-" + UUID().uuidString

    init() throws { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false) }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    func file(_ name: String, _ text: String) throws -> String {
        try Data(text.utf8).write(to: URL(filePath: folder + "/" + name))
        return folder + "/" + name
    }
}

enum Sample {
    static let time = Timestamp(nanoseconds: 1_700_000_000_000_000_000)

    static func notice(
        _ number: Int64 = 12, rule: RuleName = "Terminal shell in container", namespace: NamespaceName? = "shop", uid: String? = "uid-1",
        workload: String = "shop/Deployment/web", outcome: Outcome = .done(Proof("pod shop/web-1: label suspicious=true is set")),
        isRehearsal: Bool = false, occasion: Notice.Occasion = .ended
    ) -> Notice {
        let alert = Alert(
            trace: TraceID("trace-\(number)"), time: time, rule: rule, priority: .notice, source: "syscall", tags: [], output: "A shell",
            fields: [:], hostname: "node-1", subject: Subject(pod: "web-1", namespace: namespace))
        let target = TargetObject(kind: "Pod", namespace: namespace, name: "web-1", uid: uid)
        let intention = Intention(
            trace: alert.trace, playbook: "Contain", action: "Mark", actuator: "kubernetes:label", target: target, parameters: [:],
            undo: UndoRecipe("remove the label", facts: [:]))
        return Notice(
            occasion: occasion, number: number, alert: alert, act: PlannedAct(intention, kind: .reversible, workload: workload),
            outcome: outcome, isRehearsal: isRehearsal)
    }
}

/// True as soon as the condition is, false when it is not within that time.
func eventually(within seconds: Double = 20, _ condition: () async throws -> Bool) async rethrows -> Bool {
    let deadline = Date(timeIntervalSinceNow: seconds)
    while Date() < deadline {
        if try await condition() { return true }
        try? await Task.sleep(for: .milliseconds(5))
    }
    return false
}

/// An HTTP/1.1 answer as bytes.
func response(_ status: Int, _ body: String = "ok", headers: String = "") -> [UInt8] {
    Array("HTTP/1.1 \(status) X\r\nContent-Length: \(body.utf8.count)\r\n\(headers)\r\n\(body)".utf8)
}
