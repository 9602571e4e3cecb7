// SPDX-License-Identifier: Apache-2.0

public import EventModel
internal import Foundation
internal import Synchronization

/// What happened before an alert: the last seconds of a container, as records of a recording.
public struct Flight: Sendable, Hashable {
    /// The file that it is for, without its folder.
    public let name: String
    /// The processes that ran when it begins, then what they and others of the container did; each record behind its length (4 bytes).
    public let records: [UInt8]
    /// Whether its beginning was forgotten for want of room.
    public let isCut: Bool
    /// What was known beside records: the container, its users and the host's.
    public let knowledge: RecordedKnowledge

    /// Brings the parts together.
    public init(name: String, records: [UInt8], isCut: Bool, knowledge: RecordedKnowledge = RecordedKnowledge()) {
        self.knowledge = knowledge
        self.name = name
        self.records = records
        self.isCut = isCut
    }
}

/// Writes flights into a folder, each as a recording of its own, on a thread of its own.
///
/// What does not fit is refused and told, never made room for: noise must not wash away what was written before it.
public final class FlightFolder: Sendable {
    private struct Queue {
        var flights: [Flight] = []
        var isClosed = false
    }

    private let path: String
    private let limit: Int
    private let header: @Sendable () -> RecordingHeader
    private let log: @Sendable (String) -> Void
    private let queue = Mutex(Queue())
    private let wakeup = DispatchSemaphore(value: 0)
    private let ended = DispatchSemaphore(value: 0)

    // Flights that wait for the disk; each has some megabytes.
    private static let waitingLimit = 8

    /// Makes the folder where it is not there yet, and starts to write. `limit` is in bytes for all files of the folder; `header` says of
    /// what a recording is; `log` takes a sentence when one is not written. Throws when the folder cannot be made.
    public init(
        path: String, limit: Int, header: @escaping @Sendable () -> RecordingHeader, log: @escaping @Sendable (String) -> Void
    ) throws(RecordingError) {
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw RecordingError(.cannotOpen, "The folder \(path) for what happened before alerts cannot be made: \(error).")
        }
        (self.path, self.limit, self.header, self.log) = (path, limit, header, log)
        let thread = Thread { [self] in work() }
        thread.name = "saker-flights"
        thread.start()
    }

    /// Takes a flight to be written, without waiting. False when too many wait already.
    public func take(_ flight: Flight) -> Bool {
        let isTaken = queue.withLock { queue in
            guard !queue.isClosed, queue.flights.count < Self.waitingLimit else { return false }
            queue.flights.append(flight)
            return true
        }
        if isTaken { wakeup.signal() } else { log("\(flight.name) is not kept: the disk has not taken those before it") }
        return isTaken
    }

    /// Writes what waits, for so many seconds at most, and takes no more.
    public func close(within seconds: Double) {
        queue.withLock { $0.isClosed = true }
        wakeup.signal()
        _ = ended.wait(timeout: .now() + seconds)
    }

    private func work() {
        while true {
            wakeup.wait()
            while let flight = queue.withLock({ $0.flights.isEmpty ? nil : $0.flights.removeFirst() }) { write(flight) }
            if queue.withLock(\.isClosed) { break }
        }
        ended.signal()
    }

    private func write(_ flight: Flight) {
        guard used + flight.records.count / 4 <= limit else {
            return log("\(flight.name) is not kept: \(path) holds as much as it may; move or remove what is not needed")
        }
        do throws(RecordingError) {
            var writer = try RecordingWriter(path: "\(path)/\(flight.name)", header: header())
            try flight.append(to: &writer)
            try writer.finish()
            if flight.isCut { log("\(flight.name) lacks its beginning: it happened more than the memory for it holds") }
        } catch {
            log("\(flight.name) is not kept: \(error)")
        }
    }

    private var used: Int {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        return names.reduce(0) { sum, name in
            let facts = try? FileManager.default.attributesOfItem(atPath: "\(path)/\(name)")
            return sum + ((facts?[.size] as? Int) ?? 0)
        }
    }
}

extension Flight {
    fileprivate func append(to writer: inout RecordingWriter) throws(RecordingError) {
        if !knowledge.isEmpty { try writer.append(knowledge) }
        let result = records.withUnsafeBytes { bytes in
            Result { () throws(RecordingError) in
                var place = 0
                while let record = RecordingBlock.record(at: place, in: bytes) {
                    try writer.append(UnsafeRawBufferPointer(rebasing: bytes[record]))
                    place = record.upperBound
                }
            }
        }
        try result.get()
    }
}
