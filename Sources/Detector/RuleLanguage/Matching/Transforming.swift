// SPDX-License-Identifier: Apache-2.0

import EventModel

extension Operand.Transformer {
    /// Writes what it makes of a text; false when it can make nothing of it. `length` makes a number and is not applied here.
    func apply(to text: ByteView, into buffer: ByteBuffer) -> Bool {
        buffer.clear()
        switch self {
        case .lower:
            for byte in text.raw { buffer.append(ByteView.folded(byte)) }
        case .upper:
            for byte in text.raw { buffer.append((UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) ? byte & ~0x20 : byte) }
        case .basename: buffer.append(text.lastComponent)
        case .decodeBase64: return Self.decode(text, into: buffer)
        case .length: preconditionFailure("the length of a text is a number")
        }
        return true
    }

    private static func decode(_ text: ByteView, into buffer: ByteBuffer) -> Bool {
        var bits: UInt32 = 0, held: UInt32 = 0
        var end = text.count
        while end > 0, text[end - 1] == UInt8(ascii: "=") { end -= 1 }
        guard end > 0, text.count - end <= 2 else { return text.isEmpty }
        for index in 0..<end {
            guard let value = value(of: text[index]) else { return false }
            bits = bits << 6 | UInt32(value)
            held += 6
            guard held >= 8 else { continue }
            held -= 8
            buffer.append(UInt8(truncatingIfNeeded: bits >> held))
        }
        return true
    }

    private static func value(of digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): digit - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): digit - UInt8(ascii: "a") + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0") + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        case _: nil
        }
    }
}
