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
        guard record.count >= 2 else { return .failure(WireError(code: .tooShort, value: UInt32(record.count))) }
        let version = record.loadUnaligned(as: UInt16.self)
        guard Self.readableVersions.contains(version) else { return .failure(WireError(code: .unknownVersion, value: UInt32(version))) }
        guard record.count >= Int(SAKER_RECORD_HEADER) else {
            return .failure(WireError(code: .tooShort, value: UInt32(record.count)))
        }
        let fixed = record.loadUnaligned(as: saker_record.self)
        guard Int(fixed.length) == record.count else { return .failure(WireError(code: .wrongLength, value: fixed.length)) }
        guard let kind = EventKind(rawValue: fixed.kind) else {
            return .failure(WireError(code: .unknownKind, value: UInt32(fixed.kind)))
        }
        let blobs = WireBlobs(fixed.blob, of: record)
        guard blobs.fill(record, upTo: kind.blobCount) else {
            return .failure(WireError(code: .wrongParts, value: UInt32(truncatingIfNeeded: blobs.total)))
        }
        count += 1
        return .success(
            Event(
                kind: kind, number: count,
                time: Timestamp(nanoseconds: fixed.boot_ns &+ UInt64(bitPattern: wallClockOffset)), bootTime: fixed.boot_ns,
                result: fixed.result, caller: Event.Caller(fixed, in: record), detail: kind.detail(fixed, blobs),
                marks: Event.Marks(fixed.flags)))
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
    var total: Int { sum(below: Int(SAKER_BLOB_COUNT)) }

    /// True when the parts are the rest of the record and none is beyond what the kind has.
    func fill(_ record: UnsafeRawBufferPointer, upTo count: Int) -> Bool {
        total == record.count - Int(SAKER_RECORD_HEADER) && sum(below: count) == total
    }

    /// A part, once `fill` has said yes.
    subscript(_ index: UInt32) -> ByteView {
        let start = Int(SAKER_RECORD_HEADER) + sum(below: Int(index))
        return ByteView(UnsafeRawBufferPointer(rebasing: record[start..<start + length(Int(index))]))
    }

    private func sum(below end: Int) -> Int {
        var sum = 0
        for index in 0..<end { sum += length(index) }
        return sum
    }

    private func length(_ index: Int) -> Int {
        withUnsafeBytes(of: lengths) { Int($0.loadUnaligned(fromByteOffset: index * 2, as: UInt16.self)) }
    }
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

    fileprivate func detail(_ fixed: saker_record, _ blobs: WireBlobs) -> Event.Detail {
        switch family {
        case .exec: .exec(Event.Image(fixed.detail.image, blobs))
        case .snapshot: .snapshot(Event.Image(fixed.detail.image, blobs))
        case .fork: .fork(Event.Fork(fixed.detail.fork, blobs))
        case .exit: .exit(Event.Exit(code: fixed.detail.exit.code, signal: fixed.detail.exit.signal))
        case .open: .open(Event.Open(fixed.detail.open, blobs))
        case .connect: .connect(Event.Connect(fixed.detail.connect, blobs))
        case .call: .call(Event.Call(fixed.detail.call, blobs))
        }
    }
}
