// SPDX-License-Identifier: Apache-2.0

internal import EventModel
internal import EventSources

/// The last seconds of each container and of the host, as wire records: what a flight recorder writes when a rule fires.
///
/// Owned by the detection thread. Records are kept in chunks and forgotten by the chunk: when it is too old, when its container has too
/// much, or when all have too much, from the one that has most.
struct FlightMemory: ~Copyable {
    /// How much is kept.
    struct Limits: Sendable, Hashable {
        /// How long, in nanoseconds.
        var age: UInt64
        /// Bytes for one container.
        var container: Int
        /// Bytes for all.
        var all: Int
    }

    private let limits: Limits
    private var tracks: [ObjectIdentifier?: FlightTrack] = [:]
    private var nextSweep: UInt64 = 0
    // Events of one container come in runs.
    private var latest: FlightTrack?

    /// Bytes that are kept now.
    private(set) var count = 0

    private static let sweepInterval: UInt64 = 1_000_000_000

    init(_ limits: Limits) { self.limits = limits }

    /// Keeps a record of a container, or of the host for nil, that was made at that time, in nanoseconds since boot.
    mutating func keep(_ record: UnsafeRawBufferPointer, of container: Container?, at time: UInt64) {
        let track = track(of: container)
        count += track.add(record, time)
        while track.count > limits.container, forget(track) {}
        while count > limits.all, let largest = tracks.values.max(by: { $0.count < $1.count }), forget(largest) {}
        if time >= nextSweep { sweep(time) }
    }

    /// What is left of a container's last seconds; nil when nothing is.
    mutating func recall(_ container: Container?, at time: UInt64) -> FlightTrack.Content? {
        let track = track(of: container)
        count -= track.drop(before: oldest(time))
        return track.content
    }

    private func oldest(_ time: UInt64) -> UInt64 { time > limits.age ? time - limits.age : 0 }

    private mutating func track(of container: Container?) -> FlightTrack {
        if let latest, latest.container === container { return latest }
        let key = container.map { ObjectIdentifier($0) }
        let track = tracks[key] ?? FlightTrack(of: container)
        tracks[key] = track
        latest = track
        return track
    }

    /// Forgets a track's oldest chunk for want of room; false when it has no other.
    private mutating func forget(_ track: FlightTrack) -> Bool {
        let freed = track.forgetOldest()
        count -= freed
        return freed > 0
    }

    /// Lets go of what is too old everywhere, and of containers of which nothing is left.
    private mutating func sweep(_ time: UInt64) {
        nextSweep = time + Self.sweepInterval
        latest = nil
        for (key, track) in tracks {
            count -= track.drop(before: oldest(time))
            if track.content == nil { tracks[key] = nil }
        }
    }
}

/// One container's last seconds.
final class FlightTrack {
    /// Records, each behind its length (4 bytes), oldest first.
    struct Content: Sendable, Equatable {
        var records: [UInt8]
        /// When the first of them was made.
        var begin: UInt64
        /// Whether earlier ones, young enough, were forgotten for want of room.
        var isCut: Bool
    }

    private struct Chunk {
        var records: [UInt8]
        var begin: UInt64
        var end: UInt64
    }

    // Held, so that no other container can come to the same address.
    let container: Container?
    private(set) var count = 0
    private var chunks: [Chunk] = []
    private var isCut = false

    // Some hundred records: the grain in which is forgotten.
    private static let chunkBytes = 64 << 10

    init(of container: Container?) { self.container = container }

    var content: Content? {
        chunks.first.map { Content(records: Array(chunks.map(\.records).joined()), begin: $0.begin, isCut: isCut) }
    }

    /// Adds a record; returns by how much the track grew.
    func add(_ record: UnsafeRawBufferPointer, _ time: UInt64) -> Int {
        if chunks.last.map({ $0.records.count + record.count > Self.chunkBytes }) != false {
            var records: [UInt8] = []
            records.reserveCapacity(Self.chunkBytes)
            chunks.append(Chunk(records: records, begin: time, end: time))
        }
        let added = 4 + record.count
        RecordingBlock.append(record, to: &chunks[chunks.count - 1].records)
        chunks[chunks.count - 1].end = time
        count += added
        return added
    }

    /// Drops the chunks that ended before that time; returns by how much the track shrank.
    func drop(before time: UInt64) -> Int {
        let old = chunks.prefix { $0.end < time }
        let freed = old.reduce(0) { $0 + $1.records.count }
        guard freed > 0 else { return 0 }
        chunks.removeFirst(old.count)
        isCut = false
        count -= freed
        return freed
    }

    /// Drops the oldest of several chunks; returns by how much the track shrank, 0 when there is only one.
    func forgetOldest() -> Int {
        guard chunks.count > 1 else { return 0 }
        let freed = chunks.removeFirst().records.count
        isCut = true
        count -= freed
        return freed
    }
}
