// SPDX-License-Identifier: Apache-2.0

public import Capture
public import EventModel
public import EventSources
internal import Synchronization

/// Records the live kernel's events into a file: first a snapshot of the running processes, then all events until it is stopped.
public final class Recorder: Sendable {
    private let tap: KernelTap
    private let environmentNames: [String]
    private let failure = Mutex<RecordingError?>(nil)

    /// Attaches the probe for these kinds of events. Throws when the kernel cannot be tapped.
    public init(kinds: Set<EventKind> = Set(EventKind.allCases), environmentNames: [String] = []) throws(CaptureError) {
        tap = try KernelTap(settings: CaptureSettings(kinds: kinds.subtracting([.snapshot]), environmentNames: environmentNames))
        self.environmentNames = environmentNames
    }

    /// What the probe could not tell.
    public var drops: DropCounts { tap.drops }

    /// Records on the calling thread until `stop`; returns how many records the file has. Throws at once when the file cannot be
    /// made, and after ending the recording when it cannot be written any more.
    public func run(path: String, created: Timestamp, hostname: String) throws(RecordingError) -> UInt64 {
        let offset = WireDecoder.currentOffset()
        var writer = try RecordingWriter(path: path, header: RecordingHeader(created: created, wallClockOffset: offset, hostname: hostname))
        for record in ProcessSnapshot.records(environmentNames: environmentNames) {
            record.withUnsafeBytes { add($0, to: &writer) }
        }
        tap.run { add($0, to: &writer) }
        if let error = failure.withLock({ $0 }) { throw error }
        try writer.finish()
        return writer.count
    }

    /// Ends `run`, from any thread.
    public func stop() { tap.stop() }

    private func add(_ record: UnsafeRawBufferPointer, to writer: inout RecordingWriter) {
        do throws(RecordingError) {
            try writer.append(record)
        } catch {
            // The first reason is the one to tell; what follows it would not be read.
            failure.withLock { $0 = $0 ?? error }
            tap.stop()
        }
    }
}
