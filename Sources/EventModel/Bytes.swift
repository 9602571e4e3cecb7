// SPDX-License-Identifier: Apache-2.0

public import Glibc

/// Bytes that somebody else owns: a path in the ring buffer's record, an argument in a process's image.
///
/// A view is good as long as its owner lives: a record's until the handler of that record returns, a `ByteString`'s as long as
/// that object. Nothing here allocates; the kernel's strings are bytes, and need not be UTF-8.
public struct ByteView: @unchecked Sendable {
    // Sendable because the memory is never written while a view of it exists; see the rule on lifetime above.
    /// The bytes.
    public let raw: UnsafeRawBufferPointer

    /// Views foreign bytes.
    @inlinable public init(_ raw: UnsafeRawBufferPointer) { self.raw = raw }

    /// No bytes.
    public static var empty: ByteView { ByteView(UnsafeRawBufferPointer(start: nil, count: 0)) }

    /// How many bytes.
    @inlinable public var count: Int { raw.count }
    /// True when there are none.
    @inlinable public var isEmpty: Bool { raw.isEmpty }

    /// The byte at that place. Traps outside of `0..<count`, also in release builds.
    @inlinable public subscript(_ index: Int) -> UInt8 {
        precondition(index >= 0 && index < raw.count)
        return raw[index]
    }

    /// The bytes from `start` up to `end`. Traps when they are not within.
    @inlinable public func slice(_ start: Int, _ end: Int) -> ByteView {
        precondition(0 <= start && start <= end && end <= raw.count)
        return ByteView(UnsafeRawBufferPointer(rebasing: raw[start..<end]))
    }

    /// True when both hold the same bytes.
    @inlinable public func equals(_ other: ByteView) -> Bool {
        count == other.count && (isEmpty || memcmp(raw.baseAddress!, other.raw.baseAddress!, count) == 0)
    }

    /// True when this begins with all of `other`.
    @inlinable public func starts(with other: ByteView) -> Bool {
        count >= other.count && (other.isEmpty || memcmp(raw.baseAddress!, other.raw.baseAddress!, other.count) == 0)
    }

    /// True when this ends with all of `other`.
    @inlinable public func ends(with other: ByteView) -> Bool {
        count >= other.count
            && (other.isEmpty || memcmp(raw.baseAddress! + (count - other.count), other.raw.baseAddress!, other.count) == 0)
    }

    /// True when `other` stands anywhere in this; no bytes stand everywhere.
    public func contains(_ other: ByteView) -> Bool {
        guard !other.isEmpty else { return true }
        guard count >= other.count, let bytes = raw.baseAddress, let wanted = other.raw.baseAddress else { return false }
        guard other.count > 1 else { return memchr(bytes, Int32(other[0]), count) != nil }
        let last = count - other.count
        guard count > 8 else {
            for place in 0...last where memcmp(bytes + place, wanted, other.count) == 0 { return true }
            return false
        }
        return Self.contains(bytes, count, last: last, wanted, other.count)
    }

    // Two bytes are rarer in a text than one, so both are looked for, at eight places at a time; the last eight may be looked at twice.
    @inline(__always)
    private static func contains(
        _ bytes: UnsafeRawPointer, _ count: Int, last: Int, _ wanted: UnsafeRawPointer, _ wantedCount: Int
    ) -> Bool {
        let first = UInt64(wanted.load(as: UInt8.self)) &* ones
        let second = UInt64(wanted.load(fromByteOffset: 1, as: UInt8.self)) &* ones
        let end = count &- 9
        var start = 0
        while true {
            let these = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: start, as: UInt64.self))
            let next = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: start &+ 1, as: UInt64.self))
            let differing = (these ^ first) | (next ^ second)
            // The highest bit of each byte that is 0, and now and then of one above it: each is compared.
            let hits = (differing &- ones) & ~differing & (ones << 7)
            if hits != 0, isAny(hits, bytes + start, last: last &- start, wanted, wantedCount) { return true }
            guard start < end else { return false }
            start = min(start &+ 8, end)
        }
    }

    private static let ones: UInt64 = 0x0101_0101_0101_0101

    @inline(never)
    private static func isAny(
        _ marked: UInt64, _ bytes: UnsafeRawPointer, last: Int, _ wanted: UnsafeRawPointer, _ wantedCount: Int
    ) -> Bool {
        var hits = marked
        while hits != 0 {
            let place = hits.trailingZeroBitCount / 8
            guard place <= last else { return false }
            if memcmp(bytes + place, wanted, wantedCount) == 0 { return true }
            hits &= hits &- 1
        }
        return false
    }

    /// The bytes as text; bytes that are not UTF-8 become U+FFFD. Allocates: only for what a rule has matched.
    public var string: String { String(decoding: raw, as: UTF8.self) }

    /// A hash for tables that are looked up by bytes (FNV-1a, 64 bit); the same in every process.
    @inlinable public var hash64: UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in raw { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return hash
    }
}

/// Bytes with an owner: they stay at one address as long as the object lives, so views of it cost nothing.
public final class ByteString: @unchecked Sendable, Hashable, CustomStringConvertible {
    // Sendable because the bytes are written once, before the object is handed out.
    private let storage: UnsafeMutableRawBufferPointer

    /// Copies the bytes of a view.
    public init(_ view: ByteView) {
        storage = .allocate(byteCount: view.count, alignment: 1)
        storage.copyMemory(from: view.raw)
    }

    /// Copies a text as UTF-8.
    public convenience init(_ text: String) {
        var copy = text
        let bytes = copy.withUTF8 { Array($0) }
        self.init(bytes)
    }

    /// Copies bytes.
    public init(_ bytes: [UInt8]) {
        storage = .allocate(byteCount: bytes.count, alignment: 1)
        storage.copyBytes(from: bytes)
    }

    deinit { storage.deallocate() }

    /// The bytes, good as long as this object lives: a local that is not used again may be freed before the view is read, so
    /// take views only of what something else keeps, or within `withExtendedLifetime`.
    public var view: ByteView { ByteView(UnsafeRawBufferPointer(storage)) }
    /// The bytes as text; see `ByteView.string`.
    public var string: String { view.string }
    public var description: String { string }

    public static func == (left: ByteString, right: ByteString) -> Bool { left.view.equals(right.view) }
    public func hash(into hasher: inout Hasher) { hasher.combine(bytes: UnsafeRawBufferPointer(storage)) }
}
