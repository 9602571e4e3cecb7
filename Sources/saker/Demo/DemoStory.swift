// SPDX-License-Identifier: Apache-2.0
import EventModel
import Foundation
import Records

/// What happens in the demo, in order. Each step waits for what Saker does and tells it; a step that does not come is an error.
struct DemoStory {
    let scene: DemoScene
    let saker: DemoSaker
    let narrator: DemoNarrator
    /// What the demo's own eyes saw.
    private(set) var seen: [String] = []
    private var alertsTold = 0
    private var actsTold: Set<IntentionID> = []
    private var observationsTold: Set<HistoryEntry.Observation> = []

    init(scene: DemoScene, saker: DemoSaker, narrator: DemoNarrator) {
        self.scene = scene
        self.saker = saker
        self.narrator = narrator
    }

    /// A pod is attacked: labelled, isolated, terminated.
    mutating func attack(_ pod: DemoPod) async throws {
        let name = pod.description.name
        try await see("a customer's visit: \"\(DemoScripts.page)\"") { pod.answers }
        // A person reads along; and the detector asks for a pod that it did not know only now and then.
        try await Task.sleep(for: .seconds(1))
        narrator.heading("1. An attacker opens a shell in pod \(name), as kubectl exec -it would")
        let transcript = scene.run.file("attack.log")
        let attack = try await offPool { () throws(DemoError) in try DemoAttack(in: pod, transcript: transcript) }
        defer { attack.close() }
        try await expect("kubernetes:label", on: pod)

        narrator.heading("2. He reads the password hashes")
        await narrator.attack(try offPool { () throws(DemoError) in attack.readShadow() })
        try await expect("kubernetes:networkpolicy", on: pod)
        try await see("the pod's link is cut: its kernel knows no way out") { !pod.hasRoute }

        narrator.heading("3. He connects to his own machine")
        let connection = try await offPool { () throws(DemoError) in attack.connectOut() }
        narrator.attack(connection)
        guard !connection.succeeded else { throw DemoError(code: .story, message: "the isolated pod reached the attacker's machine") }
        see("the attacker's next connection failed")
        try await expect("kubernetes:terminate", on: pod)
        try await see("process \(pod.identity.pid), the pod's first, is gone") { !pod.isRunning }
    }

    /// A pod is isolated by what turns out to be a colleague's doing, and released by hand.
    mutating func release(_ pod: DemoPod) async throws {
        narrator.heading("4. In pod \(pod.description.name) somebody reads the password hashes too: a colleague, as it turns out")
        try await see("a customer's visit: \"\(DemoScripts.page)\"") { pod.answers }
        let reading = try await offPool { () throws(DemoError) in try pod.execute(["/bin/cat", "/etc/shadow"]) }
        narrator.attack(.init(typed: "cat /etc/shadow", answer: reading.output, succeeded: reading.status == 0))
        let act = try await expect("kubernetes:networkpolicy", on: pod)
        try await see("a customer's visit fails: the pod's link is cut") { !pod.answers }
        try await command(["undo", "\(act.id)"])
        try await see("a customer's visit: \"\(DemoScripts.page)\" again") { pod.answers }
    }

    /// The record of it all.
    mutating func history() async throws {
        try await command(["history"])
        try await command(["history", "verify"])
    }

    /// Tells what happens until the person at the terminal has enough.
    mutating func follow(until ended: @escaping @Sendable () -> Bool) async throws {
        while !ended(), !saker.hasEnded {
            await tellNews()
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    /// Waits until an act of this kind on the pod has ended well, telling everything that happens meanwhile.
    @discardableResult
    private mutating func expect(_ actuator: ActuatorName, on pod: DemoPod) async throws -> HistoryEntry {
        let deadline = ContinuousClock.now + .seconds(20)
        while ContinuousClock.now < deadline, !saker.hasEnded {
            await tellNews()
            let uid = pod.description.uid
            if let act = await saker.acts().last(where: { $0.actuator == actuator && $0.target.uid == uid && actsTold.contains($0.id) }) {
                guard case .done? = act.ending?.outcome else {
                    throw DemoError(code: .story, message: "\(actuator) on \(act.targetName) ended as \(act.label): \(act.sentence)")
                }
                return act
            }
            try await Task.sleep(for: .milliseconds(10))
        }
        let what = "no \(actuator) on pod \(pod.description.name) came within 20 s"
        throw DemoError(code: .story, message: "\(what); saker run said:\n\(saker.output.suffix(4_000))")
    }

    /// Waits until something can be seen in the world itself.
    private mutating func see(_ what: String, _ condition: @escaping @Sendable () -> Bool) async throws {
        let came = try await offPool { () throws(DemoError) in waitFor(seconds: 15, condition) }
        guard came else { throw DemoError(code: .story, message: "this was not seen within 15 s: \(what)") }
        see(what)
    }

    private mutating func see(_ what: String) {
        narrator.seen(what)
        seen.append(what)
    }

    private mutating func command(_ arguments: [String]) async throws {
        let saker = saker
        let result = try await offPool { () throws(DemoError) in try saker.command(arguments) }
        narrator.command("saker " + arguments.joined(separator: " "), result.output)
        guard result.status == 0 else {
            throw DemoError(code: .story, message: "saker \(arguments.joined(separator: " ")) ended with \(result.status)")
        }
    }

    private mutating func tellNews() async {
        let alerts = saker.alerts()
        alerts.dropFirst(alertsTold).forEach(narrator.alert)
        alertsTold = alerts.count
        for act in await saker.acts() {
            if actsTold.insert(act.id).inserted { narrator.act(act) }
            for later in act.observations where observationsTold.insert(later).inserted { narrator.seen(later.proof.sentence) }
        }
    }
}
