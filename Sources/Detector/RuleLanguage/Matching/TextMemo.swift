// SPDX-License-Identifier: Apache-2.0

import EventModel

/// What the look-ups of files' texts came to, by the name that was opened: most opens are of names that were opened before (a compiler's
/// headers, a loader's libraries), and what a text equals, begins with, ends with or contains never changes.
///
/// Holds a bounded number of names, the newest of those that meet in one place, and none that is long or is found by many comparisons.
final class TextMemo {
    private struct Entry {
        var hash: UInt64 = 0
        /// Bytes of both texts; -1 for nothing.
        var length: Int32 = -1
        var nameLength: Int32 = 0
        var isOpened = false
        var isDirectory = false
        var slotCount: Int32 = 0
        /// The units that were looked up, a bit each.
        var known: UInt64 = 0
    }

    private static let longest = 128
    private static let mostSlots = 16

    private let mask: Int
    private let rowWords: Int
    private let entries: UnsafeMutablePointer<Entry>
    private let bytes: UnsafeMutablePointer<UInt8>
    private let slots: UnsafeMutablePointer<Int32>
    private let rows: UnsafeMutablePointer<UInt64>

    /// Room for so many names (a power of two), and for rows of so many words.
    init(count: Int, rowWords: Int) {
        precondition(count > 0 && count & (count - 1) == 0)
        mask = count - 1
        self.rowWords = rowWords
        entries = .allocate(capacity: count)
        entries.initialize(repeating: Entry(), count: count)
        bytes = .allocate(capacity: count * Self.longest)
        slots = .allocate(capacity: count * Self.mostSlots)
        rows = .allocate(capacity: max(2 * count * rowWords, 1))
    }

    deinit {
        entries.deallocate()
        bytes.deallocate()
        slots.deallocate()
        rows.deallocate()
    }

    /// The place of a file's texts, about which nothing may be known yet; nil when they are too long to be kept.
    @inline(__always)
    func find(_ file: UnsafePointer<FileTexts>) -> Int? {
        let name = file.pointee.name, raw = file.pointee.raw
        let length = name.count &+ raw.count
        guard length > 0, length <= Self.longest else { return nil }
        let hash = Self.hash(name) ^ UInt64(raw.count)
        let place = Int(truncatingIfNeeded: hash >> 40) & mask
        if isSame(place, file, hash) { return place }
        entries[place] = Entry(
            hash: hash, length: Int32(length), nameLength: Int32(name.count), isOpened: file.pointee.isOpened,
            isDirectory: file.pointee.isDirectory)
        let kept = UnsafeMutableRawPointer(bytes + place * Self.longest)
        if let start = name.raw.baseAddress { kept.copyMemory(from: start, byteCount: name.count) }
        if let start = raw.raw.baseAddress { (kept + name.count).copyMemory(from: start, byteCount: raw.count) }
        given(place).update(repeating: 0, count: 2 * rowWords)
        return place
    }

    @inline(__always)
    private func isSame(_ place: Int, _ file: UnsafePointer<FileTexts>, _ hash: UInt64) -> Bool {
        let entry = entries + place, name = file.pointee.name, raw = file.pointee.raw
        guard entry.pointee.hash == hash, entry.pointee.nameLength == name.count, entry.pointee.length == name.count &+ raw.count,
            entry.pointee.isOpened == file.pointee.isOpened, entry.pointee.isDirectory == file.pointee.isDirectory
        else { return false }
        let kept = UnsafeRawPointer(bytes + place * Self.longest)
        return ByteView(UnsafeRawBufferPointer(start: kept, count: name.count)).equals(name)
            && ByteView(UnsafeRawBufferPointer(start: kept + name.count, count: raw.count)).equals(raw)
    }

    /// The units of which it is known what they come to, a bit each.
    @inline(__always)
    func known(_ place: Int) -> UInt64 { entries[place].known }

    /// The slots that they found true.
    @inline(__always)
    func found(_ place: Int) -> UnsafeBufferPointer<Int32> {
        UnsafeBufferPointer(start: slots + place * Self.mostSlots, count: Int(entries[place].slotCount))
    }

    /// The rules that these slots give, a bit each.
    @inline(__always)
    func given(_ place: Int) -> UnsafeMutablePointer<UInt64> { rows + 2 * place * rowWords }

    /// The rules that these slots veto, a bit each.
    @inline(__always)
    func vetoed(_ place: Int) -> UnsafeMutablePointer<UInt64> { rows + (2 * place + 1) * rowWords }

    /// Notes what a unit came to; false when there is no room, and nothing is known of that name then.
    func note(unit: Int, _ found: FoundSlots, _ place: Int) -> Bool {
        let entry = entries + place
        guard entry.pointee.length >= 0, Int(entry.pointee.slotCount) + found.count <= Self.mostSlots else {
            entry.pointee = Entry()
            return false
        }
        for index in 0..<found.count {
            slots[place * Self.mostSlots + Int(entry.pointee.slotCount)] = Int32(found[index])
            entry.pointee.slotCount += 1
        }
        entry.pointee.known |= 1 << UInt64(unit)
        return true
    }

    // Eight bytes at a time; the last eight may be taken twice.
    @inline(__always)
    private static func hash(_ text: ByteView) -> UInt64 {
        let factor: UInt64 = 0x9e37_79b9_7f4a_7c15
        var hash = UInt64(text.count) &* factor
        guard text.count >= 8 else {
            for byte in text.raw { hash = (hash ^ UInt64(byte)) &* factor }
            return hash
        }
        var place = 0
        let last = text.count &- 8
        while place < last {
            hash = (hash ^ text.raw.loadUnaligned(fromByteOffset: place, as: UInt64.self)) &* factor
            hash ^= hash >> 32
            place &+= 8
        }
        return (hash ^ text.raw.loadUnaligned(fromByteOffset: last, as: UInt64.self)) &* factor
    }
}
