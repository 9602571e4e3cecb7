// SPDX-License-Identifier: Apache-2.0
internal import CProbe
public import EventModel
internal import Glibc

/// Reads wire records in place: every length is checked, nothing is allocated, and no bytes whatever make it crash.
public struct WireDecoder: Sendable {
    private let wallClockOffset: Int64
    private var count: UInt64 = 0

    /// Takes the wall clock minus CLOCK_BOOTTIME, in nanoseconds: a live tap's is `currentOffset()`, a recording carries its own.
    public init(wallClockOffset: Int64) { self.wallClockOffset = wallClockOffset }

    /// The wall clock minus CLOCK_BOOTTIME now, in nanoseconds.
    public static func currentOffset() -> Int64 { now(CLOCK_REALTIME) - now(CLOCK_BOOTTIME) }

    /// The time now by the clock that stamps records, in nanoseconds since boot.
    public static func bootTime() -> UInt64 { UInt64(now(CLOCK_BOOTTIME)) }

    private static func now(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    /// Decodes one record; the event's views point into it. Numbers events from 1.
    public mutating func decode(_ record: UnsafeRawBufferPointer) -> Result<Event, WireError> {
        var event = Event()
        if let error = decode(record, into: &event) { return .failure(error) }
        return .success(event)
    }

    /// The same, written over an event that is there already, but for its process: an event has some 400 bytes, and copies of it would
    /// cost more than its reading. Says why when nothing could be read; the event is then as it was.
    public mutating func decode(_ record: UnsafeRawBufferPointer, into event: inout Event) -> WireError? {
        guard record.count >= 2 else { return WireError(code: .tooShort, value: UInt32(record.count)) }
        let version = record.loadUnaligned(as: UInt16.self)
        guard Self.readableVersions.contains(version) else { return WireError(code: .unknownVersion, value: UInt32(version)) }
        guard record.count >= Int(SAKER_RECORD_HEADER) else { return WireError(code: .tooShort, value: UInt32(record.count)) }
        let fixed = record.loadUnaligned(as: saker_record.self)
        guard Int(fixed.length) == record.count else { return WireError(code: .wrongLength, value: fixed.length) }
        guard let kind = EventKind(rawValue: fixed.kind) else { return WireError(code: .unknownKind, value: UInt32(fixed.kind)) }
        let blobs = WireBlobs(fixed.blob, of: record)
        guard blobs.fill(record, upTo: kind.blobCount) else {
            return WireError(code: .wrongParts, value: UInt32(truncatingIfNeeded: blobs.total))
        }
        count += 1
        event.kind = kind
        event.number = count
        event.time = Timestamp(nanoseconds: fixed.boot_ns &+ UInt64(bitPattern: wallClockOffset))
        event.bootTime = fixed.boot_ns
        event.result = fixed.result
        event.caller.read(fixed, in: record)
        kind.read(fixed, blobs, into: &event.detail)
        event.marks = Event.Marks(fixed.flags)
        return nil
    }
}

/// The variable parts of a record, which follow its fixed part back to back.
struct WireBlobs {
    typealias Lengths = (UInt16, UInt16, UInt16, UInt16, UInt16, UInt16, UInt16, UInt16)
    private let record: UnsafeRawBufferPointer
    private let lengths: Lengths

    init(_ lengths: Lengths, of record: UnsafeRawBufferPointer) {
        self.record = record
        self.lengths = lengths
    }

    /// The bytes of all parts.
    @inline(__always)
    var total: Int { sum(below: Int(SAKER_BLOB_COUNT)) }

    /// True when the parts are the rest of the record and none is beyond what the kind has.
    @inline(__always)
    func fill(_ record: UnsafeRawBufferPointer, upTo count: Int) -> Bool {
        total == record.count - Int(SAKER_RECORD_HEADER) && sum(below: count) == total
    }

    // Inlined, so that a place that the caller knows is a sum of a few fixed terms: a third of the time to decode went into loops.
    /// A part, once `fill` has said yes.
    @inline(__always)
    subscript(_ index: UInt32) -> ByteView {
        let start = Int(SAKER_RECORD_HEADER) + sum(below: Int(index))
        return ByteView(UnsafeRawBufferPointer(rebasing: record[start..<start + length(Int(index))]))
    }

    @inline(__always)
    private func sum(below end: Int) -> Int {
        var sum = 0
        if end > 0 { sum += Int(lengths.0) }
        if end > 1 { sum += Int(lengths.1) }
        if end > 2 { sum += Int(lengths.2) }
        if end > 3 { sum += Int(lengths.3) }
        if end > 4 { sum += Int(lengths.4) }
        if end > 5 { sum += Int(lengths.5) }
        if end > 6 { sum += Int(lengths.6) }
        if end > 7 { sum += Int(lengths.7) }
        return sum
    }

    @inline(__always)
    private func length(_ index: Int) -> Int { sum(below: index + 1) - sum(below: index) }
}

extension EventKind {
    var blobCount: Int {
        switch family {
        case .exec, .snapshot: 7
        case .fork: 2
        case .exit: 0
        case .open: 4
        case .connect: 1
        case .call: 7
        }
    }

    // Each case is written where it belongs: one that was returned would be copied there.
    @inline(__always)
    fileprivate func read(_ fixed: saker_record, _ blobs: WireBlobs, into detail: inout Event.Detail) {
        switch family {
        case .exec: detail = .exec(Event.Image(fixed.detail.image, blobs))
        case .snapshot: detail = .snapshot(Event.Image(fixed.detail.image, blobs))
        case .fork: detail = .fork(Event.Fork(fixed.detail.fork, blobs))
        case .exit: detail = .exit(Event.Exit(code: fixed.detail.exit.code, signal: fixed.detail.exit.signal))
        case .open: detail = .open(Event.Open(fixed.detail.open, blobs))
        case .connect: detail = .connect(Event.Connect(fixed.detail.connect, blobs))
        case .call: detail = .call(Event.Call(fixed.detail.call, blobs))
        }
    }
}
