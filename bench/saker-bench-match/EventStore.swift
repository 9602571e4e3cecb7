// SPDX-License-Identifier: Apache-2.0
import Capture
import Enrichment
import EventModel
import EventSources

/// The events of a recording in memory, decoded and enriched as the detection line would see them.
struct EventStore: ~Copyable {
    private(set) var events: [Event] = []
    /// How many events are of each kind.
    private(set) var kinds: [EventKind: Int] = [:]
    /// All records, one behind the other, and where that of each event ends.
    private let records: UnsafeMutableRawBufferPointer
    private var ends: [Int] = []
    private var used = 0
    private let processes = FrozenProcesses()

    /// Reads at most `limit` events.
    init(recording path: String, limit: Int) throws(RecordingError) {
        var reader = try RecordingReader(path: path)
        records = .allocate(byteCount: try Self.bytes(in: path), alignment: 8)
        var decoder = WireDecoder(wallClockOffset: reader.header.wallClockOffset)
        var table = ProcessTable()
        _ = reader.forEach { record in
            add(record, &decoder, &table)
            return events.count < limit
        }
    }

    // The file is packed, so its size says nothing of what its records come to.
    private static func bytes(in path: String) throws(RecordingError) -> Int {
        var reader = try RecordingReader(path: path)
        var bytes = 0
        _ = reader.forEach { record in
            bytes += record.count
            return true
        }
        return bytes
    }

    // An event's views look at its record, so each record is kept; snapshots feed the table and are no events.
    private mutating func add(_ record: UnsafeRawBufferPointer, _ decoder: inout WireDecoder, _ table: inout ProcessTable) {
        let copy = UnsafeMutableRawBufferPointer(rebasing: records[used..<used + record.count])
        copy.copyMemory(from: record)
        used += record.count
        guard case .success(var event) = decoder.decode(UnsafeRawBufferPointer(copy)) else { return }
        table.absorb(&event)
        guard event.kind != .snapshot else { return }
        event.process = event.process.map(processes.frozen)
        kinds[event.kind, default: 0] += 1
        events.append(event)
        ends.append(used)
    }

    /// Reads a byte of each cache line of some events and their records, since the detection line matches what it has just decoded.
    /// The sum must be looked at: what nobody wants is not read.
    func warm(_ range: Range<Int>) -> UInt64 {
        let start = range.lowerBound == 0 ? 0 : ends[range.lowerBound - 1]
        let read = Self.sum(UnsafeRawBufferPointer(rebasing: records[start..<ends[range.upperBound - 1]]))
        return read &+ events[range].withUnsafeBytes(Self.sum)
    }

    private static func sum(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        var sum: UInt64 = 0
        for place in stride(from: 0, to: bytes.count, by: 64) { sum &+= UInt64(bytes[place]) }
        return sum
    }

    deinit { records.deallocate() }
}

/// Processes as they were when an event came: a copy is shared by all events between two changes of the process or its ancestors.
final class FrozenProcesses {
    private var copies: [ObjectIdentifier: ProcessNode] = [:]
    // An object that was freed could give its identity to another.
    private var held: [ProcessNode] = []

    func frozen(_ node: ProcessNode) -> ProcessNode {
        let parent = node.parent.map(frozen)
        if let known = copies[ObjectIdentifier(node)], known.parent === parent, known.image === node.image, known.cwd === node.cwd,
            known.container === node.container, known.session == node.session
        {
            return known
        }
        let copy = ProcessNode(
            pid: node.pid, startTime: node.startTime, parent: parent, vpid: node.vpid, vpgid: node.vpgid, session: node.session,
            uid: node.uid, gid: node.gid, loginuid: node.loginuid, tty: node.tty, image: node.image, cwd: node.cwd,
            container: node.container, cgroupV2: node.cgroupV2, cgroupV1: node.cgroupV1)
        held.append(node)
        copies[ObjectIdentifier(node)] = copy
        return copy
    }
}
