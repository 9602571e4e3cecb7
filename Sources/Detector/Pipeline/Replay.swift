// SPDX-License-Identifier: Apache-2.0

internal import Capture
public import EventSources
internal import Enrichment
public import RuleLanguage

/// Runs a recording through the detection line, as if its events happened now.
public enum Replay {
    /// Replays the whole records, as long as `goesOn` says, and says how the recording ended. Alerts carry the recording's times
    /// and, unless the settings name a host, its host. This machine's cgroups and users are not asked: they are others. Throws when
    /// the file is no recording.
    public static func run(
        _ path: String, rules: RuleSet, line settings: DetectionLine.Settings, counters: DetectorCounters = DetectorCounters(),
        while goesOn: () -> Bool = { true }
    ) throws(RecordingError) -> RecordingEnd {
        var reader = try RecordingReader(path: path)
        var settings = settings
        settings.users = UserDirectory(path: nil)
        if settings.hostname.isEmpty { settings.hostname = reader.header.hostname }
        var line = DetectionLine(
            rules: rules, decoder: WireDecoder(wallClockOffset: reader.header.wallClockOffset),
            processes: ProcessTable(counters: counters.processes), settings: settings, counters: counters)
        return reader.forEach { record in
            line.handle(record)
            return goesOn()
        }
    }
}
