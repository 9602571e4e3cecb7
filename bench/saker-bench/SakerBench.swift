// SPDX-License-Identifier: Apache-2.0
import Capture
import Detector
import Enrichment
import EventModel
import Foundation
import Glibc
import RuleLanguage
import SourceText

/// The loops that `bench/run` counts instructions and allocations of, and detectors that benches hold while they make work for them.
@main
enum SakerBench {
    static func main() {
        let arguments = CommandLine.arguments
        guard arguments.count == 4 else { stop("usage: saker-bench LOOP COUNT RULES | watch on|off RULES") }
        let rules = rules(in: arguments[3])
        if arguments[1] == "watch", let filtering = KernelFiltering(rawValue: arguments[2]) {
            do throws(CaptureError) { try Watch.run(rules: rules, filtering: filtering) } catch { stop(error.message) }
        } else if let count = Int(arguments[2]), let loop = Loop(rawValue: arguments[1]) {
            run(loop, count, rules)
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

    static func rules(in directory: String) -> RuleSet {
        let names = ((try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []).filter { $0.hasSuffix(".yaml") }.sorted()
        let files = names.map { name in
            SourceFile(name: name, text: (try? String(contentsOfFile: directory + "/" + name, encoding: .utf8)) ?? "")
        }
        let result = RuleLoader.load(files)
        guard let rules = result.ruleSet, !names.isEmpty else { stop(result.diagnostics.rendered(from: files)) }
        return rules
    }

    static func stop(_ reason: String) -> Never {
        FileHandle.standardError.write(Data(("saker-bench: " + reason + "\n").utf8))
        exit(1)
    }
}
