// SPDX-License-Identifier: Apache-2.0
internal import Foundation

/// Reads what Kubernetes' typed clients send: `k8s\0`, an envelope that names kind and version, and in it the object's own message.
struct ProtobufReader {
    /// The bytes end within a value, or are no protobuf of a known kind.
    struct Malformed: Error {}

    static let mediaType = "application/vnd.kubernetes.protobuf"
    private static let magic: [UInt8] = [0x6B, 0x38, 0x73, 0]
    // Deeper than any object of the API, and far from the end of a thread's stack.
    private static let deepest = 64

    private enum Value {
        case number(UInt64)
        case bytes(ArraySlice<UInt8>)
    }

    private let schema: Schema

    /// The object as JSON.
    static func json(_ body: [UInt8], schema: Schema = .kubernetes) throws(Malformed) -> JSON {
        guard body.starts(with: magic) else { throw Malformed() }
        let reader = ProtobufReader(schema: schema)
        var (kind, version, raw) = ("", "", body[0..<0])
        for (number, value) in try reader.fields(body.dropFirst(magic.count)) {
            guard case .bytes(let bytes) = value else { continue }
            if number == 2 { raw = bytes }
            guard number == 1 else { continue }
            for case (let inner, .bytes(let text)) in try reader.fields(bytes) {
                if inner == 1 { version = String(decoding: text, as: UTF8.self) }
                if inner == 2 { kind = String(decoding: text, as: UTF8.self) }
            }
        }
        let name = version.hasPrefix("events.k8s.io/") && kind == "Event" ? "GroupedEvent" : kind
        guard let message = schema[name] else { throw Malformed() }
        var object = try reader.message(raw, message, depth: 0)
        object["kind"] = .string(kind)
        object["apiVersion"] = .string(version)
        return .object(object)
    }

    private func message(_ bytes: ArraySlice<UInt8>, _ message: Schema.Message, depth: Int) throws(Malformed) -> [String: JSON] {
        guard depth < Self.deepest else { throw Malformed() }
        let known = Dictionary(message.fields.map { ($0.number, $0) }) { first, _ in first }
        var result: [String: JSON] = [:]
        for (number, value) in try fields(bytes) {
            guard let field = known[number] else { continue }
            try add(value, field, to: &result, depth: depth)
        }
        return result
    }

    private func add(_ value: Value, _ field: Schema.Field, to result: inout [String: JSON], depth: Int) throws(Malformed) {
        switch (field.shape, value) {
        case (.message(let name), .bytes(let bytes)) where field.isInline:
            guard let inner = schema[name] else { throw Malformed() }
            result.merge(try message(bytes, inner, depth: depth + 1)) { _, last in last }
        case (.list(let element, _), .bytes(let bytes)) where element == .integer:
            var rest = bytes
            while !rest.isEmpty { append(.integer(Int64(bitPattern: try varint(&rest))), field, &result) }
        case (.list(let element, _), _):
            append(try json(value, element, depth: depth), field, &result)
        case (.map(let element, _), .bytes(let bytes)):
            var key = "", member = JSON.string("")
            for (number, value) in try fields(bytes) {
                if number == 1, case .bytes(let text) = value { key = String(decoding: text, as: UTF8.self) }
                if number == 2 { member = try json(value, element, depth: depth) }
            }
            var members = result[field.name]?.members ?? [:]
            members[key] = member
            result[field.name] = .object(members)
        case (_, _):
            let json = try json(value, field.shape, depth: depth)
            // The sender writes zero values of plain fields, which JSON leaves out.
            if field.isOptional || !json.isZero { result[field.name] = json }
        }
    }

    private func append(_ element: JSON, _ field: Schema.Field, _ result: inout [String: JSON]) {
        result[field.name] = .array((result[field.name]?.elements ?? []) + [element])
    }

    private func json(_ value: Value, _ shape: Schema.Shape, depth: Int) throws(Malformed) -> JSON {
        switch (shape, value) {
        case (.integer, .number(let number)): return .integer(Int64(bitPattern: number))
        case (.boolean, .number(let number)): return .bool(number != 0)
        case (.double, .number(let bits)): return .number(Double(bitPattern: bits))
        case (.string, .bytes(let bytes)): return .string(String(decoding: bytes, as: UTF8.self))
        case (.bytes, .bytes(let bytes)): return .string(Data(bytes).base64EncodedString())
        case (.quantity, .bytes(let bytes)):
            for case (1, .bytes(let text)) in try fields(bytes) { return .string(String(decoding: text, as: UTF8.self)) }
            return "0"
        case (.integerOrString, .bytes(let bytes)): return try integerOrString(bytes)
        case (.time, .bytes(let bytes)), (.microTime, .bytes(let bytes)): return try time(bytes, isMicro: shape == .microTime)
        case (.message(let name), .bytes(let bytes)):
            guard let inner = schema[name] else { throw Malformed() }
            return .object(try message(bytes, inner, depth: depth + 1))
        case (.anything, _): return .null
        case (_, _): throw Malformed()
        }
    }

    private func integerOrString(_ bytes: ArraySlice<UInt8>) throws(Malformed) -> JSON {
        var (isText, number, text) = (false, Int64(0), "")
        for (place, value) in try fields(bytes) {
            switch (place, value) {
            case (1, .number(let kind)): isText = kind == 1
            case (2, .number(let value)): number = Int64(bitPattern: value)
            case (3, .bytes(let bytes)): text = String(decoding: bytes, as: UTF8.self)
            case (_, _): break
            }
        }
        return isText ? .string(text) : .integer(number)
    }

    private func time(_ bytes: ArraySlice<UInt8>, isMicro: Bool) throws(Malformed) -> JSON {
        var (seconds, nanoseconds) = (Int64(0), Int64(0))
        for case (let place, .number(let value)) in try fields(bytes) {
            if place == 1 { seconds = Int64(bitPattern: value) }
            if place == 2 { nanoseconds = Int64(bitPattern: value) }
        }
        // An empty message, and the zero time of the year 1, both mean that no time is given.
        guard !bytes.isEmpty, seconds > -62_135_596_800 else { return .null }
        let text = Date(timeIntervalSince1970: TimeInterval(seconds)).ISO8601Format()
        guard isMicro else { return .string(text) }
        let digits = String(nanoseconds / 1000)
        return .string(text.dropLast() + "." + String(repeating: "0", count: max(0, 6 - digits.count)) + digits + "Z")
    }
}

// The wire format.
extension ProtobufReader {
    private func fields(_ bytes: ArraySlice<UInt8>) throws(Malformed) -> [(Int, Value)] {
        var rest = bytes
        var result: [(Int, Value)] = []
        while !rest.isEmpty {
            let tag = try varint(&rest)
            let number = Int(truncatingIfNeeded: tag >> 3)
            switch tag & 7 {
            case 0: result.append((number, .number(try varint(&rest))))
            case 1: result.append((number, .number(try fixed(&rest, 8))))
            case 2:
                let length = try varint(&rest)
                guard length <= UInt64(rest.count) else { throw Malformed() }
                result.append((number, .bytes(rest.prefix(Int(length)))))
                rest = rest.dropFirst(Int(length))
            case 5: result.append((number, .number(try fixed(&rest, 4))))
            case _: throw Malformed()
            }
        }
        return result
    }

    private func varint(_ bytes: inout ArraySlice<UInt8>) throws(Malformed) -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 64, by: 7) {
            guard let byte = bytes.popFirst() else { throw Malformed() }
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
        }
        throw Malformed()
    }

    private func fixed(_ bytes: inout ArraySlice<UInt8>, _ count: Int) throws(Malformed) -> UInt64 {
        guard bytes.count >= count else { throw Malformed() }
        let value = bytes.prefix(count).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        bytes = bytes.dropFirst(count)
        return value
    }
}

extension JSON {
    fileprivate var isZero: Bool { [.null, "", 0, .bool(false), .object([:]), .number(0)].contains(self) }
}
