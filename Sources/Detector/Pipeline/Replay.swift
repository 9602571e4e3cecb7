// SPDX-License-Identifier: Apache-2.0

internal import Capture
internal import EventModel
public import EventSources
internal import Enrichment
public import RuleLanguage

/// Runs a recording through the detection line, as if its events happened now.
public enum Replay {
    /// Replays the whole records, as long as `goesOn` says, and says how the recording ended. Alerts carry the recording's times
    /// and, unless the settings name them, its host and node; of containers and users it is known what the recording knows. This machine's
    /// cgroups and users are not asked: they are others. Throws when the file is no recording.
    public static func run(
        _ path: String, rules: RuleSet, line settings: DetectionLine.Settings, counters: DetectorCounters = DetectorCounters(),
        while goesOn: () -> Bool = { true }
    ) throws(RecordingError) -> RecordingEnd {
        var reader = try RecordingReader(path: path)
        var line = makeLine(reader, rules, settings, counters)
        return reader.forEach { record in
            line.handle(record)
            return goesOn()
        }
    }

    /// Replays a recording as far as matching, and says what that cost and how the recording ended; `clock` tells nanoseconds. Throws
    /// when the file is no recording.
    public static func measure(
        _ path: String, rules: RuleSet, matching: RuleMatching = .first, clock: @escaping @Sendable () -> UInt64
    ) throws(RecordingError) -> (costs: RuleCosts, end: RecordingEnd) {
        var reader = try RecordingReader(path: path)
        var costs = RuleCosts(of: rules, clock: clock)
        let settings = DetectionLine.Settings(hostname: "", matching: matching, deliver: { _ in })
        var line = makeLine(reader, rules, settings, DetectorCounters())
        let end = reader.forEach { record in
            line.measure(record, &costs)
            return true
        }
        return (costs, end)
    }

    private static func makeLine(
        _ recording: borrowing RecordingReader, _ rules: RuleSet, _ settings: DetectionLine.Settings, _ counters: DetectorCounters
    ) -> DetectionLine {
        var settings = settings
        let header = recording.header, knowledge = recording.knowledge
        settings.users = UserDirectory(recorded: knowledge.users)
        settings.node = settings.node ?? knowledge.node
        if settings.hostname.isEmpty { settings.hostname = header.hostname }
        return DetectionLine(
            rules: rules, decoder: WireDecoder(wallClockOffset: header.wallClockOffset),
            processes: ProcessTable(recorded: knowledge, counters: counters.processes), settings: settings, counters: counters)
    }
}
