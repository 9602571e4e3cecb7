// SPDX-License-Identifier: Apache-2.0
internal import CProbe
internal import EventModel

/// A filter as the kernel side looks it up (struct saker_filter in bpf/wire.h): a word a question, a bit an alternative.
struct FilterTable {
    private(set) var words: [UInt64]

    /// Bit 63 is kept free, so that no kind's alternatives read as "all".
    private static let limit = 63

    init(_ filter: EventFilter) {
        words = [UInt64](repeating: 0, count: MemoryLayout<saker_filter>.size / 8)
        for kind in 0..<Part.kinds.count { words[kind] = .max }
        let parts = FilterParts(filter)
        words[Part.parts] = parts.word
        var numbers: [EventFilter.Alternative: Int] = [:]
        for (kind, wanted) in filter.alternatives.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            let fresh = Set(wanted).subtracting(numbers.keys)
            // A kind that does not fit any more is told whole.
            guard numbers.count + fresh.count <= Self.limit else { continue }
            for alternative in fresh {
                file(alternative, at: numbers.count, parts)
                numbers[alternative] = numbers.count
            }
            words[Int(kind.rawValue)] = wanted.reduce(0) { $0 | 1 << UInt64(numbers[$1] ?? 0) }
        }
    }

    /// Where each part begins, in words.
    private enum Part {
        static let kinds = 0..<128, results = 128, accesses = 132, objects = 148, remotes = 180
        static let anyAccess = 188, anyObject = 189, anyRemote = 190, anyName = 191, anyPeer = 192, parts = 193
        static let needles = 196
    }

    private mutating func file(_ alternative: EventFilter.Alternative, at number: Int, _ parts: FilterParts) {
        let bit: UInt64 = 1 << UInt64(number)
        for value in 0..<4 where alternative.results & 1 << value != 0 { words[Part.results + value] |= bit }
        for value in 0..<16 where alternative.accesses & 1 << value != 0 { words[Part.accesses + value] |= bit }
        for value in 0..<32 where alternative.objects & 1 << value != 0 { words[Part.objects + value] |= bit }
        for value in 0..<8 where alternative.remotes & 1 << value != 0 { words[Part.remotes + value] |= bit }
        if alternative.accesses == .max { words[Part.anyAccess] |= bit }
        if alternative.objects == .max { words[Part.anyObject] |= bit }
        if alternative.remotes == .max { words[Part.anyRemote] |= bit }
        if alternative.names == nil { words[Part.anyName] |= bit }
        if alternative.peers == nil { words[Part.anyPeer] |= bit }
        for name in alternative.names ?? [] { words[Part.needles + Self.place(of: name, parts)] |= bit }
        for peer in alternative.peers ?? [] { words[Part.needles + Self.place(of: peer)] |= bit }
    }

    private static func place(of name: EventFilter.Name, _ parts: FilterParts) -> Int {
        switch name {
        case .whole(let bytes): return place(hash(bytes), SAKER_NEEDLE_COMPONENT.rawValue)
        case .start(let bytes):
            let count = parts.starts.last { $0 <= bytes.count } ?? 0
            return place(word(bytes.prefix(count)), SAKER_NEEDLE_START.rawValue + UInt32(count))
        case .end(let bytes):
            let count = parts.ends.last { $0 <= bytes.count } ?? 0
            return place(word(bytes.suffix(count)), SAKER_NEEDLE_END.rawValue + UInt32(count))
        }
    }

    private static let multiplier: UInt64 = 0x9e37_79b9_7f4a_7c15

    private static func place(_ word: UInt64, _ what: UInt32) -> Int {
        Int(((word ^ UInt64(what) &* 0xff51_afd7_ed55_8ccd) &* multiplier) >> UInt64(64 - SAKER_NEEDLE_BITS))
    }

    private static func place(of peer: EventFilter.Peer) -> Int {
        switch peer {
        case .port(let port): place(UInt64(port), SAKER_NEEDLE_PORT.rawValue)
        case .address(let address): place(word(address), SAKER_NEEDLE_ADDRESS.rawValue)
        }
    }

    private static func word(_ address: IPAddress) -> UInt64 {
        guard address.isV6 else { return UInt64(UInt32(truncatingIfNeeded: address.low).byteSwapped) }
        return address.high.byteSwapped &* multiplier ^ address.low.byteSwapped
    }

    /// Up to eight bytes as a little-endian word.
    private static func word(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) } }

    private static func hash(_ name: [UInt8]) -> UInt64 {
        var hash: UInt64 = 0
        for start in stride(from: 0, to: min(name.count, Int(SAKER_COMPONENT_BYTES)), by: 8) {
            hash = (hash ^ word(name[start..<min(start + 8, name.count)])) &* multiplier
            hash ^= hash >> 29
        }
        return hash ^ UInt64(name.count)
    }
}

/// How many first and last bytes of names are looked up: each number is a lookup for every name of every path, so there are two of each at
/// most, and what is longer is looked up by fewer bytes.
private struct FilterParts {
    /// Sorted.
    private(set) var starts: [Int] = [], ends: [Int] = []

    init(_ filter: EventFilter) {
        for name in filter.alternatives.values.joined().compactMap(\.names).joined() {
            switch name {
            case .whole: break
            case .start(let bytes): starts.append(bytes.count)
            case .end(let bytes): ends.append(bytes.count)
            }
        }
        starts = Self.chosen(starts)
        ends = Self.chosen(ends)
    }

    private static func chosen(_ counts: [Int]) -> [Int] { Array(Set([counts.min(), counts.max()].compactMap(\.self))).sorted() }

    /// As the kernel side reads it: a byte each.
    var word: UInt64 { bytes(starts) | bytes(ends) << 16 }

    private func bytes(_ counts: [Int]) -> UInt64 { counts.reversed().reduce(0) { $0 << 8 | UInt64($1) } }
}
