// SPDX-License-Identifier: Apache-2.0

import SourceText

/// A text put together from pieces of files that knows, for each of its bytes, where that was written: conditions are appended
/// to, get exceptions folded in and lists put in place, and a finding must still point at what the author wrote.
final class PlacedText: Sendable {
    /// Where a byte comes from: an offset in one of `pieces`.
    struct Origin: Sendable {
        var piece: Int
        var offset: Int
    }

    let bytes: [UInt8]
    let origins: [Origin]
    let pieces: [Scalar]

    init(bytes: [UInt8], origins: [Origin], pieces: [Scalar]) {
        self.bytes = bytes
        self.origins = origins
        self.pieces = pieces
    }

    convenience init(_ scalar: Scalar) {
        var builder = PlacedTextBuilder()
        builder.append(scalar)
        self.init(bytes: builder.bytes, origins: builder.origins, pieces: builder.pieces)
    }

    /// This without the blanks at both ends.
    fileprivate var trimmed: PlacedText {
        let isBlank = { (byte: UInt8) in byte == 0x20 || (0x09...0x0D).contains(byte) }
        guard let first = bytes.firstIndex(where: { !isBlank($0) }), let last = bytes.lastIndex(where: { !isBlank($0) }),
            last - first + 1 < bytes.count
        else { return self }
        return PlacedText(bytes: Array(bytes[first...last]), origins: Array(origins[first...last]), pieces: pieces)
    }

    var string: String { String(decoding: bytes, as: UTF8.self) }

    func location(at offset: Int) -> SourceLocation? {
        guard let last = origins.last else { return pieces.first?.start }
        guard offset < origins.count else { return pieces[last.piece].location(ofByte: last.offset + 1) }
        let origin = origins[offset]
        return pieces[origin.piece].location(ofByte: origin.offset)
    }
}

/// A byte of a placed text, for a finding about it.
struct Place: Sendable {
    var text: PlacedText
    var offset: Int

    var location: SourceLocation? { text.location(at: offset) }
}

/// A condition or an output with what was appended to it, each behind a blank. The parts are kept apart, so that ten thousand
/// appends cost no more than their text.
struct AppendedText: Sendable {
    private var parts: [Scalar]

    init(_ scalar: Scalar) { parts = [scalar] }

    mutating func append(_ scalar: Scalar) { parts.append(scalar) }

    /// The whole, without the blanks at its ends.
    var text: PlacedText {
        var builder = PlacedTextBuilder()
        for (index, part) in parts.enumerated() {
            if index > 0 { builder.append(" ", standingFor: part) }
            builder.append(part)
        }
        return builder.built.trimmed
    }
}

/// Puts a placed text together.
struct PlacedTextBuilder {
    private(set) var bytes: [UInt8] = []
    private(set) var origins: [PlacedText.Origin] = []
    private(set) var pieces: [Scalar] = []

    var built: PlacedText { PlacedText(bytes: bytes, origins: origins, pieces: pieces) }

    mutating func append(_ scalar: Scalar) {
        pieces.append(scalar)
        let piece = pieces.count - 1
        for (offset, byte) in scalar.text.utf8.enumerated() {
            bytes.append(byte)
            origins.append(PlacedText.Origin(piece: piece, offset: offset))
        }
    }

    mutating func append(_ other: PlacedText) {
        let base = pieces.count
        pieces += other.pieces
        bytes += other.bytes
        origins += other.origins.map { PlacedText.Origin(piece: $0.piece + base, offset: $0.offset) }
    }

    /// Adds text of our own; a finding about it points at the start of `scalar`.
    mutating func append(_ text: String, standingFor scalar: Scalar) {
        pieces.append(scalar)
        append(Array(text.utf8), from: PlacedText.Origin(piece: pieces.count - 1, offset: 0))
    }

    /// Adds bytes that all count as written at one place of a piece already there.
    mutating func append(_ text: [UInt8], from origin: PlacedText.Origin) {
        bytes += text
        origins += repeatElement(origin, count: text.count)
    }

    /// Adds a part of a text whose pieces are all there already, at the same indexes.
    mutating func append(_ other: PlacedText, _ range: Range<Int>) {
        bytes += other.bytes[range]
        origins += other.origins[range]
    }

    init() {}

    init(pieces: [Scalar]) { self.pieces = pieces }

    /// Drops the blanks at the end.
    mutating func dropBlanks(_ isBlank: (UInt8) -> Bool) {
        removeAll(from: (bytes.lastIndex { !isBlank($0) } ?? -1) + 1)
    }

    mutating func removeAll(from index: Int) {
        bytes.removeSubrange(index...)
        origins.removeSubrange(index...)
    }
}
