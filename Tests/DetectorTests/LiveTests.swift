// SPDX-License-Identifier: Apache-2.0
import Capture
import Detector
import Enrichment
import EventModel
import EventSources
import Foundation
import Glibc
import RuleLanguage
import Testing

private let victimID = String(repeating: "b2", count: 32)
private let victimUID = "11111111-2222-3333-4444-555555555555"

/// A cgroup of the kubelet's form, below one that the test made, with a nested one that carries another container's name.
private final class PodCgroup {
    let top: String
    let container: String
    let nested: String

    init?() {
        let mounts = (try? String(contentsOfFile: "/proc/self/mounts", encoding: .utf8)) ?? ""
        let lines = mounts.split(separator: "\n").map { $0.split(separator: " ") }
        guard let mount = lines.first(where: { $0.count > 3 && $0[2] == "cgroup2" }) else { return nil }
        top = "\(mount[1])/saker-test-\(UUID().uuidString)"
        container = "\(top)/kubepods/burstable/pod\(Wire.podUID)/\(Wire.container)"
        nested = "\(container)/kubepods/burstable/pod\(victimUID)/\(victimID)"
        guard (try? FileManager.default.createDirectory(atPath: nested, withIntermediateDirectories: true)) != nil else { return nil }
    }

    deinit {
        var path = nested
        while path.count >= top.count, rmdir(path) == 0 { path = String(path[..<path.lastIndex(of: "/")!]) }
    }
}

/// Runs a program and waits for its end.
private func run(_ script: String) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", script]
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
}

/// Polls until the condition holds, at most ten seconds.
private func eventually(_ condition: () -> Bool) -> Bool {
    let deadline = Date(timeIntervalSinceNow: 10)
    while !condition() {
        guard Date() < deadline else { return false }
        usleep(2_000)
    }
    return true
}

private func skip(_ reason: String) {
    if ProcessInfo.processInfo.environment["SAKER_REQUIRE_ALL"] == "1" { Issue.record("skipped: \(reason)") }
    print("skipped: \(reason)")
}

private let execRules = """
    - rule: Shell in container
      desc: a shell starts in a container
      condition: evt.type in (execve, execveat) and evt.rawres >= 0 and container.id != host and proc.name = sh
      output: Shell %proc.cmdline under %proc.pname
      priority: NOTICE
    """

private func openRule(_ path: String) -> String {
    """
    - rule: Read secret
      desc: somebody reads the test's file
      condition: evt.type in (open, openat) and fd.name = \(path)
      output: "%proc.name reads %fd.name"
      priority: WARNING
    """
}

@Suite("The detector on the live kernel", .serialized)
struct LiveTests {
    private func detector(_ text: String, _ alerts: Collected<Alert>) throws -> DetectorRun? {
        let settings = DetectionLine.Settings(hostname: "test", matching: .all, deliver: { alerts.add($0) })
        do throws(CaptureError) {
            return try DetectorRun(DetectorRun.Settings(rules: ruleSet(text), line: settings, ringBytes: 4 << 20))
        } catch {
            skip(error.message)
            return nil
        }
    }

    private func ruleSet(_ text: String) -> RuleSet {
        do { return try rules(text) } catch { preconditionFailure("the test's own rules: \(error)") }
    }

    @Test(
        "A shell in a pod's cgroup that reads a file is told with its container and pod UID, also from a nested cgroup",
        arguments: [false, true])
    func pod(nested: Bool) async throws {
        let alerts = Collected<Alert>(), file = ScratchFile()
        try file.put(Array("secret\n".utf8))
        guard let detector = try detector(execRules + "\n" + openRule(file.path), alerts) else { return }
        guard let cgroup = PodCgroup() else { return skip("no cgroup can be made") }
        detector.start()
        let directory = nested ? cgroup.nested : cgroup.container
        try run("echo $$ > \(directory)/cgroup.procs && exec /bin/sh -c 'cat \(file.path); true'")
        let sawBoth = eventually { Set(alerts.all.map(\.rule)) == ["Shell in container", "Read secret"] }
        #expect(sawBoth, "saw \(alerts.all.map(\.rule))")
        for alert in alerts.all {
            #expect(alert.subject.container?.text == Wire.container)
            #expect(alert.subject.podUID?.text == Wire.podUID)
        }
        #expect(alerts.all.last?.output == "cat reads \(file.path)")
        detector.stop()
        await detector.ended()
        #expect(detector.counters.undecoded.count == 0)
    }

    @Test("Rules that need other events of the kernel are taken over without losing any, and what came before stop is still told")
    func reload() async throws {
        let alerts = Collected<Alert>(), file = ScratchFile()
        try file.put(Array("secret\n".utf8))
        guard let detector = try detector(execRules, alerts) else { return }
        detector.start()
        try run("cat \(file.path)")
        #expect(alerts.all.isEmpty)
        try detector.use(ruleSet(openRule(file.path)))
        for _ in 0..<20 { try run("cat \(file.path)") }
        detector.stop()
        await detector.ended()
        #expect(alerts.all.count == 20)
        #expect(alerts.all.allSatisfy { $0.rule == "Read secret" })
        #expect(detector.counters.reloads.count == 1)
        #expect(detector.drops.lost == 0)
    }

    @Test("A process that ran before the probe is known with its program")
    func before() async throws {
        let alerts = Collected<Alert>(), file = ScratchFile()
        try file.put(Array("secret\n".utf8))
        let waiting = Process()
        waiting.executableURL = URL(fileURLWithPath: "/bin/sh")
        waiting.arguments = ["-c", "read line; read line < \(file.path)"]
        let input = Pipe()
        waiting.standardInput = input
        try waiting.run()
        let rule = openRule(file.path).replacingOccurrences(of: "%proc.name reads", with: "%proc.cmdline reads")
        guard let detector = try detector(rule, alerts) else { return input.fileHandleForWriting.closeFile() }
        detector.start()
        input.fileHandleForWriting.write(Data("go\n".utf8))
        waiting.waitUntilExit()
        let seen = eventually { !alerts.all.isEmpty }
        #expect(seen)
        #expect(alerts.all.first?.output == "sh -c read line; read line < \(file.path) reads \(file.path)")
        detector.stop()
        await detector.ended()
    }

    @Test("A live recording replays to what was seen")
    func record() throws {
        let recording = ScratchFile(), secret = ScratchFile()
        try secret.put(Array("secret\n".utf8))
        let tap: KernelTap
        do throws(CaptureError) {
            tap = try KernelTap(settings: CaptureSettings(kinds: [.execve, .procexit, .openat, .clone, .vfork]))
        } catch {
            return skip(error.message)
        }
        var writer = try RecordingWriter(
            path: recording.path,
            header: RecordingHeader(
                created: Timestamp(nanoseconds: 1), wallClockOffset: WireDecoder.currentOffset(), hostname: "here"))
        for record in ProcessSnapshot.records(environmentNames: []) { try record.withUnsafeBytes { try writer.append($0) } }
        try run("cat \(secret.path)")
        // What waits in the ring is still handed over after stop, so the run can be stopped before it begins.
        tap.stop()
        var failure: RecordingError?
        tap.run { record in
            do throws(RecordingError) { try writer.append(record) } catch { failure = error }
        }
        #expect(failure == nil)
        try writer.finish()
        let written = writer.count
        let alerts = Collected<Alert>()
        let settings = DetectionLine.Settings(hostname: "", deliver: { alerts.add($0) })
        let end = try Replay.run(recording.path, rules: ruleSet(openRule(secret.path)), line: settings)
        #expect(end == .whole(records: written))
        #expect(alerts.all.map(\.output) == ["cat reads \(secret.path)"])
    }
}
