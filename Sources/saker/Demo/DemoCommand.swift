// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Dispatch
import Foundation
import Glibc

/// `saker demo`: the main job on this machine's kernel, against a cluster and pods that the demo makes.
struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo", abstract: "Attack a pod of its own on this machine's kernel, and show what Saker sees and does.",
        discussion: """
            Exit code 0: the live run did all that it shows, and the checker agrees. 3: this machine cannot run it live (no root, no
            BTF); a recorded event file was replayed instead. 1: something did not happen.
            """)

    @Option(help: "The detection rules.") var rules = "rules"
    @Option(help: "The playbooks.") var responses = "responses"
    @Option(help: "The program that judges the run; without one the demo ends with 1.") var checker = "scripts/demo-check"
    @Option(help: "The recorded events that are replayed where no live run is possible.") var recording = "demo/attack.sakerrec"
    @Flag(help: "Leave a pod open afterwards, and say how to attack it from a second terminal.") var interactive = false

    @Option(help: .init("Instead of the story, measure the walk in so many rounds and print the figures.", visibility: .private))
    var measure: Int?

    /// The story's runs are in memory; what is measured has its journal on a disk.
    private var base: URL { URL(fileURLWithPath: measure == nil ? "/run/saker-demo" : "/var/tmp/saker-demo") }

    func run() async throws {
        signal(SIGPIPE, SIG_IGN)
        let narrator = DemoNarrator(environment: ProcessInfo.processInfo.environment)
        if let reason = Self.obstacle() { throw try replay(because: reason, narrator) }
        let swept = Sweeper.sweep(base: base)
        if swept.runs > 0 { narrator.fact("swept", "\(swept.runs) earlier run(s), \(swept.processes) process(es) that they had left") }
        var random = SystemRandomNumberGenerator()
        let run = try RunDirectory(base: base, identifier: DemoScene.hexadecimal(random.next()))
        let scene = try await Self.scene(run, pods: interactive ? 3 : 2)
        let signals = Self.clearing(scene)
        defer { signals.forEach { $0.cancel() } }
        let verdict: Int32
        do {
            verdict =
                if let measure { try await figures(scene, rounds: measure) } else { try await tell(scene, narrator) }
        } catch {
            narrator.trouble("\(error)")
            verdict = 1
        }
        let left = try await offPool { () throws(DemoError) in scene.clear() }
        await scene.cluster.stop()
        left.forEach { narrator.trouble("this did not end well: \($0)") }
        narrator.fact("kept", "\(run.url.path), until the next demo sweeps it")
        guard verdict == 0, left.isEmpty else { throw ExitCode(verdict == 0 ? 1 : verdict) }
    }

    /// The figures of the walk, printed; the demo's exit code.
    private func figures(_ scene: DemoScene, rounds: Int) async throws -> Int32 {
        let pod = try await scene.addPod(number: 1, suffix: "x2k4q")
        let saker = try await scene.startSaker(rules: Self.absolute(rules), responses: Self.absolute(responses), cooldown: "0s")
        print(try await DemoLatency(scene: scene, saker: saker).figures(pod, rounds: rounds))
        return 0
    }

    /// The node and the cluster; when either cannot be made, nothing stays of the other.
    private static func scene(_ run: RunDirectory, pods: Int) async throws -> DemoScene {
        do {
            return try await DemoScene(run: run, pods: pods)
        } catch {
            var report = Sweeper.Report()
            Sweeper.clear(run.url, &report)
            throw UserError("\(error)")
        }
    }

    /// The story, then the judgement; the demo's exit code.
    private func tell(_ scene: DemoScene, _ narrator: DemoNarrator) async throws -> Int32 {
        narrator.heading("Saker on this machine's kernel, with a cluster and pods of the demo's own")
        let attacked = try await scene.addPod(number: 1, suffix: "x2k4q")
        let released = try await scene.addPod(number: 2, suffix: "m7p9z")
        narrator.fact("cluster", "\(scene.cluster.url), namespace \(DemoCluster.namespace)")
        // A pod's own first program is a shell script: those that start before Saker watches raise no alert by starting.
        let spare = interactive ? try await scene.addPod(number: 3, suffix: "h5d8w") : nil
        for pod in [attacked, released, spare].compactMap({ $0 }) { Self.introduce(pod, narrator) }
        let saker = try await scene.startSaker(rules: Self.absolute(rules), responses: Self.absolute(responses))
        narrator.fact("saker", "run --config \(saker.configuration.path)")

        var story = DemoStory(scene: scene, saker: saker, narrator: narrator)
        try await story.attack(attacked)
        try await story.release(released)
        try await story.history()
        let pods = [DemoFacts.Pod(attacked, role: "attacked"), DemoFacts.Pod(released, role: "released")]
        try DemoFacts(requestLog: scene.cluster.requestLog.path, pods: pods, seen: story.seen).write(to: scene.run)
        let verdict = try await judge(scene.run, narrator)
        if let spare { try await leaveOpen(spare, scene.run, &story, narrator) }
        return verdict
    }

    /// Runs the checker while the demo's pods are as the story left them.
    private func judge(_ run: RunDirectory, _ narrator: DemoNarrator) async throws -> Int32 {
        let arguments = [checker, run.url.path]
        guard access(checker, X_OK) == 0 else {
            narrator.trouble("nobody judged this run: there is no checker at \(checker); give --checker")
            return 1
        }
        let result = try await offPool { () throws(DemoError) in try Command.run(arguments, seconds: 30) }
        narrator.command(arguments.joined(separator: " "), result.output)
        return result.status
    }

    /// Opens a pod to the person at the terminal, until Return or the end of input.
    private func leaveOpen(_ pod: DemoPod, _ run: RunDirectory, _ story: inout DemoStory, _ narrator: DemoNarrator) async throws {
        let script = run.file("enter")
        let quoted = pod.entering(["/bin/sh"]).map { "'" + $0.replacingOccurrences(of: "'", with: "'\\''") + "'" }
        try ("#!/bin/sh\nexec env -i PATH=\(ChildProcess.searchPath) " + quoted.joined(separator: " ") + "\n")
            .write(to: script, atomically: true, encoding: .utf8)
        chmod(script.path, 0o700)
        narrator.heading("Your turn: pod \(pod.description.name) is open")
        narrator.fact("type", "\(script.path)       in a second terminal, as root: a shell in the pod")
        narrator.fact("then", "/bin/cat /etc/shadow       and       /bin/nc \(DemoNode.attackerAddress) \(DemoNode.attackerPort)")
        narrator.fact("end", "press Return here")
        let input = DispatchQueue(label: "input")
        let ended = Occurrence()
        input.async {
            _ = readLine()
            ended.happen()
        }
        try await story.follow { ended.hasHappened }
    }

    private static func introduce(_ pod: DemoPod, _ narrator: DemoNarrator) {
        let about = pod.description
        narrator.fact("pod", "\(about.name), \(pod.address), process \(pod.identity.pid), container \(about.containerID.prefix(12))")
    }

    /// What keeps the live run from this machine; nil when nothing does.
    private static func obstacle() -> String? {
        if geteuid() != 0 { return "loading eBPF programs and making namespaces needs root" }
        if access("/sys/kernel/btf/vmlinux", R_OK) != 0 { return "this kernel has no BTF (/sys/kernel/btf/vmlinux)" }
        return nil
    }

    /// Replays the recording and returns the exit code that says so.
    private func replay(because reason: String, _ narrator: DemoNarrator) throws -> ExitCode {
        narrator.trouble("no live run is possible here: \(reason)")
        let arguments = ["replay", recording, "--rules", rules]
        let result = try Command.run([DemoSaker.program] + arguments, seconds: 60)
        narrator.command("saker " + arguments.joined(separator: " "), result.output)
        return result.status == 0 ? ExitCode(3) : ExitCode(1)
    }

    /// On INT and TERM all that the demo made is removed before the process ends.
    private static func clearing(_ scene: DemoScene) -> [any DispatchSourceSignal] {
        [SIGINT, SIGTERM, SIGHUP].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler {
                _ = scene.clear()
                Glibc.exit(128 + number)
            }
            source.resume()
            return source
        }
    }

    private static func absolute(_ path: String) -> String { URL(fileURLWithPath: path).standardizedFileURL.path }
}
