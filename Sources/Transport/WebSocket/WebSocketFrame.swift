// SPDX-License-Identifier: Apache-2.0

/// The frames of RFC 6455 as a client sends them.
enum WebSocketFrame {
    /// The kinds of frames, by their numbers on the wire.
    enum Opcode: UInt8 {
        case continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10

        var isControl: Bool { rawValue >= 8 }
    }

    /// Ours for the end of a connection.
    static let normalClosure: UInt16 = 1000

    /// One whole frame, masked as a client must do it.
    static func bytes(_ opcode: Opcode, _ payload: some Collection<UInt8>, mask: UInt32) -> [UInt8] {
        var frame: [UInt8] = [0x80 | opcode.rawValue]
        frame.reserveCapacity(payload.count + 14)
        switch payload.count {
        case ..<126: frame.append(0x80 | UInt8(payload.count))
        case ..<65536: frame += [0x80 | 126] + bigEndian(UInt16(payload.count))
        case _: frame += [0x80 | 127] + bigEndian(UInt64(payload.count))
        }
        let key = bigEndian(mask)
        frame += key
        var place = 0
        for byte in payload {
            frame.append(byte ^ key[place & 3])
            place += 1
        }
        return frame
    }

    /// The payload of a close frame.
    static func closing(_ code: UInt16) -> [UInt8] { bigEndian(code) }

    private static func bigEndian(_ number: some FixedWidthInteger) -> [UInt8] { withUnsafeBytes(of: number.bigEndian) { Array($0) } }
}

/// What the other side did that no server may do, and the code that it is told for it.
struct WebSocketFault: Error, Hashable {
    let closeCode: UInt16
    let sentence: String

    static func against(_ sentence: String) -> WebSocketFault { WebSocketFault(closeCode: 1002, sentence: sentence) }
}
