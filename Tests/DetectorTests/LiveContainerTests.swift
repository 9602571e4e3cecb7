// SPDX-License-Identifier: Apache-2.0
import Capture
import ContainerRuntimes
import Detector
import Enrichment
import EventModel
import EventSources
import Foundation
import Glibc
import RuleLanguage
import Testing

private let containerRules = """
    - rule: Program of the test image
      desc: a program starts in a container of that image
      condition: evt.type = execve and evt.rawres >= 0 and container.image.repository = localhost/saker-test and proc.args contains marked
      output: "%proc.cmdline in %container.name (%container.image.tag, privileged=%container.privileged) %container.label[app] %user.name"
      priority: NOTICE
    - rule: Program in any container
      desc: a program starts in a container
      condition: evt.type = execve and evt.rawres >= 0 and container.id != host and proc.args contains marked
      output: "%proc.cmdline in %container.name"
      priority: NOTICE
    """

private func skip(_ reason: String) {
    if ProcessInfo.processInfo.environment["SAKER_REQUIRE_ALL"] == "1" { Issue.record("skipped: \(reason)") }
    print("skipped: \(reason)")
}

private func eventually(_ condition: () -> Bool) -> Bool {
    let deadline = Date(timeIntervalSinceNow: 10)
    while !condition() {
        guard Date() < deadline else { return false }
        usleep(2_000)
    }
    return true
}

/// A detector on the live kernel that asks one socket, beside a podman of the test's own.
private struct Scene {
    let podman: Podman
    let alerts = Collected<Alert>()
    let detector: DetectorRun
    let asking: Task<Void, Never>

    /// Nil where this machine cannot do it.
    init?(patience: UInt64, asks: (Podman) -> RuntimeSocket) throws {
        do {
            podman = try Podman()
            let metadata = MetadataDirectory()
            let line = DetectionLine.Settings(
                hostname: "here", patience: patience, deliver: { [alerts] alert in alerts.add(alert) })
            detector = try DetectorRun(.init(rules: rules(containerRules), line: line, metadata: metadata))
            let feed = RuntimeFeed(metadata, from: [asks(podman)]) { print("\($0)") }
            asking = Task { await feed.run() }
        } catch let error as RuntimeMissing {
            skip("\(error)")
            return nil
        } catch let error as CaptureError {
            skip(error.message)
            return nil
        }
        detector.start()
    }

    func end() async {
        detector.stop()
        await detector.ended()
        asking.cancel()
        podman.stop()
    }
}

/// Records the live kernel as `saker record` does, until its end.
private final class LiveRecorder: Sendable {
    private let tap: KernelTap
    private let done = DispatchSemaphore(value: 0)

    init(_ path: String, asks socket: RuntimeSocket) throws {
        tap = try KernelTap(settings: CaptureSettings())
        let metadata = MetadataDirectory(), feed = RuntimeFeed(metadata, from: [socket]) { print("\($0)") }
        let asking = Task { await feed.run() }
        let header = RecordingHeader(
            created: Timestamp(nanoseconds: 1), wallClockOffset: WireDecoder.currentOffset(), hostname: "here")
        Thread.detachNewThread { [tap, done] in
            do {
                var writer = try RecordingWriter(path: path, header: header)
                var gatherer = KnowledgeGatherer(node: nil, metadata: metadata), failure: RecordingError?
                func keep(_ record: UnsafeRawBufferPointer) {
                    gatherer.follow(record)
                    do throws(RecordingError) { try writer.append(record) } catch { failure = error }
                }
                for record in ProcessSnapshot.records(environmentNames: []) { record.withUnsafeBytes { keep($0) } }
                tap.run { keep($0) }
                let deadline = Date(timeIntervalSinceNow: 10)
                var news = RecordedKnowledge()
                repeat {
                    if let more = gatherer.news(at: WireDecoder.bootTime()) { news.add(more) }
                    usleep(2_000)
                } while gatherer.isAsking && Date() < deadline
                try writer.append(news)
                try writer.finish()
                if let failure { throw failure }
            } catch {
                Issue.record("\(error)")
            }
            asking.cancel()
            done.signal()
        }
    }

    func end() {
        tap.stop()
        done.wait()
    }
}

@Suite("Containers on the live kernel", .serialized)
struct LiveContainerTests {
    @Test("A program in a new container is known by its image's name, however soon it starts, with its container's name and rights")
    func known() async throws {
        // Podman answers once it has started a container, which on a busy machine may take more than the wait that is usual.
        guard let scene = try Scene(patience: 2_000_000_000, asks: { RuntimeSocket(.podman, $0.socket) }) else { return }
        let names = (1...5).map { "quick-\($0)" }
        for name in names { try scene.podman.run("--rm --name \(name) \(RuntimeScratch.image) true marked") }
        let isSeen = eventually { scene.alerts.all.count == 5 }
        await scene.end()
        #expect(isSeen)
        #expect(scene.alerts.all.map(\.rule.text) == names.map { _ in "Program of the test image" })
        #expect(scene.alerts.all.map(\.output) == names.map { "true marked in \($0) (one, privileged=false) <NA> root" })
        #expect(scene.alerts.all.allSatisfy { $0.fields["container.metadata"] == "podman" })
        #expect(scene.detector.counters.judgedTooEarly.count == 0)
    }

    @Test("A recording replays to the alerts of the live run, with what the runtime told and the container's own users")
    func replayed() async throws {
        let file = ScratchFile()
        guard let scene = try Scene(patience: 2_000_000_000, asks: { RuntimeSocket(.podman, $0.socket) }) else { return }
        let recorder = try LiveRecorder(file.path, asks: RuntimeSocket(.podman, scene.podman.socket))
        try scene.podman.run("--rm --name kept --label app=shop \(RuntimeScratch.image) true marked")
        let isSeen = eventually { scene.alerts.all.count == 1 }
        recorder.end()
        await scene.end()
        try #require(isSeen)
        let again = Collected<Alert>()
        let settings = DetectionLine.Settings(hostname: "", deliver: { again.add($0) })
        let end = try Replay.run(file.path, rules: rules(containerRules), line: settings)
        #expect("\(end)".hasSuffix("to the end"))
        var live = try #require(scene.alerts.all.first), second = try #require(again.all.first, "\(end)")
        #expect(again.all.count == 1 && live.fields["container.metadata"] == "podman")
        #expect(second.output == live.output && second.rule == live.rule && second.hostname == live.hostname)
        #expect(second.subject == live.subject && second.priority == live.priority && second.tags == live.tags)
        // Each of the two probes reads the clock by itself.
        (live.fields["evt.time"], second.fields["evt.time"]) = (nil, nil)
        #expect(second.fields == live.fields)
    }

    @Test("Where the runtime does not answer, the alert comes within the wait and says that the rest is unknown")
    func unknown() async throws {
        guard let scene = try Scene(patience: 100_000_000, asks: { RuntimeSocket(.podman, $0.socket + ".gone") }) else { return }
        try scene.podman.run("--rm --name quick \(RuntimeScratch.image) true marked")
        let isSeen = eventually { !scene.alerts.all.isEmpty }
        await scene.end()
        #expect(isSeen)
        let alert = try #require(scene.alerts.all.first)
        #expect(alert.rule == "Program in any container")
        #expect(alert.output == "true marked in <NA>")
        #expect(alert.fields["container.metadata"] == "unknown")
        #expect(alert.fields["container.image.repository"] == .null)
    }
}
