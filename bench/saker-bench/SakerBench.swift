// SPDX-License-Identifier: Apache-2.0
import Capture
import Detector
import Enrichment
import EventModel
import Foundation
import Glibc
import RuleLanguage
import SourceText

/// The loops that `bench/run` counts instructions and allocations of, and a detector that it holds while it times system calls.
@main
enum SakerBench {
    static func main() {
        let arguments = CommandLine.arguments
        guard arguments.count == 4 else { stop("usage: saker-bench LOOP COUNT RULES | hold SINCE RULES") }
        if arguments[1] == "hold" {
            hold(since: UInt64(arguments[2]) ?? 0, rules: rules(in: arguments[3], and: marker))
        } else if let count = Int(arguments[2]), let loop = Loop(rawValue: arguments[1]) {
            run(loop, count, rules(in: arguments[3], and: ""))
        } else {
            stop("unknown loop or count")
        }
    }

    enum Loop: String {
        /// One allocation a turn, which proves that whoever counts sees it.
        case proof
        case decode, open, connect, exec
    }

    static func run(_ loop: Loop, _ count: Int, _ rules: RuleSet) {
        var decoder = WireDecoder(wallClockOffset: 0)
        var line = DetectionLine(
            rules: rules, decoder: decoder, processes: ProcessTable(),
            settings: DetectionLine.Settings(hostname: "bench") { stop("the event matched \($0.rule)") })
        BenchRecords.snapshot.withUnsafeBytes { line.handle($0) }
        let record = loop == .exec ? BenchRecords.exec : loop == .connect ? BenchRecords.connect : BenchRecords.open
        var kept = malloc(64)
        defer { free(kept) }
        record.withUnsafeBytes { bytes in
            // A first turn, so that what is made once is made before what is counted.
            line.handle(bytes)
            for _ in 0..<count {
                switch loop {
                case .proof: kept = swap(kept)
                case .decode: if case .failure(let error) = decoder.decode(bytes) { stop(error.description) }
                case .open, .connect, .exec: line.handle(bytes)
                }
            }
        }
    }

    // Never inlined: the optimiser removes an allocation that it sees freed again.
    @inline(never)
    private static func swap(_ old: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
        free(old)
        return malloc(64)
    }

    private static let markedFile = "/tmp/saker-bench-\(getpid())"
    private static let marker = """
        - rule: Bench marker
          desc: the bench's own file is opened
          condition: evt.type in (open, openat) and fd.name = \(markedFile)
          output: "%proc.name"
          priority: DEBUG
        """

    /// Runs a detector until standard input ends; tells how long after `since` (nanoseconds since 1970) the first alert came.
    static func hold(since: UInt64, rules: RuleSet) {
        let seen = DispatchSemaphore(value: 0)
        let settings = DetectionLine.Settings(hostname: "bench") { if $0.rule == "Bench marker" { seen.signal() } }
        let detector: DetectorRun
        do throws(CaptureError) {
            detector = try DetectorRun(DetectorRun.Settings(rules: rules, line: settings))
        } catch {
            stop(error.message)
        }
        detector.start()
        defer { unlink(markedFile) }
        close(creat(markedFile, 0o600))
        // The probe leaves its own process out, so another one opens the file.
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/cat")
        process.arguments = [markedFile]
        try? process.run()
        guard seen.wait(timeout: .now() + 10) == .success else { stop("no alert came") }
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        let elapsed = UInt64(now.tv_sec) * 1_000_000_000 + UInt64(now.tv_nsec) - since
        FileHandle.standardOutput.write(Data("first-alert-ms \(elapsed / 1_000_000)\n".utf8))
        while readLine() != nil {}
        let reasons = detector.drops.byReason.map { "\($0.reason)=\($0.count)" }.joined(separator: " ")
        print("lost \(detector.drops.lost) events \(detector.counters.events.count) \(reasons)")
    }

    static func rules(in directory: String, and more: String) -> RuleSet {
        let names = ((try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []).filter { $0.hasSuffix(".yaml") }.sorted()
        var files = names.map { name in
            SourceFile(name: name, text: (try? String(contentsOfFile: directory + "/" + name, encoding: .utf8)) ?? "")
        }
        if !more.isEmpty { files.append(SourceFile(name: "bench", text: more)) }
        let result = RuleLoader.load(files)
        guard let rules = result.ruleSet, !names.isEmpty else { stop(result.diagnostics.rendered(from: files)) }
        return rules
    }

    static func stop(_ reason: String) -> Never {
        FileHandle.standardError.write(Data(("saker-bench: " + reason + "\n").utf8))
        exit(1)
    }
}
