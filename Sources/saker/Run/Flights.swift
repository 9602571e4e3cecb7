// SPDX-License-Identifier: Apache-2.0
import Capture
import Detector
import EventSources

extension Configuration.Flights {
    /// Where flights are written; nil when none are kept. Throws when the folder cannot be made.
    func folder(of host: String) throws(RecordingError) -> FlightFolder? {
        guard seconds > 0 else { return nil }
        return try FlightFolder(
            path: folder, limit: folderMebibytes << 20,
            header: { RecordingHeader(created: Clock.now, wallClockOffset: WireDecoder.currentOffset(), hostname: host) },
            log: { Terminal.say("flights: \($0)") })
    }
}

extension DetectionLine.Settings {
    /// Has the line keep what happened before alerts, and give it to that folder.
    mutating func record(_ settings: Configuration.Flights, to folder: FlightFolder?) {
        guard let folder else { return }
        flights = FlightSettings(seconds: settings.seconds, bytes: settings.memoryMebibytes << 20)
        takeFlight = { folder.take($0) }
    }
}
