// SPDX-License-Identifier: Apache-2.0
internal import CProbe
public import EventModel

extension WireDecoder {
    /// The version of the wire records that this build writes; a recording's header carries it.
    public static var version: UInt16 { UInt16(SAKER_WIRE_VERSION) }

    /// The versions that this build reads.
    public static var readableVersions: ClosedRange<UInt16> { UInt16(SAKER_WIRE_VERSION_READ)...UInt16(SAKER_WIRE_VERSION) }

    /// What a record tells of, read without decoding the rest; nil for bytes that are no record.
    public static func kind(of record: UnsafeRawBufferPointer) -> EventKind? {
        guard record.count >= Int(SAKER_RECORD_HEADER) else { return nil }
        return EventKind(rawValue: record.loadUnaligned(as: saker_record.self).kind)
    }

    /// When a record's event was, in nanoseconds since boot, read without decoding the rest; 0 for bytes that are no record.
    public static func bootTime(of record: UnsafeRawBufferPointer) -> UInt64 {
        guard record.count >= Int(SAKER_RECORD_HEADER) else { return 0 }
        return record.loadUnaligned(as: saker_record.self).boot_ns
    }
}
