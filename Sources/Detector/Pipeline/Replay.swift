// SPDX-License-Identifier: Apache-2.0

internal import Capture
public import EventSources
internal import Enrichment
public import RuleLanguage

/// Runs a recording through the detection line, as if its events happened now.
public enum Replay {
    /// Replays all whole records and says how the recording ended. Alerts carry the recording's times and, unless the settings
    /// name a host, its host. Cgroups and users of this machine are not asked. Throws when the file is no recording.
    public static func run(
        _ path: String, rules: RuleSet, line settings: DetectionLine.Settings, counters: DetectorCounters = DetectorCounters()
    ) throws(RecordingError) -> RecordingEnd {
        var reader = try RecordingReader(path: path)
        var settings = settings
        if settings.hostname.isEmpty { settings.hostname = reader.header.hostname }
        var line = DetectionLine(
            rules: rules, decoder: WireDecoder(wallClockOffset: reader.header.wallClockOffset),
            processes: ProcessTable(asksKernel: false, counters: counters.processes), settings: settings, counters: counters)
        return reader.forEach { record in
            line.handle(record)
            return true
        }
    }
}
