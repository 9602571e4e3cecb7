// SPDX-License-Identifier: Apache-2.0
internal import CProbe
internal import EventModel
internal import Glibc

/// The C shim's handle with its object and its log: the one place that opens and closes it.
final class ProbeHandle: @unchecked Sendable {
    // Sendable because the shim lets any thread wake it and read its counters, and KernelTap lets one thread drain it.
    let pointer: OpaquePointer
    private let log: UnsafeMutableBufferPointer<CChar>

    init() throws(CaptureError) {
        let object = Self.decodeBase64(ProbeObject.base64)
        log = .allocate(capacity: 8192)
        log.initialize(repeating: 0)
        var opened: OpaquePointer?
        let result = saker_probe_open(&opened, object, object.count, log.baseAddress, log.count)
        guard let opened else {
            let words = String(cString: log.baseAddress!)
            log.deallocate()
            throw CaptureError(
                .badObject, "The embedded probe cannot be read (\(errorText(result))); build Saker anew.", errno: -result, log: words)
        }
        pointer = opened
    }

    deinit {
        saker_probe_close(pointer)
        log.deallocate()
    }

    var lastWords: String { String(cString: log.baseAddress!) }

    func set(_ settings: CaptureSettings) throws(CaptureError) {
        guard let size = settings.ringSize else {
            throw CaptureError(.badSettings, "The ring may be at most 1 GiB; \(settings.ringBytes) bytes were asked for.")
        }
        guard settings.environmentNames.count <= EnvironmentLimit.names,
            settings.environmentNames.allSatisfy({ (1...EnvironmentLimit.nameBytes).contains($0.utf8.count) })
        else {
            throw CaptureError(
                .badSettings, "At most 64 names of environment variables, of 1 to 63 bytes each, can be asked for: use fewer in rules.")
        }
        var wire = settings.wire
        let result = saker_probe_set(pointer, &wire, size)
        guard result == 0 else { throw CaptureError(.badObject, "The embedded probe is not of this build; build Saker anew.") }
    }

    /// The place of a program in the object.
    func index(of program: ProbeProgram) -> Int32? {
        (0..<saker_probe_program_count(pointer)).first { String(cString: saker_probe_program_name(pointer, $0)) == program.rawValue }
    }

    /// Loads these programs and no other; the errno of the refusal, or 0.
    func load(_ programs: [ProbeProgram]) -> Int32 {
        for program in ProbeProgram.allCases {
            guard program != .begin else { continue }
            guard let index = index(of: program) else { return ENOENT }
            let result = saker_probe_select(pointer, index, programs.contains(program))
            guard result == 0 else { return -result }
        }
        return -saker_probe_load(pointer)
    }

    /// Has these values told of new programs' environments.
    func add(_ environmentNames: [String]) throws(CaptureError) {
        for name in environmentNames {
            let result = saker_probe_add_name(pointer, name)
            guard result == 0 else {
                throw CaptureError(.notLoaded, "The name \(name) cannot be given to the probe: \(errorText(result)).", errno: -result)
            }
        }
    }

    /// Before the load: has the functions watched that serve these calls; false when one of the calls has none.
    func watch(_ calls: Set<EventKind>) -> Bool {
        let names = calls.flatMap(\.kernelNames).map { strdup($0) }
        defer { names.forEach { free($0) } }
        return names.map { UnsafePointer($0) }.withUnsafeBufferPointer {
            saker_probe_watch_calls(pointer, $0.baseAddress, Int32($0.count)) >= calls.count
        }
    }

    /// Tells from now on what the filter wants, and no more; at once for all events.
    func use(_ filter: EventFilter) throws(CaptureError) {
        var result: Int32 = 0
        if filter.isOpen {
            result = saker_probe_use_filter(pointer, nil)
        } else {
            FilterTable(filter).words.withUnsafeBytes { bytes in
                result = saker_probe_use_filter(pointer, bytes.baseAddress?.assumingMemoryBound(to: saker_filter.self))
            }
        }
        guard result == 0 else { throw CaptureError(.badObject, "The embedded probe is not of this build; build Saker anew.") }
    }

    /// How many events the filters kept back, by kind.
    func filtered() -> [EventKind: UInt64] {
        var counts = saker_counts()
        saker_probe_filtered_counts(pointer, &counts)
        return Self.byKind(&counts)
    }

    private static func byKind(_ counts: inout saker_counts) -> [EventKind: UInt64] {
        withUnsafeBytes(of: &counts) { bytes in
            let table = bytes.assumingMemoryBound(to: UInt64.self)
            let told = EventKind.allCases.map { ($0, table[Int($0.rawValue)]) }.filter { $0.1 > 0 }
            return Dictionary(uniqueKeysWithValues: told)
        }
    }

    func drops() -> DropCounts {
        var drops = DropCounts()
        for reason in DropReason.allCases {
            var counts = saker_counts()
            saker_probe_drop_counts(pointer, reason.wire, &counts)
            for (kind, count) in Self.byKind(&counts) { drops[reason, kind] = count }
        }
        drops.missed = statistics().reduce(0) { $0 &+ $1.missed }
        return drops
    }

    /// What the kernel counted of each program that was loaded.
    func statistics() -> [ProgramStatistics] {
        ProbeProgram.allCases.compactMap { program in
            var counts = saker_program_statistics()
            let result = program == .begin
                ? saker_probe_watch_statistics(pointer, &counts) : saker_probe_statistics(pointer, index(of: program) ?? -1, &counts)
            guard result == 0 else { return nil }
            return ProgramStatistics(
                name: program.rawValue, runs: counts.runs, nanoseconds: counts.nanoseconds, missed: counts.missed)
        }
    }

    /// Who was held back so far; what the table forgets meanwhile, because it is full, is left out.
    func floods() -> [Flood] {
        var floods: [Flood] = []
        var who = saker_flooder(), flood = saker_flood()
        // The table has half as many places; a key that is taken out while it is walked sends the walk back to the beginning.
        for _ in 0..<2_048 {
            guard saker_probe_next_flood(pointer, &who, &flood) == 0 else { break }
            if flood.held_back > 0 { floods.append(Flood(who, flood)) }
        }
        return floods
    }

    // RFC 4648; the text is our own build's, so anything else in it is a programmer's error.
    private static func decodeBase64(_ text: StaticString) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8CodeUnitCount / 4 * 3)
        var bits: UInt32 = 0, count = 0
        text.withUTF8Buffer { characters in
            for character in characters where character != UInt8(ascii: "=") {
                bits = bits << 6 | UInt32(value(character))
                count += 6
                guard count >= 8 else { continue }
                count -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
            }
        }
        return bytes
    }

    private static func value(_ character: UInt8) -> UInt8 {
        switch character {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): return character - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): return character - UInt8(ascii: "a") + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): return character - UInt8(ascii: "0") + 52
        case UInt8(ascii: "+"): return 62
        default:
            precondition(character == UInt8(ascii: "/"))
            return 63
        }
    }
}

/// The system's words for an errno; a negative one is turned round.
func errorText(_ errno: Int32) -> String { String(cString: strerror(abs(errno))) }
