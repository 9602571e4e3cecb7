// SPDX-License-Identifier: Apache-2.0

/// A message in protobuf's wire format, taken apart by field number: as much of the format as the Container Runtime Interface needs.
///
/// No bytes whatever make it crash: lengths are checked, and messages have no more fields than `fieldLimit`.
struct ProtobufMessage {
    /// Bytes that are no message.
    struct Malformed: Error, Sendable, Hashable {
        /// What is wrong.
        let problem: String
    }

    private enum Value {
        case number(UInt64)
        case bytes(ArraySlice<UInt8>)
    }

    /// A container has some hundred labels and mounts; nobody honest sends more fields than this.
    static let fieldLimit = 65_536

    private var fields: [(number: UInt64, value: Value)] = []

    /// Takes a message apart, but not the messages in it.
    init(_ bytes: ArraySlice<UInt8>) throws(Malformed) {
        var rest = bytes
        while !rest.isEmpty {
            guard fields.count < Self.fieldLimit else { throw Malformed(problem: "more than \(Self.fieldLimit) fields") }
            let key = try Self.number(&rest)
            guard key >> 3 > 0 else { throw Malformed(problem: "a field with the number 0") }
            // Groups (3 and 4) were given up before this interface was made.
            switch key & 7 {
            case 0: fields.append((key >> 3, .number(try Self.number(&rest))))
            case 1: try Self.skip(8, &rest)
            case 2: fields.append((key >> 3, .bytes(try Self.bytes(&rest))))
            case 5: try Self.skip(4, &rest)
            case let other: throw Malformed(problem: "a field of the type \(other)")
            }
        }
    }

    /// A number; of several the last, as the format has it, and 0 when there is none.
    func number(_ field: UInt64) -> UInt64 {
        for candidate in fields.reversed() where candidate.number == field {
            if case .number(let value) = candidate.value { return value }
        }
        return 0
    }

    /// A text; empty when there is none. Bytes that are not UTF-8 become U+FFFD.
    func text(_ field: UInt64) -> String { all(field).last.map { String(decoding: $0, as: UTF8.self) } ?? "" }

    /// True when the message has the field with bytes in it.
    func has(_ field: UInt64) -> Bool { !all(field).isEmpty }

    /// A message in this one; an empty one when there is none.
    func message(_ field: UInt64) throws(Malformed) -> ProtobufMessage { try ProtobufMessage(all(field).last ?? []) }

    /// All messages in this one with that number.
    func messages(_ field: UInt64) throws(Malformed) -> [ProtobufMessage] {
        var found: [ProtobufMessage] = []
        for bytes in all(field) { found.append(try ProtobufMessage(bytes)) }
        return found
    }

    /// A map of texts: messages with the key in field 1 and the value in field 2.
    func map(_ field: UInt64) throws(Malformed) -> [String: String] {
        var found: [String: String] = [:]
        for entry in try messages(field) { found[entry.text(1)] = entry.text(2) }
        return found
    }

    private func all(_ field: UInt64) -> [ArraySlice<UInt8>] {
        fields.compactMap { candidate in
            guard candidate.number == field, case .bytes(let bytes) = candidate.value else { return nil }
            return bytes
        }
    }

    // Seven bits a byte, the lowest first; ten bytes hold 64 bits.
    private static func number(_ rest: inout ArraySlice<UInt8>) throws(Malformed) -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 70, by: 7) {
            guard let byte = rest.popFirst() else { throw Malformed(problem: "a number is cut off") }
            value |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 { return value }
        }
        throw Malformed(problem: "a number is longer than ten bytes")
    }

    private static func bytes(_ rest: inout ArraySlice<UInt8>) throws(Malformed) -> ArraySlice<UInt8> {
        let length = try number(&rest)
        guard length <= UInt64(rest.count) else { throw Malformed(problem: "a field of \(length) bytes is cut off") }
        defer { rest = rest.dropFirst(Int(length)) }
        return rest.prefix(Int(length))
    }

    private static func skip(_ count: Int, _ rest: inout ArraySlice<UInt8>) throws(Malformed) {
        guard rest.count >= count else { throw Malformed(problem: "a field of \(count) bytes is cut off") }
        rest = rest.dropFirst(count)
    }
}

/// Writes a message in protobuf's wire format.
struct ProtobufWriter {
    private(set) var bytes: [UInt8] = []

    /// Adds a number; 0 is left out, as the format has it.
    mutating func add(_ field: UInt64, _ number: UInt64) {
        guard number != 0 else { return }
        append(field << 3)
        append(number)
    }

    /// Adds a text; an empty one is left out.
    mutating func add(_ field: UInt64, _ text: String) {
        if !text.isEmpty { add(field, bytes: Array(text.utf8)) }
    }

    /// Adds a message, also an empty one.
    mutating func add(_ field: UInt64, _ message: ProtobufWriter) { add(field, bytes: message.bytes) }

    private mutating func add(_ field: UInt64, bytes value: [UInt8]) {
        append(field << 3 | 2)
        append(UInt64(value.count))
        bytes += value
    }

    private mutating func append(_ number: UInt64) {
        var rest = number
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }
}
