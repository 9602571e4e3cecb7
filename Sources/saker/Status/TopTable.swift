// SPDX-License-Identifier: Apache-2.0
import Foundation

/// What `saker top` shows of two moments, as lines.
struct TopTable {
    /// The figures now.
    let now: Status
    /// The figures of the last look; nil for none, and then rates are since the start.
    let last: Status?
    /// The figures of some time ago, for what is estimated from samples; nil for none.
    let past: Status?
    /// How many columns there are.
    let width: Int

    // Fewer samples than these say little: then all of them since the start are shown.
    private static let fewSamples: UInt64 = 64

    /// The lines, at most so many; rules and kinds that do not fit are left out, the costliest come first.
    func lines(atMost height: Int) -> [String] {
        let head = summary + [""] + programs + [""]
        let room = max(height - head.count, 8)
        let kinds = kindLines, rules = ruleLines
        // Kinds get what rules leave, at least a third.
        let forKinds = min(kinds.count, max(room / 3, room - rules.count - 1))
        let body = kinds.prefix(forKinds) + [""] + rules.prefix(max(room - forKinds - 1, 2))
        return (head + body).map { String($0.prefix(width)) }
    }

    private var seconds: Double { max(Double(now.time &- (last?.time ?? now.time &- now.uptime)) / 1e9, 1e-3) }

    // A count that fell began anew.
    private func rate(_ count: UInt64, _ before: UInt64?) -> Double {
        Double(count >= (before ?? 0) ? count - (before ?? 0) : count) / seconds
    }

    private var summary: [String] {
        let process = now.process, percent = (process.cpuSeconds - (last?.process.cpuSeconds ?? 0)) / seconds * 100
        let time = Figure.time(now.time)
        let lost = now.drops.filter(\.isLost), cut = now.drops.filter { !$0.isLost }
        return [
            "saker \(now.version) on \(now.hostname), pid \(process.pid), up \(Figure.duration(now.uptime)), \(time)",
            "events \(Figure.rate(rate(now.events, last?.events)))/s (\(Figure.count(now.events)))   "
                + "alerts \(Figure.rate(rate(now.matches, last?.matches)))/s (\(Figure.count(now.matches)))   "
                + "cpu \(Figure.percent(percent)) %   memory \(Figure.bytes(process.residentBytes))",
            "waiting \(Figure.count(now.waiting.events)) events of \(Figure.count(now.waiting.containers)) containers   "
                + "known \(Figure.count(now.tables.processes)) processes, \(Figure.count(now.tables.containers)) containers",
            "lost \(Self.text(lost))" + (cut.isEmpty ? "" : "   cut \(Self.text(cut))"),
        ] + floods + losses
    }

    private static func text(_ drops: [Status.Drop]) -> String {
        guard !drops.isEmpty else { return "nothing" }
        let reasons = Dictionary(grouping: drops, by: \.reason).map { ($0, $1.reduce(0) { $0 + $1.events }) }.sorted { $0.1 > $1.1 }
        return reasons.map { "\($0) \(Figure.count($1))" }.joined(separator: ", ")
    }

    private var floods: [String] {
        now.floods.sorted { $0.heldBack > $1.heldBack }.prefix(3).map { flood in
            let whose = flood.isCgroup ? "a cgroup with " : ""
            return "flood: of \(whose)\(flood.name) (pid \(flood.pid)) \(Figure.count(flood.heldBack)) events were held back"
        }
    }

    private var losses: [String] {
        let outlets = now.outlets.filter { $0.failed + $0.dropped > 0 }.map { "\($0.outlet) \(Figure.count($0.failed + $0.dropped))" }
        let all = now.losses.filter { $0.count > 0 }.map { "\($0.reason) \(Figure.count($0.count))" } + outlets
        return all.isEmpty ? [] : ["not delivered: " + all.joined(separator: ", ")]
    }

    private var programs: [String] {
        if let trouble = now.programTrouble { return ["programs: \(trouble)"] }
        let rows = now.programs.filter { $0.state == "active" }.map { program in
            let before = last?.programs.first { $0.program == program.program }
            let runs = rate(program.runs, before?.runs), spent = max(program.seconds - (before?.seconds ?? 0), 0)
            let each = runs > 0 ? spent / (runs * seconds) * 1e9 : 0
            return (spent, [
                program.program, Figure.percent(spent / seconds * 100, digits: 2), Figure.rate(runs), Figure.rate(each),
                Figure.count(program.missed),
            ])
        }
        let missing = now.programs.filter { $0.state == "refused" }.map { "refused by the kernel: \($0.program)" }
        return table(["EBPF PROGRAM", "CPU %", "RUNS/S", "NS/RUN", "MISSED"], rows) + missing
    }

    private var kindLines: [String] {
        let rows = now.kinds.map { kind in
            let before = last.map { $0.kinds.first { $0.kind == kind.kind }?.events ?? 0 }
            let dropped = now.drops.filter { $0.kind == kind.kind && $0.isLost }.reduce(0) { $0 + $1.events }
            let keptBefore = last.map { $0.kinds.first { $0.kind == kind.kind }?.keptBack ?? 0 }
            let speed = rate(kind.events, before), kept = rate(kind.keptBack, keptBefore)
            return (speed + kept / 1e6 + Double(kind.events) / 1e12, [
                kind.kind, Figure.rate(speed), Figure.count(kind.events), Figure.rate(kept), Figure.count(dropped),
            ])
        }
        return table(["EVENTS", "PER S", "ALL", "KEPT/S", "LOST"], rows)
    }

    private var ruleLines: [String] {
        let samples = now.sampling.samples &- (past?.sampling.samples ?? 0)
        let base = samples >= Self.fewSamples ? past : nil
        let span = max(Double(base.map { now.time &- $0.time } ?? now.uptime) / 1e9, 1e-3)
        let used = now.sampling.samples &- (base?.sampling.samples ?? 0)
        let before = Dictionary((base?.rules ?? []).map { ($0.rule, $0) }) { first, _ in first }
        let lastMatches = Dictionary((last?.rules ?? []).map { ($0.rule, $0.matches) }) { first, _ in first }
        let rows = now.rules.map { rule in
            let old = before[rule.rule]
            let spent = max(rule.seconds - (old?.seconds ?? 0), 0), walks = rule.walks &- min(old?.walks ?? 0, rule.walks)
            let share = used > 0 ? Double(walks) / Double(used) * 100 : 0
            return (spent + Double(rule.matches) / 1e15, [
                rule.rule, Figure.percent(spent / span * 100, digits: 3), Figure.percent(share),
                Figure.rate(rate(rule.matches, last == nil ? nil : lastMatches[rule.rule] ?? 0)), Figure.count(rule.matches),
            ])
        }
        let narrowing = max(now.sampling.narrowingSeconds - (base?.sampling.narrowingSeconds ?? 0), 0) / span * 100
        let since = base == nil ? "since the start" : "of the last \(Figure.rate(span)) s"
        let source = "cpu of rules: estimated from \(Figure.count(used)) samples \(since), one event of \(now.sampling.eventsPerSample)"
        return ["\(source); finding which may hold \(Figure.percent(narrowing, digits: 3)) %"]
            + table(["RULE", "CPU %", "WALKED %", "ALERTS/S", "ALL"], rows)
    }

    /// The first column takes what the others leave; the row with the greatest number comes first.
    private func table(_ head: [String], _ rows: [(Double, [String])]) -> [String] {
        let ordered = rows.sorted { $0.0 > $1.0 }.map(\.1)
        let widths = head.indices.dropFirst().map { column in ([head] + ordered).map { $0[column].count }.max() ?? 0 }.map { max($0, 9) }
        let longest = ([head] + ordered).map { $0[0].count }.max() ?? 0
        let first = min(longest, max(width - widths.reduce(0) { $0 + $1 + 1 }, 12))
        return ([head] + ordered).map { row in
            row[0].prefix(first).padding(toLength: first, withPad: " ", startingAt: 0)
                + zip(row.dropFirst(), widths).map { String(repeating: " ", count: $1 + 1 - $0.count) + $0 }.joined()
        }
    }
}

/// Figures for people.
enum Figure {
    /// `1,234,567`.
    static func count(_ value: UInt64) -> String {
        let digits = Array(String(value))
        return digits.enumerated().map { ($0 > 0 && (digits.count - $0) % 3 == 0 ? "," : "") + String($1) }.joined()
    }

    /// Whole from ten up, one digit below.
    static func rate(_ value: Double) -> String {
        value >= 9.95 ? count(UInt64(min(value, 1e18).rounded())) : value < 0.05 ? "0" : percent(value)
    }

    static func percent(_ value: Double, digits: Int = 1) -> String { String(format: "%.\(digits)f", value) }

    static func bytes(_ value: UInt64) -> String { "\(percent(Double(value) / 1_048_576)) MiB" }

    /// `3 d 4 h`, `4 h 12 min`, `12 min 3 s` or `3 s`.
    static func duration(_ nanoseconds: UInt64) -> String {
        let seconds = nanoseconds / 1_000_000_000
        switch seconds {
        case ..<60: return "\(seconds) s"
        case ..<3_600: return "\(seconds / 60) min \(seconds % 60) s"
        case ..<86_400: return "\(seconds / 3_600) h \(seconds / 60 % 60) min"
        case _: return "\(seconds / 86_400) d \(seconds / 3_600 % 24) h"
        }
    }

    /// `19:04:05`, UTC.
    static func time(_ nanoseconds: UInt64) -> String {
        let seconds = nanoseconds / 1_000_000_000
        return String(format: "%02d:%02d:%02d UTC", Int(seconds / 3_600 % 24), Int(seconds / 60 % 60), Int(seconds % 60))
    }
}
