// SPDX-License-Identifier: Apache-2.0
import Foundation

/// What the demo made and claims, for the checker: it compares this with /proc and with the API server's request log.
struct DemoFacts: Codable {
    /// One of the demo's pods.
    struct Pod: Codable {
        /// `attacked`: labelled, isolated, terminated. `released`: isolated, then released.
        var role: String
        var name: String
        var namespace: String
        var uid: String
        var containerID: String
        var pid: Int32
        var startTime: UInt64

        init(_ pod: DemoPod, role: String) {
            self.role = role
            name = pod.description.name
            namespace = pod.description.namespace
            uid = pod.description.uid
            containerID = pod.description.containerID
            pid = pod.identity.pid
            startTime = pod.identity.startTime
        }
    }

    var version = 1
    var requestLog: String
    var pods: [Pod]
    /// What the demo's own eyes saw, such as "the attacker's next connection failed".
    var seen: [String]

    static let name = "facts.json"

    func write(to run: RunDirectory) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try encoder.encode(self).write(to: run.file(Self.name), options: .atomic)
    }
}
