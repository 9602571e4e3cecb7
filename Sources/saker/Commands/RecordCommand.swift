// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Capture
import Detector
import Enrichment
import EventModel
import EventSources
import Foundation
import Glibc
import RuleLanguage

/// `saker record`: keep the kernel's events in a file.
struct RecordCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "record", abstract: "Write the kernel's events to a file, for `saker replay`, until TERM, INT or the time limit.",
        discussion: """
            The file holds what the probe told, among it command lines and paths: keep it as you would a core dump. Environment variables
            are in it only as far as a rule of the configuration reads them. What the runtimes of metadata.runtimes know of its containers
            is in it too, and the names of users, so that a replay on another machine gives the same alerts.

            With --ring nothing is written until a rule of the configuration fires: then the last seconds of that container (or of the
            host) go into a file of their own, in the folder that is named instead of a file. `saker run` and `saker detect` do the same
            when flights.seconds is set.
            """)

    @Argument(help: "The file to make, which must not exist; with --ring, a folder.") var file: String
    @Option(help: "End after so many seconds.") var seconds: Double?
    @Option(help: "Keep so many seconds of each container in memory, and write them when a rule fires.") var ring: Int?
    @OptionGroup var options: ConfigOptions

    func run() async throws {
        var configuration = try options.read()
        if let ring {
            configuration.flights.seconds = ring
            configuration.flights.folder = file
            return try await recordFlights(configuration)
        }
        let names = (try? Loading.rules(configuration))?.environmentNames ?? []
        let metadata = MetadataDirectory()
        let recording = try Recording(path: file, environmentNames: names, configuration, metadata)
        let runtimes = RuntimeFeed(metadata, from: configuration.metadata.sockets) { error in
            Terminal.complain("saker: containers are not known for now: \(error)\n")
        }
        let asking = Task { await runtimes.run() }
        let signals = SignalStream()
        recording.start()
        Terminal.complain("saker: recording to \(file); ^C ends it\n")
        await Self.wait(signals.signals, seconds)
        signals.cancel()
        let result = await recording.end()
        asking.cancel()
        Terminal.complain("saker: \(try result.get()) records in \(file); lost: \(recording.lossText)\n")
    }

    func validate() throws {
        guard ring.map({ (1...3_600).contains($0) }) != false else { throw ValidationError("--ring takes 1 to 3600 seconds") }
    }

    private func recordFlights(_ configuration: Configuration) async throws {
        let rules = try Loading.rules(configuration)
        let signals = SignalStream()
        let detector = try DetectorHalf(configuration, rules, kube: nil) { _ in }
        detector.run.start()
        detector.complainOfProbe()
        let enabled = rules.rules.filter(\.enabled).count
        Terminal.complain("saker: \(enabled) rules; \(configuration.flights.seconds) seconds go to \(file) when one fires; ^C ends it\n")
        await Self.wait(signals.signals, seconds)
        signals.cancel()
        detector.run.stop()
        await detector.run.ended()
        detector.closeOutlets(within: 5)
        let losses = detector.lossText([])
        Terminal.complain("saker: \(detector.run.counters.matches.count) alerts; lost or cut: \(losses.isEmpty ? "nothing" : losses)\n")
    }

    private static func wait(_ signals: AsyncStream<SignalStream.Signal>, _ seconds: Double?) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { for await signal in signals where signal == .stop { return } }
            if let seconds { group.addTask { try? await Task.sleep(for: .seconds(seconds)) } }
            await group.next()
            group.cancelAll()
        }
    }
}

/// A tap whose records go to a file, on a thread of its own.
final class Recording: Sendable {
    private let tap: KernelTap
    private let path: String
    private let names: [String]
    private let node: NodeName
    private let metadata: MetadataDirectory
    private let results: AsyncStream<Result<UInt64, RecordingError>>
    private let result: AsyncStream<Result<UInt64, RecordingError>>.Continuation

    // How long, at the end, answers about containers are waited for.
    private static let patience: UInt64 = 500_000_000

    init(path: String, environmentNames names: [String], _ configuration: Configuration, _ metadata: MetadataDirectory) throws {
        self.path = path
        self.names = names
        self.metadata = metadata
        node = configuration.nodeName
        let ringBytes = configuration.capture.ringMebibytes << 20
        tap = try KernelTap(settings: CaptureSettings(environmentNames: names, ringBytes: ringBytes))
        (results, result) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    func start() {
        let thread = Thread { [self] in
            result.yield(Result { () throws(RecordingError) in try write() })
            result.finish()
        }
        thread.name = "saker-record"
        thread.start()
    }

    /// Ends the recording and says how many records it holds.
    func end() async -> Result<UInt64, RecordingError> {
        tap.stop()
        for await end in results { return end }
        return .success(0)
    }

    /// What is missing in the file, by reason.
    var lossText: String {
        let losses = tap.drops.byReason.filter { $0.count > 0 }.map { "\($0.reason) \($0.count)" }
        return losses.isEmpty ? "nothing" : losses.joined(separator: ", ")
    }

    /// The running processes first, so that a replay knows them, then the ring.
    private func write() throws(RecordingError) -> UInt64 {
        let header = RecordingHeader(
            created: Clock.now, wallClockOffset: WireDecoder.currentOffset(), hostname: ProcessInfo.processInfo.hostName)
        var writer = try RecordingWriter(path: path, header: header)
        var gatherer = KnowledgeGatherer(node: node, metadata: metadata)
        var failure: RecordingError?, due: UInt64 = 0
        func tell(at time: UInt64) {
            due = time + 1_000_000_000
            guard failure == nil, let news = gatherer.news(at: time) else { return }
            do throws(RecordingError) { try writer.append(news) } catch { failure = error }
        }
        func keep(_ record: UnsafeRawBufferPointer) {
            guard failure == nil else { return }
            gatherer.follow(record)
            do throws(RecordingError) { try writer.append(record) } catch { failure = error }
        }
        func pause() {
            let now = WireDecoder.bootTime()
            if now >= due { tell(at: now) }
            if failure != nil { tap.stop() }
        }
        for record in tap.runningProcesses(environmentNames: names) { record.withUnsafeBytes { keep($0) } }
        tap.run(between: pause) { keep($0) }
        let end = WireDecoder.bootTime()
        repeat {
            tell(at: WireDecoder.bootTime())
            if gatherer.isAsking { usleep(10_000) }
        } while gatherer.isAsking && WireDecoder.bootTime() < end + Self.patience
        if let failure { throw failure }
        try writer.finish()
        return writer.count
    }
}
