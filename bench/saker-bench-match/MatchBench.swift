// SPDX-License-Identifier: Apache-2.0
import EventModel
import EventSources
import Foundation
import Glibc
import RuleLanguage
import SourceText

/// Matches the events of a recording, decoded and enriched beforehand, and tells how long each turn took.
@main
enum MatchBench {
    static func main() {
        let arguments = Array(CommandLine.arguments.dropFirst())
        guard arguments.count >= 5, let turns = Int(arguments[1]), let limit = Int(arguments[2]), let grown = Int(arguments[3]) else {
            stop("usage: saker-bench-match RECORDING TURNS MOST-EVENTS GROWN-RULES RULES...")
        }
        let store: EventStore
        do throws(RecordingError) {
            store = try EventStore(recording: arguments[0], limit: limit)
        } catch {
            stop(error.message)
        }
        guard !store.events.isEmpty else { stop("the recording holds no events") }
        let rules = rules(Array(arguments[4...]), grown)
        var matcher = RuleMatcher(ordered(rules, store), hostname: "bench")
        // A first turn, so that what is made once is made before what is counted.
        var matches = turn(store, &matcher).matches
        var best = UInt64.max
        for _ in 0..<turns {
            let (nanoseconds, found) = turn(store, &matcher)
            best = min(best, nanoseconds)
            matches = found
        }
        let kinds = store.kinds.map { "\"\($0.key.name)\": \($0.value)" }.sorted().joined(separator: ", ")
        let perSecond = best == .max ? 0 : Double(store.events.count) * 1e9 / Double(best)
        print(
            """
            {"events": \(store.events.count), "rules": \(rules.rules.filter(\.enabled).count), "predicates": \(rules.predicateCount), \
            "matches": \(matches), "events_per_second": \(Int(perSecond)), "kinds": {\(kinds)}}
            """)
    }

    // As the detection line has them compiled anew after its first events.
    private static func ordered(_ rules: RuleSet, _ store: borrowing EventStore) -> RuleSet {
        var costs = RuleCosts(of: rules, clock: processorTime), matcher = RuleMatcher(rules, hostname: "bench")
        for index in 0..<min(65_536, store.events.count) { matcher.match(store.events[index], costs: &costs) { _ in } }
        return rules.ordered(by: costs)
    }

    /// Matches all events once, some at a time; the time is that of matching alone.
    private static func turn(_ store: borrowing EventStore, _ matcher: inout RuleMatcher) -> (nanoseconds: UInt64, matches: Int) {
        var matches = 0, nanoseconds: UInt64 = 0, warmth: UInt64 = 0
        let count = store.events.count, some = 256
        for first in stride(from: 0, to: count, by: some) {
            let range = first..<min(first + some, count)
            warmth &+= store.warm(range)
            let start = processorTime()
            store.events.withUnsafeBufferPointer { events in
                guard let base = events.baseAddress else { return }
                for index in range { matcher.match(at: base + index) { _ in matches += 1 } }
            }
            nanoseconds += processorTime() - start
        }
        precondition(warmth != .max, "no such sum")
        return (nanoseconds, matches)
    }

    // Of this thread alone: whatever else runs on the machine takes none of it.
    @Sendable private static func processorTime() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    // Upstream switches its incubating rules off; a bench of rules that do not run would tell nothing.
    private static func rules(_ paths: [String], _ grown: Int) -> RuleSet {
        var files = paths.map { path in
            guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { stop("\(path) cannot be read") }
            return SourceFile(name: path, text: text.replacing("enabled: false", with: "enabled: true"))
        }
        if grown > 0 { files.append(GrownRules.file(count: grown)) }
        let result = RuleLoader.load(files)
        guard let rules = result.ruleSet else { stop(result.diagnostics.rendered(from: files)) }
        return rules
    }

    private static func stop(_ reason: String) -> Never {
        FileHandle.standardError.write(Data(("saker-bench-match: " + reason + "\n").utf8))
        exit(1)
    }
}
