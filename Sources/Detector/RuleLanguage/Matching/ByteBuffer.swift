// SPDX-License-Identifier: Apache-2.0

import EventModel

/// A text that is written again and again in the same memory: what fields that are put together on the fly are written into.
final class ByteBuffer {
    // Unchecked since nothing that is called while one is written reaches the buffer again; the check costs more than a byte.
    @exclusivity(unchecked) private var storage: UnsafeMutableRawBufferPointer
    @exclusivity(unchecked) private(set) var count = 0

    init(capacity: Int) { storage = .allocate(byteCount: capacity, alignment: 1) }

    deinit { storage.deallocate() }

    /// What has been written; good until the buffer is written again.
    var view: ByteView { ByteView(UnsafeRawBufferPointer(rebasing: storage[0..<count])) }

    func clear() { count = 0 }

    func truncate(to length: Int) {
        precondition(length <= count)
        count = length
    }

    func append(_ byte: UInt8) {
        reserve(1)
        storage[count] = byte
        count += 1
    }

    func append(_ bytes: ByteView) {
        guard let source = bytes.raw.baseAddress, bytes.count > 0 else { return }
        reserve(bytes.count)
        (storage.baseAddress! + count).copyMemory(from: source, byteCount: bytes.count)
        count += bytes.count
    }

    func append(_ text: StaticString) { append(ByteView(text)) }

    /// Adds UTF-8; a text from Foundation would be copied first, ours never are.
    func append(_ text: String) {
        for byte in text.utf8 { append(byte) }
    }

    func append(decimal number: UInt64) {
        var divisor: UInt64 = 1
        while number / divisor >= 10 { divisor *= 10 }
        while divisor > 0 {
            append(UInt8(ascii: "0") + UInt8(number / divisor % 10))
            divisor /= 10
        }
    }

    func append(signed number: Int64) {
        if number < 0 { append(UInt8(ascii: "-")) }
        append(decimal: number.magnitude)
    }

    /// With a 0 before it, as C's `%#o` has it.
    func append(octal number: UInt32) {
        append(UInt8(ascii: "0"))
        guard number > 0 else { return }
        var shift = (31 - number.leadingZeroBitCount) / 3 * 3
        while shift >= 0 {
            append(UInt8(ascii: "0") + UInt8(number >> UInt32(shift) & 7))
            shift -= 3
        }
    }

    func append(upperHexadecimal number: UInt64) {
        let start = count
        append(hexadecimal: number)
        for index in start..<count where storage[index] >= UInt8(ascii: "a") { storage[index] -= 32 }
    }

    func append(hexadecimal number: UInt64) {
        var shift: UInt64 = 0
        while shift < 60, number >> (shift + 4) != 0 { shift += 4 }
        while true {
            let digit = UInt8(number >> shift & 15)
            append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
            guard shift > 0 else { return }
            shift -= 4
        }
    }

    private func reserve(_ more: Int) {
        guard count + more > storage.count else { return }
        let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: max(storage.count * 2, count + more), alignment: 1)
        larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: storage[0..<count]))
        storage.deallocate()
        storage = larger
    }
}

extension ByteView {
    /// A literal's bytes, which live as long as the program.
    init(_ text: StaticString) {
        precondition(text.hasPointerRepresentation)
        self.init(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }
}
