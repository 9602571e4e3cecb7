// SPDX-License-Identifier: Apache-2.0

internal import Capture
internal import Enrichment
internal import EventModel
internal import EventSources

/// Keeps the last seconds of each container, and gives them away when a rule fires. Owned by the detection thread.
struct FlightRecorder: ~Copyable {
    private var memory: FlightMemory
    private let age: UInt64
    // When a container's flight was last given away: one burst of alerts is one flight.
    private var given: [ContainerID?: UInt64] = [:]

    init(_ settings: FlightSettings) {
        age = UInt64(settings.seconds) * 1_000_000_000
        memory = FlightMemory(FlightMemory.Limits(age: age, container: settings.bytes / 8, all: settings.bytes))
    }

    /// Keeps the record that an event was read from.
    mutating func keep(_ record: UnsafeRawBufferPointer, _ event: borrowing Event) {
        guard event.kind != .snapshot else { return }
        memory.keep(record, of: event.process?.container, at: event.bootTime)
    }

    /// The flight that ends with this event; nil when one of the same container was given away less than its length ago.
    mutating func flight(
        to event: borrowing Event, trace: TraceID, _ processes: borrowing ProcessTable, users: UserDirectory, node: NodeName?
    ) -> Flight? {
        let container = event.process?.container, now = event.bootTime
        if let last = given[container?.id], now < last &+ age { return nil }
        guard let content = memory.recall(container, at: now) else { return nil }
        given = given.filter { now < $0.value &+ age }
        given[container?.id] = now
        var records: [UInt8] = []
        for node in processes.processes(of: container, before: content.begin) {
            ProcessSnapshot.record(of: node, at: content.begin).withUnsafeBytes { RecordingBlock.append($0, to: &records) }
        }
        let whose = container.map { $0.shortID.string } ?? "host"
        let when = event.time.description.prefix(19).filter { $0 != ":" }
        return Flight(
            name: "\(when)-\(whose)-\(trace.text.prefix(8)).sakerrec", records: records + content.records, isCut: content.isCut,
            knowledge: RecordedKnowledge(
                node: node, containers: container.map { processes.recorded($0) } ?? [],
                users: [users.hostNames] + (container.map { users.containerNames(of: $0.id) } ?? [])))
    }
}

/// How a flight recorder is set.
public struct FlightSettings: Sendable, Hashable {
    /// How many seconds are kept.
    public var seconds: Int
    /// How many bytes are kept at most; one container has at most an eighth.
    public var bytes: Int

    /// Brings the parts together.
    public init(seconds: Int, bytes: Int = 64 << 20) {
        self.seconds = seconds
        self.bytes = bytes
    }
}
