// SPDX-License-Identifier: Apache-2.0

/// Reads a server's frames out of bytes that are cut anywhere; fragments become whole messages.
struct WebSocketDecoder {
    /// What the frames say.
    enum Event: Hashable {
        case message([UInt8])
        case ping([UInt8])
        case pong
        /// The code is nil when the other side gave none.
        case close(code: UInt16?, reason: String)
    }

    private let limit: Int
    private var buffer: [UInt8] = []
    private var start = 0
    private var message: (opcode: WebSocketFrame.Opcode, bytes: [UInt8])?

    /// Takes messages of at most `limit` bytes.
    init(limit: Int) { self.limit = limit }

    /// True in the middle of a frame or of a message that was cut into frames.
    var isWithin: Bool { start < buffer.count || message != nil }

    /// Takes the next bytes and returns what is whole now.
    mutating func take(_ bytes: some Collection<UInt8>) throws(WebSocketFault) -> [Event] {
        buffer += bytes
        var events: [Event] = []
        while let head = try head(), buffer.count - start >= head.size + head.length {
            let payload = Array(buffer[(start + head.size)..<(start + head.size + head.length)])
            start += head.size + head.length
            if let event = try event(head, payload) { events.append(event) }
        }
        buffer.removeFirst(start)
        start = 0
        return events
    }

    private struct Head {
        var isFinal: Bool
        var opcode: WebSocketFrame.Opcode
        var size: Int
        var length: Int
    }

    private func head() throws(WebSocketFault) -> Head? {
        let rest = buffer[start...]
        guard rest.count >= 2 else { return nil }
        let first = rest[start], second = rest[start + 1]
        guard first & 0x70 == 0 else { throw .against("it set bits that are reserved for extensions, and none was agreed") }
        guard let opcode = WebSocketFrame.Opcode(rawValue: first & 0x0F) else { throw .against("it sent a frame of an unknown kind") }
        guard second & 0x80 == 0 else { throw .against("it masked a frame, which only a client does") }
        let isFinal = first & 0x80 != 0
        if opcode.isControl, !isFinal || second > 125 { throw .against("it sent a control frame that is cut or longer than 125 bytes") }
        guard let (size, length) = try length(second, rest) else { return nil }
        guard length + (message?.bytes.count ?? 0) <= limit else {
            throw WebSocketFault(closeCode: 1009, sentence: "it sent a message longer than the \(limit) bytes that are allowed")
        }
        return Head(isFinal: isFinal, opcode: opcode, size: size, length: length)
    }

    private func length(_ short: UInt8, _ rest: ArraySlice<UInt8>) throws(WebSocketFault) -> (size: Int, length: Int)? {
        let count = short == 126 ? 2 : short == 127 ? 8 : 0
        guard count > 0 else { return (2, Int(short)) }
        guard rest.count >= 2 + count else { return nil }
        let length = rest[(start + 2)..<(start + 2 + count)].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard length >= (count == 2 ? 126 : 65536), length <= UInt64(Int.max) else {
            throw .against("it wrote a frame's length in more bytes than it needs, or beyond 63 bits")
        }
        return (2 + count, Int(min(length, UInt64(Int32.max))))
    }

    private mutating func event(_ head: Head, _ payload: [UInt8]) throws(WebSocketFault) -> Event? {
        switch head.opcode {
        case .ping: return .ping(payload)
        case .pong: return .pong
        case .close: return try closing(payload)
        case .text, .binary:
            guard message == nil else { throw .against("it began a message within another") }
            message = (head.opcode, payload)
        case .continuation:
            guard message != nil else { throw .against("it went on with a message that it had not begun") }
            message?.bytes += payload
        }
        guard head.isFinal, let whole = message else { return nil }
        message = nil
        guard whole.opcode == .binary || String(validating: whole.bytes, as: UTF8.self) != nil else {
            throw WebSocketFault(closeCode: 1007, sentence: "it sent a text that is not UTF-8")
        }
        return .message(whole.bytes)
    }

    private func closing(_ payload: [UInt8]) throws(WebSocketFault) -> Event {
        guard !payload.isEmpty else { return .close(code: nil, reason: "") }
        guard payload.count >= 2 else { throw .against("it closed with half a code") }
        let code = UInt16(payload[0]) << 8 | UInt16(payload[1])
        // 1004 to 1006 and 1015 are never sent (RFC 6455, 7.4.1); below 1000 and from 5000 there are no codes.
        guard (1000..<5000).contains(code), ![1004, 1005, 1006, 1015].contains(code) else {
            throw .against("it closed with the code \(code)")
        }
        guard let reason = String(validating: payload.dropFirst(2), as: UTF8.self) else {
            throw WebSocketFault(closeCode: 1007, sentence: "it gave a reason that is not UTF-8")
        }
        return .close(code: code, reason: reason)
    }
}
