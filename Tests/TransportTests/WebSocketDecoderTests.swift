// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Transport

@Suite struct WebSocketDecoderTests {
    typealias Event = WebSocketDecoder.Event

    /// Frames of RFC 6455, section 5.7, as a server sends them, and what they say.
    static let good: [(bytes: [UInt8], events: [Event])] = [
        ([0x81, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f], [.message(Array("Hello".utf8))]),
        ([0x01, 0x03, 0x48, 0x65, 0x6c, 0x80, 0x02, 0x6c, 0x6f], [.message(Array("Hello".utf8))]),
        ([0x89, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f], [.ping(Array("Hello".utf8))]),
        ([0x82, 0x7E, 0x01, 0x00] + [UInt8](repeating: 7, count: 256), [.message([UInt8](repeating: 7, count: 256))]),
        // A ping between two fragments, then the end.
        (
            [0x02, 0x01, 0x61, 0x89, 0x00, 0x80, 0x01, 0x62, 0x88, 0x04, 0x03, 0xE8, 0x6F, 0x6B],
            [.ping([]), .message([0x61, 0x62]), .close(code: 1000, reason: "ok")]
        ),
        ([0x88, 0x00], [.close(code: nil, reason: "")]),
        ([0x8A, 0x00, 0x82, 0x00], [.pong, .message([])]),
    ]

    @Test("Frames are read the same wherever the bytes are cut", arguments: good.indices)
    func cuts(_ index: Int) throws {
        let (bytes, events) = Self.good[index]
        for cut in 0...bytes.count {
            var decoder = WebSocketDecoder(limit: 1000)
            let first = try decoder.take(bytes[..<cut]), second = try decoder.take(bytes[cut...])
            #expect(first + second == events)
            #expect(!decoder.isWithin)
        }
        var decoder = WebSocketDecoder(limit: 1000)
        #expect(try bytes.flatMap { try decoder.take([$0]) } == events)
    }

    /// What no server may send, and the code that it is told.
    static let bad: [(bytes: [UInt8], code: UInt16)] = [
        ([0xC1, 0x00], 1002), ([0x83, 0x00], 1002), ([0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d], 1002), ([0x09, 0x00], 1002),
        ([0x89, 0x7E, 0x00, 0x7E], 1002), ([0x80, 0x00], 1002), ([0x01, 0x00, 0x01, 0x00], 1002), ([0x82, 0x7E, 0x00, 0x05], 1002),
        ([0x82, 0x7F, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF], 1002), ([0x82, 0x7F, 0x80, 0, 0, 0, 0, 0, 0, 0], 1002),
        ([0x82, 0x7E, 0x10, 0x00], 1009), ([0x82, 0x7F, 0x7F, 0, 0, 0, 0, 0, 0, 0], 1009), ([0x81, 0x01, 0xFF], 1007),
        ([0x88, 0x01, 0x03], 1002), ([0x88, 0x02, 0x03, 0xED], 1002), ([0x88, 0x02, 0x00, 0x01], 1002),
    ]

    @Test("What no server may send is refused, however it is cut", arguments: bad.indices)
    func faults(_ index: Int) {
        let (bytes, code) = Self.bad[index]
        for cut in 0...bytes.count {
            var decoder = WebSocketDecoder(limit: 1000)
            let fault = #expect(throws: WebSocketFault.self) { _ = try decoder.take(bytes[..<cut]) + decoder.take(bytes[cut...]) }
            #expect(fault?.closeCode == code)
        }
    }

    @Test("A client's frames are masked as in RFC 6455, and their lengths take no more bytes than needed")
    func masks() {
        #expect(
            WebSocketFrame.bytes(.text, Array("Hello".utf8), mask: 0x37fa_213d)
                == [0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58])
        let heads: [(Int, [UInt8])] = [
            (125, [0x82, 0xFD]), (126, [0x82, 0xFE, 0, 126]), (65535, [0x82, 0xFE, 0xFF, 0xFF]),
            (65536, [0x82, 0xFF, 0, 0, 0, 0, 0, 1, 0, 0]),
        ]
        for (count, head) in heads {
            #expect(Array(WebSocketFrame.bytes(.binary, [UInt8](repeating: 0, count: count), mask: 0).prefix(head.count)) == head)
        }
    }

    @Test("The server's proof is the one of RFC 6455, and any other is refused")
    func handshake() {
        let shake = WebSocketHandshake(random: Array("the sample nonce".utf8), protocols: ["a", "b"])
        #expect(shake.key == "dGhlIHNhbXBsZSBub25jZQ==")
        #expect(shake.accepted == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
        func head(_ accept: String, _ chosen: String?, _ connection: String = "keep-alive, Upgrade") -> HTTPHead {
            let lines = [("Upgrade", "WebSocket"), ("Connection", connection), ("Sec-WebSocket-Accept", accept)].map(HTTPHeader.init)
            return HTTPHead(status: 101, headers: lines + (chosen.map { [HTTPHeader("Sec-WebSocket-Protocol", $0)] } ?? []))
        }
        #expect(shake.objection(to: head(shake.accepted, "b")) == nil)
        #expect(shake.objection(to: head("wrong", "b")) != nil)
        #expect(shake.objection(to: head(shake.accepted, "c")) != nil)
        #expect(shake.objection(to: head(shake.accepted, nil)) != nil)
        #expect(shake.objection(to: head(shake.accepted, "b", "close")) != nil)
    }

    @Test("An answer that refuses is read whole, by its length or its chunks")
    func refusals() throws {
        let length = "HTTP/1.1 403 Forbidden\r\nContent-Length: 4\r\n\r\nno, "
        let chunks = "HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nno\r\n2\r\n, \r\n0\r\n\r\n"
        for (text, status) in [(length, 403), (chunks, 404)] {
            var answer = HandshakeAnswer()
            var whole: HTTPResponse?
            for byte in Array(text.utf8) {
                guard case .whole(let response)? = try answer.take([byte]) else { continue }
                whole = response
            }
            #expect(whole?.status == status)
            #expect(whole?.body == Array("no, ".utf8))
        }
    }
}
